"""The right answers where SameDiff's sd.image gives none, a wrong one, or another by design."""

import numpy as np
from golden_calls import array
from numpy.lib.stride_tricks import sliding_window_view
from scipy.interpolate import RegularGridInterpolator


def _recorded(record):
    """The result as SameDiff gives it: only its slope is not that of the record."""
    namespace, _ = record.split(".")
    return lambda *_: array({"ns": namespace, "id": record}, "out0")


def _more_contrast(x):
    middle = x.mean((-3, -2), keepdims=True)
    return (x - middle) * 2 + middle


def _bilinear(image, rows, columns):
    """The image [height, width, channels] at these places, edge pixels repeated."""
    grid = [np.arange(n) for n in image.shape[:2]]
    inside = [np.clip(p, 0, len(g) - 1) for p, g in zip((rows, columns), grid, strict=True)]
    places = np.stack(np.meshgrid(*inside, indexing="ij"), -1)
    return RegularGridInterpolator(grid, image)(places)


def _half_pixel(size, out):
    return (np.arange(out) + 0.5) * size / out - 0.5


def _resized(images, size):
    places = [_half_pixel(n, out) for n, out in zip(images.shape[1:3], size, strict=True)]
    return np.stack([_bilinear(image, *places) for image in images])


def _crops(images, boxes, numbers, size):
    """All boxes of the record lie inside of the images, or partly outside, where there is 0.5."""
    crops = []
    for box, number in zip(boxes.astype(float), numbers, strict=True):
        ends = box.reshape(2, 2) * (np.array(images.shape[1:3]) - 1)
        places = [np.linspace(*ends[:, axis], size[axis]) for axis in (0, 1)]
        inside = [(p >= 0) & (p <= n - 1) for p, n in zip(places, images.shape[1:3], strict=True)]
        crop = _bilinear(images[number], *places)
        crops.append(np.where((inside[0][:, None] & inside[1])[..., None], crop, 0.5))
    return np.stack(crops)


def _keys(images, size):
    """Cubics with a = -1/2 between pixel centres, pixels outside left out, 1024 steps a pixel."""

    def weight(x):
        x = abs(x)
        return 1.5 * x**3 - 2.5 * x**2 + 1 if x < 1 else -(x**3) / 2 + 2.5 * x**2 - 4 * x + 2

    def along(x, out):
        rows = []
        for place in np.round(_half_pixel(len(x), out) * 1024) / 1024:
            taps = [j for j in range(len(x)) if abs(j - place) < 2]
            rows.append(np.average(x[taps], axis=0, weights=[weight(j - place) for j in taps]))
        return np.stack(rows)

    tall = np.stack([along(image, size[0]) for image in images])
    return along(tall.transpose(2, 0, 1, 3), size[1]).transpose(1, 2, 0, 3)


def _patches(pads, kernel, strides, rates):
    def reference(images):
        padded = np.pad(images, [(0, 0), *pads, (0, 0)])
        reach = [(k - 1) * rate + 1 for k, rate in zip(kernel, rates, strict=True)]
        seen = sliding_window_view(padded, reach, (1, 2))[:, :: strides[0], :: strides[1]]
        taps = seen[..., :: rates[0], :: rates[1]].transpose(0, 1, 2, 4, 5, 3)
        return taps.reshape(*taps.shape[:3], -1)

    return reference


def _is_window(x, shape, crop):
    windows = sliding_window_view(x, crop.shape).reshape(-1, *crop.shape)
    return crop.shape == tuple(shape) and (windows == crop).reshape(len(windows), -1).all(1).any()


_SLOPES = {"adjustContrast": "012345", "adjustHue": "0123478", "adjustSaturation": "012478",
           "hsvToRgb": "03"}  # fmt: skip

RIGHT = {
    **{f"image.{op}/{i}": _recorded(f"image.{op}/{i}") for op, ids in _SLOPES.items() for i in ids},
    "image.adjustContrast/7": _more_contrast,
    "image.cropAndResize/6": _crops,
    "image.extractImagePatches/7": _patches(((0, 1), (0, 1)), (3, 2), (2, 3), (1, 2)),
    "image.extractImagePatches/8": _patches(((2, 2), (2, 2)), (5, 5), (1, 1), (1, 1)),
    "image.imageResize/89": _resized,
    "image.nonMaxSuppression/12": lambda boxes, scores: [3, 0, 5],
    "image.nonMaxSuppression/13": lambda boxes, scores: [3, 0],
    "image.nonMaxSuppression/14": lambda boxes, scores: [3, 0],
    "image.resizeBiCubic/15": _keys,
}
HOLDS = {f"image.randomCrop/{i}": _is_window for i in (0, 2, 3, 4)}
RAISES = {
    "image.resizeBiCubic/18": "corners or between pixel centres, not both",
    "image.resizeBiLinear/14": "corners or between pixel centres, not both",
    "image.rgbToHsv/5": "3 coordinates of a colour",
}
