"""Transposed convolutions, with weights [*kernel, out, in], and the mask of what they give.

y[t] = sum over taps k of x[(t + before - k dilation) / stride] weights[k] + bias, where that is a
whole number. With extent e, n positions give (n - 1) stride + e, of which `padding` is cut off at
both ends; "same" leaves n stride.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from .convolution import add_bias, check_kernel, check_operands
from .windows import (
    Padding,
    PerAxis,
    Window,
    check_window,
    extent,
    halved,
    per_axis,
    reduce_windows,
    row_ends,
    spatial_axes,
)


def deconv(
    x,
    weights,
    bias=None,
    *,
    kernel: PerAxis | None = None,
    stride: PerAxis = 1,
    padding: Padding = "same",
    dilation: PerAxis = 1,
    data_format="NHWC",
) -> Array:
    """Along two or three axes, as `data_format` says. SameDiff: deconv2d, deconv3d."""
    axes = spatial_axes(data_format)
    layout = "".join(data_format[axis] for axis in axes) + "OI"
    check_operands(x, weights, bias, data_format, layout)
    taps = weights.shape[: len(axes)]
    check_kernel(kernel, taps)
    named = {"stride": stride, "padding": padding, "dilation": dilation}
    strides, pads, rates = (per_axis(v, len(taps), what) for what, v in named.items())
    around = map(_around, taps, strides, rates, pads)
    out = lax.conv_general_dilated(
        x,
        jnp.flip(weights, tuple(range(len(taps)))),
        (1,) * len(taps),
        list(around),
        lhs_dilation=strides,
        rhs_dilation=rates,
        dimension_numbers=(data_format, layout, data_format),
    )
    return add_bias(out, bias, data_format)


def _around(kernel, stride, dilation, padding) -> tuple[int, int]:
    """What a plain convolution over the spread input pads: e - 1 less what is cut off."""
    check_window(kernel, stride, dilation, padding, modes=("same", "valid"))
    reach = extent(kernel, dilation)
    cut = 0 if padding == "valid" else padding
    before, after = halved(reach - stride) if padding == "same" else (cut, cut)
    return reach - 1 - before, reach - 1 - after


def spread_valid(valid, *, kernel, stride, padding, dilation, axis) -> Array:
    """Which positions of a transposed convolution along `axis` of a boolean mask are valid.

    Those that the row gives alone, which ends behind its last valid position, and that no
    invalid position of the row reaches; for "same", those whose position t / stride is valid.
    """
    if padding == "same":
        return jnp.repeat(valid, stride, axis=axis)
    position, end = lax.broadcasted_iota(jnp.int32, valid.shape, axis), row_ends(valid, axis)
    around = _around(kernel, stride, dilation, padding)
    window = [Window(axis, kernel, 1, dilation, around)]
    missing = reduce_windows(~valid & (position < end), False, lax.bitwise_or, window, stride)
    border = 0 if padding == "valid" else padding
    size = (end - 1) * stride + extent(kernel, dilation) - 2 * border
    position = lax.broadcasted_iota(jnp.int32, missing.shape, axis)
    return ~missing & (position < size) & (end > 0)
