"""Zeros that are added to values on their way: the gradient of a zero is what flows back there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from ..foundation.dtypes import is_float
from ..ir.graph import Graph, Kind, Leaf, Node, Ref, map_refs
from ..ir.masks import Tag
from ..ops.site import Verdict
from ..passes.annotate import Notes, Value

Taps = dict[tuple[str, str], str]
"""(input, first output of the node that takes it) -> a zero that is added on the way."""


def tapped(graph: Graph, notes: Notes) -> tuple[Graph, Notes, Taps]:
    """The graph with an addition on every edge; names of values and draws of noise stay."""
    made, taps = _begun(graph, notes), Taps()
    for node in graph.nodes:
        floats = (n for n in dict.fromkeys(node.refs) if is_float(notes.values[n].dtype))
        names = {name: f"{name}>{node.outputs[0]}" for name in floats}
        for name, tap in names.items():
            taps[name, node.outputs[0]] = _tap(made, name, tap)
        made.makers |= dict.fromkeys(node.outputs, _with_inputs(node, names))
    return Graph(made.leaves, made.makers, graph.updates), made.notes, taps


def tapped_at(
    graph: Graph, notes: Notes, names: Collection[str]
) -> tuple[Graph, Notes, dict[str, str]]:
    """The graph with an addition behind each of these results, and the sum's name by theirs.

    What used `h` uses `h>`, the sum of `h` and the zero `h>:zero`.
    """
    made, taps = _begun(graph, notes), {name: f"{name}>" for name in names}
    for node in graph.nodes:
        made.makers |= dict.fromkeys(node.outputs, _with_inputs(node, taps))
        for name in filter(taps.__contains__, node.outputs):
            _tap(made, name, taps[name])
    return Graph(made.leaves, made.makers, graph.updates), made.notes, taps


@dataclass
class _Tapped:
    """A graph in the making, beside its notes."""

    leaves: dict[str, Leaf]
    makers: dict[str, Node]
    notes: Notes


def _begun(graph: Graph, notes: Notes) -> _Tapped:
    """The leaves and all notes, as copies; nodes are to come in their order."""
    notes = replace(notes, values=dict(notes.values), verdicts=dict(notes.verdicts))
    return _Tapped(dict(graph.leaves), {}, notes)


def _tap(made: _Tapped, name: str, tap: str) -> str:
    """Adds the sum `tap` of the value and a zero; the name of the zero."""
    notes, value, zero = made.notes, made.notes.values[name], f"{tap}:zero"
    made.leaves[zero] = Leaf(zero, Kind.CONSTANT, value.shape, value.dtype)
    made.makers[tap] = Node("add", (("x", Ref(name)), ("y", Ref(zero))), (tap,))
    notes.values[tap] = value
    notes.values[zero] = Value(value.shape, value.dtype, Tag((None,) * len(value.shape)))
    notes.verdicts[tap] = Verdict((value.tag,))
    return zero


def _with_inputs(node: Node, renamed: Mapping[str, str]) -> Node:
    args = tuple((k, map_refs(lambda n: renamed.get(n, n), v)) for k, v in node.args)
    return replace(node, args=args)
