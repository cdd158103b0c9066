"""Mistakes that are no shape errors: a loss on logits that is fed by a softmax."""

from __future__ import annotations

from ..foundation.errors import LossError
from ..ir.graph import Graph, Node, Ref
from ..ops.record import OPS

CROSS_ENTROPIES = frozenset(
    {"softmax_cross_entropy", "sparse_softmax_cross_entropy", "sigmoid_cross_entropy"}
)
_SQUASHING = {
    "softmax_cross_entropy": frozenset({"softmax"}),
    "sparse_softmax_cross_entropy": frozenset({"softmax"}),
    "sigmoid_cross_entropy": frozenset({"sigmoid"}),
}
_TRANSPARENT = frozenset({"identity", "cast", "with_mask", "fill_padding", "drop_mask"})


def check_logits(graph: Graph, node: Node) -> None:
    """Raises where the predictions of a cross entropy are probabilities already.

    Followed through moves and identities; log_softmax is harmless, since softmax undoes it.
    """
    squashing = _SQUASHING.get(node.op)
    predictions = node.get("predictions")
    if squashing is None or not isinstance(predictions, Ref):
        return
    found = _squashed(graph, predictions, squashing)
    if found is not None:
        raise LossError(
            f"{node.op} wants logits, but {predictions.name!r} is a {found.op} already: it would "
            f"be applied twice\n  {found.op} at {found.source}\n"
            f"What you can do:\n  - pass the input of the {found.op} to the loss\n"
            "  - sd.loss.log_loss takes probabilities of yes or no\n"
            "  - allow_softmax=True, if that is what you want"
        )


def _squashed(graph: Graph, ref: Ref, ops: frozenset[str]) -> Node | None:
    stack = [ref]
    while stack:
        node = graph.makers.get(stack.pop().name)
        if node is None:
            continue
        if node.op in ops:
            return node
        if node.op in _TRANSPARENT or OPS[node.op].rule.family == "moves":
            stack += [Ref(name) for name in node.refs]
    return None
