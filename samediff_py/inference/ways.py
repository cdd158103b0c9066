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


def row(shape: tuple[int, ...]) -> Way:
    """A mask of one row whose positions stand at its beginning: few are different, a server meets
    the same again and again, and they stay on the device in that shape."""
    known: dict[bytes, jax.Array] = {}

    def way(mask: np.ndarray) -> jax.Array:
        content = mask.tobytes()
        try:
            return known[content]
        except KeyError:
            return added(content, mask)

    def added(content: bytes, mask: np.ndarray) -> jax.Array:
        if not is_prefix_row(mask):
            raise Unlike
        if len(known) >= MOST:
            known.clear()
        on_device = jax.device_put(enlarged(mask, shape))  # a copy: the user's may change
        return known.setdefault(content, on_device)

    return way


def cut(shape: Shape, sizes: Mapping[str, int]) -> Way:
    """Results of those dims on the host, at those sizes."""
    index = tuple(slice(size_of(dim, sizes)) for dim in shape)
    return lambda result: np.asarray(result)[index]
