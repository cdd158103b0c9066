"""Compiled functions, kept by what they compute: adding nodes elsewhere recompiles nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from ..foundation.dims import Bounds, Dim, is_prefix_size, symbols_of
from ..ir.graph import Graph, Kind
from ..ir.masks import Sense, Tag
from ..ops.record import OPS
from ..passes.annotate import Notes, Value
from ..passes.prune import prune
from .buckets import Buckets
from .extents import packed
from .lower import Function, Mode, fixed_dims, lower

log = logging.getLogger("samediff_py")


@dataclass
class Program:
    """One pruned graph as a jitted function, and the sizes it was compiled for."""

    graph: Graph
    notes: Notes
    outputs: tuple[str, ...]
    mode: Mode
    function: Function
    jitted: Callable[..., list[Any]]
    placeholders: tuple[str, ...]
    held: tuple[str, ...]  # variables and constants
    random: bool
    buckets: Buckets = field(default_factory=Buckets)
    said: set[Any] = field(default_factory=set)
    _derived: dict[Any, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arrays that `jitted` takes, in their order, behind extents and key."""
        return (*self.held, *self.placeholders)

    @property
    def returned(self) -> tuple[str, ...]:
        """What `jitted` gives, in its order."""
        return tuple(dict.fromkeys((*self.outputs, *(f"{n}?" for n in self.mode.validity))))

    def run(self, values: Mapping[str, Any], extents: Any, key: Any) -> dict[str, Any]:
        """The outputs by name, for values that hold at least what the program takes."""
        arrays = (values[name] for name in self.arguments)
        return dict(zip(self.returned, self.jitted(extents, key, *arrays), strict=True))

    def derived(self, key: Any, make: Callable[[], Any]) -> Any:
        """A function made from this program (a gradient, a training step), kept with it."""
        if key not in self._derived:
            self._derived[key] = make()
        return self._derived[key]

    def sizes_for(
        self,
        fed: Mapping[str, int],
        bounds: Mapping[str, Bounds],
        given: Mapping[str, int] | None = None,
        what: str = "",
    ) -> dict[str, int]:
        """The sizes to pad the feeds to; `given` ones are decided already. `what`: the function
        made from this program that they are for, such as a gradient."""
        given = given or {}
        free = {n: size for n, size in fed.items() if n in self.mode.bucketed and n not in given}
        exact = {n: size for n, size in fed.items() if n not in self.mode.bucketed} | dict(given)
        sizes = self.buckets.choose(free, exact, bounds)
        self._say(what, sizes, self.is_whole(fed, sizes))
        return sizes

    def is_whole(self, fed: Mapping[str, int], sizes: Mapping[str, int]) -> bool:
        """Whether nothing is padding, in a graph without masks: there that is the rule, so it has
        a program of its own that is told of no extents. With masks it would be one more."""
        if any(leaf.mask for leaf in self.graph.leaves.values()):
            return False
        return all(fed[name] == n for name, n in sizes.items() if name in self.mode.bucketed)

    def extents(self, fed: Mapping[str, int], sizes: Mapping[str, int]) -> np.ndarray | None:
        """How much is real of the dims that may be rounded up."""
        return None if self.is_whole(fed, sizes) else packed(self.mode.bucketed, fed)

    def _say(self, what: str, sizes: Mapping[str, int], whole: bool) -> None:
        """A line for every function and set of sizes, which are compiled once."""
        known = len(self.said)
        self.said.add((what, frozenset(sizes.items()), whole))
        if len(self.said) > known:
            shown = ", ".join(f"{name}={n}" for name, n in sizes.items())
            log.info("compiling %s%s for %s", what, ", ".join(self.outputs), shown or "fixed sizes")


class Session:
    """The programs of one `SameDiff`."""

    def __init__(self) -> None:
        self._by_content: dict[Any, Program] = {}

    def program(
        self,
        graph: Graph,
        notes: Notes,
        outputs: tuple[str, ...],
        *,
        training: bool = False,
        bucketed: bool = True,
        parts: frozenset[str] = frozenset(),
        validity: frozenset[str] = frozenset(),
    ) -> Program:
        """The program that makes these outputs, new or known from an equal graph."""
        pruned = prune(graph, outputs)
        dims = bucketed_dims(pruned, notes, outputs) if bucketed else frozenset()
        mode = Mode(training=training, bucketed=dims, parts=parts, validity=validity)
        return self._by_graph(pruned, notes, outputs, mode)

    def _by_graph(
        self, graph: Graph, notes: Notes, outputs: tuple[str, ...], mode: Mode
    ) -> Program:
        content = (
            tuple(graph.leaves.values()), graph.nodes, tuple(graph.updates.items()), outputs,
            tuple(map(str, (notes.values[n].tag for n in graph.leaves))), mode,
        )  # fmt: skip
        if content not in self._by_content:
            self._by_content[content] = make_program(graph, notes, outputs, mode)
        return self._by_content[content]


def bucketed_dims(graph: Graph, notes: Notes, outputs: Iterable[str] = ()) -> frozenset[str]:
    """Dims of placeholders that no op needs exactly as fed, and at which outputs can be cut."""
    fed = symbols_of(leaf.shape for leaf in graph.of_kind(Kind.PLACEHOLDER).values())
    returned = [dim for name in outputs for dim in _scattered(notes.values[name])]
    return fed - fixed_dims(graph, notes) - symbols_of([tuple(returned)])


def _scattered(value: Value) -> Iterator[int | Dim]:
    """Dims of which what is real is no beginning, when others were rounded up."""
    terms = value.tag.terms if isinstance(value.tag, Tag) else ()
    merged = {axis for term in terms if term.sense is Sense.STREWN for axis in term.axes}
    for axis, dim in enumerate(value.shape):
        whole = isinstance(dim, Dim) and dim.is_symbol
        if not is_prefix_size(dim) or (axis in merged and not whole):
            yield dim


def make_program(graph: Graph, notes: Notes, outputs: tuple[str, ...], mode: Mode) -> Program:
    function = lower(graph, notes, outputs, mode)
    placeholders = tuple(graph.of_kind(Kind.PLACEHOLDER))
    held = tuple(name for name in graph.leaves if name not in placeholders)
    jitted = jax.jit(positional(function, (*held, *placeholders)))
    random = any("key" in OPS[node.op].injected for node in graph.nodes)
    return Program(graph, notes, outputs, mode, function, jitted, placeholders, held, random)


def positional(function: Function, names: tuple[str, ...]) -> Callable[..., list[Any]]:
    """The function of arrays in that order: JAX sorts the names of a dict at every call, which is
    seen in the time of a small program."""

    def run(extents: Any, key: Any, *arrays: Any) -> list[Any]:
        return list(function(dict(zip(names, arrays, strict=True)), extents, key).values())

    return run
