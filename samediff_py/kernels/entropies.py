"""Entropies of what is taken for probabilities; 0 ln 0 is 0, and so is its gradient."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array

from .axes import Axis
from .numbers import fill_masked, narrow, off_zero, widen


def entropy(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """-sum x ln x, in nats."""
    return narrow(_entropy(x, axis, keepdims, where), x)


def shannon_entropy(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """-sum x log2 x, in bits."""
    return narrow(_entropy(x, axis, keepdims, where) / math.log(2), x)


def log_entropy(
    x: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """ln(-sum x ln x); without any valid slot 0."""
    amount = _entropy(x, axis, keepdims, where)
    if where is None:
        return narrow(jnp.log(amount), x)
    none = ~jnp.any(jnp.broadcast_to(where, x.shape), axis, keepdims=keepdims)
    return narrow(jnp.where(none, 0, jnp.log(jnp.where(none, 1, amount))), x)


def _entropy(x: Array, axis: Axis, keepdims: bool, where: Array | None) -> Array:
    p = widen(fill_masked(x, where, 0))
    return -jnp.sum(off_zero(lambda p: p * jnp.log(p), p), axis, keepdims=keepdims)
