"""The k largest: against sorting in numpy, row by row."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

from samediff_py.kernels.orders import top_k

X = np.random.default_rng(0).integers(0, 6, (4, 7)).astype(np.float32)  # with equals
REAL = np.random.default_rng(1).random((4, 7)) < 0.5
REAL[0], REAL[1] = True, False


def sorted_row(row, k):
    places = np.argsort(-row, kind="stable")[:k]
    return row[places], places


@pytest.mark.parametrize("k", [1, 3, 7])
def test_first_of_equals_comes_first(k):
    values, places = top_k(jnp.asarray(X), k)
    for i, row in enumerate(X):
        want = sorted_row(row, k)
        np.testing.assert_array_equal(values[i], want[0])
        np.testing.assert_array_equal(places[i], want[1])


@pytest.mark.parametrize("k", [1, 3, 9])
@pytest.mark.parametrize("poison", [99.0, np.nan, -np.inf])
def test_masked_elements_are_never_chosen(k, poison):
    x = jnp.where(REAL, X, poison)
    values, places = top_k(x, k, where=jnp.asarray(REAL), ragged_axis=1)
    assert values.shape == places.shape == (4, k)
    for i, (row, real) in enumerate(zip(X, REAL, strict=True)):
        at = np.flatnonzero(real)
        chosen, among = sorted_row(row[at], k)
        rest = np.zeros(k - len(chosen))
        np.testing.assert_array_equal(values[i], [*chosen, *rest])
        np.testing.assert_array_equal(places[i], [*at[among], *rest])


def test_nothing_flows_to_masked_elements():
    def total(x):
        return jnp.sum(top_k(x, 3, where=jnp.asarray(REAL), ragged_axis=1)[0])

    gradient = jax.grad(total)(jnp.where(REAL, X, jnp.nan))
    assert not gradient[~REAL].any()
    np.testing.assert_array_equal(gradient.sum(1), np.minimum(REAL.sum(1), 3))


def test_nan_comes_before_all():
    values, places = top_k(jnp.array([1.0, jnp.inf, jnp.nan]), 2)
    np.testing.assert_array_equal(values, [jnp.nan, jnp.inf])
    np.testing.assert_array_equal(places, [2, 1])


def test_a_row_of_fewer_gives_all_it_has():
    assert top_k(jnp.ones((2, 3)), 5)[0].shape == (2, 3)
    with pytest.raises(ValueError, match="k=5 of 3"):
        top_k(jnp.ones((2, 3)), 5, ragged_axis=1)


def test_symbolic_sizes():
    batch, time = export.symbolic_shape("batch, time")
    values, places = jax.eval_shape(
        lambda x: top_k(x, 3), jax.ShapeDtypeStruct((batch, time), "float32")
    )
    assert values.shape == places.shape == (batch, 3)
    assert (values.dtype, places.dtype) == ("float32", "int32")
