"""Comparisons and choices, element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp

from ..define import Namespace, Spec, case, op, wrong
from ..rules import (
    pointwise,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_PAIR = case((2, 5, 3), (3,), padded={"x": (0, 1)}, gradient=False)
_BOTH = case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)}, gradient=False)
_MISFIT = wrong((2, 3), (4, 5), match="incompatible shapes")


class Comparisons(Namespace):
    """Comparisons and choices, element by element."""

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
