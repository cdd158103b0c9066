"""Training: its config, its requests, the penalty on large weights."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..foundation.errors import TrainingError
from ..train.step import penalty
from .requests import FitConfig


class TrainingMethods:
    """How `fit` trains."""

    def setTrainingConfig(self: Any, config: Any) -> None:
        """How `fit` trains."""
        self.training_config = config

    def getTrainingConfig(self: Any) -> Any:
        """How `fit` trains."""
        return self.training_config

    def java_fit_request(self: Any) -> FitConfig:
        """`sd.fit().train(batches, 5).exec()`."""
        return FitConfig(self)

    def calcRegularizationScore(self: Any) -> float:
        """What l1, l2 and weight decay add to the score: l1 * |w| + (l2 + decay) * w^2 / 2, summed
        over all trainable variables."""
        config = self.training_config
        if config is None:
            raise TrainingError("l1, l2 and weight decay stand in a training config: there is none")
        decay = sum(jnp.sum(jnp.square(value)) for value in self.params.values())
        return float(penalty(self.params, config)) + 0.5 * config.weight_decay * float(decay)
