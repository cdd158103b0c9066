"""Losses, and gradients of their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..build.changes import set_losses
from ..foundation.dtypes import DataType, is_float
from ..foundation.errors import GraphError
from ..passes.prune import ancestors
from ..variable import SDVariable
from .arguments import spread


class OutAndGrad(NamedTuple):
    """Outputs and gradients, each by name."""

    outputs: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]

    def getOutputs(self) -> dict[str, np.ndarray]:
        """The outputs."""
        return self.outputs

    def getGradients(self) -> dict[str, np.ndarray]:
        """The gradients."""
        return self.gradients


class Gradient:
    """The gradient of the losses with respect to a variable: `sd.grad("w").eval(feeds)`.

    It can be asked for numbers, and is no variable that ops could use.
    """

    def __init__(self, variable: SDVariable):
        self.variable = variable

    @property
    def name(self) -> str:
        """The variable's name and `-grad`."""
        return f"{self.variable.name}-grad"

    def dataType(self) -> DataType:
        """The element type: that of the variable."""
        return self.variable.dataType()

    def getShape(self) -> list[int]:
        """Sizes as Java has them: those of the variable."""
        return self.variable.getShape()

    def eval(self, feeds: Mapping[str, Any] | None = None) -> np.ndarray:
        """The gradient for these feeds."""
        sd, name = self.variable.sd, self.variable.name
        return sd.calculateGradients(feeds or {}, name)[name]  # type: ignore[attr-defined]

    def getArr(self) -> np.ndarray:
        """The gradient as `calculateGradients` found it last."""
        known = self.variable.sd._last_gradients  # type: ignore[attr-defined]
        if self.variable not in known:
            raise GraphError(
                f"nobody has computed {self.name!r} yet: use eval(feeds), or "
                f"sd.calculateGradients(feeds, {self.variable.name!r}) before"
            )
        return known[self.variable]

    def __repr__(self) -> str:
        return f"gradient of {self.variable!r}"


class Gradients:
    """What is minimised, and its derivatives."""

    _last_gradients: Mapping[SDVariable, np.ndarray] = {}

    def setLossVariables(self: Any, *losses: SDVariable | str) -> None:
        """What `fit` minimises: the sum of these, and of the elements of those that are arrays."""
        set_losses(self._builder, tuple(map(self._name, spread(losses))), in_java=True)

    def addLossVariable(self: Any, loss: SDVariable | str) -> None:
        """One more loss; one that is a loss already stays one."""
        name = self._name(loss)
        if name not in self.loss_variables:
            set_losses(self._builder, (*self.loss_variables, name), in_java=True)

    def getLossVariables(self: Any) -> list[str]:
        """Names of the losses."""
        return list(self.loss_variables)

    def calculateGradients(
        self: Any, feeds: Mapping[str, Any], *names: SDVariable | str | Sequence[str]
    ) -> dict[str, np.ndarray]:
        """Gradients of the sum of the losses with respect to variables, by name: inputs,
        constants and results of ops as well."""
        wanted = tuple(map(self._name, spread(names)))
        if not wanted:
            raise GraphError("say for which variables: sd.calculateGradients(feeds, 'w')")
        found = self.calculate_gradients(feeds, *wanted)
        self._last_gradients = {**self._last_gradients, **{self[n]: g for n, g in found.items()}}
        return found

    def calculateGradientsAndOutputs(
        self: Any,
        feeds: Mapping[str, Any],
        outputs: Sequence[SDVariable | str],
        gradients: Sequence[SDVariable | str],
    ) -> OutAndGrad:
        """Outputs and gradients for the same feeds."""
        found = self.calculateGradients(feeds, *gradients)
        return OutAndGrad(self.output(feeds, *outputs), found)

    def createGradFunction(self: Any, *names: str) -> None:
        """Checks that there is something to differentiate. Gradients are derived when they are
        asked for, with respect to any variable, so that nothing needs to be made before."""
        for name in spread(names) or self._runner.losses:
            self.grad(name)

    def hasGradientFunction(self: Any) -> bool:
        """Whether gradients can be asked for: there is a loss."""
        return bool(self.loss_variables)

    def variableHasGradient(self: Any, name: str) -> bool:
        """Whether `calculateGradients` answers for the variable: it is floating point, and a loss
        depends on it."""
        floating = is_float(self._builder.value(self._name(name)).dtype)
        return floating and name in ancestors(self.graph, self.loss_variables)

    def grad(self: Any, name: str) -> Gradient:
        """The gradient with respect to a variable, to be asked for its numbers."""
        losses = self._runner.losses
        if not self.variableHasGradient(name):
            raise GraphError(
                f"{name!r} has no gradient: it is not floating point, or {' + '.join(losses)} "
                "does not depend on it"
            )
        return Gradient(self[name])

    def getGradForVariable(self: Any, name: str) -> Gradient | None:
        """The same, and None where there is none."""
        return Gradient(self[name]) if self.variableHasGradient(name) else None
