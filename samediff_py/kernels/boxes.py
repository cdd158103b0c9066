"""Boxes (y1, x1, y2, x2), given by any two opposite corners."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from .ragged import Where


def non_max_suppression(
    boxes: Array,
    scores: Array,
    *,
    max_out_size: int,
    iou_threshold: float,
    score_threshold: float,
    where: Where = (),
) -> tuple[Array, Array]:
    """The boxes [n, 4] that no better one covers: their numbers, best first, and which are real.

    Of those that score at least `score_threshold` the best is taken (the first of equals), and all
    whose intersection over union with it is above `iou_threshold` are dropped; and so on, at most
    `max_out_size` times.
    """
    if boxes.ndim != 2 or boxes.shape[1] != 4 or scores.shape != boxes.shape[:1]:
        raise ValueError(
            f"wants boxes [n, 4] and a score for each, not {boxes.shape} and {scores.shape}"
        )
    if max_out_size < 1:
        raise ValueError(f"max_out_size is {max_out_size}; it starts at 1")
    order = jnp.argsort(scores, stable=True, descending=True)
    corners = _ordered(boxes)[order]
    alive = scores >= score_threshold
    for real in where:
        alive &= True if real is None else jnp.all(real, axis=tuple(range(1, real.ndim)))

    def take(alive: Array, _: None) -> tuple[Array, tuple[Array, Array]]:
        best = jnp.argmax(alive)
        covered = _overlap(corners[best], corners) > iou_threshold
        left = alive & ~covered & (jnp.arange(alive.shape[0]) != best)
        return left, (order[best], alive[best])

    _, (numbers, real) = lax.scan(take, alive[order], length=max_out_size)
    return jnp.where(real, numbers, 0).astype(jnp.int32), real


def _ordered(boxes: Array) -> Array:
    """The corners with the least and with the greatest coordinates."""
    first, second = boxes[:, :2], boxes[:, 2:]
    return jnp.concatenate([jnp.minimum(first, second), jnp.maximum(first, second)], 1)


def _overlap(box: Array, others: Array) -> Array:
    """Intersection over union; 0 where both have no area."""
    sides = jnp.minimum(box[2:], others[:, 2:]) - jnp.maximum(box[:2], others[:, :2])
    common = jnp.prod(jnp.maximum(sides, 0), axis=1)
    union = _area(box) + _area(others) - common
    return jnp.where(union > 0, common / jnp.where(union > 0, union, 1), 0)


def _area(box: Array) -> Array:
    return jnp.prod(box[..., 2:] - box[..., :2], axis=-1)
