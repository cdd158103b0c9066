"""`sd.evaluate`: one pass over a data set."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from ..data.batches import Mappings, batches_of
from ..foundation.errors import FeedError, GraphError
from ..inference.outputs import Run
from ..inference.runner import Runner
from ..ir.graph import Ref
from .classification import Accuracy, Evaluation, MeanLoss, check_fit

_BETWEEN_CLASSES = frozenset({"softmax_cross_entropy", "sparse_softmax_cross_entropy"})


class Mapped(Protocol):
    """A training config, as far as evaluation needs it."""

    @property
    def mappings(self) -> Mappings: ...


class Evaluator:
    """Measures a graph's outputs and losses over real items."""

    def __init__(self, runner: Runner, config: Mapped | None):
        self._runner = runner
        self._mappings: Mappings = config.mappings if config else ((), (), (), ())

    def evaluate(
        self, data: Any, output: str | None, labels: str | None, batch_size: int
    ) -> Evaluation:
        """Accuracy of `output` against `labels`, and the losses."""
        measured, losses = self._measured(output, labels), self._runner.builder.losses
        names = tuple(dict.fromkeys((*measured, *losses)))
        if not names:
            raise GraphError("there is nothing to evaluate: name an output, or add a loss")
        program = self._runner.program(
            names, parts=self._runner.counting(losses), validity=frozenset(measured)
        )
        accuracy, loss, batches = Accuracy(), MeanLoss(), 0
        for feeds in batches_of(data, self._mappings, batch_size, None):
            done = self._runner.run(program, feeds)
            if measured:
                _add_answers(accuracy, done, *measured)
            _add_losses(loss, losses, done)
            batches += 1
        if not batches:
            raise FeedError(
                "there was no batch; an iterator that is used up gives none: pass a list of batches"
            )
        count = accuracy.count or int(loss.count)
        return Evaluation(accuracy.value, loss.value if losses else None, count)

    def _measured(self, output: str | None, labels: str | None) -> tuple[str, ...]:
        """(scores, labels) to compare, or nothing."""
        known = self._mappings[1]
        labels = labels or (known[0] if known else None)
        if output is not None and labels is None:
            raise FeedError("say which placeholder holds the labels: evaluate(..., labels='y')")
        scores = output or self._scores(labels)
        return (scores, labels) if scores is not None and labels is not None else ()

    def _scores(self, labels: str | None) -> str | None:
        """What a cross entropy between classes compares with the labels: the logits."""
        builder = self._runner.builder
        for name in builder.losses:
            node = builder.graph.makers.get(name)
            if node is not None and node.op in _BETWEEN_CLASSES:
                given, scores = node.get("labels"), node.get("predictions")
                if isinstance(given, Ref) and isinstance(scores, Ref) and given.name == labels:
                    return scores.name
        return None


def _add_answers(accuracy: Accuracy, done: Run, scores: str, labels: str) -> None:
    check_fit(done[labels], done[scores])
    valid = done.validity[scores].all(-1) & _items(done.validity[labels], done[scores])
    accuracy.add(done[labels], done[scores], valid)


def _items(valid: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Validity of labels as items: one-hot labels have a class axis as well."""
    return np.asarray(valid.all(-1)) if valid.ndim == scores.ndim else valid


def _add_losses(loss: MeanLoss, losses: tuple[str, ...], done: Run) -> None:
    """One loss by its own count; a sum of several by examples."""
    parts = [done.parts[name] if name in done.parts else (done[name], None) for name in losses]
    if len(parts) == 1 and parts[0][1] is not None:
        loss.add(float(parts[0][0]), float(parts[0][1]))
    elif parts:
        value = sum(float(t) / (float(c) or 1.0) if c is not None else float(t) for t, c in parts)
        loss.add(value * done.examples, done.examples)
