"""Changes of what is there: names, masks, losses, arrays, kinds and types of variables, copies.
Whatever does not fit raises, and leaves all as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import jax.numpy as jnp

from ..foundation.dims import show_shape
from ..foundation.dtypes import declared_dtype, is_float
from ..foundation.errors import GraphError, LossError
from ..foundation.source import user_source
from ..ir.graph import Graph, Kind, Leaf
from .builder import Builder
from .initial import typed


def rename(builder: Builder, old: str, new: str) -> str:
    """Another name for a variable, wherever the graph uses it; the name with the open scopes."""
    full = builder.names.given(new, builder.graph)
    builder.reannotate(builder.graph.renamed(old, full))
    builder.losses = tuple(full if name == old else name for name in builder.losses)
    for table in (builder.arrays, builder.pending, builder.handles):
        if old in table:
            table[full] = table.pop(old)  # type: ignore[index]
    if full in builder.handles:
        builder.handles[full]._name = full
    return full


def declare_mask(builder: Builder, name: str, mask: str) -> None:
    """Makes the placeholder `mask`, a new one or one that is there, the companion of `name`."""
    leaf, source = builder.graph.leaves.get(name), user_source()
    mask = mask if mask in builder.graph else builder.names.prefix + mask
    if leaf is None or leaf.kind is not Kind.PLACEHOLDER:
        raise GraphError(f"{name!r} is no placeholder, so nobody can feed a mask for it")
    if leaf.mask not in (None, mask):
        raise GraphError(f"{name!r} declares the mask {leaf.mask!r} already")
    shape = builder.mask_shape(leaf, mask)
    with builder.atomic():
        if mask not in builder.graph:
            builder.add_leaf(Leaf(mask, Kind.PLACEHOLDER, shape, "bool", None, False, source))
        builder.reannotate(builder.graph.with_leaf(replace(leaf, mask=mask)))


def set_losses(builder: Builder, names: tuple[str, ...], *, in_java: bool = False) -> None:
    """In Java's spelling a loss may be an array: the sum of its real elements."""
    for name in (name for name in names if name not in builder.losses):
        value = builder.value(name)
        if not is_float(value.dtype):
            raise LossError(f"loss {name!r} is {value.dtype}; a loss must be floating point")
        if value.shape != () and not in_java:
            raise LossError(
                f"loss {name!r} has dims {show_shape(value.shape)}; a loss must be a scalar: "
                "take its mean() or sum()"
            )
    builder.losses = names


def set_array(builder: Builder, name: str, array: Any) -> None:
    """Another array of the same shape for a variable or constant."""
    leaf = builder.graph.leaves.get(name)
    if leaf is None or leaf.kind is Kind.PLACEHOLDER:
        raise GraphError(f"{name!r} holds no array: it is fed, or made by an op")
    value = typed(name, array, leaf.dtype)
    if value.shape != leaf.shape:
        raise GraphError(
            f"{name!r} is {show_shape(leaf.shape)} and can't take an array {value.shape}"
        )
    builder.pending.pop(name, None)
    builder.arrays[name] = value


def to_constants(builder: Builder, names: Iterable[str]) -> None:
    """Variables become constants with the values that they have now."""
    _replace(builder, (_fixed(builder.graph, name) for name in names))


def _fixed(graph: Graph, name: str) -> Leaf:
    leaf = _leaf(graph, name)
    if leaf.kind is Kind.PLACEHOLDER:
        raise GraphError(
            f"{name!r} is fed at each call and holds no array to keep: use sd.constant"
        )
    if name in graph.updates:
        raise GraphError(f"{name!r} takes a new value after every step (sd.update): not constant")
    return replace(leaf, kind=Kind.CONSTANT, trainable=False)


def to_variables(builder: Builder, names: Iterable[str]) -> None:
    """Constants become variables that training changes, from the values that they have now."""
    _replace(builder, (_free(builder.graph, name) for name in names))


def _free(graph: Graph, name: str) -> Leaf:
    leaf = _leaf(graph, name)
    if leaf.kind is Kind.PLACEHOLDER:
        raise GraphError(f"{name!r} is fed at each call and holds no array to begin with")
    if leaf.kind is Kind.VARIABLE:
        return leaf
    if not is_float(leaf.dtype):
        raise GraphError(f"{name!r} is {leaf.dtype}, and only floating point can be trained")
    return replace(leaf, kind=Kind.VARIABLE, trainable=True)


def _leaf(graph: Graph, name: str) -> Leaf:
    if name not in graph.leaves:
        raise GraphError(f"{name!r} is made by an op: only variables and constants hold an array")
    return graph.leaves[name]


def _replace(builder: Builder, leaves: Iterable[Leaf]) -> None:
    """Takes over changed leaves, all of them or none."""
    changed = {leaf.name: leaf for leaf in leaves}
    builder.settle()
    builder.reannotate(replace(builder.graph, leaves={**builder.graph.leaves, **changed}))


def convert_dtypes(builder: Builder, dtypes: Mapping[str, Any]) -> None:
    """Other types of placeholders, variables and constants, and so of what ops make of them."""
    leaves = {name: _typed(builder.graph, name, dtype) for name, dtype in dtypes.items()}
    with builder.atomic():
        _replace(builder, leaves.values())
        _check_updates(builder)
        for loss in builder.losses:
            if not is_float(builder.value(loss).dtype):
                raise LossError(f"the loss {loss!r} would become {builder.value(loss).dtype}")
    arrays = builder.arrays
    arrays.update({n: jnp.asarray(arrays[n], leaves[n].dtype) for n in leaves if n in arrays})


def _typed(graph: Graph, name: str, dtype: Any) -> Leaf:
    if name not in graph.leaves:
        raise GraphError(f"the type of {name!r} follows from what it is made of: cast the inputs")
    leaf, new = graph.leaves[name], declared_dtype(dtype, name)
    if name in {other.mask for other in graph.leaves.values()} and new != "bool":
        raise GraphError(f"{name!r} is a mask, and stays bool")
    if leaf.trainable and leaf.kind is Kind.VARIABLE and not is_float(new):
        raise GraphError(f"variable {name!r} is trained, so it can't become {new}")
    return replace(leaf, dtype=new)


def _check_updates(builder: Builder) -> None:
    for name, value in builder.graph.updates.items():
        if builder.value(value).dtype != builder.value(name).dtype:
            raise GraphError(f"sd.update: {name!r} and {value!r} must change their types together")


def copy_graph(source: Builder, target: Builder) -> None:
    """Graph, arrays, bounds and losses of one builder for another, which is new."""
    source.settle()
    target.bounds, target._anonymous = dict(source.bounds), source._anonymous
    target.reannotate(source.graph)
    target.arrays, target.losses = dict(source.arrays), source.losses
