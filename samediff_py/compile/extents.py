"""How much of each bucketed dim is real, in one array: every argument of a program takes time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


def packed(bucketed: Iterable[str], sizes: Mapping[str, int]) -> np.ndarray:
    """Real sizes of the bucketed dims, in the order of their names."""
    return np.array([sizes[dim] for dim in sorted(bucketed)], np.int32)


def unpacked(bucketed: Iterable[str], extents: Any) -> dict[str, Any]:
    """The same by name; without extents every dim is real as a whole."""
    return {} if extents is None else dict(zip(sorted(bucketed), extents, strict=True))
