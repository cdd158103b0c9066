"""Ratios of two programs, measured in turns in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def interleaved(first: Callable[[], object], second: Callable[[], object], rounds: int, calls: int):
    """Seconds per call of both, as lists over rounds; the order alternates."""
    times: tuple[list[float], list[float]] = ([], [])
    for f in (first, second):
        f()
    for i in range(rounds):
        pair = [(0, first), (1, second)]
        for which, f in pair if i % 2 == 0 else reversed(pair):
            start = time.perf_counter()
            for _ in range(calls):
                f()
            times[which].append((time.perf_counter() - start) / calls)
    return times


def joined(times):
    """The same of several pairs of programs, behind one another."""
    return [sum(each, []) for each in zip(*times, strict=True)]


def report(title: str, ours: list[float], theirs: list[float]) -> None:
    """`theirs / ours`: above 1 means that ours is faster."""
    a, b = statistics.median(ours), statistics.median(theirs)
    ratios = sorted(y / x for x, y in zip(ours, theirs, strict=True))
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    print(
        f"{title}: ours {a * 1e6:.1f} us, by hand {b * 1e6:.1f} us, speed ratio "
        f"{statistics.median(ratios):.3f} (10..90 %: {low:.3f}..{high:.3f})"
    )
