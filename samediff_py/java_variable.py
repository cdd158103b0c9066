"""Methods of `SDVariable` in Java's names that are no ops: what it is, its array, its graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from .configs import VariableType
from .foundation.dtypes import DataType
from .foundation.errors import GraphError
from .ops.differences import NO_GRADIENT
from .ops.java import differing


class JavaVariableMethods:
    """`getVarName`, `setArray`, `convertToConstant` and their kin: a part of `SDVariable`."""

    __slots__ = ()

    # What it is.

    def getVarName(self: Any) -> str:
        """The name."""
        return self.name

    def setVarName(self: Any, name: str) -> None:
        """Another name, wherever the variable is used."""
        self.rename(name)

    def getSameDiff(self: Any) -> Any:
        """The graph that it belongs to."""
        return self.sd

    def getVariableType(self: Any) -> VariableType:
        """Whether it is trained, fixed, fed, or made by an op."""
        leaf = self.sd.graph.leaves.get(self.name)
        return VariableType(leaf.kind.value) if leaf else VariableType.ARRAY

    def isConstant(self: Any) -> bool:
        """Whether it is a constant."""
        return self.getVariableType() is VariableType.CONSTANT

    def isPlaceHolder(self: Any) -> bool:
        """Whether it is fed."""
        return self.getVariableType() is VariableType.PLACEHOLDER

    def dataType(self: Any) -> DataType:
        """The element type by Java's name."""
        return DataType(self.dtype)

    def getShape(self: Any) -> list[int]:
        """Sizes as Java has them: -1 for an open dim."""
        return [size if isinstance(size, int) else -1 for size in self.shape]

    def placeholderShape(self: Any) -> list[int]:
        """The sizes that a placeholder was declared with."""
        if not self.isPlaceHolder():
            raise GraphError(f"{self.name!r} is no placeholder; x.shape is the shape it has")
        return self.getShape()

    def setShape(self: Any, *shape: Any) -> None:
        """Checks the shape, which a variable has from its declaration on; -1 fits any size."""
        given = shape[0] if len(shape) == 1 and isinstance(shape[0], list | tuple) else shape
        pairs = list(zip(given, self.getShape(), strict=False))
        if len(given) != len(self.shape) or any(-1 != new != old for new, old in pairs):
            raise GraphError(
                f"{self!r} can't take the shape {list(given)}: declare it so, or reshape it"
            )

    # Its array, its gradient.

    def getArr(self: Any, enforce: bool = True) -> np.ndarray | None:
        """The array of a variable or constant, or what the graph computes without feeds.

        Without `enforce`, None where that needs feeds.
        """
        try:
            return self.eval()
        except ValueError:
            if enforce:
                raise
            return None

    def setArray(self: Any, array: Any) -> Any:
        """Gives a variable or constant another array of its shape."""
        self.sd.set_array(self.name, array)
        return self

    def convertToConstant(self: Any) -> Any:
        """Makes a variable a constant with the values that it has now."""
        return self.sd.convertToConstant(self)

    def convertToVariable(self: Any) -> Any:
        """Makes a constant a variable that training changes."""
        return self.sd.convertToVariable(self)

    def markAsLoss(self: Any) -> None:
        """Makes the variable a loss."""
        self.sd.addLossVariable(self)

    def hasGradient(self: Any) -> bool:
        """Whether a loss depends on it, and it is floating point."""
        return self.sd.variableHasGradient(self.name)

    def gradient(self: Any) -> Any:
        """The gradient of the losses, to be asked for its numbers: `x.gradient().eval(feeds)`."""
        return self.sd.grad(self.name)

    getGradient = gradient

    # Parts.

    @differing(("SameDiff takes the first number for 0, whatever it is.", NO_GRADIENT))
    def get(self: Any, *index: Any) -> Any:
        """The rows that an integer variable names; or the part that `SDIndex` entries say."""
        return self[index]

    getView = get

    @differing(NO_GRADIENT)
    def put(self: Any, indices: Any, values: Any, rows: Any) -> Any:
        """This variable with row `rows[i]` of `values` in the place of its row `indices[i]`."""
        return self.sd.scatterUpdate(self, indices, values[rows])

    def sliceEnd(self: Any, x: Any, index: Any) -> Any:
        """The sizes of x as integers, the first of them replaced by the first of `index`."""
        sizes = [size.cast("int64") for size in (index[:1], self.sd.shape(x)[1:])]
        return self.sd.concat(sizes, axis=0)

    # Java's objects.

    def equals(self: Any, other: Any) -> bool:
        """Whether it is the same variable."""
        return self is other

    def hashCode(self: Any) -> int:
        """A number that is the same for the same variable."""
        return hash(self)

    def toString(self: Any) -> str:
        """Name, type, dims and mask."""
        return repr(self)
