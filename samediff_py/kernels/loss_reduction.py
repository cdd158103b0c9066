"""The reduction that all losses share: weights, sums, and what a mean divides by."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from .numbers import fill_masked, widen

REDUCTIONS = ("none", "sum", "mean", "mean_by_weight")


def reduce_loss(
    items, weights=None, *, reduction="mean", where=None, parts=False, dtype=None
) -> Any:
    """Reduce items l with weights w: a scalar, or of the items' rank and broadcast to them.

    none: w l; sum: sum(w l); mean: sum(w l) / count(w != 0); mean_by_weight: sum(w l) / sum(w);
    0 where there is nothing to divide by. With `parts` (total, count), loss = total / count: the
    loss over several batches is the sum of totals over the sum of counts (a sum's count is 1).
    SameDiff: LossReduce, whose MEAN_BY_NONZERO_WEIGHT_COUNT is mean.
    """
    _check_reduction(reduction, parts)
    dtype = items.dtype if dtype is None else dtype
    items = widen(items)
    counted = valid = None if where is None else jnp.broadcast_to(where, items.shape)
    items = fill_masked(items, valid, 0)
    if weights is not None:
        counted = fill_masked(_spread(weights, items), valid, 0)
        items = items * counted
    if reduction == "none":
        return items.astype(dtype)
    total, count = jnp.sum(items), _count(reduction, items, counted)
    return (total, count) if parts else ratio(total, count).astype(dtype)


def _check_reduction(reduction, parts):
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
    if parts and reduction == "none":
        raise ValueError("reduction 'none' has no total and count: parts=True needs another one")


def _count(reduction, items, counted) -> Array:
    """What a mean divides by; `counted` are the weights, the valid items, or None for all."""
    if reduction == "sum":
        return jnp.ones((), items.dtype)
    if counted is None:
        return jnp.asarray(items.size, items.dtype)
    count = jnp.sum(counted) if reduction == "mean_by_weight" else jnp.count_nonzero(counted)
    return count.astype(items.dtype)


def ratio(total: Any, count: Any, xp: Any = jnp) -> Any:
    """total / count; 0, with zero gradients, for a count of 0. With numpy as `xp` on the host.

    A sum of weights may be negative, and is a count like any other.
    """
    none = count == 0
    return xp.where(none, 0, total / xp.where(none, 1, count))


def _spread(weights, items) -> Array:
    """Weights of the items' shape; a column [n, 1] serves items [n] too, as in SameDiff."""
    weights, shape = jnp.asarray(weights, items.dtype), items.shape
    if weights.ndim == 2 and len(shape) == 1 and weights.shape[1] == 1:
        weights = weights[:, 0]
    sizes = zip(weights.shape, shape, strict=False)
    if weights.ndim and (weights.ndim != len(shape) or any(w not in (1, n) for w, n in sizes)):
        raise ValueError(
            f"weights of shape {weights.shape} do not fit losses of shape {shape}: "
            "give a scalar, or the same rank with sizes that are 1 or equal"
        )
    return jnp.broadcast_to(weights, shape)
