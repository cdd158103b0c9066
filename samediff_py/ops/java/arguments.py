"""What an argument of Java can stand for, by its type alone."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from ..record import Param
from ..types import is_operand


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
            return are_ints(value) or is_int(value) or is_operand(value)
        case "dtype":
            return isinstance(value, str | Enum | type)
        case "shape" | "index":
            return isinstance(value, list | tuple) or is_operand(value) or is_int(value)
    return _fits_static(param.kind, value)


def _fits_static(kind: str, value: Any) -> bool:
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return is_int(value)
        case "float":
            return _is_number(value)
        case "str":
            return isinstance(value, str | Enum)
        case "Sequence":  # of numbers, which may be those of an integer variable
            return isinstance(value, list | tuple) or is_operand(value)
        case "Number":  # or a dim, or a variable that folds to a number
            return not isinstance(value, str | Enum | bool)
        case "Integers":  # one, or several, or an integer variable
            return is_int(value) or isinstance(value, list | tuple) or is_operand(value)
    return not is_operand(value)


def is_int(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool) and not is_operand(value)


def are_ints(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(is_int, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def variables_among(args: Sequence[Any]) -> int:
    """How many of the arguments are variables, or lists of them."""
    first = (arg[0] if isinstance(arg, list | tuple) and arg else arg for arg in args)
    return sum(map(is_operand, first))


def is_name(value: Any) -> bool:
    """Whether it is a name, or a list of them."""
    many = isinstance(value, list | tuple) and bool(value)
    return isinstance(value, str) or (many and all(isinstance(n, str) for n in value))
