"""Comparisons of two arrays, element by element."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import jax.numpy as jnp

from ..define import Namespace, case, op, wrong
from ..rules import (
    pointwise,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_PAIR = case((2, 5, 3), (3,), padded={"x": (0, 1)})
_BOTH = case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)})
_TESTED = tuple(replace(one, gradient=False) for one in (_PAIR, _BOTH))
_MISFIT = wrong((2, 3), (4, 5), match="incompatible shapes")
_TYPES = ("Types are promoted as JAX does; SameDiff refuses two types, and cuts a number with a "
          "fraction to the type of an integer array.")
_NAN = ("NaN from either side stays NaN, and types are promoted; SameDiff gives y where x is NaN, "
        "refuses two types, and cuts a number with a fraction to that of an integer array. Its "
        "gradient is wrong where one side is broadcast, and counts equal elements twice.")


class Comparisons(Namespace):
    """Comparisons of two arrays, element by element."""

    @op(jnp.equal, mask=pointwise, samediff="eq", cases=_TESTED, raises=(_MISFIT,),
        differs=_TYPES)
    def eq(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x and y are equal."""
        ...

    @op(jnp.not_equal, mask=pointwise, samediff="neq", cases=_TESTED, raises=(_MISFIT,),
        differs=_TYPES)
    def neq(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x and y differ."""
        ...

    @op(jnp.greater, mask=pointwise, samediff="gt", cases=_TESTED, raises=(_MISFIT,),
        differs=_TYPES)
    def gt(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x > y."""
        ...

    @op(jnp.greater_equal, mask=pointwise, samediff="gte", cases=_TESTED, raises=(_MISFIT,),
        differs=_TYPES)
    def gte(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x >= y."""
        ...

    @op(jnp.less, mask=pointwise, samediff="lt", cases=_TESTED, raises=(_MISFIT,),
        differs=_TYPES)
    def lt(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x < y."""
        ...

    @op(jnp.less_equal, mask=pointwise, samediff="lte", cases=_TESTED, raises=(_MISFIT,),
        differs=_TYPES)
    def lte(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where x <= y."""
        ...

    @op(jnp.maximum, mask=pointwise, name="maximum", samediff="max", cases=(_PAIR, _BOTH),
        differs=_NAN)
    def maximum(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The greater of x and y, element by element."""
        ...

    @op(jnp.minimum, mask=pointwise, name="minimum", samediff="min", cases=(_PAIR, _BOTH),
        differs=_NAN)
    def minimum(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The lesser of x and y, element by element."""
        ...
