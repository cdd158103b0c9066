"""Two runs laid side by side, number by number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

Pair = tuple[int | None, np.ndarray, np.ndarray]
"""An example (None: all together), its real elements in one run, and in another."""


_EXACT = "biu"
"""Kinds of types without rounding; the types of half precision have kinds of their own."""


@dataclass(frozen=True)
class Difference:
    """How two runs differ: in `changed` of `compared` numbers, by `most`, first in `example`.

    `counts`: where not even as many elements are real, how many there are in each.
    """

    changed: int
    compared: int
    most: float
    example: int | None
    counts: tuple[int, int] | None = None


@dataclass(frozen=True)
class Closeness:
    """How close numbers must be: `limit` apart at most, where rounding may differ. None: equal."""

    limit: float | None = None

    def differs(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        same = (one == other) | (_is_nan(one) & _is_nan(other))
        if self.limit is None or one.dtype.kind in _EXACT:
            return ~same
        with np.errstate(invalid="ignore", over="ignore"):
            return ~(same | (np.abs(one - other) <= self.limit))


EQUAL = Closeness()


def difference(pairs: Iterable[Pair], closeness: Closeness) -> tuple[Difference | None, int]:
    """What differs, and how many numbers were compared."""
    changed, compared, most, first = 0, 0, 0.0, None
    for example, one, other in pairs:
        if one.shape != other.shape:
            counts = (one.size, other.size)
            return Difference(0, 0, float("inf"), example, counts), compared
        compared += one.size
        differs = closeness.differs(one, other)
        if differs.any():
            first = example if changed == 0 else first
            changed += int(differs.sum())
            most = max(most, _distance(one[differs], other[differs]))
    return (Difference(changed, compared, most, first) if changed else None), compared


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """The greatest distance; infinite between a number and NaN."""
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(_wide(one) - _wide(other))
    return float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max())


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype("complex128" if array.dtype.kind == "c" else "float64")


def _is_nan(array: np.ndarray) -> np.ndarray:
    return array != array  # for every type


def magnitude(array: np.ndarray) -> float:
    """The greatest finite absolute value."""
    absolute = np.abs(_wide(array))
    return float(np.max(absolute, where=np.isfinite(absolute), initial=0.0))
