"""From what the user wrote to what a node holds, by the role of each parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np

from ..foundation.dims import Dim, Shape, named, show_shape
from ..foundation.dtypes import dtype_name
from ..foundation.errors import GraphError
from ..foundation.index import freeze_index
from ..ir.graph import Ref
from ..ir.masks import Tag
from ..ops.record import Op
from ..ops.types import is_operand
from ..passes.annotate import Value

Lift = Callable[[Any], Ref]
"""Makes a `Ref` of a variable or an array."""

Fold = Callable[[Any], Any]
"""The numbers of an integer variable that is known while the graph is built."""


def node_arguments(
    op: Op, values: dict[str, Any], lift: Lift, known: Callable[[str], Value], fold: Fold
) -> tuple[tuple[str, Any], ...]:
    """The arguments of the node: `Ref`s for inputs, hashable statics for the rest."""
    args: dict[str, Any] = {}
    for name, value in (op.complete(values, fold) if op.complete else values).items():
        role = op.params[name].role
        if value is None and role in ("input", "inputs", "dtype"):
            continue  # an optional input that is not given is simply absent
        if role not in ("input", "inputs", "index"):
            value = _folded(value, fold)
        args[name] = _argument(op, name, role, value, lift, args, known)
    lone = op.inputs and op.rule.family != "creates"
    if lone and not any(_has_ref(v) for v in args.values()):
        raise GraphError(f"{op.name} needs at least one variable among its inputs")
    return tuple(args.items())


def _folded(value: Any, fold: Fold) -> Any:
    """Variables, alone or in a list, by the numbers that they stand for."""
    if isinstance(value, list | tuple) and any(map(is_operand, value)):
        return [_folded(part, fold) for part in value]
    return fold(value) if is_operand(value) else value


def _has_ref(value: Any) -> bool:
    return isinstance(value, Ref) or (isinstance(value, tuple) and any(map(_has_ref, value)))


def _argument(op: Op, name: str, role: str, value: Any, lift: Lift, args, known) -> Any:
    match role:
        case "input":
            return _input(value, lift)
        case "inputs":
            return _inputs(op, value, lift)
        case "axis":
            return axis_numbers(value, known(_first_ref(args)), op.name)
        case "index":
            return freeze_index(value, len(known(_first_ref(args)).shape))
        case "dtype":
            return dtype_name(value)
        case "shape":
            return tuple(_size(s) for s in _sequence(value))
    return freeze(value, f"{op.name}: {name}")


def _first_ref(args: dict[str, Any]) -> str:
    for value in args.values():
        if isinstance(value, Ref):
            return value.name
        if isinstance(value, tuple) and value and isinstance(value[0], Ref):
            return value[0].name
    raise GraphError("the first input must be a variable")


def _input(value: Any, lift: Lift) -> Any:
    """Python's numbers stay literals, so that they take the type of what they meet."""
    if isinstance(value, bool | int | float) and not isinstance(value, np.generic):
        return value
    return lift(value)


def _inputs(op: Op, value: Any, lift: Lift) -> tuple[Ref, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise GraphError(f"{op.name} takes a list of variables, e.g. [x, y], not {value!r}")
    return tuple(map(lift, value))


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _size(size: Any) -> int | Dim:
    if isinstance(size, Dim):
        return size
    if isinstance(size, str):
        return named(size)
    return -1 if size is None else int(size)


def axis_numbers(axis: Any, x: Value, op: str) -> int | tuple[int, ...] | None:
    """Numbers from 0 on, for axes by name or number."""
    if axis is None or (isinstance(axis, list | tuple) and not axis):
        return None  # no axis named means all of them, as in SameDiff
    if isinstance(axis, list | tuple):
        return tuple(_axis(a, x, op) for a in axis)
    return _axis(axis, x, op)


def _axis(axis: Any, x: Value, op: str) -> int:
    if isinstance(axis, Dim):
        axis = axis.text
    if isinstance(axis, str):
        return _axis_called(axis, x, op)
    if isinstance(axis, bool) or not hasattr(axis, "__index__"):
        raise GraphError(f"{op}: an axis is a number or the name of a dim, not {axis!r}")
    ndim, number = len(x.shape), axis.__index__()
    if not -ndim <= number < ndim:
        raise GraphError(f"{op}: axis {number} is not in {show_shape(x.shape)}, of rank {ndim}")
    return number % ndim


def _axis_called(name: str, x: Value, op: str) -> int:
    labels = x.tag.labels if isinstance(x.tag, Tag) else (None,) * len(x.shape)
    found = [axis for axis, label in enumerate(labels) if label == name]
    if len(found) == 1:
        return found[0]
    shown = describe_axes(x.shape, labels)
    if not found:
        raise GraphError(
            f"{op}: no axis is called {name!r}; the axes are {shown} (to call the result so: "
            f"name={name!r})"
        )
    raise GraphError(f"{op}: {len(found)} axes are called {name!r}; say which number: {shown}")


def describe_axes(shape: Shape, labels: tuple[str | None, ...]) -> str:
    pairs = zip(shape, labels, strict=True)
    return ", ".join(f"{i}: {label or dim}" for i, (dim, label) in enumerate(pairs))


def freeze(value: Any, what: str) -> Any:
    """A static value that can be hashed and compared."""
    if isinstance(value, list | tuple):
        return tuple(freeze(part, what) for part in value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return freeze(value.tolist(), what)
    if isinstance(value, Enum):
        return value.name
    try:
        hash(value)
    except TypeError:
        raise GraphError(f"{what}: {value!r} is no static value") from None
    return value
