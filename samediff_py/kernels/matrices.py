"""Matrices in the last two axes, and their diagonals."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array

from .numbers import fill_masked, narrow, widen


def cross(x: Array, y: Array) -> Array:
    """The vector product along the last axis, which has size 3."""
    for operand in (x, y):
        if operand.ndim == 0 or operand.shape[-1] != 3:
            raise ValueError(f"cross takes vectors of size 3, not an array {operand.shape}")
    return jnp.cross(x, y)


def eye(
    rows: Sequence[int],
    cols: Sequence[int] = (-1,),
    dtype: str = "float32",
    batch_shape: Sequence[int] = (),
) -> Array:
    """Ones on the diagonal, zeros elsewhere; as many columns as rows where `cols` is -1."""
    (n,), (m,) = rows, cols
    matrix = jnp.arange(n)[:, None] == jnp.arange(n if m == -1 else m)
    matrix = matrix.astype(jax.dtypes.canonicalize_dtype(dtype))
    return jnp.broadcast_to(matrix, (*batch_shape, *matrix.shape))


def diag(x: Array) -> Array:
    """x[i, j, ..] at [i, j, .., i, j, ..], zeros elsewhere; of a number, a 1 x 1 matrix."""
    x = jnp.atleast_1d(x)
    shape, flat = x.shape, x.reshape(-1)
    spread = jnp.where(jnp.eye(flat.shape[0], dtype=bool), flat, 0)
    return spread.reshape(*shape, *shape)


def diag_part(x: Array) -> Array:
    """x[i, j, .., i, j, ..], at [i, j, ..]: the inverse of `diag`."""
    half = x.ndim // 2
    if x.ndim == 0 or x.ndim % 2 or x.shape[:half] != x.shape[half:]:
        raise ValueError(f"diag_part takes a shape of two equal halves, not {x.shape}")
    shape = x.shape[:half]
    size = x.reshape(-1, *shape).shape[0]
    return jnp.diagonal(x.reshape(size, size)).reshape(shape)


def set_diag(x: Array, diagonal: Array) -> Array:
    """x with `diagonal` on the diagonals of its matrices."""
    rows, cols = x.shape[-2:]
    size = min(rows, cols)
    if diagonal.shape != (*x.shape[:-2], size):
        raise ValueError(
            f"the diagonals of an array {x.shape} have the shape {(*x.shape[:-2], size)}, "
            f"not {diagonal.shape}"
        )
    on_it = jnp.arange(rows)[:, None] == jnp.arange(cols)
    tall = diagonal[..., :, None] if rows <= cols else diagonal[..., None, :]
    return jnp.where(on_it, tall, x)


def trace(x: Array, *, where: Array | None = None) -> Array:
    """The sum over the diagonal of the last two axes."""
    if x.ndim < 2:
        raise ValueError(f"trace takes matrices, not an array of shape {x.shape}")
    return jnp.trace(fill_masked(x, where, 0), axis1=-2, axis2=-1).astype(x.dtype)


def matrix_determinant(x: Array, *, where: Array | None = None) -> Array:
    """The determinant; `where` says which matrices are real."""
    return narrow(jnp.linalg.det(regular(widen(x), where)), x)


def matrix_inverse(x: Array, *, where: Array | None = None) -> Array:
    """The inverse; `where` says which matrices are real. Of a singular one: NaN."""
    inverse = jnp.linalg.inv(regular(widen(x), where))
    exists = jnp.isfinite(inverse).all(axis=(-2, -1), keepdims=True)
    return narrow(jnp.where(exists, inverse, jnp.nan), x)


def regular(x: Array, where: Array | None, *, distinct: bool = False) -> Array:
    """The identity in place of matrices that are padding: zeros would have no inverse.

    `distinct`: a diagonal from 1 to 2 instead, for what needs distinct eigenvalues.
    """
    if where is None:
        return x
    rows, cols = x.shape[-2:]
    identity = jnp.eye(rows, cols, dtype=x.dtype)
    if distinct:
        identity = identity * (1 + jnp.arange(cols, dtype=x.dtype) / cols)
    return jnp.where(where, x, identity)


def triu(x: Array, *, diag: int = 0) -> Array:
    """x where j - i >= diag, zeros elsewhere."""
    return jnp.where(_offsets(x) >= diag, x, jnp.zeros((), x.dtype))


def matrix_band_part(x: Array, *, min_lower: int, max_upper: int) -> Array:
    """x where i - j <= min_lower and j - i <= max_upper; a negative number is no limit."""
    offset = _offsets(x)
    left = True if min_lower < 0 else offset >= -min_lower
    right = True if max_upper < 0 else offset <= max_upper
    return jnp.where(jnp.logical_and(left, right), x, jnp.zeros((), x.dtype))


def _offsets(x: Array) -> Array:
    """j - i for the elements of the last two axes."""
    if x.ndim < 2:
        raise ValueError(f"takes matrices in the last two axes, not an array of shape {x.shape}")
    rows, cols = x.shape[-2:]
    return jnp.arange(cols) - jnp.arange(rows)[:, None]


def tri(
    rows: Sequence[int], cols: Sequence[int], dtype: str = "float32", *, diagonal: int = 0
) -> Array:
    """Ones where j - i <= diagonal, zeros elsewhere."""
    (n,), (m,) = rows, cols
    ones = jnp.arange(m) - jnp.arange(n)[:, None] <= diagonal
    return ones.astype(jax.dtypes.canonicalize_dtype(dtype))
