"""Convolutions, and the arithmetic of windows that they share with pooling.

A window of `kernel` taps with `dilation` has the extent e = (kernel - 1) dilation + 1. Along an
axis of size n with `before` and `after` added to it, windows start every `stride`, and there are
floor((n + before + after - e) / stride) + 1 of them.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array, lax

FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def conv1d(
    x,
    weights,
    bias=None,
    *,
    stride=1,
    padding: str | int = "same",
    dilation=1,
    data_format="NWC",
    sizes=None,
) -> Array:
    """y[j] = sum over taps k of x[j stride + k dilation - before] weights[k] + bias.

    Weights are [width, in, out]; `padding` is as in `window_padding`. x is 0 beyond the end of a
    row; `sizes` are the rows' own lengths, on which "same" with a stride depends. SameDiff: conv1d.
    """
    axis = data_format.find("W")
    if sizes is not None and depends_on_size(padding, stride):
        window = {"kernel": weights.shape[0], "stride": stride, "dilation": dilation}
        x, padding = align_rows(x, sizes, axis=axis, **window), "valid"
    return _convolve(x, weights, bias, (stride,), (padding,), (dilation,), data_format)


def _convolve(x, weights, bias, stride, padding, dilation, data_format) -> Array:
    """Cross-correlation with weights [*kernel, in, out]; a tuple entry for each spatial axis."""
    _check_operands(x, weights, data_format)
    axes = spatial_axes(data_format)
    spatial = "".join(data_format[axis] for axis in axes)
    windows = zip(axes, weights.shape, stride, dilation, padding, strict=False)
    out = lax.conv_general_dilated(
        x,
        weights,
        stride,
        [window_padding(x.shape[axis], *window) for axis, *window in windows],
        rhs_dilation=dilation,
        dimension_numbers=(data_format, f"{spatial}IO", data_format),
    )
    return out if bias is None else out + jnp.expand_dims(bias, _after_channels(data_format))


def _check_operands(x, weights, data_format):
    formats = FORMATS.get(weights.ndim - 2, ())
    if data_format not in formats:
        raise ValueError(f"data_format must be one of {formats}, not {data_format!r}")
    if x.ndim != weights.ndim:
        raise ValueError(f"{data_format} has {weights.ndim} axes, x has the shape {x.shape}")
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise ValueError(f"x must be of a floating dtype, not {x.dtype}")
    channels = x.shape[data_format.index("C")]
    if channels != weights.shape[-2]:
        raise ValueError(f"x has {channels} channels, weights {weights.shape} take another number")


def _after_channels(data_format) -> tuple[int, ...]:
    """The axes that align a bias [channels] with the channel axis."""
    return tuple(range(1, len(data_format) - data_format.index("C")))


# Windows


def spatial_axes(data_format) -> tuple[int, ...]:
    return tuple(axis for axis, letter in enumerate(data_format) if letter not in "NC")


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
    _check_window(kernel, stride, dilation, padding)
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
    before = int(lack / 2)  # towards zero, as SameDiff cuts it
    return before, lack - before


def _check_window(kernel, stride, dilation, padding):
    if min(kernel, stride, dilation) < 1:
        raise ValueError(f"kernel {kernel}, stride {stride} and dilation {dilation} start at 1")
    border = isinstance(padding, int) and padding >= 0
    if padding not in ("same", "valid", "causal") and not border:
        raise ValueError(f'padding must be "same", "valid", "causal" or a count, not {padding!r}')


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
