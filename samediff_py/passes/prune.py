"""The smallest graph that still makes the wanted values."""

from __future__ import annotations

from collections.abc import Iterable

from ..ir.graph import Graph


def prune(graph: Graph, outputs: Iterable[str]) -> Graph:
    """Only the leaves and nodes that the outputs depend on; masks of placeholders included."""
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
    return Graph(
        {name: leaf for name, leaf in graph.leaves.items() if name in needed},
        {name: node for name, node in graph.makers.items() if name in needed},
        {name: value for name, value in graph.updates.items() if value in needed},
    )


def ancestors(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """The names, and everything they are made of."""
    return frozenset(prune(graph, names).names)
