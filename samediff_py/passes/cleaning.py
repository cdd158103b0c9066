"""Which padded slots may hold anything, and where they must be overwritten before an op.

Placeholders are zeroed once at the door, and every op keeps finite padding finite: so nothing
needs cleaning. Two things break that. Where an op counts padding as fed (`masked=False`,
`drop_mask`), its ancestors must stay as fed. And a test may poison every intermediate.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..ir.graph import Graph, Node, Ref
from ..ir.masks import Tag, Use
from ..ops.record import OPS
from ..ops.site import Fill, Slot
from .annotate import Notes
from .prune import ancestors


def raw_values(graph: Graph) -> frozenset[str]:
    """Values whose padding must reach an op as it was fed."""
    opted_out = [n for n in graph.nodes if n.get("masked") is False or n.op == "drop_mask"]
    return ancestors(graph, [name for node in opted_out for name in node.refs])


def unclean_values(graph: Graph, raw: frozenset[str], poison: bool) -> frozenset[str]:
    """Values whose padded slots may hold anything at all."""
    if poison:
        return frozenset(graph.names)
    unclean = set(raw)
    for node in graph.nodes:
        if node.get("masked") is False or node.op == "drop_mask":
            unclean.update(node.outputs)
    return frozenset(unclean)


def cleaning_fills(
    node: Node, notes: Notes, unclean: frozenset[str], raw: frozenset[str]
) -> dict[Slot, Fill]:
    """Fills for the inputs of a node that may hold anything, besides those of its verdict."""
    if node.get("masked") is False or node.op == "drop_mask" or set(node.outputs) & raw:
        return {}
    verdict, op = notes.verdicts[node.outputs[0]], OPS[node.op]
    fills: dict[Slot, Fill] = {}
    for slot, name in slots(node):
        tag = notes.tag(name)
        if name not in unclean or slot[0] in verdict.covered or not isinstance(tag, Tag):
            continue
        if tag.terms:
            known = verdict.fills.get(slot)
            value = known.value if known else (op.safe_value(slot[0]) or 0)
            fills[slot] = Fill(value, Use(tag.terms, tuple(range(tag.ndim))))
    return fills


def slots(node: Node) -> Iterator[tuple[Slot, str]]:
    """Every input of a node: where it goes, and which value it is."""
    for parameter, value in node.args:
        if isinstance(value, tuple):
            refs = [v for v in value if isinstance(v, Ref)]
            yield from (((parameter, i), ref.name) for i, ref in enumerate(refs))
        elif isinstance(value, Ref):
            yield (parameter, None), value.name
