"""`SameDiff`: the graph under construction and everything that can be done with it.

The only mutable thing of the library; its methods hand over to the floors below.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .build.builder import Builder
from .build.initial import Initializer
from .compile.session import Program, Session
from .data.batches import batches_of
from .display.progress import ProgressLine
from .evaluation.classification import Evaluation
from .evaluation.evaluate import evaluate
from .foundation.dims import Bounds, Dim
from .foundation.dtypes import is_float
from .foundation.errors import FeedError, GraphError, LossError, TrainingError
from .foundation.source import Source
from .inference import outputs
from .inference.gradients import Handle, gradient_of
from .ir.graph import Graph, Kind, Ref
from .ops.base import BaseOps
from .ops.cnn import CNNOps
from .ops.define import OPS
from .ops.loss import LossOps
from .ops.math import MathOps
from .ops.nn import NNOps
from .ops.rnn import RNNOps
from .passes.annotate import Value
from .passes.guards import CROSS_ENTROPIES
from .train.config import TrainingConfig
from .train.fit import Trainer
from .train.history import History
from .train.state import State
from .train.step import make_step
from .variable import SDVariable


class SameDiff(BaseOps):
    """A graph of named variables and ops that compiles to jitted JAX functions.

    >>> sd = SameDiff.create()
    >>> x = sd.placeholder("x", ("batch", 3))
    >>> y = (x * 2.0).sum(axis=1).rename("y")
    >>> sd.output({"x": np.ones((2, 3))}, "y")["y"]
    array([6., 6.], dtype=float32)
    """

    def __init__(self, *, seed: int = 0):
        super().__init__(Builder(self, seed))
        self._builder: Builder
        self._session = Session()
        self._config: TrainingConfig | None = None
        self._state: State | None = None
        self.math, self.nn, self.cnn = (kind(self._builder) for kind in (MathOps, NNOps, CNNOps))
        self.rnn, self.loss = RNNOps(self._builder), LossOps(self._builder)

    @classmethod
    def create(cls, *, seed: int = 0) -> SameDiff:
        """A new, empty graph. `seed` decides initial values and all random numbers."""
        return cls(seed=seed)

    # Building.

    def placeholder(
        self, name: str, shape: Any, dtype: Any = "float32", *, mask: str | None = None
    ) -> SDVariable:
        """An input that is fed at each call.

        `shape`: numbers, names of dims, and None for dims without a name. `mask` declares a
        companion placeholder that says which positions are real; it lies along the dims that are
        not fixed numbers.
        """
        return self._builder.placeholder(name, shape, dtype, mask)

    def var(
        self,
        name: str,
        shape: Any,
        init: str | Initializer = "glorot",
        dtype: Any = "float32",
        *,
        trainable: bool = True,
    ) -> SDVariable:
        """A variable that training changes: from a shape and an initialiser, or from an array."""
        if isinstance(shape, np.ndarray | jax.Array):
            return self._builder.array(name, shape, Kind.VARIABLE, trainable)
        return self._builder.variable(name, shape, init, dtype, trainable)

    def constant(self, value: Any, name: str | None = None) -> SDVariable:
        """A fixed array."""
        return self._builder.array(name, value, Kind.CONSTANT, False)

    def dim(
        self, name: str, *, min: int = 1, max: int | None = None, multiple_of: int = 1
    ) -> Dim:
        """A named dim with what is known of its size; feeds that break it are refused."""
        return self._builder.dim(name, Bounds(min, max, multiple_of))

    @contextmanager
    def name_scope(self, scope: str) -> Iterator[None]:
        """Puts `scope/` before every name given inside."""
        self._builder.names.scopes.append(scope)
        try:
            yield
        finally:
            self._builder.names.scopes.pop()

    def declare_mask(self, name: str, mask: str) -> None:
        """Makes the placeholder `mask` the companion mask of the placeholder `name`."""
        self._builder.declare_mask(name, mask)

    def rename_variable(self, old: str, new: str) -> None:
        """Another name for a variable, wherever it is used."""
        self._builder.rename(old, new)

    def update(self, variable: SDVariable | str, value: SDVariable) -> None:
        """After every training step the variable (trainable=False) takes the value."""
        self._builder.update(self._name(variable), value.name)

    def set_loss_variables(self, *losses: SDVariable | str) -> None:
        """What `fit` minimises: the sum of these scalars."""
        self._builder.set_losses(tuple(map(self._name, losses)))

    @property
    def loss_variables(self) -> tuple[str, ...]:
        """Names of the losses, marked by sd.loss or set."""
        return self._builder.losses

    def mark_as_loss(self, name: str) -> None:
        self._builder.set_losses((*self._builder.losses, name))

    # Looking.

    @property
    def graph(self) -> Graph:
        """The graph as it stands: immutable, and printable as text."""
        return self._builder.graph

    def __getitem__(self, name: str) -> SDVariable:
        """The variable of that name; the same handle every time."""
        return self._builder.handle(self._name(name))

    def __contains__(self, name: object) -> bool:
        return name in self.graph

    def _name(self, variable: SDVariable | str) -> str:
        name = variable.name if isinstance(variable, SDVariable) else variable
        if name not in self.graph:
            close = difflib.get_close_matches(str(name), list(self.graph.names), 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise GraphError(f"there is no variable {name!r}{hint}")
        return name

    def value_of(self, name: str) -> Value:
        """What is known of a variable: dims, type, validity."""
        return self._builder.value(name)

    def source_of(self, name: str) -> Source | None:
        """The line that made a variable."""
        return self.graph.source_of(name)

    @property
    def params(self) -> dict[str, jax.Array]:
        """The trainable variables by name: a pytree."""
        self._builder.settle()
        leaves = self.graph.of_kind(Kind.VARIABLE)
        return {n: self._builder.arrays[n] for n, leaf in leaves.items() if leaf.trainable}

    # Running.

    def output(
        self, feeds: Mapping[str, Any], *names: str | SDVariable
    ) -> dict[str, np.ndarray]:
        """The values of the named variables, by name.

        Rows given as lists are padded and masked; an array needs its mask beside it, or True.
        Results have the size that was fed, with 0 in padded slots.
        """
        return self._run(feeds, tuple(map(self._name, names))).values

    def eval_variable(self, name: str, feeds: Mapping[str, Any]) -> np.ndarray:
        """The value of one variable."""
        return self.output(feeds, name)[name]

    def _run(self, feeds: Mapping[str, Any], names: tuple[str, ...]) -> outputs.Run:
        if not names:
            raise GraphError("say which variables: sd.output(feeds, 'logits')")
        outputs.check_outputs(self._builder.notes, names)
        return self._run_program(self._program(names), feeds)

    def _program(self, names: tuple[str, ...], **how: Any) -> Program:
        return self._session.program(self.graph, self._builder.notes, names, **how)

    def _run_program(self, program: Program, feeds: Mapping[str, Any]) -> outputs.Run:
        held, key = self._held(), self._key() if program.random else None
        return outputs.run(program, self.graph, held, feeds, self._builder.bounds, key)

    def _held(self) -> dict[str, jax.Array]:
        self._builder.settle()
        return self._builder.arrays

    def _key(self) -> jax.Array:
        return jax.random.key(self._builder.seed)

    def calculate_gradients(
        self, feeds: Mapping[str, Any], *names: str | SDVariable
    ) -> dict[str, np.ndarray]:
        """Gradients of the sum of the loss variables, by name of variable or placeholder."""
        wanted = tuple(map(self._name, names))
        program = self._program(self._needed_losses())
        self._check_leaves(wanted, program)
        held = self._held()
        fed = outputs.read_for(program, self.graph, feeds, self._builder.bounds)
        arrays = outputs.padded(program, fed, program.sizes_for(fed.sizes, self._builder.bounds))
        gradients = program.derived(
            wanted, lambda: gradient_of(program.function, program.outputs, wanted)
        )
        real = outputs.extents(program, fed)
        found = gradients({n: held[n] for n in program.held}, arrays, real, self._key())
        return {n: outputs.restored(found[n], self.value_of(n).shape, fed) for n in wanted}

    def _needed_losses(self) -> tuple[str, ...]:
        if not self.loss_variables:
            raise LossError(
                "the graph has no loss: use an op of sd.loss, or sd.set_loss_variables(loss)"
            )
        return self.loss_variables

    def _check_leaves(self, names: tuple[str, ...], program: Program) -> None:
        for name in names:
            leaf = self.graph.leaves.get(name)
            if leaf is None or not is_float(leaf.dtype):
                raise GraphError(
                    f"{name!r} is no floating point variable or placeholder, so it has no gradient"
                )
            if name not in program.graph.leaves:
                raise GraphError(f"no loss depends on {name!r}")

    # The way out to JAX.

    def function(self, name: str | SDVariable, *, training: bool = False) -> Callable[..., Any]:
        """A pure function `f(params, feeds, key=None)` of JAX arrays, for jax.jit, grad and vmap.

        `params` is a pytree such as `sd.params`; feeds are arrays by placeholder, masks included.
        """
        name = self._name(name)
        outputs.check_outputs(self._builder.notes, (name,))
        run = self._program((name,), training=training, bucketed=False)
        fixed = {n: a for n, a in self._held().items() if n in run.held and n not in self.params}

        def f(params: Mapping[str, Any], feeds: Mapping[str, Any], key: Any = None) -> Any:
            return run.function({**fixed, **params, **feeds}, None, key)[name]

        return f

    def compile(self, name: str | SDVariable) -> Handle:
        """A handle for serving with the parameters as they are now: `handle(feeds)`.

        It costs what the jitted function costs: nothing is checked, padded or copied.
        """
        f, params = self.function(name), self.params
        return Handle(jax.jit(f), params)

    # Training.

    @property
    def training_config(self) -> TrainingConfig | None:
        """How `fit` trains."""
        return self._config

    @training_config.setter
    def training_config(self, config: TrainingConfig) -> None:
        for name in (*config.features, *config.labels, *config.feature_masks, *config.label_masks):
            if name is not None:
                self._name(name)
        self._config, self._state = config, None

    def fit(
        self,
        data: Any,
        *,
        epochs: int = 1,
        batch_size: int = 32,
        validation_data: Any = None,
        shuffle: bool = True,
        progress: bool = True,
    ) -> History:
        """Minimises the loss variables over the data, and says how it went.

        `data`: a dict of arrays or ragged lists by placeholder (a whole data set, cut into batches),
        (features, labels) by the training config, or any iterable of such batches, taken as they
        come. A second call goes on where the first stopped.
        """
        losses, config = self._needed_losses(), self._needed_config()
        program = self._training_program(losses)
        trainer = Trainer(
            program,
            self.graph,
            config,
            program.derived(("step", id(config)), lambda: make_step(program, losses, config)),
            self._training_state(config, program),
            {n: a for n, a in self._held().items() if n in self._fixed(program)},
            self._builder.bounds,
        )
        validate = None
        if validation_data is not None:
            validate = lambda: self._validated(validation_data, trainer, batch_size)  # noqa: E731
        epoch_order = np.random.default_rng(self._builder.seed) if shuffle else None
        try:
            return trainer.run(
                data, epochs, batch_size, epoch_order, ProgressLine(progress), validate
            )
        finally:
            self._keep(trainer.state)

    def _needed_config(self) -> TrainingConfig:
        if self._config is None:
            raise TrainingError(
                "there is no training config; set sd.training_config = "
                "TrainingConfig(updater=optax.adam(1e-3))"
            )
        return self._config

    def _training_program(self, losses: tuple[str, ...]) -> Program:
        """Losses as (total, count) where they are losses by themselves, and all state updates."""
        parts = frozenset(n for n in losses if self._counts(n))
        wanted = (*losses, *dict.fromkeys(self.graph.updates.values()))
        return self._program(wanted, training=True, parts=parts)

    def _counts(self, name: str) -> bool:
        node = self.graph.makers.get(name)
        return node is not None and "parts" in OPS[node.op].injected

    def _training_state(self, config: TrainingConfig, program: Program) -> State:
        """The state of the last fit, or a new one; copies, since a step donates its state."""
        params = {n: jnp.copy(a) for n, a in self.params.items() if n in program.held}
        updates = {n: jnp.copy(self._held()[n]) for n in program.graph.updates}
        known = self._state
        if known is not None and known.params.keys() == params.keys():
            return State(params, updates, jax.tree.map(jnp.copy, known.optimiser), *known[3:])
        optimiser = config.transformation.init(params)
        return State(params, updates, optimiser, jnp.zeros((), jnp.int32), self._key())

    def _fixed(self, program: Program) -> set[str]:
        return set(program.held) - set(self.params) - set(program.graph.updates)

    def _keep(self, state: State) -> None:
        self._state = state
        self._builder.arrays.update({**state.params, **state.updates})

    def _validated(self, data: Any, trainer: Trainer, batch_size: int) -> Evaluation:
        self._builder.arrays.update({**trainer.state.params, **trainer.state.updates})
        return self.evaluate(data, batch_size=batch_size)

    def evaluate(
        self,
        data: Any,
        output: str | SDVariable | None = None,
        *,
        labels: str | None = None,
        batch_size: int = 128,
    ) -> Evaluation:
        """Loss, and accuracy of `output` [.., classes] against `labels`, over all real items.

        `labels` names a placeholder; by default the first label of the training config. Without
        `output`, the input of the loss that is compared with these labels.
        """
        losses = self.loss_variables
        if labels is None and self._config is not None and self._config.labels:
            labels = self._config.labels[0]
        scores = self._name(output) if output is not None else self._scores(labels)
        if output is not None and labels is None:
            raise FeedError("say which placeholder holds the labels: evaluate(..., labels='y')")
        measured = (scores, labels) if scores is not None and labels is not None else ()
        names = tuple(dict.fromkeys((*measured, *losses)))
        if not names:
            raise GraphError("there is nothing to evaluate: name an output, or add a loss")
        outputs.check_outputs(self._builder.notes, names)
        program = self._program(
            names,
            parts=frozenset(n for n in losses if self._counts(n)),
            validity=frozenset(measured),
        )
        batches = batches_of(data, self._mappings(), batch_size, None)
        return evaluate(
            program, batches, self._run_program, *(measured or ("", None)), losses
        )

    def _mappings(self) -> tuple[Any, ...]:
        c = self._config
        return (c.features, c.labels, c.feature_masks, c.label_masks) if c else ((), (), (), ())

    def _scores(self, labels: str | None) -> str | None:
        """What a cross entropy compares with the labels: the logits."""
        for name in self.loss_variables:
            node = self.graph.makers.get(name)
            if node is not None and node.op in CROSS_ENTROPIES:
                given, scores = node.get("labels"), node.get("predictions")
                if isinstance(given, Ref) and isinstance(scores, Ref) and given.name == labels:
                    return scores.name
        return None

    # Plumbing for variables.

    def emit(self, op: Any, values: dict[str, Any]) -> Any:
        return self._builder.emit(op, values)

    def pick(self, variable: SDVariable, index: Any) -> SDVariable:
        """`variable[index]`: basic indices, or one integer variable among full slices."""
        entries = index if isinstance(index, tuple) else (index,)
        wanted = [i for i, e in enumerate(entries) if isinstance(e, SDVariable)]
        if not wanted:
            return self.getitem(variable, index)
        rest = [e for i, e in enumerate(entries) if i not in wanted]
        if len(wanted) > 1 or any(e != slice(None) for e in rest):
            raise GraphError("an index takes one integer variable, among full slices")
        return self.gather(variable, entries[wanted[0]], axis=wanted[0])


