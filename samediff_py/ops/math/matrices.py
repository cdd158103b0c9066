"""Matrices in the last two axes, vectors in the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import (
    matrices,
)
from ..define import Namespace, case, op, wrong
from ..differences import NO_GRADIENT, NO_INTEGERS, SQUARE, WRONG_GRADIENT
from ..rules import creates, decomposes, opaque

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import DTypeLike, ShapeLike, VarLike

_MATRICES = case((2, 3, 3), padded={"x": (0, None)})
_MATRIX = case((4, 4))


class Matrices(Namespace):
    """Matrices in the last two axes, vectors in the last."""

    @op(matrices.cross, mask=decomposes(x=1, y=1), samediff="cross",
        cases=(case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)}), case((3,), (3,))),
        raises=(wrong((2, 4), (2, 4), match="size 3"),),
        differs=(WRONG_GRADIENT, "SameDiff broadcasts nothing; here the leading axes broadcast."))
    def cross(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The vector product of x and y along the last axis, which has size 3."""
        ...

    @op(matrices.diag, mask=opaque, samediff="diag", cases=(case((4,)), case((2, 3))),
        differs="SameDiff's gradient throws, or is wrong, where x is neither a vector nor square.")
    def diag(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x[i, j, ..] at [i, j, .., i, j, ..], zeros elsewhere."""
        ...

    @op(matrices.diag_part, mask=opaque, samediff="diagPart",
        cases=(_MATRIX, case((2, 3, 2, 3))), raises=(wrong((2, 3), match="equal halves"),),
        differs=SQUARE)
    def diag_part(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x[i, j, .., i, j, ..] at [i, j, ..]: the inverse of `diag`."""
        ...

    @op(matrices.set_diag, mask=decomposes(x=2, diagonal=1), samediff="setDiag",
        cases=(case((2, 3, 4), (2, 3), padded={"x": (0, None), "diagonal": (0, None)}),
               case((4, 2), (2,))), raises=(wrong((3, 3), (2,), match="diagonals"),),
        differs="SameDiff's gradient of the diagonal throws, or is wrong, unless x is one square "
                "matrix.")
    def set_diag(self, x: VarLike, diagonal: VarLike, *, name: str | None = None) -> SDVariable:
        """x with `diagonal` on the diagonals of its matrices."""
        ...

    @op(matrices.trace, mask=decomposes(x=2), samediff="trace", cases=(_MATRICES, case((3, 4))),
        raises=(wrong((3,), match="matrices"),), differs=NO_INTEGERS)
    def trace(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The sum over the diagonal of the last two axes."""
        ...

    @op(matrices.matrix_determinant, mask=decomposes(where=True, x=2), samediff="matrixDeterminant",
        cases=(_MATRICES, _MATRIX), differs=NO_GRADIENT)
    def matrix_determinant(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The determinant of the last two axes."""
        ...

    @op(matrices.matrix_inverse, mask=decomposes(where=True, x=2), samediff="matrixInverse",
        cases=(_MATRICES, _MATRIX),
        differs=(WRONG_GRADIENT,
                 "SameDiff throws where a matrix of the batch is singular; here that gives NaN."))
    def matrix_inverse(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The inverse of the last two axes; of a singular matrix NaN."""
        ...

    @op(matrices.eye, mask=creates, samediff="eye",
        java=("rows", "rows, cols", "rows, cols, dtype, *batch_shape"),
        cases=(case(rows=3, gradient=False),
               case(rows=2, cols=3, batch_shape=(4,), gradient=False)),
        differs="SameDiff refuses integer types and bool.")
    def eye(
        self, rows: int | str | ShapeLike, cols: int | str | ShapeLike | None = None,
        dtype: DTypeLike = "float32", batch_shape: ShapeLike = (), *, name: str | None = None,
    ) -> SDVariable:
        """Ones on the diagonal, zeros elsewhere: [.., rows, cols], square without `cols`."""
        ...
