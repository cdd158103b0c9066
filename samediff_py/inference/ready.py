"""Feeds on their way into a program: checked, and padded to the sizes it was compiled for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..compile.session import Program
from ..data.feeds import Fed, read_feeds
from ..foundation.dims import Bounds, size_of
from ..ir.graph import Graph, Leaf
from ..passes.lookups import Limit, id_limits


@dataclass(frozen=True)
class Ready:
    """What was fed, and the arrays and extents that a program takes for it."""

    fed: Fed
    arrays: dict[str, Any]
    extents: np.ndarray | None


def made_ready(
    program: Program,
    graph: Graph,
    feeds: Mapping[str, Any],
    bounds: Mapping[str, Bounds],
    what: str = "",
) -> Ready:
    """The feeds of a program; `what`: the function made from it that they are for."""
    fed = read_for(program, graph, feeds, bounds)
    sizes = program.sizes_for(fed.sizes, bounds, what=what)
    return Ready(fed, padded(program, fed, sizes), program.extents(fed.sizes, sizes))


def read_for(
    program: Program, graph: Graph, feeds: Mapping[str, Any], bounds: Mapping[str, Bounds]
) -> Fed:
    """The feeds of a program, checked."""
    return read_feeds(graph, program.placeholders, feeds, bounds, limits_of(program))


def limits_of(program: Program) -> dict[str, Limit]:
    """What the numbers in placeholders are below, where ops look something up; found once."""
    return program.derived("id limits", lambda: id_limits(program.graph, program.notes))


def padded(program: Program, fed: Fed, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Arrays at the sizes of the program."""
    leaves = program.graph.leaves
    return {name: _pad(leaves[name], array, sizes) for name, array in fed.arrays.items()}


def _pad(leaf: Leaf, array: Any, sizes: Mapping[str, int]) -> Any:
    want = tuple(size_of(dim, sizes) for dim in leaf.shape)
    return array if want == array.shape else enlarged(np.asarray(array), want)


def enlarged(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """An array of that shape that begins with this one, and is zero behind it."""
    whole = np.zeros(shape, array.dtype)
    whole[tuple(map(slice, array.shape))] = array
    return whole
