"""Calls that SameDiff answers wrongly, refuses, or answers in a way that the library does not
follow: each against numpy."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import jax
import numpy as np
import pytest
from golden_calls import NAMESPACES, array, by_design, make, records, run, unanswered
from ops import deviations

from samediff_py import SameDiff, SDVariable
from samediff_py.ops.java import composites, java_methods

MODULES = [
    importlib.import_module(f"ops.deviations.{found.name}")
    for found in pkgutil.iter_modules(deviations.__path__)
]


def of_all(name: str) -> dict:
    tables = (getattr(module, name, {}) for module in MODULES)
    return {record: right for table in tables for record, right in table.items()}


RIGHT, RAISES = of_all("RIGHT"), of_all("RAISES")
HOLDS = of_all("HOLDS")
"""What is true of inputs and results, where these are random."""
KNOWN = {record["id"]: record for namespace in NAMESPACES for record in records(namespace)}


@cache
def answers(method: str):
    """Results and gradients of the records of one method, by record, from one program."""
    mine = [one for one in (*RIGHT, *HOLDS) if one.split("/")[0] == method]
    with jax.enable_x64(True):
        sd = SameDiff.create()
        calls = [make(sd, KNOWN[one], f"r{i}_") for i, one in enumerate(mine)]
        outs, grads = run(sd, calls)
    return {
        call.record["id"]: (
            [outs[v.name] for v in call.outputs],
            {k: grads[v.name] for k, v in call.inputs.items() if v.name in grads},
        )
        for call in calls
    }


@pytest.mark.parametrize("record", RIGHT)
def test_answers_are_the_right_ones(record):
    inputs = [array(KNOWN[record], f"in{k}") for k in range(KNOWN[record]["inputs"])]
    with np.errstate(all="ignore"):
        want = RIGHT[record](*inputs)
    outs, _ = answers(record.split("/")[0])[record]
    for have, right in zip(outs, want if isinstance(want, tuple) else (want,), strict=True):
        right = np.asarray(right)
        right = right.astype(np.int32) if have.dtype == np.int32 else right
        assert have.shape == right.shape
        close = 1e-6 if have.dtype.itemsize == 8 else 1e-4
        np.testing.assert_allclose(have, right, rtol=close, atol=1e-12)


@pytest.mark.parametrize("record", HOLDS)
def test_random_answers_are_possible_ones(record):
    inputs = [array(KNOWN[record], f"in{k}") for k in range(KNOWN[record]["inputs"])]
    outs, _ = answers(record.split("/")[0])[record]
    assert HOLDS[record](*inputs, *outs)


@pytest.mark.parametrize("record", RAISES)
def test_calls_without_an_answer_are_refused(record):
    with jax.enable_x64(True), pytest.raises(ValueError, match=RAISES[record]):
        make(SameDiff.create(), KNOWN[record], "")


def test_no_recorded_call_is_left_out():
    """What SameDiff refuses or gets wrong, and what is answered otherwise by design, is here."""
    asked = {record for record in KNOWN if unanswered(KNOWN[record])} | set(by_design())
    assert sorted(asked - set(RIGHT) - set(HOLDS) - set(RAISES)) == []


def declared(method: str) -> list[str]:
    """What the declarations of the overloads of a method say of differences."""
    namespace, name = method.split(".")
    kinds = {"base": SameDiff, "variable": SDVariable}
    kind = kinds.get(namespace) or type(getattr(SameDiff.create(), namespace))
    own = (getattr(kind, attribute, None) for attribute in (name, composites(kind).get(name, name)))
    found = (*java_methods(kind).get(name, ()), *own)
    return [one for stub in found for one in getattr(getattr(stub, "op", stub), "differs", ())]


def test_every_deviation_is_declared_for_the_docs():
    """Calls without the right answer in SameDiff, and wrong gradients where there is but one."""
    kinks = ("ties", "zero", "kink", "NaN")
    slopes = {
        record["id"]
        for record in KNOWN.values()
        if record.get("gradient") in ("wrong", "throws")
        and not any(word in (record.get("tag") or "") for word in kinks)
    }
    methods = {record.split("/")[0] for record in {*RIGHT, *HOLDS, *RAISES, *slopes}}
    assert len(methods) > 200
    assert sorted(method for method in methods if not declared(method)) == []


def test_gradient_of_an_inverse():
    inverse = np.linalg.inv([[0.0, 2.0], [3.0, 1.0]])
    upstream = np.cos(0.7 * np.arange(4) + 0.3).reshape(2, 2)
    _, gradients = answers("math.matrixInverse")["math.matrixInverse/3"]
    np.testing.assert_allclose(gradients[0], -inverse.T @ upstream @ inverse.T)


@pytest.mark.parametrize("record", ["math.entropy/9", "math.cosineSimilarity/12"])
def test_zeros_have_a_finite_gradient(record):
    _, gradients = answers(record.split("/")[0])[record]
    assert all(np.isfinite(gradient[:2]).all() for gradient in gradients.values())
