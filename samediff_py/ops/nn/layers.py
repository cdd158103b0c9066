"""Linear layers, look-ups, dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import activations, dropout, indexing
from .. import axes
from ..define import Namespace, Spec, case, op, wrong
from ..differences import NO_GRADIENT, NO_INTEGERS
from ..rules import (
    contracts,
    picks,
    pointwise,
    pointwise_first,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_KEPT = case((2, 5, 3), keep_probability=0.5, padded={"x": (0, 1)})
_ALL_KEPT = case((4,), keep_probability=1.0)
_NO_PROBABILITY = wrong((4,), keep_probability=1.5, match="probability")


class Layers(Namespace):
    """Linear layers, look-ups, dropout."""

    @op(activations.linear, mask=contracts(axes.linear), samediff="linear",
        cases=(case((2, 5, 3), (3, 4), (4,), padded={"x": (0, 1)}), case((4, 3), (3, 2))),
        raises=(wrong((2, 3), (4, 2), match="linear"),),
        differs="SameDiff demands the bias and takes matrices alone; its gradient of the bias is "
                "wrong for one row.")
    def linear(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """x @ weights + bias, over the last axis of x."""
        ...

    @op(activations.relu_layer, mask=contracts(axes.linear), samediff="reluLayer",
        cases=(case((2, 5, 3), (3, 4), (4,), padded={"x": (0, 1)}), case((4, 3), (3, 2))),
        raises=(wrong((2, 3), (4, 2), match="relu_layer"),),
        differs="SameDiff demands the bias and takes matrices alone, of more than one row and one "
                "unit.")
    def relu_layer(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """max(x @ weights + bias, 0), over the last axis of x."""
        ...

    @op(activations.bias_add, mask=pointwise_first, samediff="biasAdd",
        cases=(case((2, 5, 3), (3,), padded={"x": (0, 1)}), case((2, 3, 4), (3,), nchw=True)),
        differs=NO_INTEGERS)
    def bias_add(
        self, x: VarLike, bias: VarLike, *, nchw: bool = False, name: str | None = None
    ) -> SDVariable:
        """x + bias along the last axis, or along axis 1 with `nchw`."""
        ...

    @op(indexing.embedding, mask=picks("table", "ids", None), samediff="embeddingLookup",
        java=("table, ids", "table, ids, _"),
        cases=(case((4, 3), Spec((2, 5), "integer"), padded={"ids": (0, 1)}),
               case((4, 3), Spec((6,), "integer"))),
        differs=("SameDiff takes vectors of ids alone.", NO_GRADIENT))
    def embedding(
        self, table: VarLike, ids: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """The rows of the table that the ids name: [.., features]. Padded ids read no row."""
        ...

    @op(dropout.dropout_kept, mask=pointwise, name="dropout_kept", samediff="dropout",
        cases=(_KEPT, _ALL_KEPT), raises=(_NO_PROBABILITY,),
        differs=("SameDiff takes the probability of keeping, does not rescale, and drops in "
                 "inference too; here inference multiplies by that probability, which is what "
                 "training gives in the mean.", NO_GRADIENT))
    def _dropout_kept(
        self, x: VarLike, keep_probability: float, *, name: str | None = None
    ) -> SDVariable:
        """In training x with `keep_probability`, else 0, not rescaled; x times it in inference.

        `dropout` in Java's spelling (Srivastava et al. 2014).
        """
        ...

    @op(dropout.dropout_inverted, mask=pointwise, samediff="dropoutInverted",
        cases=(_KEPT, _ALL_KEPT), raises=(_NO_PROBABILITY,),
        differs=("SameDiff drops in inference too, and gives rubbish for float64.", NO_GRADIENT))
    def dropout_inverted(
        self, x: VarLike, keep_probability: float, *, name: str | None = None
    ) -> SDVariable:
        """In training x / keep_probability, or 0 with 1 - keep_probability; x in inference.

        `dropout` by the probability of keeping. With a probability of 0 nothing is kept, ever.
        """
        ...

    @op(dropout.dropout, mask=pointwise,
        cases=(case((2, 5, 3), rate=0.5, padded={"x": (0, 1)}), case((4,), rate=0.0)))
    def dropout(self, x: VarLike, rate: float, *, name: str | None = None) -> SDVariable:
        """In training x / (1 - rate), or 0 with probability `rate`; x in inference.

        The numbers drawn depend on the seed, the name and the position, not on the padding.
        """
        ...
