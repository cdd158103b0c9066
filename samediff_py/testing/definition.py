"""The definition: what the plain op gives for each example alone, at its own length.

No padding, no mask, no bucket and no rule takes part in it, so that it can judge them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from ..compile.lower import ratio
from ..foundation.dims import size_of
from ..ir.graph import Node, Ref
from ..ops.define import Op
from ..passes.infer import static_value
from . import cases
from .cases import ROWS, Example, Input
from .trial import Arrays, Trial, floating, score

SHARED = -1
"""The row of an input that all examples share."""

Outs = tuple[Any, ...]


@dataclass(frozen=True)
class Definition:
    """Outputs of each example (or of all as one), and gradients of the score by (row, input)."""

    groups: list[Outs]
    gradients: Mapping[tuple[int, str], Any]


def defined(trial: Trial, examples: Sequence[Example]) -> Definition:
    """What the case means for these examples, none of which may be empty."""
    given = {(row, n): a for row, e in enumerate(examples) for n, a in e.arrays.items()}
    given |= {(SHARED, name): array for name, array in trial.shared.items()}
    floats, rest = floating(given)

    def scored(floats: Arrays, rest: Arrays):
        groups = _groups(trial, [e.lengths for e in examples], {**floats, **rest})
        scores = [score(out[None], True) for group in groups for out in group]
        return sum(scores, jnp.zeros(())), groups

    (_, groups), gradients = jax.jit(jax.value_and_grad(scored, has_aux=True))(floats, rest)
    return Definition(*jax.device_get((groups, gradients)))


def _groups(trial: Trial, lengths: Sequence[Mapping[str, int]], arrays: Arrays) -> list[Outs]:
    shared = {name: a for (row, name), a in arrays.items() if row == SHARED}
    rows = [
        Example(own, {name: a for (n, name), a in arrays.items() if n == row})
        for row, own in enumerate(lengths)
    ]
    plain = _Plain(trial, shared)
    if trial.reading == "apart":
        return [plain.alone(example) for example in rows]
    if trial.reading == "joined":
        return [_joined([plain.alone(example) for example in rows])]
    if trial.op.loss:
        return [plain.ratio(rows)]
    return [plain(cases.pooled(trial.inputs, rows))]


def _joined(outs: Sequence[Outs]) -> Outs:
    """Row by row, behind one another."""
    return tuple(jnp.concatenate([jnp.ravel(out) for out in same]) for same in zip(*outs))


@dataclass(frozen=True)
class _Plain:
    """The kernel as the textbook has it."""

    trial: Trial
    shared: Arrays

    def alone(self, example: Example) -> Outs:
        """The outputs; none where the op refuses an example as short as this."""
        try:
            return self(example)
        except (IndexError, ValueError, TypeError):
            return ()

    def __call__(self, example: Example, **more: Any) -> Outs:
        out = self.trial.op.call({**self._arguments(example), **self._told(), **more})
        return tuple(out) if isinstance(out, tuple | list) else (out,)

    def ratio(self, examples: Sequence[Example]) -> Outs:
        """A loss is a sum and a count: sum of sums over sum of counts."""
        totals, counts = zip(*(self(e, parts=True) for e in examples), strict=True)
        return (ratio(sum(totals), sum(counts)),)

    def _told(self) -> dict[str, Any]:
        return {"training": True} if "training" in self.trial.op.injected else {}

    def _arguments(self, example: Example) -> dict[str, Any]:
        sizes = {**example.lengths, ROWS: 1}
        arrays = {**self.shared, **example.arrays}
        by_slot = {one.slot: arrays[one.name] for one in self.trial.inputs}
        return plain_arguments(self.trial.op, self.trial.node, by_slot, sizes)


def plain_arguments(
    op: Op, node: Node, arrays: Mapping[Any, Any], sizes: Mapping[str, int]
) -> dict[str, Any]:
    """The arguments of a kernel: the arrays by slot, the static values at these sizes."""

    def value(name: str, given: Any) -> Any:
        if isinstance(given, Ref):
            return arrays[name, None]
        if isinstance(given, tuple) and given and isinstance(given[0], Ref):
            return tuple(arrays[name, i] for i in range(len(given)))
        return static_value(op.params[name].role, given, lambda dim: size_of(dim, sizes))

    return {name: value(name, given) for name, given in node.args if name != "masked"}
