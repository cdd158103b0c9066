"""Sequences of which each has a length of its own, given as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array, lax

from .segments import checked_numbers


def sequence_mask(lengths: Array, max_len: Sequence[int], dtype: str = "bool") -> Array:
    """1 for the first `lengths` of `max_len` positions, along a new last axis; 0 behind them."""
    lengths = checked_numbers(lengths, "lengths")
    mask = jnp.arange(*max_len, dtype=lengths.dtype) < lengths[..., None]
    return mask.astype(jax.dtypes.canonicalize_dtype(dtype))


def reverse_sequence(
    x: Array,
    seq_lengths: Array,
    *,
    seq_dim: int = -1,
    batch_dim: int = 0,
    where: Array | None = None,
) -> Array:
    """The first `seq_lengths[i]` elements along `seq_dim` in reverse order, for each i along
    `batch_dim`; those behind stay where they are.

    `where` is true up to the end of each row; a length beyond it counts as the row's own.
    """
    seq, batch = seq_dim % x.ndim, batch_dim % x.ndim
    if seq == batch:
        raise ValueError(f"seq_dim and batch_dim are both axis {seq}")
    lengths = checked_numbers(seq_lengths, "seq_lengths")
    if lengths.shape != (x.shape[batch],):
        raise ValueError(
            f"seq_lengths {lengths.shape} must be one number for each of the {x.shape[batch]} "
            f"along axis {batch} of {x.shape}"
        )
    lengths = lengths.reshape([-1 if a == batch else 1 for a in range(x.ndim)])
    n = jnp.clip(lengths, 0, x.shape[seq])
    if where is not None:
        whole = [x.shape[seq] if a == seq else size for a, size in enumerate(where.shape)]
        n = jnp.minimum(n, jnp.sum(jnp.broadcast_to(where, whole), seq, n.dtype, keepdims=True))
    shape = [x.shape[seq] if a == seq else 1 for a in range(x.ndim)]
    position = lax.broadcasted_iota(n.dtype, shape, seq)
    source = jnp.where(position < n, n - 1 - position, position)
    return jnp.take_along_axis(x, source, seq, mode="clip")
