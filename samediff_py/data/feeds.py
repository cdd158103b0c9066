"""Reading feeds: ragged lists are padded and masked, everything is checked, rows are compacted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..foundation.dims import Bounds, Dim, show_shape
from ..foundation.errors import FeedError
from ..ir.graph import Graph, Kind, Leaf
from ..passes.lookups import Limit
from ..variable import SDVariable
from .checks import bind, boolean, check_rank, check_values, typed
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
        _read_mask(placeholders[name], owners, feeds, arrays)
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
    if isinstance(value, SDVariable):
        raise refused(
            leaf,
            f"{leaf.name!r} was fed the variable {value.name!r} of a graph, which is no data: feed "
            "an array, or what value.eval(feeds) gives",
        )
    try:
        return np.asarray(value)
    except ValueError:
        hint = (
            f"pass the rows without {leaf.mask!r}" if leaf.mask
            else f'declare sd.placeholder({leaf.name!r}, ..., mask="{leaf.name}_mask")'
        )  # fmt: skip
        raise refused(leaf, f"rows of {leaf.name!r} have different lengths: {hint}") from None


def _read_mask(
    mask: Leaf, owners: Sequence[Leaf], feeds: Mapping[str, Any], arrays: dict[str, Any]
) -> None:
    """The companion mask: as fed, made from lists, or True for "all real"."""
    beside = _beside(owners, feeds, arrays)
    fed = [leaf for leaf in owners if leaf.name in beside]
    if mask.name not in feeds:
        arrays[mask.name] = _made_by_rows(mask, fed, feeds, beside)
    elif _is_true(value := feeds[mask.name]):
        arrays[mask.name] = _all_real(mask, fed, beside)
    else:
        array = _rectangular(mask, value)
        if array.ndim == 0 and mask.shape:
            raise refused(mask, _no_array(mask, value))
        arrays[mask.name] = check_rank(mask, boolean(mask, array, "mask "))


def _is_true(value: Any) -> bool:
    """Python's True, or numpy's or JAX's: what `mask.all()` gives."""
    if isinstance(value, np.generic | np.ndarray | jax.Array):
        return value.ndim == 0 and value.dtype == bool and bool(value)
    return value is True


def _no_array(mask: Leaf, value: Any) -> str:
    return (
        f"{mask.name!r} was fed {value!r}: a mask is True, if every position is real, or an array "
        f"{show_shape(mask.shape)}, true where a slot is real"
    )


def _made_by_rows(
    mask: Leaf, fed: Sequence[Leaf], feeds: Mapping[str, Any], beside: Mapping[str, Any]
) -> Any:
    plain = [leaf for leaf in fed if not isinstance(feeds[leaf.name], list | tuple)]
    if plain:
        raise refused(plain[0], _no_mask(mask, plain[0]))
    if mask.name not in beside:
        raise refused(mask, f"mask {mask.name!r} was not fed")
    return beside[mask.name]


def _all_real(mask: Leaf, fed: Sequence[Leaf], beside: Mapping[str, Any]) -> np.ndarray:
    if not fed:
        raise refused(mask, f"{mask.name!r} was fed True alone: feed what it is the mask of")
    sizes = zip(beside[fed[0].name].shape, fed[0].shape, strict=True)
    return np.ones([n for n, dim in sizes if isinstance(dim, Dim)], bool)


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
