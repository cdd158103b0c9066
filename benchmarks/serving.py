"""Call-to-result time of one example: the compiled handle and the checked `sd.output`, against the
jitted function written by hand.

    python benchmarks/serving.py
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from steps import mlp, text_model
from timing import interleaved, joined, report

from samediff_py import SameDiff


def mlp_logits(params, x):
    h = jax.nn.relu(x @ params["w1"] + params["b1"])
    return h @ params["w2"] + params["b2"]


def text_logits(params, tokens, mask):
    x = params["table"][tokens]
    batch, time, width = x.shape

    def heads(w):
        return (x @ w).reshape(batch, time, 4, width // 4).transpose(0, 2, 1, 3)

    q, k, v = (heads(params[n]) for n in ("wq", "wk", "wv"))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(width // 4).astype(np.float32)
    weights = jax.nn.softmax(jnp.where(mask[:, None, None, :], scores, -1e9), axis=-1)
    h = jax.nn.relu((weights @ v).transpose(0, 2, 1, 3).reshape(batch, time, width)) + x
    keep = mask[..., None].astype(x.dtype)
    return ((h * keep).sum(1) / keep.sum(1)) @ params["w_out"]


# Both start from numpy arrays and end with one. Where arrays and code happen to lie changes the
# time of a call by a tenth: several fresh models are compared.


def compare_compiled(title: str, model: Callable[[], SameDiff], feeds: dict, by_hand) -> None:
    def times():
        sd = model()
        handle, theirs = sd.compile("logits"), calls_by_hand(sd, feeds, by_hand)
        return interleaved(lambda: np.asarray(handle(feeds)), theirs, rounds=20, calls=100)

    report(f"{title}, sd.compile", *joined([times() for _ in range(8)]))


def compare_checked(title: str, model: Callable[[], SameDiff], feeds: dict, by_hand, **other):
    """`other`: what `sd.output` is fed instead of the same in `feeds`."""
    fed = {**feeds, **other}

    def times():
        sd = model()
        theirs = calls_by_hand(sd, feeds, by_hand)
        return interleaved(lambda: sd.output(fed, "logits"), theirs, rounds=20, calls=100)

    ours, theirs = joined([times() for _ in range(8)])
    more = statistics.median(a - b for a, b in zip(ours, theirs, strict=True))
    print(f"{title}, sd.output: {more * 1e6:.1f} us more than by hand")


def calls_by_hand(sd: SameDiff, feeds: dict, by_hand) -> Callable[[], np.ndarray]:
    params, arrays, jitted = sd.params, tuple(feeds.values()), jax.jit(by_hand)
    want, got = np.asarray(jitted(params, *arrays)), sd.output(feeds, "logits")["logits"]
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)
    return lambda: np.asarray(jitted(params, *arrays))


def main() -> None:
    rng = np.random.default_rng(0)
    one = {"x": rng.normal(size=(1, 784)).astype(np.float32)}
    compare_compiled("784-256-10, one example", mlp, one, mlp_logits)
    compare_checked("784-256-10, one example", mlp, one, mlp_logits)
    sentence = {
        "tokens": rng.integers(0, 3000, (1, 24)).astype(np.int32),
        "tokens_mask": np.ones((1, 24), bool),
    }
    compare_compiled("text model, one sentence", text_model, sentence, text_logits)
    compare_checked("text model, one sentence", text_model, sentence, text_logits)
    title = "text model, one sentence, mask fed as True"
    compare_checked(title, text_model, sentence, text_logits, tokens_mask=True)


if __name__ == "__main__":
    main()
