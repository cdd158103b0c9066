"""The order of all elements of an array, row by row."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
from jax import Array, lax

from .reductions import argmax, fill_masked, row_major_positions


def is_max(x: Array, *, where: Array | None = None) -> Array:
    """True at the greatest element alone, the first of equals."""
    positions = row_major_positions(x, tuple(range(x.ndim)))
    return fill_masked(positions == argmax(x, where=where).astype(positions.dtype), where, False)


def is_non_decreasing(x: Array, *, where: Array | None = None) -> Array:
    """Whether no element is less than the one before it, row by row."""
    return _ordered(x, where, jnp.greater_equal)


def is_strictly_increasing(x: Array, *, where: Array | None = None) -> Array:
    """Whether every element is greater than the one before it, row by row."""
    return _ordered(x, where, jnp.greater)


def _ordered(x: Array, where: Array | None, follows: Callable[[Array, Array], Array]) -> Array:
    flat = x.reshape(-1)
    if where is None:
        return jnp.all(follows(flat[1:], flat[:-1]))
    real = jnp.broadcast_to(where, x.shape).reshape(-1)
    # The last real slot up to each one, so that padding between two elements is jumped over.
    latest = lax.cummax(jnp.where(real, jnp.arange(flat.shape[0], dtype=jnp.int32), -1))
    before = latest[:-1]
    follow = follows(flat[1:], flat[jnp.maximum(before, 0)])
    return jnp.all(follow | ~real[1:] | (before < 0))
