"""Reductions of the slices of an array that bear the same number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import segments as kernels
from ..define import Namespace, Spec, case, op, wrong
from ..rules import segments
from .counts import counted

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import ShapeLike, VarLike

_IDS = Spec((2, 5), "integer", high=3)
_PADDED = case((2, 5, 3), _IDS, num_segments=(5,), padded={"data": (0, 1), "segment_ids": (0, 1)})
_BATCH = case((4,), Spec((4,), "integer", high=2), num_segments=(2,),
              padded={"data": (0, None), "segment_ids": (0, None)})
_ALONE = case((6, 2), Spec((6,), "integer", high=3), num_segments=(4,))
_CASES = (_PADDED, _BATCH, _ALONE)
# The answer of an empty segment is so great that no numeric gradient bears it.
_EXTREMES = (case((2, 5, 3), _IDS, num_segments=(5,), gradient=False,
                  padded={"data": (0, 1), "segment_ids": (0, 1)}),
             case((2, 5, 3), Spec((2, 5), "integer", high=2), num_segments=(2,),
                  padded={"data": (0, 1), "segment_ids": (0, 1)}))
_MISFIT = wrong((6, 2), Spec((5,), "integer"), num_segments=(4,), match="leading axes of data")
_FRACTIONS = wrong((6, 2), (6,), num_segments=(4,), match="segment_ids must be integers")
_JAVA = ("data, segment_ids", "data, segment_ids, num_segments")
_COUNTED = ("data, segment_ids, num_segments",)
_ORDER = ("SameDiff takes sorted vectors of ids alone; here they may stand in any order, and have "
          "any of the leading axes of the data. Ids that are no constants need `num_segments`.")
_RANKS = ("SameDiff takes vectors of ids alone; here they may have any of the leading axes of the "
          "data. The number of segments may be a variable only where it is known while the graph "
          "is built.")
_NUMBERS = ("num_segments", "segment_ids")
_MEANS = "SameDiff refuses integers; here their mean is float32."


class Segments(Namespace):
    """Reductions of the slices of an array that bear the same number."""

    @op(kernels.segment_sum, mask=segments, samediff="segmentSum", java=_JAVA, cases=_CASES,
        complete=counted("segment_sum", *_NUMBERS), raises=(_MISFIT, _FRACTIONS), differs=_ORDER)
    def segment_sum(
        self, data: VarLike, segment_ids: VarLike, *,
        num_segments: int | str | ShapeLike | None = None, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The sums of the slices of data [*ids, ...] with the same id: [num_segments, ...].

        A segment without any is 0. Without `num_segments` the ids must be constants.
        """
        ...

    @op(kernels.segment_mean, mask=segments, samediff="segmentMean", java=_JAVA, cases=_CASES,
        complete=counted("segment_mean", *_NUMBERS), raises=(_MISFIT,),
        differs=(_ORDER, _MEANS))
    def segment_mean(
        self, data: VarLike, segment_ids: VarLike, *,
        num_segments: int | str | ShapeLike | None = None, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The means of the slices of data with the same id; 0 of none."""
        ...

    @op(kernels.segment_prod, mask=segments, samediff="segmentProd", java=_JAVA, cases=_CASES,
        complete=counted("segment_prod", *_NUMBERS), raises=(_MISFIT,), differs=_ORDER)
    def segment_prod(
        self, data: VarLike, segment_ids: VarLike, *,
        num_segments: int | str | ShapeLike | None = None, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The products of the slices of data with the same id; 1 of none."""
        ...

    @op(kernels.segment_max, mask=segments, samediff="segmentMax", java=_JAVA, cases=_CASES,
        complete=counted("segment_max", *_NUMBERS), raises=(_MISFIT,), differs=_ORDER)
    def segment_max(
        self, data: VarLike, segment_ids: VarLike, *,
        num_segments: int | str | ShapeLike | None = None, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest of the slices of data with the same id; 0 of none."""
        ...

    @op(kernels.segment_min, mask=segments, samediff="segmentMin", java=_JAVA, cases=_CASES,
        complete=counted("segment_min", *_NUMBERS), raises=(_MISFIT,), differs=_ORDER)
    def segment_min(
        self, data: VarLike, segment_ids: VarLike, *,
        num_segments: int | str | ShapeLike | None = None, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The least of the slices of data with the same id; 0 of none."""
        ...

    @op(kernels.segment_sum, mask=segments, samediff="unsortedSegmentSum", java=_COUNTED,
        cases=_CASES, raises=(_MISFIT,), differs=_RANKS)
    def unsorted_segment_sum(
        self, data: VarLike, segment_ids: VarLike, num_segments: int | str | ShapeLike, *,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The sums of the slices of data [*ids, ...] with the same id: [num_segments, ...].

        A segment without any is 0.
        """
        ...

    @op(kernels.segment_mean, mask=segments, samediff="unsortedSegmentMean", java=_COUNTED,
        cases=_CASES, raises=(_MISFIT,), differs=(_RANKS, _MEANS))
    def unsorted_segment_mean(
        self, data: VarLike, segment_ids: VarLike, num_segments: int | str | ShapeLike, *,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The means of the slices of data with the same id; 0 of none."""
        ...

    @op(kernels.segment_sqrt_n, mask=segments, samediff="unsortedSegmentSqrtN", java=_COUNTED,
        cases=_CASES, raises=(_MISFIT,),
        differs=(_RANKS, _MEANS, "SameDiff throws where the number of segments is a variable."))
    def unsorted_segment_sqrt_n(
        self, data: VarLike, segment_ids: VarLike, num_segments: int | str | ShapeLike, *,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The sums of the slices with the same id / root of their number; 0 of none."""
        ...

    @op(kernels.segment_prod, mask=segments, samediff="unsortedSegmentProd", java=_COUNTED,
        cases=_CASES, raises=(_MISFIT,),
        differs=(_RANKS, "SameDiff has no gradient where the number of segments is a variable."))
    def unsorted_segment_prod(
        self, data: VarLike, segment_ids: VarLike, num_segments: int | str | ShapeLike, *,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The products of the slices of data with the same id; 1 of none."""
        ...

    @op(kernels.unsorted_segment_max, mask=segments, samediff="unsortedSegmentMax", java=_COUNTED,
        cases=_EXTREMES, raises=(_MISFIT,), differs=_RANKS)
    def unsorted_segment_max(
        self, data: VarLike, segment_ids: VarLike, num_segments: int | str | ShapeLike, *,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The greatest of the slices with the same id; of none, the lowest finite number."""
        ...

    @op(kernels.unsorted_segment_min, mask=segments, samediff="unsortedSegmentMin", java=_COUNTED,
        cases=_EXTREMES, raises=(_MISFIT,), differs=_RANKS)
    def unsorted_segment_min(
        self, data: VarLike, segment_ids: VarLike, num_segments: int | str | ShapeLike, *,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The least of the slices with the same id; of none, the greatest finite number."""
        ...
