"""`sd.linalg`: matrices in the last two axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..kernels import linalg, matrices
from .base import BaseOps
from .define import Namespace, Spec, case, op, wrong
from .differences import NO_GRADIENT, NO_INTEGERS, SQUARE
from .java import Name, composite
from .math.matrices import Matrices
from .rules import by_place, creates, decomposes

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import DTypeLike, ShapeLike, VarLike

_ONE = decomposes(where=True, x=2)
_SYSTEM = decomposes(where=True, matrix=2, rhs=2)

_SPD = Spec((2, 3, 3), "definite")
_DEFINITE = (case(_SPD, padded={"x": (0, None)}), case(Spec((4, 4), "definite")))
_RAGGED = {"x": (0, None)}
_NO_MATRIX = wrong((3,), match="matrices")
_NOT_SQUARE = wrong((2, 3), match="square")
_BOTH = {"matrix": (0, None), "rhs": (0, None)}
_NO_COLUMN = wrong((3, 3), (3,), match="expand_dims")


class LinalgOps(Namespace):
    """Matrices in the last two axes: products, solutions, factorisations."""

    mmul = BaseOps.mmul
    matmul = BaseOps.mmul
    cross = Matrices.cross
    diag = Matrices.diag
    diag_part = Matrices.diag_part
    matrix_determinant = Matrices.matrix_determinant
    matrix_inverse = Matrices.matrix_inverse

    # Solutions.

    @op(linalg.solve, mask=_SYSTEM, samediff="solve",
        cases=(case(_SPD, (2, 3, 2), padded=_BOTH), case((4, 4), (4, 1), adjoint=True),
               case((3, 3), (2, 3, 1), padded={"rhs": (0, None)})),
        raises=(_NO_COLUMN, wrong((2, 3), (2, 1), match="square")),

        differs=("SameDiff throws where a matrix of the batch is singular, and broadcasts "
                 "nothing; here its solution holds Inf or NaN, and the leading axes broadcast.",
                 NO_GRADIENT))
    def solve(
        self, matrix: VarLike, rhs: VarLike, *, adjoint: bool = False, name: str | None = None
    ) -> SDVariable:
        """X with A X = rhs, or with A^T X = rhs (`adjoint`): [.., n, n] and [.., n, k] give
        [.., n, k]."""
        ...

    @op(linalg.triangular_solve, mask=_SYSTEM, samediff="triangularSolve",
        java=("matrix, rhs, lower, adjoint",),
        cases=(case(_SPD, (2, 3, 2), lower=True, padded=_BOTH),
               case(Spec((3, 3), "definite"), (2, 3, 1), lower=False, adjoint=True)),
        raises=(wrong((3, 3), (3,), lower=True, match="expand_dims"),
                wrong((2, 3), (2, 1), lower=True, match="square")), differs=NO_GRADIENT)
    def triangular_solve(
        self, matrix: VarLike, rhs: VarLike, *, lower: bool, adjoint: bool = False,
        name: str | None = None,
    ) -> SDVariable:
        """`solve` with the lower or the upper triangle of the matrix; the other triangle is not
        read. A zero on the diagonal gives Inf or NaN."""
        ...

    @op(linalg.lstsq, mask=_SYSTEM, samediff="lstsq",
        java=("matrix, rhs, l2_regularizer", "matrix, rhs, l2_regularizer, _"),
        cases=(case((2, 4, 3), (2, 4, 2), padded=_BOTH),
               case((2, 4), (2, 3)), case((4, 3), (4, 1), l2_regularizer=0.5)),
        raises=(_NO_COLUMN, wrong((3, 2), (3, 1), l2_regularizer=-1.0, match="at least 0")),

        differs=("SameDiff gives NaN where the solution is not unique and l2 is 0; without "
                 "`fast` it ignores l2 and takes square matrices only. Here one stable method "
                 "serves both: it heeds l2, and of several solutions it takes the one of least "
                 "norm.", NO_GRADIENT))
    def lstsq(
        self, matrix: VarLike, rhs: VarLike, *, l2_regularizer: float = 0.0,
        name: str | None = None,
    ) -> SDVariable:
        """The X that makes |A X - rhs|^2 + l2 |X|^2 least, of several the one of least norm:
        [.., m, n] and [.., m, k] give [.., n, k].

        The gradient holds the rank fixed (Golub & Pereyra 1973).
        """
        ...

    @op(linalg.logdet, mask=_ONE, samediff="logdet", cases=_DEFINITE,
        raises=(_NO_MATRIX, _NOT_SQUARE),

        differs=("SameDiff takes symmetric matrices only, and gives NaN or throws unless they "
                 "are positive definite; here any matrix with a positive determinant has its "
                 "logarithm, and a negative one gives NaN.", NO_GRADIENT))
    def logdet(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """log det x: [.., n, n] gives [..]; -Inf where x is singular, NaN where det x < 0."""
        ...

    # Factorisations.

    @op(linalg.cholesky, mask=_ONE, samediff="cholesky", cases=_DEFINITE,
        raises=(_NO_MATRIX, _NOT_SQUARE),

        differs=("SameDiff throws unless the matrix is symmetric to the last bit and positive "
                 "definite; here the symmetric part of x counts, and NaN says that it is not "
                 "positive definite.", NO_GRADIENT))
    def cholesky(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """Lower triangular L with L L^T = x, which is symmetric and positive definite."""
        ...

    @op(linalg.lu, mask=_ONE, samediff="lu",
        cases=(case((2, 3, 3), padded=_RAGGED), case((4, 3))), raises=(_NO_MATRIX,),
        differs=(SQUARE, NO_GRADIENT))
    def lu(self, x: VarLike, *, name: str | None = None) -> tuple[SDVariable, SDVariable]:
        """L and U in one matrix, and rows p [.., m] with x[p] = L U: U on and above the diagonal,
        L below it (on it, L is 1). p takes the largest element of each column."""
        ...

    @op(linalg.qr, mask=_ONE, samediff="qr",
        cases=(case((2, 4, 3), padded=_RAGGED), case((2, 4)), case((4, 3), full=True)),
        raises=(_NO_MATRIX,),

        differs=("SameDiff's signs follow the diagonal of x, so that Q and R jump where an "
                 "element of it passes 0; here the diagonal of R is not negative, which makes Q "
                 "and R unique. Where x is wide, SameDiff's short form is padded with zeros; "
                 "here it is Q [m, m], R [m, n].", NO_GRADIENT))
    def qr(
        self, x: VarLike, *, full: bool = False, name: str | None = None
    ) -> tuple[SDVariable, SDVariable]:
        """x = Q R with orthonormal columns Q [.., m, k] and upper triangular R [.., k, n], whose
        diagonal is not negative; k = min(m, n), or m with `full`.

        The first k columns of x must be independent for a gradient. With `full` the last m - n
        columns of Q are free: the gradient is right for what does not depend on their choice.
        """
        ...

    @op(linalg.svd, mask=_ONE, samediff="svd",
        cases=(case((2, 4, 3), padded=_RAGGED), case((3, 4), full_uv=True),
               case((2, 3, 4), compute_uv=False, padded=_RAGGED)),
        raises=(_NO_MATRIX,),

        differs=("SameDiff breaks down on matrices with 16 columns or more (switchNum); here "
                 "switchNum changes nothing.", NO_GRADIENT))
    def svd(
        self, x: VarLike, *, full_uv: bool = False, compute_uv: bool = True,
        name: str | None = None,
    ) -> Any:
        """s, U, V with x = U diag(s) V^T; s alone without `compute_uv`. s [.., k] falls; U
        [.., m, k] and V [.., n, k] are orthonormal, k = min(m, n), or square with `full_uv`.

        s has a gradient where its numbers differ; U and V where these are not 0 either, up to the
        sign of each pair of columns, and to the choice of those that `full_uv` adds.
        """
        ...

    @op(linalg.eig, mask=_ONE, samediff="eig",
        cases=(case((2, 3, 3), padded=_RAGGED), case(Spec((4, 4), "definite"))),
        raises=(_NO_MATRIX, _NOT_SQUARE),
        differs="SameDiff can't run it inside a graph.")
    def eig(self, x: VarLike, *, name: str | None = None) -> tuple[SDVariable, SDVariable]:
        """Eigenvalues [.., n, 2] and right eigenvectors [.., n, n, 2] as (real, imaginary), in no
        order: vector j is [.., :, j, :], of length 1, its largest element real.

        There is a gradient where the eigenvalues differ. On a CPU.
        """
        ...

    # Triangles and bands.

    @op(matrices.matrix_band_part, mask=by_place, samediff="matrixBandPart",
        cases=(case((2, 5, 3), min_lower=1, max_upper=0, padded={"x": (0, 1)}),
               case((3, 4), min_lower=-1, max_upper=2)),
        raises=(wrong((3,), min_lower=0, max_upper=0, match="matrices"),),
        differs=(NO_INTEGERS, NO_GRADIENT))
    def matrix_band_part(
        self, x: VarLike, *, min_lower: int, max_upper: int, name: str | None = None
    ) -> SDVariable:
        """x[.., i, j] where i - j <= min_lower and j - i <= max_upper, zeros elsewhere; a negative
        number is no limit."""
        ...

    @op(matrices.triu, mask=by_place, samediff="triu",
        cases=(case((2, 3, 5), padded={"x": (0, 2)}), case((3, 4), diag=-1)),
        raises=(_NO_MATRIX,), differs=NO_INTEGERS)
    def triu(self, x: VarLike, *, diag: int = 0, name: str | None = None) -> SDVariable:
        """x[.., i, j] where j - i >= diag, zeros elsewhere."""
        ...

    @op(matrices.tri, mask=creates, samediff="tri",
        java=("rows, cols", "dtype, rows, cols, diagonal"),
        cases=(case(rows=3, cols=4, gradient=False),
               case(rows=2, cols=2, diagonal=-1, dtype="int32", gradient=False)))
    def tri(
        self, rows: int | str | ShapeLike, cols: int | str | ShapeLike,
        dtype: DTypeLike = "float32", *, diagonal: int = 0, name: str | None = None,
    ) -> SDVariable:
        """Ones where j - i <= diagonal, zeros elsewhere: [rows, cols]."""
        ...

    # What Java hands out otherwise.

    @composite("diag_part")
    def _java_diag_part(self, x: Any, *, name: Name = None) -> Any:
        return self.diag_part(x, name=name)  # type: ignore[arg-type]

    @composite("matrixBandPart")
    def _java_band_part(self, x: Any, low: int, high: int, *, name: Name = None) -> Any:
        """An array of one variable."""
        band = self.matrix_band_part(x, min_lower=low, max_upper=high, name=name)  # type: ignore
        return (band,)

    @composite("lu")
    def _java_lu(self, x: Any, *, name: Name = None) -> Any:
        """The first result; the graph holds the other as `<name>:1`."""
        return self.lu(x, name=name)[0]  # type: ignore[arg-type]

    @composite("svd")
    def _java_svd(
        self, x: Any, full: bool, compute: bool, switch: int = 16, *, name: Name = None
    ) -> Any:
        """The singular values; the graph holds U and V as `<name>:1` and `<name>:2`."""
        found = self.svd(x, full_uv=full, compute_uv=compute, name=name)  # type: ignore[arg-type]
        return found[0] if compute else found
