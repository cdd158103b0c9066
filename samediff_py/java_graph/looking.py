"""Asking a graph what is in it."""

from __future__ import annotations

from typing import Any

from ..foundation.digest import digest
from ..foundation.errors import GraphError
from ..ir.graph import Kind
from ..variable import SDVariable
from .operations import DifferentialFunction


class Looking:
    """Variables and ops by name."""

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

    def getVariables(self: Any) -> dict[str, SDVariable]:
        """All variables by name."""
        return self.variableMap()

    def addVariable(self: Any, variable: SDVariable) -> SDVariable:
        """The variable, which must be of this graph: it is in it from the moment it is made."""
        return self[variable]

    def inputs(self: Any) -> list[str]:
        """Names of the placeholders."""
        return list(self.graph.of_kind(Kind.PLACEHOLDER))

    def placeHolders(self: Any) -> set[SDVariable]:
        """The placeholders."""
        return {self[name] for name in self.graph.of_kind(Kind.PLACEHOLDER)}

    def constants(self: Any) -> set[SDVariable]:
        """The constants."""
        return {self[name] for name in self.graph.of_kind(Kind.CONSTANT)}

    def isConstant(self: Any, name: str) -> bool:
        """Whether the variable is a constant."""
        return name in self.graph.of_kind(Kind.CONSTANT)

    def isPlaceHolder(self: Any, name: str) -> bool:
        """Whether the variable is a placeholder."""
        return name in self.graph.of_kind(Kind.PLACEHOLDER)

    # Ops.

    def ops(self: Any) -> list[DifferentialFunction]:
        """All ops, in the order of building."""
        return [DifferentialFunction(node, self) for node in self.graph.nodes]

    def getOps(self: Any) -> dict[str, DifferentialFunction]:
        """All ops by name: an op is called as its first output is."""
        return {op.getOwnName(): op for op in self.ops()}

    def opExists(self: Any, name: str) -> bool:
        """Whether there is an op of that name, which is the name of its first output."""
        return name in self.getOps()

    def getOpById(self: Any, name: str) -> DifferentialFunction:
        """The op of that name."""
        found = self.getOps().get(name)
        if found is None:
            raise GraphError(f"no op is called {name!r}; an op is called as its first output is")
        return found

    def getVariableOutputOp(self: Any, name: str) -> DifferentialFunction | None:
        """The op that makes a variable; None where no op does."""
        node = self.graph.makers.get(self._name(name))
        return DifferentialFunction(node, self) if node is not None else None

    def getInputsForOp(self: Any, op: DifferentialFunction) -> list[str]:
        """The names of an op's inputs."""
        return op.argNames()

    def getOutputsForOp(self: Any, op: DifferentialFunction) -> list[str]:
        """The names of an op's outputs."""
        return op.outputVariablesNames()

    def getInputVariablesForOp(self: Any, op: DifferentialFunction) -> list[SDVariable]:
        """An op's inputs."""
        return op.args()

    def getOutputVariablesForOp(self: Any, op: DifferentialFunction) -> list[SDVariable]:
        """An op's outputs."""
        return op.outputVariables()

    def hasArgs(self: Any, op: DifferentialFunction) -> bool:
        """Whether an op has inputs."""
        return bool(op.argNames())

    # The graph as a whole.

    def equals(self: Any, other: Any) -> bool:
        """Whether another graph has the same variables and ops under the same names; what the
        arrays hold does not count."""
        return isinstance(other, Looking) and self.graph == other.graph  # type: ignore[attr-defined]

    def hashCode(self: Any) -> int:
        """A number of 32 bits that graphs have in common which are equal."""
        return digest("\n".join(sorted(str(self.graph).splitlines())))

    def toString(self: Any) -> str:
        """The graph in one line."""
        return repr(self)
