"""Training of a graph under construction: what lasts from one `fit` to the next."""

from __future__ import annotations

import copy
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..compile.session import Program
from ..display.progress import ProgressLine
from ..evaluation.evaluation import Evaluator
from ..foundation.errors import TrainingError
from ..inference.runner import Runner
from .checked import checked_step
from .config import TrainingConfig
from .fit import Trainer
from .history import History
from .state import Clock, State, carried, renamed
from .step import make_step


class Training:
    """The config, and the optimiser's state of the last `fit`."""

    def __init__(self, runner: Runner):
        self._runner = runner
        self._config: TrainingConfig | None = None
        self._state: State | None = None
        self._order = np.random.default_rng(runner.builder.seed)

    @property
    def config(self) -> TrainingConfig | None:
        return self._config

    @config.setter
    def config(self, config: TrainingConfig) -> None:
        """Another config starts with a fresh optimiser."""
        self._config, self._state = config, None
        self._order = np.random.default_rng(self._runner.builder.seed)

    def go_on_from(self, other: Training) -> None:
        """Takes over the config, and the optimiser's state, of a graph that this is a copy of."""
        self._config, self._state = other._config, other._state
        self._order = copy.deepcopy(other._order)

    def rename(self, old: str, new: str) -> None:
        """A variable of the graph is called otherwise: what is known of it stays known."""
        if self._config is not None:
            self._config = self._config.renamed(old, new)
        if self._state is not None:
            self._state = renamed(self._state, old, new)

    def fit(
        self,
        data: Any,
        *,
        epochs: int,
        batch_size: int,
        validation_data: Any,
        shuffle: bool,
        progress: bool,
    ) -> History:
        trainer, line = self.trainer(), ProgressLine(progress)
        order = self._order if shuffle else None
        evaluator = Evaluator(self._runner, self._config)

        def validate() -> Any:
            self._keep(jax.tree.map(jnp.copy, trainer.state))  # the next step donates its own
            return evaluator.evaluate(validation_data, None, None, batch_size)

        check = validate if validation_data is not None else None
        try:
            return trainer.run(data, epochs, batch_size, order, line, check)
        finally:
            self._keep(trainer.state)

    def trainer(self) -> Trainer:
        """Everything one `fit` needs, with the step compiled on first use."""
        runner, config = self._runner, self._needed_config()
        losses = runner.losses
        program = self._program(losses)
        step = program.derived(("step", id(config)), lambda: make_step(program, losses, config))
        if runner.debugging:
            step = checked_step(program, losses, step)
        changing = {*runner.params, *program.graph.updates}
        held = {n: runner.arrays[n] for n in program.held if n not in changing}
        state = self._start(config, program)
        return Trainer(
            program, losses, runner.builder.graph, config, step, state, held, runner.builder.bounds
        )

    def _needed_config(self) -> TrainingConfig:
        if self._config is None:
            raise TrainingError(
                "there is no training config; set sd.training_config = "
                "TrainingConfig(updater=optax.adam(1e-3))"
            )
        return self._config

    def _program(self, losses: tuple[str, ...]) -> Program:
        """Losses as (total, count) where they are losses by themselves, and all state updates."""
        runner = self._runner
        wanted = (*losses, *dict.fromkeys(runner.builder.graph.updates.values()))
        return runner.program(wanted, training=True, parts=runner.counting(losses))

    def _start(self, config: TrainingConfig, program: Program) -> State:
        """The state of the last fit, or a new one; copies, since a step donates its state."""
        runner = self._runner
        params = {n: jnp.copy(a) for n, a in runner.params.items() if n in program.held}
        updates = {n: jnp.copy(runner.arrays[n]) for n in program.graph.updates}
        if not params and not updates:
            raise TrainingError("the loss depends on no variable that training can change")
        optimiser, known = config.transformation.init(params), self._state
        if known is None:
            optimiser = jax.tree.map(jnp.copy, optimiser)
            return State(params, updates, optimiser, Clock.at_start(runner.builder.key))
        optimiser = carried(optimiser, known.optimiser)
        return State(params, updates, optimiser, jax.tree.map(jnp.copy, known.clock))

    def _keep(self, state: State) -> None:
        self._state = state
        self._runner.builder.arrays.update({**state.params, **state.updates})
