"""Order, several arrays into one, tables and look-ups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...foundation.errors import GraphError
from ...kernels import (
    merging,
    orders,
    tables,
)
from ...kernels import ragged as ragged_kernels
from ..define import Namespace, Spec, case, op, wrong
from ..differences import INTEGERS
from ..java import Name
from ..nn import NNOps
from ..rules import normalises, opaque, pointwise, ragged_places, reduces, tallies

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import DTypeLike, VarLike

_KINK = case((2, 5, 3), padded={"x": (0, 1)}, gradient=False)
_MERGED = case(((2, 5), (2, 5)), padded={"xs": (0, 1)})
_MERGED_ALONE = case(((4,), (4,), (4,)))
_UNLIKE = wrong(((2, 3), (3, 2)), match="one shape")
_UNTOLD = "SameDiff throws without a reason where shapes differ; here the error names them."
_IDS = Spec((2, 5), "integer")


def _classes(values: dict[str, Any], fold: Callable[[Any], Any]) -> dict[str, Any]:
    """As many classes as the greatest label or prediction says."""
    if values["num_classes"] is not None:
        return values
    try:
        greatest = max(np.max(fold(values[name])) for name in ("labels", "predictions"))
    except GraphError as error:
        raise GraphError(
            f"confusion_matrix: {error}\nor say how many classes there are: num_classes=.."
        ) from None
    return values | {"num_classes": int(greatest) + 1}


class Tables(Namespace):
    """Order, several arrays into one, tables and look-ups."""

    @op(orders.is_max, mask=normalises(), samediff="isMax",
        cases=(_KINK, case((4,), gradient=False)))
    def is_max(self, x: VarLike, *, masked: bool = True, name: str | None = None) -> SDVariable:
        """True at the greatest of all elements alone, the first of equals."""
        ...

    @op(orders.is_non_decreasing, mask=reduces(), samediff="isNonDecreasing",
        cases=(_KINK, case(Spec((1,), "integer"), gradient=False)))
    def is_non_decreasing(
        self, x: VarLike, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """Whether no element is less than the one before it, row by row."""
        ...

    @op(orders.is_strictly_increasing, mask=reduces(), samediff="isStrictlyIncreasing",
        cases=(_KINK, case(Spec((1,), "integer"), gradient=False)))
    def is_strictly_increasing(
        self, x: VarLike, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """Whether every element is greater than the one before it, row by row."""
        ...


    @op(merging.merge_add, mask=pointwise, samediff="mergeAdd", java=("*xs",),
        cases=(_MERGED, _MERGED_ALONE), raises=(_UNLIKE,), differs=_UNTOLD)
    def merge_add(self, xs: Sequence[VarLike], *, name: str | None = None) -> SDVariable:
        """The sum of the inputs."""
        ...

    @op(merging.merge_avg, mask=pointwise, samediff="mergeAvg", java=("*xs",),
        cases=(_MERGED, _MERGED_ALONE), raises=(_UNLIKE,),
        differs=(INTEGERS, "SameDiff has 1/n in float32, whatever the type."))
    def merge_avg(self, xs: Sequence[VarLike], *, name: str | None = None) -> SDVariable:
        """The mean of the inputs."""
        ...

    @op(merging.merge_max, mask=pointwise, samediff="mergeMax", java=("*xs",),
        cases=(_MERGED, _MERGED_ALONE), raises=(_UNLIKE,), differs=_UNTOLD)
    def merge_max(self, xs: Sequence[VarLike], *, name: str | None = None) -> SDVariable:
        """The greatest of the inputs, element by element."""
        ...

    @op(merging.merge_max_index, mask=pointwise, samediff="mergeMaxIndex",
        java=("*xs", "xs, dtype"), cases=(_MERGED, _MERGED_ALONE), raises=(_UNLIKE,))
    def merge_max_index(
        self, xs: Sequence[VarLike], *, dtype: DTypeLike = "int32", name: str | None = None
    ) -> SDVariable:
        """Which of the inputs is greatest, element by element: its number, the first of equals."""
        ...


    @op(tables.confusion_matrix, mask=tallies, samediff="confusionMatrix", complete=_classes,
        java=("labels, predictions, dtype", "labels, predictions, num_classes",
              "labels, predictions, weights", "labels, predictions, weights, num_classes"),
        cases=(case(_IDS, _IDS, num_classes=4, gradient=False,
                    padded={"labels": (0, 1), "predictions": (0, 1)}),
               case(Spec((6,), "integer"), Spec((6,), "integer"), (6,), num_classes=5)),
        differs=("Weights are added up in their own type, where SameDiff cuts them to integers; "
                 "it throws for an item outside the classes, which here is in no cell."))
    def confusion_matrix(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        num_classes: int | None = None, dtype: DTypeLike | None = None, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """[label, prediction]: how often the two met, or the sum of the weights of these items.

        Without `num_classes` both must be constants; an item outside the classes is in no cell.
        """
        ...

    @op(tables.meshgrid, mask=opaque, samediff="meshgrid", java=("xs, cartesian",),
        cases=(case(((3,), (2,))), case(((3,), (2,), (4,)), cartesian=False)),
        raises=(wrong(((3,), (2, 2)), match="vectors"),),
        differs="SameDiff's gradient is right for two vectors or more with cartesian = false "
                "alone.")
    def meshgrid(
        self, xs: Sequence[VarLike], *, cartesian: bool = True, name: str | None = None
    ) -> tuple[SDVariable, ...]:
        """Coordinates of the grid that the vectors span, one array for each.

        Axis i belongs to vector i; with `cartesian` the first two axes are swapped.
        """
        ...

    embedding_lookup = NNOps.embedding

    @op(ragged_kernels.list_diff, mask=ragged_places("x"), samediff="listDiff", internal=1,
        cases=(case(Spec((5,), "integer"), Spec((4,), "integer", high=3), padded={"y": (0, None)},
                    gradient=False),
               case(Spec((6,), "integer"), Spec((2,), "integer"), gradient=False)),
        raises=(wrong((2, 3), (3,), match="vectors"),),
        differs="SameDiff throws where nothing is left; here the result is empty.")
    def list_diff(
        self, x: VarLike, y: VarLike, *, name: Name = None
    ) -> tuple[SDVariable, SDVariable]:
        """The elements of the vector x that are not in y, in their order, and their places in x.

        Both are [found], where `found` depends on the values.
        """
        ...
