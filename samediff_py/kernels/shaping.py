"""Shapes and creation: thin functions over jax.numpy with parameters of their own."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array


def reshape(x: Array, shape: Sequence[int]) -> Array:
    """The same elements, row by row, in another shape; one size may be -1."""
    return jnp.reshape(x, shape)


def permute(x: Array, axes: Sequence[int] | None = None) -> Array:
    """Axis i of the result is axis `axes[i]` of x; without `axes` the order is reversed."""
    return jnp.transpose(x, axes)


def expand_dims(x: Array, axis: int) -> Array:
    return jnp.expand_dims(x, axis)


def squeeze(x: Array, axis: int | tuple[int, ...] | None = None) -> Array:
    """Without the axes of size 1, or without those named."""
    return jnp.squeeze(x, axis)


def stack(xs: Sequence[Array], *, axis: int = 0) -> Array:
    return jnp.stack(xs, axis=axis)


def repeat(x: Array, repeats: int, axis: int) -> Array:
    """Every position `repeats` times along the axis."""
    return jnp.repeat(x, repeats, axis=axis)


def zeros(shape: Sequence[int], dtype: str = "float32") -> Array:
    return jnp.zeros(shape, dtype)


def ones(shape: Sequence[int], dtype: str = "float32") -> Array:
    return jnp.ones(shape, dtype)


def full(shape: Sequence[int], value: float, dtype: str = "float32") -> Array:
    return jnp.full(shape, value, dtype)


def arange(stop: int, dtype: str = "int32") -> Array:
    """0, 1, ... below stop."""
    return jnp.arange(stop, dtype=dtype)
