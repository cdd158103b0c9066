"""Results whose number depends on values: arrays with a slot for each that there could be, the
real ones first, and last a mask that says how many they are."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

Where = Sequence[Array | None]
"""For each input which of its elements are real; None or nothing: all of them."""


def argwhere(condition: Array, *, where: Where = ()) -> tuple[Array, Array]:
    """The places of the true elements, row by row: [found, rank]."""
    true = _real(condition.astype(bool), where, 0).ravel()
    order, valid = _true_first(true)
    places = [jnp.unravel_index(order, condition.shape)] if condition.ndim else []
    columns = [axis for axes in places for axis in axes]
    found = jnp.stack(columns, 1) if columns else jnp.zeros((1, 0), int)
    return found.astype(int), valid


def partition(x: Array, partitions: Array, *, index: int, where: Where = ()) -> tuple[Array, Array]:
    """The slices of x whose number in `partitions` is `index`: [found, ...]."""
    mine = _real(partitions == index, where, 1).ravel()
    order, valid = _true_first(mine)
    rows = x.reshape(mine.shape + x.shape[partitions.ndim :])
    return rows[order], valid


def list_diff(x: Array, y: Array, *, where: Where = ()) -> tuple[Array, Array, Array]:
    """The elements of x that are not in y, in their order, and their places in x."""
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError(f"x and y must be vectors, not of rank {x.ndim} and {y.ndim}")
    known = _real(jnp.ones(y.shape, bool), where, 1)
    missing = ~jnp.any((x[:, None] == y[None, :]) & known[None, :], axis=1)
    order, valid = _true_first(_real(missing, where, 0))
    return x[order], order.astype("int32"), valid


def _real(chosen: Array, where: Where, which: int) -> Array:
    real = where[which] if which < len(where) else None
    return chosen if real is None else chosen & real


def _true_first(chosen: Array) -> tuple[Array, Array]:
    """An order that puts what is chosen first, and the mask of as many slots."""
    order = jnp.argsort(~chosen, stable=True)
    return order, jnp.arange(chosen.shape[0]) < jnp.sum(chosen)
