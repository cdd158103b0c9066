"""What is fed must be what was declared: types, ranks, sizes, bounds, ids, no NaN in real data."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..foundation.dims import Bounds, Dim, Shape, show_shape
from ..foundation.dtypes import host_dtype, is_float
from ..ir.graph import Leaf
from ..passes.lookups import Classes, Limit, out_of_range, range_at
from .refusal import refused

Glance = Callable[[np.ndarray], bool]

_FEW = 256
"""Numbers at which a long integer is looked at faster than an array."""

# One array.


def typed(leaf: Leaf, array: Any) -> Any:
    """The array in the declared type; a fraction is never cut silently."""
    want, have = host_dtype(leaf.dtype), array.dtype
    if want == have:
        return array
    if have.kind not in "biu" and not _may_be_nan(have):
        raise refused(leaf, f"{leaf.name!r} was fed {_shown(array)}; it takes numbers")
    if want.kind == "b":
        return boolean(leaf, array)
    if want.kind in "iu" and have.kind not in "iub":
        raise refused(leaf, f"{leaf.name!r} wants integers and was fed {have}; round or cast them")
    _check_range(leaf, array, want)
    return np.asarray(array).astype(want)


def _check_range(leaf: Leaf, array: Any, want: np.dtype) -> None:
    """Integers are never wrapped around silently. Compared as Python's: JAX would cast the range
    to the type of the array."""
    if want.kind not in "iu" or array.dtype.kind == "b" or not array.size:
        return
    least, most = int(array.min()), int(array.max())
    if least < np.iinfo(want).min or most > np.iinfo(want).max:
        raise refused(leaf, f"{leaf.name!r} was fed {least}..{most}, too large for {want}")


def _shown(array: Any) -> str:
    first = f", e.g. {array.flat[0]!r}" if array.size else ""
    return f"{array.dtype} values{first}"


def check_rank(leaf: Leaf, array: Any) -> Any:
    fixed_fit = len(array.shape) == len(leaf.shape) and all(
        not isinstance(want, int) or want == have
        for want, have in zip(leaf.shape, array.shape, strict=True)
    )
    if not fixed_fit:
        raise refused(
            leaf,
            f"{leaf.name!r} has dims {show_shape(leaf.shape)} and was fed an array of shape "
            f"{list(array.shape)}",
        )
    return array


def boolean(leaf: Leaf, array: Any, what: str = "") -> np.ndarray:
    """Booleans, or the numbers 0 and 1."""
    array = np.asarray(array)
    if array.dtype == bool:
        return array
    numbers = array.dtype.kind in "iu" or _may_be_nan(array.dtype)
    bad = (array != 0) & (array != 1) if numbers else _no_booleans(array)
    if bad.any():
        other = array.flat[int(np.argmax(bad))]
        other = other.item() if isinstance(other, np.generic) else other
        hint = "; fractions are weights: pass them to the loss" if _is_fraction(other) else ""
        raise refused(
            leaf,
            f"{what}{leaf.name!r} must be boolean, or 0 and 1; it was fed {array.dtype} values "
            f"such as {other!r}{hint}",
        )
    return array.astype(bool)


def _no_booleans(array: np.ndarray) -> np.ndarray:
    """Which of some objects or texts is none of True, False, 0 and 1."""
    if array.dtype.type is np.void:
        return np.ones(array.shape, bool)
    return np.array([value not in (0, 1) for value in array.flat], bool).reshape(array.shape)


def _is_fraction(value: Any) -> bool:
    """Neither whole, nor NaN or infinite."""
    return isinstance(value, float) and value % 1 > 0


# All of them.


def bind(
    placeholders: Mapping[str, Leaf], arrays: Mapping[str, Any], bounds: Mapping[str, Bounds]
) -> dict[str, int]:
    """The size of every dim; all placeholders must agree."""
    sizes: dict[str, int] = {}
    origin: dict[str, str] = {}
    for name, array in arrays.items():
        for dim, n in zip(placeholders[name].shape, array.shape, strict=True):
            if not isinstance(dim, Dim):
                continue
            if n == 0:
                reason = f"{name!r} was fed an empty array: {dim} is 0; leave empty batches out"
                raise refused(placeholders[name], reason)
            if sizes.setdefault(dim.text, n) != n:
                other = f"{sizes[dim.text]} in {origin[dim.text]!r}"
                raise refused(placeholders[name], f"{dim} is {other} and {n} in {name!r}")
            origin.setdefault(dim.text, name)
            _check_bounds(placeholders[name], dim, n, bounds.get(dim.text, Bounds()))
    return sizes


def _check_bounds(leaf: Leaf, dim: Dim, n: int, bounds: Bounds) -> None:
    if n < bounds.min or (bounds.max is not None and n > bounds.max) or n % bounds.multiple_of:
        wanted = " and ".join(bounds.constraints(dim.text))
        raise refused(leaf, f"{leaf.name!r} was fed {dim} = {n}, but sd.dim says {wanted}")


def check_values(
    placeholders: Mapping[str, Leaf], arrays: Mapping[str, Any], limits: Mapping[str, Limit]
) -> None:
    """Ids within their table, no NaN in real data. Padding may hold anything."""
    for name, array in arrays.items():
        leaf = placeholders[name]
        if name in limits:
            _check_ids(leaf, array, arrays, limits[name])
        if _may_be_nan(array.dtype):
            _check_numbers(leaf, np.asarray(array), arrays)


def _may_be_nan(dtype: np.dtype) -> bool:
    """Whether it is floating point: numpy knows bfloat16 and its kin as raw bytes only."""
    if dtype.kind == "V":
        return dtype.type is not np.void and is_float(dtype.name)
    return dtype.kind == "f"


def glance(array: np.ndarray, limit: Limit | None) -> Glance | None:
    """A quick look at arrays of that shape and type: whether nothing is wrong with one; None:
    never is."""
    if limit is not None:
        return _below(_ceiling(limit), array.dtype, array.size)
    return _are_numbers if _may_be_nan(array.dtype) else None


def _check_ids(leaf: Leaf, array: Any, arrays: Mapping[str, Any], limit: Limit) -> None:
    ids = np.asarray(array)
    if _below(_ceiling(limit), ids.dtype, ids.size)(ids):
        return
    bad = out_of_range(ids, limit) & valid_slots(leaf, ids, arrays)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        what, repair = _looked_up(limit)
        raise refused(
            leaf,
            f"{leaf.name!r}: {int(bad.sum())} {what}s are out of range {range_at(limit, where)}, "
            f"the first at {list(where)}: {ids[where]}; mask what stands for no {what}, or "
            f"{repair}",
        )


def _looked_up(limit: Limit) -> tuple[str, str]:
    """What the numbers are, and how more of them come into range."""
    if isinstance(limit, Classes):
        return "label", f"give the loss scores for more than {limit} classes"
    return "id", "enlarge the table"


def _ceiling(limit: Limit) -> int:
    return limit if isinstance(limit, int) else min(limit)


@lru_cache(maxsize=256)
def _below(least: int, dtype: np.dtype, size: int) -> Glance:
    """Whether so many numbers of that type, or a part of them, are all in 0..least - 1."""
    unsigned = np.dtype(f"u{dtype.itemsize}")  # there a negative number is a large one
    if dtype.kind == "i":
        least = min(least, np.iinfo(dtype).max + 1)
    if dtype.kind == "i" and size <= _FEW:
        return _few_below(least, dtype, size)
    return lambda ids: not ids.size or bool(ids.view(unsigned).max() < least)


def _few_below(least: int, dtype: np.dtype, size: int) -> Glance:
    """The same of few numbers, read as one long integer, to which something is added that carries
    into the sign of each that is too large: between two runs of a program numpy's code is seldom
    in the cache of the processor."""
    read, order = int.from_bytes, sys.byteorder
    ones = read(np.ones(size, dtype).tobytes(), order)
    signs = ones << (8 * dtype.itemsize - 1)
    more = signs - ones * least

    def few(ids: np.ndarray) -> bool:
        number = read(ids.tobytes(), order)
        return not (number | (number + more)) & signs

    return few


def _check_numbers(leaf: Leaf, array: np.ndarray, arrays: Mapping[str, Any]) -> None:
    if _are_numbers(array):
        return
    bad = np.isnan(array) & valid_slots(leaf, array, arrays)
    if bad.any():
        where = [int(i) for i in np.argwhere(bad)[0]]
        raise refused(
            leaf,
            f"{leaf.name!r} holds {int(bad.sum())} NaN in real positions, the first at {where}; "
            "mask what is missing, or replace it",
        )


def _are_numbers(array: np.ndarray) -> bool:
    """Whether none is NaN: only then squares add up to a number, or to infinity."""
    return not math.isnan(np.vdot(array, array))


def valid_slots(leaf: Leaf, array: np.ndarray, arrays: Mapping[str, Any]) -> np.ndarray:
    """The mask of a placeholder, spread over its fixed axes."""
    if leaf.mask is None:
        return np.ones(array.shape, bool)
    mask = np.asarray(arrays[leaf.mask])
    shape = iter(mask.shape)
    spread = [next(shape) if isinstance(dim, Dim) else 1 for dim in leaf.shape]
    return np.broadcast_to(mask.reshape(spread), array.shape)


def open_shape(leaf: Leaf) -> Shape:
    """The dims of a placeholder that are no fixed numbers: those of its mask."""
    return tuple(dim for dim in leaf.shape if isinstance(dim, Dim))
