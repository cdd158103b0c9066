"""Other types, and copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import arithmetic
from ..define import Namespace, case, op
from ..rules import (
    pointwise,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import DTypeLike, VarLike




class Types(Namespace):
    """Other types, and copies."""

    @op(arithmetic.cast, mask=pointwise, samediff="castTo",
        cases=(case((2, 5, 3), dtype="float64", padded={"x": (0, 1)}),
               case((4,), dtype="int32", gradient=False)))
    def cast(self, x: VarLike, dtype: DTypeLike, *, name: str | None = None) -> SDVariable:
        """x in another type: towards zero for integers, "not zero" for bool."""
        ...

    @op(arithmetic.identity, mask=pointwise, samediff="identity",
        cases=(case((2, 5, 3), padded={"x": (0, 1)}), case((4,))))
    def identity(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x itself, under another name."""
        ...

    @op(arithmetic.zeros_like, mask=pointwise, samediff="zerosLike",
        cases=(case((2, 5, 3), padded={"x": (0, 1)}, gradient=False), case((4,), gradient=False)))
    def zeros_like(
        self, x: VarLike, dtype: DTypeLike | None = None, *, name: str | None = None
    ) -> SDVariable:
        """Zeros of the shape of x, and padded as x is."""
        ...

    @op(arithmetic.ones_like, mask=pointwise, samediff="onesLike",
        cases=(case((2, 5, 3), padded={"x": (0, 1)}, gradient=False), case((4,), gradient=False)))
    def ones_like(
        self, x: VarLike, dtype: DTypeLike | None = None, *, name: str | None = None
    ) -> SDVariable:
        """Ones of the shape of x, and padded as x is."""
        ...
