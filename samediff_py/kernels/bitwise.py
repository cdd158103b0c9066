"""Operations on the bits of integers, within the width of their type."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax


def rotate_left(x: Array, shift: Array) -> Array:
    """The bits of x moved left by `shift`; those that leave enter on the right."""
    return _rotated(x, shift)


def rotate_right(x: Array, shift: Array) -> Array:
    """The bits of x moved right by `shift`; those that leave enter on the left."""
    return _rotated(x, -jnp.asarray(shift))


def _rotated(x: Array, shift: Array) -> Array:
    x, shift = jnp.broadcast_arrays(jnp.asarray(x), jnp.asarray(shift, jnp.asarray(x).dtype))
    width = jnp.iinfo(x.dtype).bits
    # Without a sign: a right shift of a negative number would fill in ones.
    bits = x.astype(f"uint{width}")
    left = jnp.mod(shift, width).astype(bits.dtype)
    right = (width - left) % width
    return ((bits << left) | (bits >> right)).astype(x.dtype)


def hamming_distance(x: Array, y: Array, *, where: Array | None = None) -> Array:
    """In how many bits x and y differ, over all elements."""
    bits = lax.population_count(jnp.bitwise_xor(x, y))
    return jnp.sum(bits.astype(int), where=where)
