"""Batch norm with running statistics (Ioffe, Szegedy 2015)."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from .normalization import batch_moments, batch_norm


def batch_norm_layer(
    x: Array,
    running_mean: Array,
    running_variance: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    axis: int = -1,
    epsilon: float = 1e-5,
    momentum: float = 0.99,
    training: bool | None = None,
    where: Array | None = None,
) -> tuple[Array, Array, Array]:
    """The result and the running statistics after this batch.

    In training the statistics of the batch's real slots are used, and mixed into the running ones;
    a batch without any leaves them as they are. In inference the running ones are used.
    """
    if not training:
        y = batch_norm(x, running_mean, running_variance, gamma, beta, axis=axis, epsilon=epsilon)
        return y, running_mean, running_variance
    mean, variance, count = batch_moments(x, axis=axis, where=where)
    y = batch_norm(x, mean, variance, gamma, beta, axis=axis, epsilon=epsilon)
    keep = jnp.where(count > 0, momentum, 1.0).astype(running_mean.dtype)
    return y, _mixed(running_mean, mean, keep), _mixed(running_variance, variance, keep)


def _mixed(old: Array, new: Array, keep: Array) -> Array:
    return keep * old + (1 - keep) * new.astype(old.dtype)
