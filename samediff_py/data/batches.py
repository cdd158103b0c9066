"""Data sets and streams become batches of feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import jax
import numpy as np

from ..foundation.dims import Dim
from ..foundation.errors import FeedError
from ..ir.graph import Graph, Kind

Feeds = Mapping[str, Any]
Mappings = tuple[Sequence[str | None], ...]
"""Placeholders of (features, labels, feature masks, label masks), in the order of the arrays."""
Axes = Mapping[str, int]
"""The axis of the examples, of placeholders in which it is not the first."""


def batches_of(
    data: Any,
    names: Mappings,
    batch_size: int,
    rng: np.random.Generator | None,
    axes: Axes = MappingProxyType({}),
) -> Iterator[Feeds]:
    """Feeds by placeholder: of a whole data set (dict or tuple), shuffled if `rng` is given, or
    of any iterable of batches, as they come."""
    if isinstance(data, Mapping | tuple):
        return _split(named(data, names), batch_size, rng, axes)
    if not isinstance(data, Iterable):
        raise FeedError(
            f"data is a dict of arrays by placeholder, (features, labels), or an iterable of such "
            f"batches; not {type(data).__name__}"
        )
    return (named(batch, names) for batch in data)


def named(batch: Any, names: Mappings) -> Feeds:
    """(features, labels[, feature masks, label masks]) by the names of the training config."""
    if isinstance(batch, Mapping):
        return batch
    if not isinstance(batch, tuple | list) or not 1 <= len(batch) <= 4:
        raise FeedError(
            f"a batch is a dict by placeholder or (features, labels[, masks]), not {type(batch)}"
        )
    feeds: dict[str, Any] = {}
    roles = ("features", "labels", "feature_masks", "label_masks")
    for role, arrays, targets in zip(roles, batch, names, strict=False):
        several = isinstance(arrays, tuple | list) and len(targets) > 1
        arrays = arrays if several else () if arrays is None else (arrays,)
        if arrays and len(arrays) != len(targets):
            raise FeedError(
                f"{len(arrays)} {role} for {len(targets)} names in the training config; give them "
                f"in order, e.g. TrainingConfig(..., {role}=['name'])"
            )
        pairs = zip(targets, arrays, strict=False)
        feeds |= {name: array for name, array in pairs if name is not None and array is not None}
    return feeds


def example_axes(graph: Graph, dim: str | None) -> dict[str, int]:
    """The axis of the examples, which lie along that dim, where something lies before them."""
    if dim is None:
        return {}
    shapes = {name: leaf.shape for name, leaf in graph.of_kind(Kind.PLACEHOLDER).items()}
    found = {name: shape.index(Dim(dim)) for name, shape in shapes.items() if Dim(dim) in shape}
    return {name: axis for name, axis in found.items() if axis}


def batch_count(data: Feeds, batch_size: int, axes: Axes = MappingProxyType({})) -> int:
    """How many batches a data set makes."""
    if not is_count(batch_size):
        raise FeedError(f"batch_size must be 1 or more, not {batch_size!r}")
    return -(-examples_in(data, axes) // batch_size)


def is_count(number: Any) -> bool:
    """Whether it is a whole number from 1 on."""
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    return whole and bool(number >= 1)


def examples_in(data: Feeds, axes: Axes = MappingProxyType({})) -> int:
    """How many examples a data set holds; all placeholders must agree."""
    rows = {name: value for name, value in data.items() if _has_rows(value)}
    counts = {name: _count(name, value, axes.get(name, 0)) for name, value in rows.items()}
    if not counts:
        raise FeedError("there is nothing in the data")
    if len(set(counts.values())) > 1:
        raise FeedError(f"the placeholders hold different numbers of examples: {counts}")
    (count,) = set(counts.values())
    if count == 0:
        raise FeedError("the data set is empty")
    return count


def _count(name: str, value: Any, axis: int) -> int:
    """How many examples there are along the axis; lists within lists have no other than the
    first unless they are an array."""
    try:
        return len(value) if axis == 0 else np.shape(value)[axis]
    except (ValueError, IndexError):
        raise FeedError(
            f"{name!r} has its examples along axis {axis}: feed an array, or an iterable of batches"
        ) from None


def _split(
    data: Feeds, batch_size: int, rng: np.random.Generator | None, axes: Axes
) -> Iterator[Feeds]:
    count, batches = examples_in(data, axes), batch_count(data, batch_size, axes)
    order = rng.permutation(count) if rng is not None else np.arange(count)
    for i in range(batches):
        picked = order[i * batch_size : (i + 1) * batch_size]
        yield {name: _take(value, picked, axes.get(name, 0)) for name, value in data.items()}


def _has_rows(value: Any) -> bool:
    """A single number, and True for "all is real", go with every batch as they are."""
    return hasattr(value, "__len__") and getattr(value, "ndim", 1) > 0


def _take(value: Any, picked: np.ndarray, axis: int) -> Any:
    if not _has_rows(value):
        return value
    if axis or isinstance(value, np.ndarray | jax.Array):
        return np.take(np.asarray(value), picked, axis)
    return [value[i] for i in picked]
