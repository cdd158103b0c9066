"""Accuracy and loss over a data set, counted over real items only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..foundation.dims import Shape, show_shape
from ..foundation.errors import FeedError, GraphError
from ..kernels.loss_reduction import ratio


@dataclass(frozen=True)
class Evaluation:
    """`accuracy` over the `count` real items; `loss` per real item, or per batch where it is one
    with reduction="sum" (None without a loss)."""

    accuracy: float | None
    loss: float | None
    count: int

    def __str__(self) -> str:
        parts = []
        if self.accuracy is not None:
            parts.append(f"accuracy {self.accuracy:.4f}")
        if self.loss is not None:
            parts.append(f"loss {self.loss:.4f}")
        return "  ".join([*parts, f"over {self.count} items"])


class Accuracy:
    """Right answers and items so far."""

    def __init__(self) -> None:
        self.right, self.count = 0, 0

    def add(self, labels: np.ndarray, scores: np.ndarray, valid: np.ndarray) -> None:
        """`scores` [.., classes]; `labels` class numbers [..] or one-hot; `valid` of the items."""
        if labels.shape == scores.shape:
            labels = _classes(labels, valid)
        hits = (scores.argmax(-1) == labels) & valid
        self.right += int(hits.sum())
        self.count += int(np.broadcast_to(valid, labels.shape).sum())

    @property
    def value(self) -> float | None:
        return self.right / self.count if self.count else None


def check_dims(labels: str, label_dims: Shape, scores: str, score_dims: Shape) -> None:
    """The same of what is known before anything is fed; dims of other names may be equal."""
    if not score_dims or score_dims[-1] == 1:
        raise GraphError(
            f"{scores!r} {show_shape(score_dims)}: accuracy wants scores, one score for each "
            "class, along the last axis"
        )
    rank = len(label_dims)
    pairs = zip(label_dims, score_dims, strict=False)
    differ = any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in pairs)
    if differ or rank not in (len(score_dims), len(score_dims) - 1):
        raise GraphError(
            f"labels {labels!r} {show_shape(label_dims)} do not fit scores {scores!r} "
            f"{show_shape(score_dims)}: they are class numbers, one for each row of scores, or "
            "one-hot like these"
        )


def check_fit(labels: np.ndarray, scores: np.ndarray) -> None:
    """Labels are class numbers, one for each row of scores, or one-hot like these."""
    if scores.ndim == 0 or scores.shape[-1] < 2:
        raise FeedError(
            f"scores of shape {scores.shape}: accuracy wants one score for each class, along the "
            "last axis"
        )
    if labels.shape not in (scores.shape, scores.shape[:-1]):
        raise FeedError(f"labels of shape {labels.shape} do not fit scores of shape {scores.shape}")


def _classes(one_hot: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Class numbers; several labels at once have no single right answer."""
    sums = one_hot.sum(-1)
    if (valid & (abs(sums - 1) > 1e-3)).any():
        raise FeedError("labels with the shape of the scores must be one-hot; some do not sum to 1")
    return one_hot.argmax(-1)


class MeanLoss:
    """The sum of several losses, each a total by its own count."""

    def __init__(self, losses: int) -> None:
        self.totals, self.counts = np.zeros(losses), np.zeros(losses)

    def add(self, i: int, total: float, count: float) -> None:
        """A batch more of loss i."""
        self.totals[i] += total
        self.counts[i] += count

    @property
    def value(self) -> float | None:
        if not self.counts.any():
            return None
        return float(np.sum(ratio(self.totals, self.counts, np)))
