"""Numbers that name the rows of a table: which node looks them up, and how many rows there are."""

from __future__ import annotations

from ..ir.graph import Graph, Kind, Node, Ref
from .annotate import Notes

# op -> (the table, the numbers, the axis of the table that they count)
_LOOKUPS = {
    "embedding": ("table", "ids", 0),
    "gather": ("x", "indices", 0),
    "sparse_softmax_cross_entropy": ("predictions", "labels", -1),
}
# Ops that hand on every number; a slice does not, and what `with_mask` hides may be anything.
_SAME_NUMBERS = frozenset({"identity", "cast", "drop_mask", "permute", "transpose", "reshape"})
_SAME_NUMBERS |= {"expand_dims", "squeeze", "tile", "repeat", "reverse", "roll"}


def lookup(node: Node, notes: Notes) -> tuple[str, int] | None:
    """The variable whose numbers the node looks up, and their limit where it is known."""
    if node.op not in _LOOKUPS:
        return None
    table, ids, axis = _LOOKUPS[node.op]
    rows, numbers = node.get(table), node.get(ids)
    if not isinstance(rows, Ref) or not isinstance(numbers, Ref):
        return None
    limit = notes.values[rows.name].shape[node.get("axis", axis)]
    return (numbers.name, limit) if isinstance(limit, int) else None


def id_limits(graph: Graph, notes: Notes) -> dict[str, int]:
    """Placeholder -> the least number of rows of the tables it looks up."""
    limits: dict[str, int] = {}
    for node in graph.nodes:
        found = lookup(node, notes)
        origin = _origin(graph, found[0]) if found else None
        if found and origin is not None:
            limits[origin] = min(found[1], limits.get(origin, found[1]))
    return limits


def _origin(graph: Graph, name: str) -> str | None:
    """The placeholder whose numbers these are, moved about but unchanged."""
    while name not in graph.leaves:
        node = graph.makers[name]
        if node.op not in _SAME_NUMBERS:
            return None
        name = next(node.refs)
    return name if graph.leaves[name].kind is Kind.PLACEHOLDER else None
