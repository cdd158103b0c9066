"""Outputs: of one batch, of a data set, and by requests that are put together step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..data.batches import batches_of, named
from ..foundation.errors import FeedError, GraphError
from ..variable import SDVariable
from .arguments import spread
from .requests import BatchOutputConfig, OutputConfig


class Running:
    """Asking for values."""

    _outputs: Sequence[SDVariable] = ()

    def setOutputs(self: Any, *names: str) -> None:
        """Names what the graph is for; `outputs()` tells it again."""
        self._outputs = [self[name] for name in spread(names)]

    def outputs(self: Any) -> list[str]:
        """What `setOutputs` named, by the names they have now."""
        return [variable.name for variable in self._outputs]

    def outputSingle(self: Any, feeds: Mapping[str, Any], name: str | SDVariable) -> np.ndarray:
        """The value of one variable."""
        (value,) = self.output(feeds, name).values()
        return value

    def outputAll(self: Any, feeds: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The values of all variables: inputs, variables, constants and results of ops."""
        return self.output(feeds, *self.graph.names)

    def outputBatches(self: Any, data: Any, *names: str | SDVariable) -> list[dict[str, Any]]:
        """The named values for each batch of an iterable of batches: dicts by placeholder, or
        (features, labels) as the training config maps them."""
        wanted = tuple(map(self._name, spread(names)))
        return [self.output(feeds, *wanted) for feeds in self._batches(data)]

    def java_output(self: Any, data: Any, names: Sequence[Any]) -> dict[str, np.ndarray]:
        """`output` of one batch (features, labels), or of many, joined along their first axis."""
        if not isinstance(data, Iterable) or isinstance(data, np.ndarray):
            kind = type(data).__name__
            raise FeedError(f"feeds are a dict of arrays by placeholder, not {kind}")
        if isinstance(data, tuple):
            return self.output(named(data, self._mappings()), *names)
        found = self.outputBatches(data, *names)
        if not found:
            raise FeedError("there was no batch")
        return {name: _joined(name, [batch[name] for batch in found]) for name in found[0]}

    def _batches(self: Any, data: Any) -> Iterable[Mapping[str, Any]]:
        if isinstance(data, Mapping | tuple):
            return [named(data, self._mappings())]
        return batches_of(data, self._mappings(), 1, None)

    def _mappings(self: Any) -> Any:
        config = self.training_config
        return config.mappings if config is not None else ((), (), (), ())

    def java_output_request(self: Any) -> OutputConfig:
        """`sd.output().data(batches).output("logits").exec()`."""
        return OutputConfig(self)

    def batchOutput(self: Any) -> BatchOutputConfig:
        """A request for values of one batch:
        `sd.batchOutput().input("x", x).output("logits").outputSingle()`."""
        return BatchOutputConfig(self)

    # Looking for mistakes.

    def enableDebugMode(self: Any) -> Any:
        """From now on everything runs op by op and stops at the first NaN: as in `sd.debug()`."""
        self._runner.debugging = True
        return self

    def disableDebugging(self: Any) -> Any:
        """Programs are compiled again."""
        self._runner.debugging = False
        return self

    def isDebugMode(self: Any) -> bool:
        """Whether everything runs op by op."""
        return self._runner.debugging


def _joined(name: str, parts: Sequence[np.ndarray]) -> np.ndarray:
    """Along the first axis; the others are padded with 0 to the longest, as within a batch."""
    if not parts[0].ndim:
        raise GraphError(
            f"{name!r} is one number for each batch and can't be joined: use sd.outputBatches"
        )
    longest = np.max([part.shape for part in parts], axis=0)
    missing = (longest - part.shape for part in parts)
    widths = ([(0, 0), *((0, n) for n in more[1:])] for more in missing)
    return np.concatenate([np.pad(part, w) for part, w in zip(parts, widths, strict=True)])
