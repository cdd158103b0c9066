"""Which placeholders are used as row numbers of a table, and how many rows it has."""

from __future__ import annotations

from ..ir.graph import Graph, Kind, Node, Ref
from ..ops.define import OPS
from .annotate import Notes

_INDEX_OF = {"embedding": ("table", "ids"), "gather": ("x", "indices")}
_SAME_NUMBERS = {"identity", "cast", "with_mask", "drop_mask"}


def id_limits(graph: Graph, notes: Notes) -> dict[str, int]:
    """Placeholder -> the least number of rows of the tables it looks up."""
    limits: dict[str, int] = {}
    for node in graph.nodes:
        if node.op in _INDEX_OF:
            table, ids = _INDEX_OF[node.op]
            rows = _rows(node, table, notes)
            origin = _origin(graph, node.get(ids))
            if origin is not None and isinstance(rows, int):
                limits[origin] = min(rows, limits.get(origin, rows))
    return limits


def _rows(node: Node, table: str, notes: Notes):
    ref = node.get(table)
    return notes.values[ref.name].shape[node.get("axis", 0)] if isinstance(ref, Ref) else None


def _origin(graph: Graph, ref: object) -> str | None:
    """The placeholder whose numbers these are, moved about but unchanged."""
    while isinstance(ref, Ref):
        leaf = graph.leaves.get(ref.name)
        if leaf is not None:
            return leaf.name if leaf.kind is Kind.PLACEHOLDER else None
        node = graph.makers[ref.name]
        if node.op not in _SAME_NUMBERS and OPS[node.op].rule.family != "moves":
            return None
        ref = next((value for _, value in node.args if isinstance(value, Ref)), None)
    return None
