"""Two inputs, element by element, with the broadcasting of numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp

from ...kernels import (
    arithmetic,
)
from ..base import BaseOps
from ..bitwise import BitwiseOps
from ..define import Namespace, Spec, case, op, wrong
from ..differences import ONE_TYPE
from ..rules import pointwise

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_PAIR = case((2, 5, 3), (3,), padded={"x": (0, 1)})
_BOTH = case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)})
_FLAGS = case(
    Spec((2, 5), "boolean"), Spec((2, 5), "boolean"),
    padded={"x": (0, 1), "y": (0, 1)}, gradient=False,
)
_TYPES = ("Types are promoted as JAX does; in SameDiff the result has the type of x, a number "
          "with a fraction is cut to that of integers, and an array of such numbers is refused.")
_SINGLE_Y = "SameDiff's gradient of a y of rank 0 is wrong."
_SHAPES = ("SameDiff broadcasts nothing but a y of rank 0: the result has the shape of x, and a "
           "shorter y is read beyond its end.")
_MISFIT = wrong((2, 3), (4, 5), match="incompatible shapes")


class Binary(Namespace):
    """Two inputs, element by element, with the broadcasting of numpy."""

    @op(jnp.add, mask=pointwise, samediff="add", cases=(_PAIR, _BOTH), raises=(_MISFIT,),
        differs=_TYPES)
    def add(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x + y."""
        ...

    @op(jnp.subtract, mask=pointwise, samediff="sub", cases=(_PAIR, _BOTH), raises=(_MISFIT,),
        differs=_TYPES)
    def sub(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x - y."""
        ...

    @op(jnp.multiply, mask=pointwise, samediff="mul", cases=(_PAIR, _BOTH), raises=(_MISFIT,),
        differs=_TYPES)
    def mul(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x * y."""
        ...

    @op(arithmetic.div, mask=pointwise, safe={"y": 1.0}, samediff="div",
        cases=(case((2, 5, 3), Spec((3,), "positive"), padded={"x": (0, 1)}),
               case((2, 5, 3), Spec((2, 5, 3), "positive"), padded={"x": (0, 1), "y": (0, 1)})),
        raises=(_MISFIT,), differs=(_TYPES, _SINGLE_Y))
    def div(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x / y; integers are divided towards zero."""
        ...

    @op(arithmetic.rsub, mask=pointwise, samediff="rsub", cases=(_PAIR, _BOTH),
        differs=_TYPES)
    def rsub(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """y - x."""
        ...

    @op(arithmetic.rdiv, mask=pointwise, safe={"x": 1.0}, samediff="rdiv",
        cases=(case(Spec((2, 5, 3), "positive"), (3,), padded={"x": (0, 1)}),
               case(Spec((2, 5, 3), "positive"), (2, 5, 3), padded={"x": (0, 1), "y": (0, 1)})),
        differs=(_TYPES, _SINGLE_Y))
    def rdiv(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """y / x."""
        ...

    @op(arithmetic.floor_div, mask=pointwise, safe={"y": 1.0}, samediff="floorDiv",
        cases=(case((2, 5, 3), Spec((3,), "positive"), padded={"x": (0, 1)}, gradient=False),
               case((2, 5, 3), Spec((2, 5, 3), "positive"),
                    padded={"x": (0, 1), "y": (0, 1)}, gradient=False)),
        differs=("SameDiff rounds integers towards zero.", _TYPES))
    def floor_div(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The greatest integer not above x / y."""
        ...

    @op(jnp.mod, mask=pointwise, safe={"y": 1.0}, samediff="floorMod",
        cases=(case((2, 5, 3), Spec((3,), "positive"), padded={"x": (0, 1)}, gradient=False),
               case((2, 5, 3), Spec((2, 5, 3), "positive"),
                    padded={"x": (0, 1), "y": (0, 1)}, gradient=False)),
        differs=("SameDiff gives the sign of x where y is a number; so it does in `x.mod(name, "
                 "y)`, which is this one, for integers. Its gradient of y is wrong, and in "
                 "`x.mod` it is 0 for both.", _TYPES))
    def floor_mod(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x - y * floor(x / y): the remainder with the sign of y."""
        ...

    @op(jnp.power, mask=pointwise, safe={"x": 1.0}, samediff="pow",
        cases=(case(Spec((2, 5, 3), "positive"), (3,), padded={"x": (0, 1)}),
               case(Spec((2, 5, 3), "positive"), y=2.0, padded={"x": (0, 1)})),
        differs=("SameDiff cuts y to the type of x; here types are promoted as JAX does.",
                 "SameDiff's gradient of the exponent is NaN where x is 0; here it is 0."))
    def pow(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x to the power of y."""
        ...

    @op(arithmetic.squared_difference, mask=pointwise, samediff="squaredDifference",
        cases=(_PAIR, _BOTH), differs=(_TYPES, _SINGLE_Y))
    def squared_difference(
        self, x: VarLike, y: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """(x - y)^2."""
        ...

    max = BaseOps.maximum
    min = BaseOps.minimum

    @op(jnp.logical_and, mask=pointwise, samediff="and", cases=(_FLAGS, _FLAGS), differs=_SHAPES)
    def and_(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where both are."""
        ...

    @op(jnp.logical_or, mask=pointwise, samediff="or", cases=(_FLAGS, _FLAGS), differs=_SHAPES)
    def or_(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where either is."""
        ...

    @op(jnp.logical_xor, mask=pointwise, samediff="xor", cases=(_FLAGS, _FLAGS), differs=_SHAPES)
    def xor(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """True where exactly one is."""
        ...

    @op(arithmetic.mod, mask=pointwise, safe={"y": 1.0}, samediff="mod",
        cases=(case((2, 5, 3), Spec((3,), "positive"), padded={"x": (0, 1)}, gradient=False),
               case((2, 5, 3), Spec((2, 5, 3), "positive"), padded={"x": (0, 1), "y": (0, 1)})),
        differs=("SameDiff's gradient is 0.", _TYPES))
    def mod(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """x - y * floor(x / y); of integers, the remainder with the sign of x."""
        ...

    @op(jnp.arctan2, mask=pointwise, safe={"x": 1.0}, samediff="atan2",
        cases=(case((2, 5, 3), (3,), padded={"y": (0, 1)}),
               case((2, 5, 3), (2, 5, 3), padded={"y": (0, 1), "x": (0, 1)})),
        differs=(ONE_TYPE, "SameDiff does not sum the gradient of what it broadcasts."))
    def atan2(self, y: VarLike, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The angle of the point (x, y), between -pi and pi."""
        ...

    bit_shift = BitwiseOps.bit_shift
    bit_shift_right = BitwiseOps.bit_shift_right
    bit_shift_rotl = BitwiseOps.bit_rotl
    bit_shift_rotr = BitwiseOps.bit_rotr
