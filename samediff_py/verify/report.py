"""What `verify_padding` found, as text and as an error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..foundation.errors import PaddingLeakError
from ..foundation.source import Source
from ..ir.graph import Node
from .compare import Difference

TESTS = {
    "definition": "each example alone, at its own length, without masks",
    "content": "other things in padded slots, bit for bit the same",
    "amount": "more padding",
    "company": "the same examples",
    "emptiness": "an example more without a single real position",
}


@dataclass(frozen=True)
class Test:
    """A property, what is done to see whether it holds, and how numbers show that it does not."""

    name: str
    detail: str
    shows: str = "differ by up to {most:.3g}"


@dataclass(frozen=True)
class Leak:
    """One variable that padding changes.

    `kind` says what changes: a value, which elements are real (validity), the gradient that the op
    hands back to its input `through`, or that the op raises (error). `tests` are all the properties
    that fail for this variable, `test` is the first of them (definition, content, amount, company
    or emptiness), `made` what was done to see it.
    """

    name: str
    kind: str
    found: Difference | str
    made: Test
    node: Node
    through: str = ""
    tests: tuple[str, ...] = ()
    advice: str = ""

    @property
    def test(self) -> str:
        """The first property that fails."""
        return self.made.name

    @property
    def source(self) -> Source | None:
        """The user's line that made the variable."""
        return self.node.source

    @property
    def difference(self) -> float:
        """The greatest change; infinite where one of the two is NaN, or there is no other."""
        return self.found.most if isinstance(self.found, Difference) else float("inf")

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"  {self.node}"
        if self.source is not None:
            yield f"  at {self.source}"
        others = [test for test in self.tests if test != self.test]
        also = f" (as do: {', '.join(others)})" if others else ""
        yield f"{self.test} fails{also}: {self.made.detail}, {self._what}"
        yield f"What to do: {self.advice}"

    @property
    def _what(self) -> str:
        found = self.found
        if isinstance(found, str):
            return f"it raises: {found}"
        whose = f" in example {found.example}" if found.example is not None else ""
        if found.counts is not None:
            before, now = found.counts
            return f"{now} elements{whose} are real instead of {before}"
        what = f"gradients by {self.through!r}" if self.kind == "gradient" else "real numbers"
        shows = self.made.shows.format(most=found.most)
        return f"{found.changed} of {found.compared} {what} {shows}{whose and f', first{whose}'}"


@dataclass(frozen=True)
class Check:
    """A test that was made: how often, and on how many real numbers and gradients."""

    test: str
    details: tuple[str, ...]
    numbers: int
    gradients: int

    def __str__(self) -> str:
        gradients = f" and {self.gradients:,} gradients" if self.gradients else ""
        done = f" ({'; '.join(self.details)})" if self.details else ""
        return f"  {self.test:<11} {TESTS[self.test]}{done}: {self.numbers:,} numbers{gradients}"


@dataclass(frozen=True)
class Report:
    """The answer of `verify_padding`. `leaks` are in the order of the graph, and those that only
    gradients show behind them, from the loss backwards: the first is the one to look at."""

    leaks: tuple[Leak, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    headline: str
    outputs: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether padding changed nothing."""
        return not self.leaks

    @property
    def first_leak(self) -> Leak | None:
        """The first variable that leaks; those behind it may only pass it on."""
        return self.leaks[0] if self.leaks else None

    def raise_if_leaking(self) -> None:
        """Raises `PaddingLeakError` with this report as its message, if anything leaks."""
        if not self.ok:
            raise PaddingLeakError(str(self))

    def __str__(self) -> str:
        checked = ["Checked:", *map(str, self.checks)]
        notes = [f"Note: {note}" for note in self.notes]
        return "\n".join([*self._verdict(), "", self.headline, *checked, *notes])

    __repr__ = __str__

    def _verdict(self) -> Iterator[str]:
        if self.first_leak is None:
            yield "Padding changes nothing."
            return
        first = self.first_leak
        what = "the gradient of " if first.kind == "gradient" else ""
        yield f"Padding leaks, first into {what}{first.name!r}:"
        yield str(first)
        names = {leak.name for leak in self.leaks}
        changed = [name for name in self.outputs if name in names and name != first.name]
        if changed:
            yield f"Outputs that change: {', '.join(map(repr, changed))}."
