"""Basic indices as hashable values: what stands between the brackets of `x[...]`."""

from __future__ import annotations

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
    if Ellipsis not in entries:
        entries.append(Ellipsis)
    at = entries.index(Ellipsis)
    entries[at : at + 1] = [slice(None)] * (ndim - used)
    return tuple(map(_freeze_entry, entries))


def _freeze_entry(entry: Any) -> Entry:
    if isinstance(entry, slice):
        return Slice(entry.start, entry.stop, entry.step)
    if entry is None or isinstance(entry, Slice):
        return entry
    if isinstance(entry, bool) or not hasattr(entry, "__index__"):
        raise GraphError(
            f"{entry!r} can't index a variable: use integers, slices, None, an integer "
            "variable, or sd.where for conditions"
        )
    return entry.__index__()


def thaw_index(index: tuple[Entry, ...]) -> tuple[Any, ...]:
    return tuple(e.python if isinstance(e, Slice) else e for e in index)
