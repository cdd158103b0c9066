"""Runs programs of a graph under construction, with its arrays as they are now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from ..build.builder import Builder
from ..compile.backward import check_gradients
from ..compile.interpret import interpreted
from ..compile.session import Program, Session
from ..foundation.dims import show_shape
from ..foundation.dtypes import is_float
from ..foundation.errors import GraphError, LossError
from ..ir.graph import Graph
from ..ops.record import OPS
from . import outputs
from .gradients import Handle, gradients_of
from .ready import Ready, made_ready
from .routes import Routes


class Runner:
    """Programs, arrays and keys of one `SameDiff`."""

    def __init__(self, builder: Builder):
        self.builder, self.session = builder, Session()
        self.routes = Routes(builder)
        self._debugging = False
        self._graph: Graph | None = None
        self._programs: dict[Any, Program] = {}  # of that graph, by what was asked for

    def program(
        self, names: tuple[str, ...], *, validity: frozenset[str] = frozenset(), **how: Any
    ) -> Program:
        """The program that makes these values; it is compiled when it first runs."""
        asked = (names, validity, *sorted(how.items()))
        if self._graph is not self.builder.graph:
            self._graph, self._programs = self.builder.graph, {}
        if asked not in self._programs:
            self._programs[asked] = self._program(names, validity, how)
        return self._programs[asked]

    def _program(
        self, names: tuple[str, ...], validity: frozenset[str], how: dict[str, Any]
    ) -> Program:
        notes = self.builder.notes
        outputs.check_outputs(notes, names)
        validity |= outputs.ragged_outputs(notes, names)
        return self.session.program(self.builder.graph, notes, names, validity=validity, **how)

    @property
    def arrays(self) -> dict[str, jax.Array]:
        """Variables and constants by name, drawn if nobody has asked before."""
        self.builder.settle()
        return self.builder.arrays

    @property
    def params(self) -> dict[str, jax.Array]:
        """The trainable variables."""
        arrays, leaves = self.arrays, self.builder.graph.leaves
        return {name: arrays[name] for name, leaf in leaves.items() if leaf.trainable}

    def output(
        self, names: tuple[str, ...], feeds: Mapping[str, Any], asked: tuple[Any, ...]
    ) -> dict[str, np.ndarray]:
        """The outputs, at the sizes that were fed; `asked`: how the user named them."""
        self.routes.recall(asked, names, feeds)
        known = self.routes.answer(names, feeds)
        if known is not None:
            return known
        program = self.program(names)
        ready = self._ready(program, feeds)
        found = self._run(program, ready).values
        if not self.debugging:
            self.routes.remember(asked, names, program, feeds, ready)
        return found

    @property
    def debugging(self) -> bool:
        """Whether programs run op by op, and stop at the first NaN."""
        return self._debugging

    @debugging.setter
    def debugging(self, on: bool) -> None:
        self._debugging = on
        self.routes.forget()

    def run(self, program: Program, feeds: Mapping[str, Any]) -> outputs.Run:
        """All that a program gives for feeds."""
        return self._run(program, self._ready(program, feeds))

    def _ready(self, program: Program, feeds: Mapping[str, Any], what: str = "") -> Ready:
        return made_ready(program, self.builder.graph, feeds, self.builder.bounds, what)

    def _run(self, program: Program, ready: Ready) -> outputs.Run:
        program = interpreted(program) if self.debugging else program
        key = self.builder.key if program.random else None
        return outputs.run(program, ready, self.arrays, key)

    def rows(self, names: tuple[str, ...], feeds: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs; those that are padded behind their first axis as lists of rows."""
        program = self.program(names, validity=frozenset(names))
        return outputs.as_rows(program.notes, self.run(program, feeds))

    @property
    def losses(self) -> tuple[str, ...]:
        if not self.builder.losses:
            raise LossError(self._no_loss())
        return self.builder.losses

    def _no_loss(self) -> str:
        nodes = (node for node in self.builder.graph.nodes if OPS[node.op].loss)
        for name in (node.outputs[0] for node in nodes):
            dims = show_shape(self.builder.value(name).shape)
            return (
                f"the loss {name!r} has dims {dims}, so nothing says what to minimise: "
                f'leave out reduction="none", or mark {name}.mean() by mark_as_loss()'
            )
        return "the graph has no loss: use an op of sd.loss, or sd.set_loss_variables(loss)"

    def counting(self, names: tuple[str, ...]) -> frozenset[str]:
        """Those of the names that are losses by themselves: a total and a count."""
        makers, value = self.builder.graph.makers, self.builder.value
        known = (name for name in names if name in makers and value(name).shape == ())
        return frozenset(name for name in known if "parts" in OPS[makers[name].op].injected)

    def gradients(self, feeds: Mapping[str, Any], wanted: tuple[str, ...]) -> dict[str, np.ndarray]:
        """Gradients of the sum of the losses."""
        program = self.program(self.losses)
        self._check_differentiable(wanted, program)
        ready = self._ready(program, feeds, f"gradients for {', '.join(wanted)} of ")
        gradient = program.derived(wanted, lambda: gradients_of(program, wanted))
        held = {name: self.arrays[name] for name in program.held}
        found = gradient(held, ready.arrays, ready.extents, self.builder.key)
        if self.debugging:
            values = {**held, **ready.arrays}
            check_gradients(program, found, values, ready.extents, self.builder.key)
        shapes = {name: self.builder.value(name).shape for name in wanted}
        return {name: outputs.restored(found[name], shapes[name], ready.fed) for name in wanted}

    def _check_differentiable(self, names: tuple[str, ...], program: Program) -> None:
        for name in names:
            if not is_float(self.builder.value(name).dtype):
                raise GraphError(f"{name!r} is not floating point, so it has no gradient")
            if name not in program.graph:
                raise GraphError(f"no loss depends on {name!r}")

    def function(self, name: str, training: bool) -> Callable[..., Any]:
        """`f(params, feeds, key=None)` in plain JAX."""
        program = self.program((name,), training=training, bucketed=False)
        params = self.params
        fixed = {n: a for n, a in self.arrays.items() if n in program.held and n not in params}

        def f(params: Mapping[str, Any], feeds: Mapping[str, Any], key: Any = None) -> Any:
            return program.function({**fixed, **params, **feeds}, None, key)[name]

        return f

    def compile(self, name: str) -> Handle:
        """The function, jitted, with the parameters as they are now."""
        return Handle(jax.jit(self.function(name, training=False)), self.params)
