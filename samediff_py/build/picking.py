"""`x[index]`: which op picks what stands between the brackets."""

from __future__ import annotations

from typing import Any

from ..foundation.errors import GraphError
from ..ops.base import BaseOps
from ..variable import SDVariable
from .arguments import Fold


def picked(ops: BaseOps, fold: Fold, x: SDVariable, index: Any) -> SDVariable:
    """Basic indices by a slice, one integer variable among full slices by a gather."""
    entries = index if isinstance(index, tuple) else (index,)
    entries = tuple(_known(entry, fold) for entry in entries)
    wanted = [i for i, e in enumerate(entries) if isinstance(e, SDVariable)]
    if not wanted:
        return ops.getitem(x, entries)
    rest = [e for i, e in enumerate(entries) if i not in wanted]
    if len(wanted) > 1 or any(e != slice(None) for e in rest):
        raise GraphError(f"{x.name!r}: an index takes one integer variable, among full slices")
    if entries[wanted[0]].dtype == "bool":
        raise GraphError(
            f"{x.name!r} can't be indexed by a condition: how much it picks is not "
            "known while the graph is built; use sd.where, or with_mask"
        )
    return ops.gather(x, entries[wanted[0]], axis=wanted[0])


def _known(entry: Any, fold: Fold) -> Any:
    """A slice whose ends are variables, by their numbers."""
    if not isinstance(entry, slice):
        return entry
    ends = (entry.start, entry.stop, entry.step)
    return slice(*(fold(end) if isinstance(end, SDVariable) else end for end in ends))
