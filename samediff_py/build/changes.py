"""Changes of a graph as a whole: variables become constants and back, types, copies. Whatever
does not fit raises, and leaves all as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import jax.numpy as jnp

from ..foundation.dtypes import is_float
from ..foundation.errors import GraphError, LossError
from ..ir.graph import Graph, Kind, Leaf
from .builder import Builder, declared_dtype


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
