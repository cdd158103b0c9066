"""`sd.bitwise`: the bits of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp

from ..kernels import bitwise
from .define import Namespace, Spec, case, op, wrong
from .differences import ONE_TYPE
from .rules import pointwise, reduces

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import VarLike

_INTS = Spec((2, 5, 3), "integer", high=100)
_BOTH = case(_INTS, _INTS, padded={"x": (0, 1), "y": (0, 1)}, gradient=False)
_PAIR = case(_INTS, Spec((3,), "integer"), padded={"x": (0, 1)}, gradient=False)
_SHIFTS = case(_INTS, Spec((2, 5, 1), "integer"), padded={"x": (0, 1), "shift": (0, 1)},
               gradient=False)  # fmt: skip
_ONE_SHIFT = case(Spec((4,), "integer", high=100, dtype="int8"), Spec((), "integer", dtype="int8"),
                  gradient=False)  # fmt: skip
_FLOATS = wrong((2, 3), (2, 3), match="float32")
_SMEARED = ("SameDiff smears the sign of a negative x over the bits that enter.", ONE_TYPE)


class BitwiseOps(Namespace):
    """Operations on integers bit by bit, with numpy's broadcasting."""

    @op(jnp.bitwise_and, mask=pointwise, name="bitwise_and", samediff="and",
        cases=(_BOTH, _PAIR), raises=(_FLOATS,), differs=ONE_TYPE)
    def and_(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The bits that are set in both."""
        ...

    @op(jnp.bitwise_or, mask=pointwise, name="bitwise_or", samediff="or",
        cases=(_BOTH, _PAIR), raises=(_FLOATS,), differs=ONE_TYPE)
    def or_(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The bits that are set in either."""
        ...

    @op(jnp.bitwise_xor, mask=pointwise, name="bitwise_xor", samediff="xor",
        cases=(_BOTH, _PAIR), raises=(_FLOATS,), differs=ONE_TYPE)
    def xor(self, x: VarLike, y: VarLike, *, name: str | None = None) -> SDVariable:
        """The bits that are set in exactly one."""
        ...

    @op(jnp.left_shift, mask=pointwise, samediff="leftShift", cases=(_SHIFTS, _ONE_SHIFT),
        differs=ONE_TYPE)
    def left_shift(self, x: VarLike, shift: VarLike, *, name: str | None = None) -> SDVariable:
        """The bits moved left by `shift`, zeros behind them; what leaves is lost."""
        ...

    @op(jnp.right_shift, mask=pointwise, samediff="rightShift", cases=(_SHIFTS, _ONE_SHIFT),
        differs=ONE_TYPE)
    def right_shift(self, x: VarLike, shift: VarLike, *, name: str | None = None) -> SDVariable:
        """The bits moved right by `shift`, behind copies of the sign where the type has one."""
        ...

    @op(bitwise.rotate_left, mask=pointwise, samediff="leftShiftCyclic",
        cases=(_SHIFTS, _ONE_SHIFT), differs=_SMEARED)
    def left_shift_cyclic(
        self, x: VarLike, shift: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """The bits moved left by `shift`; those that leave enter on the right."""
        ...

    @op(bitwise.rotate_right, mask=pointwise, samediff="rightShiftCyclic",
        cases=(_SHIFTS, _ONE_SHIFT), differs=_SMEARED)
    def right_shift_cyclic(
        self, x: VarLike, shift: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """The bits moved right by `shift`; those that leave enter on the left."""
        ...

    bit_shift = left_shift
    bit_shift_right = right_shift
    bit_rotl = left_shift_cyclic
    bit_rotr = right_shift_cyclic

    @op(bitwise.hamming_distance, mask=reduces(), samediff="bitsHammingDistance",
        cases=(_BOTH, case(Spec((4,), "integer"), Spec((4,), "integer"), gradient=False)),
        differs="SameDiff extends x xor y to 64 bits and counts copies of the sign; here the bits "
                "of the type count.")
    def bits_hamming_distance(
        self, x: VarLike, y: VarLike, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """In how many bits x and y differ, over all elements."""
        ...
