"""The battery: what must hold for every case of every op, each a small check.

A check takes an op and one of its cases and raises `AssertionError` with a clear text. The first
ones hold the op against itself and numpy; the others are the library's promise: padding changes
no answer. They run in double precision, so that tolerances are tight.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any

import jax
import numpy as np

from ..compile.lower import Mode, lower
from ..foundation.dims import Dim, show_shape, size_of
from ..foundation.dtypes import is_float
from ..foundation.errors import GraphError
from ..foundation.source import user_source
from ..ops.define import Case, Op, Wrong
from ..samediff import SameDiff
from . import cases
from .cases import ROWS, Example
from .definition import SHARED, Definition, Outs, defined
from .trial import Answer, Trial, by_row

Check = Callable[[Op, Case], None]

COUNTS_PADDING = frozenset({"drop_mask", "fill_padding"})
"""Ops whose meaning is that padding counts: more of it is another answer."""

NOT_ALONE = {
    **dict.fromkeys(COUNTS_PADDING, "padding counts, by definition"),
    "with_mask": "what is missing is said by data, which the plain op does not see",
}
"""Ops that mean something else without masks, and why."""

TOLERANCE = {"rtol": 1e-9, "atol": 1e-10}
HUGE = float(np.finfo(np.float64).max ** 0.8)
"""So great that its square overflows, as 1e31 does in single precision."""


def in_double(check: Callable[..., None]) -> Callable[..., None]:
    @wraps(check)
    def run(*args: Any) -> None:
        with jax.enable_x64(True):
            check(*args)

    return run


@lru_cache(maxsize=4)
def _trial(name: str, number: int, masked: bool = True) -> Trial:
    op = _OPS[name]
    return Trial(op, op.cases[number], masked=masked)


_OPS: dict[str, Op] = {}


def trial_of(op: Op, case: Case, masked: bool = True) -> Trial:
    """The graph of a case; the last ones are kept, so that checks of one case share programs."""
    _OPS[op.name] = op
    return _trial(op.name, cases.number_of(op, case), masked)


# The op by itself.


def check_shapes(op: Op, case: Case) -> None:
    """What was inferred for named dims is what runs, shapes and types."""
    with jax.enable_x64(False):
        trial = Trial(op, case, "float32")
        mode = Mode(training=True)
        function = lower(trial.sd.graph, trial.notes, trial.outputs, mode)
        for more in ({}, {ROWS: 1, **{dim: 2 for dim in trial.sizes}}):
            leaves = trial.leaves(trial.examples, trial.batch_sizes(trial.examples, more))
            run = jax.eval_shape(lambda leaves: function(leaves, {}, jax.random.key(0)), leaves)
            sizes = trial.batch_sizes(trial.examples, more)
            for name in trial.outputs:
                known, got = trial.notes.values[name], run[name]
                want = tuple(size_of(dim, sizes) for dim in known.shape)
                assert (want, known.dtype) == (got.shape, str(got.dtype)), (
                    f"{name}: inferred {known} and so {want}, but it runs to {got}"
                )


@in_double
def check_gradient(op: Op, case: Case) -> None:
    """Gradients are slopes: along a random direction of each input, by central differences."""
    trial = trial_of(op, case)
    clean = trial.answer(training=False)
    for name, gradient in clean.gradients.items():
        rng = cases.generator(op, case, 2)
        direction, step = rng.normal(size=gradient.shape), 1e-6
        ahead, behind = (
            trial.answer(training=False, moved={name: direction * s}).score for s in (step, -step)
        )
        slope, claimed = (ahead - behind) / (2 * step), np.sum(gradient * direction)
        np.testing.assert_allclose(
            claimed, slope, rtol=1e-5, atol=1e-6, err_msg=f"d score / d {name} is not its slope"
        )


# Padding.


@in_double
def check_definition(op: Op, case: Case) -> None:
    """A batch gives each example what it gets alone, values and gradients."""
    trial = trial_of(op, case)
    alone = defined(trial, [e for e in trial.examples if not e.is_empty])
    compare(trial, trial.answer(training=trial.can_train), alone)
