"""Several arrays into one, and one into several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...foundation.errors import GraphError
from ...kernels import moves, shaping
from ..define import Complete, Namespace, case, op, wrong
from ..differences import NO_GRADIENT, ONE_TYPE
from ..java import Name, is_operand
from ..rules import (
    moves as moving,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axis, ShapeLike, VarLike


def _as_vectors(values: dict[str, Any], _: Any) -> dict[str, Any]:
    """Scalars are joined to a vector."""
    xs = values["xs"]
    if not isinstance(xs, list | tuple) or any(getattr(x, "shape", None) != () for x in xs):
        return values
    return {**values, "xs": [x.reshape((1,)) for x in xs]}


def one_number(parameter: str) -> Complete:
    """The parameter as a number, where it is given as a variable of one."""

    def complete(values: dict[str, Any], fold: Any) -> dict[str, Any]:
        value = values[parameter]
        found = fold(value) if is_operand(value) else value
        if isinstance(found, list | tuple):
            if len(found) != 1:
                raise GraphError(f"{parameter} is one number, not {found}")
            found = found[0]
        return {**values, parameter: found}

    return complete


class Joins(Namespace):
    """Several arrays into one, and one into several."""

    @op(moves.concat, mask=moving("concat"), samediff="concat", java=("axis, *xs",),
        complete=_as_vectors,
        cases=(case(((2, 5, 3), (2, 5, 2)), axis=2, padded={"xs": (0, 1)}),
               case(((2, 5, 3), (2, 4, 3)), axis=1, padded={"xs": (0, 1)}),
               case(((2, 5, 3), (2, 5, 3), (2, 4, 3)), axis=1, padded={"xs": (0, 1)}),
               case(((4,), (3,)), axis=0)),
        raises=(wrong(((2, 3), (3, 4)), axis=0, match="concat"),),
        differs=(ONE_TYPE, "SameDiff has no gradient where scalars are joined."))
    def concat(
        self, xs: Sequence[VarLike], *, axis: Axis = 0, name: str | None = None
    ) -> SDVariable:
        """The inputs joined along `axis`; along a padded axis each row at its own end."""
        ...

    @op(shaping.stack, mask=moving("stack"), samediff="stack", java=("axis, *xs",),
        cases=(case(((2, 5), (2, 5)), axis=2, padded={"xs": (0, 1)}),
               case(((4,), (4,)), axis=0)), differs=ONE_TYPE)
    def stack(
        self, xs: Sequence[VarLike], *, axis: int = 0, name: str | None = None
    ) -> SDVariable:
        """The inputs side by side along a new axis."""
        ...

    @op(shaping.flatten, mask=moving("flatten"), samediff="flatten", java=("xs, order", "*xs"),
        cases=(case(((2, 5, 3),), padded={"xs": (0, 1)}), case(((2, 3), (2, 2)), order="f")),
        raises=(wrong(((2, 3),), order="k", match="order is"),),
        differs="SameDiff's gradient is right for one input in order 'c' alone.")
    def flatten(
        self, xs: Sequence[VarLike], order: str = "c", *, name: str | None = None
    ) -> SDVariable:
        """The elements of all inputs one after another in a vector, each row by row ("c") or
        column by column ("f")."""
        ...

    @op(shaping.split, mask=moving("split"), samediff="split", complete=one_number("num_split"),
        cases=(case((2, 5, 6), num_split=3, axis=2, padded={"x": (0, 1)}),
               case((4, 3), num_split=2)),
        raises=(wrong((2, 5), num_split=2, axis=1, match="equal parts"),),
        differs="The number of parts may be a variable that is known while the graph is built, "
                "which SameDiff refuses.")
    def split(
        self, x: VarLike, num_split: int | Sequence[int], axis: Axis = 0, *, name: Name = None
    ) -> tuple[SDVariable, ...]:
        """`num_split` equal parts along `axis`."""
        ...

    @op(shaping.split_v, mask=moving("split"), samediff="splitV",
        java=("x, part_sizes, num_split, axis",),
        cases=(case((2, 5, 6), part_sizes=(1, 3, 2), axis=2, padded={"x": (0, 1)}),
               case((4, 3), part_sizes=(4,))),
        raises=(wrong((2, 5), part_sizes=(2, 2), axis=1, match="no sizes of parts"),
                wrong((2, 5), part_sizes=(2, 3), axis=1, num_split=3, match="num_split is 3")),
        differs=NO_GRADIENT)
    def split_v(
        self, x: VarLike, part_sizes: ShapeLike, axis: Axis = 0, *, num_split: int | None = None,
        name: Name = None,
    ) -> tuple[SDVariable, ...]:
        """Parts of these sizes along `axis`; `num_split`, if given, is how many."""
        ...

    @op(shaping.unstack, mask=moving("split"), samediff="unstack", java=("x, axis, num",),
        cases=(case((2, 5, 3), axis=2, padded={"x": (0, 1)}), case((4, 3), num=4)),
        raises=(wrong((2, 3), axis=1, num=2, match="3 slices, not 2"),))
    def unstack(
        self, x: VarLike, axis: Axis = 0, *, num: int | None = None, name: Name = None
    ) -> tuple[SDVariable, ...]:
        """The slices along `axis`, without it; `num`, if given, is how many."""
        ...

    @op(shaping.set_shape, mask=moving("reshape"), samediff="setShape",
        cases=(case((2, 5, 6), shape=(-1, "time", 2, 3), padded={"x": (0, 1)}),
               case((4, 6), shape=(8, 3))),
        differs="SameDiff throws, or writes outside its memory; here it is `reshape`.")
    def set_shape(
        self, x: VarLike, shape: ShapeLike, *, name: Name = None
    ) -> tuple[SDVariable, ...]:
        """A list of one: the same elements, row by row, in another shape."""
        ...
