"""Integers that are known while the graph is built: sizes of arrays, and what is made of them.

`sd.stack([sd.size_at(x, 0), -1], axis=0)` stands for a shape, with the dim that x has there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..foundation.dims import Symbols, from_jax
from ..foundation.index import thaw_index
from ..ir.graph import Graph, Node, Ref
from .annotate import Notes

Known = Any
"""An array of integers and symbolic sizes (numpy, of objects)."""


def known_integers(graph: Graph, notes: Notes, name: str, constants: Mapping[str, Any]) -> Any:
    """The integers (and dims) of a variable as nested lists; None where they are not known."""
    found = _Evaluation(graph, notes, constants).value(name)
    return None if found is None else _ours(found)


def _ours(found: Known) -> Any:
    if found.ndim:
        return [_ours(np.asarray(part, object)) for part in found]
    (size,) = from_jax([found.item()])
    return size


class _Evaluation:
    """One walk up the graph, with numpy on sizes that may be symbols of one scope."""

    def __init__(self, graph: Graph, notes: Notes, constants: Mapping[str, Any]):
        self._graph, self._notes, self._constants = graph, notes, constants
        self._symbols = Symbols()

    def value(self, name: str) -> Known | None:
        node = self._graph.makers.get(name)
        if node is not None:
            return self._made(node)
        array = self._constants.get(name)
        known = array is not None and np.asarray(array).dtype.kind in "iu"
        return np.asarray(array).astype(object) if known else None

    def _made(self, node: Node) -> Known | None:
        if node.op in _MEASURES:
            (ref,) = node.refs
            shape = self._symbols.shape(self._notes.values[ref].shape)
            return np.asarray(_MEASURES[node.op](shape, node.get("axis")), object)
        if node.op not in _STEPS:
            return None
        args = {key: self._argument(value) for key, value in node.kernel_args}
        if any(value is _UNKNOWN for value in args.values()):
            return None
        return np.asarray(_STEPS[node.op](**args), object)

    def _argument(self, value: Any) -> Any:
        if isinstance(value, Ref):
            found = self.value(value.name)
            return _UNKNOWN if found is None else found
        if isinstance(value, tuple) and value and isinstance(value[0], Ref):
            parts = [self._argument(part) for part in value]
            return _UNKNOWN if any(part is _UNKNOWN for part in parts) else parts
        return value


_UNKNOWN = object()

_MEASURES: dict[str, Callable[..., Any]] = {
    "shape": lambda shape, _: np.array([*shape, None], object)[:-1],
    "size": lambda shape, _: _product(shape),
    "rank": lambda shape, _: len(shape),
    "size_at": lambda shape, axis: shape[axis],
}


def _product(sizes: Any) -> Any:
    result = 1
    for size in sizes:
        result = size * result
    return result


def _on_elements(function: Callable[..., Any]) -> Callable[..., Known]:
    return lambda x, y: np.frompyfunc(function, 2, 1)(x, y)


# What is made of sizes: the ops that keep integers integers.
_STEPS: dict[str, Callable[..., Any]] = {
    "add": _on_elements(operator.add),
    "sub": _on_elements(operator.sub),
    "mul": _on_elements(operator.mul),
    "floor_div": _on_elements(operator.floordiv),
    "floor_mod": _on_elements(operator.mod),
    "neg": lambda x: -x,
    "identity": lambda x: x,
    "cast": lambda x, dtype: x,
    "concat": lambda xs, axis=0: np.concatenate(xs, axis),
    "stack": lambda xs, axis=0: np.stack(xs, axis),
    "gather": lambda x, indices, axis=0: np.take(x, indices.astype(int), axis),
    "getitem": lambda x, index: x[thaw_index(index)],
    "expand_dims": lambda x, axis: np.expand_dims(x, axis),
    "squeeze": lambda x, axis=None: np.squeeze(x, axis),
    "prod": lambda x, axis=None, keepdims=False: np.prod(x, axis, keepdims=keepdims),
    "sum": lambda x, axis=None, keepdims=False: np.sum(x, axis, keepdims=keepdims),
}
