"""Sums of products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...kernels import products
from .. import axes
from ..define import Namespace, case, op, wrong
from ..rules import (
    contracts,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike




class Products(Namespace):
    """Sums of products."""

    @op(products.matmul, mask=contracts(axes.matmul), name="mmul", samediff="mmul",
        cases=(case((2, 5, 3), (3, 4), padded={"x": (0, 1)}),
               case((2, 3, 5), (2, 5, 4), padded={"x": (0, 2), "y": (0, 1)}),
               case((5, 3), (5, 4), transpose_x=True), case((3,), (3,))),
        raises=(wrong((2, 3), (4, 5), match="mmul"),))
    def mmul(
        self, x: VarLike, y: VarLike, *, transpose_x: bool = False, transpose_y: bool = False,
        transpose_z: bool = False, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The matrix product of the last two axes; a vector is a row left, a column right."""
        ...

    @op(products.tensordot, mask=contracts(axes.tensordot), samediff="tensorMmul",
        cases=(case((2, 5, 3), (4, 3), axes=((2,), (1,)), padded={"x": (0, 1)}),
               case((2, 3, 4), (4, 3), axes=((2, 1), (0, 1)))))
    def tensordot(
        self, x: VarLike, y: VarLike, *, axes: tuple[Sequence[int], Sequence[int]],
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The sum of products over the axes of x and y that `axes` pairs."""
        ...

    @op(products.einsum_of, mask=contracts(axes.einsum), name="einsum",
        cases=(case(((2, 5, 3), (2, 5, 4)), equation="btf,btg->bfg",
                    padded={"operands": (0, 1)}),
               case(((3, 4), (4, 2)), equation="ij,jk->ik")))
    def _einsum(
        self, operands: Sequence[VarLike], equation: str, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Products and sums by the letters of the axes."""
        ...

    def einsum(
        self, equation: str, *operands: VarLike, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """Products and sums by the letters of the axes: `sd.einsum("btf,btg->bfg", x, y)`.

        A letter that the result lacks is summed over; padded positions add nothing to the sum.
        """
        return self._einsum(operands, equation, masked=masked, name=name)
