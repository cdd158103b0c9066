"""The graph under construction. It swaps one immutable graph for the next, and only after
everything about the new one is known: a call that fails leaves all as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..compile.lower import Mode, lower
from ..foundation.dims import Bounds, Dim, Shape, named, show_shape, symbols_of
from ..foundation.dtypes import declared_dtype, dtype_name, is_float
from ..foundation.errors import GraphError, LossError, SameDiffError, reason_of
from ..foundation.source import Source, user_source, warn_user
from ..ir.graph import Graph, Kind, Leaf, Node, Ref
from ..ops.java import Name
from ..ops.record import Op
from ..passes.annotate import (
    Notes,
    Value,
    add_node,
    annotate,
    explain,
    leaf_value,
    mask_axes,
    output_count,
)
from ..passes.guards import squashed_twice
from ..passes.infer import dims_in
from ..passes.known import known_integers
from ..passes.lookups import check_constants
from ..passes.prune import prune
from ..variable import Owner, SDVariable
from .arguments import axis_numbers, node_arguments
from .initial import Initializer, Pending, check_drawn, draw, initializer, typed
from .names import Names, check_name
from .unify import candidates, unnamed, with_dims


class Builder:
    """Graph, annotation, arrays and names of one `SameDiff`."""

    def __init__(self, owner: Owner, seed: int):
        self.owner, self.seed = owner, seed
        self.graph, self.notes = Graph(), Notes()
        self.bounds: dict[str, Bounds] = {}
        self.names = Names()
        self.losses: tuple[str, ...] = ()
        self.arrays: dict[str, jax.Array] = {}
        self.pending: dict[str, Pending] = {}
        self.handles: dict[str, SDVariable] = {}
        self._anonymous = 0

    # Variables and their handles.

    def handle(self, name: str) -> SDVariable:
        """The one handle of that name."""
        if name not in self.handles:
            self.handles[name] = SDVariable(self.owner, name)
        return self.handles[name]

    def value(self, name: str) -> Value:
        return self.notes.values[name]

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Whatever raises inside leaves no trace."""
        before, notes = self.graph, self.notes
        losses, bounds = self.losses, self.bounds
        counts, anonymous = self.names.counts, self._anonymous
        try:
            yield
        except BaseException:
            self.notes, self.losses, self.bounds = notes, losses, bounds
            self.names.counts, self._anonymous = counts, anonymous
            self._forget(before)
            raise

    def _forget(self, before: Graph) -> None:
        new = [name for name in self.graph.names if name not in before]
        self.graph = before
        notes = self.notes
        for table in (notes.values, notes.verdicts, self.arrays, self.pending, self.handles):
            for name in new:
                table.pop(name, None)

    # Leaves.

    def dim(self, name: str, bounds: Bounds | None) -> Dim:
        """A named dim; without bounds, what was said of it before stays."""
        dim, known = named(name), self.bounds.get(name, Bounds())
        bounds = known if bounds is None else bounds
        with self.atomic():
            self.bounds = {**self.bounds, name: bounds}
            if bounds != known:  # a graph of its own: what was decided for the other is void
                self.reannotate(replace(self.graph))
        return dim

    def shape(self, shape: Any) -> Shape:
        """Names become dims, None and -1 anonymous ones."""
        if isinstance(shape, int | np.integer | str | Dim) or shape is None:
            shape = (shape,)
        return tuple(map(self._size, shape))

    def _size(self, size: Any) -> int | Dim:
        if isinstance(size, Dim):
            return size
        if isinstance(size, str):
            return named(size)
        if size is None or size == -1:
            self._anonymous += 1
            return Dim(f"_{self._anonymous}")
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 0:
            raise GraphError(f"{size!r} is no size: use a number, a name, or None")
        return size.__index__()

    def placeholder(self, name: str, shape: Any, dtype: Any, mask: str | None) -> SDVariable:
        source = user_source()
        leaf = Leaf(
            self.names.given(name, self.graph),
            Kind.PLACEHOLDER,
            self.shape(shape),
            declared_dtype(dtype, name),
            self.names.prefix + mask if mask else None,
            False,
            source,
        )
        with self.atomic():
            rival = leaf.mask is not None and self._companion(leaf, leaf.mask, source)
            self.add_leaf(leaf)
            if rival:
                self.reannotate(self.graph)
        return self.handle(leaf.name)

    def _companion(self, leaf: Leaf, mask: str, source: Source | None) -> bool:
        """The mask placeholder of a placeholder: a new one, or one that another shares.

        Whether it is a second one on the same dims: that changes what the first says of them.
        """
        shape = self.mask_shape(leaf, mask)
        if mask not in self.graph:
            self.add_leaf(Leaf(mask, Kind.PLACEHOLDER, shape, "bool", None, False, source))
        declared = self.notes.plan.declared
        rival = mask not in declared and shape in declared.values()
        self.notes.plan.declare(mask, shape)
        return rival

    def mask_shape(self, leaf: Leaf, mask: str) -> Shape:
        """The open dims of a placeholder, along which its mask lies; a mask that is there fits."""
        check_name(mask)
        shape = tuple(leaf.shape[axis] for axis in mask_axes(leaf.shape))
        if not shape:
            raise GraphError(f"{leaf.name!r} has no open dim that a mask could lie along")
        known = self.graph.leaves.get(mask)
        if mask == leaf.name or (known is None and mask in self.graph):
            raise GraphError(
                f"{mask!r} can't be fed as the mask of {leaf.name!r}: choose a name of its own "
                "(x.with_mask(m) takes a mask that is computed)"
            )
        if known is not None and (known.kind is not Kind.PLACEHOLDER or known.shape != shape):
            raise GraphError(
                f"mask {mask!r} {show_shape(known.shape)} does not lie along the open dims of "
                f"{leaf.name!r} {show_shape(shape)}"
            )
        return shape

    def variable(
        self, name: str, shape: Any, init: str | Initializer, dtype: Any, trainable: bool
    ) -> SDVariable:
        full, shape = self.names.given(name, self.graph), self.shape(shape)
        if not all(isinstance(size, int) for size in shape):
            raise GraphError(f"variable {name!r} {show_shape(shape)}: every size must be a number")
        dtype = declared_dtype(dtype, name)
        self._check_trainable(name, dtype, trainable)
        pending = Pending(initializer(init), shape, dtype)  # type: ignore[arg-type]
        check_drawn(name, pending)
        self.add_leaf(Leaf(full, Kind.VARIABLE, shape, dtype, None, trainable, user_source()))
        self.pending[full] = pending
        return self.handle(full)

    def array(
        self, name: str | None, array: Any, kind: Kind, trainable: bool, dtype: Any = None
    ) -> SDVariable:
        """A variable or constant from an array, in its own type unless another is given."""
        full = (
            self.names.given(name, self.graph)
            if name
            else self.names.automatic("const", self.graph)
        )
        host = np.asarray(array)
        own = dtype_name(host.dtype)  # numpy's default of 64 bits is nobody's declaration
        kept = own if dtype is None else declared_dtype(dtype, full)
        if kind is Kind.VARIABLE:
            self._check_trainable(full, kept, trainable)
        value = jnp.asarray(host, kept) if dtype is None else typed(full, host, kept)
        self.add_leaf(Leaf(full, kind, value.shape, kept, None, trainable, user_source()))
        self.arrays[full] = value
        return self.handle(full)

    def _check_trainable(self, name: str, dtype: str, trainable: bool) -> None:
        if trainable and not is_float(dtype):
            raise GraphError(
                f"variable {name!r} is {dtype}, and only floating point can be trained; "
                "use sd.constant, or trainable=False"
            )

    def add_leaf(self, leaf: Leaf) -> None:
        self.notes.values[leaf.name] = leaf_value(leaf, self.notes.plan)
        self.graph = self.graph.with_leaf(leaf)

    def axis_of(self, x: SDVariable, axis: int | str) -> int:
        """The number of an axis of x, given by name or number."""
        number = axis_numbers(axis, self.value(x.name), x.name)
        assert isinstance(number, int)
        return number

    def free_name(self, stem: str) -> str:
        """A name for a group of variables, without the open scopes, that nobody has yet."""
        full = self.names.automatic(stem, {*self.graph.names, *_groups(self.graph)})
        return full.removeprefix(self.names.prefix)

    # Ops.

    def emit(self, op: Op, values: dict[str, Any]) -> Any:
        """One node, checked: a variable, or a tuple of them."""
        name, masked = values.pop("name", None), values.pop("masked", True)
        allow_softmax, in_java = values.pop("allow_softmax", False), values.pop("in_java", False)
        source = user_source()
        with self.atomic():
            args = node_arguments(op, values, self.lift, self.value, self.fold)
            self._check_dims(op, args)
            if masked is False:
                args = (*args, ("masked", False))
            if allow_softmax:
                args = (*args, ("allow_softmax", True))
            node = self._node(op, args, name, source)
            self._check_logits(node, in_java)
            self._add_node(node)
            check_constants(self.graph, self.notes, node, self.arrays)
            if op.loss and (in_java or self.value(node.outputs[0]).shape == ()):
                self.losses = (*self.losses, node.outputs[0])
        shown = node.outputs[: len(node.outputs) - op.internal]
        handles = [self.handle(name) for name in shown]
        return tuple(handles) if len(handles) > 1 or op.is_list else handles[0]

    def _check_logits(self, node: Node, in_java: bool) -> None:
        """Java's programs apply a softmax twice, so there it is a warning, which stays."""
        wrong = squashed_twice(self.graph, node)
        if wrong is not None and not in_java:
            raise LossError(wrong)
        if wrong is not None:
            warn_user(f"{wrong}\n  at {node.source}")

    def _check_dims(self, op: Op, args: Any) -> None:
        """A dim that nobody has declared is a spelling mistake."""
        used = symbols_of([tuple(dims_in(value)) for _, value in args])
        if used <= set(self.bounds):
            return
        known = {*symbols_of(leaf.shape for leaf in self.graph.leaves.values()), *self.bounds}
        for name in sorted(used - known):
            shown = ", ".join(sorted(known)) or "none"
            raise GraphError(f"{op.name}: no placeholder has a dim {name!r} (there are: {shown})")

    def _node(self, op: Op, args: Any, name: Name, source: Source | None) -> Node:
        count = self._output_count(op, Node(op.name, args, (), source))
        given = (name,) if isinstance(name, str) else name or ()
        if len(given) > max(count - op.internal, 1):
            raise GraphError(f"{op.name} has {count - op.internal} outputs, not {list(given)}")
        named = [self.names.given(text, self.graph) for text in given]
        named = named or [self.names.automatic(op.title.lstrip("_"), self.graph)]
        shown = count - op.internal
        rest = [f"{named[0]}{':' if i < shown else '#'}{i}" for i in range(len(named), count)]
        return Node(op.name, args, (*named, *rest), source)

    def _output_count(self, op: Op, node: Node) -> int:
        try:
            return output_count(op, node, self.notes, self.bounds)
        except (TypeError, ValueError, IndexError, ArithmeticError) as error:
            if self._unified(op, node):
                return output_count(op, node, self.notes, self.bounds)
            reason = reason_of(error) + unnamed({n: self.value(n) for n in node.refs})
            raise GraphError(explain(node, self.notes, reason)) from error

    def _unified(self, op: Op, node: Node) -> bool:
        """Whether taking anonymous dims for others makes the op fit; then they are these."""
        for names in candidates([self.value(name) for name in node.refs]):
            graph = with_dims(self.graph, names)
            try:
                notes = annotate(graph, self.bounds)
                output_count(op, node, notes, self.bounds)
            except (SameDiffError, TypeError, ValueError, IndexError, ArithmeticError):
                continue
            self.graph, self.notes = graph, notes
            return True
        return False

    def _add_node(self, node: Node) -> None:
        add_node(self.notes, node, self.bounds)
        self.graph = self.graph.with_node(node)

    def lift(self, value: Any) -> Ref:
        """A variable of this graph; arrays become constants."""
        if isinstance(value, SDVariable):
            if value.sd is not self.owner:
                raise GraphError(f"{value.name!r} belongs to another graph")
            return Ref(value.name)
        if isinstance(value, str):
            raise GraphError(f"{value!r} is text; pass the variable itself, e.g. sd[{value!r}]")
        return Ref(self.array(None, value, Kind.CONSTANT, False).name)

    def fold(self, value: Any) -> Any:
        """The numbers of an array, or of a variable that depends on constants and sizes alone."""
        if not isinstance(value, SDVariable):
            return np.asarray(value).tolist()
        graph = prune(self.graph, [self.lift(value).name])
        constants = {n: self.arrays[n] for n in graph.of_kind(Kind.CONSTANT)}
        known = known_integers(graph, self.notes, value.name, constants)
        if known is not None:
            return known
        if len(constants) < len(graph.leaves):
            raise GraphError(
                f"{value.name!r} stands for sizes or axes, which must be known while the graph is "
                "built: use numbers, constants, or sizes of other variables (sd.shape, "
                "sd.size_at) and what is made of them by adding, multiplying, stacking, picking"
            )
        run = lower(graph, self.notes, (value.name,), Mode())
        return np.asarray(run(constants)[value.name]).tolist()

    # Changes of what is there.

    def reannotate(self, graph: Graph) -> None:
        """Takes over a changed graph, if it holds together."""
        self.notes = annotate(graph, self.bounds)
        self.graph = graph

    def update(self, variable: str, value: str) -> None:
        leaf = self.graph.leaves.get(variable)
        if leaf is None or leaf.kind is not Kind.VARIABLE or leaf.trainable:
            raise GraphError(
                f"{variable!r} is no variable with trainable=False, so sd.update can't set it"
            )
        new = self.value(value)
        if new.shape != leaf.shape or new.dtype != leaf.dtype:
            raise GraphError(
                f"sd.update({variable!r}): {leaf.dtype}{show_shape(leaf.shape)} can't take "
                f"{new.dtype}{show_shape(new.shape)}"
            )
        self.graph = self.graph.with_update(variable, value)

    @property
    def key(self) -> jax.Array:
        """What everything random is drawn with."""
        return jax.random.key(self.seed)

    def settle(self) -> None:
        """Draws the initial values that nobody has asked for yet."""
        if self.pending:
            self.arrays.update(draw(self.pending, self.seed))
            self.pending.clear()


def _groups(graph: Graph) -> set[str]:
    return {name.rpartition("/")[0] for name in graph.names}
