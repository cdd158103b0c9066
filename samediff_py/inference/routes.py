"""Feeds of shapes and types that were met before: what was decided then is not decided again.

A server asks for one example at a time, thousands of times a second. Between two runs of a program
little of Python is in the cache of the processor, so every line here counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..compile.session import Program
from ..data.checks import Glance, glance
from ..data.compaction import Existence, existences, is_prefix_row
from ..foundation.dims import size_of
from ..ir.graph import Graph
from .ready import Ready, enlarged, limits_of

Arrays = Mapping[str, Any]

MOST = 256
"""Routes that are kept: a stream of ever new shapes must not fill the memory."""


@dataclass(frozen=True)
class Route:
    """How such feeds go into a program, if a glance finds nothing wrong, and how results come back.

    `shapes`: of the arrays that the program takes larger; `cuts`: of the results.
    """

    run: Callable[..., Arrays]
    held: tuple[str, ...]
    placeholders: tuple[str, ...]
    extents: Any
    random: bool
    glances: tuple[tuple[str, Glance], ...]
    existences: tuple[Existence, ...]
    shapes: Mapping[str, tuple[int, ...]]
    cuts: Mapping[str, tuple[slice, ...]]

    def answer(self, feeds: Arrays, held: Arrays, key: Any) -> dict[str, np.ndarray] | None:
        """The results; None if these feeds need a closer look."""
        for name, seems_right in self.glances:
            if not seems_right(feeds[name]):
                return None
        for existence in self.existences:
            if not existence.is_prefix(feeds):
                return None
        arrays = {name: feeds[name] for name in self.placeholders}
        for name, shape in self.shapes.items():
            arrays[name] = enlarged(arrays[name], shape)
        outs = self.run({name: held[name] for name in self.held}, arrays, self.extents, key)
        results = {name: np.asarray(value) for name, value in outs.items()}
        for name, cut in self.cuts.items():
            results[name] = results[name][cut]
        return results


class Routes:
    """The routes of one graph, by what was asked for and the names, shapes and types of feeds."""

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._known: dict[Any, Route] = {}

    def __len__(self) -> int:
        return len(self._known)

    def known(self, graph: Graph, names: tuple[str, ...], feeds: Any) -> Route | None:
        """The way that such feeds took before."""
        if graph is not self._graph:
            return None
        try:
            return self._known.get((names, *_kinds(feeds)))
        except AttributeError:  # rows in lists
            return None

    def remember(
        self, graph: Graph, names: tuple[str, ...], program: Program, feeds: Arrays, ready: Ready
    ) -> None:
        """Keeps the way that these feeds took, unless it depended on what they hold."""
        if graph is not self._graph or len(self._known) >= MOST:
            self._graph, self._known = graph, {}
        if _is_plain(program, feeds, ready):
            self._known[(names, *_kinds(feeds))] = _route(program, feeds, ready)


def _kinds(feeds: Arrays) -> list[Any]:
    return [(name, a.__class__, a.shape, a.dtype) for name, a in feeds.items()]


def _is_plain(program: Program, feeds: Arrays, ready: Ready) -> bool:
    """Whether arrays went in as they were fed: nothing was compacted, cast or made."""
    if program.mode.parts or program.mode.validity or ready.fed.moved:
        return False
    if not all(type(value) is np.ndarray for value in feeds.values()):
        return False
    return all(ready.fed.arrays[name] is feeds.get(name) for name in ready.arrays)


def _route(program: Program, feeds: Arrays, ready: Ready) -> Route:
    rows = existences(program.graph.leaves, ready.arrays)
    shapes = {n: a.shape for n, a in ready.arrays.items() if a.shape != feeds[n].shape}
    return Route(
        program.run,
        program.held,
        program.placeholders,
        jax.device_put(ready.extents),
        program.random,
        _glances(program, feeds, rows),
        tuple(existence for existence in rows if not existence.is_one_row(feeds)),
        shapes,
        {name: _cut(program, name, ready) for name in program.outputs} if shapes else {},
    )


def _glances(
    program: Program, feeds: Arrays, rows: Iterable[Existence]
) -> tuple[tuple[str, Glance], ...]:
    limits = limits_of(program)
    looks = [(name, glance(feeds[name], limits.get(name))) for name in program.placeholders]
    looks += [(e.masks[0], is_prefix_row) for e in rows if e.is_one_row(feeds)]
    return tuple((name, look) for name, look in looks if look is not None)


def _cut(program: Program, name: str, ready: Ready) -> tuple[slice, ...]:
    shape = program.notes.values[name].shape
    return tuple(slice(size_of(dim, ready.fed.sizes)) for dim in shape)
