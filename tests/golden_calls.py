"""Recorded calls of SameDiff, made again in Java's spelling. One compiled program per method."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from samediff_py import SameDiff, configs
from samediff_py.compile.lower import Mode, lower
from samediff_py.inference.outputs import ragged_outputs
from samediff_py.passes.annotate import annotate
from samediff_py.variable import SDVariable

HERE = Path(__file__).parent / "golden"
NAMESPACES = "base bitwise cnn image linalg loss math nn random rnn variable".split()
DTYPES = {
    "DOUBLE": "float64", "FLOAT": "float32", "HALF": "float32", "BFLOAT16": "float32",
    "LONG": "int64", "INT": "int32", "SHORT": "int16", "BYTE": "int8", "UBYTE": "uint8",
    "UINT16": "uint16", "UINT32": "int32", "UINT64": "int64", "BOOL": "bool",
}  # fmt: skip


@cache
def records(namespace: str) -> list[dict[str, Any]]:
    return json.loads((HERE / f"{namespace}.json").read_text())


@cache
def arrays(namespace: str) -> Any:
    return np.load(HERE / f"{namespace}.npz")


def array(record: dict[str, Any], which: str) -> np.ndarray | None:
    key = f"{record['id']}/{which}"
    store = arrays(record["ns"] + ("_native" if "/native" in record["id"] else ""))
    return store[key] if key in store.files else None


@cache
def by_design() -> dict[str, str]:
    """Records that are answered otherwise on purpose, and why."""
    return {
        record: reason
        for path in HERE.glob("deviations_*.json")
        for reason, ids in json.loads(path.read_text()).items()
        for record in ids
    }


def unanswered(record: dict[str, Any]) -> bool:
    """Whether SameDiff refuses the call, or gets it wrong."""
    return (record.get("tag") or "").startswith(("java fails", "java wrong", "rubbish"))


@dataclass
class Call:
    """A record made again: its variables and results in a graph."""

    record: dict[str, Any]
    inputs: dict[int, SDVariable] = field(default_factory=dict)
    outputs: tuple[SDVariable, ...] = ()


def make(sd: SameDiff, record: dict[str, Any], prefix: str) -> Call:
    """Adds one recorded call to the graph."""
    call = Call(record)
    for k in range(record["inputs"]):
        call.inputs[k] = _input(sd, record, k, f"{prefix}in{k}")
    args = [f"{prefix}out" if arg == "out" else _argument(call, arg) for arg in record["args"]]
    result = _method(sd, record, args)
    call.outputs = tuple(result) if isinstance(result, tuple | list) else (result,)
    return call


def _input(sd: SameDiff, record: dict[str, Any], k: int, name: str) -> SDVariable:
    value = array(record, f"in{k}")
    assert value is not None
    constant = k in record.get("fixed", ()) or array(record, f"numgrad{k}") is None
    if value.dtype.kind == "f" and not constant:
        return sd.var(name, value)
    return sd.constant(value, name)


def _argument(call: Call, arg: Any) -> Any:
    if isinstance(arg, dict):
        if "in" in arg:
            return call.inputs[arg["in"]]
        if "ins" in arg:
            return [call.inputs[k] for k in arg["ins"]]
        if arg["config"] == "Condition":
            ((kind, value),) = arg["fields"].items()
            values = value if isinstance(value, list) else [value]
            return getattr(configs.Conditions, kind)(*values)
        fields = {name: _argument(call, value) for name, value in arg["fields"].items()}
        return getattr(configs, arg["config"])(**fields)
    return arg


def _method(sd: SameDiff, record: dict[str, Any], args: list[Any]) -> Any:
    namespace, method = record["ns"], record["method"]
    if namespace == "base":
        return getattr(sd, method)(*args)
    if namespace == "variable":
        return getattr(args[0], method)(*args[1:])
    return getattr(getattr(sd, namespace)(), method)(*args)


def upstream(out: jax.Array, j: int) -> jax.Array:
    """The recorded gradients are those of sum(out_j * cos(0.7 i + j + 0.3))."""
    weights = jnp.cos(0.7 * jnp.arange(out.size) + j + 0.3).reshape(out.shape)
    return jnp.sum(out * weights.astype(out.dtype))


def run(sd: SameDiff, calls: Iterable[Call]) -> tuple[dict[str, Any], dict[str, Any]]:
    """All results and all gradients of all calls, by name, in one program."""
    calls = list(calls)
    names = [v.name for call in calls for v in call.outputs]
    graph, held = sd.graph, sd._runner.arrays
    notes = annotate(graph, {})
    ragged = ragged_outputs(notes, names)
    function = lower(graph, notes, names, Mode(validity=ragged))
    order = {v.name: j for call in calls for j, v in enumerate(call.outputs)}
    params = {n: a for n, a in held.items() if n in sd.params}

    def objective(params: dict[str, Any]) -> tuple[Any, Any]:
        outs = function({**held, **params}, None, jax.random.key(0))
        floats = [n for n in names if jnp.issubdtype(outs[n].dtype, jnp.floating)]
        total = sum((upstream(outs[n], order[n]).astype("float64") for n in floats), jnp.zeros(()))
        return total, outs

    grads, outs = jax.jit(jax.grad(objective, has_aux=True))(params)
    outs, grads = jax.tree.map(np.asarray, (outs, grads))
    for name in ragged:
        valid = outs[f"{name}?"]
        outs[name] = outs[name][valid.reshape(len(valid), -1).all(axis=1)]
    return outs, grads
