"""`@op`: a typed method stub becomes an op. What can't be derived stands in the decorator."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from .call import bound_call
from .cases import Case as Case
from .cases import Padded as Padded
from .cases import Spec as Spec
from .cases import Wrong as Wrong
from .cases import case as case
from .cases import wrong as wrong
from .java import JavaSpelling, patterns_of
from .record import OPS as OPS
from .record import Complete as Complete
from .record import Op as Op
from .record import recorded, statements
from .site import Rule

P = ParamSpec("P")
R = TypeVar("R")


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
    differs: str | Sequence[str] = (),
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declares an op: the stub is its signature and doc, the kernel its meaning.

    `mask`: the rule of the closed family. `safe`: put into padded slots before the kernel, where
    the op is not defined or not bounded everywhere (`log`: 1.0; a mapping names the input).
    `samediff`: SameDiff's name, `java`: its orders of arguments, in Python's parameter names.
    `complete`: fills in sizes that are not given, from operands that are constants.
    `internal`: how many of the last outputs the user is not handed (the mask of a ragged result).
    `differs`: where the answer is not SameDiff's, and why: one statement, or several of which
    others make the same; for the table in the docs.
    """

    def declare(stub: Callable[P, R]) -> Callable[P, R]:
        record = recorded(
            name or stub.__name__.rstrip("_"),
            inspect.signature(stub),
            kernel,
            mask,
            doc=inspect.getdoc(stub) or "",
            safe=safe,
            samediff=samediff,
            java=tuple(java),
            cases=tuple(cases),
            raises=tuple(raises),
            loss=loss,
            complete=complete,
            internal=internal,
            differs=statements(differs),
        )
        if record.name in OPS:
            raise TypeError(f"two ops are called {record.name!r}")
        OPS[record.name] = record
        return _method(stub, record)

    return declare


def _method(stub: Callable[P, R], record: Op) -> Callable[P, R]:
    """What the stub stands for: it emits a node of the op."""

    @functools.wraps(stub)
    def method(self: Namespace, *args: Any, **kwargs: Any) -> Any:
        return self._builder.emit(*bound_call(type(self), record, args, kwargs))

    method.op = record  # type: ignore[attr-defined]
    method.__doc__ = described(record)
    return method  # type: ignore[return-value]


def described(op: Op) -> str:
    """The docstring, and what the declaration says besides: for `help` and `?`."""
    told = [f"Padding: {op.rule.padding}"]
    if op.samediff:
        orders = " or ".join(f"({order})" for order in patterns_of(op))
        told.append(f"In SameDiff: {op.samediff}, called with {orders}.")
    if op.differs:
        told.append(f"Not as SameDiff: {' '.join(op.differs)}")
    return "\n\n".join([op.doc, *told])


S = TypeVar("S")


def method(declared: Callable[Concatenate[Any, S, P], R]) -> Callable[Concatenate[S, P], R]:
    """An op of a namespace as a method of its first input: `mean = method(BaseOps.mean)`."""
    record: Op = declared.op  # type: ignore[attr-defined]

    @functools.wraps(declared)
    def on_variable(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.sd.emit(*bound_call(type(self), record, (self, *args), kwargs, operand=1))

    on_variable.op = record  # type: ignore[attr-defined]
    return on_variable  # type: ignore[return-value]


def reflected(declared: Callable[..., R]) -> Callable[[Any, Any], R]:
    """An op with this variable as its second input: `2.0 - x`."""
    record: Op = declared.op  # type: ignore[attr-defined]

    @functools.wraps(declared)
    def on_variable(self: Any, other: Any) -> Any:
        return self.sd.emit(*bound_call(type(self), record, (other, self), {}))

    return on_variable
