"""Where a gradient that is not finite arises: the first op, from the loss on, whose derivative is
not finite although what comes back to it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..foundation.dtypes import is_float
from ..foundation.errors import NotANumberError
from ..ir.graph import Graph, Kind, Leaf, Node, Ref, map_refs
from ..ir.masks import Tag
from ..ops.site import Verdict
from ..passes.annotate import Notes, Value
from .interpret import Values, Watcher, watched_run
from .lower import lower
from .session import Program

_Taps = dict[tuple[str, str], str]
"""(input, first output of the node that takes it) -> a zero that is added on the way."""


def check_gradients(
    program: Program, gradients: Values, values: Values, extents: Any, key: Any
) -> None:
    """Raises where a result of the program is NaN, or else one of these gradients of the sum of
    its outputs is not finite."""
    watcher = watched_run(program, values, extents, key)[1]
    bad = not_finite(gradients)
    if bad:
        raise bad_gradients(program, program.outputs, bad, watcher, values, extents, key)


def not_finite(gradients: Values) -> list[str]:
    return [name for name, g in gradients.items() if not np.isfinite(np.asarray(g)).all()]


def bad_gradients(
    program: Program,
    losses: tuple[str, ...],
    bad: Sequence[str],
    watcher: Watcher,
    values: Values,
    extents: Any,
    key: Any,
) -> NotANumberError:
    """Says in which op gradients arise that are not finite; the forward pass has no NaN."""
    of = f"the gradient of {' + '.join(map(repr, losses))} is not finite for "
    of += ", ".join(map(repr, bad))
    if watcher.infinite is not None:
        return NotANumberError(f"{of}; an infinity arises in\n{watcher.describe(watcher.infinite)}")
    node = _culprit(program, losses, watcher.values, values, extents, key)
    if node is None:
        return NotANumberError(f"{of}; it overflows where the parts are summed, in no single op")
    where = watcher.describe(node)
    return NotANumberError(f"{of}, though all results are: it arises in the derivative of\n{where}")


def _culprit(
    program: Program, losses: tuple[str, ...], known: Values, values: Values, extents: Any, key
) -> Node | None:
    """Every edge into a float input gets a zero of its own, whose gradient is what flows there."""
    graph, notes, taps = tapped(program.graph, program.notes)
    function = lower(graph, notes, losses, replace(program.mode, parts=frozenset(), watch=None))

    def objective(zeros: dict[str, Any]) -> Any:
        outs = function({**values, **zeros}, extents, key)
        return sum(jnp.sum(outs[name]) for name in losses)

    zeros = {zero: jnp.zeros_like(known[name]) for (name, _), zero in taps.items()}
    flows = jax.grad(objective)(zeros)
    broken = {node for (_, node), zero in taps.items() if not np.isfinite(flows[zero]).all()}
    backwards = reversed(program.graph.nodes)
    return next((node for node in backwards if node.outputs[0] in broken), None)


def tapped(graph: Graph, notes: Notes) -> tuple[Graph, Notes, _Taps]:
    """The graph with an addition on every edge; names of values and draws of noise stay."""
    taps: _Taps = {}
    leaves, makers = dict(graph.leaves), {}
    notes = replace(notes, values=dict(notes.values), verdicts=dict(notes.verdicts))
    for node in graph.nodes:
        renamed: dict[str, str] = {}
        for name in dict.fromkeys(node.refs):
            if is_float(notes.values[name].dtype):
                tap = f"{name}>{node.outputs[0]}"
                zero = taps[name, node.outputs[0]] = f"{tap}:zero"
                renamed[name] = tap
                value = notes.values[name]
                leaves[zero] = Leaf(zero, Kind.CONSTANT, value.shape, value.dtype)
                makers[tap] = Node("add", (("x", Ref(name)), ("y", Ref(zero))), (tap,))
                _note(notes, name, tap, zero)
        makers |= dict.fromkeys(node.outputs, _with_inputs(node, renamed))
    return Graph(leaves, makers, graph.updates), notes, taps


def tapped_at(
    graph: Graph, notes: Notes, names: Collection[str]
) -> tuple[Graph, Notes, dict[str, str]]:
    """The graph with an addition behind each of these results, and the sum's name by theirs.

    What used `h` uses `h>`, the sum of `h` and the zero `h>:zero`.
    """
    taps = {name: f"{name}>" for name in names}
    leaves, makers = dict(graph.leaves), {}
    notes = replace(notes, values=dict(notes.values), verdicts=dict(notes.verdicts))
    for node in graph.nodes:
        makers |= dict.fromkeys(node.outputs, _with_inputs(node, taps))
        for name in filter(taps.__contains__, node.outputs):
            tap, value = taps[name], notes.values[name]
            leaves[f"{tap}:zero"] = Leaf(f"{tap}:zero", Kind.CONSTANT, value.shape, value.dtype)
            makers[tap] = Node("add", (("x", Ref(name)), ("y", Ref(f"{tap}:zero"))), (tap,))
            _note(notes, name, tap, f"{tap}:zero")
    return Graph(leaves, makers, graph.updates), notes, taps


def _note(notes: Notes, name: str, tap: str, zero: str) -> None:
    value = notes.values[name]
    notes.values[tap] = value
    notes.values[zero] = Value(value.shape, value.dtype, Tag((None,) * len(value.shape)))
    notes.verdicts[tap] = Verdict((value.tag,))


def _with_inputs(node: Node, renamed: Mapping[str, str]) -> Node:
    args = tuple((k, map_refs(lambda n: renamed.get(n, n), v)) for k, v in node.args)
    return replace(node, args=args)
