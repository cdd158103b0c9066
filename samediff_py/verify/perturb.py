"""What must not matter: what stands in padding, how much of it there is, who else is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..compile.buckets import rounded
from ..compile.extents import packed
from ..data.checks import valid_slots
from ..foundation.dims import Bounds, Dim, size_of
from ..ir.graph import Leaf
from ..passes.lookups import Limit, id_limits
from .batch import Arrays, Batch, take
from .subject import Subject


@dataclass(frozen=True)
class Content:
    """What is put into padded slots: a floating point number, and an integer for a placeholder
    whose numbers look up `limit` rows (any integer, where it looks up none)."""

    name: str
    number: float | None  # None: random ones

    def floats(self, rng: np.random.Generator, count: int) -> np.ndarray:
        if self.number is None:
            return rng.normal(0.0, 10.0, count)
        return self.number * np.where(rng.random(count) < 0.5, 1.0, -1.0)

    def integers(
        self, rng: np.random.Generator, count: int, dtype: np.dtype, limit: int | None
    ) -> np.ndarray:
        least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
        if self.number is None:
            return rng.integers(0, min(limit or most, 2**31 - 1), count).astype(dtype)
        if self.number != 1e30:  # just below and above the table
            least, most = max(least, -1), min(limit or 0, most)
        return np.where(rng.random(count) < 0.5, dtype.type(least), dtype.type(most))


CONTENTS = (
    Content("other numbers", None),
    Content("1e30 and the greatest integers", 1e30),
    Content("NaN and ids out of range", np.nan),
    Content("infinities", np.inf),
)


def with_content(subject: Subject, batch: Batch, content: Content, seed: int) -> Batch:
    """Other things in the padded slots of every placeholder that has a mask."""
    rng = np.random.default_rng(seed)
    limits = id_limits(subject.graph, subject.notes)
    arrays = dict(batch.arrays)
    for name, leaf in subject.placeholders.items():
        if leaf.mask is not None:
            gone = ~_real(leaf, batch.arrays)
            arrays[name] = arrays[name].copy()
            arrays[name][gone] = _filling(
                content, rng, int(gone.sum()), arrays[name].dtype, _least(limits.get(name))
            )
    return replace(batch, arrays=arrays)


def _least(limit: Limit | None) -> int | None:
    return min(limit) if isinstance(limit, tuple) else limit


def _real(leaf: Leaf, arrays: Mapping[str, Any]) -> np.ndarray:
    assert leaf.mask is not None
    return valid_slots(leaf, arrays[leaf.name], {leaf.mask: arrays[leaf.mask] != 0})


def _filling(
    content: Content, rng: np.random.Generator, count: int, dtype: np.dtype, limit: int | None
) -> np.ndarray:
    if dtype.kind == "b":
        return rng.random(count) < 0.5
    if dtype.kind in "iu":
        return content.integers(rng, count, dtype, limit)
    with np.errstate(over="ignore"):
        return content.floats(rng, count).astype(dtype)


def longer(subject: Subject, batch: Batch, by: int) -> Batch | None:
    """At least `by` padded positions more along every padded dim, where its bounds allow it."""
    sizes = {dim: _longer(batch.sizes[dim], by, _bounds(subject, dim)) for dim in subject.padded}
    return _resized(subject, batch, sizes) if sizes != _at(batch, sizes) else None


def _longer(size: int, by: int, bounds: Bounds) -> int:
    more = -(-(size + by) // bounds.multiple_of) * bounds.multiple_of
    return more if bounds.max is None or more <= bounds.max else size


def in_next_bucket(subject: Subject, batch: Batch, bucketed: frozenset[str]) -> Batch | None:
    """Rounded up as the library does it, and always by something: behind the real extents."""
    sizes = {dim: _bucket(batch.sizes[dim], _bounds(subject, dim)) for dim in sorted(bucketed)}
    if sizes == _at(batch, sizes):
        return None
    wide = _resized(subject, batch, sizes)
    return replace(wide, extents=packed(bucketed, batch.sizes))


def _bucket(size: int, bounds: Bounds) -> int:
    next_size = rounded(size + 1, bounds)
    return next_size if bounds.max is None or next_size <= bounds.max else size


def _bounds(subject: Subject, dim: str) -> Bounds:
    return subject.bounds.get(dim, Bounds())


def _at(batch: Batch, sizes: Mapping[str, int]) -> dict[str, int]:
    return {dim: batch.sizes[dim] for dim in sizes}


def _resized(subject: Subject, batch: Batch, sizes: Mapping[str, int]) -> Batch:
    """Zeros behind, and false in masks."""
    sizes = {**batch.sizes, **sizes}
    arrays: Arrays = {}
    for name, leaf in subject.placeholders.items():
        array = batch.arrays[name]
        want = (size_of(dim, sizes) for dim in leaf.shape)
        arrays[name] = np.pad(array, [(0, n - m) for n, m in zip(want, array.shape, strict=True)])
    return replace(batch, arrays=arrays, sizes=sizes)


def reordered(subject: Subject, batch: Batch) -> Batch:
    """The same examples in other rows."""
    count = len(batch.rows)
    order = np.roll(np.arange(count)[::-1], count // 3)
    rows = tuple(map(int, np.argsort(order)))
    return replace(_rearranged(subject, batch, order), rows=rows)


def with_other_company(subject: Subject, batch: Batch) -> Batch:
    """Every other example stays, among copies of each other."""
    count = len(batch.rows)
    order = np.arange(count)
    order[1::2] = np.roll(order[::2], 1)[: count // 2]
    return _rearranged(subject, batch, order).only(range(0, count, 2))


def _rearranged(subject: Subject, batch: Batch, order: np.ndarray) -> Batch:
    arrays = {
        name: take(leaf.shape, batch.arrays[name], subject.example, order)
        for name, leaf in subject.placeholders.items()
    }
    return replace(batch, arrays=arrays)


def with_empty_row(subject: Subject, batch: Batch) -> tuple[Batch, int]:
    """One example more, none of whose positions is real, in the middle; and its row.

    Placeholders without a mask have no empty example: they get a copy of another one.
    """
    place = len(batch.rows) // 2
    order = np.insert(np.arange(len(batch.rows)), place, 0)
    arrays: Arrays = {}
    for name, leaf in subject.placeholders.items():
        array = take(leaf.shape, batch.arrays[name], subject.example, order)
        if name in subject.masks or leaf.mask is not None:
            array = _emptied(leaf, array, subject.example, place)
        arrays[name] = array
    rows = tuple(row + (row >= place) for row in batch.rows)
    sizes = {**batch.sizes, subject.example or "": len(order)}
    return replace(batch, arrays=arrays, rows=rows, sizes=sizes), place


def _emptied(leaf: Leaf, array: np.ndarray, example: str | None, row: int) -> np.ndarray:
    array = array.copy()
    for axis, dim in enumerate(leaf.shape):
        if isinstance(dim, Dim) and dim.text == example:
            array[(slice(None),) * axis + (row,)] = 0
    return array
