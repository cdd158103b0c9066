"""The right answers where SameDiff's sd.loss gives none, a wrong one, or another by design."""

import itertools

import numpy as np
from scipy import special

_MISFIT = "weights of shape"


def _softmax_cross_entropy(labels, logits, weights=1.0, smoothing=0.0):
    labels = labels * (1 - smoothing) + smoothing / logits.shape[-1]
    items = -(labels * special.log_softmax(logits, axis=-1)).sum(-1)
    return items * np.reshape(weights, np.shape(weights)[:1] or ())


def _sparse(logits, labels):
    return -np.take_along_axis(special.log_softmax(logits, axis=-1), labels[:, None], -1)[:, 0]


def _pairwise(labels, predictions):
    """Twice the mean over pairs of elements of (difference of errors)^2, an example each."""
    errors = (predictions - labels).reshape(len(labels), -1)
    pairs = [[(a - b) ** 2 for a, b in itertools.combinations(e, 2)] for e in errors]
    return np.array([4 * np.sum(p) / (n * (n - 1)) if (n := e.size) > 1 else 0.0
                     for p, e in zip(pairs, errors, strict=True)])[:, None]  # fmt: skip


def _ctc(labels, log_probabilities, lengths, frames):
    """-ln of the sum over all alignments, written out; the blank is class 0."""
    return np.mean([_ctc_of(list(row[:n]), x[:t], 0) for row, x, n, t
                    in zip(labels, log_probabilities, lengths, frames, strict=True)])  # fmt: skip


def _ctc_of(labels, frames, blank):
    paths = itertools.product(range(frames.shape[1]), repeat=len(frames))
    scores = [sum(frames[t, c] for t, c in enumerate(path)) for path in paths
              if [c for c, _ in itertools.groupby(path) if c != blank] == labels]  # fmt: skip
    return -special.logsumexp(scores)


RIGHT = {
    "loss.ctcLoss/0": _ctc,
    "loss.logPoisson/42": lambda y, p: np.exp(p) - y * p + np.where(
        y == 0, 0, special.xlogy(y, y) - y + np.log(2 * np.pi * np.where(y == 0, 1, y)) / 2),
    "loss.meanPairwiseSquaredError/4": _pairwise,
    "loss.meanPairwiseSquaredError/9": lambda y, p: _pairwise(y, p).sum(),
    "loss.meanPairwiseSquaredError/14": lambda y, p: _pairwise(y, p).mean(),
    "loss.meanPairwiseSquaredError/19": lambda y, p: _pairwise(y, p).mean(),
    "loss.meanPairwiseSquaredError/22": _pairwise,
    "loss.meanPairwiseSquaredError/23": _pairwise,
    **{f"loss.softmaxCrossEntropy/{i}": _softmax_cross_entropy for i in (0, 1, 2, 31, 32, 34)},
    "loss.softmaxCrossEntropy/3": lambda y, p, w: _softmax_cross_entropy(y, p, w, 0.2),
    "loss.softmaxCrossEntropy/33": lambda y, p: _softmax_cross_entropy(y, p, 1.0, 0.3),
    "loss.sparseSoftmaxCrossEntropy/5": _sparse,
}  # fmt: skip
RAISES = {
    **dict.fromkeys(
        ("loss.absoluteDifference/39", "loss.hingeLoss/39", "loss.huberLoss/43", "loss.logLoss/47",
         "loss.logPoisson/44", "loss.meanPairwiseSquaredError/24", "loss.meanSquaredError/38",
         "loss.sigmoidCrossEntropy/43", "loss.cosineDistance/38", "loss.cosineDistance/39",
         "loss.cosineDistance/40", "loss.cosineDistance/41"),
        _MISFIT,
    ),
}  # fmt: skip
