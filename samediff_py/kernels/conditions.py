"""Tests of single elements, and where along an axis they first and last hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from .axes import Axis, axes_of, row_major_positions
from .numbers import fill_masked


class Condition(Protocol):
    """A comparison by name, and the number that is compared with."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def eps(self) -> float: ...


_TESTS: dict[str, Callable[[Array, Condition], Array]] = {
    "equals": lambda x, c: (x == c.value) | (jnp.abs(x - c.value) < c.eps),
    "not_equals": lambda x, c: x != c.value,
    "greater_than": lambda x, c: x > c.value,
    "greater_than_or_equal": lambda x, c: x >= c.value,
    "less_than": lambda x, c: x < c.value,
    "less_than_or_equal": lambda x, c: x <= c.value,
    "eps_equals": lambda x, c: jnp.abs(x - c.value) < c.eps,
    "eps_not_equals": lambda x, c: jnp.abs(x - c.value) >= c.eps,
    "abs_equals": lambda x, c: jnp.abs(x) == c.value,
    "abs_not_equals": lambda x, c: jnp.abs(x) != c.value,
    "abs_greater_than": lambda x, c: jnp.abs(x) > c.value,
    "abs_greater_than_or_equal": lambda x, c: jnp.abs(x) >= c.value,
    "abs_less_than": lambda x, c: jnp.abs(x) < c.value,
    "abs_less_than_or_equal": lambda x, c: jnp.abs(x) <= c.value,
    "is_nan": lambda x, c: jnp.isnan(x),
    "is_infinite": lambda x, c: jnp.isinf(x),
    "is_finite": lambda x, c: jnp.isfinite(x),
    "not_finite": lambda x, c: ~jnp.isfinite(x),
}


def matches(x: Array, condition: Condition) -> Array:
    """True where the condition holds; NaN matches only what is said of NaN, and "not equals"."""
    if condition.kind not in _TESTS:
        raise ValueError(f"no condition is called {condition.kind!r}; there are {list(_TESTS)}")
    return _TESTS[condition.kind](x, condition)


def where(condition: Array, x: ArrayLike, y: ArrayLike, by_rows: bool = False) -> Array:
    """x where the condition is true, else y; `by_rows`: a vector lies along their first axis."""
    kind = jnp.result_type(condition)
    if kind.kind != "b":
        raise ValueError(f"the condition is {kind}, and it must be bool: say e.g. x > 0")
    if by_rows and jnp.ndim(condition) == 1:
        rank = max(jnp.ndim(x), jnp.ndim(y))
        condition = jnp.expand_dims(condition, tuple(range(1, rank)))
    return jnp.where(condition, x, y)


def where_numpy(x: ArrayLike, y: ArrayLike, condition: ArrayLike) -> Array:
    """x where the condition is not 0, else y."""
    return jnp.where(jnp.asarray(condition) != 0, x, y)


def replace_where(x: Array, y: ArrayLike, condition: Condition) -> Array:
    """y where x meets the condition, else x."""
    return jnp.where(matches(x, condition), y, x)


def is_numeric_tensor(x: Array) -> Array:
    """Whether x holds numbers, and not booleans."""
    return jnp.asarray(x.dtype != bool)


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
