"""Content, amount, company, emptiness: the whole batch against itself under other conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..ir.graph import Node
from ..ir.masks import Tag
from .batch import Batch, Fed
from .compare import EQUAL, Closeness, Pair
from .findings import Findings
from .perturb import (
    CONTENTS,
    in_next_bucket,
    longer,
    reordered,
    with_content,
    with_empty_row,
    with_other_company,
)
from .report import Test
from .subject import Subject
from .trial import Edge, Outcome, Trial

_MORE = (1, 5)
"""How many padded positions are added; then comes the next bucket."""


class Examination:
    """A subject, the batch as it was fed, and what that gives: `base`."""

    def __init__(self, subject: Subject, fed: Fed, trial: Trial, tolerance: float):
        self.subject, self.fed, self.trial = subject, fed, trial
        self.base = trial(fed.batch)
        self.findings = Findings(subject, self.base, tolerance)
        self.findings.errors(Test("definition", "as fed"), self.base.failed)
        self.computed = tuple(name for name in subject.names if name in subject.graph.makers)

    def content(self) -> None:
        """Other things in padded slots; there are some, since the batch is made longer first."""
        batch = longer(self.subject, self.fed.batch, 1) or self.fed.batch
        clean = self.trial(batch)
        for seed, content in enumerate(CONTENTS):
            self.findings.began("content", content.name)
            test = Test("content", f"with {content.name} in padded slots")
            outcome = self.trial(with_content(self.subject, batch, content, seed))
            self.findings.errors(test, outcome.failed)
            self._same(test, clean, outcome)
        self._flows_into_padding()

    def amount(self, bucketed: Trial | None) -> None:
        """More padding, fed and from buckets."""
        batch = self.fed.batch
        for by in _MORE:
            more = longer(self.subject, batch, by)
            if more is not None:
                shown = ", ".join(f"{dim}={more.sizes[dim]}" for dim in self.subject.padded)
                self.findings.began("amount", shown)
                self._against(Test("amount", f"padded to {shown}"), self.trial(more), more)
        wide = in_next_bucket(self.subject, batch, bucketed.bucketed) if bucketed else None
        if bucketed is not None and wide is not None:
            shown = "bucket " + ", ".join(
                f"{dim}={wide.sizes[dim]}" for dim in sorted(bucketed.bucketed)
            )
            self.findings.began("amount", shown)
            self._against(Test("amount", f"in the {shown}"), bucketed(wide), wide)

    def company(self) -> None:
        """The same examples in other rows; half of them among others."""
        self.findings.began("company", "in another order", "among others")
        batch = reordered(self.subject, self.fed.batch)
        test = Test("company", "in another order")
        self._against(test, self.trial(batch), batch, self.subject.random)
        batch = with_other_company(self.subject, self.fed.batch)
        apart = self.subject.random | self.subject.mixed | self.subject.merged
        test = Test("company", "among other examples")
        self._values_against(test, self.trial(batch), batch, apart)

    def emptiness(self) -> None:
        """An example more, in which nothing is real: it counts nowhere, and gives no NaN."""
        self.findings.began("emptiness")
        test = Test("emptiness", "with an empty example more")
        batch, row = with_empty_row(self.subject, self.fed.batch)
        outcome = self.trial(batch)
        counting = self._counting(outcome, row)
        self._against(test, outcome, batch, self.subject.random | counting)
        test = Test("emptiness", "in an empty example", "are not finite")
        for name in self.computed:
            self._finite(test, name, outcome, row)

    # Two batches.

    def _against(
        self, test: Test, outcome: Outcome, batch: Batch, without: frozenset[str] = frozenset()
    ) -> None:
        """Another batch of the same examples, and the one that was fed."""
        self._values_against(test, outcome, batch, without)
        objective = self.trial.objective
        if objective is not None and without.isdisjoint(objective.losses):
            for edge in self.edges(outcome):
                if edge[0] not in without:
                    pairs = self._pairs(
                        edge[0], edge, self.base.flows, outcome.flows, outcome, batch
                    )
                    self.findings.flow(test, edge, pairs, self.findings.near_flow)

    def _values_against(
        self, test: Test, outcome: Outcome, batch: Batch, without: frozenset[str]
    ) -> None:
        self.findings.errors(test, outcome.failed)
        for name in self.computed:
            if name not in without:
                pairs = self._pairs(name, name, self.base.values, outcome.values, outcome, batch)
                self.findings.value(test, name, pairs, self.findings.near(name))

    def _pairs(
        self,
        name: str,
        key: str | Edge,
        base: Mapping[Any, np.ndarray],
        other: Mapping[Any, np.ndarray],
        outcome: Outcome,
        batch: Batch,
    ) -> Iterator[Pair]:
        """What each example has of the array in both; `name` says how it is laid out."""
        layout = self.subject.layouts[name]
        if key not in base or key not in other or layout.is_vague:
            return
        one, two = base[key], other[key]
        was, now = self.base.validity(name, one), outcome.validity(name, two)
        if not layout.by_example:
            rows, sizes = self.fed.batch.rows, self.fed.batch.sizes
            real = layout.of_all(one, was, rows, sizes)
            yield None, real, layout.of_all(two, now, batch.rows, sizes)
            return
        for i, row in zip(batch.examples, batch.rows, strict=True):
            own = self.fed.sizes(i)
            real = layout.of_example(one, was, i, own)
            yield self.fed.numbers[i], real, layout.of_example(two, now, row, own)

    def edges(self, outcome: Outcome) -> list[Edge]:
        """Where gradients can be compared."""
        known = self.subject.layouts
        return [e for e in outcome.flows if e in self.base.flows and e[0] in known]

    # Content.

    def _same(self, test: Test, clean: Outcome, outcome: Outcome) -> None:
        """Bit for bit, wherever an element is real: padding that counts as real shows here."""

        def pairs(name: str, one: np.ndarray, other: np.ndarray) -> Iterable[Pair]:
            was, now = clean.validity(name, one), outcome.validity(name, other)
            return ((None, one[was], other[now]),)

        for name in self.computed:
            if name in clean.values and name in outcome.values:
                both = pairs(name, clean.values[name], outcome.values[name])
                self.findings.value(test, name, both, EQUAL)
        for edge in self.edges(outcome):
            if edge in clean.flows:
                both = pairs(edge[0], clean.flows[edge], outcome.flows[edge])
                self.findings.flow(test, edge, both, EQUAL)

    def _flows_into_padding(self) -> None:
        """What stands in a padded slot has no gradient: else an answer depends on it."""
        test = Test("content", "in padded slots", "should be 0 and go up to {most:.3g}")
        for edge, flow in self.base.flows.items():
            tag = self.subject.notes.tag(edge[0])
            if isinstance(tag, Tag) and tag.terms and edge[0] in self.base.valid:
                padded = flow[~self.base.valid[edge[0]]]
                both = ((None, np.zeros_like(padded), padded),)
                self.findings.flow(test, edge, both, EQUAL)

    # Emptiness.

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
        return self.has_row(node, outcome, row)

    def has_row(self, node: Node, outcome: Outcome, row: int) -> bool:
        """Whether all inputs of the node have something real in that row."""
        layouts = self.subject.layouts
        found = [
            layouts[name].row(outcome.valid[name], row).any()
            for name in node.refs
            if name in outcome.valid and layouts[name].rows and layouts[name].by_example
        ]
        return bool(found) and all(found)

    def _finite(self, test: Test, name: str, outcome: Outcome, row: int) -> None:
        layout = self.subject.layouts[name]
        if name not in outcome.values or not (layout.by_example and layout.rows):
            return
        if name in self.base.values and np.isfinite(self.base.values[name]).all():
            real = layout.row(outcome.values[name], row)[layout.row(outcome.valid[name], row)]
            both = ((None, np.zeros_like(real), np.where(np.isfinite(real), 0, real)),)
            self.findings.value(test, name, both, Closeness())
