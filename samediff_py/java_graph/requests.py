"""What Java puts together step by step before it runs: `sd.batchOutput().input(...).output()`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from ..foundation.errors import GraphError, TrainingError
from ..train.history import History
from ..variable import SDVariable
from .arguments import spread

Self = TypeVar("Self", bound="_Outputs")


class _Outputs:
    def __init__(self, sd: Any):
        self._sd = sd
        self._names: tuple[str, ...] = ()

    def _asked(self: Self, names: tuple[Any, ...]) -> Self:
        self._names += tuple(map(self._sd._name, spread(names)))
        return self

    def _single(self) -> str:
        if len(set(self._names)) != 1:
            raise GraphError(f"one output is wanted here, and {len(self._names)} are asked for")
        return self._names[0]


class BatchOutputConfig(_Outputs):
    """Values of one batch: inputs and outputs are added in any order, then `output()` runs."""

    def __init__(self, sd: Any):
        super().__init__(sd)
        self._feeds: dict[str, Any] = {}

    def input(self, variable: str | SDVariable, array: Any) -> BatchOutputConfig:
        """What a placeholder is fed."""
        self._feeds[self._sd._name(variable)] = array
        return self

    def inputs(self, feeds: Mapping[str, Any]) -> BatchOutputConfig:
        """What placeholders are fed, by name."""
        self._feeds.update(feeds)
        return self

    def outputAll(self) -> BatchOutputConfig:
        """All variables are wanted."""
        return self._asked(tuple(self._sd.graph.names))

    def output(self, *names: str | SDVariable) -> Any:
        """With names: they are wanted as well. Without: runs, and gives the values by name."""
        return self._asked(names) if names else self._sd.output(self._feeds, *self._names)

    def outputSingle(self) -> np.ndarray:
        """Runs, and gives the one value that is wanted."""
        return self._sd.outputSingle(self._feeds, self._single())

    def exec(self) -> dict[str, np.ndarray]:
        """`output()`."""
        return self.output()

    def execSingle(self) -> np.ndarray:
        """`outputSingle()`."""
        return self.outputSingle()


class OutputConfig(_Outputs):
    """Values of a data set: `sd.output().data(batches).output("logits").exec()`."""

    def __init__(self, sd: Any):
        super().__init__(sd)
        self._data: Any = None

    def data(self, data: Any) -> OutputConfig:
        """The batches: dicts by placeholder, or (features, labels) by the training config."""
        self._data = data
        return self

    def output(self, *names: str | SDVariable) -> OutputConfig:
        """These are wanted as well."""
        return self._asked(names)

    def exec(self) -> dict[str, np.ndarray]:
        """The values by name, of all batches joined along the first axis."""
        return self._sd.java_output(self._given(), self._names)

    def execBatches(self) -> list[dict[str, np.ndarray]]:
        """The values by name, for each batch."""
        return self._sd.outputBatches(self._given(), *self._names)

    def execSingle(self) -> np.ndarray:
        """The one value that is wanted, of all batches."""
        name = self._single()
        return self.exec()[name]

    def execSingleBatches(self) -> list[np.ndarray]:
        """The one value that is wanted, for each batch."""
        name = self._single()
        return [found[name] for found in self.execBatches()]

    def _given(self) -> Iterable[Any]:
        if self._data is None:
            raise GraphError('say what to run on: sd.output().data(batches).output("logits")')
        return self._data


class FitConfig:
    """Training: `sd.fit().train(batches, 5).validate(others).exec()`."""

    def __init__(self, sd: Any):
        self._sd = sd
        self._data: Any = None
        self._validation: Any = None
        self._epochs = 1

    def train(self, data: Any, epochs: int | None = None) -> FitConfig:
        """The data, and how often to go through it."""
        self._data = data
        return self if epochs is None else self.epochs(epochs)

    def epochs(self, count: int) -> FitConfig:
        """How often to go through the data."""
        self._epochs = count
        return self

    def validate(self, data: Any, frequency: int = 1) -> FitConfig:
        """Data that is measured after every epoch."""
        self._validation = data
        return self.validationFrequency(frequency)

    def validationFrequency(self, frequency: int) -> FitConfig:
        """After how many epochs to measure: 1 only."""
        if frequency != 1:
            raise TrainingError(f"validation runs after every epoch, not after every {frequency}")
        return self

    def exec(self) -> History:
        """Trains."""
        if self._data is None:
            raise TrainingError("say what to train on: sd.fit().train(batches, epochs).exec()")
        return self._sd.fit(self._data, self._epochs, self._validation)
