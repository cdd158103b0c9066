"""How feeds of one shape and type go into a program, and how its results come back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np

from ..compile.session import Program
from ..data.checks import Glance, glance
from ..data.compaction import Existence, existences
from . import ways
from .ready import Ready, limits_of

Arrays = Mapping[str, Any]
Singles = Mapping[str, Existence]
"""Masks of one row, by their names."""


class Entry(NamedTuple):
    """An array that must be fed, and how it goes in where that is not as it is."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    way: ways.Way | ways.Rows | None


@dataclass(frozen=True, slots=True)
class Route:
    """What was decided for the first such feeds; they may be fed to it, if a glance at them finds
    nothing wrong.

    `before` the program runs feeds are looked at in which what seems wrong may be right, so that
    nothing runs in vain; others `meanwhile`, when the device is at work. `masked`: by array, its
    mask of one row and the axis along which that leaves only the beginning.
    """

    program: Program
    extents: Any
    entries: tuple[Entry, ...]
    trues: Mapping[str, jax.Array]  # masks that are fed as True
    unused: tuple[str, ...]  # what is fed for nothing
    exits: tuple[ways.Way, ...]
    before: tuple[Callable[[Arrays], bool], ...]
    meanwhile: tuple[tuple[str, Glance], ...]
    masked: Mapping[str, tuple[str, int]]

    def real(self, name: str, feeds: Arrays) -> np.ndarray:
        """What is real of an array; of one without a mask all."""
        if name not in self.masked:
            return feeds[name]
        mask, axis = self.masked[name]
        return feeds[name][(slice(None),) * axis + (slice(np.count_nonzero(feeds[mask])),)]


def is_plain(program: Program, feeds: Arrays, ready: Ready) -> bool:
    """Whether arrays went in as they were fed, and masks so or as True: nothing was compacted, cast
    or made."""
    if program.mode.parts or program.mode.validity or ready.fed.moved:
        return False
    trues = _trues(program, feeds)
    if not all(type(array) is np.ndarray for name, array in feeds.items() if name not in trues):
        return False
    return all(array is feeds.get(n) for n, array in ready.fed.arrays.items() if n not in trues)


def _trues(program: Program, feeds: Arrays) -> set[str]:
    """Masks that are fed as True."""
    masks = {leaf.mask for leaf in program.graph.leaves.values()}
    return {name for name, value in feeds.items() if value is True and name in masks}


def route_of(program: Program, feeds: Arrays, ready: Ready) -> Route:
    """The route that these feeds took."""
    trues, fed = _trues(program, feeds), ready.fed.arrays
    masks = [e for e in existences(program.graph.leaves, fed) if trues.isdisjoint(e.masks)]
    singles = {e.masks[0]: e for e in masks if e.is_one_row(fed)}
    looks, doubtful = _looks(program, fed), _doubtful(program, {*singles, *trues})
    return Route(
        program=program,
        extents=jax.device_put(ready.extents),
        entries=tuple(entry for entry in _entries(ready, singles) if entry.name not in trues),
        trues={name: jax.device_put(ready.arrays[name]) for name in fed if name in trues},
        unused=tuple(name for name in feeds if name not in fed),
        exits=tuple(_exits(program, ready)),
        before=(
            *(partial(_seems_right, name, look) for name, look in looks if name in doubtful),
            *(existence.is_prefix for existence in masks if existence not in singles.values()),
        ),
        meanwhile=tuple((name, look) for name, look in looks if name not in doubtful),
        masked=dict(_masked(program, singles)),
    )


def _entries(ready: Ready, singles: Singles) -> Iterator[Entry]:
    for name, array in ready.fed.arrays.items():
        way = _way(array.shape, ready.arrays[name].shape, name in singles)
        yield Entry(name, array.shape, array.dtype, way)


def _way(fed: tuple[int, ...], taken: tuple[int, ...], single: bool) -> ways.Way | ways.Rows | None:
    if single:
        return ways.Rows(fed, taken)
    return None if fed == taken else ways.widened(taken)


def _exits(program: Program, ready: Ready) -> Iterator[ways.Way]:
    fed = ready.fed
    as_fed = all(array.shape == fed.arrays[name].shape for name, array in ready.arrays.items())
    for name in program.returned:
        shape = program.notes.values[name].shape
        yield np.asarray if as_fed else ways.cut(shape, fed.sizes)


def _masked(program: Program, singles: Singles) -> Iterator[tuple[str, tuple[str, int]]]:
    for name, leaf in program.graph.leaves.items():
        if leaf.mask is not None and leaf.mask in singles:
            yield name, (leaf.mask, leaf.shape.index(singles[leaf.mask].time))


def _looks(program: Program, fed: Arrays) -> list[tuple[str, Glance]]:
    limits = limits_of(program)
    looks = ((name, glance(fed[name], limits.get(name))) for name in program.placeholders)
    return [(name, look) for name, look in looks if look is not None]


def _doubtful(program: Program, known: Collection[str]) -> set[str]:
    """Placeholders in which what looks wrong may be right: in padding, unless their mask is one
    of which it is known where that lies, or by a closer limit."""
    limits, leaves = limits_of(program), program.graph.leaves
    padded = {n for n in program.placeholders if leaves[n].mask and leaves[n].mask not in known}
    return padded | {name for name, limit in limits.items() if isinstance(limit, tuple)}


def _seems_right(name: str, look: Glance, feeds: Arrays) -> bool:
    return look(feeds[name])
