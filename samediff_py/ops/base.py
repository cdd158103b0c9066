"""The ops of `sd` itself: comparisons, reductions, scans, products, shapes, look-ups, masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from ..kernels import arithmetic, indexing, moves, products, reductions, scans, shaping
from . import axes
from .define import Namespace, Spec, case, op, wrong
from .rules import (
    claims,
    contracts,
    creates,
    drops_mask,
    fills_padding,
    grows,
    picks,
    pointwise,
    reduces,
    with_mask,
)
from .rules import (
    moves as moving,
)
from .rules import (
    scans as scanning,
)

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import Axes, Axis, DTypeLike, Index, ShapeLike, VarLike

_PAIR = case((2, 5, 3), (3,), padded={"x": (0, 1)}, gradient=False)
_BOTH = case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)}, gradient=False)
_OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})
_KEEPING = case((2, 5, 3), axis=(0, 1), keepdims=True, padded={"x": (0, 1)})
_ALL = case((4, 3), axis=None)
_INDEX = case((2, 5, 3), axis=1, padded={"x": (0, 1)}, gradient=False)
_INDEX_ALL = case((4, 3), axis=None, gradient=False)
_FLAGS = case(Spec((2, 5), "boolean"), axis=1, padded={"x": (0, 1)}, gradient=False)
_ALL_FLAGS = case(Spec((4, 3), "boolean"), axis=None, gradient=False)
_NO_AXIS = wrong((2, 3), axis=5, match="axis 5")
_MISFIT = wrong((2, 3), (4, 5), match="incompatible shapes")


class BaseOps(Namespace):
    """Ops that are methods of the graph itself, as in SameDiff."""

    # Comparisons.

    @op(jnp.equal, mask=pointwise, samediff="eq", cases=(_PAIR, _BOTH), raises=(_MISFIT,))
    def eq(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x and y are equal."""
        ...

    @op(jnp.not_equal, mask=pointwise, samediff="neq", cases=(_PAIR, _BOTH), raises=(_MISFIT,))
    def neq(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x and y differ."""
        ...

    @op(jnp.greater, mask=pointwise, samediff="gt", cases=(_PAIR, _BOTH), raises=(_MISFIT,))
    def gt(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x > y."""
        ...

    @op(jnp.greater_equal, mask=pointwise, samediff="gte", cases=(_PAIR, _BOTH))
    def gte(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x >= y."""
        ...

    @op(jnp.less, mask=pointwise, samediff="lt", cases=(_PAIR, _BOTH), raises=(_MISFIT,))
    def lt(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x < y."""
        ...

    @op(jnp.less_equal, mask=pointwise, samediff="lte", cases=(_PAIR, _BOTH))
    def lte(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x <= y."""
        ...

    @op(jnp.where, mask=pointwise, samediff="where",
        cases=(case(Spec((2, 5, 1), "boolean"), (2, 5, 3), (3,),
                    padded={"condition": (0, 1), "x": (0, 1)}),
               case(Spec((4,), "boolean"), (4,), (4,))))
    def where(
        self, condition: VarLike, x: VarLike, y: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """x where the condition is true, else y."""
        ...

    # Reductions.

    @op(reductions.sum, mask=reduces(), samediff="sum", cases=(_OVER_TIME, _KEEPING, _ALL),
        raises=(_NO_AXIS,))
    def sum(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The sum over `axis`."""
        ...

    @op(reductions.mean, mask=reduces(), samediff="mean", cases=(_OVER_TIME, _KEEPING, _ALL),
        raises=(_NO_AXIS,))
    def mean(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The mean over `axis`: the sum of what is real, divided by its count."""
        ...

    @op(reductions.max, mask=reduces(), samediff="max", cases=(_OVER_TIME, _KEEPING, _ALL))
    def max(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest element over `axis`; NaN is passed over."""
        ...

    @op(reductions.min, mask=reduces(), samediff="min", cases=(_OVER_TIME, _KEEPING, _ALL))
    def min(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The least element over `axis`; NaN is passed over."""
        ...

    @op(reductions.prod, mask=reduces(), samediff="prod", cases=(_OVER_TIME, _KEEPING, _ALL))
    def prod(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The product over `axis`."""
        ...

    @op(reductions.standard_deviation, mask=reduces(), samediff="standardDeviation",
        java=("x, bias_corrected, *axis", "x, bias_corrected, keepdims, *axis"),
        cases=(_OVER_TIME, _KEEPING, case((4, 3), axis=None, bias_corrected=False)))
    def standard_deviation(
        self, x: VarLike, axis: Axes = None, *, bias_corrected: bool = True,
        keepdims: bool = False, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The root of the variance over `axis`, with N - 1 if `bias_corrected`, else with N."""
        ...

    @op(reductions.variance, mask=reduces(), samediff="variance",
        java=("x, bias_corrected, *axis", "x, bias_corrected, keepdims, *axis"),
        cases=(_OVER_TIME, _KEEPING, case((4, 3), axis=None, bias_corrected=False)))
    def variance(
        self, x: VarLike, axis: Axes = None, *, bias_corrected: bool = True,
        keepdims: bool = False, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The mean square distance from the mean, with N - 1 if `bias_corrected`, else with N."""
        ...

    @op(reductions.norm1, mask=reduces(), samediff="norm1", cases=(_OVER_TIME, _KEEPING, _ALL))
    def norm1(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The sum of |x| over `axis`."""
        ...

    @op(reductions.norm2, mask=reduces(), samediff="norm2", cases=(_OVER_TIME, _KEEPING, _ALL))
    def norm2(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The root of the sum of squares over `axis`."""
        ...

    @op(reductions.norm_max, mask=reduces(), samediff="normmax",
        cases=(_OVER_TIME, _KEEPING, _ALL))
    def norm_max(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest |x| over `axis`."""
        ...

    @op(reductions.squared_norm, mask=reduces(), samediff="squaredNorm",
        cases=(_OVER_TIME, _KEEPING, _ALL))
    def squared_norm(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The sum of squares over `axis`."""
        ...

    @op(reductions.norm_p, mask=reduces(),
        cases=(case((2, 5, 3), axis=1, p=3.0, padded={"x": (0, 1)}),
               case((4, 3), axis=None, p=1.5)))
    def norm_p(
        self, x: VarLike, axis: Axes = None, *, p: float, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """(sum of |x|^p)^(1/p) over `axis`."""
        ...

    @op(reductions.argmax, mask=reduces(places=True), samediff="argmax", cases=(_INDEX, _INDEX_ALL))
    def argmax(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Where the greatest element stands along `axis`; the first of equals."""
        ...

    @op(reductions.argmin, mask=reduces(places=True), samediff="argmin", cases=(_INDEX, _INDEX_ALL))
    def argmin(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Where the least element stands along `axis`; the first of equals."""
        ...

    @op(reductions.any, mask=reduces(), samediff="any", cases=(_FLAGS, _ALL_FLAGS))
    def any(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Whether any element along `axis` is true (not zero)."""
        ...

    @op(reductions.all, mask=reduces(), samediff="all", cases=(_FLAGS, _ALL_FLAGS))
    def all(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Whether all elements along `axis` are true (not zero)."""
        ...

    @op(reductions.count_valid, mask=reduces(counts=True), cases=(_INDEX, _INDEX_ALL))
    def count_valid(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """How many elements along `axis` are real."""
        ...

    # Scans.

    @op(scans.cumsum, mask=scanning(), samediff="cumsum",
        java=("x, *axis", "x, exclusive, reverse, *axis"),
        cases=(_OVER_TIME, case((2, 5, 3), axis=1, exclusive=True, reverse=True,
                                padded={"x": (0, 1)}), case((4, 3), axis=0)))
    def cumsum(
        self, x: VarLike, axis: Axes = None, *, exclusive: bool = False, reverse: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The running sum along `axis`; `exclusive` leaves the element itself out."""
        ...

    @op(scans.cumprod, mask=scanning(), samediff="cumprod",
        java=("x, *axis", "x, exclusive, reverse, *axis"),
        cases=(_OVER_TIME, case((2, 5, 3), axis=1, exclusive=True, reverse=True,
                                padded={"x": (0, 1)}), case((4, 3), axis=0)))
    def cumprod(
        self, x: VarLike, axis: Axes = None, *, exclusive: bool = False, reverse: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The running product along `axis`; `exclusive` leaves the element itself out."""
        ...

    # Products.

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

    # Shapes.

    @op(shaping.reshape, mask=moving("reshape"), samediff="reshape", java=("x, *shape",),
        cases=(case((2, 5, 6), shape=(-1, "time", 2, 3), padded={"x": (0, 1)}),
               case((2, 5, 3), shape=(-1, 3), padded={"x": (0, 1)}), case((4, 6), shape=(8, 3))),
        raises=(wrong((2, 3), shape=(4, 4), match="reshape"),))
    def reshape(
        self, x: VarLike, shape: ShapeLike, *, name: str | None = None
    ) -> SDVariable:
        """The same elements, row by row, in another shape; one size may be -1."""
        ...

    @op(shaping.permute, mask=moving("permute"), samediff="permute", java=("x, *axes",),
        cases=(case((2, 5, 3), axes=(0, 2, 1), padded={"x": (0, 1)}), case((4, 3))))
    def permute(
        self, x: VarLike, axes: Sequence[int] | None = None, *, name: str | None = None
    ) -> SDVariable:
        """Axis i of the result is axis `axes[i]` of x; without `axes` the order is reversed."""
        ...

    @op(shaping.permute, mask=moving("permute"), samediff="transpose",
        cases=(case((2, 5, 3), padded={"x": (0, 1)}), case((4, 3))))
    def transpose(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The axes in reverse order."""
        ...

    @op(shaping.expand_dims, mask=moving("expand"), samediff="expandDims",
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4,), axis=-1)))
    def expand_dims(self, x: VarLike, axis: int, *, name: str | None = None) -> SDVariable:
        """A new axis of size 1 before `axis`; -1 is the end."""
        ...

    @op(shaping.squeeze, mask=moving("squeeze"), samediff="squeeze",
        cases=(case((2, 5, 1), axis=2, padded={"x": (0, 1)}), case((1, 4, 1), axis=0)))
    def squeeze(
        self, x: VarLike, axis: int | Sequence[int] | None = None, *, name: str | None = None
    ) -> SDVariable:
        """Without the axes named, which have size 1."""
        ...

    @op(moves.concat, mask=moving("concat"), samediff="concat", java=("axis, *xs",),
        cases=(case(((2, 5, 3), (2, 5, 2)), axis=2, padded={"xs": (0, 1)}),
               case(((2, 5, 3), (2, 4, 3)), axis=1, padded={"xs": (0, 1)}),
               case(((2, 5, 3), (2, 5, 3), (2, 4, 3)), axis=1, padded={"xs": (0, 1)}),
               case(((4,), (3,)), axis=0)),
        raises=(wrong(((2, 3), (3, 4)), axis=0, match="concat"),))
    def concat(
        self, xs: Sequence[VarLike], *, axis: Axis = 0, name: str | None = None
    ) -> SDVariable:
        """The inputs joined along `axis`; along a padded axis each row at its own end."""
        ...

    @op(shaping.stack, mask=moving("stack"), samediff="stack", java=("axis, *xs",),
        cases=(case(((2, 5), (2, 5)), axis=2, padded={"xs": (0, 1)}),
               case(((4,), (4,)), axis=0)))
    def stack(
        self, xs: Sequence[VarLike], *, axis: int = 0, name: str | None = None
    ) -> SDVariable:
        """The inputs side by side along a new axis."""
        ...

    @op(moves.tile, mask=moving("tile"), samediff="tile", java=("x, *repeats",),
        cases=(case((2, 5, 3), repeats=(1, 1, 2), padded={"x": (0, 1)}),
               case((2, 5, 3), repeats=(1, 2, 1), padded={"x": (0, 1)}),
               case((2, 5, 3), repeats=(1, 2, 2), padded={"x": (0, 1)}),
               case((4,), repeats=(3,))))
    def tile(self, x: VarLike, repeats: Sequence[int], *, name: str | None = None) -> SDVariable:
        """The whole array `repeats[i]` times along axis i."""
        ...

    @op(shaping.repeat, mask=moving("repeat"), samediff="repeat",
        cases=(case((2, 5, 3), repeats=2, axis=1, padded={"x": (0, 1)}),
               case((4,), repeats=3, axis=0)))
    def repeat(
        self, x: VarLike, repeats: int, *, axis: Axis, name: str | None = None
    ) -> SDVariable:
        """Every position `repeats` times along `axis`."""
        ...

    @op(moves.reverse, mask=moving("reverse"), samediff="reverse", java=("x, *axis",),
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}),
               case((2, 5, 3), axis=(1, 2), padded={"x": (0, 1)}), case((4, 3), axis=(0, 1))))
    def reverse(self, x: VarLike, axis: Axes, *, name: str | None = None) -> SDVariable:
        """The elements in reverse order along `axis`; a padded row within its own length."""
        ...

    @op(moves.roll, mask=moving("roll"),
        cases=(case((2, 5, 3), shift=2, axis=1, padded={"x": (0, 1)}),
               case((2, 5, 3), shift=1, axis=2, padded={"x": (0, 1)}),
               case((4, 3), shift=-1, axis=0)))
    def roll(
        self, x: VarLike, shift: int, *, axis: Axis, name: str | None = None
    ) -> SDVariable:
        """The elements moved on by `shift`; what leaves a row enters it at its other end."""
        ...

    @op(moves.pad, mask=moving("pad"), name="pad", samediff="pad",
        cases=(case((2, 5, 3), padding=((0, 0), (0, 0), (1, 2)), padded={"x": (0, 1)}),
               case((2, 5, 3), padding=((0, 0), (1, 2), (0, 0)), padded={"x": (0, 1)}),
               case((2, 5, 3), padding=((0, 0), (0, 2), (1, 0)), mode="symmetric",
                    padded={"x": (0, 1)}),
               case((4,), padding=((2, 1),), mode="reflect")))
    def pad(
        self, x: VarLike, padding: Sequence[tuple[int, int]], *, mode: str = "constant",
        value: float = 0.0, name: str | None = None,
    ) -> SDVariable:
        """x with `padding[i]` = (before, after) slots more along axis i.

        Modes: "constant" puts `value` there, "reflect" mirrors without the edge, "symmetric" with.
        """
        ...

    @op(moves.getitem, mask=moving("getitem"), samediff="stridedSlice",
        cases=(case((2, 5, 3), index=(slice(None), slice(1, None)), padded={"x": (0, 1)}),
               case((2, 5, 3), index=(slice(None), -1), padded={"x": (0, 1)}),
               case((2, 5, 3), index=(slice(None), 2, slice(None, -1)), padded={"x": (0, 1)}),
               case((2, 5, 3), index=(slice(None), None, slice(-3, -1)), padded={"x": (0, 1)}),
               case((2, 5, 3), index=(slice(None), slice(None, None, -1)), padded={"x": (0, 1)}),
               case((4, 3), index=(1, slice(None, None, 2)))),
        raises=(wrong((2, 3), index=(0, 7), match="7"),))
    def getitem(self, x: VarLike, index: Index, *, name: str | None = None) -> SDVariable:
        """x[index]: integers, slices, None and `...`; from the end of each row's own length."""
        ...

    def slice(
        self, x: VarLike, begin: Sequence[int], size: Sequence[int], *, name: str | None = None
    ) -> SDVariable:
        """`size[i]` elements from `begin[i]` on along axis i; size -1 is "to the end"."""
        ends = (None if n == -1 else b + n for b, n in zip(begin, size, strict=True))
        index = tuple(slice(b, end) for b, end in zip(begin, ends, strict=True))
        return self.getitem(x, index, name=name)

    # Look-ups.

    @op(indexing.gather, mask=picks(), samediff="gather",
        cases=(case((2, 5, 3), Spec((2,), "integer", high=5), axis=1, padded={"x": (0, 1)}),
               case((4, 3), Spec((2, 5), "integer", high=4), axis=0, padded={"indices": (0, 1)})))
    def gather(
        self, x: VarLike, indices: VarLike, *, axis: Axis = 0, name: str | None = None
    ) -> SDVariable:
        """The slices of x along `axis` that `indices` name."""
        ...

    @op(indexing.one_hot, mask=grows, samediff="oneHot",
        cases=(case(Spec((2, 5), "integer"), depth=4, padded={"indices": (0, 1)}, gradient=False),
               case(Spec((4,), "integer"), depth=4, on=2.0, off=-1.0, gradient=False)))
    def one_hot(
        self, indices: VarLike, depth: int, *, axis: int = -1, on: float = 1.0, off: float = 0.0,
        dtype: DTypeLike = "float32", name: str | None = None,
    ) -> SDVariable:
        """`on` at the index along a new axis of size `depth`, `off` elsewhere and out of range."""
        ...

    # Types and copies.

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

    # Creation.

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

    # Masks and sequences.

    @op(arithmetic.with_mask, mask=with_mask,
        cases=(case((2, 5, 3), Spec((2, 5), "boolean"),
                    padded={"x": (0, 1), "valid": (0, 1)}),))
    def with_mask(self, x: VarLike, valid: VarLike, *, name: str | None = None) -> SDVariable:
        """x, of which only the elements count where `valid` is true: the others are missing."""
        ...

    @op(arithmetic.fill_padding, mask=fills_padding,
        cases=(case((2, 5, 3), value=2.0, padded={"x": (0, 1)}),))
    def fill_padding(
        self, x: VarLike, value: float = 0.0, *, name: str | None = None
    ) -> SDVariable:
        """x with `value` in its padded slots, which count as real from here on."""
        ...

    @op(arithmetic.identity, mask=drops_mask, name="drop_mask",
        cases=(case((2, 5, 3), padded={"x": (0, 1)}),))
    def drop_mask(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x, whose padding counts as it was fed from here on. `verify_padding` will show it."""
        ...

    @op(moves.positions, mask=claims.positions,
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}, gradient=False),
               case((4, 3), axis=0, gradient=False)))
    def positions(self, x: VarLike, axis: Axis = 1, *, name: str | None = None) -> SDVariable:
        """The position 0, 1, ... of each step along `axis`, from the row's own beginning."""
        ...

    @op(moves.last_valid, mask=reduces(), cases=(_OVER_TIME, case((4, 3), axis=0)))
    def last_valid(
        self, x: VarLike, axis: Axis = 1, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """The element at the last real position along `axis`."""
        ...

    @op(moves.first_valid, mask=reduces(), cases=(_OVER_TIME, case((4, 3), axis=0)))
    def first_valid(
        self, x: VarLike, axis: Axis = 1, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """The element at the first real position along `axis`."""
        ...
