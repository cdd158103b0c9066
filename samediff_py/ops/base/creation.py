"""New arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...kernels import shaping
from ..define import Namespace, case, op
from ..rules import (
    creates,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import DTypeLike, ShapeLike




class Creation(Namespace):
    """New arrays."""

    @op(shaping.zeros, mask=creates, cases=(case(shape=(2, 3), gradient=False),))
    def zeros(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, name: str | None = None
    ) -> SDVariable:
        """Zeros; a size may be the name of a dim."""
        ...

    @op(shaping.ones, mask=creates, cases=(case(shape=(2, 3), gradient=False),))
    def ones(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, name: str | None = None
    ) -> SDVariable:
        """Ones; a size may be the name of a dim."""
        ...

    @op(shaping.arange, mask=creates, cases=(case(stop=4, gradient=False),))
    def arange(
        self, stop: Any, dtype: DTypeLike = "int32", *, name: str | None = None
    ) -> SDVariable:
        """0, 1, ... below `stop`, which may be a dim."""
        ...
