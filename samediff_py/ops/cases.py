"""What stands beside an op for its tests: calls that must hold, and calls that must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spec:
    """An array of a test case: its shape, and what stands in it."""

    shape: tuple[int, ...]
    draw: str = "normal"  # above (1), boolean, definite, integer, positive, probability, unit
    high: int = 4  # integers are below it,
    low: int = 0  # and not below this
    dtype: str | None = None  # what the draw gives, unless said

    @property
    def type(self) -> str:
        return self.dtype or {"integer": "int32", "boolean": "bool"}.get(self.draw, "float32")


Padded = Mapping[str, tuple[int, int | None]]
"""For each padded input the axes of (batch, time); None where it has one entry per example."""


@dataclass(frozen=True)
class Case:
    """Inputs by shape or `Spec`, parameters, and which inputs are padded along (batch, time).

    Padded axes of one size are one dim; an input with (batch, None) has one entry per example.
    """

    inputs: tuple[Any, ...]
    params: Mapping[str, Any]
    padded: Padded = field(default_factory=dict)
    gradient: bool = True


def case(
    *inputs: Any,
    padded: Padded | None = None,
    gradient: bool = True,
    **params: Any,
) -> Case:
    """A call that the battery of tests makes: `case((2, 5, 3), axis=1, padded={"x": (0, 1)})`."""
    return Case(inputs, params, padded or {}, gradient)


@dataclass(frozen=True)
class Wrong:
    """A call that must fail, and what the message must say."""

    inputs: tuple[Any, ...]
    params: Mapping[str, Any]
    match: str


def wrong(*inputs: Any, match: str, **params: Any) -> Wrong:
    return Wrong(inputs, params, match)
