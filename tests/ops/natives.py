"""Native ops of SameDiff that were called outside a graph, where its graph method is broken."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from golden_calls import make, records, run
from test_golden import compare

from samediff_py import SameDiff


def natives(namespace: str, *without: str) -> list[dict[str, Any]]:
    """The records of a namespace, but for some that are not the right answer."""
    return [r for r in records(f"{namespace}_native") if r["id"].split("/")[1] not in without]


def differences(record: dict[str, Any]) -> list[str]:
    """What the same call in Java's spelling gives otherwise."""
    with jax.enable_x64(True):
        sd = SameDiff.create()
        call = make(sd, record, "")
        assert len(call.outputs) == record["outputs"]
        return compare(call, run(sd, [call])[0], {})


def answers(record: dict[str, Any]) -> list[np.ndarray]:
    with jax.enable_x64(True):
        sd = SameDiff.create()
        call = make(sd, record, "")
        outs, _ = run(sd, [call])
    return [outs[v.name] for v in call.outputs]
