"""Parts of an array by their places: an index, and SameDiff's other words for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...foundation.errors import GraphError
from ...foundation.index import slice_entries, strided_entries, view_entries
from ...kernels import moves
from ..define import Namespace, case, op, wrong
from ..differences import NO_GRADIENT
from ..java import composite, is_operand
from ..rules import (
    moves as moving,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Index, VarLike

_ALL = slice(None)  # the builtin: in the class below, `slice` is an op


def _listed(rest: tuple[Any, ...]) -> Any:
    """The rest of the arguments, or the one list (or variable) that holds them."""
    many = len(rest) == 1 and not isinstance(rest[0], int)
    return rest[0] if many else rest


class Slices(Namespace):
    """Parts of an array by their places."""

    @op(moves.getitem, mask=moving("getitem"),
        cases=(case((2, 5, 3), index=(_ALL, slice(1, None)), padded={"x": (0, 1)}),
               case((2, 5, 3), index=(_ALL, -1), padded={"x": (0, 1)}),
               case((2, 5, 3), index=(_ALL, 2, slice(None, -1)), padded={"x": (0, 1)}),
               case((2, 5, 3), index=(_ALL, None, slice(-3, -1)), padded={"x": (0, 1)}),
               case((2, 5, 3), index=(_ALL, slice(None, None, -1)), padded={"x": (0, 1)}),
               case((4, 3), index=(1, slice(None, None, 2)))),
        raises=(wrong((2, 3), index=(0, 7), match="7"),))
    def getitem(self, x: VarLike, index: Index, *, name: str | None = None) -> SDVariable:
        """x[index]: integers, slices, None and `...`; from the end of each row's own length."""
        ...

    @composite("slice", differs="SameDiff throws unless every axis has an entry.")
    def slice(
        self, x: SDVariable, begin: Sequence[int], *size: Any, name: str | None = None
    ) -> SDVariable:
        """`size[i]` elements from `begin[i]` on along axis i; size -1 is "to the end".

        `size` is one list, or its numbers one by one.

        An axis of open size ends where its rows end; one of known size must have so many elements.
        Axes without an entry are taken whole.
        """
        begin, size = self._numbers(begin), self._numbers(_listed(size))
        for axis, (start, n, there) in enumerate(zip(begin, size, x.shape, strict=False)):
            if isinstance(there, int) and isinstance(n, int) and start + max(n, 0) > there:
                raise GraphError(
                    f"slice: {n} elements from {start} on reach beyond axis {axis} of {x!r}"
                )
        return self.getitem(x, slice_entries(begin, size), name=name)

    @composite("stridedSlice",
        differs="SameDiff throws where an entry ends beyond its axis, answers rubbish or dies for "
                "negative strides, and gives nothing where `...` stands for several axes.")
    def strided_slice(
        self, x: SDVariable, begin: Sequence[int], end: Sequence[int], strides: Sequence[int],
        begin_mask: int = 0, end_mask: int = 0, ellipsis_mask: int = 0, new_axis_mask: int = 0,
        shrink_axis_mask: int = 0, *, name: str | None = None,
    ) -> SDVariable:
        """x[begin:end:stride], entry by entry, as in TensorFlow.

        Bit i of a mask says of entry i: that it begins at the beginning, ends at the end, stands
        for all axes that are not named (`...`), makes a new axis, is the position `begin[i]`.
        """
        entries = strided_entries(
            self._numbers(begin), self._numbers(end), self._numbers(strides),
            begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask,
        )
        return self.getitem(x, entries, name=name)

    @composite("createView",
        differs=("SameDiff throws for a new axis, and for vectors that are constants.",
                 NO_GRADIENT))
    def create_view(
        self, x: SDVariable, *indices: Any, name: str | None = None
    ) -> SDVariable:
        """A part of x by one index vector an axis, numbers or constants; x[...] is easier.

        [0, 1, 1, i, 1] is position i, [1, 2, 1, begin, end, stride, inclusive] an interval,
        [2, 0, 1, 1] all of the axis, [3, 1, 10, 1] a new axis. Axes at the end may be left out.
        """
        vectors = indices if indices and is_operand(indices[0]) else _listed(indices)
        return self.getitem(x, view_entries(list(map(self._numbers, vectors))), name=name)

    def _numbers(self, value: Any) -> Any:
        """Numbers, also of a variable that is known while the graph is built."""
        return self._builder.fold(value) if is_operand(value) else value
