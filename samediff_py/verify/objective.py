"""The scalar whose gradients are compared: the losses, or else a weighted sum of the outputs."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax import Array

from ..foundation.dtypes import is_float
from ..kernels.loss_reduction import ratio
from .subject import Subject

Wholes = Mapping[str, tuple[Any, Any]]
"""Total and count of losses over a whole batch, of which only a part is run."""


@dataclass(frozen=True)
class Objective:
    """`losses` are summed. `weighted` outputs, with the axis of examples (None: there is but one),
    are summed with fixed weights, counted along the real elements of each example: so padding and
    the other examples do not change a weight."""

    losses: tuple[str, ...]
    weighted: Mapping[str, int | None]

    def has_any(self, names: Container[str]) -> bool:
        return any(name in names for name in (*self.losses, *self.weighted))

    def __call__(self, outs: Mapping[str, Any], ids: Array, batch: Wholes) -> Array:
        losses = [_loss(outs[n], outs[f"{n}?"], batch.get(n)) for n in self.losses if n in outs]
        sums = [
            _weighted(outs[name], outs[f"{name}?"], axis, ids)
            for name, axis in self.weighted.items()
            if name in outs
        ]
        return sum((*losses, *sums), jnp.zeros(()))


def objective_of(subject: Subject) -> Objective:
    """The losses that the feeds can compute; without any, what each example has of the outputs."""
    if subject.losses:
        return Objective(subject.losses, {})
    found = {}
    for name in subject.outputs:
        layout = subject.layouts.get(name)
        if layout is None or not layout.by_example or name in subject.random:
            continue
        if is_float(subject.notes.values[name].dtype) and not _open(subject, layout.free, name):
            found[name] = layout.rows[0] if layout.rows else None
    return Objective((), found)


def _open(subject: Subject, free: tuple[int, ...], name: str) -> bool:
    """Whether nobody knows which positions are an example's own."""
    shape = subject.notes.values[name].shape
    return any(getattr(shape[a], "symbols", frozenset()) & set(subject.padded) for a in free)


def _loss(value: Any, valid: Array, whole: tuple[Any, Any] | None) -> Any:
    """A loss; of a part of a batch with that total and count, what has the part's gradients: those
    of total / count, in both of which it has its share."""
    if not isinstance(value, tuple):
        return jnp.sum(jnp.where(valid, value, 0))
    if whole is None:
        return ratio(*value)
    (total, count), of_all = value, whole[1]
    return ratio(total - count * ratio(*whole), of_all)


def _weighted(value: Array, valid: Array, axis: int | None, ids: Array) -> Array:
    value, valid = (a[None] if axis is None else jnp.moveaxis(a, axis, 0) for a in (value, valid))
    value, valid = (a.reshape(len(a), -1) for a in (value, valid))
    place = jnp.cumsum(valid, axis=1) * 1.7 + ids[:, None] * 0.9
    counted = valid & (ids >= 0)[:, None]
    return jnp.sum(jnp.where(counted, value * jnp.cos(place).astype(value.dtype), 0))
