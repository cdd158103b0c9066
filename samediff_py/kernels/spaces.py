"""Positions of images moved into channels or into the batch, and back; images made larger."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from .windows import PerAxis, check_format, per_axis, spatial_axes


def space_to_depth(x, *, block, data_format="NHWC", where=None) -> Array:
    """Blocks of block x block positions as one: channel (row block + column) channels + c.

    Axes that `where` lies along need not be multiples of the block: what is left over is padding.
    """
    check_images(x, block, data_format)
    for axis in spatial_axes(data_format):
        x = _divisible(x, axis, block, cut=where is not None and where.shape[axis] != 1)
    if data_format == "NCHW":
        n, c, h, w = x.shape
        parts = x.reshape(n, c, h // block, block, w // block, block).transpose(0, 3, 5, 1, 2, 4)
        return parts.reshape(n, block**2 * c, h // block, w // block)
    n, h, w, c = x.shape
    parts = x.reshape(n, h // block, block, w // block, block, c).transpose(0, 1, 3, 2, 4, 5)
    return parts.reshape(n, h // block, w // block, block**2 * c)


def depth_to_space(x, *, block, data_format="NHWC") -> Array:
    """The inverse of `space_to_depth`."""
    check_images(x, block, data_format)
    channels = x.shape[data_format.index("C")]
    if channels % block**2:
        raise ValueError(f"{channels} channels are no multiple of block * block = {block**2}")
    c = channels // block**2
    if data_format == "NCHW":
        n, _, h, w = x.shape
        parts = x.reshape(n, block, block, c, h, w).transpose(0, 3, 4, 1, 5, 2)
        return parts.reshape(n, c, h * block, w * block)
    n, h, w, _ = x.shape
    parts = x.reshape(n, h, w, block, block, c).transpose(0, 1, 3, 2, 4, 5)
    return parts.reshape(n, h * block, w * block, c)


def space_to_batch(x, *, blocks: PerAxis, pad_height=(0, 0), pad_width=(0, 0)) -> Array:
    """Positions of a block as examples, in the order block row, block column, example."""
    check_images(x, blocks, "NHWC")
    down, across = per_axis(blocks, 2, "blocks")
    pads = ((0, 0), per_axis(pad_height, 2, "pad"), per_axis(pad_width, 2, "pad"), (0, 0))
    _check_counts(pads, "pad_height and pad_width")
    x = _divisible(_divisible(jnp.pad(x, pads), 1, down), 2, across)
    n, h, w, c = x.shape
    parts = x.reshape(n, h // down, down, w // across, across, c).transpose(2, 4, 0, 1, 3, 5)
    return parts.reshape(n * down * across, h // down, w // across, c)


def batch_to_space(x, *, blocks: PerAxis, crop_height=(0, 0), crop_width=(0, 0)) -> Array:
    """The inverse of `space_to_batch`, with (before, after) cut off of height and width."""
    check_images(x, blocks, "NHWC")
    down, across = per_axis(blocks, 2, "blocks")
    crops = per_axis(crop_height, 2, "crop_height"), per_axis(crop_width, 2, "crop_width")
    _check_counts(crops, "crop_height and crop_width")
    x = _divisible(x, 0, down * across)
    n, h, w, c = x.shape
    parts = x.reshape(down, across, n // (down * across), h, w, c).transpose(2, 3, 0, 4, 1, 5)
    x = parts.reshape(n // (down * across), h * down, w * across, c)
    return _cropped(_cropped(x, 1, *crops[0]), 2, *crops[1])


def _cropped(x, axis, before, after) -> Array:
    size = x.shape[axis]
    if isinstance(size, int) and before + after > size:
        raise ValueError(f"crops of {before} and {after} are more than the {size} of axis {axis}")
    index = [slice(None)] * x.ndim
    index[axis] = slice(before, size - after)
    return x[tuple(index)]


def upsample(x, *, scale: PerAxis, data_format="NHWC") -> Array:
    """Every position `scale` times along each spatial axis."""
    check_images(x, scale, data_format)
    axes = spatial_axes(data_format)
    for axis, times in zip(axes, per_axis(scale, len(axes), "scale"), strict=True):
        x = jnp.repeat(x, times, axis=axis) if times != 1 else x
    return x


def check_images(x, factors, data_format):
    check_format(x.ndim, data_format, x.shape)
    factors = factors if isinstance(factors, tuple | list) else (factors,)
    if min(factors) < 1:
        raise ValueError(f"factors start at 1, and {tuple(factors)} does not")


def _check_counts(pairs, what):
    if any(count < 0 for pair in pairs for count in pair):
        raise ValueError(f"{what} are counts, not {pairs}")


def _divisible(x, axis, factor, cut=False) -> Array:
    """x, with a multiple of the factor along the axis: known to be one, or cut to it."""
    size = x.shape[axis]
    if isinstance(size, int) and size % factor and not cut:
        raise ValueError(f"the {size} positions of axis {axis} are no multiple of {factor}")
    index = [slice(None)] * x.ndim
    index[axis] = slice(size // factor * factor)
    return x[tuple(index)]
