"""What is real, and what its place is in its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import arithmetic, moves
from ..define import Namespace, Spec, case, op
from ..rules import (
    claims,
    drops_mask,
    fills_padding,
    reduces,
    with_mask,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axis, VarLike

_OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})


class Masks(Namespace):
    """What is real, and what its place is in its row."""

    @op(arithmetic.with_mask, mask=with_mask,
        cases=(case((2, 5, 3), Spec((2, 5), "boolean"),
                    padded={"x": (0, 1), "valid": (0, 1)}),
               case((4, 3), Spec((4,), "boolean"), padded={"x": (0, None), "valid": (0, None)})))
    def with_mask(self, x: VarLike, valid: VarLike, *, name: str | None = None) -> SDVariable:
        """x, of which only the elements count where `valid` is true: the others are missing."""
        ...

    @op(arithmetic.fill_padding, mask=fills_padding,
        cases=(case((2, 5, 3), value=2.0, padded={"x": (0, 1)}), case((4,), value=1.0)))
    def fill_padding(
        self, x: VarLike, value: float = 0.0, *, name: str | None = None
    ) -> SDVariable:
        """x with `value` in its padded slots, which count as real from here on."""
        ...

    @op(arithmetic.identity, mask=drops_mask, name="drop_mask",
        cases=(case((2, 5, 3), padded={"x": (0, 1)}), case((4,))))
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
