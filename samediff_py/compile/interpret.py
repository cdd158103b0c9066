"""Running a program op by op, and stopping where the first NaN arises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..foundation.dims import show_shape
from ..foundation.dtypes import is_float
from ..foundation.errors import GraphError, NotANumberError
from ..ir.graph import Node
from ..ir.masks import Tag
from ..passes.lookups import lookups, out_of_range, range_at
from .extents import unpacked
from .lower import bind_sizes, lower, whole_use
from .mask_values import MaskValues
from .session import Program, positional

Values = Mapping[str, Any]


def interpreted(program: Program) -> Program:
    """The program as one that checks every op and compiles none of them together."""

    def function(values: Values, extents: Any, key: Any) -> dict[str, Any]:
        return watched_run(program, values, extents, key)[0]

    return replace(program, jitted=positional(function, program.arguments))


def watched_run(
    program: Program, values: Values, extents: Any, key: Any
) -> tuple[dict[str, Any], Watcher]:
    """The outputs, and the watcher that has seen everything; raises at the first NaN."""
    watcher = Watcher(program, values, extents)
    mode = replace(program.mode, watch=watcher)
    function = lower(program.graph, program.notes, program.outputs, mode)
    return function(values, extents, key), watcher


class Watcher:
    """Looks at every result: NaN where the result is real, row numbers that are out of range."""

    def __init__(self, program: Program, values: Values, extents: Any):
        self.notes, self.values = program.notes, dict(values)
        self.infinite: Node | None = None  # the first that gave an infinity
        sizes = bind_sizes(program.graph.leaves.values(), values)
        real = unpacked(program.mode.bucketed, extents)
        self._masks = MaskValues(program.notes.plan, self.values, sizes, real)

    def __call__(self, node: Node, outs: tuple[Any, ...]) -> None:
        self._check_ids(node)
        self.values.update(zip(node.outputs, outs, strict=True))
        for name in filter(self._is_float, node.outputs):
            if self._in_real(name, np.isnan).any():
                raise NotANumberError(self._nan(node, name))
            if self.infinite is None and self._in_real(name, np.isinf).any():
                self.infinite = node

    def describe(self, node: Node) -> str:
        """The op, its inputs with dims and what stands in them, the user's line."""
        inputs = [f"  {name}: {self._seen(name)}" for name in dict.fromkeys(node.refs)]
        return "\n".join([f"  {node}", *inputs, f"  at {node.source}"])

    def _is_float(self, name: str) -> bool:
        return is_float(self.notes.values[name].dtype)

    def _valid(self, name: str) -> np.ndarray | None:
        """Which elements are real; None where nobody knows."""
        if not isinstance(self.notes.tag(name), Tag):
            return None
        valid = self._masks.use(whole_use(self.notes, name))
        return np.broadcast_to(True if valid is None else valid, np.shape(self.values[name]))

    def _in_real(self, name: str, test: Callable[[Any], Any]) -> np.ndarray:
        """Where the test is true of real elements; nowhere, if nobody knows which are real."""
        array, valid = np.asarray(self.values[name]), self._valid(name)
        return np.zeros(array.shape, bool) if valid is None else test(array) & valid

    def _check_ids(self, node: Node) -> None:
        for name, limit in lookups(node, self.notes):
            bad = self._in_real(name, partial(out_of_range, limit=limit))
            if bad.any():
                where = tuple(np.argwhere(bad)[0].tolist())
                number = np.asarray(self.values[name])[where]
                raise GraphError(
                    f"{name!r} holds {int(bad.sum())} numbers out of range "
                    f"{range_at(limit, where)}, the first at {list(where)}: {number}\n"
                    f"{self.describe(node)}"
                )

    def _nan(self, node: Node, name: str) -> str:
        bad = self._in_real(name, np.isnan)
        count, where = int(bad.sum()), np.argwhere(bad)[0].tolist()
        old = [n for n in dict.fromkeys(node.refs) if self._is_float(n) and self._has_nan(n)]
        because = f"; NaN already: {', '.join(map(repr, old))}" if old else ""
        return (
            f"{name!r} holds {count} NaN in real positions, the first at {where}{because}\n"
            f"{self.describe(node)}"
        )

    def _has_nan(self, name: str) -> bool:
        return bool(np.isnan(np.asarray(self.values[name])).any())

    def _seen(self, name: str) -> str:
        """Dims, sizes, and the range of the real numbers."""
        array, valid = np.asarray(self.values[name]), self._valid(name)
        text = f"{self.notes.values[name]}, shape {show_shape(array.shape)}"
        real = array[valid] if valid is not None else array.ravel()
        if self._is_float(name):
            if np.isnan(real).any():
                return f"{text}, NaN already"
            if np.isnan(array).any():
                text += ", NaN in padded slots"
        return f"{text}, from {real.min():.4g} to {real.max():.4g}" if real.size else text
