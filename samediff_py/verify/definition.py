"""The definition as a test: each example alone, at its own length, against its row of the batch.

Alone, there is neither padding nor mask nor bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..foundation.dims import Dim
from ..ir.graph import Graph
from ..kernels.loss_reduction import ratio
from ..passes.annotate import annotate
from ..passes.prune import ancestors
from .batch import Fed, alone
from .compare import Pair
from .examination import Examination
from .objective import Objective, Wholes
from .report import Test
from .subject import Subject, descendants
from .trial import Edge, Outcome, Trial

_TEST = Test("definition", "with each example alone")
_NO_FLOWS = "gradients were not compared with single examples"
_SUMS = Test("definition", "as the sum over single examples by the sum of their counts")


# Alone.


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


def _run_alone(trial: Trial, fed: Fed, batch: Wholes) -> Defined:
    """Runs every example that is not empty."""
    examples = [i for i in fed.examples if not fed.is_empty(i)]
    outcomes = []
    for i in examples:
        outcomes.append(trial(alone(trial.subject, fed, i), batch))
    return Defined(examples, outcomes, [_lacking(trial.graph, out) for out in outcomes])


def _lacking(graph: Graph, outcome: Outcome) -> frozenset[str]:
    """What is made of nothing: a window that is longer than the example leaves no position."""
    none = [name for name, value in outcome.values.items() if value.size == 0]
    return descendants(graph, none) - frozenset(none)


# Against the batch.


def examine_singles(examination: Examination, alone: Trial) -> None:
    """Values, losses, gradients, and ops that raise."""
    examination.findings.began("definition")
    defined = _run_alone(alone, examination.fed, examination.base.totals)
    singles = _Singles(examination, defined)
    singles.errors()
    singles.values()
    singles.flows()


class _Singles:
    def __init__(self, examination: Examination, defined: Defined):
        self.examination, self.defined = examination, defined
        self.subject, self.fed = examination.subject, examination.fed
        self.base, self.findings = examination.base, examination.findings

    def errors(self) -> None:
        """An op that raises for an example alone must not have an answer for it in the batch."""
        for i, outcome in zip(self.defined.examples, self.defined.outcomes, strict=True):
            test = Test("definition", f"with example {self.fed.numbers[i]} alone")
            for name, message in outcome.failed.items():
                if self._answers(name, i):
                    self.findings.error(test, name, message)

    def _answers(self, name: str, example: int) -> bool:
        layout = self.subject.layouts[name]
        if name not in self.base.valid or not (layout.by_example and layout.rows):
            return True
        return bool(layout.row(self.base.valid[name], example).any())

    def values(self) -> None:
        for name in self.examination.computed:
            if name in self.subject.random or name not in self.base.values:
                continue
            if name in self.subject.parts:
                self.findings.value(_SUMS, name, self._loss(name), self.findings.near(name))
            else:
                self.findings.value(_TEST, name, self._pairs(name), self.findings.near(name))

    def _pairs(self, name: str) -> Iterator[Pair]:
        layout = self.subject.layouts[name]
        base, valid = self.base.values[name], self.base.valid[name]
        having = self.defined.having(name)
        if layout.by_example:
            for i, out in having:
                own = self.fed.sizes(i)
                one = layout.of_example(base, valid, i, own)
                other = layout.of_example(out.values[name], out.valid[name], 0, own)
                yield self.fed.numbers[i], one, other
        elif layout.is_merged and having and len(having) == len(self.defined.examples):
            parts = [out.values[name][out.valid[name]] for _, out in having]
            yield None, np.sort(base[valid]), np.sort(np.concatenate(parts))

    def _loss(self, name: str) -> Iterator[Pair]:
        """Sum of sums over sum of counts; the count of a sum is 1."""
        having = self.defined.having(name)
        if self._adds_up(name, [i for i, _ in having]):
            total = sum(out.totals[name][0] for _, out in having)
            count = sum(out.totals[name][1] for _, out in having)
            sums = self.subject.graph.makers[name].get("reduction") == "sum"
            yield None, self.base.values[name], np.asarray(ratio(total, 1 if sums else count, np))

    def _adds_up(self, loss: str, examples: Sequence[int]) -> bool:
        """Whether the loss is one over single examples, and these are all that it counts."""
        made_of = ancestors(self.subject.graph, [loss]) - {loss}
        if made_of & (self.subject.mixed | self.subject.random):
            return False
        node, left_out = self.subject.graph.makers[loss], set(self.fed.examples) - set(examples)
        return not any(self.examination.has_row(node, self.base, i) for i in left_out)

    def flows(self) -> None:
        """Gradients add up over examples, where the objective is a sum over them."""
        trial = self.examination.trial
        if trial.objective is None or trial.undifferentiable is not None:
            return
        why = self._incomparable(trial.objective)
        if why is not None:
            self.findings.notes.append(f"{_NO_FLOWS}: {why}")
            return
        whole, base = self.defined.whole, self.base
        if not trial.objective.losses and len(whole) < len(self.fed.examples):
            base = trial(self.fed.batch.only(whole))
        for edge in self.examination.edges(base):
            if edge[0] not in self.subject.random:
                pairs = self._flow_pairs(edge, base)
                self.findings.flow(_TEST, edge, pairs, self.findings.near_flow)

    def _incomparable(self, objective: Objective) -> str | None:
        """Why single examples have no gradients that add up to those of the batch; None: they do.

        Said, since a report without a leak would pass for one in which they were looked at.
        """
        if not objective.has_any(self.base.values):
            return "there is no loss, and no output is one of floating point numbers by example"
        if not self.defined.whole:
            return "no example has an answer alone"
        wrong = [name for name in objective.losses if not self._is_sum(name)]
        if wrong:
            return f"{', '.join(map(repr, wrong))} is no sum over single examples by a count"
        if not any(map(self.defined.flow, self.base.flows)):
            return "nothing flows back from what they have"
        return None

    def _is_sum(self, loss: str) -> bool:
        return loss in self.subject.parts and self._adds_up(loss, self.defined.whole)

    def _flow_pairs(self, edge: Edge, base: Outcome) -> Iterator[Pair]:
        name, layout, flow = edge[0], self.subject.layouts[edge[0]], base.flows[edge]
        having = self.defined.flow(edge)
        if layout.by_example and layout.rows:
            for i, out in having:
                own, alone = self.fed.sizes(i), out.flows[edge]
                one = layout.of_example(flow, base.validity(name, flow), i, own)
                yield (
                    self.fed.numbers[i],
                    one,
                    layout.of_example(alone, out.validity(name, alone), 0, own),
                )
        elif name not in self.subject.fed:
            flows: list[Any] = [out.flows[edge] for _, out in having]
            everybody = len(having) == len(self.defined.whole)
            if everybody and all(one.shape == flow.shape for one in flows):
                yield None, flow, np.asarray(sum(flows))
