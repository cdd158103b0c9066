"""A graph becomes one pure function of (values, extents, key), which JAX traces to a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from ..foundation.digest import digest
from ..foundation.dims import Dim, size_of
from ..foundation.errors import GraphError, reason_of
from ..ir.graph import Graph, Kind, Leaf, Node, Ref
from ..ir.masks import Tag, Use
from ..kernels.loss_reduction import ratio
from ..ops.record import OPS
from ..ops.site import Fill, Injected, Sizes
from ..passes.annotate import Notes
from ..passes.cleaning import cleaning_fills, raw_values, unclean_values
from ..passes.infer import static_value
from .extents import unpacked
from .mask_values import MaskValues

Values = Mapping[str, Any]
Function = Callable[..., dict[str, Any]]
Watch = Callable[[Node, tuple[Any, ...]], None]


@dataclass(frozen=True)
class Mode:
    """How a graph is to be read.

    `bucketed`: dims whose sizes may be rounded up, with real extents given at each call.
    `parts`: losses that come as (total, count). `filled`: outputs hold 0 where padded.
    `validity`: outputs that bring a boolean array of their own shape with them, as `<name>?`.
    `poison`: every padded slot of every intermediate becomes NaN (a test of the rules).
    `watch`: called after each node with its outputs (debugging, op by op).
    """

    training: bool = False
    bucketed: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    validity: frozenset[str] = frozenset()
    filled: bool = True
    poison: bool = False
    watch: Watch | None = field(default=None, compare=False)


def fixed_dims(graph: Graph, notes: Notes) -> frozenset[str]:
    """Dims that some op of the graph needs exactly as they are fed."""
    verdicts = (notes.verdicts[node.outputs[0]] for node in graph.nodes)
    return frozenset(name for verdict in verdicts for name in verdict.fixed_dims)


def lower(graph: Graph, notes: Notes, outputs: Iterable[str], mode: Mode) -> Function:
    """`f(values, extents=None, key=None)`: the outputs by name. `values` are all leaves by name,
    `extents` the real sizes of bucketed dims in one array, None where nothing was rounded up."""
    program = _Program(graph, notes, tuple(outputs), mode)

    def function(values: Values, extents: Any = None, key: Any = None) -> dict[str, Any]:
        return _Run(program, values, extents, key).outputs()

    return function


class _Program:
    """What is decided before any run."""

    def __init__(self, graph: Graph, notes: Notes, outputs: tuple[str, ...], mode: Mode):
        self.graph, self.notes, self.names, self.mode = graph, notes, outputs, mode
        raw = raw_values(graph)
        unclean = unclean_values(graph, raw, mode.poison)
        fed = graph.of_kind(Kind.PLACEHOLDER)
        self.doors = {name: masked_use(notes, name) for name in fed if name not in raw}
        self.fills = {node.outputs[0]: self._fills(node, unclean, raw) for node in graph.nodes}

    def _fills(self, node: Node, unclean: frozenset[str], raw: frozenset[str]):
        verdict = self.notes.verdicts[node.outputs[0]]
        return {**verdict.fills, **cleaning_fills(node, self.notes, unclean, raw)}


def whole_use(notes: Notes, name: str) -> Use:
    """Validity of a value, element by element."""
    tag = notes.tag(name)
    assert isinstance(tag, Tag)
    return Use(tag.terms, tuple(range(tag.ndim)))


def masked_use(notes: Notes, name: str) -> Use:
    """Validity but for extents: behind those the host has put zeros in, and cuts results off."""
    use = whole_use(notes, name)
    return Use(frozenset(term for term in use.terms if not term.is_extent), use.axes)


class _Run:
    """One walk over the graph; under jit it happens once, at tracing."""

    def __init__(self, program: _Program, values: Values, extents: Any, key: Any):
        self.program, self.key = program, key
        self.values: dict[str, Any] = dict(values)
        self.parts: dict[str, tuple[Any, Any]] = {}
        self.sizes = bind_sizes(program.graph.leaves.values(), values)
        real = unpacked(program.mode.bucketed, extents)
        self.masks = MaskValues(program.notes.plan, self.values, self.sizes, real)

    def outputs(self) -> dict[str, Any]:
        for name, use in self.program.doors.items():  # placeholders are zeroed once
            self.values[name] = self._filled(self.values[name], Fill(0, use))
        for node in self.program.graph.nodes:
            self._run(node)
        outs = {name: self._output(name) for name in self.program.names}
        return outs | {f"{name}?": self._validity(name) for name in self.program.mode.validity}

    def _validity(self, name: str) -> Any:
        valid = self.masks.use(whole_use(self.program.notes, name))
        shape = jnp.shape(self.values[name])
        return jnp.ones(shape, bool) if valid is None else jnp.broadcast_to(valid, shape)

    def _output(self, name: str) -> Any:
        if name in self.parts:
            return self.parts[name]
        value = self.values[name]
        if not self.program.mode.filled:
            return value
        return self._filled(value, Fill(0, masked_use(self.program.notes, name)))

    def _filled(self, value: Any, fill: Fill) -> Any:
        valid = self.masks.use(fill.use)
        if valid is None:
            return value
        return jnp.where(valid, value, jnp.asarray(fill.value, value.dtype))

    def _run(self, node: Node) -> None:
        with jax.named_scope(node.outputs[0].replace(":", "_")):
            try:
                result = OPS[node.op].call(self._arguments(node))
            except Exception as error:
                raise GraphError(self._failed(node, error)) from error
        if node.outputs[0] in self.program.mode.parts:
            self.parts[node.outputs[0]] = result
            result = ratio(*result)
        outs = tuple(result) if isinstance(result, tuple | list) else (result,)
        self.values.update(zip(node.outputs, outs, strict=True))
        if self.program.mode.poison:
            poisoned = map(self._poisoned, node.outputs, outs)  # by masks among the outputs too
            self.values.update(zip(node.outputs, poisoned, strict=True))
        if self.program.mode.watch is not None:
            self.program.mode.watch(node, outs)

    def _failed(self, node: Node, error: Exception) -> str:
        """What only the real sizes could show: the node, its inputs, the user's line."""
        inputs = {name: jnp.shape(self.values[name]) for name in node.refs if name in self.values}
        shown = [f"  {name}: shape {list(shape)}" for name, shape in inputs.items()]
        lines = [f"{node.outputs[0]!r}: {reason_of(error)}", f"  {node}", *shown]
        return "\n".join([*lines, f"  at {node.source}"] if node.source else lines)

    def _poisoned(self, name: str, value: Any) -> Any:
        if not jnp.issubdtype(value.dtype, jnp.floating):
            return value
        return self._filled(value, Fill(float("nan"), whole_use(self.program.notes, name)))

    def _arguments(self, node: Node) -> dict[str, Any]:
        op = OPS[node.op]
        fills = self.program.fills[node.outputs[0]]
        given: dict[str, Any] = {}
        for name, value in node.kernel_args:
            given[name] = self._argument(name, value, op.params[name].role, fills)
        for name, told in self.program.notes.verdicts[node.outputs[0]].injects.items():
            given[name] = self._told(told)
        if "key" in op.injected and self.key is not None:
            given["key"] = jax.random.fold_in(self.key, digest(node.outputs[0]))
        if "training" in op.injected:
            given["training"] = self.program.mode.training
        if node.outputs[0] in self.program.mode.parts:
            given["parts"] = True
        return given

    def _argument(self, name: str, value: Any, role: str, fills) -> Any:
        if isinstance(value, Ref):
            return self._input(value.name, fills.get((name, None)))
        if isinstance(value, tuple) and value and isinstance(value[0], Ref):
            return tuple(self._input(r.name, fills.get((name, i))) for i, r in enumerate(value))
        return static_value(role, value, self._size)

    def _input(self, name: str, fill: Fill | None) -> Any:
        value = self.values[name]
        return value if fill is None else self._filled(value, fill)

    def _told(self, told: Injected) -> Any:
        if isinstance(told, Use):
            return self.masks.use(told)
        if isinstance(told, Sizes):
            return self.masks.sizes(told)
        if isinstance(told, tuple):
            return tuple(map(self._told, told))
        return told

    def _size(self, dim: int | Dim) -> Any:
        return size_of(dim, self.sizes)


def bind_sizes(leaves: Iterable[Leaf], values: Values) -> dict[str, Any]:
    """The sizes of named dims, read off the arrays that came in."""
    sizes: dict[str, Any] = {}
    for leaf in leaves:
        if leaf.name in values:
            pairs = zip(leaf.shape, jnp.shape(values[leaf.name]), strict=True)
            sizes |= {d.text: n for d, n in pairs if isinstance(d, Dim) and d.is_symbol}
    return sizes
