"""Look-ups by index, and the choice between two arrays.

An index out of range is the caller's error and is not noticed here, under `jit` it cannot be:
it is clamped to the first or last element, negative ones too. The gradient of a look-up
adds up the gradients of all places that look at an element.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike, DTypeLike


def gather(x: Array, indices: ArrayLike, *, axis: int = 0) -> Array:
    """The slices of x along `axis` at `indices`, whose shape takes the place of that axis."""
    return jnp.take(x, jnp.asarray(indices), axis, mode="clip")


def embedding(table: Array, ids: ArrayLike) -> Array:
    """The rows of a table [entries, features] at `ids` [...]: [..., features]."""
    return gather(table, ids)


def gather_nd(x: Array, indices: Array) -> Array:
    """The parts of x at positions that the last axis of `indices` [..., k] spells out.

    result[...] = x[indices[..., 0], ..., indices[..., k-1]], of shape [..., *x.shape[k:]].
    """
    depth = indices.shape[-1]
    if depth > x.ndim:
        raise ValueError(f"indices of {depth} numbers point into an array of {x.ndim} axes")
    place = tuple(jnp.clip(indices[..., a], 0, x.shape[a] - 1) for a in range(depth))
    return jnp.asarray(x).at[place].get(mode="promise_in_bounds")


def one_hot(
    indices: ArrayLike,
    depth: int,
    *,
    axis: int = -1,
    on: float = 1.0,
    off: float = 0.0,
    dtype: DTypeLike = "float32",
) -> Array:
    """`on` at the index and `off` elsewhere, along a new axis of size `depth` at `axis`.

    An index out of range gives `off` everywhere.
    """
    spread = jnp.expand_dims(jnp.asarray(indices), axis)
    shape = [1] * spread.ndim
    shape[axis] = depth
    if (
        jnp.issubdtype(spread.dtype, jnp.integer) and spread.dtype.itemsize < 4
    ):  # they may not reach the depth
        spread = spread.astype(jnp.int32)
    hot = spread == jnp.arange(depth, dtype=spread.dtype).reshape(shape)
    return jnp.where(hot, jnp.asarray(on, dtype), jnp.asarray(off, dtype))


def where(condition: Array, x: ArrayLike, y: ArrayLike) -> Array:
    """x where the condition is true, else y; all three broadcast."""
    return jnp.where(condition, x, y)
