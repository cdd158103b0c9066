"""Distances over `axis` of what x and y broadcast to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import (
    clipping,
    distances,
    normalization,
    reductions,
)
from ..base import BaseOps
from ..define import Namespace, Spec, case, op
from ..differences import KEPT, NO_GRADIENT
from ..rules import normalises, pointwise, reduces

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, VarLike

_APART = case((2, 5, 3), (2, 5, 3), axis=1, padded={"x": (0, 1), "y": (0, 1)})
_APART_ROWS = case((4, 3), (1, 3), axis=-1, keepdims=True)
_FROM = ("x, y, *axis", "x, y, keepdims, _, *axis")  # arrays say whether they are complex
_COMPLEX = ("SameDiff throws where isComplex is true and there is more than one result; here it "
            "changes nothing.")
_OF_ZEROS = ("A vector of zeros has similarity 0 to any other, where SameDiff gives NaN; its "
             "gradient is wrong over negative axes.")


class Distances(Namespace):
    """Distances over `axis` of what x and y broadcast to."""

    @op(distances.cosine_similarity, mask=reduces(), samediff="cosineSimilarity", java=_FROM,
        cases=(_APART, _APART_ROWS), differs=(_OF_ZEROS, _COMPLEX))
    def cosine_similarity(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """x.y / (|x| |y|) over `axis`; 0 where x or y is 0."""
        ...

    @op(distances.cosine_distance, mask=reduces(), name="cosine_distance_between",
        samediff="cosineDistance", java=_FROM, cases=(_APART, _APART_ROWS),
        differs=(_OF_ZEROS, _COMPLEX))
    def cosine_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """1 - the cosine similarity over `axis`."""
        ...

    @op(distances.euclidean_distance, mask=reduces(), samediff="euclideanDistance", java=_FROM,
        cases=(_APART, _APART_ROWS),
        differs=("SameDiff's gradient is NaN where x and y are equal; here it is 0.", _COMPLEX))
    def euclidean_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The root of the sum of (x - y)^2 over `axis`."""
        ...

    @op(distances.manhattan_distance, mask=reduces(), samediff="manhattanDistance", java=_FROM,
        cases=(_APART, _APART_ROWS), differs=_COMPLEX)
    def manhattan_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The sum of |x - y| over `axis`."""
        ...

    @op(distances.hamming_distance, mask=reduces(), samediff="hammingDistance", java=_FROM,
        cases=(case(Spec((2, 5, 3), "integer"), Spec((2, 5, 3), "integer"), axis=1, gradient=False,
                    padded={"x": (0, 1), "y": (0, 1)}), _APART_ROWS), differs=_COMPLEX)
    def hamming_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The fraction of elements along `axis` in which x and y differ."""
        ...

    @op(distances.jaccard_distance, mask=reduces(), samediff="jaccardDistance", java=_FROM,
        cases=(case(Spec((2, 5, 3), "positive"), Spec((2, 5, 3), "positive"), axis=1,
                    padded={"x": (0, 1), "y": (0, 1)}),
               case(Spec((4, 3), "positive"), Spec((1, 3), "positive"), axis=-1)),

        differs=("Zeros have distance 0 to zeros, where SameDiff gives NaN; its gradient is "
                 "wrong over negative axes.", _COMPLEX))
    def jaccard_distance(
        self, x: VarLike, y: VarLike, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """1 - sum of min(x, y) / sum of max(x, y) over `axis`; 0 where both are 0."""
        ...

    @op(reductions.count_nonzero, mask=reduces(counts=True), name="count_non_zero",
        samediff="countNonZero",
        cases=(case(Spec((2, 5, 3), "integer"), axis=1, padded={"x": (0, 1)}, gradient=False),
               case(Spec((4, 3), "integer"), axis=None, gradient=False)), differs=KEPT)
    def count_non_zero(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """How many elements along `axis` are not zero."""
        ...

    @op(reductions.count_zero, mask=reduces(counts=True), samediff="countZero",
        cases=(case(Spec((2, 5, 3), "integer"), axis=1, padded={"x": (0, 1)}, gradient=False),
               case(Spec((4, 3), "integer"), axis=None, gradient=False)), differs=KEPT)
    def count_zero(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """How many elements along `axis` are zero."""
        ...

    @op(reductions.moments, mask=reduces(), samediff="moments", java=("x, axis, keepdims",),
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4, 3), axis=0)),
        differs="SameDiff refuses axes that are a variable; here it may be one that is known "
                "while the graph is built.")
    def moments(
        self, x: VarLike, axis: Axes = None, *, keepdims: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> tuple[SDVariable, SDVariable]:
        """Mean and population variance over `axis`."""
        ...

    @op(normalization.standardize, mask=normalises(), samediff="standardize",
        cases=(case((2, 5, 3), axis=1, padded={"x": (0, 1)}), case((4, 3), axis=-1)))
    def standardize(
        self, x: VarLike, axis: Axes, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """(x - mean) / deviation over `axis`; a constant slice gives 0."""
        ...

    @op(reductions.normalize_moments, mask=pointwise, safe={"counts": 1.0},
        samediff="normalizeMoments",
        cases=(case(Spec((), "positive"), (3,), (3,), shift=0.5),
               case(Spec((2, 5), "positive"), (2, 5), (2, 5),
                    padded={"counts": (0, 1), "means": (0, 1), "variances": (0, 1)})),
        differs=NO_GRADIENT)
    def normalize_moments(
        self, counts: VarLike, means: VarLike, variances: VarLike, shift: float = 0.0, *,
        name: str | None = None,
    ) -> tuple[SDVariable, SDVariable]:
        """Mean and variance from sums of x - shift and of (x - shift)^2 over `counts` elements."""
        ...

    clip_by_norm = BaseOps.clip_by_norm

    @op(clipping.clip_by_avg_norm, mask=normalises(), samediff="clipByAvgNorm",
        cases=(case((2, 5, 3), clip_value=0.2, axis=1, padded={"x": (0, 1)}),
               case((4, 3), clip_value=0.1)),
        differs=("SameDiff takes float64 alone.", NO_GRADIENT))
    def clip_by_avg_norm(
        self, x: VarLike, clip_value: float, axis: Axes = None, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """As `clip_by_norm`, with the norm divided by the number of elements."""
        ...
