"""`sd.evaluate`: one pass over a data set."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from ..data.batches import Mappings, batches_of, example_axes
from ..foundation.errors import FeedError, GraphError
from ..inference.outputs import Run, batch_dim
from ..inference.runner import Runner
from ..ir.graph import Ref
from .classification import Accuracy, Evaluation, MeanLoss, check_dims, check_fit

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
        if measured:
            self._check_measured(*measured)
        program = self._runner.program(
            names, parts=self._runner.counting(losses), validity=frozenset(measured)
        )
        accuracy, loss, batches, examples = Accuracy(), MeanLoss(len(losses)), 0, 0
        axes = example_axes(self._runner.builder.graph, batch_dim(program))
        for feeds in batches_of(data, self._mappings, batch_size, None, axes):
            done = self._runner.run(program, feeds)
            if measured:
                _add_answers(accuracy, done, *measured)
            _add_losses(loss, losses, done)
            batches, examples = batches + 1, examples + done.examples
        if not batches:
            raise FeedError(
                "there was no batch; an iterator that is used up gives none: pass a list of batches"
            )
        lone = len(losses) == 1 and self._is_mean(losses[0])
        count = accuracy.count or (int(loss.counts[0]) if lone else examples)
        return Evaluation(accuracy.value, loss.value if losses else None, count)

    def _is_mean(self, loss: str) -> bool:
        """Whether the count of a loss is one of real items."""
        node = self._runner.builder.graph.makers.get(loss)
        return node is not None and node.get("reduction") == "mean"

    def _measured(self, output: str | None, labels: str | None) -> tuple[str, ...]:
        """(scores, labels) to compare, or nothing."""
        known = self._mappings[1]
        labels = labels or (known[0] if known else None)
        if output is not None and labels is None:
            raise FeedError("say which placeholder holds the labels: evaluate(..., labels='y')")
        scores = output or self._scores(labels)
        return (scores, labels) if scores is not None and labels is not None else ()

    def _check_measured(self, scores: str, labels: str) -> None:
        """Raises where dims say already that nothing can be compared."""
        losses = self._runner.counting((scores, labels))
        if scores in losses:
            raise GraphError(
                f"{scores!r} is a loss: accuracy wants scores, one for each class, along the last "
                "axis; the losses are measured without naming them"
            )
        if labels in losses:
            raise GraphError(f"{labels!r} is a loss, and no labels: name the placeholder of those")
        value = self._runner.builder.value
        check_dims(labels, value(labels).shape, scores, value(scores).shape)

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
    """A loss by its own count; another number by examples, the sum of an array's elements once."""
    for i, name in enumerate(losses):
        if name in done.parts:
            total, count = done.parts[name]
            loss.add(i, float(total), float(count))
        else:
            count = done.examples if done[name].ndim == 0 else 1
            loss.add(i, float(done[name].sum()) * count, count)
