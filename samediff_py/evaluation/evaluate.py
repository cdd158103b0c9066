"""`sd.evaluate`: one pass over a data set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..compile.session import Program
from ..inference.outputs import Run
from .classification import Accuracy, Evaluation, MeanLoss


def evaluate(
    program: Program,
    batches: Iterable[Mapping[str, Any]],
    run: Callable[[Program, Mapping[str, Any]], Run],
    output: str,
    labels: str | None,
    losses: tuple[str, ...],
) -> Evaluation:
    """Accuracy of `output` against `labels`, and the losses, over all real items."""
    accuracy, loss = Accuracy(), MeanLoss()
    for feeds in batches:
        done = run(program, feeds)
        if labels is not None:
            valid = done.validity[output].all(-1) & _items(done.validity[labels], done[output])
            accuracy.add(done[labels], done[output], valid)
        _add_losses(loss, losses, done)
    return Evaluation(accuracy.value, loss.value if losses else None, _count(accuracy, loss))


def _items(valid: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Validity of labels as items: one-hot labels have a class axis as well."""
    return valid.all(-1) if valid.ndim == scores.ndim else valid


def _add_losses(loss: MeanLoss, losses: tuple[str, ...], done: Run) -> None:
    """One loss by its own count; a sum of several by examples."""
    parts = [done.parts[name] if name in done.parts else (done[name], None) for name in losses]
    if len(parts) == 1 and parts[0][1] is not None:
        loss.add(float(parts[0][0]), float(parts[0][1]))
    elif parts:
        value = sum(float(t) / (float(c) or 1.0) if c is not None else float(t) for t, c in parts)
        loss.add(value * done.examples, done.examples)


def _count(accuracy: Accuracy, loss: MeanLoss) -> int:
    return accuracy.count or int(loss.count)
