"""Feeds of shapes and types that were met before: what was decided then is not decided again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..compile.session import Program
from ..data.compaction import Existence, existences
from ..data.feeds import Fed
from ..foundation.dims import size_of

Arrays = Mapping[str, Any]

MOST = 256
"""Routes that a program keeps: a stream of ever new shapes must not fill the memory."""


@dataclass(frozen=True)
class Route:
    """How such feeds go into a program and its results come back, if every row is a prefix.

    `widths`: of the arrays that are padded to the sizes of the program; `cuts`: of the results.
    """

    extents: Any
    existences: tuple[Existence, ...]
    widths: Mapping[str, list[tuple[int, int]]]
    cuts: Mapping[str, tuple[slice, ...]]

    def fits(self, feeds: Arrays) -> bool:
        """Whether no row has to be compacted."""
        return all(existence.is_prefix(feeds) for existence in self.existences)

    def into(self, program: Program, feeds: Arrays) -> dict[str, Any]:
        """The arrays of the program."""
        return {
            name: np.pad(feeds[name], self.widths[name]) if name in self.widths else feeds[name]
            for name in program.placeholders
        }

    def out_of(self, outs: Arrays) -> dict[str, np.ndarray]:
        """The results at the size that was fed."""
        arrays = {name: np.asarray(value) for name, value in outs.items()}
        return arrays | {name: arrays[name][cut] for name, cut in self.cuts.items()}


def route_for(program: Program, feeds: Any) -> Route | None:
    """The way that feeds of these shapes and types took before."""
    key = _key(feeds)
    return program.derived("routes", dict).get(key) if key is not None else None


def remember(program: Program, feeds: Any, fed: Fed, arrays: Arrays, real: Any) -> None:
    """Keeps the way that these feeds took, unless it depended on what they hold."""
    key, routes = _key(feeds), program.derived("routes", dict)
    if key is None or not _is_plain(program, feeds, fed, arrays):
        return
    if len(routes) >= MOST:
        routes.clear()
    routes[key] = _route(program, feeds, fed, arrays, real)


def _key(feeds: Any) -> tuple[Any, ...] | None:
    """Names, shapes and types of feeds that are arrays, all of them."""
    if not isinstance(feeds, Mapping):
        return None
    if not all(isinstance(value, np.ndarray) for value in feeds.values()):
        return None
    return tuple((name, value.shape, value.dtype) for name, value in feeds.items())


def _is_plain(program: Program, feeds: Arrays, fed: Fed, arrays: Arrays) -> bool:
    """Whether arrays went in as they were fed: nothing was compacted, cast or made."""
    if program.mode.parts or program.mode.validity or fed.moved:
        return False
    return all(fed.arrays[name] is feeds.get(name) for name in arrays)


def _route(program: Program, feeds: Arrays, fed: Fed, arrays: Arrays, real: Any) -> Route:
    pairs = {name: (feeds[name].shape, arrays[name].shape) for name in arrays}
    widths = {
        name: [(0, n - m) for m, n in zip(have, want, strict=True)]
        for name, (have, want) in pairs.items()
        if have != want
    }
    cuts = {name: _cut(program, name, fed) for name in program.outputs} if widths else {}
    rows = existences(program.graph.leaves, arrays)
    return Route(jax.device_put(real), rows, widths, cuts)


def _cut(program: Program, name: str, fed: Fed) -> tuple[slice, ...]:
    shape = program.notes.values[name].shape
    return tuple(slice(size_of(dim, fed.sizes)) for dim in shape)
