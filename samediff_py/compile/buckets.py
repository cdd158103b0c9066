"""Length buckets: sizes are rounded up, so that a stream of lengths makes a handful of programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..foundation.dims import Bounds

Sizes = Mapping[str, int]


def rounded(size: int, bounds: Bounds) -> int:
    """The next of 1, 2, 4, 8, 16, 24, 32, 48, 64, 96, ...; within the bounds of the dim."""
    power = 1 << max(size - 1, 0).bit_length()
    middle = power * 3 // 4
    up = middle if power >= 16 and middle >= size else power
    up = math.ceil(up / bounds.multiple_of) * bounds.multiple_of
    return up if bounds.max is None else max(min(up, bounds.max), size)


@dataclass
class Buckets:
    """The programs of one function by their sizes, at most `budget` of them.

    When the budget is spent, sizes are rounded up to a program that covers them; only sizes that
    none covers make another, which then covers all.
    """

    budget: int = 8
    programs: list[dict[str, int]] = field(default_factory=list)

    def choose(self, sizes: Sizes, exact: Sizes, bounds: Mapping[str, Bounds]) -> dict[str, int]:
        """Sizes for the program to run: `exact` ones as they are, the others rounded up."""
        wanted = {name: rounded(n, bounds.get(name, Bounds())) for name, n in sizes.items()}
        known = [p for p in self.programs if all(p.get(n) == size for n, size in exact.items())]
        fitting = [p for p in known if all(p[name] >= n for name, n in sizes.items())]
        if (full := {**wanted, **exact}) in known:
            return full
        close = [p for p in fitting if _volume(p) <= _volume(full)]
        if close or (fitting and len(self.programs) >= self.budget):
            return min(close or fitting, key=_volume)
        if len(known) >= self.budget:
            largest = {n: max(p[n] for p in known) for n in sizes}
            full |= {n: max(full[n], largest[n]) for n in sizes}
        self.programs.append(full)
        return full


def _volume(sizes: Sizes) -> int:
    return math.prod(sizes.values())
