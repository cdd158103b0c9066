"""The axes that a kernel is told, and positions along them."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array

Axis = int | tuple[int, ...] | None


def axes_of(x: Array, axis: Axis) -> tuple[int, ...]:
    """The axes meant, counted from the front and in order."""
    if axis is None:
        return tuple(range(x.ndim))
    axes = (axis,) if isinstance(axis, int) else axis
    for a in axes:
        if not -x.ndim <= a < x.ndim:
            raise ValueError(f"axis {a} is out of range for an array of shape {x.shape}")
    return tuple(sorted({a % x.ndim for a in axes}))


def row_major_positions(x: Array, axes: tuple[int, ...]) -> Array:
    """0, 1, 2, ... along the axes taken together, of size 1 along the others."""
    sizes = tuple(size if a in axes else 1 for a, size in enumerate(x.shape))
    return jnp.arange(math.prod(sizes), dtype=jnp.int32).reshape(sizes)
