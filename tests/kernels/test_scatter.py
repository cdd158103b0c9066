from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from numpy.testing import assert_allclose, assert_array_equal

from samediff_py.kernels import scatter, sequences

RNG = np.random.default_rng(0)
REF = RNG.normal(size=(5, 3)).astype(np.float32)
INDICES = np.array([[1, 3], [1, 0]])
UPDATES = RNG.uniform(0.5, 2.0, size=(2, 2, 3)).astype(np.float32)
STEPS = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "max": np.maximum,
    "min": np.minimum,
    "update": lambda old, new: new,
}


def by_hand(how, ref, indices, updates, real=None):
    """One update after the other."""
    table = ref.copy()
    real = np.ones(updates.shape, bool) if real is None else np.broadcast_to(real, updates.shape)
    for place in np.ndindex(indices.shape):
        row = indices[place]
        if 0 <= row < len(ref):
            table[row] = np.where(real[place], STEPS[how](table[row], updates[place]), table[row])
    return table


def run(how, ref, indices, updates, **told):
    arrays = map(jnp.array, (ref, indices, updates))
    return getattr(scatter, f"scatter_{how}")(*arrays, **told)


@pytest.mark.parametrize("how", STEPS)
def test_one_after_the_other(how):
    want = by_hand(how, REF, INDICES, UPDATES)
    assert_allclose(run(how, REF, INDICES, UPDATES), want, rtol=1e-6)
    assert_allclose(run(how, REF, 2, UPDATES[0, 0]), by_hand(how, REF, np.array(2), UPDATES[0, 0]))


@pytest.mark.parametrize("how", STEPS)
def test_masked_and_out_of_range_updates_go_nowhere(how):
    indices, updates = INDICES.copy(), UPDATES.copy()
    indices[0, 1], indices[1, 1] = -1, 5
    real = np.array([[True, True], [False, True]])[..., None]
    updates[~np.broadcast_to(real, updates.shape)] = np.nan
    want = by_hand(how, REF, indices, updates, real)
    assert_allclose(run(how, REF, indices, updates, where=real), want, rtol=1e-6)


@pytest.mark.parametrize("how", STEPS)
def test_elements_may_be_masked_alone(how):
    real = np.array(RNG.random(UPDATES.shape) < 0.5)
    want = by_hand(how, REF, INDICES, UPDATES, real)
    assert_allclose(run(how, REF, INDICES, UPDATES, where=real), want, rtol=1e-6)


@pytest.mark.parametrize("how", STEPS)
def test_gradients_where_a_row_is_named_twice(how):
    with jax.enable_x64(True):
        function = lambda ref, updates: run(how, ref, INDICES, updates)  # noqa: E731
        check_grads(
            jax.jit(function), (REF.astype(float), UPDATES.astype(float)), order=1, modes=["rev"]
        )


def test_a_product_with_a_zero_has_the_gradient_of_the_others():
    updates = jnp.array([0.0, 3.0, 2.0])
    gradient = jax.grad(lambda u: run("mul", np.ones(2), np.array([0, 0, 1]), u).sum())(updates)
    assert_array_equal(gradient, [3.0, 0.0, 1.0])


def test_integers_are_divided_towards_zero_in_order():
    ref, indices = np.array([-7, 100]), np.array([0, 1, 1])
    assert_array_equal(run("div", ref, indices, np.array([2, 70000, 70000])), [-3, 0])


def test_types():
    assert run("add", np.ones(3, "float16"), [0], np.ones(1, "int8")).dtype == "float16"
    assert_array_equal(run("update", np.zeros(2, bool), [1], np.ones(1, bool)), [False, True])
    with pytest.raises(TypeError, match="updates are float32, which int32 does not hold"):
        run("add", np.ones(3, "int32"), [0], np.ones(1, "float32"))
    with pytest.raises(TypeError, match="boolean"):
        run("add", np.ones(3, bool), [0], np.ones(1, bool))


def test_stitching():
    pieces = (np.array([[0, 2], [3, 1]]), np.array([2])), (UPDATES, REF[:1])
    result = scatter.dynamic_stitch(*(list(map(jnp.array, part)) for part in pieces), (6,))
    want = np.zeros((6, 3))
    want[[0, 2, 3, 1]] = UPDATES.reshape(4, 3)
    want[2] = REF[0]
    assert_array_equal(result, want)


def test_dense_from_places():
    places, values = jnp.array([[0, 1], [2, 3], [0, 1], [3, 0]]), jnp.array([1.0, 2.0, 3.0, 4.0])
    want = np.full((3, 4), 9.0)
    want[0, 1], want[2, 3] = 3.0, 2.0  # the last of two; [3, 0] is out of range
    assert_array_equal(scatter.sparse_to_dense(places, (3, 4), values, 9), want)
    assert_array_equal(scatter.sparse_to_dense(jnp.array([1]), (3,), jnp.array([True])), [0, 1, 0])
    with pytest.raises(TypeError, match="default_value are float32"):
        scatter.sparse_to_dense(jnp.array([1]), (3,), jnp.array([2]), 0.5)


def test_inverse_of_a_permutation():
    permutation = np.array([2, 0, 3, 1], "uint8")
    result = scatter.invert_permutation(jnp.array(permutation))
    assert_array_equal(result, np.argsort(permutation))
    assert result.dtype == "uint8"


def test_reversed_within_lengths():
    x, lengths = np.arange(12).reshape(2, 6), np.array([4, 9])
    want = [[3, 2, 1, 0, 4, 5], [11, 10, 9, 8, 7, 6]]
    assert_array_equal(sequences.reverse_sequence(jnp.array(x), jnp.array(lengths)), want)
    where = jnp.arange(6) < jnp.array([[3], [6]])
    told = sequences.reverse_sequence(jnp.array(x), jnp.array(lengths), where=where)
    assert_array_equal(told, [[2, 1, 0, 3, 4, 5], want[1]])
