"""A call of a stub: in Python's order where it fits, in Java's where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from ..foundation.errors import GraphError
from .java import overloads, read_call
from .record import Op
from .types import is_operand


def bound_call(
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
