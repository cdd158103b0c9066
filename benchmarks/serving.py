"""Call-to-result time of one example: the compiled handle and the checked `sd.output`, against the
jitted function written by hand.

    python benchmarks/serving.py
"""

from __future__ import annotations

import statistics

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


def compare(title: str, sd: SameDiff, output: str, feeds: dict, by_hand) -> None:
    """Both start from numpy arrays and end with one."""
    handle, params, arrays = sd.compile(output), sd.params, tuple(feeds.values())
    jitted = jax.jit(by_hand)
    np.testing.assert_allclose(handle(feeds), jitted(params, *arrays), rtol=1e-4, atol=1e-5)

    def theirs():
        return np.asarray(jitted(params, *arrays))

    times = interleaved(lambda: np.asarray(handle(feeds)), theirs, rounds=60, calls=200)
    report(f"{title}, sd.compile", *times)
    checked, plain = interleaved(lambda: sd.output(feeds, output), theirs, rounds=60, calls=200)
    more = statistics.median(a - b for a, b in zip(checked, plain, strict=True))
    print(f"{title}, sd.output: {more * 1e6:.1f} us more than by hand")


def main() -> None:
    rng = np.random.default_rng(0)
    one = {"x": rng.normal(size=(1, 784)).astype(np.float32)}
    compare("784-256-10, one example", mlp(), "logits", one, mlp_logits)
    sentence = {
        "tokens": rng.integers(0, 3000, (1, 24)).astype(np.int32),
        "tokens_mask": np.ones((1, 24), bool),
    }
    compare("text model, one sentence", text_model(), "logits", sentence, text_logits)


if __name__ == "__main__":
    main()
