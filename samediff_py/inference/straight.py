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
def made({held}):
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
    held = _Held(builder=builder, run=run, extents=extents, ndarray=np.ndarray)
    code = _CODE.format(
        unlike=" or ".join(_unlike(route, held)),
        key="builder.key" if route.program.random else "None",
        taken=", ".join(_taken(route, held)),
        given="".join(f"given_{i}, " for i, _ in enumerate(route.exits)),
        wrong=" or ".join(_wrong(route, held)) or "False",
        results=", ".join(_results(route, held)),
        held=", ".join(held),
    )
    return _maker(code)(**held)


class _Held(dict[str, Any]):
    """What the code refers to, by name."""

    def hold(self, value: Any) -> str:
        name = f"held_{len(self)}"
        self[name] = value
        return name


@lru_cache(maxsize=256)
def _maker(code: str) -> Callable[..., Answer]:
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    return namespace["made"]


def _unlike(route: Route, held: _Held) -> Iterator[str]:
    """What sends feeds away before anything runs."""
    count = len(route.entries) + len(route.whole) + len(route.others)
    yield f"type(feeds) is not dict or len(feeds) != {count}"
    for i, (name, shape, dtype, _) in enumerate(route.entries):
        yield f"type(fed_{i} := feeds[{name!r}]) is not ndarray"
        yield f"fed_{i}.shape != {held.hold(shape)}"
        one = held.hold(dtype)  # the object that nearly all arrays of a type share
        yield f"fed_{i}.dtype is not {one} and fed_{i}.dtype != {one}"
    yield from (f"feeds[{name!r}] is not True" for name in route.whole)
    yield from (f"{name!r} not in feeds" for name in route.others)
    yield from (f"not {held.hold(seem_right)}(feeds)" for seem_right in route.tests)


def _taken(route: Route, held: _Held) -> Iterator[str]:
    """The arrays of the program, in its order."""
    taken = {name: held.hold(mask) for name, mask in route.whole.items()}
    for i, (name, _, _, way) in enumerate(route.entries):
        taken[name] = _through(way, f"fed_{i}", held)
    yield from (f"arrays[{name!r}]" for name in route.program.held)
    yield from (taken[name] for name in route.program.placeholders)


def _through(way: Way | Rows | None, array: str, held: _Held) -> str:
    if way is None:
        return array
    if isinstance(way, Rows):
        return f"{held.hold(way)}[{array}.tobytes()]"
    return f"{held.hold(way)}({array})"


def _wrong(route: Route, held: _Held) -> Iterator[str]:
    """What is looked at while the device is at work."""
    order = [name for name, *_ in route.entries]
    for name, seems_right in route.looks:
        look, real, fed = held.hold(seems_right), held.hold(route.real), order.index(name)
        yield f"not ({look}(fed_{fed}) or {look}({real}({name!r}, feeds)))"


def _results(route: Route, held: _Held) -> Iterator[str]:
    for i, (name, way) in enumerate(zip(route.program.returned, route.exits, strict=True)):
        yield f"{name!r}: {held.hold(way)}(given_{i})"
