"""Tests of single elements, as SameDiff's conditions name them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """A test of single elements: `Condition("greater_than", 0.5)`, `Condition("is_nan")`.

    Kinds: equals, not_equals, greater_than, less_than, each also with abs_ before it (of |x|) and
    the last two with _or_equal behind; eps_equals, eps_not_equals; is_nan, is_infinite,
    is_finite, not_finite. As in SameDiff, equals too means "within `eps`", and not_equals is exact.
    """

    kind: str
    value: float = 0.0
    eps: float = 1e-5


class _Conditions:
    """Conditions as SameDiff makes them: `Conditions.greaterThan(0.5)`."""

    def __getattr__(self, name: str) -> Callable[..., Condition]:
        if name.startswith("_"):
            raise AttributeError(name)
        kind = re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)
        return lambda value=0.0, eps=1e-5: Condition(kind, value, eps)


Conditions = _Conditions()
