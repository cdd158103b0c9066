"""Feeds of shapes and types that were met before: what was decided then is not decided again.

A server asks for one example at a time, thousands of times a second. Between two runs of a program
little of Python is in the cache of the processor, so every line here counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
Looks = tuple[tuple[str, Glance], ...]

MOST = 256
"""Routes that are kept, and masks of each: a stream of ever new ones must not fill the memory."""


class Rows:
    """Masks of one row by their bytes, on the device in the shape that the program takes: few are
    different, and a server meets the same again and again."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self.known: dict[bytes, jax.Array] = {}

    def added(self, mask: np.ndarray) -> jax.Array | None:
        """A mask that was not met before; None if its positions do not stand at the beginning."""
        if not is_prefix_row(mask):
            return None
        if len(self.known) >= MOST:
            self.known.clear()
        row = jax.device_put(enlarged(mask, self._shape))  # a copy: the user's may change
        return self.known.setdefault(mask.tobytes(), row)


@dataclass(frozen=True)
class Route:
    """How such feeds go into a program, if a glance finds nothing wrong, and how results come back.

    `first`: looks at arrays where what seems wrong may be right, so that nothing runs in vain;
    `meanwhile`: at the others, while the device is at work. `rows`: of its masks of one row;
    `shapes`: of other arrays that it takes larger; `cuts`: of the results.
    """

    run: Callable[..., Arrays]
    held: tuple[str, ...]
    placeholders: tuple[str, ...]
    extents: Any
    random: bool
    first: Looks
    meanwhile: Looks
    existences: tuple[Existence, ...]
    rows: Mapping[str, Rows]
    shapes: Mapping[str, tuple[int, ...]]
    cuts: Mapping[str, tuple[slice, ...]]

    def answer(self, feeds: Arrays, held: Arrays, key: Any) -> dict[str, np.ndarray] | None:
        """The results; None if these feeds need a closer look."""
        if not (_seem_right(self.first, feeds) and self._are_prefixes(feeds)):
            return None
        fed = {name: feeds[name] for name in self.placeholders}
        for name, rows in self.rows.items():
            row = rows.known.get(fed[name].tobytes())
            fed[name] = rows.added(fed[name]) if row is None else row
            if fed[name] is None:
                return None
        for name, shape in self.shapes.items():
            fed[name] = enlarged(fed[name], shape)
        outs = self.run({name: held[name] for name in self.held}, fed, self.extents, key)
        if not _seem_right(self.meanwhile, feeds):
            return None
        results = {name: np.asarray(value) for name, value in outs.items()}
        for name, cut in self.cuts.items():
            results[name] = results[name][cut]
        return results

    def _are_prefixes(self, feeds: Arrays) -> bool:
        for existence in self.existences:
            if not existence.is_prefix(feeds):
                return False
        return True


def _seem_right(looks: Looks, feeds: Arrays) -> bool:
    for name, seems_right in looks:
        if not seems_right(feeds[name]):
            return False
    return True


class Routes:
    """The routes of one graph, by what was asked for and the names, shapes and types of feeds."""

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._known: dict[Any, Route] = {}

    def __len__(self) -> int:
        return len(self._known)

    def known(self, graph: Graph, names: tuple[Any, ...], feeds: Any) -> Route | None:
        """The way that such feeds took before."""
        if graph is not self._graph:
            return None
        try:
            return self._known.get(_key(names, feeds))
        except (AttributeError, TypeError):  # rows or names in lists, no feeds at all
            return None

    def remember(
        self, graph: Graph, names: tuple[str, ...], program: Program, feeds: Arrays, ready: Ready
    ) -> None:
        """Keeps the way that these feeds took, unless it depended on what they hold."""
        if graph is not self._graph or len(self._known) >= MOST:
            self._graph, self._known = graph, {}
        if _is_plain(program, feeds, ready):
            self._known[_key(names, feeds)] = _route(program, feeds, ready)


def _key(names: tuple[Any, ...], feeds: Arrays) -> tuple[Any, ...]:
    key: list[Any] = [names]
    for name, array in feeds.items():
        key += name, array.__class__, array.shape, array.dtype
    return tuple(key)


def _is_plain(program: Program, feeds: Arrays, ready: Ready) -> bool:
    """Whether arrays went in as they were fed: nothing was compacted, cast or made."""
    if program.mode.parts or program.mode.validity or ready.fed.moved:
        return False
    if not all(type(value) is np.ndarray for value in feeds.values()):
        return False
    return all(ready.fed.arrays[name] is feeds.get(name) for name in ready.arrays)


def _route(program: Program, feeds: Arrays, ready: Ready) -> Route:
    leaves, looks, doubtful = program.graph.leaves, _looks(program, feeds), _doubtful(program)
    masks = existences(leaves, ready.arrays)
    single = [existence for existence in masks if existence.is_one_row(feeds)]
    rows = {e.masks[0]: Rows(ready.arrays[e.masks[0]].shape) for e in single}
    shapes = {n: a.shape for n, a in ready.arrays.items() if a.shape != feeds[n].shape}
    return Route(
        program.run,
        program.held,
        program.placeholders,
        jax.device_put(ready.extents),
        program.random,
        tuple((n, look) for n, look in looks if n in doubtful),
        tuple((n, look) for n, look in looks if n not in doubtful),
        tuple(existence for existence in masks if existence not in single),
        rows,
        {name: shape for name, shape in shapes.items() if name not in rows},
        {name: _cut(program, name, ready) for name in program.outputs} if shapes else {},
    )


def _looks(program: Program, feeds: Arrays) -> Looks:
    limits = limits_of(program)
    looks = ((name, glance(feeds[name], limits.get(name))) for name in program.placeholders)
    return tuple((name, look) for name, look in looks if look is not None)


def _doubtful(program: Program) -> set[str]:
    """Placeholders in which what looks wrong may be right: in padding, or by a closer limit."""
    limits, leaves = limits_of(program), program.graph.leaves
    return {n for n in program.placeholders if leaves[n].mask or isinstance(limits.get(n), tuple)}


def _cut(program: Program, name: str, ready: Ready) -> tuple[slice, ...]:
    shape = program.notes.values[name].shape
    return tuple(slice(size_of(dim, ready.fed.sizes)) for dim in shape)
