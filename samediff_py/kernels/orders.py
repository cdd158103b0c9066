"""The order of all elements of an array, row by row."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
from jax import Array, lax

from .axes import row_major_positions
from .numbers import fill_masked
from .reductions import argmax


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


def top_k(
    x: Array, k: int, *, where: Array | None = None, ragged_axis: int | None = None
) -> tuple[Array, Array]:
    """The k largest elements of the last axis, largest first, and their places (int32).

    The first of equals comes first, NaN before all. A row of fewer gives all it has; but k places
    with `ragged_axis`, which says that rows differ: those that it lacks hold 0.
    """
    if not isinstance(k, int) or k < 1:
        raise ValueError(f"k is a whole number from 1 on, not {k!r}")
    size = x.shape[-1]
    if where is None and isinstance(size, int):
        if ragged_axis is not None and size < k:
            raise ValueError(f"k={k} of {size} elements")
        values, places = lax.top_k(x, min(k, size))
        return values, places
    real = jnp.broadcast_to(True if where is None else where, x.shape)
    x, real = (jnp.pad(a, [(0, 0)] * (x.ndim - 1) + [(0, k)]) for a in (x, real))
    order = jnp.argsort(x, axis=-1, stable=True, descending=True)
    behind = jnp.argsort(~jnp.take_along_axis(real, order, -1), axis=-1, stable=True)
    places = jnp.take_along_axis(order, behind, -1)[..., :k].astype(jnp.int32)
    values, there = (jnp.take_along_axis(a, places, -1) for a in (x, real))
    return fill_masked(values, there, 0), fill_masked(places, there, 0)


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
