"""What the tests found: one leak for each variable, named by the first test that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..ir.graph import Node
from .advice import advice
from .compare import Closeness, Pair, difference, magnitude
from .report import Check, Leak, Test
from .subject import Subject
from .trial import Edge, Outcome


@dataclass
class Tally:
    """What one test has compared so far."""

    details: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    numbers: int = 0
    gradients: int = 0


class Findings:
    """Leaks by variable, or by edge where only a gradient shows them."""

    def __init__(self, subject: Subject, base: Outcome, tolerance: float):
        self.subject, self.base, self.tolerance = subject, base, tolerance
        self.notes: list[str] = []
        """What was left out, and why."""
        self._leaks: dict[str | Edge, Leak] = {}
        self._tallies: dict[str, Tally] = {}

    def began(self, test: str, *details: str) -> None:
        self._tally(test).details.extend(details)

    def _tally(self, test: str) -> Tally:
        return self._tallies.setdefault(test, Tally())

    @property
    def checks(self) -> tuple[Check, ...]:
        found = self._tallies.items()
        return tuple(Check(test, tuple(t.details), t.numbers, t.gradients) for test, t in found)

    def compared(self, test: str) -> set[str]:
        """The variables of which that test has seen numbers."""
        return self._tally(test).names

    # Comparing.

    def value(self, test: Test, name: str, pairs: Iterable[Pair], near: Closeness) -> None:
        found, compared = difference(pairs, near)
        tally = self._tally(test.name)
        tally.numbers += compared
        if compared:
            tally.names.add(name)
        if found is not None:
            kind = "validity" if found.counts else "value"
            self._add(name, test, Leak(name, kind, found, test, self._node(name)))

    def flow(self, test: Test, edge: Edge, pairs: Iterable[Pair], near: Closeness) -> None:
        """A gradient that is wrong behind an op and right before it is that op's doing."""
        found, compared = difference(pairs, near)
        self._tally(test.name).gradients += compared
        if found is not None:
            name = edge[1]
            self._add(edge, test, Leak(name, "gradient", found, test, self._node(name), edge[0]))

    def error(self, test: Test, name: str, message: str) -> None:
        self._add(name, test, Leak(name, "error", message, test, self._node(name)))

    def errors(self, test: Test, failed: Mapping[str, str]) -> None:
        for name, message in failed.items():
            self.error(test, name, message)

    def _node(self, name: str) -> Node:
        return self.subject.graph.makers[name]

    def _add(self, key: str | Edge, test: Test, leak: Leak) -> None:
        known = self._leaks.setdefault(key, leak)
        tests = dict.fromkeys((*known.tests, test.name))
        self._leaks[key] = replace(known, tests=tuple(tests))

    # How close numbers must be.

    def near(self, name: str) -> Closeness:
        """Rounding, by the size of the numbers and of those they are made of."""
        refs = self._node(name).refs
        inputs = max((self._magnitudes.get(ref, 0.0) for ref in refs), default=0.0)
        return Closeness(self.tolerance * (self._magnitudes.get(name, 0.0) + 1e-3 * inputs))

    @cached_property
    def _magnitudes(self) -> dict[str, float]:
        values, held = self.base.values, self.subject.held
        real = {name: magnitude(array[self.base.valid[name]]) for name, array in values.items()}
        return {**{name: magnitude(array) for name, array in held.items()}, **real}

    @cached_property
    def near_flow(self) -> Closeness:
        return Closeness(self.tolerance * max(map(magnitude, self.base.flows.values()), default=0))

    # The result.

    def leaks(self) -> tuple[Leak, ...]:
        """Values in the order of the graph; behind them gradients, from the loss backwards."""
        place = {name: i for i, name in enumerate(self.subject.graph.makers)}
        found = [self._advised(leak) for leak in self._leaks.values()]
        found.sort(key=lambda leak: place[leak.name])
        forward = [leak for leak in found if leak.kind != "gradient"]
        return (*forward, *reversed([leak for leak in found if leak.kind == "gradient"]))

    def _advised(self, leak: Leak) -> Leak:
        return replace(leak, advice=advice(self.subject, leak.node, leak.tests))
