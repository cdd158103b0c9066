"""Shapes and types of a node's outputs, by running its kernel on symbolic shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import jax

from ..foundation.dims import (
    Bounds,
    Dim,
    Shape,
    Symbols,
    constraints_of,
    from_jax,
    substitute,
    symbols_of,
)
from ..foundation.index import Slice, thaw_index
from ..ops.record import Op

Signature = tuple[Shape, str]
"""Shape and type of one array."""

_known: dict[Any, tuple[Signature, ...]] = {}


def infer(
    op: Op, values: Mapping[str, Any], inputs: frozenset[str], bounds: Mapping[str, Bounds]
) -> tuple[Signature, ...]:
    """Signatures of the outputs. `values` holds a `Signature` (or a tuple of them) for each of
    `inputs`, and static values. Raises what the kernel raises."""
    shapes = tuple(s for name in inputs for s in _shapes(values[name]))
    constraints = constraints_of(symbols_of((*shapes, _dims_in(values, inputs))), bounds)
    x64 = jax.config.jax_enable_x64  # type: ignore
    key = (op.name, op.kernel, tuple(values.items()), constraints, x64)
    if key not in _known:
        _known[key] = _found(op, values, inputs, constraints)
    return _known[key]


def _found(
    op: Op, values: Mapping[str, Any], inputs: frozenset[str], constraints: tuple[str, ...]
) -> tuple[Signature, ...]:
    """JAX can't compare some sizes that are made of others (`batch * (time - 1)`): where it has to,
    those that are no plain names or products of them get a name of their own."""
    try:
        return _run(op, values, inputs, Symbols(constraints))
    except (jax.errors.InconclusiveDimensionOperation, ValueError) as error:
        if not _is_inconclusive(error):
            raise
        try:
            return _with_named_sizes(op, values, inputs, constraints)
        except Exception as other:
            shown = error if _is_inconclusive(other) else other
            raise ValueError(str(shown)) from shown


def _is_inconclusive(error: BaseException) -> bool:
    kind = jax.errors.InconclusiveDimensionOperation
    return isinstance(error, kind) or isinstance(error.__cause__, kind)


def _with_named_sizes(op: Op, values, inputs, constraints) -> tuple[Signature, ...]:
    names: dict[Dim, Dim] = {}

    def named(dim: Dim) -> Dim:
        made = set("+-(") & set(dim.text)
        return names.setdefault(dim, Dim(f"__{len(names)}")) if made else dim

    renamed = {name: resolve(value, named) for name, value in values.items()}
    back = {name.text: dim for dim, name in names.items()}
    try:
        outs = _run(op, renamed, inputs, Symbols(constraints))
    except Exception as error:
        text = re.sub(r"__\d+", lambda m: back[m.group()].text, str(error))
        raise ValueError(text) from error
    return tuple((substitute(shape, back), dtype) for shape, dtype in outs)


def _shapes(value: Any) -> tuple[Shape, ...]:
    return (value[0],) if _is_one(value) else tuple(shape for shape, _ in value)


def _is_one(value: Any) -> bool:
    """A signature, and not a tuple of them."""
    return len(value) == 2 and isinstance(value[1], str)


def _dims_in(values: Mapping[str, Any], inputs: frozenset[str]) -> Shape:
    static = [v for name, v in values.items() if name not in inputs]
    return tuple(dim for value in static for dim in dims_in(value))


def dims_in(value: Any) -> list[Dim]:
    """The dims inside a static value."""
    if isinstance(value, Slice):
        return dims_in((value.start, value.stop))
    if isinstance(value, tuple):
        return [dim for part in value for dim in dims_in(part)]
    return [value] if isinstance(value, Dim) else []


def resolve(value: Any, size: Any) -> Any:
    """A static value with its dims replaced by sizes."""
    if isinstance(value, Dim):
        return size(value)
    if isinstance(value, Slice):
        return Slice(resolve(value.start, size), resolve(value.stop, size), value.step)
    if isinstance(value, tuple):
        return tuple(resolve(part, size) for part in value)
    return value


def static_value(role: str, value: Any, size: Any) -> Any:
    """A static value as the kernel takes it."""
    resolved = resolve(value, size)
    return thaw_index(resolved) if role == "index" else resolved


@cache
def _key_type(x64: bool) -> Any:
    return jax.eval_shape(lambda: jax.random.key(0))


def _run(op: Op, values, inputs: frozenset[str], symbols: Symbols) -> tuple[Signature, ...]:
    def struct(signature: Signature) -> jax.ShapeDtypeStruct:
        shape, dtype = signature
        return jax.ShapeDtypeStruct(symbols.shape(shape), dtype)

    def structs(value: Any) -> Any:
        return struct(value) if _is_one(value) else tuple(map(struct, value))

    arrays = {name: structs(values[name]) for name in values if name in inputs}
    static = {
        name: static_value(op.params[name].role, value, symbols.size)
        for name, value in values.items()
        if name not in inputs
    }
    if "key" in op.injected:
        arrays["key"] = _key_type(jax.config.jax_enable_x64)  # type: ignore
    out = _eval_shape(op, arrays, static)
    outs = out if isinstance(out, tuple | list) else (out,)
    return tuple((from_jax(o.shape), str(o.dtype)) for o in outs)


def _eval_shape(op: Op, arrays: Mapping[str, Any], static: Mapping[str, Any]) -> Any:
    def run(given: Mapping[str, Any]) -> Any:
        return jax.eval_shape(lambda given: op.call({**static, **given}), given)

    try:
        return run(arrays)
    except ValueError:
        first = next(iter(arrays.values()), ())
        if "sizes" not in op.injected or isinstance(first, tuple):
            raise
        # A window whose place depends on the length of a row: only with the lengths at hand is
        # the shape the same for all of them.
        rows = jax.ShapeDtypeStruct(first.shape[:1], "int32")
        return run({**arrays, "sizes": rows})
