"""Java's names: camelCase methods of namespaces and variables, their overloads, and composites."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from keyword import iskeyword
from typing import Any, TypeVar

from ...foundation.declined import reason_against
from ..record import Op, statements
from .arguments import is_name
from .calls import read_call


def camel(snake: str) -> str:
    """`log_sum_exp` -> `logSumExp`."""
    head, *tail = snake.rstrip("_").split("_")
    return head + "".join(word.capitalize() for word in tail)


class JavaSpelling:
    """A namespace in Java's spelling: `sd.nn().softmax("out", x, 1)`.

    camelCase names, Java's order of arguments and overloads, an optional leading name for the
    output, int varargs, enums as members or text, config structs.
    """

    def __init__(self, namespace: Any):
        self._namespace = namespace

    def __getattr__(self, name: str) -> Any:
        return spelled(self._namespace, name)

    def __dir__(self) -> Iterator[str]:  # type: ignore[override]
        kind = type(self._namespace)
        names = {**java_methods(kind), **composites(kind)}
        return (f"{n}_" if iskeyword(n) else n for n in names)


def spelled(namespace: Any, name: str) -> Any:
    """The method of a namespace that Java calls so."""
    composite = composites(type(namespace)).get(name)
    if composite is not None:
        return getattr(namespace, composite)
    return _method(namespace._builder, _stubs(type(namespace), name), name)


def spelled_on(variable: Any, name: str) -> Any:
    """The method of a variable that Java calls so."""
    return _method(variable.sd, _stubs(type(variable), name), name, variable)


def _method(
    emitter: Any, stubs: Sequence[Any], name: str, *receiver: Any
) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        op, values = read_call(overloads_of(stubs), (*receiver, *args), len(receiver))
        return emitter.emit(op, {**values, "in_java": True})

    call.__name__, call.__doc__ = name, stubs[0].__doc__
    return call


def _stubs(kind: type, name: str) -> tuple[Any, ...]:
    stubs = java_methods(kind).get(name.rstrip("_"))
    if stubs is None:
        raise AttributeError(_missing(kind, name))
    return stubs


def _missing(kind: type, name: str) -> str:
    """That there is no such method; and why, where that is on purpose, or what may be meant."""
    reason = reason_against(kind, name) or reason_against(kind, _camel(name))
    text = f"{kind.__name__} has no method {name!r}, nor in Java's spelling"
    if reason:
        return f"{text}: {reason}"
    known = [n for n in (*dir(kind), *java_methods(kind)) if not n.startswith("_")]
    close = difflib.get_close_matches(name, known, 1)
    return f"{text}; did you mean {close[0]!r}?" if close else text


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


F = TypeVar("F", bound=Callable[..., Any])


def composite(samediff: str, differs: str | Sequence[str] = ()) -> Callable[[F], F]:
    """A method that is written as other ops, under SameDiff's name; Java's order is Python's, and
    the name of the output (or a list of names) may lead. `differs` is as in `op`."""

    def mark(method: F) -> F:
        @functools.wraps(method)
        def called(self: Any, *args: Any, **kwargs: Any) -> Any:
            if args and is_name(args[0]):
                return method(self, *args[1:], name=args[0], **kwargs)
            return method(self, *args, **kwargs)

        called.samediff = samediff  # type: ignore[attr-defined]
        return differing(differs)(called)  # type: ignore[return-value]

    return mark


def differing(told: str | Sequence[str]) -> Callable[[F], F]:
    """Says of a method that is no op where it is not as SameDiff's: `differs` of an op."""

    def mark(method: F) -> F:
        method.differs = statements(told)  # type: ignore[attr-defined]
        return method

    return mark


@cache
def composites(kind: type) -> dict[str, str]:
    """Attributes that are composites, by SameDiff's name."""
    marked = ((getattr(getattr(kind, name), "samediff", None), name) for name in _declared(kind))
    return {samediff: name for samediff, name in marked if samediff}


def overloads_of(stubs: Sequence[Any]) -> tuple[Op, ...]:
    return tuple(stub.op for stub in stubs)


@cache
def java_methods(kind: type) -> dict[str, tuple[Any, ...]]:
    """Stubs by Java's method name: those of ops that SameDiff calls so, and aliases in camelCase.

    Several stubs of one name are overloads, in the order in which they are declared.
    """
    attributes = {name: getattr(kind, name, None) for name in _declared(kind)}
    stubs: dict[str, Any] = {n: stub for n, stub in attributes.items() if hasattr(stub, "op")}
    found: dict[str, tuple[Any, ...]] = {}
    for name, stub in stubs.items():
        own = "" if name.startswith("_") else camel(name)
        for spelling in dict.fromkeys((stub.op.samediff or own, own)):
            others = found.get(spelling, ())
            if spelling and stub.op not in overloads_of(others):
                found[spelling] = (*others, stub)
    return found


def _declared(kind: type) -> list[str]:
    """Names of attributes, those of a base class in the order of its body."""
    return list(dict.fromkeys(name for base in kind.__mro__ for name in vars(base)))


def overloads(kind: type, op: Op) -> tuple[Op, ...]:
    """The op and those that Java calls by the same name there.

    Java's come first where the op itself is none of SameDiff's: what is written in Java's order,
    `sd.nn.dropout("d", x, 0.9)`, means what it means there.
    """
    family = overloads_of(java_methods(kind).get(op.samediff or camel(op.name), ()))
    others = tuple(other for other in family if other is not op)
    return (op, *others) if op.samediff else (*others, op)
