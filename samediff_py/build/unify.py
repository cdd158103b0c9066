"""Two anonymous dims that meet in one op are one dim."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

from ..foundation.dims import Dim, substitute
from ..ir.graph import Graph, Node
from ..ir.masks import Tag
from ..passes.annotate import Value


def candidates(values: Sequence[Value]) -> Iterator[dict[str, int | Dim]]:
    """What anonymous dims could be, the likeliest first: one of them on the same axis, one on any
    axis, all that lie on the same axes."""
    pairs = list(permutations(values, 2))
    aligned = [joint for a, b in pairs for joint in _aligned(a, b)]
    crossed = [
        (a, i, b, j) for a, b in pairs for i in range(len(a.shape)) for j in range(len(b.shape))
    ]
    singles = [found for place in (*aligned, *crossed) if (found := _joined(*place))]
    yield from ({dim: other} for dim, other in dict.fromkeys(singles))
    together: dict[str, int | Dim] = {}
    for dim, other in (found for place in aligned if (found := _joined(*place))):
        if str(getattr(other, "text", other)) not in together:  # not both ways round
            together.setdefault(dim, other)
    if len(together) > 1:
        yield together


def _aligned(a: Value, b: Value) -> list[tuple[Value, int, Value, int]]:
    return [(a, i, b, i) for i in range(min(len(a.shape), len(b.shape)))]


def _joined(a: Value, i: int, b: Value, j: int) -> tuple[str, int | Dim] | None:
    """The anonymous dim of a and what it may be taken for, if it may."""
    dim, other = a.shape[i], b.shape[j]
    if not isinstance(dim, Dim) or not dim.is_anonymous or dim == other or other == 1:
        return None
    if _masked(a, i) and _masked(b, j):
        return None  # two masks on one axis: only the user knows that they belong together
    if isinstance(other, Dim) and not other.is_symbol:
        return None
    return dim.text, other


def unnamed(values: Mapping[str, Value]) -> str:
    """What to say of inputs whose anonymous dims may not be joined, since each has its own mask."""
    padded = [
        name
        for name, value in values.items()
        for axis, dim in enumerate(value.shape)
        if isinstance(dim, Dim) and dim.is_anonymous and _masked(value, axis)
    ]
    names = list(dict.fromkeys(padded))
    if len(names) < 2:
        return ""
    return (
        f"; {' and '.join(map(repr, names))} have dims without a name and a mask each, so that "
        "nobody knows which of them are one: give equal dims one name where they are declared, "
        "e.g. ('batch', 'time')"
    )


def _masked(value: Value, axis: int) -> bool:
    if not isinstance(value.tag, Tag):
        return True
    return any(not term.is_extent for term in value.tag.touching((axis,)))


def with_dims(graph: Graph, names: Mapping[str, int | Dim]) -> Graph:
    """The graph with other dims or numbers for some anonymous ones."""

    def static(value: Any) -> Any:
        return substitute((value,), names)[0] if isinstance(value, Dim) else value

    leaves = {n: replace(v, shape=substitute(v.shape, names)) for n, v in graph.leaves.items()}
    return replace(graph, leaves=leaves, makers=_map_static(graph, static))


def _map_static(graph: Graph, change: Callable[[Any], Any]) -> dict[str, Node]:
    def deep(value: Any) -> Any:
        return tuple(map(deep, value)) if isinstance(value, tuple) else change(value)

    changed = {
        node: replace(node, args=tuple((key, deep(value)) for key, value in node.args))
        for node in graph.nodes
    }
    return {name: changed[node] for name, node in graph.makers.items()}
