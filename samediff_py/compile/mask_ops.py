"""The operations of the mask plan, on boolean arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from ..foundation.index import thaw_index
from ..kernels import deconvolution, indexing, moves, pooling, sequences


def counted(exists: Array) -> Array:
    """How many positions of each row exist."""
    return jnp.sum(exists, axis=-1, dtype=jnp.int32)


def prefix(sizes: Array, capacity: int) -> Array:
    """True for the first `sizes` positions of each row."""
    return jnp.arange(capacity) < sizes[..., None]


def _or(masks: Sequence[Array]) -> Array:
    return reduce(jnp.logical_or, masks)


def _any(masks: Sequence[Array], *, axes: tuple[int, ...]) -> Array:
    return jnp.any(masks[0], axis=axes)


def _reaches(masks: Sequence[Array], *, rows: int, axis: int) -> Array:
    """True up to the last position along `axis` where anything of a row is: [rows, axis]."""
    (mask,) = masks
    there = jnp.any(mask, axis=tuple(a for a in range(mask.ndim) if a not in (rows, axis)))
    there = there if rows < axis else there.T
    return jax.lax.cummax(there.astype(jnp.int8), axis=1, reverse=True) > 0


def _gather(masks: Sequence[Array], *, axis: int) -> Array:
    mask, indices = masks
    return jnp.take(mask, indices, axis=axis, mode="clip")


def _gather_nd(masks: Sequence[Array], *, columns: tuple[int, ...]) -> Array:
    """The places are spelled out by these columns of the indices."""
    mask, indices = masks
    return indexing.gather_nd(mask, indices[..., list(columns)])


def _reverse_sequence(
    masks: Sequence[Array], *, spread: tuple[int, ...], seq_dim: int, batch_dim: int
) -> Array:
    mask, lengths, ends = masks
    where = jnp.broadcast_to(ends, spread)
    axes = {"seq_dim": seq_dim, "batch_dim": batch_dim}
    return sequences.reverse_sequence(jnp.broadcast_to(mask, spread), lengths, where=where, **axes)


def _reshape(masks: Sequence[Array], *, spread: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    return jnp.reshape(jnp.broadcast_to(masks[0], spread), shape)


def _tile(masks: Sequence[Array], *, repeats: tuple[int, ...]) -> Array:
    return jnp.tile(masks[0], repeats)


def _repeat(masks: Sequence[Array], *, repeats: tuple[int, ...]) -> Array:
    mask = masks[0]
    for axis, count in enumerate(repeats):
        mask = jnp.repeat(mask, count, axis=axis)
    return mask


def _join(masks: Sequence[Array], *, axis: int, spread: tuple[tuple[int, ...], ...]) -> Array:
    """Side by side along `axis`; each mask is spread to its own size there."""
    wide = [jnp.broadcast_to(m, _with(m.shape, axis, s[axis])) for m, s in _zip(masks, spread)]
    common = jnp.broadcast_shapes(*(_with(m.shape, axis, 1) for m in wide))
    full = [jnp.broadcast_to(m, _with(common, axis, m.shape[axis])) for m in wide]
    return jnp.concatenate(full, axis=axis)


def _zip(masks, spread):
    return zip(masks, spread, strict=True)


def _with(shape: Sequence[int], axis: int, size: int) -> tuple[int, ...]:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _window(masks: Sequence[Array], *, axis: int, **window: Any) -> Array:
    """SAME with a stride gives ceil(length / stride) outputs: those whose anchor is in the row."""
    return pooling.window_valid(masks[0], axis=axis, **window)


def _spread(masks: Sequence[Array], *, axis: int, **window: Any) -> Array:
    return deconvolution.spread_valid(masks[0], axis=axis, **window)


def _getitem(masks: Sequence[Array], *, index: Any, ragged_axis: int | None = None) -> Array:
    if ragged_axis is None:
        return moves.getitem(masks[0], thaw_index(index))
    sizes = counted(masks[1])
    return moves.getitem(masks[0], thaw_index(index), sizes=sizes, ragged_axis=ragged_axis)


def _concat_exists(
    masks: Sequence[Array], *, capacities: tuple[int, ...], known: tuple[bool, ...]
) -> Array:
    """Existence of rows joined at their ends; an untagged input is there in every real row."""
    sizes = iter([counted(mask) for mask in masks])
    rows = _or([mask[..., 0] for mask in masks])
    total = sum(next(sizes) if k else rows * c for k, c in zip(known, capacities, strict=True))
    return prefix(jnp.asarray(total), sum(capacities))


def _concat(
    masks: Sequence[Array],
    *,
    axis: int,
    spread: tuple[tuple[int, ...], ...],
    known: tuple[bool, ...],
) -> Array:
    parts, exists = masks[: len(known)], iter(masks[len(known) :])
    sizes = tuple(counted(next(exists)) if k else None for k in known)
    full = tuple(jnp.broadcast_to(m, s) for m, s in _zip(parts, spread))
    return moves.concat(full, axis=axis, sizes=sizes)


def _pad(
    masks: Sequence[Array], *, padding: Any, mode: Any, ragged_axis: int | None = None
) -> Array:
    """What is added is real; what is mirrored, where its image is."""
    if ragged_axis is None:
        return moves.pad(masks[0], padding, mode=mode, value=True)
    how = {"mode": mode, "value": True, "ragged_axis": ragged_axis}
    return moves.pad(masks[0], padding, sizes=counted(masks[1]), **how)


def _reverse(
    masks: Sequence[Array], *, axis: tuple[int, ...], ragged_axis: int | None = None
) -> Array:
    if ragged_axis is None:
        return jnp.flip(masks[0], axis)
    return moves.reverse(masks[0], axis, sizes=counted(masks[1]), ragged_axis=ragged_axis)


def _roll(
    masks: Sequence[Array], *, axis: tuple[int, ...], shift: int, ragged_axis: int | None = None
) -> Array:
    if ragged_axis is None:
        return jnp.roll(masks[0], shift, axis)
    return moves.roll(masks[0], shift, axis, sizes=counted(masks[1]), ragged_axis=ragged_axis)


def _ranked(masks: Sequence[Array], *, size: int, count: int) -> Array:
    """Which of `count` ranks a row of `size` has: as many as it has elements."""
    (mask,) = masks
    return prefix(counted(jnp.broadcast_to(mask, (*mask.shape[:-1], size))), count)


def _divides(masks: Sequence[Array], *, number: int) -> Array:
    """Which rows have a multiple of that many positions."""
    return counted(masks[0]) % number == 0


def _and(masks: Sequence[Array]) -> Array:
    return masks[0]  # a `Use` is an AND already


MASK_OPS: dict[str, Callable[..., Array]] = {
    "and": _and,
    "or": _or,
    "any": _any,
    "reaches": _reaches,
    "gather": _gather,
    "gather_nd": _gather_nd,
    "reverse_sequence": _reverse_sequence,
    "reshape": _reshape,
    "tile": _tile,
    "repeat": _repeat,
    "join": _join,
    "window": _window,
    "spread": _spread,
    "getitem": _getitem,
    "concat_exists": _concat_exists,
    "concat": _concat,
    "pad": _pad,
    "reverse": _reverse,
    "roll": _roll,
    "ranked": _ranked,
    "divides": _divides,
}
