"""What kernels do to numbers first and last: precision, masked slots, points without derivative."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
from jax import Array


def widen(x: Array) -> Array:
    """x in the precision of sums: half precision and integers become float32."""
    floating = jnp.issubdtype(x.dtype, jnp.floating)
    return x if floating and jnp.finfo(x.dtype).bits >= 32 else x.astype(jnp.float32)


def floating(x: Array) -> Array:
    """x, of which integers count as float32, as everywhere in SameDiff."""
    return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.float32)


def narrow(result: Array, x: Array) -> Array:
    """The way back from `widen`: the result in the floating type of x."""
    return result.astype(x.dtype) if jnp.issubdtype(x.dtype, jnp.floating) else result


def fill_masked(x: Array, where: Array | None, value: float | Array) -> Array:
    """x with `value` in its masked slots.

    Select, never multiply: a product would let NaN through, here and in the gradient.
    """
    return x if where is None else jnp.where(where, x, value)


def off_zero(f: Callable[[Array], Array], x: Array) -> Array:
    """f(x), but at x = 0 the value and the gradient are 0 (for roots and powers)."""
    zero = x == 0
    return jnp.where(zero, 0, f(jnp.where(zero, 1, x)))


def check_floating(x: Array, what: str = "x") -> None:
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise ValueError(f"{what} must be of a floating dtype, not {x.dtype}")
