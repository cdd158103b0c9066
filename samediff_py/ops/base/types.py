"""Other types, and copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import arithmetic
from ..define import Namespace, case, op, wrong
from ..rules import creates, pointwise

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import DTypeLike, VarLike




class Types(Namespace):
    """Other types, and copies."""

    @op(arithmetic.cast, mask=pointwise, samediff="castTo",
        cases=(case((2, 5, 3), dtype="float64", padded={"x": (0, 1)}),
               case((4,), dtype="int32", gradient=False)),
        differs="NaN becomes 0, and what is too large for 32 or 64 bits the nearest integer; "
                "SameDiff gives the lowest.")
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

    @op(arithmetic.min_max, mask=creates, samediff="minMax",
        cases=(case(datatype=5, min_or_max=0, gradient=False),
               case(datatype="int8", min_or_max=1, gradient=False)),
        raises=(wrong(datatype=99, min_or_max=0, match="no number of a type"),
                wrong(datatype="int8", min_or_max=2, match="0 .* or 1")),
        differs="SameDiff gives 1 for the least LONG.")
    def min_max(
        self, datatype: int | str, min_or_max: int, *, name: str | None = None
    ) -> SDVariable:
        """The least (0) or the greatest (1) value of a type, by its name or SameDiff's number.

        The least of floating point is the smallest positive normal number, as in SameDiff.
        """
        ...
