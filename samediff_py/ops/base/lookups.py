"""Elements by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import indexing
from ..define import Namespace, Spec, case, op
from ..rules import (
    grows,
    picks,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axis, DTypeLike, VarLike




class LookUps(Namespace):
    """Elements by their numbers."""

    @op(indexing.gather, mask=picks(), samediff="gather",
        cases=(case((2, 5, 3), Spec((2,), "integer", high=5), axis=1, padded={"x": (0, 1)}),
               case((4, 3), Spec((2, 5), "integer", high=4), axis=0, padded={"indices": (0, 1)})))
    def gather(
        self, x: VarLike, indices: VarLike, *, axis: Axis = 0, name: str | None = None
    ) -> SDVariable:
        """The slices of x along `axis` that `indices` name."""
        ...

    @op(indexing.one_hot, mask=grows, samediff="oneHot",
        cases=(case(Spec((2, 5), "integer"), depth=4, padded={"indices": (0, 1)}, gradient=False),
               case(Spec((4,), "integer"), depth=4, on=2.0, off=-1.0, gradient=False)))
    def one_hot(
        self, indices: VarLike, depth: int, *, axis: int = -1, on: float = 1.0, off: float = 0.0,
        dtype: DTypeLike = "float32", name: str | None = None,
    ) -> SDVariable:
        """`on` at the index along a new axis of size `depth`, `off` elsewhere and out of range."""
        ...
