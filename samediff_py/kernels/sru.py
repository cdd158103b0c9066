"""Simple recurrent units (Lei et al. 2017, arXiv 1709.02755): gates that see the input alone."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array, lax

from .numbers import check_floating, fill_masked
from .products import matmul


def sru(
    x: Array,
    initial_c: Array,
    weights: Array,
    bias: Array,
    dropout_mask: Array | None = None,
    *,
    mask: Array | None = None,
) -> tuple[Array, Array]:
    """h and c [batch, n, time] of `sru_cell` over the last axis of x [batch, n, time].

    The weights [3n, n] are those of the cell, transposed. `dropout_mask` [batch, n] is a factor of
    x at every step. Where `mask` [batch, time] is false, c stays as it is; h and c are 0 there.
    """
    if dropout_mask is not None:
        x = x * dropout_mask[..., None]
    steps = x.transpose(2, 0, 1)
    valid = None if mask is None else mask.T[..., None]
    z, f, r = _gates(matmul(steps, weights, transpose_y=True), bias)

    def step(c: Array, at: tuple) -> tuple[Array, Array]:
        z, f, real = at
        new = f * c + (1 - f) * z
        new = new if real is None else jnp.where(real, new, c)
        return new, new

    _, c = lax.scan(step, initial_c, (z, f, valid))
    outs = (fill_masked(y, valid, 0) for y in (_highway(steps, r, c), c))
    h, c = (y.transpose(1, 2, 0) for y in outs)
    return h, c


def sru_cell(x: Array, c_last: Array, weights: Array, bias: Array) -> tuple[Array, Array]:
    """h = r tanh(c) + (1 - r) x and c = f c_last + (1 - f) z, for [.., n].

    z = x W_z, f = sigmoid(x W_f + b_f), r = sigmoid(x W_r + b_r); the columns of the weights
    [n, 3n] are z, f, r, those of the bias [2n] f, r.
    """
    z, f, r = _gates(matmul(x, weights), bias)
    c = f * c_last + (1 - f) * z
    return _highway(x, r, c), c


def _gates(product: Array, bias: Array) -> tuple[Array, Array, Array]:
    check_floating(product)
    z, f, r = jnp.split(product, 3, axis=-1)
    f_bias, r_bias = jnp.split(bias, 2)
    return z, jax.nn.sigmoid(f + f_bias), jax.nn.sigmoid(r + r_bias)


def _highway(x: Array, r: Array, c: Array) -> Array:
    return r * jnp.tanh(c) + (1 - r) * x
