"""`SameDiff`: the graph under construction and everything that can be done with it.

The only mutable thing of the library; its methods hand over to the floors below.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, overload

import jax
import numpy as np

from .build import changes
from .build.builder import Builder
from .build.initial import Initializer
from .display.explain import explain_mask
from .display.plan import mask_plan
from .display.summary import headline, summary
from .display.text import Text
from .evaluation.classification import Evaluation
from .evaluation.evaluation import Evaluator
from .foundation.dims import Bounds, Dim
from .foundation.dtypes import DataType
from .foundation.errors import GraphError
from .foundation.source import Source
from .inference.gradients import Handle
from .inference.runner import Runner
from .ir.graph import Graph, Kind
from .java_graph import JavaGraphMethods
from .java_graph.arguments import spread
from .java_graph.requests import FitConfig, OutputConfig
from .ops.base import BaseOps
from .ops.bitwise import BitwiseOps
from .ops.cnn import CNNOps
from .ops.image import ImageOps
from .ops.java import spelled
from .ops.linalg import LinalgOps
from .ops.loss import LossOps
from .ops.math import MathOps
from .ops.nn import NNOps
from .ops.random import RandomOps
from .ops.rnn import RNNOps
from .ops.user import call
from .passes.annotate import Value
from .rules import Named, Rule
from .train.config import TrainingConfig
from .train.history import History
from .train.training import Training
from .variable import SDVariable
from .verify.padding import verify_padding
from .verify.report import Report


class SameDiff(BaseOps, JavaGraphMethods):
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
        self._runner = Runner(self._builder)
        self._training = Training(self._runner)
        self.math, self.nn = MathOps(self._builder), NNOps(self._builder)
        self.cnn, self.rnn = CNNOps(self._builder), RNNOps(self._builder)
        self.create = spelled(self, "create")  # type: ignore[method-assign]  # Java's op of that name
        self.loss, self.bitwise = LossOps(self._builder), BitwiseOps(self._builder)
        self.linalg, self.random = LinalgOps(self._builder), RandomOps(self._builder)
        self.image = ImageOps(self._builder)

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
        name: Any,
        shape: Any = None,
        *sizes: Any,
        init: str | Initializer = "glorot",
        dtype: Any = "float32",
        trainable: bool = True,
    ) -> SDVariable:
        """A variable that training changes: from a shape and an initialiser, or from an array.

        In Java's order: `sd.var("w", DataType.FLOAT, 784, 256)`, zeros as there.
        """
        if sizes or not isinstance(name, str) or isinstance(shape, DataType | SDVariable):
            return self.java_var(name, (shape, *sizes))
        if isinstance(shape, np.ndarray | jax.Array):
            return self._builder.array(name, shape, Kind.VARIABLE, trainable)
        return self._builder.variable(name, shape, init, dtype, trainable)

    def constant(self, value: Any, name: Any = None, *rest: Any) -> SDVariable:
        """A fixed array. In Java's order: `sd.constant("c", [DataType.FLOAT,] array)`."""
        if isinstance(value, str):
            return self.java_constant(value, (name, *rest))
        return self._builder.array(name, value, Kind.CONSTANT, False)

    def dim(self, name: str, *, min: int = 1, max: int | None = None, multiple_of: int = 1) -> Dim:
        """A named dim with what is known of its size; feeds that break it are refused."""
        return self._builder.dim(name, Bounds(min, max, multiple_of))

    @contextmanager
    def name_scope(self, scope: str) -> Iterator[None]:
        """Puts `scope/` before every name given inside."""
        self._builder.names.open(scope)
        try:
            yield
        finally:
            self._builder.names.scopes.pop()

    def set_array(self, name: str, array: Any) -> None:
        """Gives a variable or constant another array of its shape and type."""
        changes.set_array(self._builder, self._name(name), array)

    def declare_mask(self, name: str | SDVariable, mask: str) -> None:
        """Makes the placeholder `mask` the companion mask of the placeholder `name`.

        What was built before is masked from then on, or, if an op can't be, nothing changes.
        """
        changes.declare_mask(self._builder, self._name(name), mask)

    def rename_variable(self, old: str, new: str) -> None:
        """Another name for a variable, wherever it is used."""
        changes.rename(self._builder, old, new)

    def update(self, variable: SDVariable | str, value: SDVariable) -> None:
        """After every training step the variable (trainable=False) takes the value."""
        self._builder.update(self._name(variable), value.name)

    def set_loss_variables(self, *losses: SDVariable | str) -> None:
        """What `fit` minimises: the sum of these scalars."""
        changes.set_losses(self._builder, tuple(map(self._name, losses)))

    @property
    def loss_variables(self) -> tuple[str, ...]:
        """Names of the losses, marked by sd.loss or set."""
        return self._builder.losses

    def mark_as_loss(self, name: str) -> None:
        """Makes a variable one of those that `fit` minimises, beside the ones it minimises now."""
        changes.set_losses(self._builder, (*self._builder.losses, name))

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
        if isinstance(variable, SDVariable) and variable.sd is not self:
            raise GraphError(f"{name!r} belongs to another graph")
        if name not in self.graph:
            close = difflib.get_close_matches(str(name), list(self.graph.names), 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise GraphError(f"there is no variable {name!r}{hint}")
        return name

    def __repr__(self) -> str:
        return headline(self.graph, self.loss_variables)

    def summary(self) -> Text:
        """Placeholders, variables, constants and ops with dims, type and mask, as text.

        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", 3))
        >>> sd.summary()
        1 placeholder
        <BLANKLINE>
        placeholders
          x  float32  [batch, 3]
        """
        return summary(self.graph, self._builder.notes, self.loss_variables)

    def explain_mask(self, variable: SDVariable | str) -> Text:
        """Which elements of a variable are real, and the rules that brought each mask to it.

        One line per node, from the placeholder that declares the mask (or from `with_mask`) down
        to the variable: name, op, mask after it, what the rule does, and your line.
        """
        return explain_mask(self.graph, self._builder.notes, self._name(variable))

    def mask_plan(self, *outputs: SDVariable | str) -> Text:
        """What the compiler does about padding where these outputs are computed.

        It lists the masks that are derived, what each op is told (`where=`, `mask=`, `sizes=`),
        where padding is overwritten and why, where that is not needed, which dims are rounded up
        to buckets and which are not, and every opt-out. Without outputs: those that nothing uses.
        """
        names = tuple(map(self._name, outputs)) or self.graph.ends
        return mask_plan(self.graph, self._builder.notes, names)

    def value_of(self, name: str) -> Value:
        """What is known of a variable: dims, type, validity."""
        return self._builder.value(name)

    def source_of(self, name: str) -> Source | None:
        """The line that made a variable."""
        return self.graph.source_of(name)

    @property
    def params(self) -> dict[str, jax.Array]:
        """The trainable variables by name: a pytree."""
        return self._runner.params

    # Running.

    @overload
    def output(self) -> OutputConfig: ...
    @overload
    def output(self, feeds: Any, *names: Any, ragged: bool = False) -> dict[str, Any]: ...
    def output(self, feeds: Any = None, *names: Any, ragged: bool = False) -> Any:
        """The values of the named variables, by name.

        Rows given as lists are padded and masked; an array needs its mask beside it, or True.
        Results have the size that was fed, with 0 in padded slots; with `ragged` those that are
        padded along a row are lists of rows, without the slots in which nothing is real. Instead of
        feeds: a batch (features, labels) as the training config maps them, or an iterable of
        batches, whose results are joined. Without arguments a request, as Java has it.
        """
        if feeds is None:
            return self.java_output_request()
        names = spread(names)
        if not names:
            raise GraphError("say which variables: sd.output(feeds, 'logits')")
        if not isinstance(feeds, Mapping):
            return self.java_output(feeds, names)
        names = tuple(map(self._name, names))
        if ragged:
            return self._runner.rows(names, feeds)
        return self._runner.run(self._runner.program(names), feeds).values

    def eval_variable(self, name: str, feeds: Mapping[str, Any]) -> np.ndarray:
        """The value of one variable."""
        return self.output(feeds, name)[name]

    @contextmanager
    def debug(self) -> Iterator[None]:
        """Inside, everything runs op by op and stops at the first NaN.

        `sd.output`, `x.eval`, `sd.calculate_gradients`, `sd.evaluate` and every step of `sd.fit`
        raise `NotANumberError` where the first NaN arises in a real element (padding may hold
        anything), and `GraphError` where a computed row number is out of range. Both name the
        variable, the op, its inputs and your line. A gradient that is not finite is followed to
        the op whose derivative makes it so. Slow: nothing is compiled as a whole.

        >>> sd = SameDiff.create()
        >>> y = sd.math.log(sd.placeholder("x", (2,)), name="y")
        >>> with sd.debug():
        ...     sd.output({"x": np.ones(2)}, "y")["y"]
        array([0., 0.], dtype=float32)
        """
        before, self._runner.debugging = self._runner.debugging, True
        try:
            yield
        finally:
            self._runner.debugging = before

    def calculate_gradients(
        self, feeds: Mapping[str, Any], *names: str | SDVariable
    ) -> dict[str, np.ndarray]:
        """Gradients of the sum of the loss variables, by name of variable or placeholder."""
        return self._runner.gradients(feeds, tuple(map(self._name, names)))

    def function(self, name: str | SDVariable, *, training: bool = False) -> Callable[..., Any]:
        """A pure function `f(params, feeds, key=None)` of JAX arrays, for jax.jit, grad and vmap.

        `params` is a pytree such as `sd.params`; feeds are arrays by placeholder, masks included.
        """
        return self._runner.function(self._name(name), training)

    def compile(self, name: str | SDVariable) -> Handle:
        """A handle for serving with the parameters as they are now: `handle(feeds)`.

        It costs what the jitted function costs: nothing is checked, padded or copied.
        """
        return self._runner.compile(self._name(name))

    # Checking.

    def verify_padding(
        self,
        feeds: Mapping[str, Any],
        *,
        outputs: Sequence[str | SDVariable] = (),
        gradients: bool = True,
        tolerance: float | None = None,
    ) -> Report:
        """Whether padding can change an answer of this model: tests it on a few real examples.

        Every value that the feeds can compute (or that `outputs` are made of) is compared with

        - definition: what the graph gives for each example alone, at its own length, without masks;
        - content: random numbers, 1e30, NaN, infinities and ids out of range in padded slots;
        - amount: more padding, and the next bucket;
        - company: the examples in another order;
        - emptiness: an example more that has no real position.

        So are the gradients of the losses, or else of a weighted sum of the outputs. The model runs
        in inference mode, on the CPU and in double precision, so that rounding does not look like
        a leak: numbers may differ by `tolerance` of their size (1e-7 unless given), and content
        must change nothing at all. A dozen examples of different length are plenty: every length
        is compiled.

        The report names the first variable that leaks and your line that made it. An opt-out
        (`masked=False`, `drop_mask()`) is a leak, and so is an op that mixes examples and hands
        the result back to each of them.

        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
        >>> mean = x.mean("time", name="mean")
        >>> feeds = {"x": [[1.0, 2.0, 3.0], [4.0]]}
        >>> sd.verify_padding(feeds).ok
        True
        >>> wrong = x.mean("time", masked=False, name="wrong")
        >>> report = sd.verify_padding(feeds)
        >>> report.first_leak.name, report.first_leak.test, round(report.first_leak.difference, 2)
        ('wrong', 'definition', 2.67)
        """
        names = tuple(map(self._name, outputs))
        return verify_padding(self._runner, feeds, names, gradients, tolerance)

    # Training.

    @property
    def training_config(self) -> TrainingConfig | None:
        """How `fit` trains."""
        return self._training.config

    @training_config.setter
    def training_config(self, config: TrainingConfig) -> None:
        for name in (name for names in config.mappings for name in names):
            if name is not None:
                self._name(name)
        self._training.config = config

    @overload
    def fit(self) -> FitConfig: ...
    @overload
    def fit(
        self, data: Any, epochs: int = 1, validation_data: Any = None, *, batch_size: int = 32,
        shuffle: bool = True, progress: bool = True,
    ) -> History: ...  # fmt: skip
    def fit(
        self,
        data: Any = None,
        epochs: int = 1,
        validation_data: Any = None,
        *,
        batch_size: int = 32,
        shuffle: bool = True,
        progress: bool = True,
    ) -> Any:
        """Minimises the loss variables over the data, and says how it went.

        `data`: a dict of arrays or ragged lists by placeholder (a whole data set, cut into
        batches), (features, labels) by the training config, or any iterable of such batches, taken
        as they come. A second call goes on where the first stopped. Without arguments a request,
        as Java has it.
        """
        if data is None:
            return self.java_fit_request()
        return self._training.fit(
            data,
            epochs=epochs,
            batch_size=batch_size,
            validation_data=validation_data,
            shuffle=shuffle,
            progress=progress,
        )

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
        scores = self._name(output) if output is not None else None
        answers = self._name(labels) if labels is not None else None
        evaluator = Evaluator(self._runner, self._training.config)
        return evaluator.evaluate(data, scores, answers, batch_size)

    # Java's spelling.

    def __getattr__(self, name: str) -> Any:
        """Base ops by their Java names: `sd.standardDeviation(x, False, 1)`."""
        if name.startswith("_"):
            raise AttributeError(name)
        return spelled(self, name)

    # Functions of the user's own.

    def call(
        self,
        function: Callable[..., Any],
        *inputs: Any,
        mask: Rule | Named | None = None,
        name: str | Sequence[str] | None = None,
        **params: Any,
    ) -> Any:
        """A JAX function of your own as a node: of variables, arrays and static values.

        `mask`: what it does with padding, a rule of `samediff_py.rules` or its name; without one
        a padded input raises. Several outputs come as a tuple, `name` may list their names.
        The graph holds where to import the function from: one that no import leads to works in
        this process only. `samediff_py.op` declares an op to use again and to test.

        >>> import jax.numpy as jnp
        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
        >>> y = sd.call(jnp.mean, x, axis="time", mask="reduces", name="y")
        >>> sd.output({"x": [[1.0, 2.0, 3.0], [4.0]]}, "y")["y"]
        array([2., 4.], dtype=float32)
        """
        return call(self.emit, function, inputs, params, mask, name)

    # Plumbing for variables.

    def emit(self, op: Any, values: dict[str, Any]) -> Any:
        """One more node: an op on values by parameter name. Methods of variables come here."""
        return self._builder.emit(op, values)

    def _known_slice(self, entry: Any) -> Any:
        """A slice whose ends are variables, by their numbers."""
        if not isinstance(entry, slice):
            return entry
        ends = (entry.start, entry.stop, entry.step)
        fold = self._builder.fold
        return slice(*(fold(end) if isinstance(end, SDVariable) else end for end in ends))

    def pick(self, variable: SDVariable, index: Any) -> SDVariable:
        """`variable[index]`: basic indices, or one integer variable among full slices."""
        entries = index if isinstance(index, tuple) else (index,)
        entries = tuple(map(self._known_slice, entries))
        wanted = [i for i, e in enumerate(entries) if isinstance(e, SDVariable)]
        if not wanted:
            return self.getitem(variable, entries)
        rest = [e for i, e in enumerate(entries) if i not in wanted]
        if len(wanted) > 1 or any(e != slice(None) for e in rest):
            raise GraphError(
                f"{variable.name!r}: an index takes one integer variable, among full slices"
            )
        if entries[wanted[0]].dtype == "bool":
            raise GraphError(
                f"{variable.name!r} can't be indexed by a condition: how much it picks is not "
                "known while the graph is built; use sd.where, or with_mask"
            )
        return self.gather(variable, entries[wanted[0]], axis=wanted[0])
