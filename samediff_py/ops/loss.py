"""`sd.loss`: a loss is a sum over real items, and their count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kernels import losses as kernels
from ..kernels.ctc import ctc_loss
from .define import Namespace, Padded, Spec, case, op, wrong
from .rules import losses

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import Axis, VarLike

_BOTH = {"labels": (0, 1), "predictions": (0, 1)}
_PAIR = case((2, 5, 3), (2, 5, 3), padded=_BOTH)
_FLAT = case((4, 3), (4, 3), reduction="sum")
_FOR_EACH: Padded = dict.fromkeys(("labels", "logits", "label_lengths", "logit_lengths"), (0, None))
_PROBABILITIES = (Spec((2, 5, 3), "probability"), Spec((2, 5, 3), "probability"))
_JAVA = ("labels, predictions, weights, reduction", "labels, predictions, weights")


def _java(own: str, short: str = "") -> tuple[str, ...]:
    """Java's orders of a loss with an option of its own at the end; `short` stands for it."""
    orders = (f"{order}, {own}" for order in _JAVA)
    return (*orders, _JAVA[1] + short, "labels, predictions" + short)


_MISFIT = wrong((2, 3), (4, 5), match="labels of shape")
_UPSTREAM = "SameDiff's gradient ignores what comes back to it: 2 * loss trains like loss."


class LossOps(Namespace):
    """Losses, in the order (labels, predictions). Each marks itself as a loss to minimise.

    `weights` broadcast to the items. `reduction`: "mean" (over items of non-zero weight), "sum",
    "none", or "mean_by_weight" (sum of weighted losses / sum of weights).

    Over several batches (`fit`, `evaluate`) a mean is the sum of all sums by the sum of all counts,
    whatever the batches. A "sum" has no count: what is reported is its mean over the batches. It
    grows with `batch_size`, as do the steps that `fit` takes.
    """

    @op(kernels.absolute_difference, mask=losses(), samediff="absoluteDifference",
        java=_JAVA, loss=True,
        cases=(_PAIR, _FLAT), differs=_UPSTREAM)
    def absolute_difference(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        reduction: str = "mean", name: str | None = None,
    ) -> SDVariable:
        """|labels - predictions|."""
        ...

    @op(kernels.mean_squared_error, mask=losses(), samediff="meanSquaredError",
        java=_JAVA, loss=True,
        cases=(_PAIR, _FLAT, case((2, 5, 3), (2, 5, 3), Spec((2, 1, 1), "positive"),
                                  reduction="mean_by_weight",
                                  padded={**_BOTH, "weights": (0, None)})), differs=_UPSTREAM)
    def mean_squared_error(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        reduction: str = "mean", name: str | None = None,
    ) -> SDVariable:
        """(labels - predictions)^2."""
        ...

    @op(kernels.hinge_loss, mask=losses(), samediff="hingeLoss",
        java=_JAVA, loss=True,
        cases=(case(Spec((2, 5), "integer", high=2), (2, 5), padded=_BOTH), _FLAT),
        differs=_UPSTREAM)
    def hinge_loss(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        reduction: str = "mean", name: str | None = None,
    ) -> SDVariable:
        """max(0, 1 - (2 labels - 1) * predictions), labels 0 or 1."""
        ...

    @op(kernels.huber_loss, mask=losses(), samediff="huberLoss",
        java=_java("delta"), loss=True, cases=(_PAIR, _FLAT), differs=_UPSTREAM)
    def huber_loss(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        delta: float = 1.0, reduction: str = "mean", name: str | None = None,
    ) -> SDVariable:
        """e^2 / 2 up to e = |labels - predictions| = delta, then delta * e - delta^2 / 2."""
        ...

    @op(kernels.log_loss, mask=losses(), samediff="logLoss",
        java=_java("epsilon", ", epsilon=0.0"), loss=True,
        cases=(case(*_PROBABILITIES, padded=_BOTH),
               case(Spec((4,), "probability"), Spec((4,), "probability"), reduction="sum")),
        differs=_UPSTREAM)
    def log_loss(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        epsilon: float = 1e-7, reduction: str = "mean", name: str | None = None,
    ) -> SDVariable:
        """-(y ln(p + epsilon) + (1 - y) ln(1 - p + epsilon)), p a probability."""
        ...

    @op(kernels.log_poisson, mask=losses(), samediff="logPoisson",
        java=_java("full"), loss=True,
        cases=(case(Spec((2, 5), "positive"), (2, 5), padded=_BOTH),
               case(Spec((4,), "positive"), (4,), full=True)),

        differs=("SameDiff's full form gives NaN for the label 0, which adds nothing here.",
                 _UPSTREAM))
    def log_poisson(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        full: bool = False, reduction: str = "mean", name: str | None = None,
    ) -> SDVariable:
        """e^p - y p, p the logarithm of the rate; `full` adds y ln y - y + ln(2 pi y)/2."""
        ...

    @op(kernels.sigmoid_cross_entropy, mask=losses(), samediff="sigmoidCrossEntropy",
        java=_java("label_smoothing"), loss=True,
        cases=(case(Spec((2, 5), "probability"), (2, 5), padded=_BOTH),
               case(Spec((4,), "probability"), (4,), label_smoothing=0.1)), differs=_UPSTREAM)
    def sigmoid_cross_entropy(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        label_smoothing: float = 0.0, reduction: str = "mean", allow_softmax: bool = False,
        name: str | None = None,
    ) -> SDVariable:
        """Cross entropy of labels and sigmoid(predictions): predictions are logits, not
        probabilities. An input that is a sigmoid already is an error unless `allow_softmax`."""
        ...

    @op(kernels.softmax_cross_entropy, mask=losses(class_axis=("labels", "predictions")),
        samediff="softmaxCrossEntropy", java=_java("label_smoothing"), loss=True,
        cases=(case(*_PROBABILITIES, padded=_BOTH), case((4, 3), (4, 3), label_smoothing=0.1)),
        raises=(_MISFIT,),

        differs=("SameDiff's unreduced loss of logits [n, c] is [n, 1], and here [n]; it smooths "
                 "labels by the size of axis 1, and not by the number of classes; its gradient "
                 "throws for weights [n, 1].", _UPSTREAM))
    def softmax_cross_entropy(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        label_smoothing: float = 0.0, reduction: str = "mean", allow_softmax: bool = False,
        name: str | None = None,
    ) -> SDVariable:
        """Cross entropy of labels and softmax(predictions) over the last axis: logits, not
        probabilities. An input that is a softmax already is an error unless `allow_softmax`."""
        ...

    @op(kernels.sparse_softmax_cross_entropy, mask=losses(class_axis=("predictions",)),
        samediff="sparseSoftmaxCrossEntropy", loss=True,
        java=("predictions, labels, reduction='none'",),
        cases=(case(Spec((2, 5), "integer", high=3), (2, 5, 3), padded=_BOTH),
               case(Spec((4,), "integer", high=3), (4, 3), reduction="sum")),
        raises=(wrong(Spec((2,), "integer"), (3, 4), match="labels must be integers"),),
        differs=("SameDiff gives infinity where a logit is 745 below the greatest.", _UPSTREAM))
    def sparse_softmax_cross_entropy(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        reduction: str = "mean", allow_softmax: bool = False, name: str | None = None,
    ) -> SDVariable:
        """Cross entropy of class numbers [..] and softmax(predictions [.., classes]): logits."""
        ...

    @op(kernels.weighted_cross_entropy_with_logits, mask=losses(), loss=True,
        samediff="weightedCrossEntropyWithLogits",
        cases=(case(Spec((2, 5), "probability"), (2, 5), Spec((1,), "positive"),
                    padded={"labels": (0, 1), "logits": (0, 1)}),
               case(Spec((4, 3), "probability"), (4, 3), pos_weight=2.0, reduction="sum")))
    def weighted_cross_entropy_with_logits(
        self, labels: VarLike, logits: VarLike, pos_weight: VarLike,
        weights: VarLike | None = None, *, reduction: str = "mean", allow_softmax: bool = False,
        name: str | None = None,
    ) -> SDVariable:
        """Sigmoid cross entropy in which the positive label counts `pos_weight` times. Logits that
        are a sigmoid already are an error unless `allow_softmax`."""
        ...

    @op(kernels.cosine_distance, mask=losses(), samediff="cosineDistance",
        java=_java("axis"), loss=True,
        cases=(case((2, 5, 3), (2, 5, 3), axis=2, padded=_BOTH),
               case((2, 5, 3), (2, 5, 3), axis=1, reduction="none", padded=_BOTH),
               case((4, 3), (4, 3), axis=1, reduction="sum")),

        differs=("SameDiff takes the first weight for all where they do not fit, which is an "
                 "error here.", _UPSTREAM))
    def cosine_distance(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        axis: Axis = -1, reduction: str = "mean", name: str | None = None,
    ) -> SDVariable:
        """1 - sum of labels * predictions over `axis`; nothing is normalised."""
        ...

    @op(kernels.mean_pairwise_squared_error, mask=losses(), loss=True,
        samediff="meanPairwiseSquaredError", java=_JAVA,
        cases=(case((2, 5), (2, 5), padded=_BOTH), case((4, 3), (4, 3), reduction="sum")),

        differs=("SameDiff counts axis 1 alone as the elements of an example, and gives NaN for "
                 "one element; of a vector it makes one loss, and here every element is an "
                 "example.", _UPSTREAM))
    def mean_pairwise_squared_error(
        self, labels: VarLike, predictions: VarLike, weights: VarLike | None = None, *,
        reduction: str = "mean", name: str | None = None,
    ) -> SDVariable:
        """Twice the mean, over pairs of elements of an example, of (d_i - d_j)^2, d = p - y."""
        ...

    @op(kernels.l2_loss, mask=losses(), samediff="l2Loss", loss=True,
        cases=(case((2, 5, 3), padded={"x": (0, 1)}), case((4,))), differs=_UPSTREAM)
    def l2_loss(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The sum of squares, halved."""
        ...

    @op(ctc_loss, samediff="ctcLoss", loss=True,
        mask=losses(sequences=("labels", "logits"), frames="logits"),
        cases=(case(Spec((2, 2), "integer", high=2), (2, 6, 4),
                    Spec((2,), "integer", low=1, high=3), Spec((2,), "integer", low=5, high=7),
                    blank_index=3, reduction="none", padded=_FOR_EACH),
               case(Spec((2, 2), "integer", high=2), (2, 6, 4),
                    Spec((2,), "integer", low=1, high=3), Spec((2,), "integer", low=5, high=7),
                    blank_index=3, padded=_FOR_EACH)), differs="SameDiff always throws.")
    def ctc_loss(
        self, labels: VarLike, logits: VarLike, label_lengths: VarLike, logit_lengths: VarLike,
        weights: VarLike | None = None, *, blank_index: int = 0, reduction: str = "mean",
        name: str | None = None,
    ) -> SDVariable:
        """-ln of the probability of all alignments of labels [batch, n] to frames (Graves 2006).

        `logits` [batch, frames, classes] are log probabilities, nothing is normalised. Labels and
        frames behind the lengths are not looked at; an example without any alignment is infinite.
        """
        ...
