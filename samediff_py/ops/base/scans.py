"""Running sums and products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import scans
from ..define import Namespace, case, op
from ..differences import NO_INTEGERS, WRONG_GRADIENT
from ..rules import (
    scans as scanning,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, VarLike

_OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})


class Scans(Namespace):
    """Running sums and products."""

    @op(scans.cumsum, mask=scanning(), samediff="cumsum",
        java=("x, *axis", "x, exclusive, reverse, *axis"),
        cases=(_OVER_TIME, case((2, 5, 3), axis=1, exclusive=True, reverse=True,
                                padded={"x": (0, 1)}), case((4, 3), axis=0)),
        differs=(NO_INTEGERS,
                 "SameDiff's gradient is wrong with `reverse`, and over most axes but 0."))
    def cumsum(
        self, x: VarLike, axis: Axes = None, *, exclusive: bool = False, reverse: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The running sum along `axis`; `exclusive` leaves the element itself out."""
        ...

    @op(scans.cumprod, mask=scanning(), samediff="cumprod",
        java=("x, *axis", "x, exclusive, reverse, *axis"),
        cases=(_OVER_TIME, case((2, 5, 3), axis=1, exclusive=True, reverse=True,
                                padded={"x": (0, 1)}), case((4, 3), axis=0)),
        differs=WRONG_GRADIENT)
    def cumprod(
        self, x: VarLike, axis: Axes = None, *, exclusive: bool = False, reverse: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The running product along `axis`; `exclusive` leaves the element itself out."""
        ...
