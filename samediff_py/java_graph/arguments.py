"""How Java's methods take their arguments: varargs, or one list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def spread(rest: Sequence[Any]) -> tuple[Any, ...]:
    """Arguments as they come, or as one list of them."""
    if len(rest) == 1 and isinstance(rest[0], list | tuple | set | np.ndarray):
        return tuple(rest[0])
    return tuple(rest)
