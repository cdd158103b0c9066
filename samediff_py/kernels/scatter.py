"""Rows written into a table by their numbers.

`indices` of any shape name rows of `ref` [rows, ...]; `updates` is [*indices.shape, ...]. Rows
named several times are updated once for each, in order. An index out of range, and an element of
`updates` where `where` is false, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array, lax

from .segments import Rows, checked_numbers, extremes, rows_of, segment_prod


def scatter_add(ref: Array, indices: Array, updates: Array, *, where: Array | None = None) -> Array:
    """ref[indices] += updates."""
    rows = _numeric(ref, indices, updates, where)
    return ref.at[rows.ids].add(rows.filled(0))


def scatter_sub(ref: Array, indices: Array, updates: Array, *, where: Array | None = None) -> Array:
    """ref[indices] -= updates."""
    rows = _numeric(ref, indices, updates, where)
    return ref.at[rows.ids].subtract(rows.filled(0))


def scatter_mul(ref: Array, indices: Array, updates: Array, *, where: Array | None = None) -> Array:
    """ref[indices] *= updates."""
    rows = _numeric(ref, indices, updates, where)
    return ref * segment_prod(rows.data, rows.ids, ref.shape[:1], where=rows.real)


def scatter_div(ref: Array, indices: Array, updates: Array, *, where: Array | None = None) -> Array:
    """ref[indices] /= updates; integers are cut towards zero."""
    rows = _numeric(ref, indices, updates, where)
    if jnp.issubdtype(ref.dtype, jnp.floating):
        return ref / segment_prod(rows.data, rows.ids, ref.shape[:1], where=rows.real)

    def divided(table: Array, step: tuple[Array, Array]) -> tuple[Array, None]:
        row, divisor = step
        return table.at[row].set(lax.div(table[row], divisor)), None

    return lax.scan(divided, ref, (rows.ids, rows.filled(1)))[0]


def scatter_max(ref: Array, indices: Array, updates: Array, *, where: Array | None = None) -> Array:
    """ref[indices] = max(ref[indices], updates); equal ones share the gradient."""
    rows = _numeric(ref, indices, updates, where)
    return jnp.maximum(ref, extremes("max", rows))


def scatter_min(ref: Array, indices: Array, updates: Array, *, where: Array | None = None) -> Array:
    """ref[indices] = min(ref[indices], updates); equal ones share the gradient."""
    rows = _numeric(ref, indices, updates, where)
    return jnp.minimum(ref, extremes("min", rows))


def scatter_update(
    ref: Array, indices: Array, updates: Array, *, where: Array | None = None
) -> Array:
    """ref[indices] = updates; of several for one row the last stays."""
    return _written(ref, _updates(ref, indices, updates, where))


def _numeric(ref: Array, indices: Array, updates: Array, where: Array | None) -> Rows:
    if ref.dtype == jnp.bool_:
        raise TypeError("ref is boolean; cast it to numbers")
    return _updates(ref, indices, updates, where)


def _updates(ref: Array, indices: Array, updates: Array, where: Array | None) -> Rows:
    indices = checked_numbers(indices, "indices")
    wanted = (*indices.shape, *ref.shape[1:])
    if ref.ndim == 0 or updates.shape != wanted:
        raise ValueError(
            f"updates {updates.shape} must have the axes of indices {indices.shape} and those of "
            f"ref {ref.shape} behind its first: {wanted}"
        )
    return rows_of(_as("updates", updates, ref.dtype), indices, ref.shape[0], where)


def _as(name: str, x: Any, dtype: Any) -> Array:
    """x in that type, where it can hold it."""
    if jnp.result_type(x, dtype) != dtype:
        raise TypeError(f"{name} are {jnp.result_type(x)}, which {dtype} does not hold; cast them")
    return jnp.asarray(x, dtype)


def _written(table: Array, rows: Rows) -> Array:
    """Who writes an element last is found by counting: `set` leaves open which of several stays."""
    order = jnp.arange(rows.data.shape[0]).reshape(-1, *[1] * (rows.real.ndim - 1))
    nobody = jnp.full((rows.number, *rows.real.shape[1:]), -1, order.dtype)
    last = nobody.at[rows.ids].max(jnp.where(rows.real, order, -1))
    found = jnp.take_along_axis(rows.data, jnp.maximum(last, 0), 0, mode="clip")
    return jnp.where(last >= 0, found, table)


def dynamic_stitch(
    indices: Sequence[Array],
    xs: Sequence[Array],
    num_rows: Sequence[int],
    *,
    where: Sequence[Array | None] | None = None,
) -> Array:
    """result[indices[i]] = xs[i], one piece after the other; rows that nobody names hold 0."""
    if len(indices) != len(xs):
        raise ValueError(f"{len(indices)} arrays of indices for {len(xs)} pieces")
    rests = {x.shape[i.ndim :] for i, x in zip(indices, xs, strict=True)}
    if len(rests) != 1:
        raise ValueError(f"the pieces must be alike behind their indices, not {sorted(rests)}")
    table = jnp.zeros((*num_rows, *rests.pop()), jnp.result_type(*xs))
    for ids, x, told in zip(indices, xs, where or [None] * len(xs), strict=True):
        table = scatter_update(table, ids, x, where=told)
    return table


def sparse_to_dense(
    indices: Array,
    shape: Sequence[int],
    values: Array,
    default_value: Any = None,
    *,
    where: Array | None = None,
) -> Array:
    """values at the places that the last axis of `indices` spells out, else `default_value` or 0.

    For a vector, `indices` may be as `values` are. Of several values for a place the last stays.
    """
    indices = checked_numbers(indices, "indices")
    if len(shape) == 1 and indices.shape == values.shape:
        indices = indices[..., None]
    if indices.shape != (*values.shape, len(shape)):
        raise ValueError(
            f"indices {indices.shape} must be {len(shape)} numbers for each of values "
            f"{values.shape}"
        )
    there, flat, total = jnp.ones((), bool), jnp.zeros((), indices.dtype), 1
    for axis, size in enumerate(shape):
        there &= (indices[..., axis] >= 0) & (indices[..., axis] < size)
        flat, total = flat * size + indices[..., axis], total * size
    rest = 0 if default_value is None else _as("default_value", default_value, values.dtype)
    dense = jnp.full((total,), rest, values.dtype)
    rows = rows_of(values, jnp.where(there, flat, -1), total, where)
    return _written(dense, rows).reshape(shape)


def invert_permutation(x: Array) -> Array:
    """result[x[i]] = i, for a vector that holds each of 0, 1, ... once."""
    if x.ndim != 1:
        raise ValueError(f"a permutation is a vector, not an array of shape {x.shape}")
    ids = checked_numbers(x, "the permutation")
    return scatter_update(jnp.zeros_like(ids), ids, jnp.arange(x.shape[0], dtype=ids.dtype)).astype(
        x.dtype
    )
