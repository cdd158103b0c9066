"""Sizes that follow from the numbers in constants: as many rows as the greatest of them says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...foundation.errors import GraphError
from ..define import Complete

Fold = Callable[[Any], Any]


def counted(op: str, count: str, numbers: str) -> Complete:
    """Completes `count`: one row more than the greatest of the numbers, if these are constants."""

    def complete(values: dict[str, Any], fold: Fold) -> dict[str, Any]:
        if values[count] is not None:
            return values
        given = values[numbers]
        arrays = given if isinstance(given, list | tuple) else [given]
        try:
            return values | {count: greatest(fold, arrays) + 1}
        except GraphError as error:
            raise GraphError(f"{op}: {error}\nor say how many rows there are: {count}=..") from None

    return complete


def greatest(fold: Fold, arrays: Any) -> int:
    """The greatest number in these constants; -1 where there is none."""
    return max(int(np.max(fold(array), initial=-1)) for array in arrays)
