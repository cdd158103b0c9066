"""Ops that relocate elements.

With `sizes` one axis is ragged: a row exists on its first `sizes` positions, gets what it would
get alone at that length, and the result is again a prefix with zeros behind it. `sizes` is int32
and has the shape of the leading axes of x (mostly [batch]); the ragged axis lies behind them.
`concat_sizes`, `pad_sizes` and `getitem_sizes` tell the lengths of the rows that come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from numbers import Integral
from types import EllipsisType
from typing import Literal

import jax.numpy as jnp
from jax import Array, lax

from .axes import Axis, axes_of

Entry = int | slice  # of one axis
Index = Entry | EllipsisType | None
Padding = Sequence[tuple[int, int]]
PadMode = Literal["constant", "reflect", "symmetric"]
_INDEX_TYPES = (Integral, slice, EllipsisType, type(None))

# ---- turning and shifting ------------------------------------------------------------------------


def reverse(
    x: Array, axis: Axis, *, sizes: Array | None = None, ragged_axis: int | None = None
) -> Array:
    """Elements in reverse order along `axis`; a ragged row is turned within its own length.

    Where `axis` is several, `ragged_axis` is the one that `sizes` counts; without any, x stays.
    """
    if axis is None:
        return x
    if sizes is None:
        return jnp.flip(x, axis)
    axes = axes_of(x, axis)
    ragged = _one_of(axes, ragged_axis, x)
    n, position = _lengths(sizes, x, ragged), _positions(x, ragged)
    turned = _pick(x, n - 1 - position, position < n, ragged)
    return jnp.flip(turned, tuple(a for a in axes if a != ragged))


def roll(
    x: Array,
    shift: int,
    axis: Axis,
    *,
    sizes: Array | None = None,
    ragged_axis: int | None = None,
) -> Array:
    """Elements moved on by `shift` along `axis`; what leaves a row enters it at its other end.

    Where `axis` is several, `ragged_axis` is the one that `sizes` counts.
    """
    if sizes is None:
        return jnp.roll(x, shift, axis)
    axes = axes_of(x, axis)
    ragged = _one_of(axes, ragged_axis, x)
    n, position = _lengths(sizes, x, ragged), _positions(x, ragged)
    source = jnp.mod(position - shift, jnp.maximum(n, 1))
    others = tuple(a for a in axes if a != ragged)
    return jnp.roll(_pick(x, source, position < n, ragged), shift, others)


def _one_of(axes: tuple[int, ...], ragged_axis: int | None, x: Array) -> int:
    ragged = axes if ragged_axis is None else axes_of(x, ragged_axis)
    if len(ragged) != 1 or ragged[0] not in axes:
        raise ValueError(f"ragged_axis={ragged_axis} is not one of the moved axes {axes}")
    return ragged[0]


# ---- joining -------------------------------------------------------------------------------------


def concat(xs: Sequence[Array], *, axis: int, sizes: Sequence[Array | None] | None = None) -> Array:
    """The inputs joined along `axis`; ragged ones (an entry in `sizes`) by their existing parts."""
    joined = jnp.concatenate(xs, axis=axis)
    if sizes is None or all(n is None for n in sizes):
        return joined
    position = _positions(joined, axis)
    source, end = position, 0
    for x, part in zip(xs, _part_sizes(xs, axis, sizes), strict=True):
        n = _lengths(part, joined, axis)
        end = end + n
        source = source + jnp.where(position >= end, x.shape[axis] - n, 0)  # over its padding
    if all(n is None for n in sizes[:-1]):  # no padding in between, nothing to gather
        return _keep(joined, position < end)
    return _pick(joined, source, position < end, axis)


def concat_sizes(xs: Sequence[Array], *, axis: int, sizes: Sequence[Array | None]) -> Array:
    """Row lengths of `concat`: the sum over the inputs, where None stands for a full one."""
    return reduce(jnp.add, _part_sizes(xs, axis, sizes))


def _part_sizes(xs: Sequence[Array], axis: int, sizes: Sequence[Array | None]) -> list[Array]:
    rows = next((n.shape for n in sizes if n is not None), ())
    parts = zip(xs, sizes, strict=True)
    return [jnp.full(rows, x.shape[axis], jnp.int32) if n is None else n for x, n in parts]


def tile(
    x: Array,
    repeats: Sequence[int],
    *,
    sizes: Array | None = None,
    ragged_axis: int = 1,
) -> Array:
    """The whole array `repeats[a]` times along axis a; a ragged row each time at its own end."""
    if sizes is None:
        return jnp.tile(x, repeats)
    once = [1] * (x.ndim - len(repeats)) + list(repeats)
    count, once[ragged_axis] = once[ragged_axis], 1
    return concat([jnp.tile(x, once)] * count, axis=ragged_axis, sizes=[sizes] * count)


def pad(
    x: Array,
    padding: Padding,
    *,
    mode: PadMode = "constant",
    value: float | Array = 0,
    sizes: Array | None = None,
    ragged_axis: int = 1,
) -> Array:
    """`padding[a]` = (before, after) elements joined to the ends of axis a, as in `numpy.pad`.

    They hold `value`, or mirror what is there without its edge ("reflect") or with it
    ("symmetric"). Behind a ragged row, `after` joins directly at its end; an empty row stays empty.
    """
    _check_padding(x, padding, mode, sizes)
    if mode == "constant":
        padded = jnp.pad(x, padding, constant_values=value)
        return padded if sizes is None else _fill_rows(padded, padding, value, sizes, ragged_axis)
    for axis, widths in enumerate(padding):
        n = x.shape[axis]
        if sizes is not None and axis == ragged_axis % x.ndim:
            n = _lengths(sizes, x, axis)
        x = _mirror(x, axis, widths, n, mode)
    return x


def pad_sizes(sizes: Array, padding: Padding, *, ragged_axis: int = 1) -> Array:
    """Row lengths of `pad`: n + before + after, or 0 for an empty row."""
    return jnp.where(sizes > 0, sizes + sum(padding[ragged_axis]), 0)


def _check_padding(x: Array, padding: Padding, mode: str, sizes: Array | None) -> None:
    if mode not in ("constant", "reflect", "symmetric"):
        raise ValueError(f"mode is 'constant', 'reflect' or 'symmetric', not {mode!r}")
    if len(padding) != x.ndim or any(width < 0 for widths in padding for width in widths):
        raise ValueError(f"padding wants {x.ndim} pairs of numbers from 0 on, not {padding}")
    if sizes is not None and any(sum(widths) for widths in padding[: sizes.ndim]):
        raise ValueError(f"padding {padding} adds rows, whose lengths nobody knows")


def _fill_rows(
    padded: Array, padding: Padding, value: float | Array, sizes: Array, axis: int
) -> Array:
    """`value` directly behind each row, in the place of what stood in its padding."""
    before, after = padding[axis]
    n, position = _lengths(sizes, padded, axis), _positions(padded, axis) - before
    filled = jnp.where(position < n, padded, jnp.asarray(value, padded.dtype))
    return _keep(filled, (position < n + after) & (n > 0))


def _mirror(x: Array, axis: int, widths: tuple[int, int], n: int | Array, mode: PadMode) -> Array:
    """An axis of length n continued by its mirror images, as often as it takes."""
    before, after = widths
    if isinstance(n, int):
        return jnp.pad(x, [widths if a == axis else (0, 0) for a in range(x.ndim)], mode=mode)
    position = _positions(x, axis, x.shape[axis] + before + after) - before
    edge = 1 if mode == "symmetric" else 0
    period = 2 * (n - 1 + edge)
    folded = jnp.mod(position, jnp.maximum(period, 1))
    source = jnp.minimum(folded, period - edge - folded)
    return _pick(x, source, (position < n + after) & (n > 0), axis)


# ---- indexing ------------------------------------------------------------------------------------


def getitem(
    x: Array, index: Index | tuple[Index, ...], *, sizes: Array | None = None, ragged_axis: int = 1
) -> Array:
    """x[index] for ints, slices, None and Ellipsis; a ragged axis counts from each row's own end.

    There an int outside of the row gives 0; elsewhere it is an IndexError. The capacity of the
    result is the longest that any row can need: more than x[index] shows where a slice
    goes from one end to the other, as in x[:, -3:2].
    """
    entries = _entries(index, x.ndim)
    of_axis = [(place, entry) for place, entry in enumerate(entries) if entry is not None]
    if sizes is not None:
        axis = axes_of(x, ragged_axis)[0]
        place, entry = of_axis[axis]
        x = _getitem_rows(x, entry, sizes, axis)
        of_axis[axis] = place, (slice(None) if isinstance(entry, slice) else 0)
    for axis, (place, entry) in enumerate(of_axis):
        entries[place] = _checked(entry, axis, x.shape[axis])
    return x[tuple(entries)]


def getitem_sizes(sizes: Array, entry: Entry) -> Array:
    """Row lengths of `getitem` for the ragged axis' entry; for an int, 1 where the row has it."""
    return _bounds(entry, sizes)[2]


def _entries(index: Index | tuple[Index, ...], ndim: int) -> list[Entry | None]:
    """The index with an entry for every axis, and None where an axis is made."""
    given = index if isinstance(index, tuple) else (index,)
    for entry in given:
        if isinstance(entry, bool) or not isinstance(entry, _INDEX_TYPES):
            raise ValueError(f"an index holds ints, slices, None and Ellipsis, not {entry!r}")
    rest = ndim - sum(entry is not None and entry is not ... for entry in given)
    if rest < 0 or given.count(...) > 1:
        raise IndexError(f"index {index} does not fit an array of {ndim} axes")
    entries: list[Entry | None] = []
    for entry in given if ... in given else (*given, ...):
        if isinstance(entry, EllipsisType):
            entries += [slice(None)] * rest
        else:
            entries.append(entry)
    return entries


def _checked(entry: Entry, axis: int, size: int) -> Entry:
    """The entry, if an int then one in range: JAX would clamp it."""
    if isinstance(entry, slice) or not isinstance(size, int):
        return entry
    if not -size <= entry < size:
        raise IndexError(f"position {entry} is out of range for axis {axis} of size {size}")
    return entry


def _getitem_rows(x: Array, entry: Entry, sizes: Array, axis: int) -> Array:
    """x[..., entry] along `axis`, which stays with one position where the entry is an int."""
    n = _lengths(sizes, x, axis)
    start, step, count = _bounds(entry, n)
    if isinstance(entry, slice) and step > 0 and (entry.start or 0) >= 0:
        taken = x[(slice(None),) * axis + (entry,)]  # every row starts at the same place
        return _keep(taken, _positions(taken, axis) < count)
    position = _positions(x, axis, _capacity(entry, x.shape[axis]))
    return _pick(x, start + step * position, position < count, axis)


def _bounds(entry: Entry, n: Array) -> tuple[int | Array, int, Array]:
    """Where `entry` starts, its step and its number of elements in rows of length n."""
    if not isinstance(entry, slice):  # an int is the slice of one element
        entry = slice(entry, entry + 1 or None)
    step = 1 if entry.step is None else entry.step
    if step == 0:
        raise ValueError("slice step cannot be zero")
    low, high = (0, n) if step > 0 else (-1, n - 1)
    start, stop = (low, high) if step > 0 else (high, low)
    if entry.start is not None:
        start = jnp.clip(_from_end(entry.start, n), low, high)
    if entry.stop is not None:
        stop = jnp.clip(_from_end(entry.stop, n), low, high)
    return start, step, jnp.maximum(-((start - stop) // step), 0)


def _from_end(position: int, n: Array) -> int | Array:
    return position + n if position < 0 else position


def _capacity(entry: Entry, size: int) -> int:
    """The most elements that `entry` takes from any row of up to `size` positions."""
    if not isinstance(entry, slice):
        return 1
    start, stop, step = entry.start, entry.stop, entry.step or 1
    near, far = (stop, start) if step > 0 else (start, stop)
    slots = jnp.arange(size)  # its slices carry the arithmetic of a symbolic size
    if near is None or far is None or not far < 0 <= near:
        return slots[entry].shape[0]
    # From an end of the row towards the other (x[-3:2], x[2:-3:-1]): the ends of a longer row lie
    # further apart, so most elements are taken from the longest in which they still overlap.
    most = min(near, -far) if step > 0 else min(near + 1, -1 - far)
    return slots[: max(most, 0) : abs(step)].shape[0]


# ---- positions -----------------------------------------------------------------------------------


def positions(x: Array, *, axis: int) -> Array:
    """0, 1, 2, ... along `axis`, for each of the axes before it: int32 [*x.shape[:axis + 1]]."""
    (axis,) = axes_of(x, axis)
    return lax.broadcasted_iota(jnp.int32, x.shape[: axis + 1], axis)


def first_valid(x: Array, *, axis: int, where: Array | None = None) -> Array:
    """The element at the first position along `axis` that is real; 0 where none is.

    `where` has the axes of x up to `axis`, or all of them.
    """
    if where is None:
        return lax.index_in_dim(x, 0, axis, keepdims=False)
    position, nowhere = _positions(x, axis), jnp.iinfo(jnp.int32).max
    first = jnp.min(jnp.where(_aligned(where, x), position, nowhere), axis, keepdims=True)
    return jnp.squeeze(_pick(x, first, first < nowhere, axis), axis)


def last_valid(x: Array, *, axis: int, where: Array | None = None) -> Array:
    """The element at the last position along `axis` that is real; 0 where none is.

    `where` has the axes of x up to `axis`, or all of them.
    """
    if where is None:
        return lax.index_in_dim(x, -1, axis, keepdims=False)
    last = jnp.max(jnp.where(_aligned(where, x), _positions(x, axis), -1), axis, keepdims=True)
    return jnp.squeeze(_pick(x, last, last >= 0, axis), axis)


# ---- shared --------------------------------------------------------------------------------------


def _positions(x: Array, axis: int, length: int | None = None) -> Array:
    """0 .. length-1 along `axis`, broadcastable to x; the length is that of x unless given."""
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis] if length is None else length
    return lax.broadcasted_iota(jnp.int32, shape, axis % x.ndim)


def _aligned(leading: Array, x: Array) -> Array:
    """An array over the leading axes of x with the other axes as ones."""
    return jnp.expand_dims(leading, tuple(range(leading.ndim, x.ndim)))


def _lengths(sizes: Array, x: Array, axis: int) -> Array:
    """The row lengths, broadcastable to x."""
    if sizes.ndim > axis % x.ndim:
        raise ValueError(f"sizes of shape {sizes.shape} count along an axis behind, not {axis}")
    return _aligned(sizes, x)


def _keep(x: Array, exists: Array) -> Array:
    """x with zeros where nothing exists."""
    return jnp.where(exists, x, jnp.zeros((), x.dtype))


def _pick(x: Array, source: Array, exists: Array, axis: int) -> Array:
    """The elements at the positions `source` along `axis`, 0 where they do not exist."""
    return _keep(jnp.take_along_axis(x, source, axis, mode="clip"), exists)
