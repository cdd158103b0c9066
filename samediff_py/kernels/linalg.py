"""Solutions and factorisations of the matrices in the last two axes.

`where` says which matrices are real: [.., 1, 1]. The others are replaced by one that every op here
is defined for, so that neither a result nor a gradient in padding is NaN. Half precision is
computed in float32.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import Array, lax

from .matrices import regular
from .numbers import narrow, widen

# ---- what is solved ------------------------------------------------------------------------------


def solve(matrix: Array, rhs: Array, *, adjoint: bool = False, where: Array | None = None) -> Array:
    """X with A X = rhs, or with A^T X = rhs."""
    a = _square(matrix, where)
    b = _columns(a, rhs)
    return narrow(jnp.linalg.solve(a.mT if adjoint else a, b), rhs)


def triangular_solve(
    matrix: Array, rhs: Array, *, lower: bool, adjoint: bool = False, where: Array | None = None
) -> Array:
    """`solve` for the lower or upper triangle of the matrix; the other is not read."""
    a = _square(matrix, where)
    b = _columns(a, rhs)
    batch = jnp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = (jnp.broadcast_to(one, (*batch, *one.shape[-2:])) for one in (a, b))
    x = lax.linalg.triangular_solve(a, b, left_side=True, lower=lower, transpose_a=adjoint)
    return narrow(x, rhs)


def lstsq(
    matrix: Array, rhs: Array, *, l2_regularizer: float = 0.0, where: Array | None = None
) -> Array:
    """The X that makes |A X - rhs|^2 + l2 |X|^2 least; of several, the one of least norm.

    It is the pseudo-inverse of A with rows sqrt(l2) I below it: defined for every A.
    """
    if l2_regularizer < 0:
        raise ValueError(f"l2_regularizer is at least 0, not {l2_regularizer}")
    a = _matrix(matrix, where)
    ridge = math.sqrt(l2_regularizer) * jnp.eye(a.shape[-1], dtype=a.dtype)
    ridge = jnp.broadcast_to(ridge, (*a.shape[:-2], *ridge.shape))
    inverse = jnp.linalg.pinv(jnp.concatenate([a, ridge], -2))[..., : a.shape[-2]]
    return narrow(inverse @ _columns(a, rhs), rhs)


def logdet(x: Array, *, where: Array | None = None) -> Array:
    """log det x; NaN where the determinant is negative."""
    sign, size = jnp.linalg.slogdet(_square(x, where))
    return narrow(jnp.where(sign < 0, jnp.nan, size), x)


# ---- factorisations ------------------------------------------------------------------------------


def cholesky(x: Array, *, where: Array | None = None) -> Array:
    """Lower L with L L^T the symmetric part of x; NaN where that is not positive definite."""
    return narrow(jnp.linalg.cholesky(_square(x, where)), x)


def lu(x: Array, *, where: Array | None = None) -> tuple[Array, Array]:
    """L below the diagonal (its own is 1) and U on and above it; p with x[p] = L U."""
    packed, _, permutation = lax.linalg.lu(_matrix(x, where))
    return narrow(packed, x), permutation


def qr(x: Array, *, full: bool = False, where: Array | None = None) -> tuple[Array, Array]:
    """x = Q R, with no negative number on the diagonal of R: that makes them unique.

    The columns of x behind the last that is needed for Q (m < n) have no part in it.
    """
    a = _matrix(x, where)
    q, r = jnp.linalg.qr(a[..., : a.shape[-2]])
    flip = jnp.where(jnp.diagonal(r, axis1=-2, axis2=-1) < 0, -1, 1)
    q = q * flip.astype(q.dtype)[..., None, :]
    q = _completed(q) if full else q
    return narrow(q, x), narrow(jnp.triu(q.mT @ a), x)


def svd(
    x: Array, *, full_uv: bool = False, compute_uv: bool = True, where: Array | None = None
) -> Array | tuple[Array, Array, Array]:
    """s, U, V with x = U diag(s) V^T, or s alone; s falls."""
    a = _matrix(x, where, distinct=True)
    if not compute_uv:
        return narrow(jnp.linalg.svd(a, compute_uv=False), x)
    u, s, v = jnp.linalg.svd(a, full_matrices=False)
    u, v = (_completed(q) if full_uv else q for q in (u, v.mT))
    return narrow(s, x), narrow(u, x), narrow(v, x)


def eig(x: Array, *, where: Array | None = None) -> tuple[Array, Array]:
    """Eigenvalues [.., n, 2] and right eigenvectors [.., n, n, 2], as (real, imaginary).

    Eigenvector j is [.., :, j, :]: of length 1, its largest element real.
    """
    values, vectors = _eig(_square(x, where, distinct=True))
    pairs = (jnp.stack([z.real, z.imag], -1) for z in (values, vectors))
    first, second = (narrow(pair, x) for pair in pairs)
    return first, second


@jax.custom_jvp
def _eig(x: Array) -> tuple[Array, Array]:
    values, vectors = jnp.linalg.eig(x)
    return values, vectors


@_eig.defjvp
def _eig_jvp(primals: tuple[Array], tangents: tuple[Array]):
    """First-order perturbation (Giles 2008, section 3.1), with the scale of each vector held."""
    w, v = _eig(*primals)
    moved = jnp.linalg.solve(v, tangents[0].astype(v.dtype) @ v)
    gap = w[..., None, :] - w[..., :, None]
    mixed = jnp.where(gap == 0, 0, moved / jnp.where(gap == 0, 1, gap))
    turned = v @ mixed
    length = jnp.sum(v.conj() * turned, -2, keepdims=True).real
    at = jnp.argmax(jnp.abs(v), -2, keepdims=True)
    largest, its_turn = (jnp.take_along_axis(z, at, -2) for z in (v, turned))
    scale = lax.complex(length, its_turn.imag / largest.real)
    return (w, v), (jnp.diagonal(moved, axis1=-2, axis2=-1), turned - v * scale)


def _completed(q: Array) -> Array:
    """Orthonormal columns, and behind them others that make an orthogonal matrix.

    Which others is free (but for a sign, where it is one): they turn no more than q makes them.
    """
    rest = lax.stop_gradient(jnp.linalg.qr(q, mode="complete").Q)[..., q.shape[-1] :]
    return jnp.concatenate([q, rest - q @ (q.mT @ rest)], -1)


# ---- what is taken -------------------------------------------------------------------------------


def _matrix(x: Array, where: Array | None, *, distinct: bool = False) -> Array:
    if x.ndim < 2:
        raise ValueError(f"takes matrices in the last two axes, not an array of shape {x.shape}")
    return regular(widen(x), where, distinct=distinct)


def _square(x: Array, where: Array | None, *, distinct: bool = False) -> Array:
    if x.ndim >= 2 and x.shape[-1] != x.shape[-2]:
        raise ValueError(f"takes square matrices, not {x.shape[-2]} x {x.shape[-1]}")
    return _matrix(x, where, distinct=distinct)


def _columns(a: Array, rhs: Array) -> Array:
    if rhs.ndim < 2 or rhs.shape[-2] != a.shape[-2]:
        raise ValueError(
            f"rhs has columns as long as those of the matrix {a.shape}: a shape "
            f"[.., {a.shape[-2]}, k], not {rhs.shape} (a single column: expand_dims)"
        )
    return widen(rhs)
