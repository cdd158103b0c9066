"""Stated gradients are those of JAX for the same formula: both modes, twice, by vmap, in half."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from kernels.helpers import assert_close, random

from samediff_py.kernels.slopes import picked, plus_bias, product


def plainly_picked(x, at):
    return jnp.where(jnp.arange(x.shape[-1]) == at[..., None], x, 0).sum(-1)


AT = jnp.array([[2, 0, 1], [1, 1, 3]])
FUNCTIONS = {
    "narrow product": (product, jnp.matmul, ((5, 8), (8, 3))),
    "wide product": (product, jnp.matmul, ((5, 3), (3, 8))),
    "column": (product, jnp.matmul, ((5, 8), (8, 1))),
    "vector": (product, jnp.matmul, ((5, 8), (8,))),
    "batched product": (product, jnp.matmul, ((2, 5, 8), (2, 8, 3))),
    "no rows": (product, jnp.matmul, ((0, 8), (8, 3))),
    "bias": (plus_bias, jnp.add, ((2, 5, 3), (3,))),
    "bias of no rows": (plus_bias, jnp.add, ((0, 3), (3,))),
    "bias of a vector": (plus_bias, jnp.add, ((3,), (3,))),
    "bias for all": (plus_bias, jnp.add, ((2, 5, 3), (1,))),
    "picked": (lambda x: picked(x, AT), lambda x: plainly_picked(x, AT), ((2, 3, 4),)),
}
CASES = pytest.mark.parametrize("ours, plain, shapes", FUNCTIONS.values(), ids=FUNCTIONS)


def weighted(fn):
    """A number that weighs every element of fn otherwise, and is not linear in it."""

    def total(*args):
        out = fn(*args)
        return jnp.sum(jnp.sin(out) * jnp.arange(1.0, out.size + 1).reshape(out.shape))

    return jax.jit(total)  # a derivative is one program then, not one for each of its steps


@CASES
def test_value_and_gradient_are_those_of_the_plain_formula(ours, plain, shapes):
    args = random(*shapes)
    assert_close(ours(*args), plain(*args))
    every = tuple(range(len(args)))
    grads = jax.jit(jax.grad(weighted(ours), every))(*args)
    for mine, other in zip(grads, jax.grad(weighted(plain), every)(*args), strict=True):
        assert_close(mine, other)


@CASES
def test_slopes_are_right_in_both_modes_and_twice(ours, plain, shapes):
    check_grads(weighted(ours), random(*shapes), order=2, rtol=0.05, atol=0.05)


@CASES
def test_gradients_of_several_at_once(ours, plain, shapes):
    many = [jnp.stack([a, a + 1, 2 * a]) for a in random(*shapes)]
    grads = jax.vmap(jax.grad(weighted(ours)))(*many)
    assert_close(grads, jax.vmap(jax.grad(weighted(plain)))(*many), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@CASES
def test_gradients_in_half_keep_their_type(ours, plain, shapes, dtype):
    args = [a.astype(dtype) for a in random(*shapes)]
    grads = jax.grad(weighted(ours), tuple(range(len(args))))(*args)
    assert [g.dtype for g in grads] == [dtype] * len(args)


def test_the_bias_of_many_rows_in_half_is_summed_in_single_precision():
    x, bias = jnp.zeros((3000, 4), "bfloat16"), jnp.zeros(4, "bfloat16")
    grad = jax.grad(lambda b: plus_bias(x, b).astype("float32").sum())(bias)
    np.testing.assert_array_equal(grad, np.full(4, 3000, jnp.bfloat16))  # ones alone stop at 256


@pytest.mark.parametrize("kinds", [("float32", "bfloat16"), ("bfloat16", "float32")], ids=str)
@CASES
def test_mixed_types(ours, plain, shapes, kinds):
    args = [a.astype(kind) for a, kind in zip(random(*shapes), kinds, strict=False)]
    grads = jax.grad(weighted(ours), tuple(range(len(args))))(*args)
    assert ours(*args).dtype == plain(*args).dtype
    assert [g.dtype for g in grads] == [a.dtype for a in args]


@pytest.mark.parametrize("ours", [product, plus_bias])
def test_integers_are_left_to_jax(ours):
    x = jnp.arange(15).reshape(5, 3) if ours is plus_bias else jnp.arange(40).reshape(5, 8)
    y = jnp.arange(3) if ours is plus_bias else jnp.arange(24).reshape(8, 3)
    plain = jnp.add if ours is plus_bias else jnp.matmul
    assert ours(x, y).dtype == jnp.int32
    np.testing.assert_array_equal(ours(x, y), plain(x, y))
    grads = jax.grad(lambda a: ours(a, y).sum())(x.astype("float32"))
    assert_close(grads, jax.grad(lambda a: plain(a, y).sum())(x.astype("float32")))


def test_a_place_that_is_none_is_nan_and_has_no_gradient():
    x, at = jnp.ones((3, 4)), jnp.array([4, 0, 7])
    np.testing.assert_array_equal(picked(x, at), [np.nan, 1, np.nan])
    np.testing.assert_array_equal(
        jax.grad(lambda a: picked(a, at).sum())(x), np.eye(4)[[0]] * [[0], [1], [0]]
    )


def test_what_is_not_picked_may_be_nan():
    x = jnp.array([[1.0, np.nan], [np.inf, 2.0]])
    out, slope = jax.jvp(lambda a: picked(a, jnp.array([0, 1])), (x,), (x,))
    np.testing.assert_array_equal((out, slope), [[1, 2], [1, 2]])
