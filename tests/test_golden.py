"""Every recorded call that SameDiff answers rightly gives the same arrays here."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from golden_calls import (
    DTYPES,
    NAMESPACES,
    Call,
    array,
    by_design,
    make,
    records,
    run,
    unanswered,
)

from samediff_py import SameDiff

RIGHT = [
    (namespace, method)
    for namespace in NAMESPACES
    for method in dict.fromkeys(r["method"] for r in records(namespace))
]


def is_test(record) -> bool:
    return not unanswered(record) and record["outputs"] > 0 and record["id"] not in by_design()


@pytest.mark.parametrize(("namespace", "method"), RIGHT, ids=[f"{n}.{m}" for n, m in RIGHT])
def test_recorded_calls(namespace, method):
    mine = [r for r in records(namespace) if r["method"] == method and is_test(r)]
    if not mine or any("random" in (r.get("tag") or "") for r in mine) or namespace == "random":
        pytest.skip("compared by distribution")
    with jax.enable_x64(True):
        sd = SameDiff.create()
        calls = [make(sd, record, f"r{i}_") for i, record in enumerate(mine)]
        outs, grads = run(sd, calls)
    problems = [text for call in calls for text in compare(call, outs, grads)]
    assert not problems, "\n".join(problems)


def compare(call: Call, outs, grads) -> list[str]:
    """What differs from the record."""
    record, problems = call.record, []
    types = record.get("dtypes", "").split()
    for j, variable in enumerate(call.outputs):
        want, have = array(record, f"out{j}"), outs[variable.name]
        dtype = DTYPES.get(types[j] if j < len(types) else "", str(want.dtype))
        problems += differs(f"{record['id']} out{j}", have, want, dtype)
    # A float32 result has too few digits for a numeric derivative.
    coarse = any(t not in ("DOUBLE", "LONG", "INT", "BOOL") for t in types)
    special = record.get("tag") or ""
    kink = coarse or any(word in special for word in ("ties", "zero", "kink", "NaN"))
    for k, variable in call.inputs.items():
        want = array(record, f"numgrad{k}")
        if want is None or variable.name not in grads or kink or not np.isfinite(want).all():
            continue
        if not np.allclose(grads[variable.name], want, rtol=1e-4, atol=1e-5):
            worst = np.abs(grads[variable.name] - want).max()
            problems.append(f"{record['id']} gradient {k}: off by {worst:.2g}")
    return problems


def differs(what: str, have: np.ndarray, want: np.ndarray, dtype: str) -> list[str]:
    if have.shape != want.shape:
        return [f"{what}: shape {have.shape}, recorded {want.shape}"]
    if str(have.dtype) != dtype and dtype not in ("float32", "int32", "int64"):
        return [f"{what}: {have.dtype}, recorded {dtype}"]
    if have.dtype.kind not in "fc" and not have.dtype.name.startswith("bfloat"):
        return [] if np.array_equal(have, want) else [f"{what}: {have} is not {want}"]
    close = 1e-6 if have.dtype == np.float64 and want.dtype == np.float64 else 1e-4
    close = 2e-2 if have.dtype.itemsize == 2 else close
    if np.allclose(have.astype(np.float64), want, rtol=close, atol=close, equal_nan=True):
        return []
    return [f"{what}: off by {np.nanmax(np.abs(have.astype(np.float64) - want)):.3g}"]
