"""The same elements in other shapes and places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...kernels import moves, shaping
from ..define import Namespace, case, op, wrong
from ..differences import MIRRORED
from ..rules import (
    moves as moving,
)
from .joins import one_number

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, Axis, ShapeLike, VarLike




class Shapes(Namespace):
    """The same elements in other shapes and places."""

    @op(shaping.reshape, mask=moving("reshape"), samediff="reshape", java=("x, *shape",),
        cases=(case((2, 5, 6), shape=(-1, "time", 2, 3), padded={"x": (0, 1)}),
               case((2, 5, 3), shape=(-1, 3), padded={"x": (0, 1)}), case((4, 6), shape=(8, 3))),
        raises=(wrong((2, 3), shape=(4, 4), match="reshape"),))
    def reshape(
        self, x: VarLike, shape: ShapeLike, *, name: str | None = None
    ) -> SDVariable:
        """The same elements, row by row, in another shape; one size may be -1."""
        ...

    @op(shaping.permute, mask=moving("permute"), samediff="permute", java=("x, *axes",),
        cases=(case((2, 5, 3), axes=(0, 2, 1), padded={"x": (0, 1)}), case((4, 3))),
        differs=("SameDiff gives x back where an axis is negative, and has no gradient where no "
                 "order is given."))
    def permute(
        self, x: VarLike, axes: Axes = None, *, name: str | None = None
    ) -> SDVariable:
        """Axis i of the result is axis `axes[i]` of x, by number or name; else reversed."""
        ...

    @op(shaping.permute, mask=moving("permute"), samediff="transpose",
        cases=(case((2, 5, 3), padded={"x": (0, 1)}), case((4, 3))))
    def transpose(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The axes in reverse order."""
        ...

    @op(shaping.expand_dims, mask=moving("expand"), samediff="expandDims", java=("x, axis",),
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4,), axis=-1)))
    def expand_dims(self, x: VarLike, axis: int, *, name: str | None = None) -> SDVariable:
        """A new axis of size 1 before `axis`; -1 is the end."""
        ...

    @op(shaping.squeeze, mask=moving("squeeze"), samediff="squeeze", java=("x, axis",),
        cases=(case((2, 5, 1), axis=2, padded={"x": (0, 1)}), case((1, 4, 1), axis=0)),
        raises=(wrong((2, 3), axis=1, match="not equal to one"),),
        differs="An axis of another size than 1 is refused; SameDiff leaves it as it is.")
    def squeeze(
        self, x: VarLike, axis: int | Sequence[int] | None = None, *, name: str | None = None
    ) -> SDVariable:
        """Without the axes named, which have size 1; without all of size 1 if none is open."""
        ...

    @op(moves.tile, mask=moving("tile"), samediff="tile", java=("x, *repeats",),
        cases=(case((2, 5, 3), repeats=(1, 1, 2), padded={"x": (0, 1)}),
               case((2, 5, 3), repeats=(1, 2, 1), padded={"x": (0, 1)}),
               case((2, 5, 3), repeats=(1, 2, 2), padded={"x": (0, 1)}),
               case((4,), repeats=(3,))))
    def tile(self, x: VarLike, repeats: Sequence[int], *, name: str | None = None) -> SDVariable:
        """The whole array `repeats[i]` times along axis i."""
        ...

    @op(shaping.repeat, mask=moving("repeat"), samediff="repeat", complete=one_number("repeats"),
        cases=(case((2, 5, 3), repeats=2, axis=1, padded={"x": (0, 1)}),
               case((4,), repeats=3, axis=0)),
        differs="SameDiff ends the process.")
    def repeat(
        self, x: VarLike, repeats: int | Sequence[int], *, axis: Axis, name: str | None = None
    ) -> SDVariable:
        """Every position `repeats` times along `axis`."""
        ...

    @op(moves.reverse, mask=moving("reverse"), samediff="reverse", java=("x, *axis",),
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}),
               case((2, 5, 3), axis=(1, 2), padded={"x": (0, 1)}), case((4, 3), axis=(0, 1))),
        differs="SameDiff has no gradient where no axis is given.")
    def reverse(self, x: VarLike, axis: Axes = None, *, name: str | None = None) -> SDVariable:
        """The elements in reverse order along `axis`; a padded row within its own length.

        Without `axis` x stays as it is, as in SameDiff.
        """
        ...

    @op(moves.roll, mask=moving("roll"),
        cases=(case((2, 5, 3), shift=2, axis=1, padded={"x": (0, 1)}),
               case((2, 5, 3), shift=1, axis=2, padded={"x": (0, 1)}),
               case((4, 3), shift=-1, axis=0)))
    def roll(
        self, x: VarLike, shift: int, *, axis: Axis, name: str | None = None
    ) -> SDVariable:
        """The elements moved on by `shift`; what leaves a row enters it at its other end."""
        ...

    @op(moves.pad, mask=moving("pad"), name="pad", samediff="pad",
        cases=(case((2, 5, 3), padding=((0, 0), (0, 0), (1, 2)), padded={"x": (0, 1)}),
               case((2, 5, 3), padding=((0, 0), (1, 2), (0, 0)), padded={"x": (0, 1)}),
               case((2, 5, 3), padding=((0, 0), (0, 2), (1, 0)), mode="symmetric",
                    padded={"x": (0, 1)}),
               case((4,), padding=((2, 1),), mode="reflect")), differs=MIRRORED)
    def pad(
        self, x: VarLike, padding: Sequence[tuple[int, int]], *, mode: str = "constant",
        value: float = 0.0, name: str | None = None,
    ) -> SDVariable:
        """x with `padding[i]` = (before, after) slots more along axis i.

        Modes: "constant" puts `value` there, "reflect" mirrors without the edge, "symmetric" with.
        """
        ...
