"""The promise: padding changes no answer, whatever it holds, however much, whoever is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..ops.cases import Case
from ..ops.record import Op
from . import cases
from .cases import ROWS, Example, Garbage
from .compare import (
    check_alike,
    check_elements,
    check_equal,
    check_finite,
    check_longer,
    check_place,
    check_row,
    compare,
)
from .definition import defined, plain
from .trial import Answer, Arrays, Sizes, Trial, by_row, in_double, trial_of

COUNTS_PADDING = frozenset({"drop_mask", "fill_padding"})
"""Ops whose meaning is that padding counts: more of it is another answer."""

COUNTS = frozenset({"count_valid", "count_non_zero", "count_zero", "match_condition_count"})
"""Ops of which an empty example has an answer: zero."""

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


@in_double
def check_definition(op: Op, case: Case) -> None:
    """A batch gives each example what it gets alone: values, their number, and gradients."""
    trial = trial_of(op, case)
    present = [e for e in trial.examples if not e.is_empty]
    compare(trial, trial.answer(), present, defined(trial, present))


@in_double
def check_content(op: Op, case: Case) -> None:
    """What stands in padding changes nothing, bit by bit: fed, computed, or poisoned."""
    trial = trial_of(op, case)
    clean = trial.answer()
    check_finite(clean)
    for garbage in FED:
        check_equal(clean, trial.answer(fill=garbage), f"{garbage} was fed as padding")
    for garbage in COMPUTED:
        other = trial.answer(padding=garbage)
        check_equal(clean, other, f"{garbage} was computed as padding")


@in_double
def check_poison(op: Op, case: Case) -> None:
    """A kernel that is told what counts may be handed NaN elsewhere."""
    trial = trial_of(op, case)
    if trial.ignores_padding:
        check_alike(trial.answer(), trial.answer(poison=True), "padding holds NaN")


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
        check_alike(full, other, f"of {trial.sizes}, {fed} were fed, the rest is rounding")
    if ROWS in trial.bucketed:
        fewer = trial.answer(some[:-1], more={ROWS: 1}, fed={ROWS: len(some) - 1}, training=True)
        there, missing = (_without_last_row(trial, answer) for answer in (full, fewer))
        check_alike(there, missing, "an empty example was rounding")
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
    check_longer(trial, trial.answer(), longer, "arrays are longer by 3 slots of padding")


@in_double
def check_rounding(op: Op, case: Case) -> None:
    """Without any mask, sizes that are rounded up are not seen."""
    trial = trial_of(op, case, False)
    (whole,) = trial.draw([{ROWS: 2, **trial.sizes}], 3)
    more = {dim: 3 for dim in whole.lengths if dim in trial.bucketed}
    values, valid = trial.values(_rounded(trial, whole, more), whole.lengths)
    for name, want in zip(trial.outputs, plain(trial, whole), strict=True):
        check_place(name, valid[name], want.shape)
        check_elements(name, values[name][valid[name]], want.ravel())


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
        check_row(trial, clean, turned, row, len(trial.examples) - 1 - row, "rows were permuted")


def _check_other_company(trial: Trial, clean: Answer) -> None:
    strangers = trial.draw([e.lengths for e in trial.examples], 4)
    among = (strangers[0], trial.examples[1], *strangers[2:])
    check_row(trial, clean, trial.answer(among), 1, 1, "the other rows were replaced")
