"""The five tests, each a comparison of two runs, and what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..ir.graph import Node
from ..ir.masks import Tag
from ..passes.prune import ancestors
from .advice import advice
from .batch import Batch, Fed
from .compare import EQUAL, Closeness, Difference, Pair, difference, magnitude
from .definition import Defined, run_alone
from .perturb import (
    CONTENTS,
    in_next_bucket,
    longer,
    reordered,
    with_content,
    with_empty_row,
)
from .report import Check, Leak
from .subject import Subject, descendants
from .trial import Edge, Outcome, Trial

_MORE = (1, 5)
"""How many padded positions are added; then the next bucket."""


@dataclass
class Findings:
    """Leaks by variable (or by edge, where only a gradient shows them), and what was checked."""

    leaks: dict[Any, Leak] = field(default_factory=dict)
    details: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    gradients: dict[str, int] = field(default_factory=dict)

    def made(self, test: str, detail: str = "") -> None:
        details = self.details.setdefault(test, [])
        if detail:
            details.append(detail)

    def count(self, test: str, compared: int, *, gradient: bool = False) -> None:
        table = self.gradients if gradient else self.numbers
        table[test] = table.get(test, 0) + compared

    def add(self, key: str | Edge, leak: Leak) -> None:
        self.leaks.setdefault(key, leak)

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(
            Check(test, tuple(details), self.numbers.get(test, 0), self.gradients.get(test, 0))
            for test, details in self.details.items()
        )


class Examination:
    """Runs the tests on a subject. `base` is the batch as it was fed, and what it gives."""

    def __init__(self, subject: Subject, fed: Fed, trial: Trial, tolerance: float):
        self.subject, self.fed, self.trial, self.tolerance = subject, fed, trial, tolerance
        self.findings = Findings()
        self.base = trial(fed.batch)
        self._report_errors(self.base, "definition", "as fed")

    # The tests.

    def definition(self, alone: Trial) -> None:
        """Each example alone."""
        self.findings.made("definition")
        divisors = self._divisors()
        defined = run_alone(alone, self.fed, divisors)
        self._errors_alone(defined)
        for name in self._computed:
            if name in self.subject.parts:
                self._loss_alone(name, defined)
            elif name not in self.subject.random:
                pairs = self._pairs_alone(name, defined)
                self._compare("definition", "with each example alone", name, pairs, self._near(name))
        self._flows_alone(defined)

    def content(self) -> None:
        """Other things in padded slots; there are some, since the batch is made longer first."""
        batch = longer(self.subject, self.fed.batch, 1) or self.fed.batch
        clean = self.trial(batch)
        for seed, content in enumerate(CONTENTS):
            detail = f"with {content.name} in padded slots"
            self.findings.made("content", content.name)
            outcome = self.trial(with_content(self.subject, batch, content, seed))
            self._report_errors(outcome, "content", detail)
            self._same(clean, outcome, detail)
        self._flows_into_padding()

    def amount(self, bucketed: Trial | None) -> None:
        """More padding, fed and from buckets."""
        batch = self.fed.batch
        for by in _MORE:
            more = longer(self.subject, batch, by)
            if more is not None:
                shown = ", ".join(f"{dim}={more.sizes[dim]}" for dim in self.subject.padded)
                self._against("amount", shown, f"padded to {shown}", self.trial(more), more)
        if bucketed is not None:
            wide = in_next_bucket(self.subject, batch, bucketed.bucketed)
            if wide is not None:
                shown = "bucket " + ", ".join(f"{d}={wide.sizes[d]}" for d in wide.extents)
                self._against("amount", shown, f"in the {shown}", bucketed(wide), wide)

    def company(self) -> None:
        """The same examples in other rows."""
        batch = reordered(self.subject, self.fed.batch)
        self._against("company", "", "in another order", self.trial(batch), batch)

    def emptiness(self) -> None:
        """An example more, in which nothing is real: it counts nowhere, and gives no NaN."""
        batch, row = with_empty_row(self.subject, self.fed.batch)
        outcome = self.trial(batch)
        counting = self._counting(outcome, row)
        detail = "with an empty example more"
        self._against("emptiness", "", detail, outcome, batch, counting)
        for name in self._computed:
            self._finite(name, outcome, row, detail)

    # Runs of the whole batch.

    def _against(
        self,
        test: str,
        shown: str,
        detail: str,
        outcome: Outcome,
        batch: Batch,
        without: frozenset[str] = frozenset(),
    ) -> None:
        """Compares another batch of the same examples with the one that was fed."""
        self.findings.made(test, shown)
        self._report_errors(outcome, test, detail)
        by_row = self.subject.random if test in ("company", "emptiness") else frozenset()
        skipped = by_row | without
        for name in self._computed:
            if name not in skipped:
                pairs = self._pairs(name, self.base.values, outcome, outcome.values, batch, name)
                self._compare(test, detail, name, pairs, self._near(name))
        objective = self.trial.objective
        if objective is not None and not skipped.isdisjoint(objective.losses):
            return
        for edge in self._edges(outcome):
            if edge[0] not in skipped:
                pairs = self._pairs(edge[0], self.base.flows, outcome, outcome.flows, batch, edge)
                self._compare_flow(test, detail, edge, pairs, self._near_flow)

    def _pairs(
        self, name: str, base: Mapping[Any, Any], outcome: Outcome, other: Any, batch: Batch, key: Any
    ) -> Iterator[Pair]:
        layout = self.subject.layouts[name]
        if key not in base or key not in other or layout.is_vague:
            return
        was, now = self._valid(self.base, name, base[key]), self._valid(outcome, name, other[key])
        if not layout.by_example:
            fed = self.fed.batch
            one = layout.of_all(base[key], was, fed.rows, fed.sizes)
            yield None, one, layout.of_all(other[key], now, batch.rows, fed.sizes)
            return
        for i, row in zip(batch.examples, batch.rows, strict=True):
            own = self.fed.sizes(i)
            one = layout.of_example(base[key], was, i, own)
            yield self.fed.numbers[i], one, layout.of_example(other[key], now, row, own)

    def _valid(self, outcome: Outcome, name: str, array: np.ndarray) -> np.ndarray:
        return outcome.valid[name] if name in outcome.valid else np.ones(array.shape, bool)

    def _same(self, clean: Outcome, outcome: Outcome, detail: str) -> None:
        """Bit for bit, wherever an element is real: padding that counts as real shows here."""

        def pair(name: str, one: np.ndarray, other: np.ndarray) -> Iterable[Pair]:
            was, now = self._valid(clean, name, one), self._valid(outcome, name, other)
            return ((None, one[was], other[now]),)

        for name in self._computed:
            if name in clean.values and name in outcome.values:
                pairs = pair(name, clean.values[name], outcome.values[name])
                self._compare("content", detail, name, pairs, EQUAL)
        for edge in self._edges(outcome):
            if edge in clean.flows:
                pairs = pair(edge[0], clean.flows[edge], outcome.flows[edge])
                self._compare_flow("content", detail, edge, pairs, EQUAL)

    def _flows_into_padding(self) -> None:
        """What stands in a padded slot has no gradient: else an answer depends on it."""
        for edge, flow in self.base.flows.items():
            tag = self.subject.notes.tag(edge[0])
            if isinstance(tag, Tag) and tag.terms and edge[0] in self.base.valid:
                padded = flow[~self.base.valid[edge[0]]]
                pairs = ((None, np.zeros_like(padded), padded),)
                self._compare_flow("content", "in padded slots", edge, pairs, EQUAL)

    def _counting(self, outcome: Outcome, row: int) -> frozenset[str]:
        """Values to which the added example adds something, since its feeds have no mask."""
        found: set[str] = set()
        for node in self.subject.graph.nodes:
            if not found.isdisjoint(node.refs) or self._adds(node, outcome, row):
                found.update(node.outputs)
        return frozenset(found)

    def _adds(self, node: Node, outcome: Outcome, row: int) -> bool:
        """Whether several examples become one value, and all that comes in has the row."""
        layouts = self.subject.layouts
        if any(name in layouts and layouts[name].by_example for name in node.outputs):
            return False
        return self._has_row(node, outcome, row)

    def _has_row(self, node: Node, outcome: Outcome, row: int) -> bool:
        layouts = self.subject.layouts
        rows = [
            layouts[name].row(outcome.valid[name], row).any()
            for name in node.refs
            if name in outcome.valid and layouts[name].rows and layouts[name].by_example
        ]
        return bool(rows) and all(rows)

    def _finite(self, name: str, outcome: Outcome, row: int, detail: str) -> None:
        layout = self.subject.layouts[name]
        if name not in outcome.values or not (layout.by_example and layout.rows):
            return
        real = layout.row(outcome.values[name], row)[layout.row(outcome.valid[name], row)]
        if real.dtype.kind == "f" and not np.isfinite(real).all() and self._is_finite(name):
            message = f"{int((~np.isfinite(real)).sum())} numbers of that example are not finite"
            self._leak(name, "emptiness", "value", detail, message=message)

    def _is_finite(self, name: str) -> bool:
        return bool(np.isfinite(self.base.values[name]).all())

    # Runs of single examples.

    def _pairs_alone(self, name: str, defined: Defined) -> Iterator[Pair]:
        layout = self.subject.layouts[name]
        if name not in self.base.values or layout.is_vague or layout.is_whole:
            return
        base, valid = self.base.values[name], self.base.valid[name]
        having = defined.having(name)
        if layout.is_merged:
            if len(having) == len(defined.examples):
                parts = [out.values[name][out.valid[name]] for _, out in having]
                yield None, np.sort(base[valid]), np.sort(np.concatenate(parts or [base[:0]]))
            return
        for i, out in having:
            own = self.fed.sizes(i)
            one = layout.of_example(base, valid, i, own)
            other = layout.of_example(out.values[name], out.valid[name], 0, own)
            yield self.fed.numbers[i], one, other

    def _loss_alone(self, name: str, defined: Defined) -> None:
        """Sum of sums over sum of counts."""
        having = defined.having(name)
        if name not in self.base.values or not self._adds_up(name, [i for i, _ in having]):
            return
        total = sum(out.totals[name][0] for _, out in having)
        count = sum(out.totals[name][1] for _, out in having)
        sums = self.subject.graph.makers[name].get("reduction") == "sum"
        expected = np.asarray(total / (1 if sums or count == 0 else count))
        pairs = [(None, self.base.values[name], expected)]
        detail = "as the sum over single examples by the sum of their counts"
        self._compare("definition", detail, name, pairs, self._near(name))

    def _adds_up(self, loss: str, examples: Sequence[int]) -> bool:
        """Whether the loss is one over single examples, and these are all that it counts."""
        made_of = ancestors(self.subject.graph, [loss]) - {loss}
        if made_of & (self.subject.mixed | self.subject.random):
            return False
        node = self.subject.graph.makers[loss]
        left_out = set(self.fed.examples) - set(examples)
        return not any(self._has_row(node, self.base, i) for i in left_out)

    def _divisors(self) -> dict[str, Any]:
        """The count of the batch: gradients of single examples then add up."""
        counts = {name: count for name, (_, count) in self.base.totals.items()}
        return {name: np.asarray(count if count != 0 else 1) for name, count in counts.items()}

    def _flows_alone(self, defined: Defined) -> None:
        objective = self.trial.objective
        if objective is None or not self.base.flows:
            return
        parts = set(objective.losses) <= self.subject.parts
        if not parts or not all(self._adds_up(n, defined.whole) for n in objective.losses):
            return
        base = self.base
        if not objective.losses and len(defined.whole) < len(self.fed.examples):
            base = self.trial(self.fed.batch.only(defined.whole))
        for edge in base.flows:
            if edge[0] in self.subject.layouts and edge[0] not in self.subject.random:
                pairs = self._flow_pairs_alone(edge, base, defined)
                self._compare_flow("definition", "with each example alone", edge, pairs, self._near_flow)

    def _flow_pairs_alone(self, edge: Edge, base: Outcome, defined: Defined) -> Iterator[Pair]:
        name, layout, flow = edge[0], self.subject.layouts[edge[0]], base.flows[edge]
        having = defined.flow(edge)
        if layout.by_example and layout.rows:
            valid = self._valid(base, name, flow)
            for i, out in having:
                own = self.fed.sizes(i)
                now = self._valid(out, name, out.flows[edge])
                one = layout.of_example(flow, valid, i, own)
                yield self.fed.numbers[i], one, layout.of_example(out.flows[edge], now, 0, own)
        elif name not in self.subject.fed and all(o.flows[edge].shape == flow.shape for _, o in having):
            yield None, flow, np.asarray(sum(out.flows[edge] for _, out in having))

    def _errors_alone(self, defined: Defined) -> None:
        """An op that raises for an example alone must not have an answer for it in the batch."""
        for i, outcome in zip(defined.examples, defined.outcomes, strict=True):
            for name, message in outcome.failed.items():
                if self._answers(name, i):
                    detail = f"with example {self.fed.numbers[i]} alone"
                    self._leak(name, "definition", "error", detail, message=message)

    def _answers(self, name: str, example: int) -> bool:
        layout = self.subject.layouts[name]
        if name not in self.base.valid or not (layout.by_example and layout.rows):
            return True
        return bool(layout.row(self.base.valid[name], example).any())

    # What was found.

    @cached_property
    def _computed(self) -> tuple[str, ...]:
        return tuple(name for name in self.subject.names if name in self.subject.graph.makers)

    def _edges(self, outcome: Outcome) -> list[Edge]:
        known = self.subject.layouts
        return [e for e in outcome.flows if e in self.base.flows and e[0] in known]

    def _near(self, name: str) -> Closeness:
        """Rounding, by the size of the numbers and of those they were made of."""
        made_of = self.subject.graph.makers[name].refs
        inputs = max((self._magnitudes.get(ref, 0.0) for ref in made_of), default=0.0)
        return Closeness(self.tolerance * (self._magnitudes.get(name, 0.0) + 1e-3 * inputs))

    @cached_property
    def _magnitudes(self) -> dict[str, float]:
        values, held = self.base.values, self.subject.held
        real = {name: magnitude(a[self.base.valid[name]]) for name, a in values.items()}
        return {**{name: magnitude(array) for name, array in held.items()}, **real}

    @cached_property
    def _near_flow(self) -> Closeness:
        return Closeness(self.tolerance * max(map(magnitude, self.base.flows.values()), default=0.0))

    def _compare(
        self, test: str, detail: str, name: str, pairs: Iterable[Pair], closeness: Closeness
    ) -> None:
        found, compared = difference(pairs, closeness)
        self.findings.count(test, compared)
        if found is not None:
            self._leak(name, test, "validity" if found.counts else "value", detail, found)

    def _compare_flow(
        self, test: str, detail: str, edge: Edge, pairs: Iterable[Pair], closeness: Closeness
    ) -> None:
        found, compared = difference(pairs, closeness)
        self.findings.count(test, compared, gradient=True)
        if found is not None:
            self._leak(edge[1], test, "gradient", detail, found, through=edge)

    def _leak(
        self,
        name: str,
        test: str,
        kind: str,
        detail: str,
        found: Difference | None = None,
        *,
        message: str = "",
        through: Edge | None = None,
    ) -> None:
        node = self.subject.graph.makers[name]
        advised = advice(self.subject, node, test)
        source = through[0] if through else ""
        leak = Leak(name, test, kind, detail, node, advised, found, message, source)
        self.findings.add(through or name, leak)

    def _report_errors(self, outcome: Outcome, test: str, detail: str) -> None:
        for name, message in outcome.failed.items():
            self._leak(name, test, "error", detail, message=message)

    def leaks(self) -> tuple[Leak, ...]:
        """Values in the order of the graph; behind them gradients, from the loss backwards."""
        place = {name: i for i, name in enumerate(self.subject.graph.makers)}
        found = self.findings.leaks.values()
        forward = [leak for leak in found if leak.kind != "gradient"]
        backward = [leak for leak in found if leak.kind == "gradient"]
        key: Callable[[Leak], int] = lambda leak: place[leak.name]  # noqa: E731
        return (*sorted(forward, key=key), *sorted(backward, key=key, reverse=True))
