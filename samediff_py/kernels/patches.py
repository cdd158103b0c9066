"""What windows see, laid out: columns, patches, and the grey dilation over them.

Windows as in `windows`; around x there is 0, or for the dilation nothing.
"""

from __future__ import annotations

from math import prod

import jax
import jax.numpy as jnp
from jax import Array

from .numbers import check_floating, fill_masked
from .windows import Padding, PerAxis, place, taps_of


def im2col(
    x,
    *,
    kernel: PerAxis,
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    data_format="NCHW",
    sizes=None,
    ragged_axis=None,
) -> Array:
    """[batch, channels, kernel height, kernel width, windows down, windows across]."""
    _check_channels_first(data_format)
    options = (kernel, stride, padding, dilation, data_format, sizes, ragged_axis)
    (x,), windows = place((x,), *options)
    return taps_of(x, 0, windows).transpose(0, 1, 3, 5, 2, 4)


def col2im(
    x,
    *,
    size,
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    data_format="NCHW",
) -> Array:
    """Images [batch, channels, *size] of which the columns are parts: overlapping ones are summed.

    The transpose of `im2col`.
    """
    if x.ndim != 6:
        raise ValueError(f"columns have 6 axes, and x has the shape {x.shape}")
    options = {"kernel": x.shape[2:4], "stride": stride, "padding": padding, "dilation": dilation}
    image = jax.ShapeDtypeStruct((*x.shape[:2], *size), x.dtype)
    columns = lambda image: im2col(image, **options, data_format=data_format)  # noqa: E731
    want = jax.eval_shape(columns, image).shape
    if want != x.shape:
        raise ValueError(f"an image of {tuple(size)} has columns {want}, and x has {x.shape}")
    (image,) = jax.linear_transpose(columns, image)(x)
    return image


def _check_channels_first(data_format):
    if data_format != "NCHW":
        raise ValueError(f"columns are of images in NCHW, not {data_format!r}")


def image_patches(
    x,
    *,
    kernel: PerAxis,
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    sizes=None,
    ragged_axis=None,
) -> Array:
    """[batch, windows down, windows across, kernel height * kernel width * channels]."""
    options = (kernel, stride, padding, dilation, "NHWC", sizes, ragged_axis)
    (x,), windows = place((x,), *options)
    taps = taps_of(x, 0, windows).transpose(0, 1, 3, 2, 4, 5)
    return taps.reshape(*taps.shape[:3], prod(taps.shape[3:]))


def dilation2d(
    x,
    weights,
    *,
    stride: PerAxis = 1,
    padding: Padding = "same",
    dilation: PerAxis = 1,
    where=None,
) -> Array:
    """The greatest x + weights under each window, in which only valid taps count; else 0."""
    if weights.ndim != 3 or weights.shape[-1] != x.shape[-1]:
        raise ValueError(f"weights must be [height, width, {x.shape[-1]}], not {weights.shape}")
    check_floating(x)
    options = (weights.shape[:2], stride, padding, dilation, "NHWC")
    x = fill_masked(x, where, -jnp.inf)
    (x,), windows = place((x,), *options)
    taps = taps_of(x, -jnp.inf, windows) + weights[:, None]
    top = jnp.max(taps, axis=(2, 4))
    return jnp.where(top > -jnp.inf, top, 0)
