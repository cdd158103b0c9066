"""The graph: frozen nodes whose edges are names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from ..foundation.dims import Dim, Shape, show_shape, symbols_of
from ..foundation.source import Source

EXAMPLES = "batch"
"""The dim that holds the examples, wherever it stands, in a graph that has one of that name."""


class Kind(Enum):
    """What a leaf is: fed at each call, trained, or fixed."""

    PLACEHOLDER = "placeholder"
    VARIABLE = "variable"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class Ref:
    """An edge: the value of that name."""

    name: str


Argument = Any
"""`Ref`, a tuple of them, or a static value (number, text, tuple, `Dim`)."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that no operation makes. `mask` names the companion mask of a placeholder."""

    name: str
    kind: Kind
    shape: Shape
    dtype: str
    mask: str | None = None
    trainable: bool = True
    source: Source | None = field(default=None, compare=False)

    def __str__(self) -> str:
        mask = f", mask={self.mask}" if self.mask else ""
        return f"{self.name} = {self.kind.value}({self.dtype}{show_shape(self.shape)}{mask})"


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: arguments by parameter name, and the names of its outputs."""

    op: str
    args: tuple[tuple[str, Argument], ...]
    outputs: tuple[str, ...]
    source: Source | None = field(default=None, compare=False)

    @property
    def kernel_args(self) -> Iterator[tuple[str, Argument]]:
        """What the kernel is given: the rest is said to the passes."""
        return (pair for pair in self.args if pair[0] not in ("masked", "allow_softmax"))

    @property
    def refs(self) -> Iterator[str]:
        """Names of all inputs, in the order of the parameters."""
        for _, value in self.args:
            yield from (ref.name for ref in refs_in(value))

    def get(self, parameter: str, default: Argument = None) -> Argument:
        return dict(self.args).get(parameter, default)

    def renamed(self, old: str, new: str) -> Node:
        args = tuple(
            (key, map_refs(lambda n: new if n == old else n, value)) for key, value in self.args
        )
        outputs = tuple(new if name == old else name for name in self.outputs)
        return replace(self, args=args, outputs=outputs)

    def __str__(self) -> str:
        args = ", ".join(f"{key}={_show(value)}" for key, value in self.args)
        return f"{', '.join(self.outputs)} = {self.op}({args})"


def example_dim(leaves: Iterable[Leaf]) -> str | None:
    """The dim that the examples of placeholders lie along: the one called batch, or the first open
    one of what is no mask."""
    leaves = tuple(leaves)
    masks = {leaf.mask for leaf in leaves}
    shapes = [leaf.shape for leaf in leaves if leaf.name not in masks]
    if EXAMPLES in symbols_of(shapes):
        return EXAMPLES
    firsts = (shape[0] for shape in shapes if shape)
    return next((dim.text for dim in firsts if isinstance(dim, Dim)), None)


def refs_in(value: Argument) -> Iterable[Ref]:
    if isinstance(value, Ref):
        return (value,)
    return (v for v in value if isinstance(v, Ref)) if isinstance(value, tuple) else ()


def map_refs(rename: Callable[[str], str], value: Argument) -> Argument:
    if isinstance(value, Ref):
        return Ref(rename(value.name))
    if isinstance(value, tuple) and any(isinstance(v, Ref) for v in value):
        return tuple(map_refs(rename, v) for v in value)
    return value


def _show(value: Argument) -> str:
    if isinstance(value, Ref):
        return value.name
    if isinstance(value, tuple):
        return f"({', '.join(map(_show, value))})"
    return repr(value)


@dataclass(frozen=True)
class Graph:
    """Leaves, nodes in topological order, and state updates. Never changed, only replaced."""

    leaves: Mapping[str, Leaf] = field(default_factory=dict)
    makers: Mapping[str, Node] = field(
        default_factory=dict
    )  # by the name of each output, in the order of building
    updates: Mapping[str, str] = field(
        default_factory=dict
    )  # variable -> the value it takes after a training step

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(node for name, node in self.makers.items() if name == node.outputs[0])

    def __contains__(self, name: object) -> bool:
        return name in self.leaves or name in self.makers

    @property
    def names(self) -> Iterator[str]:
        yield from self.leaves
        yield from self.makers

    @property
    def ends(self) -> tuple[str, ...]:
        """What ops make and no op uses."""
        used = {ref for node in self.nodes for ref in node.refs}
        return tuple(name for name in self.makers if name not in used)

    def of_kind(self, kind: Kind) -> dict[str, Leaf]:
        return {name: leaf for name, leaf in self.leaves.items() if leaf.kind is kind}

    def source_of(self, name: str) -> Source | None:
        return (self.leaves.get(name) or self.makers[name]).source

    def with_leaf(self, leaf: Leaf) -> Graph:
        return replace(self, leaves={**self.leaves, leaf.name: leaf})

    def with_node(self, node: Node) -> Graph:
        return replace(self, makers={**self.makers, **dict.fromkeys(node.outputs, node)})

    def with_update(self, variable: str, value: str) -> Graph:
        return replace(self, updates={**self.updates, variable: value})

    def renamed(self, old: str, new: str) -> Graph:
        """The same graph with one value renamed wherever it is used."""

        def fresh(name: str) -> str:
            return new if name == old else name

        def leaf(value: Leaf) -> Leaf:
            mask = fresh(value.mask) if value.mask else None
            return replace(value, name=fresh(value.name), mask=mask)

        nodes: dict[Node, Node] = {}
        for node in self.makers.values():
            nodes.setdefault(node, node.renamed(old, new))
        return Graph(
            {fresh(n): leaf(v) for n, v in self.leaves.items()},
            {fresh(n): nodes[node] for n, node in self.makers.items()},
            {fresh(k): fresh(v) for k, v in self.updates.items()},
        )

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.leaves.values(), *self.nodes)))

    __repr__ = __str__  # the last line of a notebook's cell shows this
