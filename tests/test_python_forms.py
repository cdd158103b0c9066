"""Every form of Python's spelling, called as it is written, on rows of different length: a batch
gives each row what numpy gives for that row alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from samediff_py import SameDiff

RNG = np.random.default_rng(0)
LENGTHS = (3, 5, 1)
ROWS = {
    "x": [RNG.normal(size=(n, 4)).astype(np.float32) for n in LENGTHS],
    "y": [RNG.normal(size=(n, 4)).astype(np.float32) for n in LENGTHS],
    "tokens": [RNG.integers(0, 4, n).astype(np.int32) for n in LENGTHS],
}
SHAPES = {
    "w": (4, 4), "b": (4,), "taps": (3, 4, 2), "heads": (2, 3, 4), "joined": (6, 4),
    "in4": (4, 8), "hidden4": (2, 8), "in3": (4, 6), "hidden3": (2, 6),
}  # fmt: skip
ARRAYS = {name: RNG.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}

Form = Callable[..., Any]
FORMS: dict[str, tuple[Form, Form | None]] = {}


def form(build: Form, alone: Form | None = None) -> None:
    """A form of `v`, which has the variables, and its numpy for one row; without numpy it is
    compared with the graph's own answer for the row."""
    FORMS[f"{build.__code__.co_firstlineno}"] = (build, alone)


def softmax(a, axis=-1):
    e = np.exp(a - a.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def cross_entropy(labels, logits):
    return -np.log(softmax(logits))[np.arange(len(labels)), labels]


# Operators, comparisons, products.

form(lambda sd, v: v.x + v.y, lambda r: r.x + r.y)
form(lambda sd, v: 2 - v.x, lambda r: 2 - r.x)
form(lambda sd, v: v.x / (v.y * v.y + 1), lambda r: r.x / (r.y * r.y + 1))
form(lambda sd, v: -(v.x**2) + abs(v.y), lambda r: -(r.x**2) + abs(r.y))
form(lambda sd, v: np.ones(4, np.float32) * v.x, lambda r: r.x)
form(lambda sd, v: (v.x > 0) & (v.y <= 1) | ~(v.x != v.y), lambda r: (r.x > 0) & (r.y <= 1))
form(lambda sd, v: v.x @ v.w, lambda r: r.x @ r.w)
form(lambda sd, v: sd.mmul(v.x, v.w), lambda r: r.x @ r.w)
form(lambda sd, v: sd.matmul(v.x, v.w), lambda r: r.x @ r.w)
form(lambda sd, v: sd.matmul(v.x, v.y, transpose_y=True), lambda r: r.x @ r.y.T)
form(lambda sd, v: sd.tensordot(v.x, v.w, axes=((2,), (1,))), lambda r: r.x @ r.w.T)
form(lambda sd, v: sd.tensordot(v.x, v.w, axes=1), lambda r: r.x @ r.w)
form(lambda sd, v: sd.tensordot(v.x, v.w, axes=(2, 0)), lambda r: r.x @ r.w)
form(lambda sd, v: sd.einsum("btf,btg->bfg", v.x, v.y), lambda r: r.x.T @ r.y)
form(lambda sd, v: sd.einsum("btf,fg", v.x, v.w), lambda r: (r.x @ r.w).T)
form(lambda sd, v: sd.einsum("btf,fg->btg", [v.x, ARRAYS["w"]]), lambda r: r.x @ r.w)

# Activations.

form(lambda sd, v: sd.nn.relu(v.x), lambda r: np.maximum(r.x, 0))
form(lambda sd, v: sd.nn.sigmoid(v.x), lambda r: 1 / (1 + np.exp(-r.x)))
form(lambda sd, v: sd.nn.leaky_relu(v.x, alpha=0.1), lambda r: np.where(r.x > 0, r.x, 0.1 * r.x))
form(lambda sd, v: sd.nn.tanh(v.x), lambda r: np.tanh(r.x))
form(lambda sd, v: sd.nn.prelu(v.x, v.b.reshape((1, 4)), shared_axes=(1,)),
     lambda r: np.where(r.x > 0, r.x, r.b * r.x))  # fmt: skip
form(lambda sd, v: sd.nn.softmax(v.x), lambda r: softmax(r.x))
form(lambda sd, v: sd.nn.softmax(v.x, axis="time"), lambda r: softmax(r.x, 0))
form(lambda sd, v: sd.nn.log_softmax(v.x, axis=1), lambda r: np.log(softmax(r.x, 0)))
form(lambda sd, v: sd.math.log_sum_exp(v.x, axis="time"), lambda r: np.log(np.exp(r.x).sum(0)))

# Reductions: an axis is a number, the name of a dim, or several of these.

form(lambda sd, v: v.x.sum(axis="time"), lambda r: r.x.sum(0))
form(lambda sd, v: sd.sum(v.x, axis=1, keepdims=True), lambda r: r.x.sum(0, keepdims=True))
form(lambda sd, v: v.x.mean("time"), lambda r: r.x.mean(0))
form(lambda sd, v: v.x.mean(axis=(1, 2)), lambda r: r.x.mean())
form(lambda sd, v: v.x.mean(axis=("time", -1)), lambda r: r.x.mean())
form(lambda sd, v: v.x.max(axis="time"), lambda r: r.x.max(0))
form(lambda sd, v: v.x.min(axis=-2), lambda r: r.x.min(0))
form(lambda sd, v: v.x.prod(axis="time"), lambda r: r.x.prod(0))
form(lambda sd, v: v.x.std(axis="time", bias_corrected=False), lambda r: r.x.std(0))
form(lambda sd, v: v.x.var(axis="time", bias_corrected=False), lambda r: r.x.var(0))
form(lambda sd, v: sd.standard_deviation(v.x, axis="time", bias_corrected=False),
     lambda r: r.x.std(0))  # fmt: skip
form(lambda sd, v: v.x.norm1(axis="time"), lambda r: abs(r.x).sum(0))
form(lambda sd, v: v.x.norm2(axis="time"), lambda r: np.sqrt((r.x**2).sum(0)))
form(lambda sd, v: v.x.norm_max(axis="time"), lambda r: abs(r.x).max(0))
form(lambda sd, v: v.x.argmax(axis="time"), lambda r: r.x.argmax(0))
form(lambda sd, v: v.x.argmin(axis="time"), lambda r: r.x.argmin(0))
form(lambda sd, v: (v.x > 0).any(axis="time"), lambda r: (r.x > 0).any(0))
form(lambda sd, v: (v.x > 0).all(axis="time"), lambda r: (r.x > 0).all(0))
form(lambda sd, v: sd.math.count_non_zero(v.tokens, axis="time"), lambda r: (r.tokens != 0).sum())
form(lambda sd, v: v.x.cumsum(axis="time"), lambda r: r.x.cumsum(0))
form(lambda sd, v: sd.cumsum(v.x, axis="time", exclusive=True, reverse=True),
     lambda r: r.x[::-1].cumsum(0)[::-1] - r.x)  # fmt: skip

# Moves.

form(lambda sd, v: v.x.reshape(("batch", "time", 2, 2)), lambda r: r.x.reshape(-1, 2, 2))
form(lambda sd, v: sd.permute(v.x, (0, 2, 1)), lambda r: r.x.T)
form(lambda sd, v: v.x.permute(0, 2, 1), lambda r: r.x.T)
form(lambda sd, v: v.x.permute(("batch", 2, "time")), lambda r: r.x.T)
form(lambda sd, v: sd.transpose(v.x).permute((2, 0, 1)), lambda r: r.x.T)
form(lambda sd, v: sd.expand_dims(v.x, axis=1), lambda r: r.x[None])
form(lambda sd, v: sd.squeeze(v.x[:, None], axis=1), lambda r: r.x)
form(lambda sd, v: sd.concat([v.x, v.y], axis=1), lambda r: np.concatenate([r.x, r.y]))
form(lambda sd, v: sd.concat([v.x, v.y], axis=-1), lambda r: np.concatenate([r.x, r.y], 1))
form(lambda sd, v: sd.stack([v.x, v.y], axis=0)[1], lambda r: r.y)
form(lambda sd, v: sd.stack([v.x, v.y], axis=1), lambda r: np.stack([r.x, r.y]))
form(lambda sd, v: sd.slice(v.x, (0, 0, 1), (-1, -1, 2)), lambda r: r.x[:, 1:3])
form(lambda sd, v: v.x[:, -1], lambda r: r.x[-1])
form(lambda sd, v: v.x[:, 1:, ::2], lambda r: r.x[1:, ::2])
form(lambda sd, v: v.x[..., 0], lambda r: r.x[..., 0])
form(lambda sd, v: sd.gather(v.w, v.tokens, axis=0), lambda r: r.w[r.tokens])
form(lambda sd, v: v.x[:, :, np.array([2, 0])], lambda r: r.x[:, [2, 0]])
form(lambda sd, v: v.x[:, :, jnp.array([[2, 0], [1, 1]])], lambda r: r.x[:, [[2, 0], [1, 1]]])
form(lambda sd, v: v.x[:, :, [3, 1]], lambda r: r.x[:, [3, 1]])
form(lambda sd, v: v.x[:, np.int64(-1), jnp.array(1)], lambda r: r.x[-1, 1])
form(lambda sd, v: v.x[:, : np.int64(-1)].sum("time"), lambda r: r.x[:-1].sum(0))
form(lambda sd, v: v.x[:, np.array(-2) :].sum("time"), lambda r: r.x[-2:].sum(0))
form(lambda sd, v: v.w[v.tokens], lambda r: r.w[r.tokens])
form(lambda sd, v: sd.tile(v.x, (1, 1, 2)), lambda r: np.tile(r.x, (1, 2)))
form(lambda sd, v: sd.reverse(v.x, axis="time"), lambda r: r.x[::-1])
form(lambda sd, v: sd.one_hot(v.tokens, 4), lambda r: np.eye(4)[r.tokens])
form(lambda sd, v: sd.cast(v.tokens, "float32"), lambda r: r.tokens.astype(np.float32))
form(lambda sd, v: sd.cast(v.x, np.int32), lambda r: r.x.astype(np.int32))
form(lambda sd, v: v.x.cast(np.dtype("float16")), lambda r: r.x.astype(np.float16))
form(lambda sd, v: v.x.cast(jnp.bfloat16).cast(jnp.float32),
     lambda r: np.asarray(jnp.asarray(r.x, jnp.bfloat16), np.float32))  # fmt: skip
form(lambda sd, v: sd.where(v.x > 0, v.x, 0.0), lambda r: np.maximum(r.x, 0))

# Layers.

form(lambda sd, v: sd.nn.embedding(v.w, v.tokens), lambda r: r.w[r.tokens])
form(lambda sd, v: sd.nn.dropout(v.x, rate=0.5), lambda r: r.x)
form(lambda sd, v: sd.nn.linear(v.x, v.w, v.b), lambda r: r.x @ r.w + r.b)
form(lambda sd, v: sd.nn.bias_add(v.x, v.b), lambda r: r.x + r.b)
form(lambda sd, v: sd.nn.layer_norm(v.x, v.b, v.b, axis=-1))
form(lambda sd, v: sd.nn.batch_norm(v.x, epsilon=0.0), lambda r: r.x)
form(lambda sd, v: sd.nn.attention(v.x, v.y, v.y, heads=4, causal=True))
form(lambda sd, v: sd.nn.attention(v.x, v.x, v.y),
     lambda r: softmax(r.x @ r.x.T / 2) @ r.y)  # fmt: skip
form(lambda sd, v: sd.nn.attention(v.x, v.x, v.y, with_weights=True)[1],
     lambda r: softmax(r.x @ r.x.T / 2)[None])  # fmt: skip
form(lambda sd, v: sd.nn.dot_product_attention(last(v.x), last(v.x), last(v.y)),
     lambda r: (softmax(r.x @ r.x.T / 2) @ r.y).T)  # fmt: skip
form(lambda sd, v: sd.nn.dot_product_attention(
    last(v.x), last(v.x), last(v.y), with_weights=True)[1],
     lambda r: softmax(r.x @ r.x.T / 2).T)  # fmt: skip
form(
    lambda sd, v: sd.nn.multi_head_dot_product_attention(
        last(v.x), last(v.x), last(v.y), v.heads, v.heads, v.heads, v.joined, causal=True
    )
)
form(lambda sd, v: sd.cnn.conv1d(v.x, v.taps))
form(lambda sd, v: sd.cnn.conv1d(v.x, v.taps, bias=None, stride=1, padding="valid", dilation=1,
                                 data_format="NWC"),
     lambda r: np.array([np.einsum("tf,tfg->g", r.x[i : i + 3], r.taps)
                         for i in range(len(r.x) - 2)]).reshape(-1, 2))  # fmt: skip
form(lambda sd, v: sd.cnn.conv1d(v.x, v.taps, padding="causal", dilation=2))
form(lambda sd, v: sd.cnn.conv1d(v.x, v.taps, v.b[:2], stride=2, padding=1))
form(lambda sd, v: sd.cnn.max_pooling1d(v.x, kernel=2, stride=1, padding="same"))
form(lambda sd, v: sd.cnn.avg_pooling1d(v.x, kernel=3, stride=1, padding="same"))
form(lambda sd, v: sd.rnn.lstm_layer(v.x, v.in4, v.hidden4, data_format="NTS", direction="BWD"))
form(lambda sd, v: sd.rnn.gru(v.x, sd.zeros(("batch", 2)), v.in3, v.hidden3, data_format="NTS"))
form(lambda sd, v: sd.reverse(sd.rnn.gru(
    sd.reverse(v.x, axis="time"), sd.zeros(("batch", 2)), v.in3, v.hidden3, data_format="NTS"),
    axis="time"))  # fmt: skip
form(lambda sd, v: sd.nn.global_pooling(v.x), lambda r: r.x.mean(0))
form(lambda sd, v: sd.nn.global_pooling(v.x, "sum"), lambda r: r.x.sum(0))
form(lambda sd, v: sd.nn.global_pooling(v.x, "max", axis="time"), lambda r: r.x.max(0))
form(lambda sd, v: sd.nn.global_pooling(v.x, "last"), lambda r: r.x[-1])
form(lambda sd, v: sd.nn.global_pooling(v.x, "pnorm", p=3.0),
     lambda r: (abs(r.x) ** 3).sum(0) ** (1 / 3))  # fmt: skip

# What is real.

form(lambda sd, v: sd.positions(v.x), lambda r: np.arange(len(r.x)))
form(lambda sd, v: v.x.last_valid(axis="time"), lambda r: r.x[-1])
form(lambda sd, v: sd.first_valid(v.x, axis="time"), lambda r: r.x[0])
form(lambda sd, v: v.tokens.count_valid("time"), lambda r: len(r.tokens))
form(lambda sd, v: v.x.with_mask(v.tokens > -1).sum("time"), lambda r: r.x.sum(0))
form(lambda sd, v: v.x.fill_padding(0.0).sum("time"), lambda r: r.x.sum(0))
form(lambda sd, v: v.x.drop_mask().fill_padding(1.0).sum("time", masked=False),
     lambda r: r.x.sum(0))  # fmt: skip

# Losses, item by item.

form(lambda sd, v: sd.loss.absolute_difference(v.y, v.x, reduction="none"),
     lambda r: abs(r.y - r.x))  # fmt: skip
form(lambda sd, v: sd.loss.mean_squared_error(v.y, v.x, weights=2.0, reduction="none"),
     lambda r: 2 * (r.y - r.x) ** 2)  # fmt: skip
form(lambda sd, v: sd.loss.hinge_loss(v.tokens > 1, v.x[..., 0], reduction="none"),
     lambda r: np.maximum(0, 1 - np.where(r.tokens > 1, 1, -1) * r.x[..., 0]))  # fmt: skip
form(lambda sd, v: sd.loss.huber_loss(v.y, v.x, delta=9.0, reduction="none"),
     lambda r: (r.y - r.x) ** 2 / 2)  # fmt: skip
form(lambda sd, v: sd.loss.log_loss(
    v.tokens > 1, sd.nn.sigmoid(v.x[..., 0]), reduction="none", epsilon=0.0),
     lambda r: np.log1p(np.exp(np.where(r.tokens > 1, -1, 1) * r.x[..., 0])))  # fmt: skip
form(lambda sd, v: sd.loss.log_poisson(abs(v.y), v.x, reduction="none"),
     lambda r: np.exp(r.x) - abs(r.y) * r.x)  # fmt: skip
form(lambda sd, v: sd.loss.sigmoid_cross_entropy(v.tokens > 1, v.x[..., 0], reduction="none"),
     lambda r: np.log1p(np.exp(np.where(r.tokens > 1, -1, 1) * r.x[..., 0])))  # fmt: skip
form(lambda sd, v: sd.loss.weighted_cross_entropy_with_logits(
    v.tokens > 1, v.x[..., 0], 1.0, reduction="none"),
     lambda r: np.log1p(np.exp(np.where(r.tokens > 1, -1, 1) * r.x[..., 0])))  # fmt: skip
form(lambda sd, v: sd.loss.softmax_cross_entropy(sd.one_hot(v.tokens, 4), v.x, reduction="none"),
     lambda r: cross_entropy(r.tokens, r.x))  # fmt: skip
form(lambda sd, v: sd.loss.sparse_softmax_cross_entropy(v.tokens, v.x, reduction="none"),
     lambda r: cross_entropy(r.tokens, r.x))  # fmt: skip
form(lambda sd, v: sd.loss.cosine_distance(v.y, v.x, axis=-1, reduction="none"),
     lambda r: 1 - (r.y * r.x).sum(-1, keepdims=True))  # fmt: skip
form(lambda sd, v: sd.loss.mean_pairwise_squared_error(v.y, v.x, reduction="none"))

# And reduced: of one row.

form(lambda sd, v: sd.loss.mean_squared_error(v.y, v.x))
form(lambda sd, v: sd.loss.softmax_cross_entropy(sd.nn.softmax(v.y), v.x, label_smoothing=0.1))
form(lambda sd, v: sd.loss.l2_loss(v.w))


def last(x):
    """Time as the last axis, as SameDiff's attention wants it."""
    return x.permute((0, 2, 1))


class Named:
    def __init__(self, values: dict[str, Any]):
        self.__dict__.update(values)


@pytest.fixture(scope="module")
def built():
    """All forms in one graph: a program for the batch, and one for each row."""
    sd = SameDiff.create()
    v: dict[str, Any] = {
        name: sd.placeholder(name, ("batch", "time", 4), mask="mask") for name in ("x", "y")
    }
    v["tokens"] = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="mask")
    v |= {name: sd.var(name, array) for name, array in ARRAYS.items()}
    outs = {line: build(sd, Named(v)) for line, (build, _) in FORMS.items()}
    names = dict.fromkeys(out.name for out in outs.values())
    together = sd.output(ROWS, *names)
    alone = [sd.output({n: [rows[i]] for n, rows in ROWS.items()}, *names) for i in range(3)]
    return outs, together, alone


@pytest.mark.slow
def test_a_batch_gives_each_row_what_numpy_gives_for_the_row(built):
    outs, together, alone = built
    for line, (_, in_numpy) in FORMS.items():
        out = outs[line]
        for i in range(3) if out.shape else ():
            row = Named({n: rows[i] for n, rows in ROWS.items()} | ARRAYS)
            own = alone[i][out.name]
            want = np.asarray(own[0] if in_numpy is None else in_numpy(row))
            got = together[out.name][i]
            got = got[tuple(slice(n) for n in want.shape)]
            where = f"the form in line {line}, row {i}"
            assert got.shape == want.shape, where
            np.testing.assert_allclose(got, want, rtol=2e-3, atol=1e-4, err_msg=where)
