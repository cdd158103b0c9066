"""A call in Java's order: which op it means, and what it gives each parameter.

The first pattern that fits is taken, by the types of the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from itertools import product
from typing import Any, Protocol, runtime_checkable

from ...foundation.errors import GraphError
from ..record import Op, Param
from ..types import is_operand
from .arguments import are_ints, fits, is_int, variables_among
from .patterns import Kind, Token, patterns_of, tokens

Name = str | tuple[str, ...] | None
"""The name of the output, or of each of several."""


@runtime_checkable
class Config(Protocol):
    """A config struct with Java's field names."""

    def parameters(self) -> dict[str, Any]:
        """Its fields by the op's parameter names."""
        ...


def read_call(
    overloads: Sequence[Op], args: Sequence[Any], first_operand: int = 0
) -> tuple[Op, dict[str, Any]]:
    """The op that a call in Java's order means, and its parameters.

    `overloads`: the ops that Java calls by one name; the first that fits is taken, those first
    that have as many inputs as there are variables.
    `first_operand`: where a leading name may stand (1 for methods of a variable, whose receiver
    comes first).
    """
    for op in sorted(overloads, key=lambda op: len(op.inputs) != variables_among(args)):
        named = _leading_name(op, list(args), first_operand)
        for (name, rest), pattern in product((named, (None, list(args))), patterns_of(op)):
            values = _match(op, tokens(pattern), rest)
            if values is not None:
                given = {**defaults(op), **values}
                return op, {n: given[n] for n in op.params if n in given} | {"name": name}
    raise GraphError(_unreadable(overloads, args))


def _unreadable(overloads: Sequence[Op], args: Sequence[Any]) -> str:
    first = overloads[0]
    shown = ", ".join(type(a).__name__ for a in args)
    orders = " or ".join(f"({pattern})" for op in overloads for pattern in patterns_of(op))
    return (
        f"{first.name} can't be called with ({shown}); it takes {first.order}, in Java's order "
        f"{orders}"
    )


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


# One order.

Taken = dict[str, Any] | None
"""What the next arguments give to parameters; None where they do not fit."""


def _match(op: Op, order: Sequence[Token], args: Sequence[Any]) -> Taken:
    values: dict[str, Any] = {}
    rest = list(args)
    for token in order:
        taken = _TAKE[token.kind](op, token, rest)
        if taken is None:
            return None
        values |= taken
    required = {n for n, p in op.params.items() if p.default is op.signature.empty}
    return values if not rest and required <= set(values) else None


def _one(op: Op, token: Token, rest: list[Any]) -> Taken:
    param = op.params[token.name]
    if not rest or not fits(param, rest[0]):
        return None
    value = _constant(param, rest.pop(0))
    return {} if value is None else {token.name: value}


def _constant(param: Param, value: Any) -> Any:
    """Java's enum constants, as members or text, in Python's words: `SUM` is "sum"."""
    if param.kind != "str" or not isinstance(value, str | Enum):
        return value
    text = value.name if isinstance(value, Enum) else value
    text = _WORDS.get(text, text)
    python = isinstance(param.default, str) and param.default.islower()
    return text.lower() if python else text


_WORDS = {"MEAN_BY_NONZERO_WEIGHT_COUNT": "mean"}


def _rest(op: Op, token: Token, rest: list[Any]) -> Taken:
    """All that is left, or the one list that holds it; or axes or a shape as a variable."""
    param, args = op.params[token.name], list(rest)
    rest.clear()
    if len(args) == 1 and isinstance(args[0], list | tuple):
        args = list(args[0])
    if len(args) == 1 and is_operand(args[0]) and param.role != "inputs":
        return {token.name: args[0]}
    if not all(map(is_operand if param.role == "inputs" else is_int, args)):
        return None
    return {token.name: tuple(args)} if args else {}


def _config(op: Op, token: Token, rest: list[Any]) -> Taken:
    """A struct by the op's parameters. What the op does not know is an error, unless the struct
    says that it may say nothing (`optional`)."""
    if not rest or not isinstance(rest[0], Config):
        return None
    config = rest.pop(0)
    given = {token.says.get(name, name): value for name, value in config.parameters().items()}
    unknown = set(given) - set(op.params) - getattr(config, "optional", frozenset())
    if unknown:
        raise GraphError(f"{op.name} has no {', '.join(sorted(unknown))}, and {config} gives it")
    return {name: value for name, value in given.items() if name in op.params}


def _count(op: Op, token: Token, rest: list[Any]) -> Taken:
    taken = tuple(rest[: token.says])
    del rest[: token.says]
    return {token.name: taken} if len(taken) == token.says and all(map(is_int, taken)) else None


def _word(op: Op, token: Token, rest: list[Any]) -> Taken:
    fitting = bool(rest) and isinstance(rest[0], bool)
    return {token.name: token.says[rest.pop(0)]} if fitting else None


def _ints(op: Op, token: Token, rest: list[Any]) -> Taken:
    return {token.name: rest.pop(0)} if rest and are_ints(rest[0]) else None


def _nothing(op: Op, token: Token, rest: list[Any]) -> Taken:
    if not rest:
        return None
    rest.pop(0)
    return {}


_TAKE: dict[Kind, Callable[[Op, Token, list[Any]], Taken]] = {
    Kind.ONE: _one,
    Kind.REST: _rest,
    Kind.CONFIG: _config,
    Kind.COUNT: _count,
    Kind.INTS: _ints,
    Kind.WORD: _word,
    Kind.CONSTANT: lambda op, token, rest: {token.name: token.says},
    Kind.NOTHING: _nothing,
}
