"""The right answers where SameDiff's sd.cnn gives none, a wrong one, or another by design."""

from functools import partial
from itertools import product

import numpy as np


def _taps(size, kernel, stride=1, padding=0, dilation=1):
    """The positions under each window, those outside left out."""
    reach, count = (kernel - 1) * dilation + 1, -(-size // stride)
    before = {"same": int(((count - 1) * stride + reach - size) / 2), "causal": reach - 1}
    if padding not in before:
        count = (size + 2 * padding - reach) // stride + 1
    starts = [j * stride - before.get(padding, padding) for j in range(count)]
    taps = [[start + k * dilation for k in range(kernel)] for start in starts]
    return [[p for p in window if 0 <= p < size] for window in taps]


def _pool(reduce, kernel, stride, padding, first):
    """Axis by axis: what is left of a window inside of the image is a box."""

    def pooled(x):
        for axis, (k, s, p) in enumerate(zip(kernel, stride, padding, strict=True), first):
            windows = _taps(x.shape[axis], k, s, p)
            x = np.stack([reduce(np.take(x, taps, axis), axis=axis) for taps in windows], axis)
        return x

    return pooled


def _pools_3d(method, reduce):
    """Kernels and strides as they are named, channels in front and behind."""
    windows = [((2, 3, 1), (1, 1, 1)), ((1, 2, 2), (1, 1, 2))]
    ids = [(3, 2, 0), (4, 2, 0), (8, 2, "same"), (9, 2, "same")]
    ids += [(15, 1, 0), (16, 1, 0), (20, 1, "same"), (21, 1, "same")]
    return {
        f"cnn.{method}/{number}": _pool(reduce, *windows[i % 2], (padding,) * 3, first)
        for i, (number, first, padding) in enumerate(ids)
    }


def _argmax(x, kernel, stride=1, padding="same", dilation=(1, 1), first=2):
    """Maxima, and the number of each within its example."""
    sizes = x.shape[first : first + 2]
    rows, columns = map(_taps, sizes, kernel, (stride,) * 2, (padding,) * 2, dilation)
    number = np.broadcast_to(np.arange(x[0].size).reshape(x[0].shape), x.shape)
    shape = (*x.shape[:first], len(rows), len(columns), *x.shape[first + 2 :])
    top, place = np.zeros(shape), np.zeros(shape, np.int32)
    for i, j in product(range(len(rows)), range(len(columns))):
        at = [slice(None)] * first
        seen = (*at, rows[i]), (*at, slice(None), columns[j])
        values, numbers = (a[seen[0]][seen[1]] for a in (x, number))
        flat = [np.moveaxis(a, (first, first + 1), (-2, -1)) for a in (values, numbers)]
        flat = [a.reshape(*a.shape[:-2], -1) for a in flat]
        best = flat[0].argmax(-1)[..., None]
        found = [np.take_along_axis(a, best, -1)[..., 0] for a in flat]
        top[(*at, i, j)], place[(*at, i, j)] = found
    return top, place


def _separable(x, depth, point):
    """Windows of 2 x 2 over NCHW."""
    h, w = x.shape[2] - 1, x.shape[3] - 1
    taps = [[x[:, :, i : i + h, j : j + w] for j in (0, 1)] for i in (0, 1)]
    apart = np.einsum("ijnchw,ijcm->ncmhw", taps, depth)
    return np.einsum("ndhw,do->nohw", apart.reshape(len(x), -1, h, w), point[0, 0])


def _conv3d_causal(x, weights):
    """Kernel 2, 1, 2."""
    padded = np.pad(x, ((0, 0), (1, 0), (0, 0), (1, 0), (0, 0)))
    n, m = x.shape[1], x.shape[3]
    taps = [[padded[:, i : i + n, :, j : j + m] for j in (0, 1)] for i in (0, 1)]
    return np.einsum("ijndhwc,ijco->ndhwo", taps, weights[:, 0])


def _im2col_same(x):
    """Kernel 2, 3."""
    h, w = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (0, 1), (1, 1)))
    taps = [[padded[:, :, i : i + h, j : j + w] for j in range(3)] for i in range(2)]
    return np.moveaxis(taps, (0, 1), (2, 3))


def _space_to_batch(x, down, across, height=(0, 0), width=(0, 0)):
    x = np.pad(x, ((0, 0), height, width, (0, 0)))
    return np.concatenate([x[:, i::down, j::across] for i in range(down) for j in range(across)])


def _batch_to_space(x, down, across):
    n, h, w, c = x.shape
    out = np.zeros((n // (down * across), h * down, w * across, c))
    parts = x.reshape(down, across, -1, h, w, c)
    for i, j in product(range(down), range(across)):
        out[:, i::down, j::across] = parts[i, j]
    return out


def _upsampled(*scale):
    def repeated(x):
        for axis, times in enumerate(scale):
            x = np.repeat(x, times, axis)
        return x

    return repeated


def _dilated(x, weights):
    """SAME, kernel 2, 2: one row and column behind."""
    padded = np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=-np.inf)
    h, w = x.shape[1:3]
    taps = [padded[:, i : i + h, j : j + w] + weights[i, j] for i in (0, 1) for j in (0, 1)]
    return np.max(taps, 0)


def _with_padding(values, axis):
    return values.sum(axis) / 2


RIGHT = {
    "cnn.conv3d/16": _conv3d_causal,
    "cnn.separableConv2d/22": _separable,
    "cnn.separableConv2d/23": _separable,
    "cnn.avgPooling2d/13": _pool(_with_padding, (2, 2), (1, 1), (1, 1), 2),
    "cnn.avgPooling2d/27": _pool(_with_padding, (2, 2), (1, 1), (1, 1), 1),
    "cnn.avgPooling2d/30": _pool(np.mean, (2, 2), (1, 1), ("causal", "causal"), 2),
    "cnn.avgPooling2d/32": _pool(np.mean, (2, 2), (1, 1), (1, 0), 2),
    "cnn.maxPooling2d/30": _pool(np.max, (2, 2), (1, 1), ("causal", "causal"), 2),
    "cnn.maxPoolWithArgmax/0": partial(_argmax, kernel=(2, 3)),
    "cnn.maxPoolWithArgmax/1": partial(_argmax, kernel=(3, 2)),
    "cnn.maxPoolWithArgmax/2": partial(_argmax, kernel=(2, 2), dilation=(1, 2)),
    "cnn.maxPoolWithArgmax/3": partial(_argmax, kernel=(2, 2), stride=2),
    "cnn.maxPoolWithArgmax/4": partial(_argmax, kernel=(2, 2), padding=0, first=1),
    **_pools_3d("avgPooling3d", np.mean),
    **_pools_3d("maxPooling3d", np.max),
    "cnn.im2Col/5": _im2col_same,
    "cnn.batchToSpace/1": partial(_batch_to_space, down=2, across=3),
    "cnn.spaceToBatch/3": partial(_space_to_batch, down=3, across=3, height=(1, 0), width=(1, 1)),
    "cnn.spaceToBatch/4": partial(_space_to_batch, down=2, across=2, width=(1, 1)),
    "cnn.spaceToBatch/5": partial(_space_to_batch, down=2, across=3),
    "cnn.upsampling2d/0": _upsampled(1, 1, 2, 2),
    "cnn.upsampling3d/3": _upsampled(1, 2, 1, 3),
    "cnn.upsampling3d/4": _upsampled(1, 2, 2, 2),
    "cnn.upsampling3d/5": _upsampled(1, 1, 3, 2),
    "cnn.dilation2D/0": _dilated,
}

RAISES = {
    "cnn.conv1d/31": "needs a paddingMode: VALID, SAME or CAUSAL",
    "cnn.conv2d/33": "x must be of a floating dtype, not int32",
    "cnn.avgPooling2d/33": "x must be of a floating dtype, not int32",
}
