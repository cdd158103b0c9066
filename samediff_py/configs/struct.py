"""What all config structs share: Java's builder, and fields that hold one of a few words."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from typing import Any, TypeVar

from ..foundation.errors import GraphError

S = TypeVar("S", bound="Struct")
E = TypeVar("E", bound=Enum)


class Struct:
    """A frozen dataclass with SameDiff's field names."""

    optional: frozenset[str] = frozenset()
    """Parameters that say nothing to some of the ops that take the struct."""

    @classmethod
    def builder(cls) -> Builder:
        """As Java makes one: `Conv2DConfig.builder().kH(3).kW(3).build()`."""
        return Builder(cls)


class Builder:
    """Takes the fields one by one, each by a call that carries its name."""

    def __init__(self, struct: type):
        self._struct, self._values = struct, {}

    def __getattr__(self, field: str) -> Any:
        names = [f.name for f in fields(self._struct)]
        if field not in names:
            known = ", ".join(names)
            raise AttributeError(f"{self._struct.__name__} has no {field!r}; it has {known}")

        def put(value: Any) -> Builder:
            self._values[field] = value
            return self

        return put

    def build(self) -> Any:
        """The struct."""
        return self._struct(**self._values)


def member(kind: type[E], value: E | str, what: str) -> E:
    """The member of the enum, given as such or by its name."""
    if isinstance(value, kind):
        return value
    name = value.name if isinstance(value, Enum) else value
    if name not in kind.__members__:
        raise GraphError(f"{what} must be one of {', '.join(kind.__members__)}, not {value!r}")
    return kind[name]
