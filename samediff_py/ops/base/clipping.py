"""Values kept within limits, and values put in the place of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import arithmetic, clipping
from ..define import Namespace, Spec, case, op, wrong
from ..differences import NO_INTEGERS
from ..rules import normalises, pointwise
from .comparisons import Comparisons

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, VarLike

_SCALED = case((2, 5, 3), clip_value=1.0, axis=1, padded={"x": (0, 1)})
_NOT_CUT = "A number with a fraction is not cut to the type of an integer array."


class Clipping(Namespace):
    """Values kept within limits, and values put in the place of others."""

    @op(arithmetic.clip_by_value, mask=pointwise, samediff="clipByValue",
        cases=(case((2, 5, 3), low=-0.5, high=0.5, padded={"x": (0, 1)}),
               case((4, 3), Spec((), "probability"), Spec((3,), "above"))),
        differs=(NO_INTEGERS,
                 "SameDiff's gradient is 0 for x and throws for the limits where these are "
                 "variables."))
    def clip_by_value(
        self, x: VarLike, low: VarLike, high: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """x, but no less than `low` and no more than `high`."""
        ...

    @op(clipping.clip_by_norm, mask=normalises(), samediff="clipByNorm",
        cases=(_SCALED, case((4, 3), Spec((), "probability"))),
        raises=(wrong((4, 3), (3,), match="one number"),),
        differs="SameDiff's form with variables throws. So does its gradient, or it is wrong "
                "where axes are given.")
    def clip_by_norm(
        self, x: VarLike, clip_value: VarLike, axis: Axes = None, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """x, scaled to the norm `clip_value` where its euclidean norm over `axis` is greater."""
        ...

    scalar_max = Comparisons.maximum
    scalar_min = Comparisons.minimum

    @op(arithmetic.scalar_floor_mod, mask=pointwise, samediff="scalarFloorMod",
        cases=(case((2, 5, 3), value=0.75, padded={"x": (0, 1)}),
               case(Spec((4,), "integer", low=-4), value=3, gradient=False)),
        raises=(wrong((4,), value=0.0, match="by 0"),), differs=_NOT_CUT)
    def scalar_floor_mod(
        self, x: VarLike, value: float, *, name: str | None = None
    ) -> SDVariable:
        """The remainder of x / value with the sign of x, as C has it, whatever the name says.

        `sd.math.floor_mod(x, value)` has the sign of `value`.
        """
        ...

    @op(arithmetic.scalar_set, mask=pointwise, samediff="scalarSet",
        cases=(case((2, 5, 3), value=0.75, padded={"x": (0, 1)}), case((4,), value=2.0)),
        differs=_NOT_CUT)
    def scalar_set(self, x: VarLike, value: float, *, name: str | None = None) -> SDVariable:
        """The number in the shape of x, and padded as x is."""
        ...

    @op(arithmetic.assign, mask=pointwise, samediff="assign",
        cases=(case((2, 5, 3), (3,), padded={"x": (0, 1)}),
               case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)}), case((4,), y=2.0)),
        raises=(wrong((2, 3), (4, 2, 3), match="shape of x"),
                wrong(Spec((3,), "integer"), (3,), match="does not fit")),
        differs="SameDiff gives x itself where y alone is a constant, and throws where both are; "
                "its gradient of a y that is spread has the shape of x.")
    def assign(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """y in the shape and type of x."""
        ...
