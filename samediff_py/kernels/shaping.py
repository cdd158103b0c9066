"""Shapes and creation: thin functions over jax.numpy with parameters of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike


def reshape(x: Array, shape: Sequence[int]) -> Array:
    """The same elements, row by row, in another shape; one size may be -1."""
    return jnp.reshape(x, shape)


def permute(x: Array, axes: Sequence[int] | None = None) -> Array:
    """Axis i of the result is axis `axes[i]` of x; without `axes` the order is reversed."""
    return jnp.transpose(x, axes or None)


def expand_dims(x: Array, axis: int) -> Array:
    return jnp.expand_dims(x, axis)


def squeeze(x: Array, axis: int | tuple[int, ...] | None = None) -> Array:
    """Without the axes of size 1, or without those named."""
    if axis is None and not all(isinstance(size, int) for size in x.shape):
        raise ValueError("say which axis: the size of an open dim may be 1 as well")
    return jnp.squeeze(x, axis)


def stack(xs: Sequence[Array], *, axis: int = 0) -> Array:
    return jnp.stack(xs, axis=axis)


def flatten(xs: Sequence[Array], order: str = "c") -> Array:
    """The elements of all inputs one after another, each row by row, or ("f") column by column."""
    if order not in ("c", "f"):
        raise ValueError(f"order is 'c' (rows first) or 'f' (columns first), not {order!r}")
    return jnp.concatenate([jnp.reshape(x if order == "c" else x.T, (-1,)) for x in xs])


def split(x: Array, num_split: int, axis: int = 0) -> tuple[Array, ...]:
    """`num_split` equal parts."""
    size = x.shape[axis]
    if num_split < 1 or (isinstance(size, int) and size % num_split):
        raise ValueError(f"axis {axis} of size {size} can't be cut into {num_split} equal parts")
    return _cut(x, [size // num_split] * num_split, axis)


def split_v(
    x: Array, part_sizes: Sequence[int], axis: int = 0, *, num_split: int | None = None
) -> tuple[Array, ...]:
    """Parts of these sizes."""
    if num_split not in (None, len(part_sizes)):
        raise ValueError(f"num_split is {num_split}, and there are {len(part_sizes)} sizes")
    if min(part_sizes) < 0 or sum(part_sizes) != x.shape[axis]:
        raise ValueError(f"{part_sizes} are no sizes of parts of axis {axis}: {x.shape[axis]}")
    return _cut(x, part_sizes, axis)


def _cut(x: Array, sizes: Sequence[int], axis: int) -> tuple[Array, ...]:
    ends = list(accumulate(sizes, initial=0))
    before = (slice(None),) * axis
    return tuple(x[(*before, slice(*ends[i : i + 2]))] for i in range(len(sizes)))


def unstack(x: Array, axis: int = 0, *, num: int | None = None) -> tuple[Array, ...]:
    """The slices along the axis, without it."""
    size = x.shape[axis]
    if num is None and not isinstance(size, int):
        raise ValueError(f"the size of axis {axis} is open, so say how many slices: num=..")
    if num is not None and isinstance(size, int) and num != size:
        raise ValueError(f"axis {axis} has {size} slices, not {num}")
    count = num if isinstance(num, int) else int(size)
    pick = lax.index_in_dim if isinstance(size, int) else lax.dynamic_index_in_dim
    return tuple(pick(x, i, axis, keepdims=False) for i in range(count))


def set_shape(x: Array, shape: Sequence[int]) -> tuple[Array, ...]:
    """`reshape`, as a list of one."""
    return (reshape(x, shape),)


def repeat(x: Array, repeats: int, axis: int) -> Array:
    """Every position `repeats` times along the axis."""
    return jnp.repeat(x, repeats, axis=axis)


def zeros(shape: Sequence[int], dtype: str = "float32") -> Array:
    return jnp.zeros(shape, dtype)


def ones(shape: Sequence[int], dtype: str = "float32") -> Array:
    return jnp.ones(shape, dtype)


def full(shape: Sequence[int], value: float, dtype: str = "float32") -> Array:
    return jnp.full(shape, value, dtype)


def linspace(start: ArrayLike, stop: ArrayLike, num: int, dtype: str | None = None) -> Array:
    """`num` numbers at equal distances, both ends included; cut towards zero for integers."""
    if jnp.ndim(start) or jnp.ndim(stop):
        raise ValueError("start and stop must be scalars")
    wanted = jnp.dtype(dtype or jnp.result_type(float, start, stop))
    exact = wanted if jnp.issubdtype(wanted, jnp.floating) else jnp.result_type(float)
    return jnp.linspace(jnp.asarray(start, exact), jnp.asarray(stop, exact), num).astype(wanted)


def arange(start: float, stop: float, step: float = 1, dtype: str = "int32") -> Array:
    """start, start + step, ... without stop. Integers are made of a start and step cut to such."""
    if isinstance(step, int | float) and step == 0:
        raise ValueError("step is 0, so that stop is never reached")
    count = _count(start, stop, step)
    if not jnp.issubdtype(dtype, jnp.floating):
        start, step = int(start), int(step)
    exact = jnp.result_type(float) if jnp.issubdtype(dtype, jnp.floating) else dtype
    return (start + step * jnp.arange(count, dtype=exact)).astype(dtype)


def _count(start: Any, stop: Any, step: Any) -> int:
    if all(isinstance(number, int | float) for number in (start, stop)):
        return max(math.ceil((stop - start) / step), 0)
    return -((start - stop) // step)  # symbolic sizes know no fractions
