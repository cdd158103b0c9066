"""Reductions of the slices of an array that bear the same number.

`segment_ids` has the leading axes of `data`, mostly [n] beside [n, ...]; the result is
[num_segments, ...]. A slice whose number is not below `num_segments`, and an element where `where`
is false, belongs to no segment. Sums are taken in float32 at least.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from .numbers import narrow, widen

Count = Sequence[int]
"""A number of rows, as the one size of a shape."""


def segment_sum(
    data: Array, segment_ids: Array, num_segments: Count, *, where: Array | None = None
) -> Array:
    """The sum of each segment, 0 of none."""
    rows = _numeric(_wide(data), segment_ids, num_segments, where)
    return narrow(rows.sum(rows.filled(0)), data)


def segment_mean(
    data: Array, segment_ids: Array, num_segments: Count, *, where: Array | None = None
) -> Array:
    """The mean of each segment, 0 of none; of integers in float32."""
    return _sum_by(lambda n: n, data, segment_ids, num_segments, where)


def segment_sqrt_n(
    data: Array, segment_ids: Array, num_segments: Count, *, where: Array | None = None
) -> Array:
    """The sum of each segment / root of the number of its elements, 0 of none."""
    return _sum_by(jnp.sqrt, data, segment_ids, num_segments, where)


def _sum_by(divisor: Callable[[Array], Array], data, segment_ids, num_segments, where) -> Array:
    rows = _numeric(widen(data), segment_ids, num_segments, where)
    count = jnp.maximum(rows.count, 1).astype(rows.data.dtype)
    return narrow(rows.sum(rows.filled(0)) / divisor(count), data)


def segment_prod(
    data: Array, segment_ids: Array, num_segments: Count, *, where: Array | None = None
) -> Array:
    """The product of each segment, 1 of none."""
    rows = _numeric(_wide(data), segment_ids, num_segments, where)
    return narrow(_product(rows.filled(1), rows.ids, rows.number), data)


def segment_max(
    data: Array, segment_ids: Array, num_segments: Count, *, where: Array | None = None
) -> Array:
    """The greatest of each segment, 0 of none; equal ones share the gradient."""
    return _extreme("max", _numeric(data, segment_ids, num_segments, where), 0)


def segment_min(
    data: Array, segment_ids: Array, num_segments: Count, *, where: Array | None = None
) -> Array:
    """The least of each segment, 0 of none; equal ones share the gradient."""
    return _extreme("min", _numeric(data, segment_ids, num_segments, where), 0)


def unsorted_segment_max(
    data: Array, segment_ids: Array, num_segments: Count, *, where: Array | None = None
) -> Array:
    """The greatest of each segment; of none, the lowest finite number (integers: -max)."""
    rows = _numeric(data, segment_ids, num_segments, where)
    signed = jnp.issubdtype(data.dtype, jnp.signedinteger)
    return _extreme("max", rows, -_info(data).max if signed else _info(data).min)


def unsorted_segment_min(
    data: Array, segment_ids: Array, num_segments: Count, *, where: Array | None = None
) -> Array:
    """The least of each segment; of none, the greatest finite number."""
    return _extreme("min", _numeric(data, segment_ids, num_segments, where), _info(data).max)


def _extreme(which: str, rows: Rows, empty: Any) -> Array:
    found = extremes(which, rows)
    return jnp.where(rows.count > 0, found, jnp.asarray(empty, found.dtype))


def extremes(which: str, rows: Rows) -> Array:
    """The max or min of each segment; of none, what every other element of that type beats."""
    floating = jnp.issubdtype(rows.data.dtype, jnp.floating)
    ends = _info(rows.data)
    lowest, greatest = (-jnp.inf, jnp.inf) if floating else (ends.min, ends.max)
    weakest = lowest if which == "max" else greatest
    start = jnp.full((rows.number, *rows.data.shape[1:]), weakest, rows.data.dtype)
    return getattr(start.at[rows.ids], which)(rows.filled(weakest))


def _info(x: Array) -> Any:
    floating = jnp.issubdtype(x.dtype, jnp.floating)
    return jnp.finfo(x.dtype) if floating else jnp.iinfo(x.dtype)


def _wide(x: Array) -> Array:
    return widen(x) if jnp.issubdtype(x.dtype, jnp.floating) else x


# ---- rows and where they belong ------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """The slices as rows [n, ...], the segment of each, and which elements count.

    What does not count is put to segment 0 and must be filled with what changes nothing there:
    so every id is in range, and nothing need be known of how gradients treat others.
    """

    data: Array
    ids: Array
    real: Array
    number: int

    def filled(self, value: Any) -> Array:
        return jnp.where(self.real, self.data, jnp.asarray(value, self.data.dtype))

    def sum(self, rows: Array) -> Array:
        return jnp.zeros((self.number, *rows.shape[1:]), rows.dtype).at[self.ids].add(rows)

    @property
    def count(self) -> Array:
        """How many elements of each segment count, broadcastable to the result."""
        return self.sum(self.real.astype(jnp.int32))


def rows_of(data: Array, ids: Array, number: int, where: Array | None = None) -> Rows:
    """The slices of data by the numbers that its leading axes bear."""
    lead = ids.ndim
    there = (ids >= 0) & (ids < number)
    real = jnp.expand_dims(there, tuple(range(lead, data.ndim)))
    real = real if where is None else real & where
    flat = jnp.where(there, ids, 0).reshape(-1)
    return Rows(_as_rows(data, lead), flat, _as_rows(real, lead), number)


def _as_rows(x: Array, lead: int) -> Array:
    """The leading axes as one."""
    return x if lead == 1 else x.reshape(-1, *x.shape[lead:])


def _numeric(data: Array, ids: Array, num_segments: Count, where: Array | None) -> Rows:
    (number,) = num_segments
    ids = checked_numbers(ids, "segment_ids")
    if data.dtype == jnp.bool_:
        raise TypeError("data are boolean; cast them to numbers")
    if data.shape[: ids.ndim] != ids.shape:
        raise ValueError(f"segment_ids {ids.shape} must have the leading axes of data {data.shape}")
    return rows_of(data, ids, number, where)


def checked_numbers(ids: Any, name: str) -> Array:
    """Numbers of rows: signed integers, wide enough to be compared with any size."""
    ids = jnp.asarray(ids)
    if not jnp.issubdtype(ids.dtype, jnp.integer):
        raise TypeError(f"{name} must be integers, not {ids.dtype}")
    return ids.astype(jnp.int64 if ids.dtype.itemsize == 8 else jnp.int32)


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def _product(rows: Array, ids: Array, number: int) -> Array:
    return jnp.ones((number, *rows.shape[1:]), rows.dtype).at[ids].mul(rows)


@_product.defjvp
def _product_jvp(number: int, primals: Any, tangents: Any) -> tuple[Array, Array]:
    """Each element's slope is the product of the others, which division alone does not give
    where it is 0."""
    rows, ids = primals
    zero = rows == 0
    safe = jnp.where(zero, 1, rows)
    rest = _product(safe, ids, number)
    start = jnp.zeros((number, *rows.shape[1:]), rows.dtype)
    zeros = start.at[ids].add(zero.astype(rows.dtype))[ids]
    others = jnp.where(zeros == zero.astype(rows.dtype), rest[ids] / safe, 0)
    slope = start.at[ids].add(others * tangents[0])
    return _product(rows, ids, number), slope
