"""A route written out as Python: what was decided once is no loop and no lookup at every call.

Between two runs of a program little of Python is in the cache of the processor, so that every
step of its interpreter costs. Only names show in the code; shapes and types are held beside it, so
that the routes of a graph share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from ..build.builder import Builder
from .route import Route
from .ways import Rows, Way

Answer = Callable[[Any], dict[str, np.ndarray] | None]
"""The outputs for feeds like those that a route was made for; None for others. An array that is
missing raises `KeyError`."""

_CODE = """
def made({constants}):
    def answer(feeds):
        if {unlike}:
            return None
        arrays = builder.arrays
        {given} = run(extents, {key}, {taken})
        if {wrong}:
            return None
        return {{{results}}}
    return answer
"""


def straight(route: Route, builder: Builder) -> Answer:
    """The route as one function, of which arrays are taken as they are at each call."""
    run, extents = route.program.jitted, route.extents
    c = _Constants(builder=builder, run=run, extents=extents, ndarray=np.ndarray)
    code = _CODE.format(
        unlike=" or ".join(_unlike(route, c)),
        key="builder.key" if route.program.random else "None",
        taken=", ".join(_taken(route, c)),
        given="".join(f"given_{i}, " for i, _ in enumerate(route.exits)),
        wrong=" or ".join(_wrong(route, c)) or "False",
        results=", ".join(_results(route, c)),
        constants=", ".join(c),
    )
    return _maker(code)(**c)


class _Constants(dict[str, Any]):
    """What the code refers to, by name."""

    def name_of(self, value: Any) -> str:
        name = f"c_{len(self)}"
        self[name] = value
        return name


@lru_cache(maxsize=256)
def _maker(code: str) -> Callable[..., Answer]:
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    return namespace["made"]


def _unlike(route: Route, c: _Constants) -> Iterator[str]:
    """What sends feeds away before anything runs."""
    count = len(route.entries) + len(route.trues) + len(route.unused)
    yield f"type(feeds) is not dict or len(feeds) != {count}"
    for i, (name, shape, dtype, _) in enumerate(route.entries):
        yield f"type(fed_{i} := feeds[{name!r}]) is not ndarray"
        yield f"fed_{i}.shape != {c.name_of(shape)}"
        one = c.name_of(dtype)  # the object that nearly all arrays of a type share
        yield f"fed_{i}.dtype is not {one} and fed_{i}.dtype != {one}"
    yield from (f"feeds[{name!r}] is not True" for name in route.trues)
    yield from (f"{name!r} not in feeds" for name in route.unused)
    yield from (f"not {c.name_of(seem_right)}(feeds)" for seem_right in route.before)


def _taken(route: Route, c: _Constants) -> Iterator[str]:
    """The arrays of the program, in its order."""
    taken = {name: c.name_of(mask) for name, mask in route.trues.items()}
    for i, (name, _, _, way) in enumerate(route.entries):
        taken[name] = _through(way, f"fed_{i}", c)
    yield from (f"arrays[{name!r}]" for name in route.program.held)
    yield from (taken[name] for name in route.program.placeholders)


def _through(way: Way | Rows | None, array: str, c: _Constants) -> str:
    if way is None:
        return array
    if isinstance(way, Rows):
        return f"{c.name_of(way)}[{array}.tobytes()]"
    return f"{c.name_of(way)}({array})"


def _wrong(route: Route, c: _Constants) -> Iterator[str]:
    """What is looked at while the device is at work."""
    order = [entry.name for entry in route.entries]
    for name, seems_right in route.meanwhile:
        look, real, fed = c.name_of(seems_right), c.name_of(route.real), order.index(name)
        yield f"not ({look}(fed_{fed}) or {look}({real}({name!r}, feeds)))"


def _results(route: Route, c: _Constants) -> Iterator[str]:
    for i, (name, way) in enumerate(zip(route.program.returned, route.exits, strict=True)):
        yield f"{name!r}: {c.name_of(way)}(given_{i})"
