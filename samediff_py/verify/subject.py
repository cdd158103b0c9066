"""What is verified: the part of a graph that the feeds can compute, and all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..data.feeds import read_feeds
from ..foundation.dims import Bounds, Dim
from ..foundation.dtypes import is_float
from ..foundation.errors import FeedError
from ..ir.graph import Graph, Kind, Leaf, Node, example_dim
from ..ir.masks import Tag
from ..ops.record import OPS
from ..passes.annotate import Notes
from ..passes.prune import prune
from .align import Layout, masked_axes


@dataclass(frozen=True)
class Subject:
    """A pruned graph, its annotation and its arrays; `wide`: all in double precision."""

    graph: Graph
    notes: Notes
    bounds: Mapping[str, Bounds]
    held: Mapping[str, np.ndarray]
    outputs: tuple[str, ...]
    losses: tuple[str, ...]
    key: Any
    wide: bool = False

    @cached_property
    def placeholders(self) -> dict[str, Leaf]:
        return self.graph.of_kind(Kind.PLACEHOLDER)

    @cached_property
    def example(self) -> str | None:
        """The dim that examples lie along."""
        return example_dim(self.placeholders.values())

    @cached_property
    def masks(self) -> dict[str, Leaf]:
        """Companion masks of placeholders."""
        names = dict.fromkeys(leaf.mask for leaf in self.placeholders.values() if leaf.mask)
        return {name: self.graph.leaves[name] for name in names}

    @cached_property
    def padded(self) -> tuple[str, ...]:
        """The dims along which a mask says what is real, besides that of the examples."""
        dims = (dim for mask in self.masks.values() for dim in mask.shape if isinstance(dim, Dim))
        found = (dim.text for dim in dims if dim.is_symbol and dim.text != self.example)
        return tuple(dict.fromkeys(found))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Everything that is computed and whose validity is known, and the placeholders."""
        return tuple(n for n in (*self.placeholders, *self.graph.makers) if self._is_known(n))

    def _is_known(self, name: str) -> bool:
        return isinstance(self.notes.tag(name), Tag)

    @cached_property
    def layouts(self) -> dict[str, Layout]:
        """How the elements of a value belong to examples."""
        known = (name for name in self.graph.names if self._is_known(name))
        return {name: self._layout(name) for name in known}

    def _layout(self, name: str) -> Layout:
        """Where a mask is dropped, padding is called real: that is to be seen there already."""
        node = self.graph.makers.get(name)
        dropped = [ref for ref in node.refs if node.op == "drop_mask"] if node else []
        masked = (masked_axes(self.notes.values[ref]) for ref in dropped if self._is_known(ref))
        return Layout(self.notes.values[name], self.example, frozenset().union(*masked))

    @cached_property
    def parts(self) -> frozenset[str]:
        """Losses that are a total and a count."""
        return frozenset(filter(self._has_parts, self.graph.makers))

    def _has_parts(self, name: str) -> bool:
        counts = "parts" in OPS[self.graph.makers[name].op].injected
        return counts and self.notes.values[name].shape == ()

    @cached_property
    def fed(self) -> frozenset[str]:
        """Values that depend on the examples."""
        mine = (n for n, leaf in self.placeholders.items() if self.layouts[n].has_examples)
        return descendants(self.graph, self.placeholders if self.example is None else mine)

    @cached_property
    def mixed(self) -> frozenset[str]:
        """Values made of several examples at once, such as a mean over the batch."""
        return frozenset(n for n in self.fed if n in self.layouts and self.layouts[n].is_whole)

    @cached_property
    def merged(self) -> frozenset[str]:
        """Values in which examples and positions share an axis."""
        return frozenset(n for n, layout in self.layouts.items() if layout.merged is not None)

    @cached_property
    def random(self) -> frozenset[str]:
        """Values drawn in inference too, by row: they depend on where an example stands."""
        return descendants(self.graph, (n for node in self.graph.nodes for n in _draws(node)))


def _draws(node: Node) -> tuple[str, ...]:
    injected = OPS[node.op].injected
    return node.outputs if "key" in injected and "training" not in injected else ()


def descendants(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """The names, and everything that is made of them."""
    found = set(names)
    for node in graph.nodes:
        if not found.isdisjoint(node.refs):
            found.update(node.outputs)
    return frozenset(found)


def computable(
    graph: Graph, feeds: Mapping[str, Any], bounds: Mapping[str, Bounds]
) -> tuple[str, ...]:
    """What the feeds can compute, and nothing else that they can compute uses."""
    read_feeds(graph, (), feeds, bounds, {})  # says so if a name is misspelt
    placeholders = graph.of_kind(Kind.PLACEHOLDER)
    given = {name for name, leaf in graph.leaves.items() if leaf.kind is not Kind.PLACEHOLDER}
    given |= set(feeds) | {placeholders[name].mask for name in feeds if placeholders[name].mask}
    nodes: list[Node] = []
    for node in graph.nodes:
        if given.issuperset(node.refs):
            given.update(node.outputs)
            nodes.append(node)
    used = {ref for node in nodes for ref in node.refs}
    ends = [name for node in nodes for name in node.outputs if name not in used]
    if not ends:
        missing = ", ".join(map(repr, set(placeholders) - given)) or "none"
        raise FeedError(f"these feeds compute nothing to verify; placeholders not fed: {missing}")
    return tuple(ends)


def subject_of(
    graph: Graph,
    notes: Notes,
    bounds: Mapping[str, Bounds],
    arrays: Mapping[str, Any],
    outputs: Sequence[str],
    losses: Sequence[str],
    key: Any,
) -> Subject:
    pruned = prune(graph, outputs)
    held = {n: np.asarray(arrays[n]) for n, leaf in pruned.leaves.items() if n in arrays}
    known = tuple(name for name in losses if name in pruned)
    return Subject(pruned, notes, bounds, held, tuple(outputs), known, key)


def in_double(subject: Subject) -> Subject:
    """The same in double precision: rounding then neither hides a leak nor looks like one."""
    held = {name: widened(array) for name, array in subject.held.items()}
    return replace(subject, graph=widened_graph(subject.graph), held=held, wide=True)


def widened_graph(graph: Graph) -> Graph:
    nodes = {node: _widened_node(node) for node in graph.nodes}
    return replace(graph, makers={name: nodes[node] for name, node in graph.makers.items()})


def _widened_node(node: Node) -> Node:
    params = OPS[node.op].params

    def wide(name: str, value: Any) -> Any:
        is_type = name in params and params[name].role == "dtype"
        return "float64" if is_type and is_float(value) else value

    return replace(node, args=tuple((name, wide(name, value)) for name, value in node.args))


def widened(array: np.ndarray) -> np.ndarray:
    return array.astype("float64") if is_float(str(array.dtype)) else array
