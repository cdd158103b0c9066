"""Several arrays of one shape into one, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import jax
import jax.numpy as jnp
from jax import Array


def merge_add(xs: Sequence[Array]) -> Array:
    """The sum of the arrays."""
    return reduce(jnp.add, _alike(xs))


def merge_avg(xs: Sequence[Array]) -> Array:
    """The mean of the arrays."""
    return merge_add(xs) / len(xs)


def merge_max(xs: Sequence[Array]) -> Array:
    """The greatest of the arrays."""
    return reduce(jnp.maximum, _alike(xs))


def merge_max_index(xs: Sequence[Array], *, dtype: str = "int32") -> Array:
    """Which of the arrays is greatest: its number, the first of equals."""
    index = jnp.argmax(jnp.stack(_alike(xs)), axis=0)
    return index.astype(jax.dtypes.canonicalize_dtype(dtype))


def _alike(xs: Sequence[Array]) -> Sequence[Array]:
    for x in xs:
        if x.shape != xs[0].shape:
            raise ValueError(f"arrays to merge have one shape, not {xs[0].shape} and {x.shape}")
    return xs
