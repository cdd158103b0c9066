"""Dropout, and as SameDiff counts it: by the probability of keeping an element."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from .random import probability, unit


def dropout(
    x: Array, *, rate: float, key: Array | None = None, training: bool | None = None
) -> Array:
    """In training, every element is 0 with probability `rate`, the others are x / (1 - rate)."""
    if not training or rate == 0:
        return x
    return dropout_inverted_java(x, keep_probability=1 - rate, key=key)


def dropout_java(x: Array, *, keep_probability: float, key: Array | None = None) -> Array:
    """Every element stays with `keep_probability`, not rescaled, or is 0; in inference too."""
    if key is None:
        raise ValueError("dropout needs a random key")
    kept = unit(key, x.shape, np.dtype("float32")) < probability(keep_probability)
    return jnp.where(kept, x, jnp.zeros((), x.dtype))


def dropout_inverted_java(x: Array, *, keep_probability: float, key: Array | None = None) -> Array:
    """`dropout_java` divided by `keep_probability`, so that the mean stays."""
    kept = dropout_java(x, keep_probability=keep_probability, key=key)
    return kept * (1 / keep_probability) if keep_probability > 0 else kept


def dropout_kept(
    x: Array, *, keep_probability: float, key: Array | None = None, training: bool | None = None
) -> Array:
    """In training every element stays with that probability, or is 0; x times it in inference.

    So the two agree in the mean (Srivastava et al. 2014).
    """
    probability(keep_probability)
    if training:
        return dropout_java(x, keep_probability=keep_probability, key=key)
    return x * keep_probability


def dropout_inverted(
    x: Array, *, keep_probability: float, key: Array | None = None, training: bool | None = None
) -> Array:
    """In training x / probability with that probability, or 0; x in inference.

    Nothing is kept with a probability of 0, in inference neither.
    """
    probability(keep_probability)
    if training:
        return dropout_inverted_java(x, keep_probability=keep_probability, key=key)
    return x if keep_probability > 0 else jnp.zeros_like(x)
