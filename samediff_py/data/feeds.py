"""Reading feeds: ragged lists are padded and masked, everything is checked, rows are compacted."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..foundation.dims import Bounds, Dim, Shape, show_shape
from ..foundation.dtypes import host_dtype
from ..foundation.errors import FeedError
from ..ir.graph import Graph, Kind, Leaf
from ..passes.lookups import Limit, out_of_range, range_at
from .compaction import Compaction, compacted
from .ragged import pad_rows
from .refusal import refused


@dataclass(frozen=True)
class Fed:
    """Arrays by placeholder at the size they were fed, rows compacted to prefixes."""

    arrays: dict[str, Any]
    sizes: dict[str, int]
    moved: tuple[Compaction, ...] = ()


def read_feeds(
    graph: Graph,
    needed: Iterable[str],
    feeds: Mapping[str, Any],
    bounds: Mapping[str, Bounds],
    limits: Mapping[str, Limit],
) -> Fed:
    """Checks and completes what was fed for the needed placeholders of the graph."""
    placeholders = graph.of_kind(Kind.PLACEHOLDER)
    _check_names(placeholders, feeds)
    feeds = {name: _listed(value) for name, value in feeds.items()}
    arrays: dict[str, Any] = {}
    masks = _masks_of(placeholders, needed)
    for name in needed:
        if name not in masks:
            _read(placeholders[name], feeds, arrays)
    for name, owners in masks.items():
        _read_mask(placeholders[name], owners, feeds, arrays, placeholders)
    sizes = bind(placeholders, arrays, bounds)
    check_values(placeholders, arrays, limits)
    moved = compacted(placeholders, arrays)
    for name in masks:
        arrays[name] = typed(placeholders[name], arrays[name])
    return Fed(arrays, sizes, moved)


def _listed(value: Any) -> Any:
    """An array of objects is numpy's way to hold rows of different length."""
    is_rows = isinstance(value, np.ndarray) and value.dtype == object and value.ndim > 0
    return list(value) if is_rows else value


def _check_names(placeholders: Mapping[str, Leaf], feeds: Mapping[str, Any]) -> None:
    if not isinstance(feeds, Mapping):
        raise FeedError(f"feeds are a dict of arrays by placeholder, not {type(feeds).__name__}")
    for name in feeds:
        if name not in placeholders:
            close = difflib.get_close_matches(str(name), placeholders, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            known = ", ".join(map(repr, placeholders)) or "none"
            raise FeedError(f"no placeholder is called {name!r}{hint} (there are: {known})")


def _masks_of(placeholders: Mapping[str, Leaf], needed: Iterable[str]) -> dict[str, list[Leaf]]:
    """Needed companion masks, with the placeholders they belong to."""
    owners: dict[str, list[Leaf]] = {}
    for leaf in placeholders.values():
        if leaf.mask is not None:
            owners.setdefault(leaf.mask, []).append(leaf)
    return {name: owners[name] for name in needed if name in owners}


def _read(leaf: Leaf, feeds: Mapping[str, Any], arrays: dict[str, Any]) -> None:
    if leaf.name not in feeds:
        raise refused(leaf, f"placeholder {leaf.name!r} was not fed")
    value = feeds[leaf.name]
    if isinstance(value, list | tuple) and leaf.mask is not None and leaf.mask not in feeds:
        array, mask = pad_rows(leaf, value)
        arrays[leaf.name] = typed(leaf, array)
        _merge_mask(leaf, mask, arrays)
        return
    arrays[leaf.name] = check_rank(leaf, typed(leaf, _rectangular(leaf, value)))


def _merge_mask(leaf: Leaf, mask: np.ndarray, arrays: dict[str, Any]) -> None:
    """Two ragged feeds that share a mask must agree on the lengths."""
    assert leaf.mask is not None
    known = arrays.get(leaf.mask)
    if known is not None and not np.array_equal(known, mask):
        raise refused(
            leaf,
            f"rows of {leaf.name!r} have other lengths than those of another placeholder with "
            f"the same mask {leaf.mask!r}",
        )
    arrays[leaf.mask] = mask


def _rectangular(leaf: Leaf, value: Any) -> Any:
    if isinstance(value, jax.Array | np.ndarray):
        return value
    try:
        return np.asarray(value)
    except ValueError:
        hint = (
            f"pass the rows without {leaf.mask!r}" if leaf.mask
            else f'declare sd.placeholder({leaf.name!r}, ..., mask="{leaf.name}_mask")'
        )  # fmt: skip
        raise refused(leaf, f"rows of {leaf.name!r} have different lengths: {hint}") from None


def typed(leaf: Leaf, array: Any) -> Any:
    """The array in the declared type; a fraction is never cut silently."""
    want, have = host_dtype(leaf.dtype), array.dtype
    if want == have:
        return array
    if have.kind not in "biuf" and have != np.dtype("bfloat16"):
        raise refused(leaf, f"{leaf.name!r} was fed {_shown(array)}; it takes numbers")
    if want.kind == "b":
        return boolean(leaf, array)
    if want.kind in "iu" and have.kind not in "iub":
        raise refused(leaf, f"{leaf.name!r} wants integers and was fed {have}; round or cast them")
    _check_range(leaf, array, want)
    return np.asarray(array).astype(want)


def _check_range(leaf: Leaf, array: Any, want: np.dtype) -> None:
    """Integers are never wrapped around silently."""
    if want.kind not in "iu" or array.dtype.kind == "b" or not array.size:
        return
    least, most = array.min(), array.max()
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


def _read_mask(
    mask: Leaf,
    owners: Sequence[Leaf],
    feeds: Mapping[str, Any],
    arrays: dict[str, Any],
    placeholders,
) -> None:
    """The companion mask: as fed, made from lists, or True for "all real"."""
    beside = _beside(owners, feeds, arrays)
    fed = [leaf for leaf in owners if leaf.name in beside]
    if mask.name not in feeds:
        plain = [leaf for leaf in fed if not isinstance(feeds[leaf.name], list | tuple)]
        if plain:
            raise refused(plain[0], _no_mask(mask, plain[0]))
        if mask.name not in beside:
            raise refused(mask, f"mask {mask.name!r} was not fed")
        arrays[mask.name] = beside[mask.name]
        return
    value = feeds[mask.name]
    if value is True:
        if not fed:
            raise refused(mask, f"{mask.name!r} was fed True alone: feed what it is the mask of")
        sizes = zip(beside[fed[0].name].shape, fed[0].shape, strict=True)
        shape = [n for n, dim in sizes if isinstance(dim, Dim)]
        arrays[mask.name] = np.ones(shape, bool)
        return
    arrays[mask.name] = check_rank(mask, boolean(mask, _rectangular(mask, value), "mask "))


def _beside(
    owners: Sequence[Leaf], feeds: Mapping[str, Any], arrays: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What a mask lies beside: if nothing needed, whatever else was fed."""
    if any(leaf.name in arrays for leaf in owners):
        return arrays
    others: dict[str, Any] = {}
    for leaf in owners:
        if leaf.name in feeds:
            _read(leaf, feeds, others)
    return others


def _no_mask(mask: Leaf, leaf: Leaf) -> str:
    return (
        f"{leaf.name!r} declares the mask {mask.name!r}, and an array was fed without it. Either\n"
        f"  - feed {mask.name!r}: an array {show_shape(mask.shape)}, true where a slot is real\n"
        f"  - feed {leaf.name!r} as a list of rows, each of its own length\n"
        f"  - feed {mask.name!r}: True, if every position is real"
    )


def boolean(leaf: Leaf, array: Any, what: str = "") -> np.ndarray:
    """Booleans, or the numbers 0 and 1."""
    array = np.asarray(array)
    if array.dtype == bool:
        return array
    if array.dtype.kind not in "iuf" or not np.isin(array, (0, 1)).all():
        other = array.flat[int(np.argmax(~np.isin(array, (0, 1))))]
        raise refused(
            leaf,
            f"{what}{leaf.name!r} must be boolean, or 0 and 1; it was fed {array.dtype} values "
            f"such as {other}; fractions are weights: pass them to the loss",
        )
    return array.astype(bool)


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
        elif isinstance(array, np.ndarray) and array.dtype.kind == "f":
            _check_numbers(leaf, array, arrays)


def _check_ids(leaf: Leaf, array: Any, arrays: Mapping[str, Any], limit: Limit) -> None:
    ids = np.asarray(array)
    if ids.min() >= 0 and ids.max() < np.min(limit):
        return
    bad = out_of_range(ids, limit) & valid_slots(leaf, ids, arrays)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise refused(
            leaf,
            f"{leaf.name!r}: {int(bad.sum())} ids are out of range {range_at(limit, where)}, "
            f"the first at {list(where)}: {ids[where]}; mask what stands for no id, or enlarge the "
            "table",
        )


def _check_numbers(leaf: Leaf, array: np.ndarray, arrays: Mapping[str, Any]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        if not math.isnan(np.add.reduce(array, axis=None)):
            return
    bad = np.isnan(array) & valid_slots(leaf, array, arrays)
    if bad.any():
        where = [int(i) for i in np.argwhere(bad)[0]]
        raise refused(
            leaf,
            f"{leaf.name!r} holds {int(bad.sum())} NaN in real positions, the first at {where}; "
            "mask what is missing, or replace it",
        )


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
