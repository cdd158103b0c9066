"""Changes of the graph as a whole: constants and variables, types, copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..build.changes import convert_dtypes, copy_graph, to_constants, to_variables
from ..foundation.dtypes import is_float
from ..ir.graph import Kind
from ..variable import SDVariable


class Changing:
    """Variables become constants and back; the graph is copied."""

    def convertToConstant(self: Any, variable: SDVariable) -> SDVariable:
        """A variable stays as it is now: training leaves it alone. The same variable."""
        self.convertToConstants([variable])
        return variable

    def convertToConstants(self: Any, variables: Sequence[SDVariable]) -> None:
        """Variables stay as they are now: training leaves them alone."""
        to_constants(self._builder, list(map(self._name, variables)))

    def convertToVariable(self: Any, constant: SDVariable) -> SDVariable:
        """Training changes what was a constant. The same variable."""
        self.convertToVariables([constant])
        return constant

    def convertToVariables(self: Any, constants: Sequence[SDVariable]) -> None:
        """Training changes what were constants."""
        to_variables(self._builder, list(map(self._name, constants)))

    def convertConstantsToVariables(self: Any) -> None:
        """Training changes all floating point constants; others stay."""
        leaves = self.graph.of_kind(Kind.CONSTANT).items()
        to_variables(self._builder, [name for name, leaf in leaves if is_float(leaf.dtype)])

    def convertDataTypes(self: Any, types: Mapping[str, Any]) -> None:
        """Other types of placeholders, variables and constants, by name; those of ops follow."""
        convert_dtypes(self._builder, {self._name(name): dtype for name, dtype in types.items()})

    def dup(self: Any) -> Any:
        """A copy with the same variables, arrays, losses and training, which goes its own way."""
        copy = type(self)(seed=self._builder.seed)
        copy_graph(self._builder, copy._builder)
        copy._training.go_on_from(self._training)
        copy.setOutputs(self.outputs())
        return copy

    def freeze(self: Any, inPlace: bool) -> Any:
        """The graph, or a copy of it, with every variable a constant."""
        frozen = self if inPlace else self.dup()
        to_constants(frozen._builder, list(frozen.graph.of_kind(Kind.VARIABLE)))
        return frozen
