"""Colours along the last axis, of size 3: red, green, blue, or another of their coordinates.

Hue counts turns (red 0, green 1/3, blue 2/3); no coordinate is clamped. Integers become float32.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from .numbers import fill_masked, narrow, widen
from .reductions import mean
from .resizing import check_image

# The constants are SameDiff's, digits included; rows are what comes out, columns what goes in.
_YIQ_OF_RGB = np.array([
    [0.299, 0.587, 0.114],
    [0.59590059, -0.27455667, -0.32134392],
    [0.2115, -0.52273617, 0.31119955],
])  # fmt: skip
_RGB_OF_YIQ = np.array([
    [1, 0.95598634, 0.6208248],
    [1, -0.27201283, -0.64720424],
    [1, -1.10674021, 1.70423049],
])  # fmt: skip
_YUV_OF_RGB = np.array([
    [0.299, 0.587, 0.114],
    [-0.14714119, -0.2888691, 0.43601035],
    [0.61497538, -0.51496512, -0.10001026],
])  # fmt: skip
_RGB_OF_YUV = np.array([
    [1, 0, 1.13988303],
    [1, -0.394642334, -0.58062185],
    [1, 2.03206185, 0],
])  # fmt: skip


def rgb_to_yiq(image: Array) -> Array:
    return _transformed(image, _YIQ_OF_RGB)


def yiq_to_rgb(image: Array) -> Array:
    return _transformed(image, _RGB_OF_YIQ)


def rgb_to_yuv(image: Array) -> Array:
    return _transformed(image, _YUV_OF_RGB)


def yuv_to_rgb(image: Array) -> Array:
    return _transformed(image, _RGB_OF_YUV)


def rgb_to_hsv(image: Array) -> Array:
    """Hue, saturation (max - min) / max, value max; grey has hue 0, black saturation 0."""
    hue, low, high = _hue_and_range(_colors(image))
    return narrow(jnp.stack([hue, _saturation(low, high), high], -1), image)


def hsv_to_rgb(image: Array) -> Array:
    """The colour of hue h between v (1 - s) and v."""
    hue, saturation, value = jnp.moveaxis(_colors(image), -1, 0)
    return narrow(_of_hue(hue, value * (1 - saturation), value), image)


def adjust_hue(image: Array, *, delta: float) -> Array:
    """The hue turned by `delta`."""
    hue, low, high = _hue_and_range(_colors(image))
    return narrow(_of_hue(hue + delta, low, high), image)


def adjust_saturation(image: Array, *, factor: float) -> Array:
    """The saturation times `factor`, cut to [0, 1]."""
    hue, low, high = _hue_and_range(_colors(image))
    saturation = jnp.clip(_saturation(low, high) * factor, 0, 1)
    return narrow(_of_hue(hue, high * (1 - saturation), high), image)


def adjust_contrast(image: Array, *, factor: float, where: Array | None = None) -> Array:
    """(x - m) factor + m, with m the mean over height and width."""
    check_image(image)
    x = widen(image)
    middle = mean(x, (-3, -2), keepdims=True, where=where)
    return narrow(fill_masked((x - middle) * factor + middle, where, 0), image)


def _colors(image: Array) -> Array:
    if image.ndim == 0 or image.shape[-1] != 3:
        raise ValueError(f"the last axis holds the 3 coordinates of a colour, not {image.shape}")
    return widen(image)


def _transformed(image: Array, matrix: np.ndarray) -> Array:
    colors = _colors(image)
    weights = jnp.asarray(matrix, colors.dtype)
    return narrow(jnp.einsum("...i,oi->...o", colors, weights, precision="highest"), image)


def _hue_and_range(colors: Array) -> tuple[Array, Array, Array]:
    """The hue, the least and the greatest of red, green and blue."""
    red, green, blue = jnp.moveaxis(colors, -1, 0)
    high, low = jnp.max(colors, -1), jnp.min(colors, -1)
    span = jnp.where(high > low, high - low, 1)  # all three are one: the hue of grey is 0
    hue = jnp.where(
        high == red,
        (green - blue) / span,
        jnp.where(high == green, (blue - red) / span + 2, (red - green) / span + 4),
    )
    return jnp.mod(hue / 6, 1), low, high


def _saturation(low: Array, high: Array) -> Array:
    return jnp.where(high > 0, (high - low) / jnp.where(high > 0, high, 1), 0)


def _of_hue(hue: Array, low: Array, high: Array) -> Array:
    """Red, green and blue, which reach from `low` to `high` as the hue says."""
    sixth = jnp.mod(hue, 1) * 6
    red = jnp.abs(sixth - 3) - 1
    green, blue = 2 - jnp.abs(sixth - 2), 2 - jnp.abs(sixth - 4)
    share = jnp.clip(jnp.stack([red, green, blue], -1), 0, 1)
    return low[..., None] + (high - low)[..., None] * share
