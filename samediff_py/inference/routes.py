"""Feeds of shapes and types that were met before: what was decided then is not decided again.

A server asks for one example at a time, thousands of times a second. Between two runs of a program
little of Python is in the cache of the processor, so every line and every call counts: the last
route is tried before any is looked up, and the last looks are taken while the device is at work.
"""

from __future__ import annotations

from contextlib import suppress
from operator import attrgetter
from typing import Any

import numpy as np

from ..build.builder import Builder
from ..compile.session import Program
from ..ir.graph import Graph
from .ready import Ready
from .route import Arrays, is_plain, route_of
from .straight import Answer, straight
from .ways import Unlike

MOST = 256
"""Routes that are kept: a stream of ever new shapes must not fill the memory."""


class Routes:
    """The routes of one graph, by what was asked for and the names, shapes and types of feeds."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._graph: Graph | None = None
        self._known: dict[Any, Answer] = {}
        self._last: dict[tuple[Any, ...], Answer] = {}  # by what was asked for, names or variables

    def __len__(self) -> int:
        return len(self._known)

    def answer(self, names: tuple[Any, ...], feeds: Any) -> dict[str, np.ndarray] | None:
        """The outputs for feeds like the last ones; None: a closer look is needed, at whatever was
        passed."""
        if self._graph is not self._builder.graph:
            return None
        try:
            return self._last[names](feeds)
        except (KeyError, TypeError, Unlike):  # TypeError: names in lists
            return None

    def recall(self, asked: tuple[Any, ...], names: tuple[str, ...], feeds: Arrays) -> None:
        """The answer that was made for such feeds becomes the one that is tried first."""
        try:
            answer = self._known.get(_key(names, feeds))
        except AttributeError:  # rows in lists
            return
        if answer is not None:
            self._try_first(asked, names, answer)

    def remember(
        self,
        asked: tuple[Any, ...],
        names: tuple[str, ...],
        program: Program,
        feeds: Arrays,
        ready: Ready,
    ) -> None:
        """Keeps the route that these feeds took, unless it depended on what they hold."""
        if self._graph is not self._builder.graph or len(self._known) >= MOST:
            self.forget()
        if is_plain(program, feeds, ready):
            answer = straight(route_of(program, feeds, ready), self._builder)
            self._known[_key(names, feeds)] = answer
            self._try_first(asked, names, answer)

    def _try_first(self, asked: tuple[Any, ...], names: tuple[str, ...], answer: Answer) -> None:
        self._last[names] = answer
        with suppress(TypeError):  # names in lists
            self._last[asked] = answer

    def forget(self) -> None:
        """From here on the routes of the graph as it is."""
        self._graph, self._known, self._last = self._builder.graph, {}, {}


_outside = attrgetter("__class__", "shape", "dtype")


def _key(names: tuple[str, ...], feeds: Arrays) -> tuple[Any, ...]:
    return names, *feeds, *(value is True or _outside(value) for value in feeds.values())
