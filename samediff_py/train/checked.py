"""A training step under `sd.debug()`: the forward pass op by op, and reasons for a bad gradient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp

from ..compile.backward import bad_gradients, not_finite
from ..compile.interpret import watched_run
from ..compile.lower import lower
from ..compile.session import Program
from ..foundation.errors import NotANumberError
from ..inference.gradients import gradient_of
from .state import State, Tally
from .step import Step


def checked_step(program: Program, losses: tuple[str, ...], step: Step) -> Step:
    """The step, which raises where it meets a NaN; the state that came in is not donated."""

    def run(
        state: State, tally: Tally, held: Any, fed: Any, extents: Any, *rest: Any
    ) -> tuple[State, Tally]:
        values = {**held, **state.updates, **state.params, **fed}
        key = state.clock.key
        watcher = watched_run(program, values, extents, key)[1]
        after, told = step(*jax.tree.map(jnp.copy, (state, tally)), held, fed, extents, *rest)
        if int(told.skipped) == int(tally.skipped):
            return after, told
        bad = not_finite(_gradients(program, losses, state, values, extents, key))
        if bad:
            raise bad_gradients(program, losses, bad, watcher, values, extents, key)
        raise NotANumberError("the loss, l1, l2 or the norm of the gradient is infinite")

    return run


def _gradients(program: Program, losses: tuple[str, ...], state: State, values, extents, key):
    mode = replace(program.mode, parts=frozenset())
    function = lower(program.graph, program.notes, losses, mode)
    return gradient_of(function, losses, state.params)(values, {}, extents, key)
