"""Arithmetic with the operands in SameDiff's order, where jax.numpy has no function of its own."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax


def rsub(x: Array, y: Array) -> Array:
    """y - x."""
    return jnp.subtract(y, x)


def rdiv(x: Array, y: Array) -> Array:
    """y / x."""
    return div(y, x)


def div(x: Array, y: Array) -> Array:
    """x / y; integers are divided towards zero and stay integers, as in SameDiff."""
    if _both_integer(x, y):
        return jnp.sign(x) * jnp.sign(y) * (jnp.abs(x) // jnp.abs(y))
    return jnp.true_divide(x, y)


def _both_integer(x: Array, y: Array) -> bool:
    return jnp.issubdtype(jnp.result_type(x, y), jnp.integer)


def floor_div(x: Array, y: Array) -> Array:
    """The greatest integer not above x / y."""
    if _both_integer(x, y):
        return jnp.floor_divide(x, y)
    return jnp.floor(jnp.true_divide(x, y))


def mod(x: Array, y: Array) -> Array:
    """x - y floor(x / y); of integers the remainder with the sign of x, as in SameDiff."""
    return jnp.fmod(x, y) if _both_integer(x, y) else x - y * floor_div(x, y)


def squared_difference(x: Array, y: Array) -> Array:
    """(x - y)^2."""
    return jnp.square(x - y)


def cube(x: Array) -> Array:
    """x^3."""
    return x * x * x


def rsqrt(x: Array) -> Array:
    """1 / sqrt(x); of integers in floating point."""
    return lax.rsqrt(x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(float))


def round(x: Array) -> Array:
    """The nearest integer; halves are rounded away from zero."""
    return lax.round(x) if jnp.issubdtype(x.dtype, jnp.floating) else x


def step(x: Array, value: float = 0.0) -> Array:
    """1 where x > value, else 0."""
    return (x > value).astype(x.dtype)


def log(x: Array, base: float | None = None) -> Array:
    """The natural logarithm, or the one to `base`: ln x / ln base."""
    return jnp.log(x) if base is None else jnp.log(x) / jnp.log(jnp.asarray(base, x.dtype))


def clip_by_value(x: Array, low: float, high: float) -> Array:
    """x, but no less than `low` and no more than `high`."""
    return jnp.clip(x, low, high)


def cast(x: Array, dtype: str) -> Array:
    """x in another type: towards zero for integers, "not zero" for bool."""
    return x.astype(dtype)


def identity(x: Array) -> Array:
    """x itself."""
    return jnp.asarray(x)


def with_mask(x: Array, valid: Array) -> Array:
    """x itself: what the mask means stands in the tag."""
    return x


def fill_padding(x: Array, value: float) -> Array:
    """x itself: the compiler has put the value in."""
    return x


def zeros_like(x: Array, dtype: str | None = None) -> Array:
    return jnp.zeros_like(x, dtype=dtype)


def ones_like(x: Array, dtype: str | None = None) -> Array:
    return jnp.ones_like(x, dtype=dtype)
