"""Placeholders, variables and constants, in Java's orders of arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from ..configs.variables import VariableType
from ..foundation.dims import Dim
from ..foundation.dtypes import DataType
from ..foundation.errors import GraphError
from ..ir.graph import Kind
from ..variable import SDVariable
from .arguments import spread


class Leaves:
    """What ops begin with."""

    def placeHolder(self: Any, name: str, dtype: DataType | str, *shape: Any) -> SDVariable:
        """An input; -1 is an open dim: `sd.placeHolder("x", DataType.FLOAT, -1, 784)`."""
        return self.placeholder(name, spread(shape), dtype)

    def java_var(self: Any, name: Any, rest: Sequence[Any]) -> SDVariable:
        """`var([name,] [VariableType,] [initialiser,] [DataType,] sizes...)`, zeros without an
        initialiser; `var([name,] array)`; `var(variable of another graph)`."""
        if not isinstance(name, str | None):
            name, rest = None, (name, *(value for value in rest if value is not None))
        if len(rest) == 1 and isinstance(rest[0], SDVariable):
            return self._copied(rest[0])
        name = name or self.generateDistinctCustomVariableName("sd_var")
        if len(rest) == 1 and isinstance(rest[0], np.ndarray | jax.Array):
            return self._builder.array(name, rest[0], Kind.VARIABLE, True)
        return self._drawn(name, list(rest))

    def _drawn(self: Any, name: str, rest: list[Any]) -> SDVariable:
        for text in (value for value in rest if isinstance(value, str)):
            raise GraphError(f"variable {name!r}: say init={text!r} (or dtype={text!r}) by keyword")
        kind = rest.pop(0) if isinstance(rest[0], VariableType) else VariableType.VARIABLE
        init = rest.pop(0) if rest and (callable(rest[0]) or rest[0] is None) else None
        dtype = rest.pop(0) if rest and isinstance(rest[0], DataType) else DataType.FLOAT
        sizes = spread(rest)
        if kind is VariableType.PLACEHOLDER:
            return self.placeholder(name, sizes, dtype)
        if kind is VariableType.ARRAY:
            raise GraphError(f"{name!r}: a variable of type ARRAY is made by an op")
        if -1 in sizes:
            raise GraphError(f"variable {name!r} {list(sizes)}: open sizes are for sd.placeHolder")
        if init is not None:
            jax.eval_shape(lambda key: init(key, sizes, dtype.value), jax.random.key(0))
        with self._builder.atomic():
            trainable = kind is VariableType.VARIABLE
            made = self._builder.variable(name, sizes, init or "zeros", dtype, trainable)
            return made if trainable else self.convertToConstant(made)

    def _copied(self: Any, other: SDVariable) -> SDVariable:
        """A leaf of another graph, under its own name."""
        graph, name = other.sd.graph, other.name  # type: ignore[attr-defined]
        leaf = graph.leaves.get(name)
        if leaf is None or other.sd is self:
            raise GraphError(f"{name!r}: sd.var copies a variable or input of another graph")
        if leaf.kind is not Kind.PLACEHOLDER:
            array = other.sd.getArrForVarName(name)  # type: ignore[attr-defined]
            return self._builder.array(name, array, leaf.kind, leaf.trainable)
        if leaf.mask or name in {one.mask for one in graph.leaves.values()}:
            raise GraphError(f"{name!r} has a mask, or is one: declare both here")
        return self.placeholder(name, tuple(map(_size, leaf.shape)), leaf.dtype)

    def java_constant(self: Any, name: str, rest: Sequence[Any]) -> SDVariable:
        """`constant(name, [DataType,] value)`."""
        *dtype, value = rest
        return self.constant(np.asarray(value, *(d.value for d in dtype)), name)

    def scalar(self: Any, name: str, *value: Any) -> SDVariable:
        """A trainable scalar: `scalar(name, [DataType,] number)`."""
        dtype = value[0] if len(value) == 2 else DataType.FLOAT
        return self.var(name, np.asarray(value[-1], dtype.value))

    def one(self: Any, name: str, *rest: Any) -> SDVariable:
        """A constant of ones: `one(name, [DataType,] sizes...)`."""
        return self._filled(name, 1, rest)

    def zero(self: Any, name: str, *rest: Any) -> SDVariable:
        """A constant of zeros: `zero(name, [DataType,] sizes...)`."""
        return self._filled(name, 0, rest)

    def _filled(self: Any, name: str, value: float, rest: Sequence[Any]) -> SDVariable:
        typed = bool(rest) and isinstance(rest[0], DataType)
        dtype = rest[0].value if typed else "float32"
        return self.constant(np.full(spread(rest[1:] if typed else rest), value, dtype), name)


def _size(size: int | Dim) -> int | str | None:
    """A size in another graph, whose dims without a name are its own."""
    return size if isinstance(size, int) else None if size.text.startswith("_") else size.text
