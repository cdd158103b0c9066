"""Ways of an array into a program and out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from ..data.compaction import is_prefix_row
from ..foundation.dims import Shape, size_of
from .ready import enlarged

Way = Callable[[Any], Any]

MOST = 256
"""Masks that are kept on the device: a stream of ever new ones must not fill the memory."""


class Unlike(Exception):
    """An array can't go that way, and has to be read with care."""


def widened(shape: tuple[int, ...]) -> Way:
    """In a larger shape, zero behind what was fed."""
    return lambda array: enlarged(array, shape)


class Rows(dict[bytes, jax.Array]):
    """Masks of one row whose positions stand at its beginning, by their bytes, on the device in the
    shape that is taken: few are different, a server meets the same again and again."""

    def __init__(self, fed: tuple[int, ...], taken: tuple[int, ...]) -> None:
        self._fed, self._taken = fed, taken

    def __missing__(self, content: bytes) -> jax.Array:
        if not is_prefix_row(content):
            raise Unlike
        if len(self) >= MOST:
            self.clear()
        mask = np.frombuffer(content, bool).reshape(self._fed)
        self[content] = jax.device_put(enlarged(mask, self._taken))
        return self[content]


def cut(shape: Shape, sizes: Mapping[str, int]) -> Way:
    """Results of those dims on the host, at those sizes."""
    index = tuple(slice(size_of(dim, sizes)) for dim in shape)
    return lambda result: np.asarray(result)[index]
