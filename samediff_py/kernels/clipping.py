"""Slices scaled down to a norm that they must not exceed."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from .axes import Axis
from .numbers import fill_masked, narrow, widen
from .reductions import count_valid


def clip_by_norm(
    x: Array, clip_value: ArrayLike, axis: Axis = None, *, where: Array | None = None
) -> Array:
    """x, scaled to the norm `clip_value` where its euclidean norm over the axes is greater."""
    if jnp.ndim(clip_value):
        raise ValueError(f"clip_value is one number, not an array {jnp.shape(clip_value)}")
    return _clipped(x, clip_value, axis, where, 1)


def clip_by_avg_norm(
    x: Array, clip_value: float, axis: Axis = None, *, where: Array | None = None
) -> Array:
    """As clip_by_norm, with the norm divided by the number of elements."""
    count = count_valid(x, axis, keepdims=True, where=where)
    return _clipped(x, clip_value, axis, where, jnp.maximum(count, 1).astype(widen(x).dtype))


def _clipped(x: Array, limit: ArrayLike, axis: Axis, where: Array | None, count) -> Array:
    wide = widen(fill_masked(x, where, 0))
    squares = jnp.sum(jnp.square(wide), axis, keepdims=True)
    longest = jnp.square(limit * count)
    over = squares > longest
    # Where nothing is clipped, no root is taken: that of 0 has no gradient.
    norm = jnp.sqrt(jnp.where(over, squares, 1))
    return narrow(wide * jnp.where(over, limit * count / norm, 1), x)
