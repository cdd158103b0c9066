"""Types: of every op its first case, in each floating type, in integers and in booleans.

Floats keep their type, and their values are those of double precision as far as the type holds
them. Integers of all sizes are treated alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.dtypes import is_float
from samediff_py.foundation.errors import GraphError
from samediff_py.ops.define import OPS
from samediff_py.ops.record import Op
from samediff_py.testing import cases
from samediff_py.testing.definition import arguments_of
from samediff_py.testing.trial import Trial

OF_FLOATS = tuple(
    op
    for op in OPS.values()
    if any(is_float(one.spec.type) for one in cases.inputs_of(op, op.cases[0]))
)


def types(op: Op, dtype: str) -> tuple[str, ...]:
    """The types of the results, where this type stands for all floats of the case."""
    sd, case = SameDiff.create(), op.cases[0]
    operands = {
        one.slot: sd.placeholder(one.name, one.shape, one.dtype(dtype))
        for one in cases.inputs_of(op, case)
    }
    outs = sd.emit(op, cases.call_values(op, case, operands))
    return tuple(v.dtype for v in (outs if isinstance(outs, tuple) else (outs,)))


# Floats.


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_floats_keep_their_type(dtype):
    with jax.enable_x64(dtype == "float64"):
        for op in OF_FLOATS:
            if op.name != "cast":
                want = tuple(dtype if t == "float32" else t for t in types(op, "float32"))
                assert types(op, dtype) == want, op.name


DIFFERENT = {
    "eig": "eigenvalues come in no order",
    "unsorted_segment_max": "an empty segment has the lowest number of the type",
    "unsorted_segment_min": "an empty segment has the greatest number of the type",
}
UNITS = 6
"""How many units in the last place of its greatest element a result may be off: sums of half
precision are computed in float32, and rounded once."""


COMPUTING = [op for op in OF_FLOATS if op.rule.family not in ("moves", "picks", "claims")]
HALF = {op.name: ("float16", "bfloat16")[i % 2] for i, op in enumerate(COMPUTING)}
"""Each op in one of the two, which saves half of the time to compile."""


@cache
def trials() -> dict[str, tuple[Trial, dict[str, Any], dict[str, int]]]:
    """Of each op the graph of its first case, and arrays with their sizes."""
    found = {}
    for op in COMPUTING:
        trial = Trial(op, op.cases[0], masked=False)
        (whole,) = trial.draw([{cases.ROWS: 2, **trial.sizes}], 3)
        found[op.name] = trial, {**trial.shared, **whole.arrays}, whole.sizes
    return found


@jax.jit
def results(arrays: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """All ops in one program."""
    key = jax.random.key(0)
    return {
        name: trial.op.call({**arguments_of(trial, arrays[name], sizes), **_told(trial, key)})
        for name, (trial, _, sizes) in trials().items()
    }


def _told(trial: Trial, key: Any) -> dict[str, Any]:
    told = {"training": not trial.is_random, "key": key}
    return {name: value for name, value in told.items() if name in trial.op.injected}


def _as(dtype: str, tree: Any) -> Any:
    """Floats in that type."""

    def one(x: Any) -> Any:
        x = jnp.asarray(x)
        return x.astype(dtype) if is_float(str(x.dtype)) else x

    return jax.tree.map(one, tree)


def test_half_precision_is_as_near_as_it_can_be():
    with jax.enable_x64(True):
        given = {name: _as(HALF[name], arrays) for name, (_, arrays, _) in trials().items()}
        got, want = results(given), results(_as("float64", given))
        far = dict(_far(got, want))
    assert not far, far


def _far(got: Any, want: Any) -> Iterator[tuple[str, float]]:
    for name in got.keys() - DIFFERENT.keys():
        for have, exact in zip(*map(jax.tree.leaves, (got[name], want[name])), strict=True):
            have, exact = (np.asarray(_as("float64", x)) for x in (have, exact))
            unit = float(jnp.finfo(HALF[name]).eps) if exact.dtype.kind == "f" else 0.0
            close = {"rtol": 0, "atol": UNITS * unit * np.abs(exact).max(initial=0)}
            if not np.allclose(have, exact, **close):
                yield name, float(np.abs(have - exact).max())


# Integers.

INTEGERS = ("int8", "uint32")
REFUSE = {
    "recurs", "losses",
    *(name for name in OPS if "conv" in name or name.startswith(("avg_pool", "pnorm_pool"))),
    "dilation2d", "local_response_normalization",
}  # fmt: skip
"""Families and ops that take floats alone."""


@pytest.mark.parametrize("op", OF_FLOATS, ids=lambda op: op.name)
def test_integers_of_all_sizes_are_treated_alike(op):
    if {op.name, op.rule.family} & REFUSE:
        for dtype in INTEGERS:
            with pytest.raises(GraphError, match="must be of a floating dtype"):
                types(op, dtype)
        return
    small, large = (tuple("own" if t == d else t for t in types(op, d)) for d in INTEGERS)
    assert small == large
    assert set(small) <= {"own", "int32", "float32", "bool"}


@pytest.mark.parametrize("op", OF_FLOATS, ids=lambda op: op.name)
def test_booleans_are_counted_or_refused(op):
    """No op dies of them: what it can't make sense of, it says."""
    try:
        found = types(op, "bool")
    except GraphError as error:
        assert op.name in str(error)
    else:
        assert set(found) <= {"bool", "int32", "float32"}
