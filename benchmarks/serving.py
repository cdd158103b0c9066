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
from timing import interleaved, report

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


def compare(title: str, model: Callable[[], SameDiff], feeds: dict, by_hand, **other) -> None:
    """Both start from numpy arrays and end with one; `other`: what `sd.output` is fed instead.
    Where arrays and code happen to lie changes the time of a call by a tenth: several fresh models
    are compared."""
    pairs = (one_model(model(), feeds, by_hand, {**feeds, **other}) for _ in range(8))
    compiled, checked = zip(*pairs, strict=True)
    report(f"{title}, sd.compile", *joined(compiled))
    more = [a - b for a, b in zip(*joined(checked), strict=True)]
    print(f"{title}, sd.output: {statistics.median(more) * 1e6:.1f} us more than by hand")


def one_model(sd: SameDiff, feeds: dict, by_hand, fed: dict):
    """Times of the compiled handle and by hand, and of `sd.output` and by hand."""
    handle, params, arrays = sd.compile("logits"), sd.params, tuple(feeds.values())
    jitted = jax.jit(by_hand)
    np.testing.assert_allclose(handle(feeds), jitted(params, *arrays), rtol=1e-4, atol=1e-5)

    def theirs():
        return np.asarray(jitted(params, *arrays))

    return (
        interleaved(lambda: np.asarray(handle(feeds)), theirs, rounds=20, calls=100),
        interleaved(lambda: sd.output(fed, "logits"), theirs, rounds=20, calls=100),
    )


def joined(times):
    return [sum(each, []) for each in zip(*times, strict=True)]


def main() -> None:
    rng = np.random.default_rng(0)
    one = {"x": rng.normal(size=(1, 784)).astype(np.float32)}
    compare("784-256-10, one example", mlp, one, mlp_logits)
    sentence = {
        "tokens": rng.integers(0, 3000, (1, 24)).astype(np.int32),
        "tokens_mask": np.ones((1, 24), bool),
    }
    compare("text model, one sentence", text_model, sentence, text_logits)
    compare("text model, mask fed as True", text_model, sentence, text_logits, tokens_mask=True)


if __name__ == "__main__":
    main()
