"""Arithmetic with the operands in SameDiff's order, where jax.numpy has no function of its own."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike, DTypeLike

from ..foundation.dtypes import dtype_name
from .numbers import floating


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
    return lax.rsqrt(floating(x))


def round(x: Array) -> Array:
    """The nearest integer; halves are rounded away from zero."""
    return lax.round(x) if jnp.issubdtype(x.dtype, jnp.floating) else x


def step(x: Array, value: float = 0.0) -> Array:
    """1 where x > value, else 0."""
    return (x > value).astype(x.dtype)


def log(x: Array, base: float | None = None) -> Array:
    """The natural logarithm, or the one to `base`: ln x / ln base."""
    return jnp.log(x) if base is None else jnp.log(x) / jnp.log(jnp.asarray(base, x.dtype))


def clip_by_value(x: Array, low: ArrayLike, high: ArrayLike) -> Array:
    """x, but no less than `low` and no more than `high`."""
    return jnp.clip(x, low, high)


def scalar_floor_mod(x: Array, value: float) -> Array:
    """The remainder of x / value with the sign of x."""
    if value == 0:
        raise ValueError("the remainder of a division by 0")
    return jnp.fmod(x, value)


def scalar_set(x: Array, value: float) -> Array:
    """The number in the shape of x, in its type where that holds it."""
    return jnp.full(x.shape, value, jnp.result_type(x, value))


def assign(x: Array, y: ArrayLike) -> Array:
    """y in the shape and type of x."""
    kind = jnp.result_type(y)
    if jnp.issubdtype(kind, jnp.floating) and not jnp.issubdtype(x.dtype, jnp.floating):
        raise ValueError(f"{kind} does not fit {x.dtype}; cast y, or x")
    if jnp.broadcast_shapes(x.shape, jnp.shape(y)) != x.shape:
        raise ValueError(f"{jnp.shape(y)} can't be spread to the shape of x, {x.shape}")
    return jnp.broadcast_to(jnp.asarray(y, x.dtype), x.shape)


def cast(x: Array, dtype: str) -> Array:
    """x in another type: towards zero for integers, "not zero" for bool.

    What an integer type of 32 bits or more does not hold becomes the nearest that it does, and in
    a shorter type what its last bits say.
    """
    short = jnp.issubdtype(dtype, jnp.integer) and jnp.iinfo(dtype).bits < 32
    if not short or not jnp.issubdtype(x.dtype, jnp.floating):
        return x.astype(dtype)
    in_range = jnp.abs(x) < 2.0**31  # elsewhere, and where x is NaN, the nearest
    return jnp.where(in_range, x.astype(jnp.int32).astype(dtype), x.astype(dtype))


def identity(x: Array) -> Array:
    """x itself."""
    return jnp.asarray(x)


def with_mask(x: Array, valid: Array) -> Array:
    """x itself: what the mask means stands in the tag."""
    return x


def fill_padding(x: Array, value: float) -> Array:
    """x itself: the compiler has put the value in."""
    least, most = limits_of(x.dtype)
    whole = jnp.issubdtype(x.dtype, jnp.floating) or value % 1 == 0
    if not whole or value < least or value > most:
        raise ValueError(
            f"{x.dtype} can't hold {value}: fill with a whole number from {least} to {most}, or "
            "cast x first"
        )
    return x


def limits_of(dtype: DTypeLike) -> tuple[float, float]:
    """The least and the greatest number of a type, infinite ones of floating point."""
    if jnp.issubdtype(dtype, jnp.bool_):
        return 0, 1
    if not jnp.issubdtype(dtype, jnp.integer):
        return -math.inf, math.inf
    limits = jnp.iinfo(dtype)
    return int(limits.min), int(limits.max)


def zeros_like(x: Array, dtype: str | None = None) -> Array:
    return jnp.zeros_like(x, dtype=dtype)


def ones_like(x: Array, dtype: str | None = None) -> Array:
    return jnp.ones_like(x, dtype=dtype)


_NUMBERED = {
    1: "bool", 3: "float16", 5: "float32", 6: "float64", 7: "int8", 8: "int16", 9: "int32",
    10: "int64", 11: "uint8", 12: "uint16", 13: "uint32", 14: "uint64", 17: "bfloat16",
}  # fmt: skip
"""SameDiff's numbers of types."""


def min_max(datatype: int | str, min_or_max: int) -> Array:
    """The least (0; of floating point the smallest normal) or greatest (1) value of a type."""
    if isinstance(datatype, int) and datatype not in _NUMBERED:
        raise ValueError(f"{datatype} is no number of a type; there are {_NUMBERED}")
    if min_or_max not in (0, 1):
        raise ValueError(f"min_or_max is 0 (the least value) or 1, not {min_or_max}")
    name = _NUMBERED[datatype] if isinstance(datatype, int) else datatype
    dtype = jnp.dtype(dtype_name(name))
    if dtype.kind == "b":
        return jnp.asarray(bool(min_or_max))
    if jnp.issubdtype(dtype, jnp.integer):
        limits = jnp.iinfo(dtype)
        return jnp.asarray((limits.min, limits.max)[min_or_max], dtype)
    limits = jnp.finfo(dtype)
    return jnp.asarray((limits.tiny, limits.max)[min_or_max], dtype)
