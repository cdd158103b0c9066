"""The arrays of variables and constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ..foundation.errors import GraphError
from ..ir.graph import Kind
from ..variable import SDVariable


class ArrayHolder(Mapping[str, np.ndarray]):
    """Arrays by name, as they are when they are asked for; also with Java's methods."""

    def __init__(self, names: Callable[[], list[str]], get: Callable[[str], np.ndarray]):
        self._names, self._get = names, get

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names():
            raise KeyError(name)
        return self._get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def hasArray(self, name: str) -> bool:
        """Whether there is an array of that name."""
        return name in self._names()

    def getArray(self, name: str) -> np.ndarray:
        """The array of that name."""
        return self[name]

    def arrayNames(self) -> list[str]:
        """The names of all."""
        return self._names()

    def size(self) -> int:
        """How many there are."""
        return len(self)


class Arrays:
    """Reading and setting arrays."""

    def getArrForVarName(self: Any, name: str) -> np.ndarray:
        """The array of a variable or constant."""
        arrays = self._runner.arrays
        if self._name(name) not in arrays:
            raise GraphError(f"{name!r} holds no array; sd.output(feeds, {name!r}) computes it")
        return np.asarray(arrays[name])

    def arrayAlreadyExistsForVarName(self: Any, name: str) -> bool:
        """Whether the variable holds an array: variables and constants do."""
        return self._name(name) in self._runner.arrays

    def setArrayForVariable(self: Any, name: str, array: Any) -> None:
        """Gives a variable or constant another array of its shape."""
        self.set_array(name, array)

    def assignArray(self: Any, array: Any, variable: SDVariable) -> None:
        """Copies the numbers of an array into a variable or constant of its shape."""
        self.set_array(variable, array)

    def associateArrayWithVariable(self: Any, array: Any, variable: SDVariable | str) -> None:
        """Gives a variable or constant another array of its shape."""
        self.set_array(variable, array)

    def getVariablesArrays(self: Any) -> ArrayHolder:
        """The arrays of all variables, by name."""
        return self._holder(Kind.VARIABLE)

    def getConstantArrays(self: Any) -> ArrayHolder:
        """The arrays of all constants, by name."""
        return self._holder(Kind.CONSTANT)

    def _holder(self: Any, kind: Kind) -> ArrayHolder:
        return ArrayHolder(lambda: list(self.graph.of_kind(kind)), self.getArrForVarName)

    def numElements(self: Any) -> int:
        """How many numbers all variables and constants hold together."""
        return sum(array.size for array in self._runner.arrays.values())
