"""Tables: counts of pairs, and grids of coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array


def confusion_matrix(
    labels: Array,
    predictions: Array,
    weights: Array | None = None,
    *,
    num_classes: int,
    dtype: str | None = None,
    where: Array | None = None,
) -> Array:
    """[label, prediction]: how often the two met, or the sum of the weights of these items.

    An item outside the classes is in no cell. Without `dtype`: that of the weights, or int32.
    """
    pairs = jnp.broadcast_arrays(labels, predictions)
    real = jnp.ones((), bool) if where is None else where
    for ids in pairs:
        real = real & (ids >= 0) & (ids < num_classes)
    cell = jnp.where(real, pairs[0] * num_classes + pairs[1], num_classes**2).reshape(-1)
    amount = jnp.ones((), "int32") if weights is None else weights
    amount = jnp.where(real, amount, 0).reshape(-1)
    table = jnp.zeros(num_classes**2, amount.dtype).at[cell].add(amount, mode="drop")
    table = table.reshape(num_classes, num_classes)
    return table if dtype is None else table.astype(jax.dtypes.canonicalize_dtype(dtype))


def meshgrid(xs: Sequence[Array], *, cartesian: bool = True) -> tuple[Array, ...]:
    """Coordinates of a grid: one array for each of the vectors.

    Axis i belongs to vector i; with `cartesian` the first two axes are swapped (x goes right).
    """
    for x in xs:
        if x.ndim != 1:
            raise ValueError(f"meshgrid takes vectors, not an array of shape {x.shape}")
    return tuple(jnp.meshgrid(*xs, indexing="xy" if cartesian else "ij"))
