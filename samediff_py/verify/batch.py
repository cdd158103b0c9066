"""The examples that were fed, as one batch and one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..data.compaction import compacted
from ..data.feeds import read_feeds
from ..foundation.dims import Dim, Shape, size_of
from ..ir.graph import Graph
from ..passes.lookups import id_limits
from .subject import Subject, widened

Arrays = dict[str, np.ndarray]
MOST_EXAMPLES = 16
"""Each of them is run alone, and every new length is compiled."""


@dataclass(frozen=True)
class Batch:
    """Arrays for one run. `rows` are those of `examples`; what stands in others is nobody's."""

    arrays: Arrays
    rows: tuple[int, ...]
    examples: tuple[int, ...]
    sizes: Mapping[str, int]
    extents: np.ndarray | None = None

    def ids(self, example: str | None) -> np.ndarray:
        """The example in each row; -1 where none of the fed ones stands."""
        ids = np.full(self.sizes[example] if example else 1, -1)
        ids[list(self.rows)] = self.examples
        return ids

    def only(self, examples: Sequence[int]) -> Batch:
        """The same arrays, of which only these examples are looked at."""
        where = dict(zip(self.examples, self.rows, strict=True))
        return replace(self, rows=tuple(where[i] for i in examples), examples=tuple(examples))


@dataclass(frozen=True)
class Fed:
    """The batch as the library takes it (real positions in front), and as it was fed.

    `own` holds, for each example, which positions along each padded dim are real; `numbers` are
    the examples' rows in the feeds, which hold `count`.
    """

    batch: Batch
    arrays: Arrays
    own: tuple[Mapping[str, np.ndarray], ...]
    numbers: tuple[int, ...]
    count: int

    def sizes(self, example: int) -> dict[str, int]:
        """The sizes of the dims for that example alone."""
        return {**self.batch.sizes, **{dim: len(at) for dim, at in self.own[example].items()}}

    @property
    def examples(self) -> range:
        return range(len(self.own))

    def is_empty(self, example: int) -> bool:
        return any(len(at) == 0 for at in self.own[example].values())


def read(subject: Subject, graph: Graph, feeds: Mapping[str, Any]) -> Fed:
    """What was fed to the graph, as far as it matters; of many examples, some of all lengths."""
    limits = id_limits(subject.graph, subject.notes)
    placeholders = subject.placeholders
    fed = read_feeds(graph, placeholders, feeds, subject.bounds, limits)
    arrays = {name: np.asarray(array) for name, array in fed.arrays.items()}
    for move in reversed(fed.moved):
        arrays = {name: move.back(placeholders[name].shape, a) for name, a in arrays.items()}
    count = fed.sizes.get(subject.example or "", 1)
    numbers = _spread(subject, arrays, count) if count > MOST_EXAMPLES else np.arange(count)
    arrays = {
        n: take(placeholders[n].shape, a, subject.example, numbers) for n, a in arrays.items()
    }
    sizes = {**fed.sizes, **({subject.example: len(numbers)} if subject.example else {})}
    inside = dict(arrays)
    compacted(placeholders, inside)
    own = tuple(_own_positions(subject, arrays, i) for i in range(len(numbers)))
    everybody = tuple(range(len(numbers)))
    batch = Batch(inside, everybody, everybody, sizes)
    return Fed(batch, arrays, own, tuple(map(int, numbers)), count)


def _spread(subject: Subject, arrays: Arrays, count: int) -> np.ndarray:
    """Examples from the shortest to the longest."""
    own = [_own_positions(subject, arrays, i) for i in range(count)]
    lengths = [sum(map(len, positions.values())) for positions in own]
    picked = np.linspace(0, count - 1, MOST_EXAMPLES).round().astype(int)
    return np.sort(np.argsort(lengths, kind="stable")[picked])


def take(shape: Shape, array: np.ndarray, dim: str | None, at: Any) -> np.ndarray:
    """These positions along every axis of that dim."""
    for axis, size in enumerate(shape):
        if isinstance(size, Dim) and size.text == dim:
            array = np.take(array, at, axis)
    return array


def _own_positions(subject: Subject, arrays: Arrays, example: int) -> dict[str, np.ndarray]:
    """Along each padded dim, the positions that some mask calls real for this example.

    Rows of a mask [batch, time] are compacted, so gaps go too; elsewhere only the end is cut.
    """
    real: dict[str, np.ndarray] = {}
    ragged: set[str] = set()
    for name, mask in subject.masks.items():
        lies = [dim.text if isinstance(dim, Dim) else "" for dim in mask.shape]
        if subject.example is not None and lies.count(subject.example) != 1:
            continue
        array = take(mask.shape, arrays[name] != 0, subject.example, [example])
        for axis, dim in enumerate(lies):
            if dim in subject.padded:
                others = tuple(a for a in range(array.ndim) if a != axis)
                real[dim] = np.any(array, axis=others) | real.get(dim, False)
                ragged |= {dim} if len(lies) == 2 and subject.example else set()
    return {dim: _positions(some, dim in ragged) for dim, some in real.items()}


def _positions(real: np.ndarray, ragged: bool) -> np.ndarray:
    at = np.flatnonzero(real)
    return at if ragged else np.arange(at[-1] + 1 if len(at) else 0)


def alone(subject: Subject, fed: Fed, example: int) -> Batch:
    """One example at its own length: its padding is cut out of every feed."""
    sizes = {**fed.sizes(example), **({subject.example: 1} if subject.example else {})}
    arrays: Arrays = {}
    for name, leaf in subject.placeholders.items():
        has_row = subject.example is None or subject.layouts[name].has_examples
        array = fed.arrays[name] if has_row else fed.batch.arrays[name]
        array = take(leaf.shape, array, subject.example, [example])
        for dim, at in fed.own[example].items():
            array = take(leaf.shape, array, dim, at if has_row else np.arange(len(at)))
        arrays[name] = array[tuple(slice(size_of(dim, sizes)) for dim in leaf.shape)]
    return Batch(arrays, (0,), (example,), sizes)


def fed_in_double(fed: Fed) -> Fed:
    wide = {name: widened(array) for name, array in fed.batch.arrays.items()}
    batch = replace(fed.batch, arrays=wide)
    arrays = {name: widened(array) for name, array in fed.arrays.items()}
    return replace(fed, batch=batch, arrays=arrays)
