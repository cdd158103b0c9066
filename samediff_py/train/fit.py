"""The training loop: batches are made ready on the host while the device works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np

from ..compile.session import Program
from ..data.batches import (
    batch_count,
    batches_of,
    example_axes,
    examples_in,
    is_count,
    named,
)
from ..display.progress import ProgressLine, bar
from ..foundation.dims import Bounds
from ..foundation.errors import NotANumberError, TrainingError
from ..inference.outputs import batch_dim
from ..inference.ready import padded, read_for
from ..ir.graph import Graph
from ..kernels.loss_reduction import ratio
from .config import TrainingConfig
from .history import History
from .state import State, Tally, no_tally
from .step import Step

Validate = Callable[[], Any]


class Prepared(NamedTuple):
    """A batch as the step takes it."""

    arrays: dict[str, Any]
    extents: np.ndarray | None
    examples: np.float32


@dataclass
class Trainer:
    """Everything that one `fit` needs; `state` is always that of the last completed step."""

    program: Program
    losses: tuple[str, ...]
    graph: Graph
    config: TrainingConfig
    step: Step
    state: State
    held: Mapping[str, jax.Array]
    bounds: Mapping[str, Bounds]

    def __post_init__(self) -> None:
        self._batch = batch_dim(self.program)
        self._examples = 0

    def run(
        self,
        data: Any,
        epochs: int,
        batch_size: int,
        shuffle: np.random.Generator | None,
        progress: ProgressLine,
        validate: Validate | None,
    ) -> History:
        if not is_count(epochs):
            raise TrainingError(f"epochs must be 1 or more, not {epochs!r}")
        history, axes = History(), example_axes(self.graph, self._batch)
        data = named(data, self.config.mappings) if isinstance(data, tuple) else data
        if isinstance(data, Mapping):
            total = batch_count(data, batch_size, axes)
            self._examples = min(batch_size, examples_in(data, axes))
        else:
            total = _length(data)
        for epoch in range(epochs):
            start = time.perf_counter()
            title = f"epoch {epoch + 1}/{epochs}"
            batches = batches_of(data, self.config.mappings, batch_size, shuffle, axes)
            history.loss.append(self._epoch(batches, total, progress, title))
            if validate is not None:
                result = validate()
                history.validation_loss.append(result.loss)
                if result.accuracy is not None:
                    history.validation_accuracy.append(result.accuracy)
            history.seconds.append(time.perf_counter() - start)
            progress.finish(f"{title}  {_summary(history)}")
        return history

    def _epoch(
        self, batches: Iterator[Any], total: int | None, progress: ProgressLine, title: str
    ) -> float:
        tally = no_tally(len(self.losses))
        done = 0
        for feeds in batches:
            tally = self.take(self.prepared(feeds), tally)
            done += 1
            if progress.due():
                loss = _mean(tally, title)
                progress.show(f"{title} {bar(done, total)}  loss {loss:.4f}")
        if done == 0:
            raise TrainingError(
                "there was no batch; an iterator that is used up gives none: pass a list of "
                "batches, or epochs=1"
            )
        return _mean(tally, title)

    def prepared(self, feeds: Mapping[str, Any]) -> Prepared:
        """A batch, checked and padded to the sizes of its program."""
        fed = read_for(self.program, self.graph, feeds, self.bounds)
        examples = fed.sizes.get(self._batch, 1) if self._batch else 1
        self._examples = max(self._examples, examples)
        sizes = self.program.sizes_for(fed.sizes, self.bounds, self._whole_batch(), "a step by ")
        arrays = padded(self.program, fed, sizes)
        return Prepared(arrays, self.program.extents(fed.sizes, sizes), np.float32(examples))

    def take(self, batch: Prepared, tally: Tally) -> Tally:
        """One step."""
        self.state, tally = self.step(self.state, tally, self.held, *batch)
        return tally

    def _whole_batch(self) -> dict[str, int]:
        """A last batch that is smaller runs in the program of the others."""
        if self._batch is None or self._batch not in self.program.mode.bucketed:
            return {}
        return {self._batch: self._examples}


def _length(batches: Any) -> int | None:
    """How many batches there are, where that is known: a loader may have a length that raises."""
    try:
        return len(batches)
    except TypeError:
        return None


def _mean(tally: Tally, title: str) -> float:
    """The sum of the losses so far, each a total by its count; waits for the device. A step that
    was not taken is an error."""
    skipped = int(tally.skipped)
    if skipped:
        raise NotANumberError(
            f"{title}: the loss or a gradient was NaN or infinite in {skipped} steps, which were "
            "not taken: parameters are those of the last good step. Look for the cause with "
            "sd.debug(), or lower the learning rate"
        )
    return float(np.sum(ratio(np.asarray(tally.total), np.asarray(tally.count), np)))


def _summary(history: History) -> str:
    return history.row(history.epochs - 1).partition("  ")[2]
