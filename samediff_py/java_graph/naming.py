"""Names: scopes, free names, other names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..build.names import check_name
from ..foundation.errors import GraphError
from ..variable import SDVariable
from .arguments import spread
from .operations import DifferentialFunction


class NameScope:
    """`with sd.withNameScope("layer"):` or `close()`; the last one opened is closed first."""

    def __init__(self, sd: Any, name: str):
        self._sd, self._name = sd, name
        self._scopes: list[str] = sd._builder.names.scopes
        sd._builder.names.open(name)
        self._depth = len(self._scopes)
        self.path = "/".join(self._scopes)

    def close(self) -> None:
        """Names are given without this scope again."""
        if self._scopes[self._depth - 1 :] != [self._name]:
            raise GraphError(
                f"name scope {self.path!r} is not the last one opened: open is "
                f"{self._sd.currentNameScope()!r}"
            )
        self._scopes.pop()

    def getName(self) -> str:
        """The name of this scope, without those around it."""
        return self._name

    def __enter__(self) -> NameScope:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"NameScope({self.path})"


class Naming:
    """Name scopes, and names that nobody has."""

    def withNameScope(self: Any, scope: str) -> NameScope:
        """Puts `scope/` before every name given until it is closed."""
        check_name(scope)
        return NameScope(self, scope)

    def currentNameScope(self: Any) -> str | None:
        """The open scopes, as in `encoder/layer`; None outside of all."""
        return self._builder.names.prefix.removesuffix("/") or None

    def getVariablesInScope(self: Any, scope: NameScope | str) -> list[SDVariable]:
        """The variables whose names begin with the scope and a slash."""
        return [self[name] for name in self.graph.names if name.startswith(_prefix(scope))]

    def getOpsInScope(self: Any, scope: NameScope | str) -> list[DifferentialFunction]:
        """The ops whose first output is in the scope."""
        return [op for op in self.ops() if op.getOwnName().startswith(_prefix(scope))]

    def newBlockName(self: Any, base: str) -> str:
        """A name for a group of variables that no other group has: base, base_1, ..."""
        return self._builder.free_name(base)

    def generateDistinctCustomVariableName(self: Any, base: str) -> str:
        """A name that no variable has: base, base_1, ..."""
        return self.getOpName(base)

    def getOpName(self: Any, base: str, force: bool = True) -> str:
        """A name that no op has: base, base_1, ... (an op is called as its first output is)."""
        prefix, count, name = self._builder.names.prefix, 0, base
        while prefix + name in self.graph:
            count += 1
            name = f"{base}_{count}"
        return name

    def generateNewVarName(self: Any, base: str, index: int, existingOp: bool = True) -> str:
        """The name of an op's output number `index`: base, base:1, ...; an error where the first
        is taken, unless `existingOp` is false: then another base is found."""
        if not existingOp:
            base = self.getOpName(base)
        name = f"{base}:{index}" if index else base
        if not index:
            self._builder.names.given(name, self.graph)
        return name

    def renameVariable(self: Any, old: str, new: str) -> None:
        """Another name, wherever the variable is used."""
        self.rename_variable(old, new)

    def updateVariableNameAndReference(
        self: Any, variable: SDVariable, name: str | None, exactName: bool = False
    ) -> SDVariable:
        """Another name, wherever the variable is used; the same variable. None changes nothing."""
        if name is not None and name != variable.name:
            self.rename_variable(self._name(variable), name)
        return variable

    def updateVariableNamesAndReferences(
        self: Any, variables: Sequence[SDVariable], names: Sequence[str] | None
    ) -> list[SDVariable]:
        """Other names for several variables."""
        for variable, name in zip(variables, names or (), strict=names is not None):
            self.updateVariableNameAndReference(variable, name)
        return list(spread(variables))


def _prefix(scope: NameScope | str) -> str:
    path = scope.path if isinstance(scope, NameScope) else scope
    return f"{path.rstrip('/')}/"
