"""What must hold for an op by itself: shapes, gradients, a reference, and calls that must fail."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from ..compile.lower import Mode, lower
from ..foundation.dims import show_shape, size_of
from ..foundation.errors import GraphError
from ..foundation.source import user_source
from ..ops.cases import Case, Wrong
from ..ops.record import Op
from ..samediff import SameDiff
from . import cases
from .cases import ROWS
from .compare import CLOSE
from .definition import arguments_of, plain
from .trial import Arrays, Trial, in_double, trial_of


def check_shapes(op: Op, case: Case) -> None:
    """What is inferred for named dims is what runs, shapes and types."""
    with jax.enable_x64(False):
        trial = Trial(op, case, floats="float32")
        function = lower(trial.sd.graph, trial.notes, trial.outputs, Mode(training=True))
        for more in ({}, {ROWS: 1, **dict.fromkeys(trial.sizes, 2)}):
            sizes = trial.batch_sizes(trial.examples, more)
            leaves = trial.leaves(trial.examples, sizes)
            run = jax.eval_shape(lambda given: function(given, None, jax.random.key(0)), leaves)
            for name in trial.outputs:
                known, got = trial.notes.values[name], run[name]
                want = tuple(size_of(dim, sizes) for dim in known.shape)
                assert (want, known.dtype) == (got.shape, str(got.dtype)), (
                    f"{name} is inferred as {known}, at {sizes} {want}, but runs to {got}"
                )


@in_double
def check_gradient(op: Op, case: Case) -> None:
    """The gradient of each input is the slope along a random direction."""
    trial, step = trial_of(op, case), 1e-6
    for name, gradient in trial.answer().gradients.items():
        direction = cases.generator(op, case, 2).normal(size=gradient.shape)
        ahead, behind = (trial.answer(moved={name: direction * s}).score for s in (step, -step))
        np.testing.assert_allclose(
            np.sum(gradient * direction), (ahead - behind) / (2 * step), rtol=1e-5, atol=1e-6,
            err_msg=f"the gradient of {name} is not its slope",
        )  # fmt: skip


@in_double
def check_reference(op: Op, case: Case, reference: Callable[..., Any]) -> None:
    """The plain op gives what a function of numpy gives; it takes the parameters by name.

    A parameter that it lacks must have its default.
    """
    trial = Trial(op, case, masked=False)
    (whole,) = trial.draw([{ROWS: 2, **trial.sizes}], 3)
    given = arguments_of(trial, {**trial.shared, **whole.arrays}, whole.sizes)
    want = _called(reference, op, given)
    want = tuple(want) if isinstance(want, tuple | list) else (want,)
    for name, got, right in zip(trial.outputs, plain(trial, whole), want, strict=True):
        close: dict[str, Any] = CLOSE if got.dtype.itemsize == 8 else {"rtol": 1e-6}
        np.testing.assert_allclose(got, right, **close, err_msg=name)


def _called(reference: Callable[..., Any], op: Op, given: Arrays) -> Any:
    if isinstance(reference, np.ufunc):
        return reference(*given.values())
    given = {name: value for name, value in given.items() if value is not None}
    theirs = inspect.signature(reference).parameters
    if any(p.kind is p.VAR_KEYWORD for p in theirs.values()):
        return reference(**given)
    for name in set(given) - set(theirs):
        assert given[name] == op.params[name].default, f"the reference of {op.name} lacks {name}"
    return reference(**{name: value for name, value in given.items() if name in theirs})


def check_wrong(op: Op, wrong: Wrong) -> None:
    """The call fails at the user's line, says what is wrong with which inputs, and leaves no
    trace."""
    sd = SameDiff.create()
    inputs = cases.inputs_of(op, wrong)
    operands = {i.slot: sd.placeholder(i.name, i.shape, i.dtype("float32")) for i in inputs}
    before = sd.graph
    try:
        sd.emit(op, cases.call_values(op, wrong, operands))
    except GraphError as error:
        text = str(error)
    else:
        raise AssertionError(f"{op.name} takes {wrong}")
    assert re.search(wrong.match, text), f"{wrong.match!r} is not in: {text}"
    assert op.name in text, f"{op.name!r} is not named: {text}"
    for operand in operands.values():
        assert show_shape(operand.shape) in text, f"{operand} is not named: {text}"
    assert f"at {user_source()}" in text, f"the line {user_source()} is not named: {text}"
    assert sd.graph is before, f"{op.name} left something in the graph: {sd.graph}"
