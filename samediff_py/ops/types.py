"""Words of the ops' signatures; `ops/record.py` reads the role of a parameter from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from jax import Array

    from ..foundation.dims import Dim
    from ..variable import SDVariable

    VarLike: TypeAlias = SDVariable | Array | np.ndarray | float
    Axis: TypeAlias = int | str
    Axes: TypeAlias = int | str | Sequence[int | str] | None
    Number: TypeAlias = int | float | Dim | SDVariable
    """A number that is known while the graph is built; as a variable, one that folds to it."""
    DTypeLike: TypeAlias = Any
    ShapeLike: TypeAlias = Sequence[int | str | Dim | None]
    Index: TypeAlias = Any


def is_operand(value: Any) -> bool:
    """Whether it is a variable or an array."""
    return hasattr(value, "shape") and hasattr(value, "dtype")
