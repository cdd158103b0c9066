from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from golden_calls import array, records, upstream
from numpy.testing import assert_allclose, assert_array_equal

from samediff_py.compile.quick import quickly_compiled as compiled
from samediff_py.kernels import linalg, matrices

SHAPES = [(4, 3), (3, 3), (3, 4), (2, 5, 2), (1, 4), (3, 1)]


@pytest.fixture(autouse=True)
def double():
    with jax.enable_x64(True):
        yield


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).normal(size=shape)


def definite(*shape: int) -> np.ndarray:
    x = normal(*shape)
    return x @ x.swapaxes(-1, -2) + np.eye(shape[-1])


def run(kernel, *arrays, **given):
    return compiled(partial(kernel, **given))(*arrays)


def slope_of(score):
    return compiled(jax.grad(score))


def check_slope(score, *arrays: np.ndarray) -> None:
    """The gradient is the slope along a random direction."""
    graded = compiled(jax.value_and_grad(score, tuple(range(len(arrays)))))
    directions = [normal(*np.shape(a)) for a in arrays]
    ahead, behind = (
        graded(*(a + step * d for a, d in zip(arrays, directions, strict=True)))[0]
        for step in (1e-6, -1e-6)
    )
    gradients = graded(*arrays)[1]
    slope = sum(np.sum(g * d) for g, d in zip(gradients, directions, strict=True))
    assert_allclose(slope, (ahead - behind) / 2e-6, rtol=1e-5, atol=1e-7)


def of_rank(rank: int, m: int, n: int) -> np.ndarray:
    return normal(m, rank) @ normal(rank, n)


# ---- factors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_qr(shape, full):
    x = normal(*shape)
    q, r = map(np.asarray, run(linalg.qr, x, full=full))
    m, n = shape[-2:]
    k = m if full else min(m, n)
    assert (q.shape[-2:], r.shape[-2:]) == ((m, k), (k, n))
    assert_allclose(q @ r, x, atol=1e-12)
    assert_allclose(
        q.swapaxes(-1, -2) @ q, np.broadcast_to(np.eye(k), (*shape[:-2], k, k)), atol=1e-12
    )
    assert_array_equal(r, np.triu(r))
    assert (np.diagonal(r, axis1=-2, axis2=-1) >= 0).all()


def test_qr_of_dependent_columns():
    x = of_rank(1, 4, 3)
    for full in (False, True):
        q, r = map(np.asarray, run(linalg.qr, x, full=full))
        assert_allclose(q @ r, x, atol=1e-12)
        assert_allclose(q.T @ q, np.eye(q.shape[1]), atol=1e-12)


NUMERIC = [r for r in records("linalg") if r["method"] == "qr" and array(r, "numgrad0") is not None]
FREE = {"linalg.qr/8"}
"""Q has two columns that may be turned into each other: their slopes are SameDiff's own."""


@pytest.mark.parametrize(
    "record", [r for r in NUMERIC if r["id"] not in FREE], ids=lambda r: r["id"]
)
def test_slopes_of_qr_are_those_recorded(record):
    """They are taken with SameDiff's signs, which are constant around x."""
    x, q_java, r_java = (array(record, name) for name in ("in0", "out0", "out1"))
    full = record["args"][1:] == [True]
    flip = np.sign(np.sum(np.asarray(run(linalg.qr, x, full=full)[0]) * q_java, -2))

    def score(x):
        q, r = linalg.qr(x, full=full)
        q, r = q * flip[..., None, :], r * flip[..., :, None]
        return upstream(q, 0) + upstream(r, 1), (q, r)

    gradient, (q, r) = compiled(jax.grad(score, has_aux=True))(x)
    assert_allclose(q, q_java, atol=1e-9)
    assert_allclose(r, r_java, atol=1e-9)
    assert_allclose(gradient, array(record, "numgrad0"), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("shape", [(5, 3), (3, 3), (2, 4)])
def test_gradient_of_a_full_qr_that_does_not_ask_which_columns_were_added(shape):
    weight, n = normal(shape[0], shape[0]), shape[1]

    def score(x):
        q, _ = linalg.qr(x, full=True)
        return jnp.sum(weight * (q[:, n:] @ q[:, n:].T)) + upstream(q[:, :n], 0)

    check_slope(score, normal(*shape))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_svd(shape, full):
    x = normal(*shape)
    s, u, v = map(np.asarray, run(linalg.svd, x, full_uv=full))
    m, n = shape[-2:]
    k = min(m, n)
    assert (u.shape[-1], v.shape[-1]) == ((m, n) if full else (k, k))
    assert_allclose((u[..., :k] * s[..., None, :]) @ v[..., :k].swapaxes(-1, -2), x, atol=1e-12)
    for q in (u, v):
        assert_allclose(
            q.swapaxes(-1, -2) @ q - np.eye(q.shape[-1]), 0 * (q.swapaxes(-1, -2) @ q), atol=1e-12
        )
    assert_allclose(s, np.linalg.svd(x, compute_uv=False), atol=1e-12)
    assert_allclose(s, run(linalg.svd, x, compute_uv=False), atol=1e-12)


@pytest.mark.parametrize("shape", [(5, 3), (3, 3), (2, 4)])
def test_gradient_of_a_full_svd_that_does_not_ask_which_columns_were_added(shape):
    k, of_u, of_v = min(shape), normal(shape[0], shape[0]), normal(shape[1], shape[1])

    def score(x):
        s, u, v = linalg.svd(x, full_uv=True)
        added = (jnp.sum(w * (q[:, k:] @ q[:, k:].T)) for w, q in ((of_u, u), (of_v, v)))
        return sum(added) + upstream(u[:, :k], 0) + upstream(v[:, :k] * s, 1)

    check_slope(score, normal(*shape))


@pytest.mark.parametrize("compute_uv", [False, True])
def test_singular_values_keep_their_gradient_where_others_are_zero_or_equal(compute_uv):
    def largest(x):
        s = linalg.svd(x, compute_uv=compute_uv)
        return (s[0] if compute_uv else s)[0]

    x = of_rank(1, 4, 3)
    u, _, vt = np.linalg.svd(x)
    assert_allclose(slope_of(largest)(x), np.outer(u[:, 0], vt[0]), atol=1e-9)
    whole = slope_of(lambda x: jnp.sum(linalg.svd(x, compute_uv=False)))(3 * np.eye(3))
    assert_allclose(whole, np.eye(3), atol=1e-12)


@pytest.mark.parametrize("x", [normal(4, 4), definite(3, 3), np.array([[0.0, -2.0], [1.0, 0.0]])])
def test_eig(x):
    values, vectors = (np.asarray(a) @ [1, 1j] for a in run(linalg.eig, x))
    assert_allclose(x @ vectors, vectors * values, atol=1e-12)
    assert_allclose(np.linalg.norm(vectors, axis=0), 1)
    check_slope(lambda x: sum(map(upstream, linalg.eig(x), (0, 1))), x)


def test_eig_of_batches_and_of_equal_values():
    x = normal(2, 3, 3)
    batch, single = run(linalg.eig, x), [run(linalg.eig, one) for one in x]
    for i in range(2):
        assert_allclose(batch[i], np.stack([one[i] for one in single]), atol=1e-12)
    assert_allclose(slope_of(lambda x: linalg.eig(x)[0][:, 0].sum())(np.eye(3)), np.eye(3))


@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 4), (4, 2), (2, 4)])
def test_lu(shape):
    x = normal(*shape)
    packed, p = map(np.asarray, run(linalg.lu, x))
    k = min(shape[-2:])
    lower = np.tril(packed, -1)[..., :k] + np.eye(shape[-2], k)
    assert_allclose(lower @ np.triu(packed)[..., :k, :], np.take_along_axis(x, p[..., None], -2))
    assert p.dtype == np.int32


def test_cholesky_of_the_symmetric_part():
    x = definite(3, 3)
    skew = normal(3, 3) - normal(3, 3).T
    assert_allclose(run(linalg.cholesky, x + skew), np.linalg.cholesky(x), atol=1e-12)
    gradient = slope_of(lambda x: jnp.sum(jnp.sin(linalg.cholesky(x))))(x)
    assert_allclose(gradient, gradient.T)
    mixed = np.asarray(run(linalg.cholesky, np.stack([x, -x])))
    assert np.isfinite(mixed[0]).all() and np.isnan(mixed[1]).any()


def test_logdet():
    x = definite(2, 3, 3)
    assert_allclose(run(linalg.logdet, x), np.log(np.linalg.det(x)))
    turned = np.array([[0.0, -2.0], [3.0, 0.0]])
    assert_allclose(run(linalg.logdet, turned), np.log(6))
    assert_allclose(slope_of(linalg.logdet)(turned), np.linalg.inv(turned).T)
    assert np.isnan(run(linalg.logdet, turned[::-1]))
    assert run(linalg.logdet, np.zeros((2, 2))) == -np.inf


# ---- solutions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("adjoint", [False, True])
def test_solve_broadcasts(adjoint):
    for a, b in [(normal(3, 3), normal(2, 3, 4)), (normal(2, 3, 3), normal(3, 1))]:
        x = run(linalg.solve, a, b, adjoint=adjoint)
        assert_allclose((a.swapaxes(-1, -2) if adjoint else a) @ x, b + 0 * x, atol=1e-10)


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("adjoint", [False, True])
def test_the_other_triangle_is_not_read(lower, adjoint):
    a, b = definite(3, 3), normal(3, 2)
    other = np.triu(np.ones((3, 3)), 1).astype(bool)
    poisoned = np.where(other if lower else other.T, np.nan, a)

    def x(a, b):
        return linalg.triangular_solve(a, b, lower=lower, adjoint=adjoint)

    right = scipy.linalg.solve_triangular(a, b, trans=int(adjoint), lower=lower)
    assert_allclose(run(x, poisoned, b), right, atol=1e-12)
    gradient = slope_of(lambda a: jnp.sum(x(a, b)))(poisoned)
    assert np.isfinite(gradient).all() and not gradient[np.isnan(poisoned)].any()
    assert_allclose(run(x, a, np.stack([b, b])), np.stack([right, right]), atol=1e-12)
    check_slope(lambda a, b: upstream(x(a, b), 0), a, b)


@pytest.mark.parametrize("shape", [(5, 3), (3, 3), (2, 4)])
def test_lstsq(shape):
    a, b = normal(*shape), normal(shape[0], 2)
    assert_allclose(run(linalg.lstsq, a, b), np.linalg.lstsq(a, b)[0], atol=1e-12)
    ridge = np.linalg.solve(a.T @ a + 0.3 * np.eye(shape[1]), a.T @ b)
    assert_allclose(run(linalg.lstsq, a, b, l2_regularizer=0.3), ridge, atol=1e-12)
    for l2 in (0.0, 0.3):
        check_slope(lambda a, b, l2=l2: upstream(linalg.lstsq(a, b, l2_regularizer=l2), 0), a, b)


def test_lstsq_where_columns_depend_on_each_other():
    left, right, b = normal(4, 2), normal(2, 3), normal(4, 2)
    assert_allclose(
        run(linalg.lstsq, left @ right, b), np.linalg.lstsq(left @ right, b)[0], atol=1e-10
    )
    check_slope(lambda p, q: upstream(linalg.lstsq(p @ q, b), 0), left, right)
    zero = slope_of(lambda a: jnp.sum(linalg.lstsq(a, b)))(np.zeros((4, 3)))
    assert_array_equal(zero, 0)


def test_a_singular_matrix_has_no_inverse():
    x = np.stack([np.eye(2), np.ones((2, 2))])
    inverse = np.asarray(run(matrices.matrix_inverse, x))
    assert_array_equal(inverse[0], np.eye(2))
    assert np.isnan(inverse[1]).all()


# ---- types ---------------------------------------------------------------------------------------

CALLS = {
    "cholesky": linalg.cholesky,
    "logdet": linalg.logdet,
    "lu": linalg.lu,
    "qr": linalg.qr,
    "svd": linalg.svd,
    "eig": linalg.eig,
    "solve": lambda x: linalg.solve(x, x),
    "triangular_solve": lambda x: linalg.triangular_solve(x, x, lower=True),
    "lstsq": lambda x: linalg.lstsq(x, x),
    "matrix_determinant": matrices.matrix_determinant,
    "matrix_inverse": matrices.matrix_inverse,
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int32"])
def test_types(name, dtype):
    x = np.array([[4, 1], [1, 3]])
    exact = jax.tree.leaves(run(CALLS[name], x.astype("float64")))
    for got, right in zip(
        jax.tree.leaves(run(CALLS[name], jnp.asarray(x, dtype))), exact, strict=True
    ):
        assert str(got.dtype) in (dtype if dtype != "int32" else "float32", "int32")
        assert_allclose(np.asarray(got, float), right, atol=0.03)


@pytest.mark.parametrize("dtype", ["int32", "bool", "float16"])
def test_triangles_keep_the_type(dtype):
    x = jnp.ones((3, 4), dtype)
    assert_array_equal(matrices.triu(x, diag=1), np.triu(np.ones((3, 4)), 1))
    band = matrices.matrix_band_part(x, min_lower=1, max_upper=-1)
    assert_array_equal(band, np.triu(np.ones((3, 4)), -1))
    assert str(band.dtype) == dtype
    assert_array_equal(matrices.tri((3,), (4,), dtype, diagonal=1), np.tri(3, 4, 1))
