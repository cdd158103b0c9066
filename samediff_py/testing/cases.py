"""Arrays for the cases that stand beside an op: drawn by the op's name and the case's number.

A padded input is drawn example by example, each of its own length, and batches are put together
from examples: so that what an op gives for a batch can be compared with each example alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..foundation.digest import digest
from ..foundation.dtypes import is_float
from ..ops.cases import Case, Spec, Wrong
from ..ops.record import Op
from ..ops.site import Slot

ROWS = "batch"
"""The dim that examples lie along."""

Garbage = Mapping[str, float]
"""What stands in padding, by the kind of the array: "f", "i" or "b"."""

CLEAN: Garbage = {"f": 0.0, "i": 0, "b": False}


@dataclass(frozen=True)
class Input:
    """One array that a case calls for.

    `batch` is its axis of examples and `time` the one that is padded, along the dim `dim`; an
    input without either is shared by all examples.
    """

    name: str
    slot: Slot
    spec: Spec
    batch: int | None = None
    time: int | None = None
    dim: str | None = None

    @property
    def mask(self) -> str:
        return f"{self.dim or ROWS}_mask"

    @property
    def padding(self) -> str:
        """What stands in the padding of the op's input, whose placeholder is cleaned."""
        return f"{self.name}_padding"

    def dtype(self, floats: str) -> str:
        return floats if is_float(self.spec.type) else self.spec.type

    @property
    def shape(self) -> tuple[int | str, ...]:
        """Sizes, with names for the dims that differ from batch to batch."""
        names = {self.time: self.dim, self.batch: ROWS}
        return tuple(names.get(axis) or size for axis, size in enumerate(self.spec.shape))

    def sized(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape where the named dims have these sizes."""
        return tuple(sizes[n] if isinstance(n, str) else n for n in self.shape)

    def draw(self, sizes: Mapping[str, int], rng: np.random.Generator, floats: str) -> np.ndarray:
        drawn = np.asarray(_DRAWS[self.spec.draw](rng, self.sized(sizes), self.spec))
        return drawn.astype(self.dtype(floats))


_DRAWS = {
    "normal": lambda rng, shape, spec: rng.normal(size=shape),
    "positive": lambda rng, shape, spec: rng.uniform(0.5, 2.0, shape),
    "above": lambda rng, shape, spec: rng.uniform(1.5, 3.0, shape),
    "unit": lambda rng, shape, spec: rng.uniform(-0.9, 0.9, shape),
    "probability": lambda rng, shape, spec: rng.uniform(0.05, 0.95, shape),
    "integer": lambda rng, shape, spec: rng.integers(spec.low, spec.high, shape),
    "boolean": lambda rng, shape, spec: rng.random(shape) < 0.5,
    "definite": lambda rng, shape, spec: _definite(rng.normal(size=shape)),
}


def _definite(x: np.ndarray) -> np.ndarray:
    """Positive definite symmetric matrices in the last two axes."""
    return x @ x.swapaxes(-1, -2) + np.eye(x.shape[-1])


@dataclass(frozen=True)
class Example:
    """One row of a batch: its length along each padded dim, and its arrays (batch of one)."""

    lengths: Mapping[str, int]
    arrays: Mapping[str, Any]

    @property
    def sizes(self) -> dict[str, int]:
        return {ROWS: 1, **self.lengths}

    @property
    def is_empty(self) -> bool:
        """Whether some dim has no position: alone, the plain op may have no answer then."""
        return 0 in self.lengths.values()

    @property
    def is_nothing(self) -> bool:
        """Whether there is no position at all."""
        return not any(self.lengths.values())


# What a case calls for.


def number_of(op: Op, case: Case) -> int:
    return op.cases.index(case)


def generator(op: Op, case: Case, stream: int) -> np.random.Generator:
    """Random numbers of a case; streams are independent of each other."""
    return np.random.default_rng((digest(op.title), number_of(op, case), stream))


def inputs_of(op: Op, case: Case | Wrong) -> tuple[Input, ...]:
    """The arrays of a case, in the order of the op's parameters."""
    names = [name for name in op.inputs if name not in case.params]
    padded = case.padded if isinstance(case, Case) else {}
    dims: dict[int, str] = {}
    inputs = []
    for name, given in zip(names, case.inputs, strict=False):
        for slot, spec in _slots(op, name, given):
            text = name if slot[1] is None else f"{name}{slot[1]}"
            batch, time = padded.get(name, (None, None))
            dim = None if time is None else _dim(spec.shape[time], dims)
            inputs.append(Input(text, slot, spec, batch, time, dim))
    return tuple(inputs)


def _slots(op: Op, name: str, given: Any) -> Iterator[tuple[Slot, Spec]]:
    if op.params[name].role == "inputs":
        yield from (((name, i), _spec(one)) for i, one in enumerate(given))
    else:
        yield (name, None), _spec(given)


def _spec(given: Any) -> Spec:
    return given if isinstance(given, Spec) else Spec(tuple(given))


def _dim(size: int, known: dict[int, str]) -> str:
    """Padded axes of one size are one dim: `time`, then `time2`, ..."""
    return known.setdefault(size, f"time{len(known) + 1}" if known else "time")


def call_values(op: Op, case: Case | Wrong, operands: Mapping[Slot, Any]) -> dict[str, Any]:
    """The call by parameter name, with these operands by slot."""
    values = {p.name: p.default for p in op.params.values()} | dict(case.params)
    for (name, i), operand in operands.items():
        values[name] = operand if i is None else [*(values[name] if i else []), operand]
    return values


def sizes_of(inputs: Sequence[Input]) -> dict[str, int]:
    """The size of each padded dim, as the case gives it."""
    return {i.dim: i.spec.shape[i.time] for i in inputs if i.dim and i.time is not None}


def ragged_lengths(sizes: Mapping[str, int]) -> list[dict[str, int]]:
    """A full example, a short one, one of a single position, and an empty one.

    Where there are several dims, one is full where the next is short. Without any, an example is
    there or it is not.
    """
    sizes = sizes or {ROWS: 1}
    short = {dim: n // 2 + 1 for dim, n in sizes.items()}
    crossed = [
        {dim: (sizes, short)[(i + row) % 2][dim] for i, dim in enumerate(sizes)} for row in (0, 1)
    ]
    return [*crossed, dict.fromkeys(sizes, 1), dict.fromkeys(sizes, 0)]


# Batches.


def batch_of(
    inputs: Sequence[Input],
    examples: Sequence[Example],
    sizes: Mapping[str, int],
    fill: Garbage = CLEAN,
) -> dict[str, np.ndarray]:
    """Arrays and masks of a batch with `sizes`, which may be larger than any example needs;
    `fill` stands where there is none."""
    arrays: dict[str, np.ndarray] = {}
    for one in inputs:
        if one.batch is None:
            continue
        dtype = examples[0].arrays[one.name].dtype
        whole = np.full(one.sized(sizes), fill[dtype.kind], dtype)
        for row, example in enumerate(examples):
            if (place := place_of(one, example, row)) is not None:
                whole[place] = example.arrays[one.name]
        arrays[one.name], arrays[one.mask] = whole, mask_of(one, examples, sizes)
    return arrays


def place_of(one: Input, example: Example, row: int) -> tuple[slice, ...] | None:
    """Where an array of the example lies in the batch; None where it is not there.

    An input without positions of its own is there unless the example has none at all.
    """
    if one.batch is None or (one.time is None and example.is_nothing):
        return None
    place = [slice(None)] * len(one.spec.shape)
    place[one.batch] = slice(row, row + 1)
    if one.time is not None and one.dim is not None:
        place[one.time] = slice(example.lengths[one.dim])
    return tuple(place)


def real_slots(one: Input, examples: Sequence[Example], sizes: Mapping[str, int]) -> np.ndarray:
    """True where an input of the batch holds something real, element by element."""
    real = np.zeros(one.sized(sizes), bool)
    for row, example in enumerate(examples):
        if (place := place_of(one, example, row)) is not None:
            real[place] = True
    return real


def mask_of(one: Input, examples: Sequence[Example], sizes: Mapping[str, int]) -> np.ndarray:
    """The companion mask: real slots without the axes of fixed size."""
    fixed = tuple(a for a in range(len(one.spec.shape)) if a not in (one.batch, one.time))
    return np.asarray(real_slots(one, examples, sizes).all(axis=fixed))


def pooled(inputs: Sequence[Input], examples: Sequence[Example]) -> Example:
    """All examples as one: their positions behind one another."""
    lengths = {dim: sum(e.lengths[dim] for e in examples) for dim in examples[0].lengths}
    own = [one for one in inputs if one.batch is not None]
    together = {
        one.name: jnp.concatenate([e.arrays[one.name] for e in examples], one.time) for one in own
    }
    return Example(lengths, together)
