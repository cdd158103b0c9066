"""Pooling over windows in which only valid taps count, and the mask of its windows.

The padding around the input is never valid. A window without a valid tap gives 0. Stride None is
the kernel: windows side by side. `sizes` are the rows' own lengths along `ragged_axis`, on which
"same" with a stride depends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import jax.numpy as jnp
from jax import Array, lax

from .numbers import check_floating, fill_masked, widen
from .signatures import with_options
from .windows import (
    Padding,
    PerAxis,
    Window,
    depends_on_size,
    extent,
    pad_axes,
    place,
    reduce_windows,
    row_axis,
    row_ends,
    taps_of,
    window_options,
    window_padding,
)


def _pool(formula: Callable[..., Array]) -> Callable[..., Array]:
    """The kernel of a formula (x, where, windows, *, options), which sees windows in place."""

    def kernel(
        x,
        *,
        kernel: PerAxis,
        stride: PerAxis | None = None,
        padding: Padding = "valid",
        dilation: PerAxis = 1,
        data_format="NWC",
        where=None,
        sizes=None,
        ragged_axis=None,
        **options,
    ) -> Array:
        over = (kernel, stride, padding, dilation, data_format, sizes, ragged_axis)
        return formula(*_placed(x, where, *over), **options)

    return with_options(kernel, formula)


@_pool
def max_pool(x, where, windows: Sequence[Window]) -> Array:
    """The largest valid tap of each window."""
    return _max_pool(x, where, windows)


@_pool
def avg_pool(x, where, windows: Sequence[Window], *, include_padding=False) -> Array:
    """Sum of each window's valid taps over their number, or over the kernel (include_padding)."""
    total = _sum(_summands(where, x), windows)
    if include_padding or (where is None and not _padded(windows)):
        return (total / prod(window.kernel for window in windows)).astype(x.dtype)
    taps = jnp.maximum(_taps(x, where, windows), 1)
    return (total / taps.astype(total.dtype)).astype(x.dtype)


@_pool
def pnorm_pool(x, where, windows: Sequence[Window], *, p=2) -> Array:
    """(sum |x|^p)^(1/p) over each window's valid taps."""
    if p < 1:
        raise ValueError(f"p must be at least 1, not {p}")
    total = _sum(jnp.abs(_summands(where, x)) ** p, windows)
    root = jnp.where(total > 0, total, 1) ** (1 / p)  # the root has no derivative at 0
    return jnp.where(total > 0, root, 0).astype(x.dtype)


def max_pool_with_argmax(
    x,
    *,
    kernel: PerAxis,
    stride: PerAxis | None = None,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    data_format="NHWC",
    where=None,
) -> tuple[Array, Array]:
    """The largest valid tap, and where in its example it is: the number of the element, counted
    in the order of the layout; of equal ones the first, and -1 where there is none."""
    options = (kernel, stride, padding, dilation, data_format, None, None)
    x, where, windows = _placed(x, where, *options)
    return _max_pool(x, where, windows), _argmax_pool(lax.stop_gradient(x), where, windows)


def _placed(x, where, kernel, stride, padding, dilation, data_format, sizes, ragged_axis):
    """x, where and windows for the pools below."""
    stride = kernel if stride is None else stride
    arrays = [x] if where is None else [x, where]
    axis = row_axis(data_format, ragged_axis)
    if sizes is not None and axis is not None:
        arrays = [x, _own_positions(x, where, sizes, axis)]
    options = (kernel, stride, padding, dilation, data_format, sizes, ragged_axis)
    (x, *told), windows = place(arrays, *options)
    return x, told[0] if told else None, windows


def _own_positions(x, where, sizes, axis) -> Array:
    """`where`, cut to each row's size."""
    shape = [size if a in (0, axis) else 1 for a, size in enumerate(x.shape)]
    ends = jnp.expand_dims(sizes, tuple(range(1, x.ndim)))
    own = lax.broadcasted_iota(sizes.dtype, shape, axis) < ends
    return own if where is None else own & where


# Pooling over windows that are placed.


def _max_pool(x, where, windows: Sequence[Window]) -> Array:
    lowest = _lowest(x)
    top = _maximum(fill_masked(x, where, lowest), lowest, windows)
    if where is None and not _padded(windows):
        return top
    return jnp.where(_taps(x, where, windows) > 0, top, 0)


def _lowest(x):
    if x.dtype == jnp.bool_:
        raise ValueError("x is boolean; cast it to numbers")
    return -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min


def _summands(where, x) -> Array:
    check_floating(x)
    return fill_masked(widen(x), where, 0)


def _padded(windows) -> bool:
    return any(any(window.padding) for window in windows)


def _taps(x, where, windows) -> Array:
    """The number of valid taps of each window, of size 1 on the other axes where `where` is."""
    where = jnp.asarray(True if where is None else where)
    where = jnp.expand_dims(where, tuple(range(x.ndim - where.ndim)))
    axes = [window.axis for window in windows]
    shape = [x.shape[a] if a in axes else size for a, size in enumerate(where.shape)]
    return reduce_windows(jnp.broadcast_to(where, shape).astype(jnp.int32), 0, lax.add, windows)


def _sum(x, windows) -> Array:
    return reduce_windows(x, 0.0, lax.add, windows)


def _maximum(x, lowest, windows) -> Array:
    """JAX has no gradient for the maximum of dilated or cut windows: those are reduced by taps."""
    for window in windows:
        if not _plain(window):
            x = _maximum_of_taps(x, lowest, window)
    return reduce_windows(x, lowest, lax.max, [window for window in windows if _plain(window)])


def _plain(window) -> bool:
    return window.dilation == 1 and min(window.padding) >= 0


def _maximum_of_taps(x, lowest, window) -> Array:
    return jnp.max(taps_of(x, lowest, [window]), axis=window.axis + 1)


def _argmax_pool(x, where, windows: Sequence[Window]) -> Array:
    lowest, nowhere = _lowest(x), jnp.iinfo(jnp.int32).max
    number = jnp.arange(prod(x.shape[1:]), dtype=jnp.int32).reshape(1, *x.shape[1:])
    number = fill_masked(jnp.broadcast_to(number, x.shape), where, nowhere)
    inits = (x.dtype.type(lowest), jnp.int32(nowhere))
    found = (fill_masked(x, where, lowest), number)
    _, first = lax.reduce_window(found, inits, _greater, **window_options(x.ndim, windows))
    return jnp.where(first == nowhere, -1, first)


def _greater(one, other):
    (a, i), (b, j) = one, other
    left = (a > b) | ((a == b) & (i < j)) | (a != a)
    return jnp.where(left, a, b), jnp.where(left, i, j)


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
    return reduce_windows(within, True, lax.bitwise_and, [window])


def _anchored(valid, axis, kernel, stride, padding, dilation) -> Array:
    """The mask read every stride from the first window's anchor; before the row, all are valid."""
    pads = window_padding(None, kernel, 1, dilation, padding)
    first = extent(kernel, dilation) - 1 - sum(pads)
    anchors = Window(axis, 1, stride, 1, (-first, 0))
    anchored = reduce_windows(valid, True, lax.bitwise_and, [anchors])
    return anchored & jnp.any(valid, axis=axis, keepdims=True)


def _with_own_padding(valid, axis, before, after) -> Array:
    """The padded mask, true in the row's own padding as well; all false for an empty row."""
    end = row_ends(valid, axis)
    padded = pad_axes(valid, False, {axis: (before, after)})
    position = lax.broadcasted_iota(jnp.int32, padded.shape, axis) - before
    border = (position < 0) | ((position >= end) & (position < end + after))
    return (padded | border) & (end > 0)
