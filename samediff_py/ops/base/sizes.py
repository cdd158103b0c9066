"""Sizes of arrays. Where they serve as sizes again (`sd.reshape(y, sd.shape(x))`), they are known
while the graph is built, named dims included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import sizes
from ..define import Namespace, case, op, wrong
from ..rules import measures

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axis, VarLike

_PLAIN = (case((2, 5, 3), gradient=False), case((4,), gradient=False))


class SizesOfArrays(Namespace):
    """How large an array is."""

    @op(sizes.shape, mask=measures, samediff="shape", cases=_PLAIN)
    def shape(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The size of x along each axis: [rank]."""
        ...

    @op(sizes.size, mask=measures, samediff="size", cases=_PLAIN)
    def size(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """How many elements x has: a scalar."""
        ...

    @op(sizes.rank, mask=measures, samediff="rank", cases=_PLAIN)
    def rank(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """How many axes x has: a scalar."""
        ...

    @op(sizes.size_at, mask=measures, samediff="sizeAt", java=("x, axis",),
        cases=(case((2, 5, 3), axis=1, gradient=False), case((4, 3), axis=-1, gradient=False)),
        raises=(wrong((2, 3), axis=2, match="axis 2"),))
    def size_at(self, x: VarLike, axis: Axis, *, name: str | None = None) -> SDVariable:
        """The size of x along one axis: a scalar."""
        ...
