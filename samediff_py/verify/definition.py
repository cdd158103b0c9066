"""The definition: each example alone, at its own length, without padding, masks or buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..foundation.dims import Dim
from ..ir.graph import Graph
from ..passes.annotate import annotate
from .batch import Fed, alone
from .subject import Subject, descendants
from .trial import Divisors, Edge, Outcome, Trial


def without_masks(subject: Subject) -> Subject:
    """The subject without the masks whose padding can be cut out of an example.

    That is a mask [batch, time] if no other one lies along the same dim. The others stay, as what
    `with_mask` says stays: they tell what is missing inside an example.
    """
    graph = subject.graph
    gone = {name for name in subject.masks if _is_cut_out(subject, name)}
    for leaf in subject.placeholders.values():
        if leaf.mask in gone:
            graph = graph.with_leaf(replace(leaf, mask=None))
    return replace(subject, graph=graph, notes=annotate(graph, subject.bounds))


def _is_cut_out(subject: Subject, name: str) -> bool:
    dims = set(subject.masks[name].shape)
    others = {d for other, leaf in subject.masks.items() if other != name for d in leaf.shape}
    rows = {dim for dim in dims if isinstance(dim, Dim) and dim.text == subject.example}
    return len(dims) == 2 and len(rows) == 1 and not (dims - rows) & others


@dataclass(frozen=True)
class Defined:
    """What each example gives alone. `outcomes` are those of `examples`, in order; `lacking` are
    the values that an example is too short for."""

    examples: Sequence[int]
    outcomes: Sequence[Outcome]
    lacking: Sequence[frozenset[str]]

    def having(self, name: str) -> list[tuple[int, Outcome]]:
        """The examples that have that value alone."""
        pairs = zip(self.examples, self.outcomes, self.lacking, strict=True)
        return [(i, out) for i, out, lacking in pairs if name in out.values and name not in lacking]

    @cached_property
    def whole(self) -> list[int]:
        """Examples that lack nothing."""
        pairs = zip(self.examples, self.outcomes, self.lacking, strict=True)
        return [i for i, outcome, lacking in pairs if not lacking and not outcome.failed]

    def flow(self, edge: Edge) -> list[tuple[int, Outcome]]:
        """The whole examples in which something flows back there."""
        pairs = zip(self.examples, self.outcomes, strict=True)
        return [(i, out) for i, out in pairs if i in self.whole and edge in out.flows]


def run_alone(trial: Trial, fed: Fed, divisors: Divisors) -> Defined:
    """Runs every example that is not empty."""
    examples = [i for i in fed.examples if not fed.is_empty(i)]
    outcomes = []
    for i in examples:
        outcomes.append(trial(alone(trial.subject, fed, i), divisors))
    return Defined(examples, outcomes, [_lacking(trial.graph, out) for out in outcomes])


def _lacking(graph: Graph, outcome: Outcome) -> frozenset[str]:
    """What is made of nothing: a window that is longer than the example leaves no position."""
    none = [name for name, value in outcome.values.items() if value.size == 0]
    return descendants(graph, none) - frozenset(none)
