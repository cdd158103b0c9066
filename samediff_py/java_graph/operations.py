"""An op of the graph with the methods that Java programs ask it by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..ir.graph import Node
from ..variable import SDVariable


@dataclass(frozen=True)
class DifferentialFunction:
    """One op: `getOwnName()` is the name of its first output, by which the graph knows it."""

    node: Node
    sd: Any = field(repr=False, compare=False)

    def opName(self) -> str:
        """What kind of op it is, e.g. `softmax`."""
        return self.node.op

    def getOwnName(self) -> str:
        """Its name in the graph."""
        return self.node.outputs[0]

    getName = getOwnName

    def getOp(self) -> DifferentialFunction:
        """Itself: what Java keeps in a `SameDiffOp`."""
        return self

    def argNames(self) -> list[str]:
        """The names of its inputs, in the order of its parameters."""
        return list(self.node.refs)

    getInputsToOp = argNames

    def outputVariablesNames(self) -> list[str]:
        """The names of its outputs."""
        return list(self.node.outputs)

    getOutputsOfOp = outputVariablesNames

    def args(self) -> list[SDVariable]:
        """Its inputs."""
        return [self.sd[name] for name in self.argNames()]

    def outputVariables(self) -> list[SDVariable]:
        """Its outputs."""
        return [self.sd[name] for name in self.outputVariablesNames()]

    def outputVariable(self) -> SDVariable:
        """Its first output."""
        return self.outputVariables()[0]

    def __str__(self) -> str:
        return str(self.node)
