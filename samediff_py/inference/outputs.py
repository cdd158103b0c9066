"""What a program gives: arrays of the size that was fed, with what is real of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..compile.session import Program
from ..data.feeds import Fed
from ..foundation.dims import Shape, size_of
from ..foundation.errors import MaskError
from ..ir.graph import example_dim
from ..ir.masks import Lost, Tag, Term, Validity
from ..passes.annotate import Notes
from .ready import Ready


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


def run(program: Program, ready: Ready, held: Mapping[str, Any], key: Any) -> Run:
    """The outputs of a program for these feeds."""
    found = program.run({**held, **ready.arrays}, ready.extents, key)
    return _sorted(program, ready.fed, found)


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
        rows[name] = _cut_rows(value, run.validity[name], axes) if axes else value
    return rows


def _cut_rows(value: np.ndarray, valid: np.ndarray, axes: Iterable[int]) -> list[np.ndarray]:
    return [_real_slots(*pair, axes) for pair in zip(value, valid, strict=True)]


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
    """The dim that the examples of its placeholders lie along."""
    return example_dim(program.graph.leaves[name] for name in program.placeholders)


def restored(value: Any, shape: Shape, fed: Fed) -> np.ndarray:
    """A result at the size that was fed, its positions where they were fed."""
    array = np.asarray(value)
    want = tuple(size_of(dim, fed.sizes) for dim in shape)
    if want != array.shape:
        array = array[tuple(slice(n) for n in want)]
    for move in reversed(fed.moved):
        array = move.back(shape, array)
    return array
