from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape
from jax.test_util import check_grads
from numpy.testing import assert_array_equal

from samediff_py.kernels import indexing

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
FLOATS = (jnp.float32, jnp.float16, jnp.bfloat16)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("indices", [1, [1, 0, 1], [[0, 1], [1, 1]], []])
def test_gather(indices, axis):
    indices = np.array(indices, np.int32)
    assert_array_equal(indexing.gather(jnp.array(X), indices, axis=axis), np.take(X, indices, axis))


def test_gather_clamps():
    result = indexing.gather(jnp.array(X), np.array([-7, -1, 3, 99]))
    assert_array_equal(result, X[[0, 0, 2, 2]])


def test_embedding_and_its_gradient():
    ids = np.array([[0, 2, 2], [1, 2, 0]])
    table, upstream = X[:, :, 0], np.random.default_rng(1).normal(size=(2, 3, 5)).astype(np.float32)
    result, pull = jax.vjp(lambda t: indexing.embedding(t, ids), jnp.array(table))
    assert_array_equal(result, table[ids])
    want = np.zeros_like(table)
    np.add.at(want, ids, upstream)
    np.testing.assert_allclose(pull(jnp.array(upstream))[0], want, rtol=1e-6)


@pytest.mark.parametrize(
    "indices",
    [
        [[1], [0]],
        [[0, 4], [2, 1]],
        [[0, 4, 1], [2, 1, 0], [2, 1, 0]],
        [[[0, 1], [2, 3]], [[1, 1], [0, 0]]],
        [2, 3],
    ],
)
def test_gather_nd(indices):
    indices = np.array(indices)
    want = X[tuple(np.moveaxis(indices, -1, 0))]
    assert_array_equal(indexing.gather_nd(jnp.array(X), jnp.array(indices)), want)


def test_gather_nd_clamps_and_refuses():
    assert_array_equal(indexing.gather_nd(jnp.array(X), jnp.array([-1, 9])), X[0, 4])
    with pytest.raises(ValueError, match="4 numbers"):
        indexing.gather_nd(jnp.array(X), jnp.array([0, 0, 0, 0]))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_one_hot(axis):
    ids = np.array([[0, 1, 3], [-1, 4, 0]])
    want = np.moveaxis(np.where(ids[..., None] == np.arange(4), 5.0, -2.0), -1, axis)
    result = indexing.one_hot(ids, 4, axis=axis, on=5.0, off=-2.0, dtype="float16")
    assert_array_equal(result, want)
    assert result.dtype == jnp.float16


def test_one_hot_of_numbers_and_types():
    assert_array_equal(indexing.one_hot(np.array([0.0, 2.0]), 3), np.eye(3)[[0, 2]])
    assert indexing.one_hot(1, 3, dtype="int32").tolist() == [0, 1, 0]
    assert indexing.one_hot(1, 3, dtype="bool").tolist() == [False, True, False]


def test_where_broadcasts_and_keeps_poison_out():
    condition = jnp.array([[True], [False]])
    x, y = jnp.array([1.0, 2.0]), jnp.array(7.0)
    assert_array_equal(indexing.where(condition, x, y), [[1, 2], [7, 7]])
    grad = jax.grad(lambda x: indexing.where(x > 0, x, 0.0).sum())(jnp.array([1.0, np.nan]))
    assert_array_equal(grad, [1, 0])


LOOKUPS = {
    "gather": lambda x, i: indexing.gather(x, i, axis=1),
    "embedding": lambda x, i: indexing.embedding(x[0], i),
    "gather_nd": lambda x, i: indexing.gather_nd(x, jnp.stack([i, i], -1)),
    "where": lambda x, i: indexing.where(i[0, 0] > 0, x, 0.0),
    "one_hot": lambda x, i: indexing.one_hot(i, 4, axis=1, dtype=x.dtype),
}


@pytest.mark.parametrize("name", LOOKUPS)
def test_shapes_types_and_gradients(name):
    lookup, ids = LOOKUPS[name], np.array([[0, 2, 2], [1, 2, 0]], np.int32)
    batch, time = symbolic_shape("b, t")
    with jax.numpy_dtype_promotion("strict"):
        for dtype in FLOATS:
            assert lookup(jnp.array(X, dtype), jnp.array(ids)).dtype == dtype
        with jax.enable_x64(True):
            x, i = (jax.ShapeDtypeStruct((batch, time, 2), d) for d in ("float64", "int32"))
            inferred = jax.eval_shape(lookup, x, jax.ShapeDtypeStruct(i.shape[:2], "int32"))
            ran = lookup(jnp.array(X, "float64"), jnp.array(ids))
            assert inferred.dtype == ran.dtype == jnp.float64
            assert len(inferred.shape) == ran.ndim
            check_grads(jax.jit(lambda x: lookup(x, jnp.array(ids))), (X.astype(float),), order=1)
