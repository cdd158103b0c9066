"""`SameDiff`: the graph under construction and everything that can be done with it.

The only thing of the library that a user changes; its methods hand over to the floors below.
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
from .build.picking import picked
from .display.summary import headline
from .evaluation.classification import Evaluation
from .evaluation.evaluation import Evaluator
from .foundation.dims import Dim, bounds_of
from .foundation.dtypes import DataType
from .foundation.errors import GraphError, TrainingError
from .inference.gradients import Handle
from .inference.runner import Runner
from .inspection import Inspection
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
from .own.op import call
from .rules import Named, Rule
from .train.config import TrainingConfig
from .train.history import History
from .train.training import Training
from .variable import SDVariable

_VALUES = np.ndarray | jax.Array | np.generic | float
"""Arrays, and numbers that are arrays without axes; an integer is a size."""


class SameDiff(BaseOps, Inspection, JavaGraphMethods):
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
        self._answer = self._runner.routes.answer  # looked up once: it is asked at every call
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
        not fixed numbers. Dims of one name have one size in all feeds. A name that is taken raises
        `NameTakenError`.

        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", "time", 3), mask="x_mask")
        >>> x, sd["x_mask"].shape
        (x: float32[batch, time, 3] | x_mask@0,1, (batch, time))
        """
        return self._builder.placeholder(name, shape, dtype, mask)

    def var(
        self,
        name: Any,
        shape: Any = None,
        *sizes: Any,
        init: str | Initializer | None = None,
        dtype: Any = None,
        trainable: bool = True,
    ) -> SDVariable:
        """A variable that training changes: from a shape and an initialiser, or from an array.

        `init`: zeros, ones, normal, uniform, glorot (unless said), he, lecun, orthogonal, ..., or a
        function `f(key, shape, dtype)` as in `jax.nn.initializers`; what it draws depends on the
        seed of the graph and the name. `dtype`: float32, or that of the array, unless said.
        `trainable=False`: only `sd.update` changes it. Every size is a number. In Java's order:
        `sd.var("w", DataType.FLOAT, 784, 256)`, zeros as there.
        """
        if sizes or not isinstance(name, str) or isinstance(shape, DataType | SDVariable):
            if init is not None or dtype is not None or not trainable:
                raise GraphError(
                    f"variable {name!r}: init, dtype and trainable go with sizes in one tuple: "
                    f"sd.var({name!r}, (2, 3), init='zeros')"
                )
            return self.java_var(name, (shape, *sizes))
        if isinstance(shape, _VALUES) and not isinstance(shape, np.integer):
            if init is not None:
                raise GraphError(
                    f"variable {name!r} begins with the array that it is given: leave init out"
                )
            return self._builder.array(name, shape, Kind.VARIABLE, trainable, dtype)
        init, dtype = "glorot" if init is None else init, "float32" if dtype is None else dtype
        return self._builder.variable(name, shape, init, dtype, trainable)

    def constant(self, value: Any, name: Any = None, *rest: Any) -> SDVariable:
        """A fixed array; arrays that meet variables in an op become constants by themselves.

        In Java's order: `sd.constant("c", [DataType.FLOAT,] array)`.
        """
        if isinstance(value, str):
            return self.java_constant(value, (name, *rest))
        return self._builder.array(name, value, Kind.CONSTANT, False)

    def dim(
        self,
        name: str,
        *,
        min: int | None = None,
        max: int | None = None,
        multiple_of: int | None = None,
    ) -> Dim:
        """A named dim with what is known of its size; feeds that break it are refused.

        Named again without bounds, it keeps those it has; any bound takes the place of all of
        them, so that `min=1` lifts them. Bounds that no size can fulfil, or that an op of the
        graph can't live with, raise `GraphError`, and change nothing.

        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", sd.dim("time", max=4)))
        >>> places = sd.var("places", (4,), init="zeros")[: sd.dim("time")]
        >>> (x + places).shape
        (batch, time)
        """
        said = {"min": min, "max": max, "multiple_of": multiple_of}
        said = {key: number for key, number in said.items() if number is not None}
        return self._builder.dim(name, bounds_of(name, **said) if said else None)

    @contextmanager
    def name_scope(self, scope: str) -> Iterator[None]:
        """Puts `scope/` before every name given inside.

        >>> sd = SameDiff.create()
        >>> with sd.name_scope("encoder"):
        ...     w = sd.var("w", (2, 3))
        >>> w.name
        'encoder/w'
        """
        self._builder.names.open(scope)
        try:
            yield
        finally:
            self._builder.names.scopes.pop()

    def set_array(self, name: str, array: Any) -> None:
        """Gives a variable or constant another array of its shape; it is cast to its type, unless
        that would cut fractions or what is too large."""
        changes.set_array(self._builder, self._name(name), array)

    def declare_mask(self, name: str | SDVariable, mask: str) -> None:
        """Makes the placeholder `mask` the companion mask of the placeholder `name`.

        What was built before is masked from then on, or, if an op can't be, nothing changes.
        """
        changes.declare_mask(self._builder, self._name(name), mask)

    def rename_variable(self, old: str, new: str) -> None:
        """Another name for a variable, wherever it is used, training included."""
        old = self._name(old)
        self._training.rename(old, changes.rename(self._builder, old, new))

    def update(self, variable: SDVariable | str, value: SDVariable) -> None:
        """After every training step the variable (trainable=False) takes the value.

        The value has its shape and type: so run moving averages and counters.
        """
        self._builder.update(self._name(variable), value.name)

    def set_loss_variables(self, *losses: SDVariable | str) -> None:
        """What `fit` minimises: the sum of these scalars, in floating point, else `LossError`."""
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

        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
        >>> doubled, total = (x * 2.0).rename("doubled"), x.sum(axis="time", name="total")
        >>> feeds = {"x": [[1.0, 2.0, 3.0], [4.0]]}
        >>> sd.output(feeds, doubled, total)["doubled"]
        array([[2., 4., 6.],
               [8., 0., 0.]], dtype=float32)
        >>> sd.output(feeds, "doubled", ragged=True)["doubled"][1]
        array([8.], dtype=float32)
        """
        # Before names are even resolved: for a small program that would be seen in its time.
        known = None if ragged else self._answer(names, feeds)
        if known is not None:
            return known
        if feeds is None:
            return self.java_output_request()
        asked, names = names, spread(names)
        if not names:
            raise GraphError("say which variables: sd.output(feeds, 'logits')")
        if not isinstance(feeds, Mapping):
            return self.java_output(feeds, names)
        names = tuple(map(self._name, names))
        if ragged:
            return self._runner.rows(names, feeds)
        return self._runner.output(names, feeds, asked)

    def eval_variable(self, name: str, feeds: Mapping[str, Any]) -> np.ndarray:
        """The value of one variable, as `sd.output` gives it."""
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
        self, feeds: Mapping[str, Any], *names: str | SDVariable | Sequence[str | SDVariable]
    ) -> dict[str, np.ndarray]:
        """Gradients of the sum of the loss variables, by name of variable or placeholder.

        Each has the shape of what it belongs to, with 0 where that is padded. Names may come as
        one list; without any it raises.

        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
        >>> loss = (x * x).sum().mark_as_loss()
        >>> sd.calculate_gradients({"x": [[1.0, 2.0], [3.0]]}, "x")["x"]
        array([[2., 4.],
               [6., 0.]], dtype=float32)
        """
        wanted = tuple(map(self._name, spread(names)))
        if not wanted:
            raise GraphError("say for which variables: sd.calculate_gradients(feeds, 'w')")
        return self._runner.gradients(feeds, wanted)

    def function(self, name: str | SDVariable, *, training: bool = False) -> Callable[..., Any]:
        """A pure function `f(params, feeds, key=None)` of JAX arrays, for jax.jit, grad and vmap.

        `params` is a pytree such as `sd.params`; feeds are arrays by placeholder, masks included.

        >>> sd = SameDiff.create()
        >>> y = (sd.placeholder("x", ("batch",)) * sd.var("w", np.float32([3.0]))).rename("y")
        >>> f = jax.jit(sd.function("y"))
        >>> f(sd.params, {"x": np.float32([1, 2])})
        Array([3., 6.], dtype=float32)
        """
        return self._runner.function(self._name(name), training)

    def compile(self, name: str | SDVariable) -> Handle:
        """A handle for serving with the parameters as they are now: `handle(feeds)`.

        It costs what the jitted function costs: nothing is checked, padded or copied.

        >>> sd = SameDiff.create()
        >>> y = (sd.placeholder("x", (2,)) + 1.0).rename("y")
        >>> handle = sd.compile("y")
        >>> handle({"x": np.float32([1, 2])})
        Array([2., 3.], dtype=float32)
        """
        return self._runner.compile(self._name(name))

    # Training.

    @property
    def training_config(self) -> TrainingConfig | None:
        """How `fit` trains."""
        return self._training.config

    @training_config.setter
    def training_config(self, config: TrainingConfig) -> None:
        if not isinstance(config, TrainingConfig):
            raise TrainingError(f"a training config is a TrainingConfig, not {config!r}")
        placeholders = self.graph.of_kind(Kind.PLACEHOLDER)
        for name in (name for names in config.mappings for name in names if name is not None):
            if self._name(name) not in placeholders:
                raise TrainingError(f"{name!r} is no placeholder, so nobody can feed it")
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
        as Java has it. Without a loss variable or a training config it raises.

        >>> import optax
        >>> sd = SameDiff.create()
        >>> x, y = sd.placeholder("x", ("batch", 1)), sd.placeholder("y", ("batch", 1))
        >>> w = sd.var("w", np.zeros((1, 1), np.float32))
        >>> loss = sd.loss.mean_squared_error(y, x @ w, name="loss")
        >>> sd.training_config = TrainingConfig(updater=optax.sgd(0.5))
        >>> data = {"x": np.ones((8, 1)), "y": 2 * np.ones((8, 1))}
        >>> history = sd.fit(data, epochs=9, batch_size=4, progress=False)
        >>> history.loss[0] > history.loss[-1], w.eval().round(2)
        (True, array([[2.]], dtype=float32))
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

        `labels` names a placeholder, of class numbers or one-hot rows; by default the first label
        of the training config. Without `output`, the input of the loss that is compared with these
        labels. Data as for `fit`.
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

    def pick(self, variable: SDVariable, index: Any) -> SDVariable:
        """`variable[index]`: basic indices, or one integer variable among full slices."""
        return picked(self, self._builder.fold, variable, index)
