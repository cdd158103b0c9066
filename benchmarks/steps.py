"""Training steps against the same models written by hand in JAX and optax, as they are and with
optax's guard against NaN: a step of `fit` has one.

python benchmarks/steps.py
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
from timing import interleaved, joined, report

from samediff_py import SameDiff, TrainingConfig
from samediff_py.train.state import no_tally

VOCABULARY, WIDTH, HEADS = 3000, 64, 4
BATCH, TIME = 32, 48
ADAM = optax.adam(1e-3)


def text_model() -> SameDiff:
    sd = SameDiff.create()
    tokens = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="tokens_mask")
    answer = sd.placeholder("answer", ("batch",), dtype="int32")
    x = sd.nn.embedding(sd.var("table", (VOCABULARY, WIDTH), init="normal"), tokens)
    q, k, v = (x @ sd.var(n, (WIDTH, WIDTH)) for n in ("wq", "wk", "wv"))
    h = sd.nn.relu(sd.nn.attention(q, k, v, heads=HEADS)) + x
    pooled = h.mean(axis="time")
    logits = (pooled @ sd.var("w_out", (WIDTH, VOCABULARY))).rename("logits")
    sd.loss.sparse_softmax_cross_entropy(answer, logits, name="loss")
    return sd


def text_by_hand(params, tokens, mask, answer):
    x = params["table"][tokens]
    batch, time, width = x.shape

    def heads(w):
        y = (x.reshape(-1, width) @ w).reshape(batch, time, HEADS, width // HEADS)
        return y.transpose(0, 2, 1, 3)

    q, k, v = (heads(params[n]) for n in ("wq", "wk", "wv"))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(width // HEADS).astype(np.float32)
    weights = jax.nn.softmax(jnp.where(mask[:, None, None, :], scores, -1e9), axis=-1)
    h = (weights @ v).transpose(0, 2, 1, 3).reshape(batch, time, width)
    h = jax.nn.relu(h) + x
    keep = mask[..., None].astype(x.dtype)
    pooled = (h * keep).sum(1) / keep.sum(1)
    logits = pooled @ params["w_out"]
    return optax.losses.softmax_cross_entropy_with_integer_labels(logits, answer).mean()


def mlp() -> SameDiff:
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 784))
    y = sd.placeholder("y", ("batch",), dtype="int32")
    h = sd.nn.relu(sd.nn.linear(x, sd.var("w1", (784, 256)), sd.var("b1", (256,), init="zeros")))
    logits = sd.nn.linear(h, sd.var("w2", (256, 10)), sd.var("b2", (10,), init="zeros"))
    sd.loss.sparse_softmax_cross_entropy(y, logits.rename("logits"), name="loss")
    return sd


def mlp_by_hand(params, x, y):
    h = jax.nn.relu(x @ params["w1"] + params["b1"])
    logits = h @ params["w2"] + params["b2"]
    return optax.losses.softmax_cross_entropy_with_integer_labels(logits, y).mean()


def step_by_hand(loss, updater=ADAM):
    """`state, value = step(state, *feeds)`, the state a pair of parameters and optimiser's."""

    def step(state, *feeds):
        params, optimiser = state
        value, grads = jax.value_and_grad(loss)(params, *feeds)
        changes, optimiser = updater.update(grads, optimiser, params)
        return (optax.apply_updates(params, changes), optimiser), value

    return jax.jit(step, donate_argnums=0)


def steps_by_hand(loss, params, updater, feeds):
    """Makes `run()`: a step from a state of its own, which it keeps between calls."""
    step = step_by_hand(loss, updater)

    def fresh():
        state = (jax.tree.map(jnp.copy, params), updater.init(params))
        batch = [jnp.asarray(array) for array in feeds]

        def run():
            nonlocal state
            state, value = step(state, *batch)
            value.block_until_ready()

        return run

    return fresh


def our_steps(sd: SameDiff, feeds: dict):
    """The same of the step of `fit`, for one prepared batch that is on the device as well."""

    def fresh():
        trainer = sd._training.trainer()
        batch, tally = jax.device_put(trainer.prepared(feeds)), no_tally()

        def run():
            nonlocal tally
            tally = trainer.take(batch, tally)
            tally.rows.block_until_ready()

        return run

    return fresh


def compare(title: str, sd: SameDiff, feeds: dict, loss, order: list[str]) -> None:
    sd.training_config = TrainingConfig(updater=ADAM)
    ours, arrays = our_steps(sd, feeds), [feeds[name] for name in order]
    guarded = optax.apply_if_finite(ADAM, max_consecutive_errors=1)
    for what, updater in {title: ADAM, f"{title}, by hand with a guard": guarded}.items():
        by_hand = steps_by_hand(loss, sd.params, updater, arrays)
        # Where the arrays of a state happen to lie makes 2 % of the time: several are compared.
        times = [interleaved(ours(), by_hand(), rounds=20, calls=5) for _ in range(10)]
        report(what, *joined(times))


def main() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(4, TIME + 1, BATCH)
    lengths[0] = TIME
    text = {
        "tokens": rng.integers(0, VOCABULARY, (BATCH, TIME)).astype(np.int32),
        "tokens_mask": np.arange(TIME) < lengths[:, None],
        "answer": rng.integers(0, VOCABULARY, BATCH).astype(np.int32),
    }
    order = ["tokens", "tokens_mask", "answer"]
    compare("text model step", text_model(), text, text_by_hand, order)
    digits = {
        "x": rng.normal(size=(128, 784)).astype(np.float32),
        "y": rng.integers(0, 10, 128).astype(np.int32),
    }
    compare("784-256-10 step", mlp(), digits, mlp_by_hand, ["x", "y"])


if __name__ == "__main__":
    main()
