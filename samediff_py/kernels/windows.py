"""The arithmetic of windows, which convolutions, pooling and patches share.

A window of `kernel` taps with `dilation` has the extent e = (kernel - 1) dilation + 1. Along an
axis of size n with `before` and `after` added to it, windows start every `stride`, and there are
floor((n + before + after - e) / stride) + 1 of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}

PerAxis = int | Sequence[int]
Padding = int | str | Sequence[int]


class Window(NamedTuple):
    """The windows along one axis."""

    axis: int
    kernel: int
    stride: int
    dilation: int
    padding: tuple[int, int]


# Places.


def check_format(ndim, data_format, shape):
    formats = FORMATS.get(ndim - 2, ())
    if data_format not in formats:
        raise ValueError(f"data_format must be one of {formats} for {shape}, not {data_format!r}")


def spatial_axes(data_format) -> tuple[int, ...]:
    return tuple(axis for axis, letter in enumerate(data_format) if letter not in "NC")


def per_axis(value: Any, count: int, what: str) -> tuple[Any, ...]:
    """One value for each of `count` axes: the same for all, or one of each."""
    if not isinstance(value, tuple | list):
        return (value,) * count
    if len(value) != count:
        raise ValueError(f"{what} needs a number, or {count} of them, not {tuple(value)}")
    return tuple(value)


def extent(kernel, dilation) -> int:
    """The number of positions from the first tap of a window to its last."""
    return (kernel - 1) * dilation + 1


def depends_on_size(padding, stride) -> bool:
    """Whether where windows start depends on how long the axis is."""
    return padding == "same" and stride > 1


def window_padding(size, kernel, stride, dilation, padding) -> tuple[int, int]:
    """Positions added before and after an axis. With extent e and n = ceil(size / stride):

    "valid" 0, 0; an int that many on both sides; "causal" e - 1, 0; "same" what n windows lack,
    (n - 1) stride + e - size, half of it before. The lack, and with it the padding, is negative
    where windows skip positions at both ends.
    """
    check_window(kernel, stride, dilation, padding)
    lack = extent(kernel, dilation) - 1
    if padding == "causal":
        return lack, 0
    if padding != "same":
        border = 0 if padding == "valid" else padding
        return border, border
    if stride > 1:
        if not isinstance(size, int):
            raise ValueError(
                f'padding "same" with stride {stride} starts windows where the size of the axis '
                f"says, and {size} is not known: give sizes, or pad with an int or causal"
            )
        lack += (-(-size // stride) - 1) * stride + 1 - size
    return halved(lack)


def halved(lack) -> tuple[int, int]:
    """Before and behind: the half before is cut towards zero, as SameDiff does."""
    before = int(lack / 2)
    return before, lack - before


def check_window(kernel, stride, dilation, padding, modes=("same", "valid", "causal")):
    if min(kernel, stride, dilation) < 1:
        raise ValueError(f"kernel {kernel}, stride {stride} and dilation {dilation} start at 1")
    border = isinstance(padding, int) and not isinstance(padding, bool) and padding >= 0
    if padding not in modes and not border:
        words = ", ".join(f'"{mode}"' for mode in modes)
        raise ValueError(f"padding must be {words} or a count, not {padding!r}")


class Placed(NamedTuple):
    """Arrays, and the windows over them: their rows perhaps moved to where windows start."""

    arrays: tuple[Any, ...]
    windows: list[Window]


def place(
    arrays: Sequence[Any],
    kernel,
    stride,
    padding,
    dilation,
    data_format,
    sizes=None,
    ragged_axis=None,
) -> Placed:
    """Windows over the spatial axes of arrays of one rank; of the first, it takes the sizes.

    Along `ragged_axis` rows have `sizes` of their own, on which "same" with a stride depends; with
    sizes alone, where an axis has no known size.
    """
    x = arrays[0]
    check_format(x.ndim, data_format, x.shape)
    axes = spatial_axes(data_format)
    named = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    along = [per_axis(value, len(axes), what) for what, value in named.items()]
    ragged_axis = row_axis(data_format, ragged_axis)
    windows = []
    for axis, k, s, p, d in zip(axes, *along, strict=True):
        check_window(k, s, d, p)
        own = axis == ragged_axis or not isinstance(arrays[0].shape[axis], int)
        if own and sizes is not None and depends_on_size(p, s):
            shift = {"axis": axis, "kernel": k, "stride": s, "dilation": d}
            arrays, p = [align_rows(rows, sizes, **shift) for rows in arrays], "valid"
        size = arrays[0].shape[axis]
        windows.append(Window(axis, k, s, d, window_padding(size, k, s, d, p)))
    return Placed(tuple(arrays), windows)


def row_axis(data_format, ragged_axis) -> int | None:
    """The axis along which rows end: it need not be said where there is only one."""
    axes = spatial_axes(data_format)
    return axes[0] if ragged_axis is None and len(axes) == 1 else ragged_axis


def row_ends(valid, axis) -> Array:
    """Where each row of a mask ends: behind its last valid position."""
    position = lax.broadcasted_iota(jnp.int32, valid.shape, axis)
    return jnp.max(jnp.where(valid, position + 1, 0), axis=axis, keepdims=True, initial=0)


def align_rows(x, sizes, *, axis, kernel, stride, dilation) -> Array:
    """Rows such that "valid" windows over the result are "same" windows over each row's own size.

    Position i of the result is position i - before of the row, with the row's own `before`; there
    are zeros outside. `before` takes less than stride / 2 + 1 values, so that a slice of the row
    padded for all of them does it.
    """
    reach = extent(kernel, dilation)
    lack = (-(-sizes // stride) - 1) * stride + reach - sizes
    before = lax.div(lack, jnp.full_like(lack, 2))
    least, most = int((reach - stride) / 2), (reach - 1) // 2
    pads = [(0, 0)] * x.ndim
    pads[axis] = (most, reach - 1 - least)
    size = x.shape[axis] + reach - 1
    shift = jax.vmap(lambda row, start: lax.dynamic_slice_in_dim(row, start, size, axis - 1))
    return shift(jnp.pad(x, pads), most - before)


# What windows see.


def reduce_windows(x, init, combine, windows: Sequence[Window], spread: int = 1) -> Array:
    """Each window's taps combined; `spread - 1` positions between those of x are not there."""
    if not windows:
        return x
    return lax.reduce_window(
        x,
        x.dtype.type(init),
        combine,
        **window_options(x.ndim, windows),
        base_dilation=_by_axis(x.ndim, {window.axis: spread for window in windows}, 1),
    )


def window_options(ndim: int, windows: Sequence[Window]) -> dict[str, Any]:
    """The windows as `lax.reduce_window` takes them."""
    return {
        "window_dimensions": _by_axis(ndim, {w.axis: w.kernel for w in windows}, 1),
        "window_strides": _by_axis(ndim, {w.axis: w.stride for w in windows}, 1),
        "padding": _by_axis(ndim, {w.axis: w.padding for w in windows}, (0, 0)),
        "window_dilation": _by_axis(ndim, {w.axis: w.dilation for w in windows}, 1),
    }


def pad_axes(x, fill, padding: Mapping[int, tuple[int, int]]) -> Array:
    if not any(map(any, padding.values())):
        return x
    pads = [(*pair, 0) for pair in _by_axis(x.ndim, padding, (0, 0))]
    return lax.pad(x, jnp.asarray(fill, x.dtype), pads)


def _by_axis(ndim: int, given: Mapping[int, Any], other) -> tuple:
    return tuple(given.get(axis, other) for axis in range(ndim))


def taps_of(x, fill, windows: Sequence[Window]) -> Array:
    """What each window sees: a new axis of its taps behind every axis of windows."""
    for window in sorted(windows, reverse=True):
        x = _taps_along(x, fill, window)
    return x


def _taps_along(x, fill, window: Window) -> Array:
    padded = pad_axes(x, fill, {window.axis: _with_room(window)})
    taps = [_tap(padded, window, k, _count(x, window)) for k in range(window.kernel)]
    return jnp.stack(taps, window.axis + 1)


def each_tap(x, fill, windows: Sequence[Window]) -> Iterator[tuple[tuple[int, ...], Array]]:
    """The taps one by one: their place in the kernel, and what the windows see there."""
    padded = pad_axes(x, fill, {window.axis: _with_room(window) for window in windows})
    counts = [_count(x, window) for window in windows]
    for place in product(*(range(window.kernel) for window in windows)):
        tap = padded
        for window, k, count in zip(windows, place, counts, strict=True):
            tap = _tap(tap, window, k, count)
        yield place, tap


def _with_room(window: Window) -> tuple[int, int]:
    """The padding, and so much behind it that no slice ends behind the array."""
    before, after = window.padding
    return before, after + max(window.stride, extent(window.kernel, window.dilation)) - 1


def _tap(padded, window: Window, k: int, count) -> Array:
    start, stride = k * window.dilation, window.stride
    return lax.slice_in_dim(padded, start, start + count * stride, stride, window.axis)


def _count(x, window: Window):
    """The number of windows, also where the size is not known yet."""
    one = jax.ShapeDtypeStruct((x.shape[window.axis],), bool)
    along = [window._replace(axis=0)]
    return jax.eval_shape(lambda v: reduce_windows(v, True, lax.bitwise_and, along), one).shape[0]
