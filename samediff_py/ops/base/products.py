"""Sums of products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...foundation.errors import GraphError
from ...kernels import products
from .. import axes
from ..define import Namespace, case, op, wrong
from ..differences import NO_GRADIENT, NO_INTEGERS
from ..java import Name, composite
from ..rules import contracts, reduces
from ..types import is_operand

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, VarLike




class Products(Namespace):
    """Sums of products."""

    @op(products.matmul, mask=contracts(axes.matmul), name="mmul", samediff="mmul",
        java=("x, y", "x, y, transpose_x, transpose_y, transpose_z", "x, y, **config"),
        cases=(case((2, 5, 3), (3, 4), padded={"x": (0, 1)}),
               case((2, 3, 5), (2, 5, 4), padded={"x": (0, 2), "y": (0, 1)}),
               case((5, 3), (5, 4), transpose_x=True), case((3,), (3,))),
        raises=(wrong((2, 3), (4, 5), match="mmul"),),
        differs=("SameDiff broadcasts no batches.", NO_INTEGERS,
                 "SameDiff's gradients of products with a vector are wrong, or throw."))
    def mmul(
        self, x: VarLike, y: VarLike, *, transpose_x: bool = False, transpose_y: bool = False,
        transpose_z: bool = False, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The matrix product of the last two axes; a vector is a row left, a column right."""
        ...

    matmul = mmul

    @op(products.tensordot, mask=contracts(axes.tensordot),
        cases=(case((2, 5, 3), (4, 3), axes=((2,), (1,)), padded={"x": (0, 1)}),
               case((2, 3, 4), (4, 3), axes=((2, 1), (0, 1))),
               case((2, 5, 3), (3, 4), axes=1, padded={"x": (0, 1)})))
    def tensordot(
        self, x: VarLike, y: VarLike, *,
        axes: int | tuple[int, int] | tuple[Sequence[int], Sequence[int]],
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The sum of products over the axes of x and y that `axes` pairs; a number n pairs the
        last n of x with the first n of y."""
        ...

    @op(products.tensor_mmul, mask=contracts(axes.tensor_mmul), samediff="tensorMmul",
        java=("x, y, dimensions_x, dimensions_y",
              "x, y, dimensions_x, dimensions_y, transpose_x, transpose_y, transpose_z",
              "x, y, dimensions_x, *dimensions_y"),
        cases=(case((2, 5, 3), (4, 3), dimensions_x=(-1,), dimensions_y=(1,),
                    padded={"x": (0, 1)}),
               case((2, 3, 4), (3, 4), dimensions_x=(0, 1), dimensions_y=(0, 1),
                    transpose_x=True, transpose_y=True, transpose_z=True)),
        raises=(wrong((2, 3), (4, 5), dimensions_x=(1,), dimensions_y=(0,), match="size"),),
        differs=("SameDiff takes one axis of each, and ignores the transposes.", NO_GRADIENT))
    def tensor_mmul(
        self, x: VarLike, y: VarLike, dimensions_x: Sequence[int], dimensions_y: Sequence[int],
        *, transpose_x: bool = False, transpose_y: bool = False, transpose_z: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """`tensordot` in SameDiff's words; a transpose reverses all axes of x, y or the result.

        `dimensions_x` and `dimensions_y` count the axes of what is transposed.
        """
        ...

    @op(products.dot, mask=reduces(), samediff="dot", java=("x, y, *axis",),
        cases=(case((2, 5, 3), (2, 5, 3), axis=1, padded={"x": (0, 1), "y": (0, 1)}),
               case((2, 5, 3), (3,), axis=2, padded={"x": (0, 1)}),
               case((4, 3), (4, 3), axis=None, keepdims=True)),
        raises=(wrong((3, 3), (3,), axis=0, match="last axis"),),
        differs="SameDiff fails to give a vector y against rows of x a gradient.")
    def dot(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The sum of x * y over `axis`, all of them unless said; y may be one row of x."""
        ...

    @composite("batchMmul",
        differs=("SameDiff multiplies square matrices in the wrong order, y @ x, and gives "
                 "rubbish or throws for others.", NO_GRADIENT))
    def batch_mmul(
        self, xs: Sequence[SDVariable], ys: Sequence[SDVariable], transpose_x: bool = False,
        transpose_y: bool = False, *, name: Name = None,
    ) -> tuple[SDVariable, ...]:
        """The matrix products of the first of `xs` and of `ys`, of the second, and so on."""
        if len(xs) != len(ys):
            raise GraphError(f"batch_mmul: {len(xs)} matrices can't meet {len(ys)}")
        names = [name] if isinstance(name, str) else name or [None] * len(xs)
        return tuple(
            self.mmul(x, y, transpose_x=transpose_x, transpose_y=transpose_y, name=own)
            for x, y, own in zip(xs, ys, names, strict=True)
        )

    @op(products.einsum_of, mask=contracts(axes.einsum), name="einsum",
        cases=(case(((2, 5, 3), (2, 5, 4)), equation="btf,btg->bfg",
                    padded={"operands": (0, 1)}),
               case(((3, 4), (4, 2)), equation="ij,jk->ik")),
        raises=(wrong(((2, 5, 3), (4, 6)), equation="btf,tg->bfg",
                      match="letter 't' is 5 in 'btf' and 4 in 'tg'"),
                wrong(((2, 5, 3),), equation="btt->bt", match="letter 't' is 5 and 3 in 'btt'"),
                wrong(((2, 5, 3), (4, 3)), equation="...f,...f->...",
                      match="axis -1 of '...' is 5"),
                wrong(((2, 5, 3),), equation="bt->b", match="one letter for each axis"),
                wrong(((2, 3),), equation="ij,jk->ik", match="2 operands, not 1")))
    def _einsum(
        self, operands: Sequence[VarLike], equation: str, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Products and sums by the letters of the axes."""
        ...

    def einsum(
        self, equation: str, *operands: VarLike | Sequence[VarLike], masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Products and sums by the letters of the axes: `sd.einsum("btf,btg->bfg", x, y)`.

        A letter that the result lacks is summed over; padded positions add nothing to the sum.
        """
        if not isinstance(equation, str):
            raise GraphError(
                f"einsum: the equation comes first, as text, not {type(equation).__name__}: "
                "sd.einsum('btf,fg->btg', x, w)"
            )
        return self._einsum(_one_by_one(operands), equation, masked=masked, name=name)


def _one_by_one(operands: Sequence[Any]) -> Sequence[Any]:
    """The operands, which may be given as one list of variables and arrays."""
    first = operands[0] if len(operands) == 1 else None
    return first if isinstance(first, list | tuple) and any(map(is_operand, first)) else operands
