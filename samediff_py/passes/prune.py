"""The smallest graph that still makes the wanted values."""

from __future__ import annotations

from collections.abc import Iterable

from ..foundation.dims import Dim, symbols_of
from ..ir.graph import Graph, Kind
from .infer import dims_in


def prune(graph: Graph, outputs: Iterable[str]) -> Graph:
    """Only the leaves and nodes that the outputs depend on; masks of placeholders included, and
    placeholders that say how large a dim is which nothing else does."""
    pruned = _kept(graph, _needed(graph, outputs))
    measuring = _measuring(graph, pruned)
    return _kept(graph, {*pruned.names, *_needed(graph, measuring)}) if measuring else pruned


def _kept(graph: Graph, needed: set[str]) -> Graph:
    return Graph(
        {name: leaf for name, leaf in graph.leaves.items() if name in needed},
        {name: node for name, node in graph.makers.items() if name in needed},
        {name: value for name, value in graph.updates.items() if value in needed},
    )


def _needed(graph: Graph, outputs: Iterable[str]) -> set[str]:
    needed: set[str] = set()
    stack = list(outputs)
    while stack:
        name = stack.pop()
        if name in needed:
            continue
        needed.add(name)
        if name in graph.makers:
            node = graph.makers[name]
            needed.update(node.outputs)
            stack.extend(node.refs)
        elif (mask := graph.leaves[name].mask) is not None:
            stack.append(mask)
    return needed


def _measuring(graph: Graph, pruned: Graph) -> set[str]:
    """Placeholders that bring the dims which sizes in the pruned graph name, and nothing there
    has: `sd.zeros(("batch", 3))` by itself."""
    static = [tuple(dims_in(value)) for node in pruned.nodes for _, value in node.args]
    missing = symbols_of(static) - _measured(pruned)
    found: dict[str, str] = {}
    for name, leaf in graph.of_kind(Kind.PLACEHOLDER).items():
        found |= {dim: name for dim in missing & _symbols(leaf.shape) if dim not in found}
    return set(found.values())


def _measured(graph: Graph) -> frozenset[str]:
    return frozenset().union(*(_symbols(leaf.shape) for leaf in graph.leaves.values()))


def _symbols(shape: Iterable[int | Dim]) -> frozenset[str]:
    return frozenset(dim.text for dim in shape if isinstance(dim, Dim) and dim.is_symbol)


def ancestors(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """The names, and everything they are made of."""
    return frozenset(_needed(graph, names))
