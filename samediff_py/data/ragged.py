"""Rows of different lengths become one array and its mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from ..foundation.dims import Dim, Shape
from ..foundation.dtypes import host_dtype
from ..ir.graph import Leaf
from ..ir.masks import rows_first
from .refusal import refused


def pad_rows(leaf: Leaf, rows: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """(array, mask): rows, or lists of rows, padded with zeros to the longest.

    The open axes of the placeholder come first, the fixed ones behind them.
    """
    depth = sum(isinstance(dim, Dim) for dim in leaf.shape)
    leading = leaf.shape[:depth]
    in_front = all(isinstance(dim, Dim) for dim in leading)
    if not in_front or (depth == 2 and not rows_first(leading)):
        raise refused(
            leaf,
            f"{leaf.name!r} can't be fed as lists: its first axes are not the rows and their "
            f"positions; feed an array and {leaf.mask!r}",
        )
    if len(rows) == 0:
        raise refused(leaf, f"{leaf.name!r} was fed an empty list; leave empty batches out")
    if depth == 2:
        return _pad_two(leaf, rows)
    return _pad_deep(leaf, rows, depth)


def _pad_two(leaf: Leaf, rows: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    arrays = [_row(leaf, row, i) for i, row in enumerate(rows)]
    lengths = np.array([len(a) for a in arrays])
    fixed = _sizes(leaf.shape[2:])
    out = np.zeros((len(arrays), max(int(lengths.max()), 1), *fixed), _common(arrays))
    for i, array in enumerate(arrays):
        out[i, : len(array)] = array
    return out, np.arange(out.shape[1]) < lengths[:, None]


def _sizes(shape: Shape) -> tuple[int, ...]:
    return tuple(dim for dim in shape if isinstance(dim, int))


def _common(arrays: Sequence[np.ndarray]) -> np.dtype:
    return np.result_type(*{a.dtype for a in arrays if a.size} or {np.dtype(np.int32)})


def _row(leaf: Leaf, row: Any, i: int) -> np.ndarray:
    fixed = _sizes(leaf.shape[2:])
    try:
        array = np.asarray(row)
    except ValueError:
        array = np.empty((), object)
    if array.size == 0:
        return np.zeros((0, *fixed), host_dtype(leaf.dtype))
    if array.ndim != 1 + len(fixed) or array.shape[1:] != fixed:
        want = ", ".join(["length", *map(str, fixed)])
        has = list(array.shape)
        raise refused(leaf, f"row {i} of {leaf.name!r} must have shape [{want}], not {has}")
    return array


def _pad_deep(leaf: Leaf, rows: Sequence[Any], depth: int) -> tuple[np.ndarray, np.ndarray]:
    """One open axis, or three and more: lists within lists."""
    sizes = [0] * depth
    items: list[tuple[tuple[int, ...], Any]] = []

    def walk(value: Any, at: tuple[int, ...]) -> None:
        if len(at) == depth:
            items.append((at, _item(leaf, value, at)))
            return
        if not isinstance(value, list | tuple | np.ndarray | jax.Array):
            raise refused(leaf, f"{leaf.name!r} takes lists {depth} deep; at {list(at)}: {value!r}")
        sizes[len(at)] = max(sizes[len(at)], len(value))
        for i, part in enumerate(value):
            walk(part, (*at, i))

    walk(rows, ())
    sizes = [max(n, 1) for n in sizes]
    fixed = _sizes(leaf.shape[depth:])
    out = np.zeros((*sizes, *fixed), _common([item for _, item in items]))
    mask = np.zeros(sizes, bool)
    for at, item in items:
        out[at], mask[at] = item, True
    return out, mask


def _item(leaf: Leaf, value: Any, at: tuple[int, ...]) -> np.ndarray:
    array, want = np.asarray(value), _sizes(leaf.shape[len(at) :])
    if array.shape != want:
        has = list(array.shape)
        raise refused(leaf, f"{leaf.name!r} at {list(at)} must have shape {list(want)}, not {has}")
    return array
