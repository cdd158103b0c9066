"""What is in a graph, as tables of text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..foundation.dims import show_shape
from ..ir.graph import Graph, Kind, Leaf, Node
from ..passes.annotate import Notes
from ..passes.guards import warnings_of
from .text import Text, joined, table

_TITLES = {
    Kind.PLACEHOLDER: "placeholders",
    Kind.VARIABLE: "variables",
    Kind.CONSTANT: "constants",
}


def summary(graph: Graph, notes: Notes, losses: Sequence[str]) -> Text:
    """Placeholders, variables, constants and ops with dims, type and mask."""
    return joined(
        [_counts(graph), *_losses(losses)],
        *(_leaves(graph, notes, kind) for kind in Kind),
        _ops(graph, notes),
        _updates(graph),
        _warnings(graph),
    )


def headline(graph: Graph, losses: Sequence[str]) -> str:
    """The graph in one line."""
    return f"<SameDiff: {'; '.join([_counts(graph), *_losses(losses)])}>"


def _counts(graph: Graph) -> str:
    variables = graph.of_kind(Kind.VARIABLE)
    free = sum(_size(leaf) for leaf in variables.values() if leaf.trainable)
    held = sum(map(_size, variables.values())) - free
    fixed = f", {held:,} not trained" if held else ""
    kinds = (
        _count(len(graph.of_kind(Kind.PLACEHOLDER)), "placeholder"),
        f"{_count(len(variables), 'variable')} ({_count(free, 'parameter')}{fixed})",
        _count(len(graph.of_kind(Kind.CONSTANT)), "constant"),
        _count(len(graph.nodes), "op"),
    )
    return ", ".join(kind for kind in kinds if not kind.startswith("0 ")) or "empty"


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _size(leaf: Leaf) -> int:
    return math.prod(size for size in leaf.shape if isinstance(size, int))


def _losses(losses: Sequence[str]) -> list[str]:
    return [f"loss: {' + '.join(losses)}"] if losses else []


def _leaves(graph: Graph, notes: Notes, kind: Kind) -> list[str]:
    leaves = graph.of_kind(kind).values()
    rows = [(*_known(notes, leaf.name), *_remarks(leaf)) for leaf in leaves]
    return [_TITLES[kind], *table(rows)] if rows else []


def _known(notes: Notes, name: str) -> tuple[str, str, str]:
    value = notes.values[name]
    return name, value.dtype, show_shape(value.shape)


def _remarks(leaf: Leaf) -> tuple[str, ...]:
    if leaf.kind is Kind.PLACEHOLDER:
        return (f"mask {leaf.mask}" if leaf.mask else "",)
    count = _count(_size(leaf), "parameter" if leaf.trainable else "element")
    untrained = leaf.kind is Kind.VARIABLE and not leaf.trainable
    return (f"{count}, not trained" if untrained else count,)


def _ops(graph: Graph, notes: Notes) -> list[str]:
    rows = [row for node in graph.nodes for row in _op_rows(node, notes)]
    return ["ops", *table(rows)] if rows else []


def _op_rows(node: Node, notes: Notes) -> Iterable[tuple[str, ...]]:
    """A line for each output; the op stands on the first."""
    calls = [f"{node.op}({', '.join(node.refs)})", *[""] * (len(node.outputs) - 1)]
    for name, call in zip(node.outputs, calls, strict=True):
        yield *_known(notes, name), str(notes.tag(name)), call


def _updates(graph: Graph) -> list[str]:
    rows = [(name, f"takes {value} after every step") for name, value in graph.updates.items()]
    return ["updates", *table(rows)] if rows else []


def _warnings(graph: Graph) -> list[str]:
    found = [f"  {warning}" for warning in warnings_of(graph)]
    return ["warnings", *found] if found else []
