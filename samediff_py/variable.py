"""`SDVariable`: a name in a graph, with operators and methods that are the ops themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .foundation.dims import Dim
from .foundation.errors import GraphError
from .foundation.source import Source
from .ir.masks import Validity
from .java_variable import JavaVariableMethods
from .ops.base import BaseOps
from .ops.define import method, reflected
from .ops.java import spelled_on
from .ops.math import MathOps

if TYPE_CHECKING:
    import numpy as np

    from .ops.types import VarLike


class Owner(Protocol):
    """The graph that a variable belongs to, as far as a variable needs to know it."""

    def emit(self, op: Any, values: dict[str, Any]) -> Any: ...
    def rename_variable(self, old: str, new: str) -> None: ...
    def eval_variable(self, name: str, feeds: Any) -> np.ndarray: ...
    def value_of(self, name: str) -> Any: ...
    def source_of(self, name: str) -> Source | None: ...
    def pick(self, variable: SDVariable, index: Any) -> SDVariable: ...
    def mark_as_loss(self, name: str) -> None: ...


class Sizes(tuple[int | Dim, ...]):
    """The shape of a variable: a tuple, and called as in Java, a variable [rank] that holds it."""

    variable: SDVariable

    @classmethod
    def of(cls, variable: SDVariable) -> Sizes:
        """The sizes of that variable."""
        sizes = cls(variable.sd.value_of(variable.name).shape)
        sizes.variable = variable
        return sizes

    def __call__(self, name: str | None = None) -> SDVariable:
        """`sd.shape(x)`."""
        return _shape(self.variable, name=name)


class SDVariable(JavaVariableMethods):
    """A value of the graph: placeholder, variable, constant or the result of an op.

    Operators (`+ - * / @ ** == < ...`), indexing and methods add ops to the graph. Nothing is
    computed before `eval`, `sd.output` or `sd.fit`. Numbers and arrays meet variables as in numpy,
    and axes have numbers or the names of dims.

    >>> from samediff_py import SameDiff
    >>> sd = SameDiff.create()
    >>> x = sd.placeholder("x", ("batch", "time", 3), mask="x_mask")
    >>> y = (x / 2.0 + 1.0).mean("time")
    >>> y.shape, y.dtype, y.ndim
    ((batch, 3), 'float32', 2)
    >>> y[:, 0].eval({"x": [[[2.0, 0.0, 0.0]], [[4.0, 1.0, 1.0], [8.0, 1.0, 1.0]]]})
    array([2., 4.], dtype=float32)
    """

    __slots__ = ("_name", "sd", "__weakref__")
    __array_priority__ = 1000  # numpy arrays leave operators to us
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(self, sd: Owner, name: str):
        self.sd, self._name = sd, name

    @property
    def name(self) -> str:
        """The name of the variable in its graph."""
        return self._name

    @property
    def shape(self) -> Sizes:
        """Sizes and dims, e.g. `(batch, time, 64)`; called, an op as in Java: `x.shape()`."""
        return Sizes.of(self)

    @property
    def dtype(self) -> str:
        """The element type by name, e.g. `float32`."""
        return self.sd.value_of(self.name).dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def mask(self) -> Validity:
        """What is known of which elements are real: a tag, or that it was lost."""
        return self.sd.value_of(self.name).tag

    @property
    def source(self) -> Source | None:
        """The line that made the variable."""
        return self.sd.source_of(self.name)

    def rename(self, name: str) -> SDVariable:
        """Gives the variable another name, wherever it is used, and returns it.

        A name that is taken raises `NameTakenError`.
        """
        self.sd.rename_variable(self.name, name)
        return self

    def eval(self, feeds: Any = None) -> np.ndarray:
        """The value, given the placeholders it depends on. Padded slots are 0."""
        return self.sd.eval_variable(self.name, feeds or {})

    def mark_as_loss(self) -> SDVariable:
        """Makes the variable one of those that `fit` minimises: a scalar, in floating point."""
        self.sd.mark_as_loss(self.name)
        return self

    def __getitem__(self, index: Any) -> SDVariable:
        return self.sd.pick(self, index)

    def __iter__(self) -> Any:
        length = self.shape[0] if self.shape else None
        if not isinstance(length, int):
            raise GraphError(f"{self.name!r} can't be iterated: the size of its first axis is open")
        return (self[i] for i in range(length))

    def __bool__(self) -> bool:
        raise GraphError(
            f"the truth of {self.name!r} is not known while the graph is built; "
            "use sd.where(condition, x, y)"
        )

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise GraphError(
            f"{self.name!r} has no value while the graph is built; .eval(feeds) computes it, and "
            "sd.math holds what numpy's functions do"
        )

    def __repr__(self) -> str:
        return f"{self.name}: {self.sd.value_of(self.name)}"

    def __getattr__(self, name: str) -> Any:
        """Methods by their Java names: `x.castTo(...)`."""
        if name.startswith("_"):
            raise AttributeError(name)
        return spelled_on(self, name)

    # Operators: the ops of sd.math and sd, with the operands where the user wrote them.
    __add__ = method(MathOps.add)
    __sub__ = method(MathOps.sub)
    __mul__ = method(MathOps.mul)
    __truediv__ = method(MathOps.div)
    __rsub__ = method(MathOps.rsub)
    __rtruediv__ = method(MathOps.rdiv)
    __floordiv__ = method(MathOps.floor_div)
    __mod__ = method(MathOps.floor_mod)
    __pow__ = method(MathOps.pow)
    __neg__ = method(MathOps.neg)
    __abs__ = method(MathOps.abs)
    __matmul__ = method(BaseOps.mmul)
    __lt__ = method(BaseOps.lt)
    __le__ = method(BaseOps.lte)
    __gt__ = method(BaseOps.gt)
    __ge__ = method(BaseOps.gte)
    __invert__ = method(MathOps.not_)
    __and__ = method(MathOps.and_)
    __or__ = method(MathOps.or_)
    __xor__ = method(MathOps.xor)

    def __eq__(self, other: VarLike) -> SDVariable:  # type: ignore[override]
        return self.eq(other)

    def __ne__(self, other: VarLike) -> SDVariable:  # type: ignore[override]
        return self.neq(other)

    __radd__ = reflected(MathOps.add)
    __rmul__ = reflected(MathOps.mul)
    __rmatmul__ = reflected(BaseOps.mmul)
    __rpow__ = reflected(MathOps.pow)
    __rfloordiv__ = reflected(MathOps.floor_div)
    __rmod__ = reflected(MathOps.floor_mod)

    # The same ops as methods.
    add = method(MathOps.add)
    sub = method(MathOps.sub)
    mul = method(MathOps.mul)
    div = method(MathOps.div)
    rsub = method(MathOps.rsub)
    rdiv = method(MathOps.rdiv)
    plus, minus, times = add, sub, mul
    fdiv = method(MathOps.floor_div)
    mod = method(MathOps.floor_mod)
    pow = method(MathOps.pow)
    neg = method(MathOps.neg)
    squared_difference = method(MathOps.squared_difference)
    mmul = method(BaseOps.mmul)
    dot = method(BaseOps.dot)
    maximum = method(BaseOps.maximum)
    minimum = method(BaseOps.minimum)
    eq = method(BaseOps.eq)
    neq = method(BaseOps.neq)
    lt = method(BaseOps.lt)
    lte = method(BaseOps.lte)
    gt = method(BaseOps.gt)
    gte = method(BaseOps.gte)
    sum = method(BaseOps.sum)
    mean = method(BaseOps.mean)
    max = method(BaseOps.max)
    min = method(BaseOps.min)
    prod = method(BaseOps.prod)
    std = method(BaseOps.standard_deviation)
    var = method(BaseOps.variance)
    norm1 = method(BaseOps.norm1)
    norm2 = method(BaseOps.norm2)
    norm_max = method(BaseOps.norm_max)
    argmax = method(BaseOps.argmax)
    argmin = method(BaseOps.argmin)
    any = method(BaseOps.any)
    all = method(BaseOps.all)
    cumsum = method(BaseOps.cumsum)
    cumprod = method(BaseOps.cumprod)
    rank = method(BaseOps.rank)
    length = method(BaseOps.size)
    reshape = method(BaseOps.reshape)
    permute = method(BaseOps.permute)
    transpose = method(BaseOps.transpose)
    expand_dims = method(BaseOps.expand_dims)
    squeeze = method(BaseOps.squeeze)
    cast = method(BaseOps.cast)
    dup = method(BaseOps.identity)
    assign = method(BaseOps.assign)
    with_mask = method(BaseOps.with_mask)
    fill_padding = method(BaseOps.fill_padding)
    drop_mask = method(BaseOps.drop_mask)
    count_valid = method(BaseOps.count_valid)
    last_valid = method(BaseOps.last_valid)
    first_valid = method(BaseOps.first_valid)

    @property
    def T(self) -> SDVariable:
        """The axes in reverse order."""
        return self.transpose()


_shape = method(BaseOps.shape)
