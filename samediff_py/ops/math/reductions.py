"""Reductions and normalisations over axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...configs import Condition
from ...kernels import (
    conditions,
    entropies,
    reductions,
)
from ..base import BaseOps
from ..define import Namespace, Spec, case, op, wrong
from ..differences import INTEGERS, KEPT, TIES
from ..rules import reduces

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, VarLike

_OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})
_KEEPING = case((2, 5, 3), axis=(0, 1), keepdims=True, padded={"x": (0, 1)})
_ALL = case((4, 3), axis=None)
_INDEX = case((2, 5, 3), axis=1, padded={"x": (0, 1)}, gradient=False)
_INDEX_ALL = case((4, 3), axis=None, gradient=False)
_CHANCES = case(Spec((2, 5, 3), "probability"), axis=1, padded={"x": (0, 1)})
_ALL_CHANCES = case(Spec((4, 3), "probability"), axis=None)
_FOUND = case((2, 5, 3), condition=Condition("greater_than", 0.2), axis=1,
              padded={"x": (0, 1)}, gradient=False)  # fmt: skip
_FOUND_ANYWHERE = case((4, 3), condition=Condition("less_than", 0.0), axis=None, gradient=False)
_WHERE = ("x, condition, *axis", "x, condition, keepdims, *axis")
_ZERO = ("0 ln 0 is 0, where SameDiff gives NaN; it cuts the logarithms of integers to integers.",
         KEPT)


class MathReductions(Namespace):
    """Reductions and normalisations over axes."""

    @op(reductions.logsumexp, mask=reduces(), name="log_sum_exp", samediff="logSumExp",
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4, 3), axis=None)),
        differs=("SameDiff subtracts the greatest number of the whole array, so that slices far "
                 "below it give -infinity.", INTEGERS,
                 "SameDiff has no gradient where axes are left."))
    def log_sum_exp(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ln of the sum of e^x over `axis`."""
        ...

    sum = BaseOps.sum
    mean = BaseOps.mean
    prod = BaseOps.prod
    norm1 = BaseOps.norm1
    norm2 = BaseOps.norm2
    norm_max = BaseOps.norm_max
    squared_norm = BaseOps.squared_norm
    reduce_max = BaseOps.max
    reduce_min = BaseOps.min

    @op(reductions.iamax, mask=reduces(places=True), samediff="iamax", cases=(_INDEX, _INDEX_ALL),
        differs="SameDiff takes no absolute values: its iamax is argmax.")
    def iamax(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Where the greatest |x| stands along `axis`; the first of equals."""
        ...

    @op(reductions.iamin, mask=reduces(places=True), samediff="iamin", cases=(_INDEX, _INDEX_ALL),
        differs="SameDiff takes no absolute values: its iamin is argmin.")
    def iamin(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Where the least |x| stands along `axis`; the first of equals."""
        ...

    @op(reductions.amax, mask=reduces(), samediff="reduceAMax", cases=(_OVER_TIME, _KEEPING, _ALL),
        differs=(KEPT, TIES))
    def reduce_amax(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest |x| over `axis`, in the type of x."""
        ...

    @op(reductions.amin, mask=reduces(), samediff="reduceAmin", cases=(_OVER_TIME, _KEEPING, _ALL),
        differs=(KEPT, TIES))
    def reduce_amin(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The least |x| over `axis`, in the type of x."""
        ...

    @op(reductions.amean, mask=reduces(), samediff="reduceAmean",
        cases=(_OVER_TIME, _KEEPING, _ALL), differs=KEPT)
    def reduce_amean(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The mean of |x| over `axis`."""
        ...

    @op(reductions.asum, mask=reduces(), samediff="asum", cases=(_OVER_TIME, _KEEPING, _ALL),
        differs=KEPT)
    def asum(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The sum of |x| over `axis`, in the type of x."""
        ...

    @op(entropies.entropy, mask=reduces(), samediff="entropy", cases=(_CHANCES, _ALL_CHANCES),
        differs=_ZERO)
    def entropy(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """-sum x ln x over `axis`, in nats; 0 ln 0 is 0."""
        ...

    @op(entropies.shannon_entropy, mask=reduces(), samediff="shannonEntropy",
        cases=(_CHANCES, _ALL_CHANCES), differs=_ZERO)
    def shannon_entropy(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """-sum x log2 x over `axis`, in bits; 0 log 0 is 0."""
        ...

    @op(entropies.log_entropy, mask=reduces(), samediff="logEntropy",
        cases=(_CHANCES, _ALL_CHANCES),
        differs=(*_ZERO, "SameDiff's gradient throws, or is wrong, where axes are left."))
    def log_entropy(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The logarithm of the entropy over `axis`."""
        ...

    @op(reductions.zero_fraction, mask=reduces(), samediff="zeroFraction",
        cases=(case(Spec((2, 5, 3), "integer", dtype="float32"), padded={"x": (0, 1)},
                    gradient=False), case((4,))))
    def zero_fraction(
        self, x: VarLike, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """Which part of all elements is zero."""
        ...

    @op(conditions.first_index, mask=reduces(places=True), samediff="firstIndex", java=_WHERE,
        cases=(_FOUND, _FOUND_ANYWHERE),
        raises=(wrong((2, 3), condition=Condition("bigger"), match="no condition"),),
        differs="SameDiff compares x in `absEquals`, not |x|, and has no tolerance in `equals` "
                "and `epsEquals`.")
    def first_index(
        self, x: VarLike, condition: Condition, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Where the condition first holds along `axis`; -1 where it never does.

        `sd.math.first_index(x, Condition("greater_than", 0.5), axis=1)`
        """
        ...

    @op(conditions.last_index, mask=reduces(places=True), samediff="lastIndex", java=_WHERE,
        cases=(_FOUND, _FOUND_ANYWHERE), differs="SameDiff compares x in `absEquals`, not |x|.")
    def last_index(
        self, x: VarLike, condition: Condition, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Where the condition last holds along `axis`; -1 where it never does."""
        ...
