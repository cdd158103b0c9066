"""Unique names inside name scopes."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from ..foundation.errors import GraphError, NameTakenError
from ..ir.graph import Graph

_NAME = re.compile(r"[\w.\-]+(/[\w.\-]+)*(:\d+)?")


class Names:
    """The open name scopes, and the next free number of every automatic name."""

    def __init__(self) -> None:
        self.scopes: list[str] = []
        self.counts: Mapping[str, int] = {}  # never changed, so that it can be put back

    @property
    def prefix(self) -> str:
        return "".join(f"{scope}/" for scope in self.scopes)

    def open(self, scope: str) -> None:
        """Opens a scope inside those that are open."""
        check_name(scope)
        self.scopes.append(scope)

    def given(self, name: str, taken: Graph) -> str:
        """The user's name inside the open scopes; raises where it is taken."""
        check_name(name)
        full = self.prefix + name
        if full in taken:
            raise NameTakenError(
                f"there is a variable {full!r} already; choose another name, or fetch it "
                f"with sd[{full!r}]\n  made at {taken.source_of(full)}"
            )
        return full

    def automatic(self, stem: str, taken: Container[str]) -> str:
        """stem, stem_1, stem_2, ..."""
        full = self.prefix + stem
        count = self.counts.get(full, 0)
        name = full if count == 0 else f"{full}_{count}"
        while name in taken:
            count += 1
            name = f"{full}_{count}"
        self.counts = {**self.counts, full: count + 1}
        return name


def check_name(name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise GraphError(f"{name!r} is no name: use letters, digits, '_', '.', '-' and '/'")
