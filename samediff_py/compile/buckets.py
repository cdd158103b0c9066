"""Length buckets: sizes are rounded up, so that a stream of lengths makes a handful of programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..foundation.dims import Bounds

Sizes = Mapping[str, int]


def rounded(size: int, bounds: Bounds) -> int:
    """The next of 1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, ...; within the bounds of the dim, if
    the size is."""
    power = 1 << max(size - 1, 0).bit_length()
    middle = power * 3 // 4
    up = middle if power >= 16 and middle >= size else power
    least, up = (-(-n // bounds.multiple_of) * bounds.multiple_of for n in (size, up))
    return up if bounds.greatest is None else max(min(up, bounds.greatest), least)


def grown(size: int, largest: int, bounds: Bounds) -> int:
    """A size that covers that one and the largest so far; if it has to be larger than this, then
    by so much that a stream of growing sizes asks seldom: twice as large, within the bounds."""
    if size <= largest:
        return largest
    double = 2 * largest if bounds.greatest is None else min(2 * largest, bounds.greatest)
    return max(rounded(size, bounds), double)


@dataclass
class Buckets:
    """The programs of one function by their sizes: `budget` of them, and few more.

    The last of the budget is kept for sizes that none covers: where there is no other left, what
    is covered takes a program that covers it. What is not makes one that covers all before as
    well, and is twice as large as these along each dim that has to be larger. So there are at
    most `budget` programs, and one more each time the largest size of a dim doubles, or comes to
    its bound. Exact sizes can't be rounded up: every new combination of them makes a program,
    whatever the budget, and has doublings of its own.
    """

    budget: int = 8
    programs: list[dict[str, int]] = field(default_factory=list)

    def choose(self, sizes: Sizes, exact: Sizes, bounds: Mapping[str, Bounds]) -> dict[str, int]:
        """Sizes for the program to run: `exact` ones as they are, the others rounded up."""
        limits = {name: bounds.get(name, Bounds()) for name in sizes}
        wanted = {name: rounded(n, limits[name]) for name, n in sizes.items()}
        known = [p for p in self.programs if all(p.get(n) == size for n, size in exact.items())]
        fitting = [p for p in known if all(p[name] >= n for name, n in sizes.items())]
        if (full := {**wanted, **exact}) in known:
            return full
        close = [p for p in fitting if _volume(p) <= _volume(full)]
        spent = len(self.programs) >= self.budget - 1
        if close or (fitting and spent):
            return min(close or fitting, key=_volume)
        if known and spent:
            largest = {name: max(p[name] for p in known) for name in sizes}
            full |= {name: grown(n, largest[name], limits[name]) for name, n in sizes.items()}
        self.programs.append(full)
        return full


def _volume(sizes: Sizes) -> int:
    return math.prod(sizes.values())
