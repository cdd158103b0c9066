"""Elements by their numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...foundation.errors import GraphError
from ...kernels import indexing, scatter
from ..define import Namespace, Spec, case, op, wrong
from ..differences import NO_GRADIENT
from ..rules import grows, opaque, picks, picks_places

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axis, DTypeLike, VarLike

_UNCHECKED = ("An index out of range reads other memory in SameDiff; here it is refused, or, "
              "where it is computed in a compiled graph, clamped (sd.debug() finds it).")


def _permutation(values: dict[str, Any], fold: Callable[[Any], Any]) -> dict[str, Any]:
    """The call as it is, if a constant among it is a permutation."""
    try:
        numbers = np.ravel(fold(values["x"]))
    except GraphError:
        return values
    if sorted(numbers) != list(range(len(numbers))):
        raise GraphError(f"invert_permutation: {numbers.tolist()} are not 0, 1, .. each once")
    return values


class LookUps(Namespace):
    """Elements by their numbers."""

    @op(indexing.gather, mask=picks(), samediff="gather",
        java=("x, indices, axis", "x, [indices], axis"),
        differs=(_UNCHECKED, "SameDiff's gradient throws, or is wrong."),
        cases=(case((2, 5, 3), Spec((2,), "integer", high=5), axis=1, padded={"x": (0, 1)}),
               case((4, 3), Spec((2, 5), "integer", high=4), axis=0, padded={"indices": (0, 1)})))
    def gather(
        self, x: VarLike, indices: VarLike, axis: Axis = 0, *, name: str | None = None
    ) -> SDVariable:
        """The slices of x along `axis` that `indices` name."""
        ...

    @op(indexing.gather_nd, mask=picks_places, samediff="gatherNd",
        cases=(case((5, 3), Spec((2, 4, 1), "integer", high=5), padded={"indices": (0, 1)}),
               case((2, 5, 3), Spec((3, 2), "integer", high=1), padded={"x": (0, 1)}),
               case((4, 3), Spec((2, 2), "integer", high=3))),
        raises=(wrong((4, 3), Spec((2, 3), "integer"), match="3 numbers"),),
        differs=(_UNCHECKED, NO_GRADIENT))
    def gather_nd(self, x: VarLike, indices: VarLike, *, name: str | None = None) -> SDVariable:
        """The parts of x at the places that the last axis of `indices` [..., k] spells out.

        result[...] = x[indices[..., 0], .., indices[..., k-1]]: [..., *x.shape[k:]].
        """
        ...

    @op(indexing.one_hot, mask=grows, samediff="oneHot",
        java=("indices, depth", "indices, depth, axis, on, off",
              "indices, depth, axis, on, off, dtype"),
        cases=(case(Spec((2, 5), "integer"), depth=4, padded={"indices": (0, 1)}, gradient=False),
               case(Spec((4,), "integer"), depth=4, on=2.0, off=-1.0, gradient=False)))
    def one_hot(
        self, indices: VarLike, depth: int, *, axis: int = -1, on: float = 1.0, off: float = 0.0,
        dtype: DTypeLike = "float32", name: str | None = None,
    ) -> SDVariable:
        """`on` at the index along a new axis of size `depth`, `off` elsewhere and out of range."""
        ...

    @op(scatter.invert_permutation, mask=opaque, samediff="invertPermutation",
        complete=_permutation,
        cases=(case(Spec((1,), "integer", high=1), gradient=False),
               case(Spec((2,), "integer", high=2, dtype="int64"), gradient=False)),
        raises=(wrong(Spec((2, 3), "integer"), match="vector"),))
    def invert_permutation(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """result[x[i]] = i, for a vector that holds each of 0, 1, ... once."""
        ...
