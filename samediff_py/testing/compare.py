"""Two answers laid side by side: a batch and single examples, or a batch under two conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..foundation.dtypes import is_float
from . import cases
from .cases import Example
from .definition import SHARED, Definition
from .trial import Answer, Arrays, Trial, by_row

CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-10}


def compare(trial: Trial, answer: Answer, examples: Sequence[Example], alone: Definition) -> None:
    """Holds a batch, whose first rows are these examples, against the definition."""
    for i, name in enumerate(trial.outputs):
        axis = trial.axis_of_rows(name)
        rows = len(examples) if axis is not None else 1
        value, valid = (by_row(x[name], axis)[:rows] for x in (answer.values, answer.valid))
        want = [outs[i] if outs else np.zeros(0) for outs in alone.groups]
        check_elements(name, value[valid], np.concatenate(list(map(np.ravel, want))))
        if axis is not None and not trial.is_strewn(name):
            for row, out in zip(valid, want, strict=True):
                check_place(name, row, out.shape[:axis] + out.shape[axis + 1 :])
    _check_gradients(trial, answer.gradients, examples, alone)


def check_elements(name: str, got: np.ndarray, want: np.ndarray) -> None:
    assert got.size == want.size, (
        f"{name}: {got.size} elements are said to be real; alone, the examples have {want.size}"
    )
    np.testing.assert_allclose(got, want, **CLOSE, err_msg=f"{name} differs from examples alone")


def check_place(name: str, valid: np.ndarray, shape: tuple[int, ...]) -> None:
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
            gradients[name], want, **CLOSE, err_msg=f"the gradient of {one.name} differs"
        )


def check_finite(answer: Answer) -> None:
    """Whatever is real or not: NaN in padding would reach gradients behind the next op."""
    for name, array in {**answer.values, **answer.gradients}.items():
        finite = np.isfinite(array) if is_float(str(array.dtype)) else np.ones(array.shape, bool)
        assert finite.all(), f"{name} is not finite:\n{array}"


def check_equal(clean: Answer, other: Answer, why: str) -> None:
    for name, valid in clean.valid.items():
        np.testing.assert_array_equal(other.valid[name], valid, why)
        np.testing.assert_array_equal(other.values[name][valid], clean.values[name][valid], why)
    for name, gradient in clean.gradients.items():
        np.testing.assert_array_equal(
            other.gradients[name], gradient, f"{why}: the gradient of {name}"
        )


def check_alike(clean: Answer, other: Answer, why: str) -> None:
    for name, valid in clean.valid.items():
        np.testing.assert_array_equal(other.valid[name], valid, why)
        got, want = other.values[name][valid], clean.values[name][valid]
        np.testing.assert_allclose(got, want, **CLOSE, err_msg=why)
    for name, gradient in clean.gradients.items():
        text = f"{why}: the gradient of {name}"
        np.testing.assert_allclose(other.gradients[name], gradient, **CLOSE, err_msg=text)


def check_longer(trial: Trial, clean: Answer, longer: Answer, why: str) -> None:
    for name in trial.outputs:
        axis = trial.axis_of_rows(name)
        got, want = (
            by_row(a.values[name], axis)[by_row(a.valid[name], axis)] for a in (longer, clean)
        )
        assert got.size == want.size, f"{name}: {got.size} are real, not {want.size}: {why}"
        np.testing.assert_allclose(got, want, **CLOSE, err_msg=f"{name}: {why}")
    for name, gradient in clean.gradients.items():
        want = np.zeros(longer.gradients[name].shape)
        want[tuple(map(slice, gradient.shape))] = gradient
        text = f"{why}: the gradient of {name}"
        np.testing.assert_allclose(longer.gradients[name], want, **CLOSE, err_msg=text)


def check_row(trial: Trial, clean: Answer, other: Answer, row: int, at: int, why: str) -> None:
    """Row `row` of the one is row `at` of the other."""
    for name in trial.outputs:
        axis = trial.axis_of_rows(name)
        valid, moved = by_row(clean.valid[name], axis)[row], by_row(other.valid[name], axis)[at]
        np.testing.assert_array_equal(moved, valid, why)
        want, got = by_row(clean.values[name], axis)[row], by_row(other.values[name], axis)[at]
        np.testing.assert_allclose(got[valid], want[valid], **CLOSE, err_msg=f"{name}: {why}")
    for one in trial.own:
        if one.padding in clean.gradients:
            want, got = (
                by_row(a.gradients[one.padding], one.batch)[r]
                for a, r in ((clean, row), (other, at))
            )
            np.testing.assert_allclose(got, want, **CLOSE, err_msg=f"{one.name}: {why}")
