"""The greatest, and whole axes pooled."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any

from ...foundation.errors import GraphError
from ...kernels import orders
from ..base import BaseOps
from ..define import Namespace, case, op, wrong
from ..differences import MIRRORED, NO_GRADIENT
from ..java import composite
from ..rules import orders as ordered

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axis, VarLike

def _whole_k(values: dict[str, Any], fold: Callable[[Any], Any]) -> dict[str, Any]:
    """k as the whole number that Java's double means."""
    k = values["k"]
    return values | {"k": int(k) if isinstance(k, float) and k.is_integer() else k}


class Pooling(Namespace):
    """The greatest, and whole axes pooled."""

    @op(orders.top_k, mask=ordered, samediff="topK", complete=_whole_k, java=("x, k, _", "x, k"),
        cases=(case((2, 5), k=3, padded={"x": (0, 1)}),
               case((2, 3, 5), k=2, padded={"x": (0, 2)}),
               case((2, 5, 4), k=2, padded={"x": (0, 1)}), case((4,), k=4)),
        raises=(wrong((2, 3), k=4, match="k=4"), wrong((2, 3), k=0, match="from 1 on")),
        differs=("SameDiff always takes k as 1, or skips elements that are equal.", NO_GRADIENT))
    def top_k(
        self, x: VarLike, k: int | float, *, masked: bool = True, name: str | None = None
    ) -> tuple[SDVariable, SDVariable]:
        """The k largest elements of the last axis, largest first, and their places (int32).

        The first of equals comes first. A padded row with fewer gives as many as it has.
        """
        ...


    def global_pooling(
        self, x: VarLike, pooling: str = "avg", *, axis: Axis = 1, p: float = 2.0,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """One value per row from all real positions along `axis`: "avg", "sum", "max", "pnorm" or
        "last" (the last real position). An empty row gives 0.

        SameDiff has no such op; Deeplearning4j has a layer of that name.
        """
        base = BaseOps(self._builder)
        if pooling == "pnorm":
            return base.norm_p(x, axis, p=p, masked=masked, name=name)
        ops = {"avg": base.mean, "sum": base.sum, "max": base.max, "last": base.last_valid}
        if pooling not in ops:
            raise GraphError(f"pooling is one of {', '.join([*ops, 'pnorm'])}, not {pooling!r}")
        return ops[pooling](x, axis, masked=masked, name=name)

    @composite("pad", differs=MIRRORED)
    def pad(
        self, x: SDVariable, padding: Any, mode: Any = "constant", value: float = 0.0, *,
        name: str | None = None,
    ) -> SDVariable:
        """`sd.pad`: `padding[i]` = (before, after) slots more along axis i, as numbers or as an
        integer variable that is known. The value may stand in the place of the mode."""
        if isinstance(mode, int | float):
            mode, value = "constant", mode
        text = mode.name if isinstance(mode, Enum) else mode
        base = BaseOps(self._builder)
        return base.pad(x, padding, mode=text.lower(), value=value, name=name)
