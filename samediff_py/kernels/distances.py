"""Distances between two arrays along axes of what they broadcast to.

Integers are taken as floating point. A slice of zeros has similarity 0 to anything, so that
neither a value nor a gradient is NaN there.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from . import reductions
from .axes import Axis
from .numbers import fill_masked, narrow, off_zero, widen


def cosine_similarity(
    x: Array, y: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """x.y / (|x| |y|); 0 where x or y is 0."""
    return narrow(_cosine(*_pair(x, y, where), axis, keepdims), x)


def cosine_distance(
    x: Array, y: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """1 - x.y / (|x| |y|); without any valid slot 0."""
    a, b = _pair(x, y, where)
    distance = 1 - _cosine(a, b, axis, keepdims)
    if where is None:
        return narrow(distance, x)
    some = jnp.any(jnp.broadcast_to(where, jnp.broadcast_shapes(a.shape, b.shape)), axis,
                   keepdims=keepdims)  # fmt: skip
    return narrow(jnp.where(some, distance, 0), x)


def euclidean_distance(
    x: Array, y: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """sqrt(sum (x - y)^2); where x and y are equal the gradient is 0."""
    a, b = _pair(x, y, where)
    return narrow(reductions.norm2(a - b, axis, keepdims=keepdims), x)


def manhattan_distance(
    x: Array, y: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """sum |x - y|."""
    a, b = _pair(x, y, where)
    return narrow(reductions.norm1(a - b, axis, keepdims=keepdims), x)


def hamming_distance(
    x: Array, y: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """The fraction of elements in which x and y differ."""
    differs = (x != y).astype(widen(x).dtype)
    return narrow(reductions.mean(differs, axis, keepdims=keepdims, where=where), x)


def jaccard_distance(
    x: Array, y: Array, axis: Axis = None, *, keepdims: bool = False, where: Array | None = None
) -> Array:
    """1 - sum min(x, y) / sum max(x, y); 0 where both are 0."""
    a, b = _pair(x, y, where)
    shared = jnp.sum(jnp.minimum(a, b), axis, keepdims=keepdims)
    either = jnp.sum(jnp.maximum(a, b), axis, keepdims=keepdims)
    empty = either == 0
    return narrow(jnp.where(empty, 0, 1 - shared / jnp.where(empty, 1, either)), x)


def _pair(x: Array, y: Array, where: Array | None) -> tuple[Array, Array]:
    return widen(fill_masked(x, where, 0)), widen(fill_masked(y, where, 0))


def _cosine(x: Array, y: Array, axis: Axis, keepdims: bool) -> Array:
    def inverse_norm(a: Array) -> Array:
        return off_zero(lambda s: s**-0.5, jnp.sum(jnp.square(a), axis, keepdims=keepdims))

    return jnp.sum(x * y, axis, keepdims=keepdims) * inverse_norm(x) * inverse_norm(y)
