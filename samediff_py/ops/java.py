"""Java's spelling: positional order, overloads by argument type, varargs, an optional leading name.

An op's `java=` patterns are data in Python's parameter names: `"x, keepdims, *axis"` (the rest of
the arguments, or one list), `"x, weights, bias, **config"` (a config struct, spread into the
parameters it knows; `**config(size=kernel)`: whose kernel is the op's size), `"x, scale*2"` (two
ints in a row), `"x, padding?same:valid"` (a bool for one of two words), `"x, reduction='none'"` (a
constant), `"x, _"` (an argument that says nothing which the others do not). The first pattern that
fits is taken.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from ..foundation.declined import reason_against
from ..foundation.errors import GraphError

if TYPE_CHECKING:
    from .define import Op, Param


@runtime_checkable
class Config(Protocol):
    """A config struct with Java's field names."""

    def parameters(self) -> dict[str, Any]:
        """Its fields by the op's parameter names."""
        ...


@dataclass(frozen=True)
class Token:
    """One place of a pattern."""

    name: str
    kind: str = ""  # "", "*", "**", "count" or "?"
    constant: Any = field(default=None)
    fixed: bool = False


@cache
def _tokens(pattern: str) -> tuple[Token, ...]:
    parts = (part.strip() for part in re.split(r",(?![^(]*\))", pattern))
    return tuple(_token(part) for part in parts if part)


def _token(text: str) -> Token:
    if text.startswith("["):
        return Token(text[1:-1], "[]")
    if found := re.fullmatch(r"\*\*(\w+)\((\w+)=(\w+)\)", text):
        return Token(found[1], "**", {found[3]: found[2]})
    if found := re.fullmatch(r"(\w+)\*(\d)", text):
        return Token(found[1], "count", int(found[2]))
    if found := re.fullmatch(r"(\w+)\?(\w+):(\w+)", text):
        return Token(found[1], "?", {True: found[2], False: found[3]})
    name, equals, constant = text.partition("=")
    if equals:
        return Token(name.strip(), "", ast.literal_eval(constant.strip()), True)
    stars = len(text) - len(text.lstrip("*"))
    return Token(text[stars:], "*" * stars)


def patterns_of(op: Op) -> tuple[str, ...]:
    """Java's orders of the op: its own, or Python's order with the axes as varargs at the end."""
    if op.java:
        return op.java
    axis = op.params.get("axis")
    if axis is None or axis.kind == "Axis":
        return _prefixes(op)
    names = [name for name in op.params if name not in ("axis", "keepdims")]
    inputs = [name for name in names if op.params[name].role in ("input", "inputs")]
    if "keepdims" in op.params:
        orders = (["*axis"], ["keepdims", "*axis"], ["axis", "keepdims"])
        return tuple(", ".join([*inputs, *order]) for order in orders)
    return (", ".join([*names, "*axis"]),)


def _prefixes(op: Op) -> tuple[str, ...]:
    """Python's order, and the same without arguments at the end that have a default."""
    names = list(op.params)
    needed = [i for i, n in enumerate(names) if op.params[n].default is op.signature.empty]
    least = max(needed, default=-1) + 1
    return tuple(", ".join(names[:count]) for count in range(len(names), least - 1, -1))


def read_call(
    overloads: Sequence[Op], args: Sequence[Any], first_operand: int = 0
) -> tuple[Op, dict[str, Any]]:
    """The op that a call in Java's order means, and its parameters.

    `overloads`: the ops that Java calls by one name; the first that fits is taken, those first
    that have as many inputs as there are variables.
    `first_operand`: where a leading name may stand (1 for methods of a variable, whose receiver
    comes first).
    """
    for op in sorted(overloads, key=lambda op: len(op.inputs) != _variables(args)):
        named = _leading_name(op, list(args), first_operand)
        for (name, rest), pattern in product((named, (None, list(args))), patterns_of(op)):
            values = _match(op, _tokens(pattern), rest)
            if values is not None:
                given = {**defaults(op), **values}
                return op, {n: given[n] for n in op.params if n in given} | {"name": name}
    raise GraphError(_unreadable(overloads, args))


def _variables(args: Sequence[Any]) -> int:
    """How many of the arguments are variables, or lists of them."""
    first = (arg[0] if isinstance(arg, list | tuple) and arg else arg for arg in args)
    return sum(map(is_operand, first))


def _unreadable(overloads: Sequence[Op], args: Sequence[Any]) -> str:
    first = overloads[0]
    shown = ", ".join(type(a).__name__ for a in args)
    orders = " or ".join(f"({pattern})" for op in overloads for pattern in patterns_of(op))
    return (
        f"{first.name} can't be called with ({shown}); it takes {first.order}, in Java's order "
        f"{orders}"
    )


Name = str | tuple[str, ...] | None
"""The name of the output, or of each of several."""


def _leading_name(op: Op, args: list[Any], at: int) -> tuple[Name, list[Any]]:
    if len(args) > at and isinstance(args[at], str) and _wants_operand(op, at):
        return args[at], args[:at] + args[at + 1 :]
    if len(args) > at and args[at] is None and _wants_operand(op, at) and len(args) > at + 1:
        return None, args[:at] + args[at + 1 :]
    if args and isinstance(args[0], list | tuple) and args[0] and isinstance(args[0][0], str):
        return tuple(args[0]), args[1:]
    return None, args


def _wants_operand(op: Op, at: int) -> bool:
    """Whether a text there could only be a name."""
    return at > 0 or all(p.kind != "str" for p in list(op.params.values())[:1])


def defaults(op: Op) -> dict[str, Any]:
    empty = op.signature.empty
    return {name: p.default for name, p in op.params.items() if p.default is not empty}


def _match(op: Op, tokens: Sequence[Token], args: Sequence[Any]) -> dict[str, Any] | None:
    values: dict[str, Any] = {}
    rest = list(args)
    for token in tokens:
        if token.fixed:
            values[token.name] = token.constant
        elif token.kind == "*":
            taken = _varargs(op.params[token.name], rest)
            if taken is None:
                return None
            values |= {} if isinstance(taken, tuple) and not taken else {token.name: taken}
            rest = []
        elif token.kind == "**":
            if not rest or not isinstance(rest[0], Config):
                return None
            values |= _spread(op, rest.pop(0), token.constant or {})
        elif token.kind == "count":
            taken, rest = tuple(rest[: token.constant]), rest[token.constant :]
            if len(taken) < token.constant or not all(map(_is_int, taken)):
                return None
            values[token.name] = taken
        elif token.kind == "?":
            if not rest or not isinstance(rest[0], bool):
                return None
            values[token.name] = token.constant[rest.pop(0)]
        elif token.kind == "[]":
            if not rest or not _are_ints(rest[0]):
                return None
            values[token.name] = rest.pop(0)
        elif token.name == "_" and rest:
            rest.pop(0)
        elif not rest or not fits(op.params[token.name], rest[0]):
            return None
        else:
            value = _constant(op.params[token.name], rest.pop(0))
            values |= {} if value is None else {token.name: value}
    required = {n for n, p in op.params.items() if p.default is op.signature.empty}
    return values if not rest and required <= set(values) else None


def _constant(param: Param, value: Any) -> Any:
    """Java's enum constants, as members or text, in Python's words: `SUM` is "sum"."""
    if param.kind != "str" or not isinstance(value, str | Enum):
        return value
    text = value.name if isinstance(value, Enum) else value
    text = _WORDS.get(text, text)
    python = isinstance(param.default, str) and param.default.islower()
    return text.lower() if python else text


_WORDS = {"MEAN_BY_NONZERO_WEIGHT_COUNT": "mean"}


def _spread(op: Op, config: Config, renamed: dict[str, str]) -> dict[str, Any]:
    """The struct by the op's parameters. What the op does not know is an error, unless the struct
    says that it may say nothing (`optional`)."""
    given = {renamed.get(name, name): value for name, value in config.parameters().items()}
    unknown = set(given) - set(op.params) - getattr(config, "optional", frozenset())
    if unknown:
        raise GraphError(f"{op.name} has no {', '.join(sorted(unknown))}, and {config} gives it")
    return {name: value for name, value in given.items() if name in op.params}


def _varargs(param: Param, rest: list[Any]) -> Any:
    """The rest of the arguments, or the one list that holds them; None if they do not fit."""
    if len(rest) == 1 and isinstance(rest[0], list | tuple):
        rest = list(rest[0])
    if len(rest) == 1 and is_operand(rest[0]) and param.role != "inputs":
        return rest[0]  # axes or a shape as an integer variable
    wanted = is_operand if param.role == "inputs" else _is_int
    return tuple(rest) if all(map(wanted, rest)) else None


def is_operand(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _is_int(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool) and not is_operand(value)


def _are_ints(value: Any) -> bool:
    """Java's int[] where Python takes a variable: `[indices]` in a pattern."""
    return isinstance(value, list | tuple) and all(map(_is_int, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def fits(param: Param, value: Any) -> bool:
    """Whether a value can stand for the parameter, by its type alone."""
    if value is None:
        return param.default is None
    match param.role:
        case "input":
            return is_operand(value) or _is_number(value)
        case "inputs":
            return isinstance(value, list | tuple) and all(map(is_operand, value))
        case "axis":
            many = isinstance(value, list | tuple) and all(map(_is_int, value))
            return many or _is_int(value) or is_operand(value)
        case "dtype":
            return isinstance(value, str | Enum | type)
        case "shape" | "index":
            return isinstance(value, list | tuple) or is_operand(value) or _is_int(value)
    return _fits_static(param.kind, value)


def _fits_static(kind: str, value: Any) -> bool:
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return _is_int(value)
        case "float":
            return _is_number(value)
        case "str":
            return isinstance(value, str | Enum)
        case "Sequence":  # of numbers, which may be those of an integer variable
            return isinstance(value, list | tuple) or is_operand(value)
        case "Number":  # or a dim, or a variable that folds to a number
            return not isinstance(value, str | Enum | bool)
        case "Integers":  # one, or several, or an integer variable
            return _is_int(value) or isinstance(value, list | tuple) or is_operand(value)
    return not is_operand(value)


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
        return iter({**java_methods(kind), **composites(kind)})


def spelled(namespace: Any, name: str) -> Any:
    """The method of a namespace that Java calls so."""
    composite = composites(type(namespace)).get(name)
    if composite is not None:
        return getattr(namespace, composite)
    found = java_methods(type(namespace)).get(name.rstrip("_"))
    if found is None:
        raise AttributeError(_missing(type(namespace), name))

    def call(*args: Any) -> Any:
        return namespace._builder.emit(*read_call(overloads_of(found), args))

    call.__name__, call.__doc__ = name, found[0].__doc__
    return call


def _missing(kind: type, name: str) -> str:
    """That there is no such method; and why, where that is on purpose."""
    reason = reason_against(kind, name)
    text = f"{kind.__name__} has no method {name!r} in Java's spelling"
    return f"{text}: {reason}" if reason else text


def spelled_on(variable: Any, name: str) -> Any:
    """The method of a variable that Java calls so."""
    found = java_methods(type(variable)).get(name.rstrip("_"))
    if found is None:
        raise AttributeError(_missing(type(variable), name))

    def call(*args: Any) -> Any:
        return variable.sd.emit(*read_call(overloads_of(found), (variable, *args), 1))

    call.__name__, call.__doc__ = name, found[0].__doc__
    return call


F = TypeVar("F", bound=Callable[..., Any])


def composite(samediff: str) -> Callable[[F], F]:
    """A method that is written as other ops, under SameDiff's name; Java's order is Python's, and
    the name of the output (or a list of names) may lead."""

    def mark(method: F) -> F:
        @functools.wraps(method)
        def called(self: Any, *args: Any, **kwargs: Any) -> Any:
            if args and _is_name(args[0]):
                return method(self, *args[1:], name=args[0], **kwargs)
            return method(self, *args, **kwargs)

        called.samediff = samediff  # type: ignore[attr-defined]
        return called  # type: ignore[return-value]

    return mark


def _is_name(value: Any) -> bool:
    many = isinstance(value, list | tuple) and bool(value)
    return isinstance(value, str) or (many and all(isinstance(n, str) for n in value))


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
        for spelling in dict.fromkeys((stub.op.samediff, camel(name.lstrip("_")))):
            others = found.get(spelling, ())
            if spelling and stub.op not in overloads_of(others):
                found[spelling] = (*others, stub)
    return found


def _declared(kind: type) -> list[str]:
    """Names of attributes, those of a base class in the order of its body."""
    return list(dict.fromkeys(name for base in kind.__mro__ for name in vars(base)))


def overloads(kind: type, op: Op) -> tuple[Op, ...]:
    """The op and those that Java calls by the same name there."""
    others = overloads_of(java_methods(kind).get(op.samediff or "", ()))
    return (op, *(other for other in others if other is not op))
