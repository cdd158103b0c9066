"""How feeds of one shape and type go into a program, and how its results come back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import numpy as np

from ..compile.session import Program
from ..data.checks import Glance, glance
from ..data.compaction import Existence, existences
from . import ways
from .ready import Ready, limits_of

Arrays = Mapping[str, Any]
Entry = tuple[str, tuple[int, ...], np.dtype, ways.Way | None]
"""What must be fed, and how it goes in where that is not as it is."""
Singles = Mapping[str, Existence]
"""Masks of one row, by their names."""


@dataclass(frozen=True, slots=True)
class Route:
    """What was decided for the first such feeds; they may be fed to it, if a glance at them finds
    nothing wrong.

    `tests` are made before the program runs: of feeds in which what seems wrong may be right, so
    that nothing runs in vain. `looks` are taken while the device is at work. `masked`: by array,
    its mask of one row and the axis along which that leaves only the beginning.
    """

    run: Callable[..., dict[str, Any]]
    count: int  # of arrays that are fed
    entries: tuple[Entry, ...]
    exits: tuple[tuple[str, ways.Way], ...]
    extents: Any
    random: bool
    tests: tuple[Callable[[Arrays], bool], ...]
    looks: tuple[tuple[str, Glance], ...]
    masked: Mapping[str, tuple[str, int]]

    def real(self, name: str, feeds: Arrays) -> np.ndarray:
        """What is real of an array; of one without a mask all."""
        if name not in self.masked:
            return feeds[name]
        mask, axis = self.masked[name]
        return feeds[name][(slice(None),) * axis + (slice(np.count_nonzero(feeds[mask])),)]


def is_plain(program: Program, feeds: Arrays, ready: Ready) -> bool:
    """Whether arrays went in as they were fed: nothing was compacted, cast or made."""
    if program.mode.parts or program.mode.validity or ready.fed.moved:
        return False
    if not all(type(value) is np.ndarray for value in feeds.values()):
        return False
    return all(ready.fed.arrays[name] is feeds.get(name) for name in ready.arrays)


def route_of(program: Program, feeds: Arrays, ready: Ready, arrays: Arrays) -> Route:
    """The route that these feeds took; `arrays` are all that the graph holds."""
    masks = existences(program.graph.leaves, ready.arrays)
    singles = {e.masks[0]: e for e in masks if e.is_one_row(feeds)}
    looks, doubtful = _looks(program, feeds), _doubtful(program, singles)
    return Route(
        run=program.run if len(program.held) == len(arrays) else _holding(program),
        count=len(feeds),
        entries=tuple(_entries(feeds, ready, singles)),
        exits=tuple(_exits(program, feeds, ready)),
        extents=jax.device_put(ready.extents),
        random=program.random,
        tests=(
            *(partial(_seems_right, name, look) for name, look in looks if name in doubtful),
            *(existence.is_prefix for existence in masks if existence not in singles.values()),
            *(partial(_is_fed, name) for name in feeds if name not in ready.arrays),
        ),
        looks=tuple((name, look) for name, look in looks if name not in doubtful),
        masked=dict(_masked(program, singles)),
    )


def _holding(program: Program) -> Callable[..., dict[str, Any]]:
    """The program, which takes what it needs of all arrays."""

    def run(arrays: Arrays, *rest: Any) -> dict[str, Any]:
        return program.run({name: arrays[name] for name in program.held}, *rest)

    return run


def _entries(feeds: Arrays, ready: Ready, singles: Singles) -> Iterator[Entry]:
    for name, taken in ready.arrays.items():
        array, way = feeds[name], None
        if name in singles:
            way = ways.row(taken.shape)
        elif taken.shape != array.shape:
            way = ways.widened(taken.shape)
        yield name, array.shape, array.dtype, way


def _exits(program: Program, feeds: Arrays, ready: Ready) -> Iterator[tuple[str, ways.Way]]:
    whole = all(array.shape == feeds[name].shape for name, array in ready.arrays.items())
    for name in program.outputs:
        shape = program.notes.values[name].shape
        yield name, np.asarray if whole else ways.cut(shape, ready.fed.sizes)


def _masked(program: Program, singles: Singles) -> Iterator[tuple[str, tuple[str, int]]]:
    for name, leaf in program.graph.leaves.items():
        if leaf.mask is not None and leaf.mask in singles:
            yield name, (leaf.mask, leaf.shape.index(singles[leaf.mask].time))


def _looks(program: Program, feeds: Arrays) -> list[tuple[str, Glance]]:
    limits = limits_of(program)
    looks = ((name, glance(feeds[name], limits.get(name))) for name in program.placeholders)
    return [(name, look) for name, look in looks if look is not None]


def _doubtful(program: Program, singles: Collection[str]) -> set[str]:
    """Placeholders in which what looks wrong may be right: in padding, where that is not cut off
    by a mask of one row, or by a closer limit."""
    limits, leaves = limits_of(program), program.graph.leaves
    padded = {n for n in program.placeholders if leaves[n].mask and leaves[n].mask not in singles}
    return padded | {name for name, limit in limits.items() if isinstance(limit, tuple)}


def _seems_right(name: str, look: Glance, feeds: Arrays) -> bool:
    return look(feeds[name])


def _is_fed(name: str, feeds: Arrays) -> bool:
    return name in feeds
