"""Pooling over windows in which only valid taps count, and the mask of its windows.

The padding around the input is never valid. A window without a valid tap gives 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array, lax

from .convolution import (
    FORMATS,
    align_rows,
    depends_on_size,
    extent,
    spatial_axes,
    window_padding,
)
from .reductions import widen


class Window(NamedTuple):
    """The windows along one axis."""

    axis: int
    kernel: int
    stride: int
    dilation: int
    padding: tuple[int, int]


# Pooling along one axis


def max_pool1d(
    x,
    *,
    kernel,
    stride=None,
    padding: str | int = "valid",
    dilation=1,
    data_format="NWC",
    where=None,
    sizes=None,
) -> Array:
    """The largest valid tap of each window. Stride None: the kernel, windows side by side.

    `sizes` are the rows' own lengths, on which "same" with a stride depends.
    """
    options = (kernel, stride, padding, dilation, data_format)
    return _max_pool(*_along_width(x, where, sizes, *options))


def avg_pool1d(
    x,
    *,
    kernel,
    stride=None,
    padding: str | int = "valid",
    dilation=1,
    data_format="NWC",
    include_padding=False,
    where=None,
    sizes=None,
) -> Array:
    """Sum of each window's valid taps over their number, or over the kernel (include_padding).

    Stride and sizes as in `max_pool1d`.
    """
    options = (kernel, stride, padding, dilation, data_format)
    return _avg_pool(*_along_width(x, where, sizes, *options), include_padding)


def pnorm_pool1d(
    x,
    *,
    kernel,
    p=2,
    stride=None,
    padding: str | int = "valid",
    dilation=1,
    data_format="NWC",
    where=None,
    sizes=None,
) -> Array:
    """(sum |x|^p)^(1/p) over each window's valid taps. Stride and sizes as in `max_pool1d`."""
    options = (kernel, stride, padding, dilation, data_format)
    return _pnorm_pool(*_along_width(x, where, sizes, *options), p)


def _along_width(x, where, sizes, kernel, stride, padding, dilation, data_format):
    """x, where and windows for the pools along any axes below."""
    if data_format not in FORMATS[1] or x.ndim != 3:
        raise ValueError(f"x{x.shape} in {data_format!r}: one of {FORMATS[1]} is needed")
    (axis,) = spatial_axes(data_format)
    stride = kernel if stride is None else stride
    if sizes is not None and depends_on_size(padding, stride):
        where = _own_positions(x, where, sizes, axis)
        window = {"axis": axis, "kernel": kernel, "stride": stride, "dilation": dilation}
        x, where = (align_rows(rows, sizes, **window) for rows in (x, where))
        padding = "valid"
    pads = window_padding(x.shape[axis], kernel, stride, dilation, padding)
    return x, where, [Window(axis, kernel, stride, dilation, pads)]


def _own_positions(x, where, sizes, axis) -> Array:
    """`where`, cut to each row's size."""
    shape = [size if a in (0, axis) else 1 for a, size in enumerate(x.shape)]
    own = lax.broadcasted_iota(sizes.dtype, shape, axis) < sizes[:, None, None]
    return own if where is None else own & where


# Pooling along any axes


def _max_pool(x, where, windows: Sequence[Window]) -> Array:
    floating = jnp.issubdtype(x.dtype, jnp.floating)
    lowest = -jnp.inf if floating else jnp.iinfo(x.dtype).min
    top = _maximum(_keep(where, x, lowest), lowest, windows)
    if where is None and not _padded(windows):
        return top
    return jnp.where(_taps(x, where, windows) > 0, top, 0)


def _avg_pool(x, where, windows: Sequence[Window], include_padding) -> Array:
    total = _sum(_summands(where, x), windows)
    if include_padding or (where is None and not _padded(windows)):
        return (total / prod(window.kernel for window in windows)).astype(x.dtype)
    taps = jnp.maximum(_taps(x, where, windows), 1)
    return (total / taps.astype(total.dtype)).astype(x.dtype)


def _pnorm_pool(x, where, windows: Sequence[Window], p) -> Array:
    if p < 1:
        raise ValueError(f"p must be at least 1, not {p}")
    total = _sum(jnp.abs(_summands(where, x)) ** p, windows)
    root = jnp.where(total > 0, total, 1) ** (1 / p)  # the root has no derivative at 0
    return jnp.where(total > 0, root, 0).astype(x.dtype)


def _keep(where, x, fill) -> Array:
    return x if where is None else jnp.where(where, x, fill)


def _summands(where, x) -> Array:
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise ValueError(f"x must be of a floating dtype, not {x.dtype}")
    return _keep(where, widen(x), 0)


def _padded(windows) -> bool:
    return any(any(window.padding) for window in windows)


def _taps(x, where, windows) -> Array:
    """The number of valid taps of each window, of size 1 on the other axes where `where` is."""
    where = jnp.asarray(True if where is None else where)
    where = jnp.expand_dims(where, tuple(range(x.ndim - where.ndim)))
    axes = [window.axis for window in windows]
    shape = [x.shape[a] if a in axes else size for a, size in enumerate(where.shape)]
    return _reduce(jnp.broadcast_to(where, shape).astype(jnp.int32), 0, lax.add, windows)


def _sum(x, windows) -> Array:
    return _reduce(x, 0.0, lax.add, windows)


def _maximum(x, lowest, windows) -> Array:
    """JAX has no gradient for the maximum of dilated or cut windows: those are reduced by taps."""
    for window in windows:
        if not _plain(window):
            x = _maximum_of_taps(x, lowest, window)
    return _reduce(x, lowest, lax.max, [window for window in windows if _plain(window)])


def _plain(window) -> bool:
    return window.dilation == 1 and min(window.padding) >= 0


def _maximum_of_taps(x, lowest, window) -> Array:
    x = _pad(x, lowest, {window.axis: window.padding})
    positions = jnp.arange(x.shape[window.axis])
    window_of_positions = window._replace(axis=0, padding=(0, 0))
    first = _reduce(positions, jnp.iinfo(positions.dtype).max, lax.min, [window_of_positions])
    taps = first[:, None] + jnp.arange(window.kernel) * window.dilation
    return jnp.max(jnp.take(x, taps, axis=window.axis, mode="clip"), axis=window.axis + 1)


def _reduce(x, init, combine, windows) -> Array:
    if not windows:
        return x
    return lax.reduce_window(
        x,
        x.dtype.type(init),
        combine,
        _by_axis(x, {window.axis: window.kernel for window in windows}, 1),
        _by_axis(x, {window.axis: window.stride for window in windows}, 1),
        _by_axis(x, {window.axis: window.padding for window in windows}, (0, 0)),
        window_dilation=_by_axis(x, {window.axis: window.dilation for window in windows}, 1),
    )


def _pad(x, fill, padding) -> Array:
    if not any(map(any, padding.values())):
        return x
    pads = [(*pair, 0) for pair in _by_axis(x, padding, (0, 0))]
    return lax.pad(x, jnp.asarray(fill, x.dtype), pads)


def _by_axis(x, given, other) -> tuple:
    return tuple(given.get(axis, other) for axis in range(x.ndim))


# The mask of windows


def window_valid(
    valid, *, kernel, stride=1, padding: str | int = "valid", dilation=1, rule="all", axis=-1
) -> Array:
    """Which windows along `axis` of a boolean mask are valid.

    "all": those with every tap on a valid position or in the padding of the row itself, which
    begins behind its last valid position. "anchor": those whose anchor is valid, the tap that the
    output stands for: j stride for "same" and "causal", or, for a padding p, the one that lies p
    before the last, which is in the row as long as the last is in its padding.
    For a row of L positions, both are the windows that it has alone; an empty row has none.
    """
    axis = axis % valid.ndim
    if rule == "anchor":
        return _anchored(valid, axis, kernel, stride, padding, dilation)
    if rule != "all":
        raise ValueError(f'rule must be "all" or "anchor", not {rule!r}')
    if depends_on_size(padding, stride):
        raise ValueError('"same" with a stride pads each row by its size: use rule "anchor"')
    pads = window_padding(None, kernel, stride, dilation, padding)
    within = _with_own_padding(valid, axis, *pads)
    window = Window(axis, kernel, stride, dilation, (0, 0))
    return _reduce(within, True, lax.bitwise_and, [window])


def _anchored(valid, axis, kernel, stride, padding, dilation) -> Array:
    """The mask read every stride from the first window's anchor; before the row, all are valid."""
    pads = window_padding(None, kernel, 1, dilation, padding)
    first = extent(kernel, dilation) - 1 - sum(pads)
    anchors = Window(axis, 1, stride, 1, (-first, 0))
    anchored = _reduce(valid, True, lax.bitwise_and, [anchors])
    return anchored & jnp.any(valid, axis=axis, keepdims=True)


def _with_own_padding(valid, axis, before, after) -> Array:
    """The padded mask, true in the row's own padding as well; all false for an empty row."""
    position = lax.broadcasted_iota(jnp.int32, valid.shape, axis)
    end = jnp.max(jnp.where(valid, position + 1, 0), axis=axis, keepdims=True, initial=0)
    padded = _pad(valid, False, {axis: (before, after)})
    position = lax.broadcasted_iota(jnp.int32, padded.shape, axis) - before
    border = (position < 0) | ((position >= end) & (position < end + after))
    return (padded | border) & (end > 0)
