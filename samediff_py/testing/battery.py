"""The battery: what must hold for every case of every op, each a small check.

A check takes an op and one of its cases and raises `AssertionError` with a clear text. The first
ones hold the op against itself and numpy; the others are the library's promise: padding changes
no answer. They run in double precision, so that tolerances are tight.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, wraps
from typing import Any

import jax
import numpy as np

from ..compile.lower import Mode, lower
from ..foundation.dims import show_shape, size_of
from ..foundation.dtypes import is_float
from ..foundation.errors import GraphError
from ..foundation.source import user_source
from ..ops.cases import Case, Wrong
from ..ops.record import OPS, Op
from ..samediff import SameDiff
from . import cases
from .cases import ROWS, Example, Garbage
from .definition import SHARED, Definition, arguments_of, defined, plain
from .trial import Answer, Arrays, Sizes, Trial, by_row

Check = Callable[[Op, Case], None]

COUNTS_PADDING = frozenset({"drop_mask", "fill_padding"})
"""Ops whose meaning is that padding counts: more of it is another answer."""

COUNTS = frozenset({"count_valid", "count_non_zero", "count_zero", "match_condition_count"})
"""Ops of which an empty example has an answer: zero."""

NOT_ALONE = {
    **dict.fromkeys(COUNTS_PADDING, "padding counts, by definition"),
    "with_mask": "what is missing is said by data, which the plain op does not see",
    "argwhere": "rows are numbered as they stand in the batch",
    "non_max_suppression": "the boxes of a batch compete with each other",
}
"""Ops that mean something else without masks, and why."""

HUGE = float(np.finfo(np.float64).max ** 0.8)
"""So great that its square overflows, as that of 1e30 does in single precision."""

FED: Sequence[Garbage] = (
    {"f": float("nan"), "i": 10**6, "b": True},
    {"f": float("inf"), "i": -5, "b": True},
    {"f": -float("inf"), "i": -(10**6), "b": True},
    {"f": HUGE, "i": 3, "b": True},
)
"""What may stand in the padding of a placeholder."""

COMPUTED: Sequence[Garbage] = (
    {"f": HUGE, "i": 10**6, "b": True},
    {"f": -HUGE, "i": -5, "b": True},
    {"f": -3.0, "i": 3, "b": True},
)
"""What other ops may have left in the padding of an op's input: anything finite."""

_CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-10}


def in_double(check: Callable[..., None]) -> Callable[..., None]:
    @wraps(check)
    def run(*args: Any) -> None:
        with jax.enable_x64(True):
            check(*args)

    return run


def trial_of(op: Op, case: Case, masked: bool = True) -> Trial:
    """The graph of a case; the last ones are kept, so that the checks of a case share programs."""
    return _trial(op.name, cases.number_of(op, case), masked)


@lru_cache(maxsize=4)
def _trial(name: str, number: int, masked: bool) -> Trial:
    return Trial(OPS[name], OPS[name].cases[number], masked=masked)


# The op by itself.


def check_shapes(op: Op, case: Case) -> None:
    """What is inferred for named dims is what runs, shapes and types."""
    with jax.enable_x64(False):
        trial = Trial(op, case, floats="float32")
        function = lower(trial.sd.graph, trial.notes, trial.outputs, Mode(training=True))
        for more in ({}, {ROWS: 1, **dict.fromkeys(trial.sizes, 2)}):
            sizes = trial.batch_sizes(trial.examples, more)
            leaves = trial.leaves(trial.examples, sizes)
            run = jax.eval_shape(lambda given: function(given, {}, jax.random.key(0)), leaves)
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
        close: dict[str, Any] = _CLOSE if got.dtype.itemsize == 8 else {"rtol": 1e-6}
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


# Padding.


@in_double
def check_definition(op: Op, case: Case) -> None:
    """A batch gives each example what it gets alone: values, their number, and gradients."""
    trial = trial_of(op, case)
    present = [e for e in trial.examples if not e.is_empty]
    compare(trial, trial.answer(), present, defined(trial, present))


def compare(trial: Trial, answer: Answer, examples: Sequence[Example], alone: Definition) -> None:
    """Holds a batch, whose first rows are these examples, against the definition."""
    for i, name in enumerate(trial.outputs):
        axis = trial.axis_of_rows(name)
        rows = len(examples) if axis is not None else 1
        value, valid = (by_row(x[name], axis)[:rows] for x in (answer.values, answer.valid))
        want = [outs[i] if outs else np.zeros(0) for outs in alone.groups]
        _check_elements(name, value[valid], np.concatenate(list(map(np.ravel, want))))
        if axis is not None and not trial.is_strewn(name):
            for row, out in zip(valid, want, strict=True):
                _check_place(name, row, out.shape[:axis] + out.shape[axis + 1 :])
    _check_gradients(trial, answer.gradients, examples, alone)


def _check_elements(name: str, got: np.ndarray, want: np.ndarray) -> None:
    assert got.size == want.size, (
        f"{name}: {got.size} elements are said to be real; alone, the examples have {want.size}"
    )
    np.testing.assert_allclose(got, want, **_CLOSE, err_msg=f"{name} differs from examples alone")


def _check_place(name: str, valid: np.ndarray, shape: tuple[int, ...]) -> None:
    """What is real stands where it stands alone: at the beginning of every axis."""
    alone = np.zeros(valid.shape, bool)
    if len(shape) == valid.ndim:
        alone[tuple(map(slice, shape))] = True
    np.testing.assert_array_equal(valid, alone, f"{name}: real elements are in other places")


def _check_gradients(
    trial: Trial, gradients: Arrays, examples: Sequence[Example], alone: Definition
) -> None:
    for one in trial.inputs:
        name = one.padding if one.batch is not None else one.name
        if name not in gradients:
            continue
        want = np.zeros(gradients[name].shape)
        if one.batch is None:
            want = alone.gradients[SHARED, one.name]
        for row, example in enumerate(examples):
            if (place := cases.place_of(one, example, row)) is not None:
                want[place] = alone.gradients[row, one.name]
        np.testing.assert_allclose(
            gradients[name], want, **_CLOSE, err_msg=f"the gradient of {one.name} differs"
        )


@in_double
def check_content(op: Op, case: Case) -> None:
    """What stands in padding changes nothing, bit by bit: fed, computed, or poisoned."""
    trial = trial_of(op, case)
    clean = trial.answer()
    _check_finite(clean)
    for garbage in FED:
        _check_equal(clean, trial.answer(fill=garbage), f"{garbage} was fed as padding")
    for garbage in COMPUTED:
        other = trial.answer(padding=garbage)
        _check_equal(clean, other, f"{garbage} was computed as padding")


@in_double
def check_poison(op: Op, case: Case) -> None:
    """A kernel that is told what counts may be handed NaN elsewhere."""
    trial = trial_of(op, case)
    if trial.ignores_padding:
        _check_alike(trial.answer(), trial.answer(poison=True), "padding holds NaN")


def _check_finite(answer: Answer) -> None:
    """Whatever is real or not: NaN in padding would reach gradients behind the next op."""
    for name, array in {**answer.values, **answer.gradients}.items():
        finite = np.isfinite(array) if is_float(str(array.dtype)) else np.ones(array.shape, bool)
        assert finite.all(), f"{name} is not finite:\n{array}"


def _check_equal(clean: Answer, other: Answer, why: str) -> None:
    for name, valid in clean.valid.items():
        np.testing.assert_array_equal(other.valid[name], valid, why)
        np.testing.assert_array_equal(other.values[name][valid], clean.values[name][valid], why)
    for name, gradient in clean.gradients.items():
        np.testing.assert_array_equal(
            other.gradients[name], gradient, f"{why}: the gradient of {name}"
        )


def _check_alike(clean: Answer, other: Answer, why: str) -> None:
    for name, valid in clean.valid.items():
        np.testing.assert_array_equal(other.valid[name], valid, why)
        got, want = other.values[name][valid], clean.values[name][valid]
        np.testing.assert_allclose(got, want, **_CLOSE, err_msg=why)
    for name, gradient in clean.gradients.items():
        text = f"{why}: the gradient of {name}"
        np.testing.assert_allclose(other.gradients[name], gradient, **_CLOSE, err_msg=text)


@in_double
def check_amount(op: Op, case: Case) -> None:
    """Neither does more padding: masked positions, or sizes rounded up behind what was fed."""
    trial = trial_of(op, case)
    short = {dim: n // 2 + 1 for dim, n in (trial.sizes or {ROWS: 1}).items()}
    some = trial.draw([short, short, *(e.lengths for e in trial.examples[2:])], 5)
    full = trial.answer(some, training=True)
    for more in (0, 1):
        fed = {dim: n + more for dim, n in short.items() if dim != ROWS}
        other = trial.answer(some, fed=fed, training=True)
        _check_alike(full, other, f"of {trial.sizes}, {fed} were fed, the rest is rounding")
    if ROWS in trial.bucketed:
        fewer = trial.answer(some[:-1], more={ROWS: 1}, fed={ROWS: len(some) - 1}, training=True)
        there, missing = (_without_last_row(trial, answer) for answer in (full, fewer))
        _check_alike(there, missing, "an empty example was rounding")
        _check_last_row_is_nothing(trial, fewer)


def _without_last_row(trial: Trial, answer: Answer) -> Answer:
    """Counts of an empty example are real, those of one that was not fed are not."""

    def cut(arrays: Arrays) -> Arrays:
        axes = {name: trial.axis_of_rows(name) for name in arrays}
        return {n: a if axes[n] is None else by_row(a, axes[n])[:-1] for n, a in arrays.items()}

    return replace(answer, values=cut(answer.values), valid=cut(answer.valid))


def _check_last_row_is_nothing(trial: Trial, answer: Answer) -> None:
    for name, valid in answer.valid.items():
        axis = trial.axis_of_rows(name)
        real = axis is not None and by_row(valid, axis)[-1].any()
        assert not real, f"{name}: an example that is empty, or was not fed, is real"


@in_double
def check_length(op: Op, case: Case) -> None:
    """Longer arrays hold the same at their beginning."""
    trial = trial_of(op, case)
    longer = trial.answer(more=dict.fromkeys(trial.sizes, 3))
    _check_longer(trial, trial.answer(), longer, "arrays are longer by 3 slots of padding")


def _check_longer(trial: Trial, clean: Answer, longer: Answer, why: str) -> None:
    for name in trial.outputs:
        axis = trial.axis_of_rows(name)
        got, want = (
            by_row(a.values[name], axis)[by_row(a.valid[name], axis)] for a in (longer, clean)
        )
        assert got.size == want.size, f"{name}: {got.size} are real, not {want.size}: {why}"
        np.testing.assert_allclose(got, want, **_CLOSE, err_msg=f"{name}: {why}")
    for name, gradient in clean.gradients.items():
        want = np.zeros(longer.gradients[name].shape)
        want[tuple(map(slice, gradient.shape))] = gradient
        text = f"{why}: the gradient of {name}"
        np.testing.assert_allclose(longer.gradients[name], want, **_CLOSE, err_msg=text)


@in_double
def check_rounding(op: Op, case: Case) -> None:
    """Without any mask, sizes that are rounded up are not seen."""
    trial = trial_of(op, case, False)
    (whole,) = trial.draw([{ROWS: 2, **trial.sizes}], 3)
    more = {dim: 3 for dim in whole.lengths if dim in trial.bucketed}
    values, valid = trial.values(_rounded(trial, whole, more), whole.lengths)
    for name, want in zip(trial.outputs, plain(trial, whole), strict=True):
        _check_place(name, valid[name], want.shape)
        _check_elements(name, values[name][valid[name]], want.ravel())


def _rounded(trial: Trial, whole: Example, more: Sizes) -> dict[str, np.ndarray]:
    """The arrays, longer than they were fed; other ops have left something behind their ends."""
    arrays: dict[str, np.ndarray] = dict(trial.shared)
    for one in trial.own:
        widths = [(0, more.get(dim, 0) if isinstance(dim, str) else 0) for dim in one.shape]
        fed = whole.arrays[one.name]
        arrays[one.name] = np.pad(fed, widths)
        left = COMPUTED[-1][fed.dtype.kind]
        arrays[one.padding] = np.pad(np.zeros_like(fed), widths, constant_values=left)
    return {name: arrays[name] for name in trial.sd.graph.leaves}


@in_double
def check_company(op: Op, case: Case) -> None:
    """Neither do the other examples: their order, what they hold; an empty one is harmless."""
    trial = trial_of(op, case)
    clean = trial.answer()
    if op.name not in COUNTS | COUNTS_PADDING:
        _check_last_row_is_nothing(trial, clean)
    _check_nothing_comes_from_padding(trial, clean)
    if trial.reading == "apart":
        _check_turned(trial, clean)
        _check_other_company(trial, clean)


def _check_nothing_comes_from_padding(trial: Trial, answer: Answer) -> None:
    sizes = trial.batch_sizes(trial.examples, {})
    for one in trial.own:
        if one.padding in answer.gradients and trial.op.name != "drop_mask":
            real = cases.real_slots(one, trial.examples, sizes)
            found = answer.gradients[one.padding][~real]
            assert not found.any(), f"padding of {one.name} has gradients: {found}"


def _check_turned(trial: Trial, clean: Answer) -> None:
    turned = trial.answer(trial.examples[::-1])
    for row in range(len(trial.examples)):
        _check_row(trial, clean, turned, row, len(trial.examples) - 1 - row, "rows were permuted")


def _check_other_company(trial: Trial, clean: Answer) -> None:
    strangers = trial.draw([e.lengths for e in trial.examples], 4)
    among = (strangers[0], trial.examples[1], *strangers[2:])
    _check_row(trial, clean, trial.answer(among), 1, 1, "the other rows were replaced")


def _check_row(trial: Trial, clean: Answer, other: Answer, row: int, at: int, why: str) -> None:
    """Row `row` of the one is row `at` of the other."""
    for name in trial.outputs:
        axis = trial.axis_of_rows(name)
        valid, moved = by_row(clean.valid[name], axis)[row], by_row(other.valid[name], axis)[at]
        np.testing.assert_array_equal(moved, valid, why)
        want, got = by_row(clean.values[name], axis)[row], by_row(other.values[name], axis)[at]
        np.testing.assert_allclose(got[valid], want[valid], **_CLOSE, err_msg=f"{name}: {why}")
    for one in trial.own:
        if one.padding in clean.gradients:
            want, got = (
                by_row(a.gradients[one.padding], one.batch)[r]
                for a, r in ((clean, row), (other, at))
            )
            np.testing.assert_allclose(got, want, **_CLOSE, err_msg=f"{one.name}: {why}")


# Wrong calls.


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


# All of them.


def checks_of(op: Op, case: Case) -> list[Check]:
    """The checks that say something about this case."""
    checks: list[Check] = [check_shapes]
    if case.gradient:
        checks.append(check_gradient)
    if not case.padded:
        return checks
    if op.name not in NOT_ALONE:
        checks.append(check_definition)
    if op.name != "drop_mask":
        checks += [check_content, check_poison]
    if op.name not in COUNTS_PADDING:
        checks.append(check_amount)
    if op.rule.family in ("moves", "windows"):
        checks.append(check_length)
    if op.rule.family != "pointwise" and op.name != "with_mask":
        checks.append(check_rounding)
    return [*checks, check_company]


def check_op(op: Op) -> None:
    """The whole battery for one op, e.g. one that a user has declared."""
    for case in op.cases:
        for check in checks_of(op, case):
            check(op, case)
    for wrong in op.raises:
        check_wrong(op, wrong)
