"""`sd.output`: checked feeds in, arrays of the size that was fed out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..compile.session import Program
from ..data.checks import check_values
from ..data.feeds import Fed, read_feeds
from ..foundation.dims import Bounds, Dim, Shape, size_of, symbols_of
from ..foundation.errors import MaskError
from ..ir.graph import Graph, Leaf
from ..ir.masks import Lost, Tag, Term, Validity
from ..passes.annotate import Notes
from ..passes.lookups import Limit, id_limits
from .routes import remember, route_for


@dataclass(frozen=True)
class Run:
    """What one run of a program gave, at the sizes that were fed."""

    values: dict[str, np.ndarray]
    validity: dict[str, np.ndarray] = field(default_factory=dict)
    parts: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    examples: int = 1

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]


def ragged_outputs(notes: Notes, names: Iterable[str]) -> frozenset[str]:
    """Those of the names whose first axis holds as many results as the values say."""
    tags = {name: notes.tag(name) for name in names}
    ragged = notes.plan.is_ragged
    return frozenset(n for n, tag in tags.items() if isinstance(tag, Tag) and ragged(tag))


def check_outputs(notes: Notes, names: Iterable[str]) -> None:
    """An output whose validity is not known can't be handed out."""
    for name in names:
        tag = notes.tag(name)
        if isinstance(tag, Lost):
            raise MaskError(
                f"{name!r} is asked for, but which of its elements are real was lost at "
                f"{tag.variable!r} ({tag.reason})\n  lost at {tag.source}"
            )


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
    if want == array.shape:
        return array
    return np.pad(np.asarray(array), [(0, n - m) for n, m in zip(want, array.shape, strict=True)])


def run(
    program: Program,
    graph: Graph,
    held: Mapping[str, Any],
    feeds: Mapping[str, Any],
    bounds: Mapping[str, Bounds],
    key: Any,
) -> Run:
    """The outputs of a program for these feeds."""
    arrays_held = {name: held[name] for name in program.held}
    route = route_for(program, feeds) if not bounds else None
    if route is not None and route.fits(feeds):
        arrays = route.into(program, feeds)
        outs = program.run(arrays_held, arrays, route.extents, key)
        check_values(program.graph.leaves, arrays, limits_of(program))  # while the program runs
        return Run(route.out_of(outs))
    fed = read_for(program, graph, feeds, bounds)
    sizes = program.sizes_for(fed.sizes, bounds)
    arrays, real = padded(program, fed, sizes), program.extents(fed.sizes, sizes)
    remember(program, feeds, fed, arrays, real)
    return _sorted(program, fed, program.run(arrays_held, arrays, real, key))


def _sorted(program: Program, fed: Fed, outs: Mapping[str, Any]) -> Run:
    run = Run({}, {}, {}, _examples(program, fed))
    for name, value in outs.items():
        if isinstance(value, tuple):
            run.parts[name] = value
            continue
        shape = program.notes.values[name.removesuffix("?")].shape
        table = run.validity if name.endswith("?") else run.values
        table[name.removesuffix("?")] = restored(value, shape, fed)
    for name in ragged_outputs(program.notes, run.values):
        if name in run.validity:
            _cut(run, name)
    return run


def _cut(run: Run, name: str) -> None:
    """Leaves the results that there are, of as many as there could be."""
    valid = run.validity[name]
    found = valid.reshape(len(valid), -1).any(axis=1)
    run.values[name], run.validity[name] = run.values[name][found], valid[found]


def as_rows(notes: Notes, run: Run) -> dict[str, Any]:
    """Values; of those that are padded behind their first axis a list of rows, each of its size."""
    rows = {}
    for name, value in run.values.items():
        axes = sorted({a for t in _masks(notes.tag(name)) for a in t.axes if a > 0})
        pairs = zip(value, run.validity[name], strict=True)
        rows[name] = [_real_slots(*pair, axes) for pair in pairs] if axes else value
    return rows


def _masks(tag: Validity) -> list[Term]:
    return [term for term in tag.terms if not term.is_extent] if isinstance(tag, Tag) else []


def _real_slots(row: np.ndarray, valid: np.ndarray, axes: Iterable[int]) -> np.ndarray:
    """A row without the slots that are all padding; `axes` count the axis of the rows as well."""
    for axis in axes:
        others = tuple(a for a in range(row.ndim) if a != axis - 1)
        keep = valid.any(axis=others)
        row, valid = row.compress(keep, axis - 1), valid.compress(keep, axis - 1)
    return row


def _examples(program: Program, fed: Fed) -> int:
    dim = batch_dim(program)
    return fed.sizes.get(dim, 1) if dim else 1


def batch_dim(program: Program) -> str | None:
    """The dim that examples lie along: the one called batch, or the first of the placeholders."""
    leaves = program.graph.leaves
    masks = {leaf.mask for leaf in leaves.values()}
    shapes = [leaves[name].shape for name in program.placeholders if name not in masks]
    first = [shape[0].text for shape in shapes if shape and isinstance(shape[0], Dim)]
    return "batch" if "batch" in symbols_of(shapes) else next(iter(first), None)


def restored(value: Any, shape: Shape, fed: Fed) -> np.ndarray:
    """A result at the size that was fed, its positions where they were fed."""
    array = np.asarray(value)
    want = tuple(size_of(dim, fed.sizes) for dim in shape)
    if want != array.shape:
        array = array[tuple(slice(n) for n in want)]
    for move in reversed(fed.moved):
        array = move.back(shape, array)
    return array
