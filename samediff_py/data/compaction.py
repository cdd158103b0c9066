"""Left padding and gaps: real positions are moved to the front, results are moved back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..foundation.dims import Dim, Shape
from ..ir.graph import Leaf
from ..ir.masks import rows_first


@dataclass(frozen=True)
class Compaction:
    """Along `time`, position i of a compacted row was position `order[row, i]`."""

    batch: Dim
    time: Dim
    order: np.ndarray

    def forward(self, shape: Shape, array: Any) -> Any:
        return self._moved(shape, array, self.order)

    def back(self, shape: Shape, array: np.ndarray) -> np.ndarray:
        """A result of that shape with its positions where they were fed."""
        return self._moved(shape, array, np.argsort(self.order, axis=1))

    def _moved(self, shape: Shape, array: Any, order: np.ndarray) -> Any:
        if self.batch not in shape:
            return array
        row = shape.index(self.batch)
        for axis, dim in enumerate(shape):
            if dim == self.time:
                array = _take(np.asarray(array), order, row, axis)
        return array


def _take(array: np.ndarray, order: np.ndarray, row: int, axis: int) -> np.ndarray:
    shape = [1] * array.ndim
    shape[row], shape[axis] = order.shape
    spread = (order if row < axis else order.T).reshape(shape)
    return np.take_along_axis(array, spread, axis)


def compacted(placeholders: Mapping[str, Leaf], arrays: dict[str, Any]) -> tuple[Compaction, ...]:
    """Makes every row a prefix, in place; what was done, to be undone on the results."""
    moved = tuple(_needed(placeholders, arrays))
    for move in moved:
        for name in arrays:
            arrays[name] = move.forward(placeholders[name].shape, arrays[name])
    return moved


def _needed(placeholders: Mapping[str, Leaf], arrays: Mapping[str, Any]) -> Iterator[Compaction]:
    for existence in existences(placeholders, arrays):
        exists = existence.of(arrays)
        if _has_gaps(exists):
            order = np.argsort(~exists, axis=1, kind="stable")
            yield Compaction(existence.batch, existence.time, order)


@dataclass(frozen=True)
class Existence:
    """The masks that say together which positions of the rows exist: any of them may."""

    masks: tuple[str, ...]
    batch: Dim
    time: Dim
    turned: bool  # the masks are [time, batch]

    def of(self, arrays: Mapping[str, Any]) -> np.ndarray:
        """[batch, time], true where there is a position."""
        exists = np.asarray(arrays[self.masks[0]])
        for name in self.masks[1:]:
            exists = exists | np.asarray(arrays[name])
        return exists.T if self.turned else exists

    def is_prefix(self, arrays: Mapping[str, Any]) -> bool:
        """Whether every row's positions stand at its beginning."""
        return not _has_gaps(self.of(arrays))

    def is_one_row(self, arrays: Mapping[str, Any]) -> bool:
        """Whether one mask of one row says it all."""
        return len(self.masks) == 1 and len(self.of(arrays)) == 1


def is_prefix_row(mask: bytes) -> bool:
    """Whether the positions of a single row stand at its beginning."""
    return b"\0\1" not in mask


def _has_gaps(exists: np.ndarray) -> bool:
    return bool((exists[:, :-1] < exists[:, 1:]).any())


def existences(
    placeholders: Mapping[str, Leaf], arrays: Mapping[str, Any]
) -> tuple[Existence, ...]:
    """One for each pair of dims that masks among the arrays lie along."""
    found: dict[Shape, list[str]] = {}
    masks = {leaf.mask for leaf in placeholders.values() if leaf.mask is not None}
    for name in arrays:
        if name in masks and len(placeholders[name].shape) == 2:
            found.setdefault(placeholders[name].shape, []).append(name)
    return tuple(_existence(shape, names) for shape, names in found.items())


def _existence(shape: Shape, names: list[str]) -> Existence:
    turned = not rows_first(shape)
    batch, time = reversed(shape) if turned else shape
    assert isinstance(batch, Dim) and isinstance(time, Dim)
    return Existence(tuple(names), batch, time, turned)
