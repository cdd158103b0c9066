"""One run of everything that a graph computes: values, validity, and what flows back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from ..compile.lower import Mode, lower
from ..compile.quick import quickly_compiled
from ..compile.taps import tapped
from ..foundation.dims import size_of
from ..foundation.dtypes import host_dtype
from ..foundation.errors import reason_of
from ..ir.graph import Graph, Node
from ..kernels.loss_reduction import ratio
from ..passes.annotate import Notes
from ..passes.prune import prune
from .batch import Batch
from .objective import Objective, Wholes
from .subject import Subject, descendants

Edge = tuple[str, str]
"""A value, and the first output of a node that takes it."""


@dataclass(frozen=True)
class Outcome:
    """What one run gave. `flows`: the gradient of the objective by each value, by who takes it;
    `totals`: losses as (total, count); `failed`: why a node could not run, by its first output."""

    values: Mapping[str, np.ndarray]
    valid: Mapping[str, np.ndarray]
    flows: Mapping[Edge, np.ndarray] = field(default_factory=dict)
    totals: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    def validity(self, name: str, array: np.ndarray) -> np.ndarray:
        """Which elements of the value are real; all, if it does not depend on feeds."""
        return self.valid[name] if name in self.valid else np.ones(array.shape, bool)


class Trial:
    """A graph made ready for such runs; every new set of sizes is compiled once.

    It runs in inference mode, and past the buckets unless dims are said to be `bucketed`.
    """

    def __init__(
        self,
        subject: Subject,
        objective: Objective | None,
        *,
        graph: Graph | None = None,
        notes: Notes | None = None,
        bucketed: frozenset[str] = frozenset(),
    ):
        self.subject, self.objective, self.bucketed = subject, objective, bucketed
        self.graph, self.notes = graph or subject.graph, notes or subject.notes
        self.undifferentiable: str | None = None
        self._programs: dict[Any, Callable[..., Any]] = {}

    def __call__(self, batch: Batch, whole: Wholes | None = None) -> Outcome:
        """`whole`: what losses are of the batch that this one is a part of."""
        values = {**self.subject.held, **batch.arrays}
        given = batch.ids(self.subject.example), batch.extents, whole or {}
        names, failed = self.subject.names, {}
        while True:
            try:
                outs, flows = self._run(names, values, batch.sizes, given)
                return _outcome(jax.device_get(outs), jax.device_get(flows), failed)
            except Exception as error:  # whatever an op raises is something to report
                culprit = self._culprit(names, values, batch.extents)
                if culprit is None and self.undifferentiable is not None:
                    raise
                if culprit is None:
                    self.undifferentiable = reason_of(error)
                else:
                    node, failed[node.outputs[0]] = culprit
                    names = self._without(names, node)

    def _culprit(
        self, names: tuple[str, ...], values: Mapping[str, Any], extents: Any
    ) -> tuple[Node, str] | None:
        """The first node that can't run at these sizes, and why."""
        done: set[str] = set()
        graph = prune(self.graph, names)
        mode = self._mode(names, lambda node, _: done.add(node.outputs[0]))
        try:
            jax.eval_shape(lower(graph, self.notes, names, mode), values, extents, self.subject.key)
        except Exception as error:
            node = next((n for n in graph.nodes if n.outputs[0] not in done), None)
            cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
            return (node, reason_of(cause)) if node is not None else None
        return None

    def _without(self, names: Sequence[str], node: Node) -> tuple[str, ...]:
        gone = descendants(self.graph, node.outputs)
        return tuple(name for name in names if name not in gone)

    def _mode(self, names: Sequence[str], watch: Any = None) -> Mode:
        return Mode(
            bucketed=self.bucketed,
            parts=self.subject.parts & frozenset(names),
            validity=frozenset(names),
            filled=False,
            watch=watch,
        )

    def _run(
        self,
        names: tuple[str, ...],
        values: Mapping[str, Any],
        sizes: Mapping[str, int],
        given: Any,
    ) -> Any:
        wanted = self.objective is not None and self.objective.has_any(names)
        if wanted and self.undifferentiable is None:
            make = lambda: self._backward(names)  # noqa: E731
            return self._kept(("backward", names), make)(values, sizes, given)
        return self._kept(("forward", names), lambda: self._forward(names))(values, given[1]), {}

    def _forward(self, names: tuple[str, ...]) -> Callable[..., Any]:
        function = lower(prune(self.graph, names), self.notes, names, self._mode(names))

        def run(values: Any, extents: Any) -> Any:
            return function(values, extents, self.subject.key)

        return quickly_compiled(run)

    def _backward(self, names: tuple[str, ...]) -> Callable[..., Any]:
        """Every edge into a float input gets a zero, whose gradient is what flows back there."""
        graph, notes, taps = tapped(prune(self.graph, names), self.notes)
        function = lower(graph, notes, names, self._mode(names))

        def run(values: Any, zeros: Any, ids: Any, extents: Any, whole: Any) -> Any:
            def objective(zeros: Any) -> Any:
                outs = function({**values, **zeros}, extents, self.subject.key)
                assert self.objective is not None
                return self.objective(outs, ids, whole), outs

            return jax.value_and_grad(objective, has_aux=True)(zeros)

        jitted = quickly_compiled(run)

        def called(values: Any, sizes: Mapping[str, int], given: Any) -> Any:
            zeros = {zero: self._zeros(name, sizes) for (name, _), zero in taps.items()}
            (_, outs), flows = jitted(values, zeros, *given)
            return outs, {edge: flows[zero] for edge, zero in taps.items()}

        return called

    def _zeros(self, name: str, sizes: Mapping[str, int]) -> np.ndarray:
        value = self.notes.values[name]
        shape = tuple(size_of(dim, sizes) for dim in value.shape)
        return np.zeros(shape, host_dtype("float64" if self.subject.wide else value.dtype))

    def _kept(self, key: Any, make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        if key not in self._programs:
            self._programs[key] = make()
        return self._programs[key]


def _outcome(outs: dict[str, Any], flows: Any, failed: Mapping[str, str]) -> Outcome:
    valid = {name: outs.pop(f"{name}?") for name in [n for n in outs if f"{n}?" in outs]}
    totals = {name: value for name, value in outs.items() if isinstance(value, tuple)}
    values = {name: np.asarray(value) for name, value in outs.items() if name not in totals}
    values |= {n: np.asarray(ratio(total, count, np)) for n, (total, count) in totals.items()}
    return Outcome(values, valid, flows, totals, failed)
