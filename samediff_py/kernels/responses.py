"""Local response normalisation."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from .numbers import widen
from .windows import Window, reduce_windows


def local_response_normalization(x, *, depth, alpha=1e-4, beta=0.75, bias=2.0) -> Array:
    """x / (bias + alpha sum of x^2 over `depth` channels on both sides)^beta, along the last axis.

    Where all of that is 0, x is.
    """
    if depth < 1:
        raise ValueError(f"depth must be 1 or more, not {depth}")
    if bias == alpha == 0:
        raise ValueError("bias and alpha are both 0: x would be divided by 0")
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise ValueError(f"x must be of a floating dtype, not {x.dtype}")
    wide = widen(x)
    window = Window(x.ndim - 1, 2 * depth + 1, 1, 1, (depth, depth))
    base = bias + alpha * reduce_windows(wide**2, 0, lax.add, [window])
    scale = jnp.where(base == 0, 0, jnp.where(base == 0, 1, base) ** -beta)
    return (wide * scale).astype(x.dtype)
