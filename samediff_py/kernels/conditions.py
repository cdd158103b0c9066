"""Tests of single elements, and where along an axis they first and last hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import jax.numpy as jnp
from jax import Array

from .reductions import Axis, axes_of, fill_masked, row_major_positions


class Condition(Protocol):
    """A comparison by name, and the number that is compared with."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> float: ...


_CLOSE = 1e-5  # SameDiff's tolerance of the comparisons "eps"

_TESTS: dict[str, Callable[[Array, Any], Array]] = {
    "equals": lambda x, value: x == value,
    "not_equals": lambda x, value: x != value,
    "greater_than": lambda x, value: x > value,
    "greater_than_or_equal": lambda x, value: x >= value,
    "less_than": lambda x, value: x < value,
    "less_than_or_equal": lambda x, value: x <= value,
    "eps_equals": lambda x, value: jnp.abs(x - value) < _CLOSE,
    "eps_not_equals": lambda x, value: jnp.abs(x - value) >= _CLOSE,
    "abs_equals": lambda x, value: jnp.abs(x) == value,
    "abs_not_equals": lambda x, value: jnp.abs(x) != value,
    "abs_greater_than": lambda x, value: jnp.abs(x) > value,
    "abs_greater_than_or_equal": lambda x, value: jnp.abs(x) >= value,
    "abs_less_than": lambda x, value: jnp.abs(x) < value,
    "abs_less_than_or_equal": lambda x, value: jnp.abs(x) <= value,
    "is_nan": lambda x, value: jnp.isnan(x),
    "is_infinite": lambda x, value: jnp.isinf(x),
    "is_finite": lambda x, value: jnp.isfinite(x),
    "not_finite": lambda x, value: ~jnp.isfinite(x),
}


def matches(x: Array, condition: Condition) -> Array:
    """True where the condition holds; NaN matches only what is said of NaN, and "not equals"."""
    if condition.kind not in _TESTS:
        raise ValueError(f"no condition is called {condition.kind!r}; there are {list(_TESTS)}")
    return _TESTS[condition.kind](x, condition.value)


def match_count(
    x: Array,
    condition: Condition,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    where: Array | None = None,
) -> Array:
    """Number of valid elements for which the condition holds."""
    return jnp.sum(matches(x, condition), axis, keepdims=keepdims, where=where)


def first_index(
    x: Array,
    condition: Condition,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    where: Array | None = None,
) -> Array:
    """Where the condition first holds, -1 where it never does; several axes count as one."""
    axes = axes_of(x, axis)
    positions = row_major_positions(x, axes)
    beyond = jnp.iinfo(positions.dtype).max
    hits = jnp.where(_hits(x, condition, where), positions, beyond)
    first = jnp.min(hits, axes, keepdims=keepdims, initial=beyond)
    return jnp.where(first == beyond, -1, first).astype(int)


def last_index(
    x: Array,
    condition: Condition,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    where: Array | None = None,
) -> Array:
    """Where the condition last holds, -1 where it never does; several axes count as one."""
    axes = axes_of(x, axis)
    hits = jnp.where(_hits(x, condition, where), row_major_positions(x, axes), -1)
    return jnp.max(hits, axes, keepdims=keepdims, initial=-1).astype(int)


def _hits(x: Array, condition: Condition, where: Array | None) -> Array:
    return fill_masked(matches(x, condition), where, False)
