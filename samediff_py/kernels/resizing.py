"""Images [.., height, width, channels] at other sizes.

A resize is linear and goes axis by axis, so every method is a matrix [out, in] of weights for
each axis: how much each pixel adds to a point that lies between pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array

from .numbers import narrow, widen

Kernel = Callable[[Array], Array]
"""The weight of a pixel by its distance from the point."""

# ---- kernels -------------------------------------------------------------------------------------


def _triangle(x: Array) -> Array:
    return jnp.maximum(1 - jnp.abs(x), 0)


def _cubic(b: float, c: float) -> Kernel:
    """The cubics of Mitchell and Netravali 1988; b = 0 gives those of Keys 1981 with a = -c."""
    near = (6 - 2 * b, 0, -18 + 12 * b + 6 * c, 12 - 9 * b - 6 * c)
    far = (8 * b + 24 * c, -12 * b - 48 * c, 6 * b + 30 * c, -b - 6 * c)

    def kernel(x: Array) -> Array:
        x = jnp.abs(x)
        inner, outer = (sum(k * x**n for n, k in enumerate(part)) / 6 for part in (near, far))
        return jnp.where(x < 1, inner, jnp.where(x < 2, outer, 0))

    return kernel


def _gaussian(x: Array) -> Array:
    """Standard deviation 1/2, cut off at 3 of them: a pixel exactly there, and rounded, is out."""
    return jnp.where(jnp.abs(x) < 1.5 - 1e-6, jnp.exp(-2 * x**2), 0)


def _lanczos(radius: int) -> Kernel:
    return lambda x: jnp.where(jnp.abs(x) < radius, jnp.sinc(x) * jnp.sinc(x / radius), 0)


_KERNELS: dict[str, Kernel] = {
    "bilinear": _triangle,
    "bicubic": _cubic(0, 1 / 2),
    "mitchellcubic": _cubic(1 / 3, 1 / 3),
    "gaussian": _gaussian,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
METHODS = (*_KERNELS, "nearest", "area")

# ---- weights -------------------------------------------------------------------------------------

Points = tuple[Array, Any]
"""Where the new pixels lie among the old: numerators, and the denominator. Exact, so that a point
on the border between two answers is on the same side of it in every precision."""


def _half_pixel(size: int, out: int) -> Points:
    """(i + 1/2) size / out - 1/2: pixels are squares."""
    return (2 * jnp.arange(out) + 1) * size - out, 2 * out


def _corners(size: int, out: int) -> Points:
    """i (size - 1) / (out - 1): the outermost new pixels are the outermost old ones."""
    return jnp.arange(out) * (size - 1), jnp.maximum(jnp.asarray(out - 1), 1)


def _from_zero(size: int, out: int) -> Points:
    """i size / out."""
    return jnp.arange(out) * size, out


def _distances(points: Points, size: int, dtype: Any) -> Array:
    """[out, size]: from each point to each pixel."""
    numerators, denominator = points
    apart = jnp.arange(size) * denominator - numerators[:, None]
    return apart.astype(dtype) / jnp.asarray(denominator).astype(dtype)


def _on_grid(distances: Array) -> Array:
    """SameDiff has the cubics in a table of 1024 steps a pixel."""
    return jnp.round(distances * 1024) / 1024


def _inside(weights: Array) -> Array:
    """Pixels outside of the image are left out; the others share their weight."""
    return weights / jnp.sum(weights, axis=1, keepdims=True)


def _edges_repeated(kernel: Kernel, points: Points, size: int, dtype: Any) -> Array:
    """Pixels outside of the image (no more than two are reached) are those of its edge."""
    numerators, denominator = points
    wider = numerators + 2 * denominator, denominator
    weights = kernel(_on_grid(_distances(wider, size + 4, dtype)))
    before, after = weights[:, :2].sum(1), weights[:, -2:].sum(1)
    return weights[:, 2:-2].at[:, 0].add(before).at[:, -1].add(after)


def _area(size: int, out: int, dtype: Any) -> Array:
    """The overlap of [i s, (i + 1) s] with each pixel, s = size / out, as a fraction of s."""
    first, pixel = jnp.arange(out)[:, None] * size, jnp.arange(size) * out
    overlap = jnp.minimum(first + size, pixel + out) - jnp.maximum(first, pixel)
    return _inside(jnp.maximum(overlap, 0).astype(dtype))


def _by_method(method: str, antialias: bool, size: int, out: int, dtype: Any) -> Array:
    if method == "area":
        return _area(size, out, dtype)
    distances = _distances(_half_pixel(size, out), size, dtype)
    if antialias:
        distances = distances / jnp.maximum(jnp.asarray(size).astype(dtype) / out, 1)
    elif method == "bicubic":
        distances = _on_grid(distances)
    return _inside(_KERNELS[method](distances))


# ---- resizing ------------------------------------------------------------------------------------


def check_image(image: Array) -> None:
    if image.ndim < 3:
        raise ValueError(f"an image is [.., height, width, channels], not {image.shape}")


def image_resize(
    image: Array,
    *,
    size: Sequence[int],
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    method: str = "bilinear",
) -> Array:
    """The image at `size` = (height, width), or as large as it fits into it.

    With `antialias` the kernel grows with the step between points, where that is above a pixel.
    """
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r}")
    height, width = _checked(image, size)
    if preserve_aspect_ratio:
        height, width = _fitted(image, height, width)
    if method == "nearest":
        return _nearest(_nearest(image, -3, height), -2, width)

    def weights(size: int, out: int, dtype: Any) -> Array:
        return _by_method(method, antialias, size, out, dtype)

    return _resized(image, height, width, weights)


def resize_bi_linear(
    image: Array,
    *,
    height: int,
    width: int,
    align_corners: bool = False,
    half_pixel_centers: bool = False,
) -> Array:
    """Between the two nearest pixels along each axis, edge pixels repeat."""
    points = _points(align_corners, half_pixel_centers)

    def weights(size: int, out: int, dtype: Any) -> Array:
        return _inside(_triangle(_distances(points(size, out), size, dtype)))

    return _resized(image, *_checked(image, (height, width)), weights)


def resize_bi_cubic(
    image: Array,
    *,
    size: Sequence[int],
    align_corners: bool = False,
    align_pixel_centers: bool = False,
) -> Array:
    """Keys' cubic: with pixel centres a = -1/2, and pixels outside are left out; else a = -3/4,
    and edge pixels repeat."""
    points = _points(align_corners, align_pixel_centers)

    def weights(size: int, out: int, dtype: Any) -> Array:
        if align_pixel_centers:
            return _by_method("bicubic", False, size, out, dtype)
        return _edges_repeated(_cubic(0, 3 / 4), points(size, out), size, dtype)

    return _resized(image, *_checked(image, size), weights)


def _points(align_corners: bool, half_pixel: bool) -> Callable[[int, int], Points]:
    if align_corners and half_pixel:
        raise ValueError("points lie on the corners or between pixel centres, not both")
    return _corners if align_corners else _half_pixel if half_pixel else _from_zero


def _checked(image: Array, size: Sequence[int]) -> tuple[int, int]:
    check_image(image)
    if len(size) != 2 or any(isinstance(n, int) and n < 1 for n in size):
        raise ValueError(f"size is a height and a width from 1 on, not {tuple(size)}")
    return size[0], size[1]


def _fitted(image: Array, height: int, width: int) -> tuple[int, int]:
    """The largest size within these that has the image's proportions, rounded up."""
    rows, columns = image.shape[-3:-1]
    if not isinstance(rows, int) or not isinstance(columns, int):
        raise ValueError(f"preserve_aspect_ratio needs to know the proportions of {image.shape}")
    if height * columns <= width * rows:
        return height, -(-height * columns // rows)
    return -(-width * rows // columns), width


def _nearest(image: Array, axis: int, out: int) -> Array:
    """The pixels in which the points lie."""
    pixels = (2 * jnp.arange(out) + 1) * image.shape[axis] // (2 * out)
    return jnp.take(image, pixels, axis=axis)


def _resized(
    image: Array, height: int, width: int, weights: Callable[[int, int, Any], Array]
) -> Array:
    x = widen(image)
    rows = weights(image.shape[-3], height, x.dtype)
    columns = weights(image.shape[-2], width, x.dtype)
    x = jnp.einsum("yh,...hwc->...ywc", rows, x, precision="highest")
    return narrow(jnp.einsum("xw,...ywc->...yxc", columns, x, precision="highest"), image)
