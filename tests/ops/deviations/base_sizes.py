"""Sizes, new arrays and ragged results of the base namespace."""

import numpy as np

RIGHT = {
    "base.create/3": lambda shape: np.zeros(shape.astype(int)),
    "base.create/4": lambda shape: np.zeros(shape.astype(int), np.int32),
    "base.dynamicPartition/5": lambda x, of: tuple(x[of == part] for part in (0, 1)),
    "base.fill/5": lambda shape: np.ones(shape.astype(int), bool),
    "base.range/6": lambda: np.arange(7, 0, -2),
    "base.range/7": lambda: np.arange(5.0, 0.0, -2.0),
}
RAISES = {
    "base.where/5": r"can't be called with",
}
