"""Parts of images [.., height, width, channels]."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array

from .numbers import narrow, widen


def crop_and_resize(
    image: Array,
    crop_boxes: Array,
    box_indices: Array,
    *,
    crop_out_size: Sequence[int],
    extrapolation_value: float = 0.0,
) -> Array:
    """Box i of image `box_indices[i]` at `crop_out_size`: [boxes, height, width, channels].

    A box is (y1, x1, y2, x2), where 0 is the first pixel and 1 the last; between pixels the four
    around count. What lies outside of the image, or in no image, is `extrapolation_value`.
    """
    if image.ndim != 4 or crop_boxes.shape[1:] != (4,) or box_indices.ndim != 1:
        raise ValueError(
            "wants images [batch, height, width, channels], boxes [n, 4] and indices [n], "
            f"not {image.shape}, {crop_boxes.shape} and {box_indices.shape}"
        )
    x = widen(jnp.asarray(image))
    boxes = crop_boxes.astype(x.dtype)
    height, width = crop_out_size
    rows = _between(boxes[:, 0], boxes[:, 2], height) * (image.shape[1] - 1)
    columns = _between(boxes[:, 1], boxes[:, 3], width) * (image.shape[2] - 1)
    inside = _within(rows, image.shape[1])[:, :, None] & _within(columns, image.shape[2])[:, None]
    inside &= ((box_indices >= 0) & (box_indices < image.shape[0]))[:, None, None]
    which = box_indices[:, None, None]
    crops = jnp.zeros((), x.dtype)
    for row, of_row in _neighbours(rows, image.shape[1]):
        for column, of_column in _neighbours(columns, image.shape[2]):
            pixels = x.at[which, row[:, :, None], column[:, None]].get(mode="clip")
            crops += pixels * (of_row[:, :, None] * of_column[:, None])[..., None]
    return narrow(jnp.where(inside[..., None], crops, extrapolation_value), image)


def _between(first: Array, last: Array, count: int) -> Array:
    """[boxes, count]: points from the one to the other, both exactly; one point is the middle."""
    share = jnp.linspace(0, 1, count, dtype=first.dtype) if count > 1 else jnp.array([0.5])
    share = share.astype(first.dtype)
    return first[:, None] * (1 - share) + last[:, None] * share


def _within(points: Array, size: int) -> Array:
    return (points >= 0) & (points <= size - 1)


def _neighbours(points: Array, size: int) -> list[tuple[Array, Array]]:
    """The pixels before and behind each point, and their weights."""
    before = jnp.floor(points)
    behind = points - before
    pixel = jnp.clip(before.astype("int32"), 0, size - 1)
    return [(pixel, 1 - behind), (jnp.minimum(pixel + 1, size - 1), behind)]


def random_crop(image: Array, *, shape: Sequence[int], key: Array | None = None) -> Array:
    """A window of that shape (-1: the whole axis), every one equally likely."""
    if key is None:
        raise ValueError("a random crop needs a random key")
    if len(shape) != image.ndim:
        raise ValueError(f"shape has a size for each axis of {image.shape}, {tuple(shape)} not")
    for axis, size in enumerate(shape):
        whole = image.shape[axis]
        if size in (-1, whole):
            continue
        if isinstance(whole, int) and not 0 < size <= whole:
            raise ValueError(f"there is no {tuple(shape)} in {image.shape}")
        starts = jnp.asarray(whole - size + 1)
        start = jax.random.randint(jax.random.fold_in(key, axis), (), 0, starts)
        image = jnp.take(image, start + jnp.arange(size), axis=axis, mode="clip")
    return image
