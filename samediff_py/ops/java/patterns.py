"""The patterns of `java=`: Java's orders of arguments, as data in Python's parameter names.

`"x, keepdims, *axis"` (the rest of the arguments, or one list), `"x, weights, bias, **config"` (a
config struct, spread into the parameters it knows; `**config(size=kernel)`: whose kernel is the
op's size), `"x, scale*2"` (two ints in a row), `"x, [indices]"` (an int[] where Python takes a
variable), `"x, padding?same:valid"` (a bool for one of two words), `"x, reduction='none'"` (a
constant), `"x, _"` (an argument that says nothing which the others do not).
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from ..record import Op


class Kind(Enum):
    """What a place of a pattern takes, by an example."""

    ONE = "x"
    REST = "*axis"
    CONFIG = "**config(size=kernel)"
    COUNT = "scale*2"
    INTS = "[indices]"
    WORD = "padding?same:valid"
    CONSTANT = "reduction='none'"
    NOTHING = "_"


@dataclass(frozen=True)
class Token:
    """One place of a pattern. `says`: the constant, the count, the two words, or the new names
    for fields of a config."""

    name: str
    kind: Kind = Kind.ONE
    says: Any = None


@cache
def tokens(pattern: str) -> tuple[Token, ...]:
    parts = (part.strip() for part in re.split(r",(?![^(]*\))", pattern))
    return tuple(_token(part) for part in parts if part)


def _token(text: str) -> Token:
    if text == "_":
        return Token(text, Kind.NOTHING)
    if text.startswith("["):
        return Token(text[1:-1], Kind.INTS)
    if found := re.fullmatch(r"\*\*(\w+)(?:\((\w+)=(\w+)\))?", text):
        return Token(found[1], Kind.CONFIG, {found[3]: found[2]} if found[2] else {})
    if text.startswith("*"):
        return Token(text[1:], Kind.REST)
    if found := re.fullmatch(r"(\w+)\*(\d)", text):
        return Token(found[1], Kind.COUNT, int(found[2]))
    if found := re.fullmatch(r"(\w+)\?(\w+):(\w+)", text):
        return Token(found[1], Kind.WORD, {True: found[2], False: found[3]})
    name, equals, constant = text.partition("=")
    if equals:
        return Token(name.strip(), Kind.CONSTANT, ast.literal_eval(constant.strip()))
    return Token(text)


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
