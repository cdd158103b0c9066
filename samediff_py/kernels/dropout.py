"""Dropout as SameDiff counts it, by the probability of keeping an element."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from .random import dropout_inverted_java, dropout_java


def dropout_kept(
    x: Array, *, keep_probability: float, key: Array | None = None, training: bool | None = None
) -> Array:
    """In training every element stays with that probability, or is 0; x times it in inference.

    So the two agree in the mean (Srivastava et al. 2014).
    """
    _check(keep_probability)
    if training:
        return dropout_java(x, keep_probability=keep_probability, key=key)
    return x * keep_probability


def dropout_inverted(
    x: Array, *, keep_probability: float, key: Array | None = None, training: bool | None = None
) -> Array:
    """In training x / probability with that probability, or 0; x in inference.

    Nothing is kept with a probability of 0, in inference neither.
    """
    _check(keep_probability)
    if training:
        return dropout_inverted_java(x, keep_probability=keep_probability, key=key)
    return x if keep_probability > 0 else jnp.zeros_like(x)


def _check(probability: float) -> None:
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability lies in [0, 1], {probability} does not")
