"""Running sums and products.

Several axes are one running scan over these axes taken together, in row-major order, as in
SameDiff. A masked slot counts as the identity, so it holds the running value.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax.numpy as jnp
from jax import Array, lax

from .axes import Axis, axes_of
from .numbers import fill_masked, narrow, widen


def cumsum(
    x: Array,
    axis: Axis = None,
    *,
    exclusive: bool = False,
    reverse: bool = False,
    where: Array | None = None,
) -> Array:
    """y_i = sum of x_j, j <= i (exclusive: j < i; reverse: from the end)."""
    return _scan(lax.cumsum, 0, x, axis, exclusive, reverse, where)


def cumprod(
    x: Array,
    axis: Axis = None,
    *,
    exclusive: bool = False,
    reverse: bool = False,
    where: Array | None = None,
) -> Array:
    """y_i = product of x_j, j <= i (exclusive: j < i; reverse: from the end)."""
    return _scan(lax.cumprod, 1, x, axis, exclusive, reverse, where)


def _scan(
    running: Callable,
    identity: int,
    x: Array,
    axis: Axis,
    exclusive: bool,
    reverse: bool,
    where: Array | None,
) -> Array:
    filled = fill_masked(_summable(x), where, identity)
    axes = axes_of(x, axis)
    at = axes[0] if axes else 0
    together = tuple(range(at, at + len(axes)))
    moved = jnp.moveaxis(filled, axes, together)
    line = _joined(moved, together, at)
    if exclusive:
        line = _shifted(line, at, identity, -1 if reverse else 1)
    result = running(line, axis=at, reverse=reverse).reshape(moved.shape)
    return narrow(jnp.moveaxis(result, together, axes), x)


def _summable(x: Array) -> Array:
    """Half precision runs in float32, integers in their type; booleans are counted."""
    if x.dtype == jnp.bool_:
        return x.astype(int)
    return widen(x) if jnp.issubdtype(x.dtype, jnp.floating) else x


def _joined(x: Array, axes: tuple[int, ...], at: int) -> Array:
    size = math.prod(x.shape[a] for a in axes)
    return x.reshape(*x.shape[:at], size, *x.shape[at + len(axes) :])


def _shifted(x: Array, axis: int, identity: int, by: int) -> Array:
    """x moved by one along the axis; the identity enters, the last element leaves."""
    edges = [(by, -by, 0) if a == axis else (0, 0, 0) for a in range(x.ndim)]
    return lax.pad(x, jnp.asarray(identity, x.dtype), edges)
