"""`x[index]`: which op picks what stands between the brackets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..foundation.dtypes import dtype_name
from ..foundation.errors import GraphError
from ..ops.base import BaseOps
from ..ops.types import is_operand
from ..variable import SDVariable
from .arguments import Fold


def picked(ops: BaseOps, fold: Fold, x: SDVariable, index: Any) -> SDVariable:
    """Basic indices by a slice, one integer variable or array among full slices by a gather."""
    entries = index if isinstance(index, tuple) else (index,)
    entries = tuple(_known(entry, fold) for entry in entries)
    wanted = [i for i, e in enumerate(entries) if is_operand(e)]
    if not wanted:
        return ops.getitem(x, entries)
    rest = [e for i, e in enumerate(entries) if i not in wanted]
    if len(wanted) > 1 or any(e != slice(None) for e in rest):
        raise GraphError(
            f"{x.name!r}: an index takes one integer variable or array, among full slices; "
            "index the result once more"
        )
    return _gathered(ops, x, entries[wanted[0]], wanted[0])


def _gathered(ops: BaseOps, x: SDVariable, index: Any, axis: int) -> SDVariable:
    if dtype_name(index.dtype) == "bool":
        raise GraphError(
            f"{x.name!r} can't be indexed by a condition: how much it picks is not "
            "known while the graph is built; use sd.where, or with_mask"
        )
    return ops.gather(x, index, axis=axis)


def _known(entry: Any, fold: Fold) -> Any:
    """A slice whose ends are variables, by their numbers; lists and arrays as numpy has them."""
    if isinstance(entry, slice):
        ends = (entry.start, entry.stop, entry.step)
        return slice(*(fold(end) if isinstance(end, SDVariable) else end for end in ends))
    if isinstance(entry, list) or (is_operand(entry) and not isinstance(entry, SDVariable)):
        return _array(entry)
    return entry


def _array(entry: Any) -> Any:
    """An array of integers or conditions; one integer, and what is no index, as Python has it."""
    try:
        array = np.asarray(entry)
    except ValueError:  # rows of different length, or variables
        return entry
    is_index = array.dtype.kind == "b" or (array.dtype.kind in "iu" and array.ndim)
    return array if is_index else array.tolist()
