"""Sizes of arrays as arrays of integers."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array


def shape(x: Array) -> Array:
    """The size along each axis: [rank]."""
    return jnp.stack([jnp.asarray(n, int) for n in x.shape]) if x.ndim else jnp.zeros((0,), int)


def size(x: Array) -> Array:
    """How many elements there are."""
    return jnp.asarray(math.prod(x.shape), int)


def rank(x: Array) -> Array:
    """How many axes there are."""
    return jnp.asarray(x.ndim, "int32")


def size_at(x: Array, *, axis: int) -> Array:
    """The size along one axis."""
    return jnp.asarray(x.shape[axis], int)
