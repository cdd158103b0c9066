"""Mistakes that are no shape errors: a loss on logits that is fed by a softmax."""

from __future__ import annotations

from collections.abc import Iterator

from ..ir.graph import Graph, Node, Ref
from ..ops.record import OPS

_LOGITS = {
    "softmax_cross_entropy": ("predictions", "softmax"),
    "sparse_softmax_cross_entropy": ("predictions", "softmax"),
    "sigmoid_cross_entropy": ("predictions", "sigmoid"),
    "weighted_cross_entropy_with_logits": ("logits", "sigmoid"),
}
"""By loss: the parameter that takes logits, and what the loss applies to them."""

_IDENTITIES = frozenset(
    {"identity", "cast", "with_mask", "fill_padding", "drop_mask", "last_valid", "first_valid"}
)


def squashed_twice(graph: Graph, node: Node) -> str | None:
    """What is wrong where the logits of a cross entropy are probabilities already.

    Followed through moves and identities; log_softmax is harmless, since softmax undoes it.
    """
    parameter, squashing = _LOGITS.get(node.op, ("", ""))
    logits = node.get(parameter)
    if node.get("allow_softmax") or not isinstance(logits, Ref):
        return None
    found = _maker(graph, logits, squashing)
    if found is None:
        return None
    return (
        f"{node.op} wants logits, but {logits.name!r} is a {found.op} already: it would "
        f"be applied twice\n  {found.op} at {found.source}\n"
        f"What you can do:\n  - pass the input of the {found.op} to the loss\n"
        "  - sd.loss.log_loss takes probabilities of yes or no\n"
        "  - allow_softmax=True, if that is what you want"
    )


def warnings_of(graph: Graph) -> Iterator[str]:
    """What Java's programs do, and is a mistake all the same: one line for each."""
    for node in graph.nodes:
        if squashed_twice(graph, node) is not None:
            parameter, squashing = _LOGITS[node.op]
            yield (
                f"{node.outputs[0]!r} applies a {squashing} to {_shown(node.get(parameter))}, "
                f"which is one already: pass the input of the {squashing} to the loss"
            )


def _shown(value: object) -> str:
    return repr(value.name) if isinstance(value, Ref) else repr(value)


def _maker(graph: Graph, ref: Ref, op: str) -> Node | None:
    """The node of that op that a value is, but for moves and identities."""
    stack = [ref.name]
    while stack:
        node = graph.makers.get(stack.pop())
        if node is None:
            continue
        if node.op == op:
            return node
        stack += _moved(node)
    return None


def _moved(node: Node) -> list[str]:
    """The inputs whose elements the result consists of."""
    family = OPS[node.op].rule.family
    if node.op in _IDENTITIES or family == "moves":
        return list(node.refs)
    looked_up = (node.get("x"), node.get("table")) if family == "picks" else ()
    return [value.name for value in looked_up if isinstance(value, Ref)]
