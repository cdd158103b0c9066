"""SameDiff's own graph methods in Java's names, so that a Java program ports line by line.

They hand over to the methods in Python's names; where Java has overloads, the types of the
arguments decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from .foundation.dtypes import DataType
from .foundation.errors import GraphError
from .ir.graph import Kind
from .variable import SDVariable


def shape_of(sizes: Sequence[Any]) -> tuple[Any, ...]:
    """Sizes as separate numbers, or as one list."""
    if len(sizes) == 1 and isinstance(sizes[0], list | tuple | np.ndarray):
        return tuple(sizes[0])
    return tuple(sizes)


class JavaGraphMethods:
    """`placeHolder`, `setLossVariables`, `outputSingle` and their kin: a part of `SameDiff`."""

    # Leaves.

    def placeHolder(
        self: Any, name: str, dtype: DataType | str, *shape: Any
    ) -> SDVariable:
        """An input; -1 is an open dim: `sd.placeHolder("x", DataType.FLOAT, -1, 784)`."""
        return self.placeholder(name, shape_of(shape), dtype)

    def java_var(self: Any, name: str, rest: Sequence[Any]) -> SDVariable:
        """`var(name, [initialiser,] [DataType,] sizes...)`; zeros without an initialiser."""
        rest = list(rest)
        for text in (value for value in rest if isinstance(value, str)):
            raise GraphError(f"variable {name!r}: say init={text!r} (or dtype={text!r}) by keyword")
        init = rest.pop(0) if rest and callable(rest[0]) else "zeros"
        dtype = rest.pop(0) if rest and isinstance(rest[0], DataType) else "float32"
        return self.var(name, shape_of(rest), init=init, dtype=dtype)

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
        return self.constant(np.full(shape_of(rest[1:] if typed else rest), value, dtype), name)

    # Losses, gradients, outputs.

    def setLossVariables(self: Any, *losses: SDVariable | str) -> None:
        """What `fit` minimises."""
        self.set_loss_variables(*losses)

    def addLossVariable(self: Any, loss: SDVariable | str) -> None:
        """One more loss."""
        self.mark_as_loss(loss.name if isinstance(loss, SDVariable) else loss)

    def getLossVariables(self: Any) -> list[str]:
        """Names of the losses."""
        return list(self.loss_variables)

    def outputSingle(self: Any, feeds: Mapping[str, Any], name: str) -> np.ndarray:
        """The value of one variable."""
        return self.output(feeds, name)[name]

    def outputAll(self: Any, feeds: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The values of all results of ops."""
        return self.output(feeds, *self.graph.makers)

    def calculateGradients(
        self: Any, feeds: Mapping[str, Any], *names: Any
    ) -> dict[str, np.ndarray]:
        """Gradients of the losses by name."""
        return self.calculate_gradients(feeds, *shape_of(names))

    # Looking.

    def getVariable(self: Any, name: str) -> SDVariable:
        """The variable of that name."""
        return self[name]

    def hasVariable(self: Any, name: str) -> bool:
        """Whether there is a variable of that name."""
        return name in self

    def variables(self: Any) -> list[SDVariable]:
        """All variables: leaves, then results of ops."""
        return [self[name] for name in self.graph.names]

    def variableMap(self: Any) -> dict[str, SDVariable]:
        """All variables by name."""
        return {name: self[name] for name in self.graph.names}

    def inputs(self: Any) -> list[str]:
        """Names of the placeholders."""
        return list(self.graph.of_kind(Kind.PLACEHOLDER))

    def isConstant(self: Any, name: str) -> bool:
        """Whether the variable is a constant."""
        return name in self.graph.of_kind(Kind.CONSTANT)

    def isPlaceHolder(self: Any, name: str) -> bool:
        """Whether the variable is a placeholder."""
        return name in self.graph.of_kind(Kind.PLACEHOLDER)

    def getArrForVarName(self: Any, name: str) -> np.ndarray:
        """The array of a variable or constant."""
        arrays = self._runner.arrays
        if name not in arrays:
            raise GraphError(f"{name!r} holds no array; sd.output(feeds, {name!r}) computes it")
        return np.asarray(arrays[name])

    def setArrayForVariable(self: Any, name: str, array: Any) -> None:
        """Gives a variable or constant another array of its shape."""
        self.set_array(name, array)

    def renameVariable(self: Any, old: str, new: str) -> None:
        """Another name, wherever the variable is used."""
        self.rename_variable(old, new)

    def withNameScope(self: Any, scope: str) -> AbstractContextManager[None]:
        """Puts `scope/` before every name given inside."""
        return self.name_scope(scope)

    def setTrainingConfig(self: Any, config: Any) -> None:
        """How `fit` trains."""
        self.training_config = config

    def getTrainingConfig(self: Any) -> Any:
        """How `fit` trains."""
        return self.training_config
