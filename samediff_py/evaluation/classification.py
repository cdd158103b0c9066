"""Accuracy and loss over a data set, counted over real items only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..foundation.errors import FeedError


@dataclass(frozen=True)
class Evaluation:
    """`accuracy` over the `count` real items; `loss` per real item (None without a loss)."""

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
            labels = labels.argmax(-1)
        if labels.shape != scores.shape[:-1]:
            raise FeedError(
                f"labels of shape {labels.shape} do not fit scores of shape {scores.shape}"
            )
        hits = (scores.argmax(-1) == labels) & valid
        self.right += int(hits.sum())
        self.count += int(np.broadcast_to(valid, labels.shape).sum())

    @property
    def value(self) -> float | None:
        return self.right / self.count if self.count else None


class MeanLoss:
    """A sum of losses and their count."""

    def __init__(self) -> None:
        self.total, self.count = 0.0, 0.0

    def add(self, total: float, count: float) -> None:
        self.total += total
        self.count += count

    @property
    def value(self) -> float | None:
        return self.total / self.count if self.count else None
