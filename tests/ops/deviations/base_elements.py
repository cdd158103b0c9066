"""Comparisons, conditions, limits, reductions, products, joins and slices of the base namespace."""

import numpy as np


def _matmul(*, transpose_x=False, transpose_y=False):
    def products(*arrays):
        half = len(arrays) // 2
        pairs = zip(arrays[:half], arrays[half:], strict=True)
        return tuple((x.T if transpose_x else x) @ (y.T if transpose_y else y) for x, y in pairs)

    return products


def _clipped(x, limit, _):
    norm = np.sqrt(np.square(x).sum(1, keepdims=True))
    return np.where(norm > limit, x * limit / norm, x)


RIGHT = {
    "base.standardDeviation/7": lambda x: x.std(1),
    "base.variance/7": lambda x: x.var(1),
    "base.sum/10": lambda x: x.sum(-1, keepdims=True),
    "base.mean/13": lambda x: x.mean((0, 2), keepdims=True),
    "base.cumsum/9": lambda x: x.cumsum(1),
    "base.eq/9": np.equal,
    "base.eq/2": lambda x: x == 1.5,
    "base.neq/2": lambda x: x != 1.5,
    "base.gte/2": lambda x: x >= 1.5,
    "base.lt/2": lambda x: x < 1.5,
    "base.matchCondition/7": lambda x: np.abs(x - 1) < 0.25,
    "base.matchConditionCount/7": lambda x: (np.abs(x - 1) < 0.25).sum(),
    "base.matchCondition/13": lambda x: np.abs(x) == 1,
    "base.matchConditionCount/13": lambda x: (np.abs(x) == 1).sum(),
    "base.replaceWhere/13": lambda x: np.where(np.abs(x) == 1, 7, x),
    "base.replaceWhere/16": lambda x: np.where(np.isfinite(x), 7, x),
    "base.replaceWhere/17": lambda x: np.where(np.isfinite(x), x, 7),
    "base.whereNumpy/0": lambda x, y, condition: np.where(condition, x, y),
    "base.scalarMax/4": lambda x: np.maximum(x, 2.5),
    "base.scalarMin/4": lambda x: np.minimum(x, 2.5),
    "base.scalarSet/4": lambda x: np.full(x.shape, 2.5),
    "base.scalarFloorMod/4": lambda x: np.fmod(x, 2.5),
    "base.scalarMax/5": lambda x: np.maximum(x, 0.5),
    "base.scalarMin/5": lambda x: np.minimum(x, 0.5),
    "base.assign/3": lambda x, y: y,
    "base.assign/5": lambda x, y: y,
    "base.castTo/15": lambda x: [3 * 10**9, -3 * 10**9, 0, 2**63 - 1],
    "base.clipByValue/2": lambda x: np.clip(x, -1, 2),
    "base.clipByNorm/4": _clipped,
    "base.mmul/17": np.matmul,
    "base.tensorMmul/4": lambda x, y: np.tensordot(x, y, ((1, 2), (1, 0))),
    "base.tensorMmul/7": lambda x, y: (x @ y).T,
    "base.batchMmul/0": _matmul(),
    "base.batchMmul/1": _matmul(),
    "base.batchMmul/2": _matmul(),
    "base.batchMmul/3": _matmul(transpose_y=True),
    "base.batchMmul/4": _matmul(transpose_x=True),
    "base.batchMmul/5": _matmul(transpose_x=True, transpose_y=True),
    "base.split/4": lambda x, count: tuple(np.split(x, count, 1)),
    "base.isNumericTensor/4": lambda x: False,
    "base.permute/3": lambda x: x.transpose(2, 0, 1),
    "base.slice/6": lambda x: x[1:3, 0:5],
    "base.stridedSlice/3": lambda x: x[:, :, ::2],
    "base.stridedSlice/11": lambda x: x[..., 1:3],
    "base.stridedSlice/21": lambda x: x[0:2, 3:1:-1, 2:-4:-1],
    "base.createView/5": lambda x, *_: x[None],
    "base.repeat/0": lambda x, repeats: np.repeat(x, repeats, 0),
    "base.setShape/0": lambda x, shape: x.reshape(shape),
    "base.minMax/6": lambda: np.iinfo(np.int64).min,
}
RAISES = {
    "base.squeeze/3": "squeeze: .*size not equal to one",
}
