"""`@op`: a typed method stub becomes an op. What can't be derived stands in the decorator."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from ..foundation.errors import GraphError
from .java import JavaSpelling, is_operand, overloads, patterns_of, read_call
from .site import Rule

P = ParamSpec("P")
R = TypeVar("R")
Complete = Callable[[dict[str, Any], Callable[[Any], Any]], dict[str, Any]]
"""`complete(values, fold)`: the call with parameters filled in that follow from constants."""

RESERVED = frozenset({"where", "mask", "key", "training", "sizes", "ragged_axis", "parts"})
"""Kernel parameters that the compiler injects; a stub may not have them."""


@dataclass(frozen=True)
class Spec:
    """An array of a test case: its shape, and what stands in it."""

    shape: tuple[int, ...]
    draw: str = "normal"  # above (1), boolean, definite, integer, positive, probability, unit
    high: int = 4  # integers are below it,
    low: int = 0  # and not below this
    dtype: str | None = None  # what the draw gives, unless said

    @property
    def type(self) -> str:
        return self.dtype or {"integer": "int32", "boolean": "bool"}.get(self.draw, "float32")


Padded = Mapping[str, tuple[int, int | None]]
"""For each padded input the axes of (batch, time); None where it has one entry per example."""


@dataclass(frozen=True)
class Case:
    """Inputs by shape or `Spec`, parameters, and which inputs are padded along (batch, time).

    Padded axes of one size are one dim; an input with (batch, None) has one entry per example.
    """

    inputs: tuple[Any, ...]
    params: Mapping[str, Any]
    padded: Padded = field(default_factory=dict)
    gradient: bool = True


def case(
    *inputs: Any,
    padded: Padded | None = None,
    gradient: bool = True,
    **params: Any,
) -> Case:
    """A call that the battery of tests makes: `case((2, 5, 3), axis=1, padded={"x": (0, 1)})`."""
    return Case(inputs, params, padded or {}, gradient)


@dataclass(frozen=True)
class Wrong:
    """A call that must fail, and what the message must say."""

    inputs: tuple[Any, ...]
    params: Mapping[str, Any]
    match: str


def wrong(*inputs: Any, match: str, **params: Any) -> Wrong:
    return Wrong(inputs, params, match)


@dataclass(frozen=True)
class Param:
    """A parameter of the stub and the role its annotation gives it."""

    name: str
    role: str  # input, inputs, axis, dtype, shape, index, static
    kind: str  # bool, int, float, str, Sequence, Axis (one of them), or nothing in particular
    default: Any


@dataclass(frozen=True)
class Op:
    """An operation: everything the other floors ask of it."""

    name: str
    kernel: Callable[..., Any]
    rule: Rule
    signature: inspect.Signature
    params: Mapping[str, Param]
    injected: frozenset[str]  # the reserved parameters that the kernel has
    positional: tuple[str, ...]  # inputs that the kernel takes by position only
    safe: float | Mapping[str, float] | None
    samediff: str | None
    java: tuple[str, ...]
    cases: tuple[Case, ...]
    raises: tuple[Wrong, ...]
    loss: bool
    complete: Complete | None
    internal: int
    differs: str
    doc: str

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.params.values() if p.role in ("input", "inputs"))

    @property
    def title(self) -> str:
        """The name without the place that an op of the user's own is defined at."""
        bare = self.name.partition("[")[0].rpartition(":")[2]
        return bare.partition("@")[0].rpartition(".")[2]

    @property
    def is_list(self) -> bool:
        """Whether it gives a list of variables, even where that holds one alone."""
        return str(self.signature.return_annotation) == "tuple[SDVariable, ...]"

    @property
    def order(self) -> str:
        """The parameters in Python's order, with their defaults."""
        own = [p for p in self.signature.parameters.values() if p.name != "self"]
        bare = [p.replace(annotation=inspect.Parameter.empty) for p in own]
        return str(inspect.Signature(bare))

    def safe_value(self, param: str) -> float | None:
        """What replaces a padded slot of that input; None where any finite number will do."""
        return self.safe.get(param) if isinstance(self.safe, Mapping) else self.safe

    def call(self, values: Mapping[str, Any]) -> Any:
        """The kernel on these values by parameter name."""
        head = [values[name] for name in self.positional if name in values]
        rest = {k: v for k, v in values.items() if k not in self.positional}
        return self.kernel(*head, **rest)


class Registry(dict[str, Op]):
    """Ops by their names in the graph; those that are not the library's are looked up elsewhere."""

    elsewhere: Callable[[str], Op] | None = None

    def __missing__(self, name: str) -> Op:
        if self.elsewhere is None:
            raise KeyError(name)
        return self.elsewhere(name)


OPS = Registry()
"""Every op of the library."""


class Emitter(Protocol):
    """Whoever builds graphs: turns a bound call into a node and its variables."""

    def emit(self, op: Op, values: dict[str, Any]) -> Any: ...
    def fold(self, value: Any) -> Any: ...
    def variable(self, name: str, shape: Any, init: Any, dtype: Any, trainable: bool) -> Any: ...
    def update(self, variable: str, value: str) -> None: ...
    def axis_of(self, x: Any, axis: int | str) -> int: ...
    def free_name(self, stem: str) -> str: ...
    def atomic(self) -> AbstractContextManager[None]: ...


class Namespace:
    """A group of ops: `sd.nn`, `sd.math`, ...; called, it is the same in Java's spelling."""

    def __init__(self, builder: Emitter):
        self._builder = builder

    def __call__(self) -> JavaSpelling:
        """`sd.nn().softmax("out", x, 1)`: camelCase, Java's order, an optional leading name."""
        return JavaSpelling(self)


_ROLES = (
    ("inputs", re.compile(r"Sequence\[VarLike\]")),
    ("input", re.compile(r"\bVarLike\b")),
    ("axis", re.compile(r"\bAx[ei]s\b")),
    ("dtype", re.compile(r"\bDTypeLike\b")),
    ("shape", re.compile(r"\bShapeLike\b")),
    ("index", re.compile(r"\bIndex\b")),
)
_NOT_PARAMS = {"self", "name", "masked", "allow_softmax"}
"""What a stub says to the builder, and never to the kernel."""


def op(
    kernel: Callable[..., Any],
    *,
    mask: Rule,
    name: str | None = None,
    safe: float | Mapping[str, float] | None = None,
    samediff: str | None = None,
    java: Sequence[str] = (),
    cases: Sequence[Case] = (),
    raises: Sequence[Wrong] = (),
    loss: bool = False,
    complete: Complete | None = None,
    internal: int = 0,
    differs: str = "",
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declares an op: the stub is its signature and doc, the kernel its meaning.

    `mask`: the rule of the closed family. `safe`: put into padded slots before the kernel, where
    the op is not defined or not bounded everywhere (`log`: 1.0; a mapping names the input).
    `samediff`: SameDiff's name, `java`: its orders of arguments, in Python's parameter names.
    `complete`: fills in sizes that are not given, from operands that are constants.
    `internal`: how many of the last outputs the user is not handed (the mask of a ragged result).
    `differs`: where the answer is not SameDiff's, and why; for the table in the docs.
    """

    def declare(stub: Callable[P, R]) -> Callable[P, R]:
        record = recorded(
            name or stub.__name__.rstrip("_"),
            inspect.signature(stub),
            inspect.getdoc(stub) or "",
            kernel=kernel,
            rule=mask,
            safe=safe,
            samediff=samediff,
            java=tuple(java),
            cases=tuple(cases),
            raises=tuple(raises),
            loss=loss,
            complete=complete,
            internal=internal,
            differs=differs,
        )
        if record.name in OPS:
            raise TypeError(f"two ops are called {record.name!r}")
        OPS[record.name] = record

        @functools.wraps(stub)
        def method(self: Namespace, *args: Any, **kwargs: Any) -> Any:
            return self._builder.emit(*_bound(type(self), record, args, kwargs))

        method.op = record  # type: ignore[attr-defined]
        method.__doc__ = described(record)
        return method  # type: ignore[return-value]

    return declare


def recorded(
    name: str,
    signature: inspect.Signature,
    doc: str,
    *,
    kernel: Callable[..., Any],
    rule: Rule,
    safe: float | Mapping[str, float] | None = None,
    samediff: str | None = None,
    java: tuple[str, ...] = (),
    cases: tuple[Case, ...] = (),
    raises: tuple[Wrong, ...] = (),
    loss: bool = False,
    complete: Complete | None = None,
    internal: int = 0,
    differs: str = "",
) -> Op:
    """The record of an op; roles of parameters are read from the annotations of the signature."""
    params = {
        p.name: Param(p.name, _role(str(p.annotation)), _kind(str(p.annotation)), p.default)
        for p in signature.parameters.values()
        if p.name not in _NOT_PARAMS
    }
    injected, positional = _fit(name, params, kernel)
    return Op(
        name=name,
        kernel=kernel,
        rule=rule,
        signature=signature,
        params=params,
        injected=injected,
        positional=positional,
        safe=safe,
        samediff=samediff,
        java=java,
        cases=cases,
        raises=raises,
        loss=loss,
        complete=complete,
        internal=internal,
        differs=differs,
        doc=doc,
    )


def described(op: Op) -> str:
    """The docstring, and what the declaration says besides: for `help` and `?`."""
    told = [f"Padding: {op.rule.padding}"]
    if op.samediff:
        orders = " or ".join(f"({order})" for order in patterns_of(op))
        told.append(f"In SameDiff: {op.samediff}, called with {orders}.")
    if op.differs:
        told.append(f"Not as SameDiff: {op.differs}")
    return "\n\n".join([op.doc, *told])


def _role(annotation: str) -> str:
    return next((role for role, pattern in _ROLES if pattern.search(annotation)), "static")


def _kind(annotation: str) -> str:
    """The plain type of a static parameter, as Java's overloads tell arguments apart by it."""
    text = annotation.removesuffix(" | None")
    if text.startswith("Sequence["):
        return "Sequence"
    if text == "int | Sequence[int]":
        return "Integers"
    return text if text in ("bool", "int", "float", "str", "Axis", "Number") else ""


def _fit(name: str, params: Mapping[str, Param], kernel) -> tuple[frozenset[str], tuple[str, ...]]:
    """Compares stub and kernel, so that a misspelt parameter fails at import and not at a user."""
    theirs = inspect.signature(kernel).parameters
    if any(p.kind is p.VAR_POSITIONAL for p in theirs.values()):
        return frozenset(), tuple(params)  # a jnp.ufunc: whatever it is given, in order
    by_position = [p for p in theirs.values() if p.kind is p.POSITIONAL_ONLY]
    positional = tuple(list(params)[: len(by_position)])
    takes_all = any(p.kind is p.VAR_KEYWORD for p in theirs.values())
    reserved = RESERVED & set(params)
    missing = set() if takes_all else set(params) - set(theirs) - set(positional)
    if reserved or missing:
        raise TypeError(f"op {name!r}: stub and kernel disagree on {sorted(reserved | missing)}")
    return frozenset(RESERVED & set(theirs)), positional


def _bound(
    kind: type, record: Op, args: tuple[Any, ...], kwargs: dict[str, Any], operand: int = 0
) -> tuple[Op, dict[str, Any]]:
    """The call by parameter name, defaults filled in: in Python's order where it fits, in Java's
    where it does not, which may mean another op. `operand`: where a leading name may stand."""
    family = overloads(kind, record)
    try:
        bound = record.signature.bind(None, *args, **kwargs)
    except TypeError as error:
        if kwargs or not args:
            raise GraphError(f"{record.name} {error}; it takes {record.order}") from None
        return read_call(family, args, operand)
    if not kwargs and not _in_order(record, bound.arguments, len(family) > 1):
        return read_call(family, args, operand)
    bound.apply_defaults()
    values = dict(bound.arguments)
    values.pop("self", None)
    return record, values


def _in_order(record: Op, given: Mapping[str, Any], overloaded: bool) -> bool:
    """Whether nothing stands where its type is out of place: text for an operand or a number, a
    bool for an axis, an operand for anything else (where Java has another op for that)."""
    for name, param in record.params.items():
        value = given.get(name)
        if param.role in ("input", "inputs") and isinstance(value, str):
            return False
        if param.role == "axis" and isinstance(value, bool):
            return False
        if param.role == "inputs" and is_operand(value):
            return False
        if param.kind in ("int", "float") and isinstance(value, str | Enum):
            return False
        if overloaded and param.role not in ("input", "inputs") and is_operand(value):
            return False
    return True


S = TypeVar("S")


def method(declared: Callable[Concatenate[Any, S, P], R]) -> Callable[Concatenate[S, P], R]:
    """An op of a namespace as a method of its first input: `mean = method(BaseOps.mean)`."""
    record: Op = declared.op  # type: ignore[attr-defined]

    @functools.wraps(declared)
    def on_variable(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.sd.emit(*_bound(type(self), record, (self, *args), kwargs, operand=1))

    on_variable.op = record  # type: ignore[attr-defined]
    return on_variable  # type: ignore[return-value]


def reflected(declared: Callable[..., R]) -> Callable[[Any, Any], R]:
    """An op with this variable as its second input: `2.0 - x`."""
    record: Op = declared.op  # type: ignore[attr-defined]

    @functools.wraps(declared)
    def on_variable(self: Any, other: Any) -> Any:
        return self.sd.emit(*_bound(type(self), record, (other, self), {}))

    return on_variable
