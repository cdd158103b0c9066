"""Which elements of a value belong to which example, so that two runs can be laid side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..foundation.dims import Dim, size_of
from ..ir.masks import Tag
from ..passes.annotate import Value

Sizes = Mapping[str, int]


def masked_axes(value: Value) -> frozenset[int]:
    """Axes along which some mask of the user's lies."""
    assert isinstance(value.tag, Tag)
    return frozenset(a for t in value.tag.terms if not t.is_extent for a in t.axes)


class Layout:
    """How the elements of a value belong to examples.

    The real elements of an example stand in the same order however much padding there is, so
    they are compared one by one. Axes that no mask lies along are `free`: nobody says which of
    their positions are real, so an example's own are the first ones, as many as it is long.
    """

    def __init__(self, value: Value, example: str | None, known: frozenset[int] = frozenset()):
        """`known`: further axes whose real positions are known."""
        self.shape = value.shape
        touched = masked_axes(value) | known
        dims = {a: dim for a, dim in enumerate(value.shape) if isinstance(dim, Dim)}
        self.rows = tuple(a for a, dim in dims.items() if dim.text == example)
        self.free = tuple(a for a in dims if a not in touched and a not in self.rows)
        merged = (a for a, d in dims.items() if example in d.symbols and a not in self.rows)
        self.merged = next(merged, None)
        self._alone = example is None

    @property
    def has_examples(self) -> bool:
        return bool(self.rows) or self.merged is not None

    @property
    def by_example(self) -> bool:
        """Every example has a slice of its own (or there is but one example)."""
        return self._alone or (len(self.rows) == 1 and self.merged is None)

    @property
    def is_merged(self) -> bool:
        """Examples and positions share an axis, and a mask says which elements are real."""
        return self.merged is not None and self.merged not in self.free and not self.rows

    @property
    def is_vague(self) -> bool:
        """They share an axis, and nobody knows whose element is which."""
        return self.merged is not None and not self.is_merged

    @property
    def is_whole(self) -> bool:
        """No element belongs to one example."""
        return not self.by_example and self.merged is None

    def row(self, array: np.ndarray, row: int) -> np.ndarray:
        return array[(slice(None),) * self.rows[0] + (slice(row, row + 1),)] if self.rows else array

    def of_example(self, array: np.ndarray, valid: np.ndarray, row: int, own: Sizes) -> np.ndarray:
        """The real elements of the example in that row, in order."""
        return self._real(self.row(array, row), self.row(valid, row), own)

    def of_all(
        self, array: np.ndarray, valid: np.ndarray, rows: Sequence[int], fed: Sizes
    ) -> np.ndarray:
        """The real elements of these examples together, in the order of the examples."""
        for axis in self.rows:
            array, valid = (np.take(a, rows, axis) for a in (array, valid))
        if self.is_merged:
            return np.sort(array[valid])  # nobody knows whether rows or positions come first
        return self._real(array, valid, fed)

    def _real(self, array: np.ndarray, valid: np.ndarray, own: Sizes) -> np.ndarray:
        box = [slice(None)] * array.ndim
        for axis in self.free:
            dim = self.shape[axis]
            if isinstance(dim, Dim) and dim.symbols <= set(own):
                box[axis] = slice(size_of(dim, own))
        return array[tuple(box)][valid[tuple(box)]]
