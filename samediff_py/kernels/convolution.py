"""Convolutions: cross-correlations with weights [*kernel, in, out].

y[j] = sum over taps k of x[j stride + k dilation - before] weights[k] + bias, along every spatial
axis. x is 0 beyond the end of a row; `sizes` are the rows' own lengths along `ragged_axis`, on
which "same" with a stride depends. `kernel` is the size that the weights must have.
"""

from __future__ import annotations

import operator
from functools import reduce

import jax.numpy as jnp
from jax import Array, lax

from .numbers import check_floating, widen
from .slopes import plus_bias
from .windows import Padding, PerAxis, check_format, each_tap, per_axis, place, spatial_axes

WEIGHTS = {"YXIO": "HWIO", "OIYX": "OIHW", "OYXI": "OHWI"}
"""SameDiff's names of the axes of weights, in the letters of JAX."""


def conv(
    x,
    weights,
    bias=None,
    *,
    kernel: PerAxis | None = None,
    stride: PerAxis = 1,
    padding: Padding = "same",
    dilation: PerAxis = 1,
    data_format="NWC",
    weights_format=None,
    sizes=None,
    ragged_axis=None,
) -> Array:
    """Along one, two or three axes, as `data_format` says. SameDiff: conv1d, conv2d, conv3d."""
    layout = _layout(data_format, weights_format)
    check_operands(x, weights, bias, data_format, layout)
    window = kernel, stride, padding, dilation
    return _convolve(x, weights, bias, window, data_format, layout, sizes, ragged_axis)


def depthwise_conv(
    x,
    weights,
    bias=None,
    *,
    kernel: PerAxis | None = None,
    stride: PerAxis = 1,
    padding: Padding = "same",
    dilation: PerAxis = 1,
    data_format="NHWC",
    sizes=None,
    ragged_axis=None,
) -> Array:
    """Every channel by itself, with weights [height, width, in, m]; channel c m + j is its j-th."""
    check_operands(x, weights, None, data_format, _layout(data_format, None))
    *taps, channels, m = weights.shape
    _check_bias(bias, channels * m)
    check_kernel(kernel, tuple(taps))
    (x,), windows = place((x,), taps, stride, padding, dilation, data_format, sizes, ragged_axis)
    return add_bias(_by_channel(x, weights, windows, data_format), bias, data_format)


def _by_channel(x, weights, windows, data_format) -> Array:
    """Tap by tap, which on a CPU is many times as fast as a grouped convolution."""
    *taps, channels, m = weights.shape
    x = jnp.repeat(x, m, axis=data_format.index("C")) if m > 1 else x
    wide = widen(weights).reshape(*taps, channels * m)
    seen = each_tap(widen(x), 0, windows)
    parts = (tap * _on_channels(wide[at], data_format) for at, tap in seen)
    return reduce(operator.add, parts).astype(weights.dtype)


def separable_conv(
    x,
    weights,
    point_weights=None,
    bias=None,
    *,
    kernel: PerAxis | None = None,
    stride: PerAxis = 1,
    padding: Padding = "same",
    dilation: PerAxis = 1,
    data_format="NHWC",
    sizes=None,
    ragged_axis=None,
) -> Array:
    """Every channel by itself, then point by point with weights [1, 1, in m, out]."""
    window = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    rows = {"data_format": data_format, "sizes": sizes, "ragged_axis": ragged_axis}
    if point_weights is None:
        return depthwise_conv(x, weights, bias, **window, **rows)
    apart = depthwise_conv(x, weights, **window, **rows)
    return conv(apart, point_weights, bias, kernel=1, data_format=data_format)


def _layout(data_format, weights_format) -> str:
    spatial = "".join(data_format[axis] for axis in spatial_axes(data_format))
    if weights_format is None:
        return f"{spatial}IO"
    if weights_format not in WEIGHTS:
        raise ValueError(f"weights_format must be in {tuple(WEIGHTS)}, not {weights_format!r}")
    return WEIGHTS[weights_format]


def _convolve(x, weights, bias, window, data_format, layout, sizes=None, ragged_axis=None) -> Array:
    axes = spatial_axes(data_format)
    taps = tuple(weights.shape[layout.index(data_format[axis])] for axis in axes)
    stated, stride, padding, dilation = window
    check_kernel(stated, taps)
    (x,), windows = place((x,), taps, stride, padding, dilation, data_format, sizes, ragged_axis)
    out = lax.conv_general_dilated(
        x,
        weights,
        [w.stride for w in windows],
        [w.padding for w in windows],
        rhs_dilation=[w.dilation for w in windows],
        dimension_numbers=(data_format, layout, data_format),
    )
    return add_bias(out, bias, data_format)


def add_bias(out, bias, data_format) -> Array:
    if bias is None:
        return out
    last = data_format.endswith("C")
    return plus_bias(out, bias) if last else out + _on_channels(bias, data_format)


def _on_channels(vector, data_format) -> Array:
    """A vector [channels] on the channel axis."""
    after = range(1, len(data_format) - data_format.index("C"))
    return jnp.expand_dims(vector, tuple(after))


def check_kernel(stated, taps):
    """Weights have the size that was said, if any was."""
    if stated is not None and per_axis(stated, len(taps), "kernel") != taps:
        raise ValueError(f"the kernel is {stated}, and weights have {taps} taps")


def check_operands(x, weights, bias, data_format, layout):
    """x, weights in this layout and bias fit together."""
    _check_images(x, weights, data_format)
    channels, own = x.shape[data_format.index("C")], weights.shape[layout.index("I")]
    if channels != own:
        shape = weights.shape
        raise ValueError(f"x has {channels} channels, not the {own} channels of weights {shape}")
    _check_bias(bias, weights.shape[layout.index("O")])


def _check_images(x, weights, data_format):
    """x and weights have the axes of the format, and a floating dtype."""
    check_format(weights.ndim, data_format, weights.shape)
    if x.ndim != weights.ndim:
        raise ValueError(f"{data_format} has {weights.ndim} axes, x has the shape {x.shape}")
    for name, array in {"x": x, "weights": weights}.items():
        check_floating(array, name)


def _check_bias(bias, channels):
    if bias is not None and bias.shape != (channels,):
        raise ValueError(f"bias must have the shape ({channels},), not {bias.shape}")
