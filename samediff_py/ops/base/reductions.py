"""Reductions over axes: padded elements do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import reductions
from ..define import Namespace, Spec, case, op, wrong
from ..differences import KEPT, TIES
from ..rules import (
    reduces,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, VarLike

_OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})
_KEEPING = case((2, 5, 3), axis=(0, 1), keepdims=True, padded={"x": (0, 1)})
_ALL = case((4, 3), axis=None)
_INDEX = case((2, 5, 3), axis=1, padded={"x": (0, 1)}, gradient=False)
_INDEX_ALL = case((4, 3), axis=None, gradient=False)
_FLAGS = case(Spec((2, 5), "boolean"), axis=1, padded={"x": (0, 1)}, gradient=False)
_ALL_FLAGS = case(Spec((4, 3), "boolean"), axis=None, gradient=False)
_COLUMN = "SameDiff throws for [n, 1] over axis 1."
_ZEROS = "SameDiff gives zeros for integers."
_NO_AXIS = wrong((2, 3), axis=5, match="axis 5")


class Reductions(Namespace):
    """Reductions over axes: padded elements do not count."""

    @op(reductions.sum, mask=reduces(), samediff="sum", cases=(_OVER_TIME, _KEEPING, _ALL),
        raises=(_NO_AXIS,), differs=(KEPT, _COLUMN))
    def sum(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The sum over `axis`."""
        ...

    @op(reductions.mean, mask=reduces(), samediff="mean", cases=(_OVER_TIME, _KEEPING, _ALL),
        raises=(_NO_AXIS,), differs=(KEPT, _COLUMN))
    def mean(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The mean over `axis`: the sum of what is real, divided by its count."""
        ...

    @op(reductions.max, mask=reduces(), samediff="max", cases=(_OVER_TIME, _KEEPING, _ALL),
        differs=(KEPT, _COLUMN, TIES))
    def max(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest element over `axis`; NaN is passed over."""
        ...

    @op(reductions.min, mask=reduces(), samediff="min", cases=(_OVER_TIME, _KEEPING, _ALL),
        differs=(KEPT, _COLUMN, TIES))
    def min(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The least element over `axis`; NaN is passed over."""
        ...

    @op(reductions.prod, mask=reduces(), samediff="prod", cases=(_OVER_TIME, _KEEPING, _ALL),
        differs=(KEPT, _COLUMN, "SameDiff's gradient is NaN where an element is 0."))
    def prod(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The product over `axis`."""
        ...

    @op(reductions.standard_deviation, mask=reduces(), samediff="standardDeviation",
        java=("x, bias_corrected, *axis", "x, bias_corrected, keepdims, *axis"),
        cases=(_OVER_TIME, _KEEPING, case((4, 3), axis=None, bias_corrected=False)),
        differs=(_ZEROS, _COLUMN))
    def standard_deviation(
        self, x: VarLike, axis: Axes = None, *, bias_corrected: bool = True,
        keepdims: bool = False, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The root of the variance over `axis`, with N - 1 if `bias_corrected`, else with N."""
        ...

    @op(reductions.variance, mask=reduces(), samediff="variance",
        java=("x, bias_corrected, *axis", "x, bias_corrected, keepdims, *axis"),
        cases=(_OVER_TIME, _KEEPING, case((4, 3), axis=None, bias_corrected=False)),
        differs=(_ZEROS, "SameDiff's gradient with N is that with N - 1."))
    def variance(
        self, x: VarLike, axis: Axes = None, *, bias_corrected: bool = True,
        keepdims: bool = False, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The mean square distance from the mean, with N - 1 if `bias_corrected`, else with N."""
        ...

    @op(reductions.norm1, mask=reduces(), samediff="norm1", cases=(_OVER_TIME, _KEEPING, _ALL),
        differs=(KEPT, _COLUMN))
    def norm1(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The sum of |x| over `axis`."""
        ...

    @op(reductions.norm2, mask=reduces(), samediff="norm2", cases=(_OVER_TIME, _KEEPING, _ALL),
        differs=(KEPT, _COLUMN, "SameDiff's gradient is NaN where all elements are 0."))
    def norm2(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The root of the sum of squares over `axis`."""
        ...

    @op(reductions.norm_max, mask=reduces(), samediff="normmax",
        cases=(_OVER_TIME, _KEEPING, _ALL), differs=(KEPT, _COLUMN, TIES))
    def norm_max(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest |x| over `axis`."""
        ...

    @op(reductions.squared_norm, mask=reduces(), samediff="squaredNorm",
        cases=(_OVER_TIME, _KEEPING, _ALL), differs=KEPT)
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

    @op(reductions.argmax, mask=reduces(places=True), samediff="argmax", cases=(_INDEX, _INDEX_ALL),
        differs="Without axes, `keepdims` keeps them all; in SameDiff it does nothing there.")
    def argmax(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Where the greatest element stands along `axis`; the first of equals."""
        ...

    @op(reductions.argmin, mask=reduces(places=True), samediff="argmin", cases=(_INDEX, _INDEX_ALL),
        differs=("SameDiff's form with a name and `keepDims` gives argmax."))
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
