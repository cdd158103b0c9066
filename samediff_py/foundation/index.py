"""Basic indices as hashable values: what stands between the brackets of `x[...]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .errors import GraphError


@dataclass(frozen=True, slots=True)
class Slice:
    """A `slice` that can be hashed."""

    start: Any = None
    stop: Any = None
    step: int | None = None

    @property
    def python(self) -> slice:
        return slice(self.start, self.stop, self.step)

    @property
    def is_full(self) -> bool:
        return (self.start or 0, self.stop, self.step or 1) == (0, None, 1)

    @property
    def counts_from_end(self) -> bool:
        ends = (self.start, self.stop, self.step)
        return any(isinstance(end, int) and end < 0 for end in ends)

    def __repr__(self) -> str:
        shown = ("" if v is None else str(v) for v in (self.start, self.stop))
        return ":".join((*shown, str(self.step)) if self.step is not None else shown)


Entry = int | Slice | None
"""One entry: a position, a range, or a new axis."""


def freeze_index(index: Any, ndim: int) -> tuple[Entry, ...]:
    """The index with one entry an axis (and None for new ones), ellipsis written out."""
    entries = list(index) if isinstance(index, tuple) else [index]
    used = sum(e is not None and e is not Ellipsis for e in entries)
    if used > ndim:
        raise GraphError(f"{used} indices for a variable of rank {ndim}")
    dots = [i for i, entry in enumerate(entries) if entry is Ellipsis]  # arrays compare by element
    at = dots[0] if dots else len(entries)
    entries[at : at + 1] = [slice(None)] * (ndim - used)
    return tuple(map(_freeze_entry, entries))


def _freeze_entry(entry: Any) -> Entry:
    if isinstance(entry, slice):
        return Slice(*map(_plain, (entry.start, entry.stop, entry.step)))
    if entry is None or isinstance(entry, Slice):
        return entry
    number = _plain(entry)
    if isinstance(number, bool) or not isinstance(number, int):
        raise GraphError(
            f"{entry!r} can't index a variable: use integers, slices, None, an integer "
            "array or variable, or sd.where for conditions"
        )
    return number


def _plain(end: Any) -> Any:
    """Integers of numpy and JAX as Python's, which alone are known to count from the end."""
    if isinstance(end, bool) or not hasattr(end, "__index__"):
        return end
    try:
        return end.__index__()
    except TypeError:  # an array of several numbers
        return end


def thaw_index(index: tuple[Entry, ...]) -> tuple[Any, ...]:
    return tuple(e.python if isinstance(e, Slice) else e for e in index)


# The same in SameDiff's words.


def slice_entries(begin: Sequence[int], size: Sequence[Any]) -> tuple[slice, ...]:
    """`size[i]` elements from `begin[i]` on along axis i; -1 is "to the end"."""
    if len(begin) != len(size) or any(start < 0 for start in begin):
        raise ValueError(f"begin={begin} wants numbers from 0 on, and size={size} as many of them")
    pairs = zip(begin, size, strict=True)
    return tuple(slice(b, None if n == -1 else b + n if b else n) for b, n in pairs)


def strided_entries(
    begin: Sequence[int],
    end: Sequence[int],
    strides: Sequence[int],
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> tuple[Any, ...]:
    """`begin:end:stride`, entry by entry; bit i of a mask says something else of entry i."""
    if not len(begin) == len(end) == len(strides):
        raise ValueError(f"begin={begin}, end={end} and strides={strides} differ in length")

    def entry(i: int) -> Any:
        if ellipsis_mask >> i & 1:
            return Ellipsis
        if new_axis_mask >> i & 1:
            return None
        if shrink_axis_mask >> i & 1:
            return begin[i]
        start = None if begin_mask >> i & 1 else begin[i]
        return slice(start, None if end_mask >> i & 1 else end[i], strides[i])

    return tuple(map(entry, range(len(begin))))


def view_entries(vectors: Sequence[Sequence[int]]) -> tuple[Any, ...]:
    """An entry for each of SameDiff's index vectors: its kind, two lengths, then its numbers."""

    def entry(vector: Sequence[int]) -> Any:
        match tuple(map(int, vector)):
            case (0, _, _, position, *_):
                return position
            case (1, _, _, start, stop, stride, inclusive):
                last = stop + bool(inclusive)
                return slice(start, None if inclusive and stop == -1 else last, stride)
            case (2, *_):
                return slice(None)
            case (3, *_):
                return None
        raise ValueError(
            f"{list(vector)} is no index: [0, 1, 1, i, 1] is a point, [1, 2, 1, begin, end, "
            "stride, inclusive] an interval, [2, 0, 1, 1] all of an axis, [3, 1, 10, 1] a new one"
        )

    return tuple(map(entry, vectors))
