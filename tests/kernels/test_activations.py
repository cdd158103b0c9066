from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape
from jax.test_util import check_grads
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special

from samediff_py.kernels import activations

# Kinks, tails, and what lies between.
POINTS = np.array(
    [-1000, -100, -20, -6, -3, -2.5, -1, -0.25, -0.0, 0, 1e-8, 0.3, 0.75, 1, 2.5, 6, 20, 1000]
)


def rational_tanh(x):
    y = np.abs(2 * x / 3)
    return 1.7159 * np.sign(x) * (1 - 1 / (1 + y + y**2 + 1.41645 * y**4))


def precise_gelu(x):
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


SELU = 1.0507009873554805, 1.6732632423543772

# name: (kernel, reference)
ELEMENTWISE = {
    "sigmoid": (activations.sigmoid, special.expit),
    "log_sigmoid": (activations.log_sigmoid, special.log_expit),
    "tanh": (activations.tanh, np.tanh),
    "rational_tanh": (activations.rational_tanh, rational_tanh),
    "softplus": (activations.softplus, lambda x: np.logaddexp(x, 0)),
    "softsign": (activations.softsign, lambda x: x / (1 + np.abs(x))),
    "swish": (activations.swish, lambda x: x * special.expit(x)),
    "gelu": (activations.gelu, lambda x: x * special.expit(1.702 * x)),
    "precise_gelu": (activations.precise_gelu, precise_gelu),
    "elu": (activations.elu, lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
    "selu": (
        activations.selu,
        lambda x: SELU[0] * np.where(x > 0, x, SELU[1] * np.expm1(np.minimum(x, 0))),
    ),
    "relu": (activations.relu, lambda x: np.maximum(x, 0)),
    "relu 0.75": (partial(activations.relu, cutoff=0.75), lambda x: np.where(x < 0.75, 0, x)),
    "relu -0.25": (partial(activations.relu, cutoff=-0.25), lambda x: np.where(x < -0.25, 0, x)),
    "relu6": (activations.relu6, lambda x: np.clip(x, 0, 6)),
    "relu6 -1": (partial(activations.relu6, cutoff=-1.0), lambda x: np.clip(x, -1, 6)),
    "relu6 7": (partial(activations.relu6, cutoff=7.0), lambda x: np.full_like(x, 6)),
    "leaky_relu": (activations.leaky_relu, lambda x: np.where(x < 0, 0.01 * x, x)),
    "leaky_relu -0.5": (
        partial(activations.leaky_relu, alpha=-0.5),
        lambda x: np.where(x < 0, -0.5 * x, x),
    ),
    "hard_sigmoid": (activations.hard_sigmoid, lambda x: np.clip(0.2 * x + 0.5, 0, 1)),
    "hard_tanh": (activations.hard_tanh, lambda x: np.clip(x, -1, 1)),
    "rectified_tanh": (activations.rectified_tanh, lambda x: np.maximum(np.tanh(x), 0)),
    "crelu": (
        activations.crelu,
        lambda x: np.concatenate([np.maximum(x, 0), np.maximum(-x, 0)], -1),
    ),
    "hard_tanh_derivative": (activations.hard_tanh_derivative, lambda x: np.abs(x) <= 1.0),
    "leaky_relu_derivative": (
        activations.leaky_relu_derivative,
        lambda x: np.where(x >= 0, 1, 0.01),
    ),
    "softsign_derivative": (
        activations.softsign_derivative,
        lambda x: 1 / (1 + np.abs(x)) ** 2,
    ),
    "sigmoid_derivative": (
        lambda x: activations.sigmoid_derivative(x, 2 * jnp.ones_like(x)),
        lambda x: 2 * special.expit(x) * special.expit(-x),
    ),
}
TOLERANCE = {"float64": 1e-12, "float32": 2e-6, "float16": 4e-3, "bfloat16": 3e-2}


@jax.jit
def values_and_slopes(x):
    """Of all elementwise kernels; the slope is that of the sum of what an element becomes."""
    results = {}
    for name, (kernel, _) in ELEMENTWISE.items():
        value, pull = jax.vjp(kernel, x)
        results[name] = value, pull(jnp.ones_like(value))[0]
    return results


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_values_and_finite_gradients(dtype):
    with jax.enable_x64(dtype == "float64"), jax.numpy_dtype_promotion("strict"):
        x = jnp.array(POINTS, dtype)
        results = values_and_slopes(x)
    for name, (value, slope) in results.items():
        want = ELEMENTWISE[name][1](np.asarray(x, np.float64))
        assert value.dtype == slope.dtype == dtype, name
        tolerance = TOLERANCE[dtype]
        assert_allclose(np.asarray(value, float), want, tolerance, tolerance, err_msg=name)
        assert np.isfinite(np.asarray(slope, float)).all(), name


def test_gradients():
    off_kinks = np.array([-30, -5.3, -1.7, -0.9, -0.21, 0.13, 0.7, 0.95, 2.1, 4.4, 30])
    with jax.enable_x64(True):
        there, before, after = (values_and_slopes(off_kinks + h) for h in (0, -1e-6, 1e-6))
    for name, (_, slope) in there.items():
        rise = np.asarray(after[name][0] - before[name][0]).reshape(-1, len(off_kinks)).sum(0)
        assert_allclose(slope, rise / 2e-6, rtol=1e-6, atol=1e-8, err_msg=name)


AT_ZERO = {
    "relu": 0, "relu6": 0, "leaky_relu": 1, "elu": 1, "softsign": 1, "hard_tanh": 1,
    "rectified_tanh": 0, "rational_tanh": 1.7159 * 2 / 3, "gelu": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("name", AT_ZERO)
def test_gradient_at_zero(name):
    assert_allclose(jax.grad(ELEMENTWISE[name][0])(0.0), AT_ZERO[name], rtol=1e-6)


def test_nan_stays():
    for name, (value, _) in values_and_slopes(jnp.array([jnp.nan])).items():
        assert np.isnan(value).all() or name.endswith("tive") or name == "relu6 7", name


@pytest.mark.parametrize("kernel", [activations.relu, activations.relu6])
def test_integers_stay_integers(kernel):
    result = kernel(jnp.array([-3, 0, 2, 9], jnp.int32))
    assert result.dtype == jnp.int32
    assert result[:3].tolist() == [0, 0, 2]


def test_leaky_relu_of_integers_is_a_fraction():
    for x64 in (False, True):
        with jax.enable_x64(x64), jax.numpy_dtype_promotion("strict"):
            x = jnp.array([-100, 3], jnp.int32)
            assert_allclose(activations.leaky_relu(x), [-1, 3])
            assert_allclose(activations.leaky_relu_derivative(x), [0.01, 1])
            assert activations.leaky_relu(x).dtype == jnp.float32
            assert activations.leaky_relu_derivative(x).dtype == jnp.float32


# ---- with parameters -----------------------------------------------------------------------------

X = np.random.default_rng(0).normal(size=(2, 3, 4, 5))


@pytest.mark.parametrize(
    ("shared", "shape", "spread"),
    [
        ((), (3, 4, 5), (3, 4, 5)),
        ((2, 3), (3, 1, 1), (3, 1, 1)),
        ((-1, 2), (3,), (3, 1, 1)),
        ((1,), (1, 4, 5), (1, 4, 5)),
        ((1, 2, 3), (1,), (1, 1, 1)),
    ],
)
def test_prelu(shared, shape, spread):
    alpha = np.random.default_rng(1).normal(size=shape)
    prelu = partial(activations.prelu, shared_axes=shared)
    with jax.enable_x64(True):
        want = np.where(X < 0, alpha.reshape(spread) * X, X)
        assert_allclose(prelu(jnp.array(X), jnp.array(alpha)), want)
        check_grads(jax.jit(prelu), (X, alpha), order=1, modes=["rev"])


def test_slope_of_prelu_sees_nothing_but_what_is_negative():
    x = jnp.array([[jnp.nan, jnp.inf, 1e30, -2.0, 0.0]])
    grad = jax.grad(lambda alpha: activations.prelu(x, alpha)[0, 3])(jnp.ones(5))
    assert_array_equal(grad, [0, 0, 0, -2, 0])
    with pytest.raises(ValueError, match="batch"):
        activations.prelu(x, jnp.ones(5), shared_axes=(0,))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_derivative_is_the_gradient_of_softmax(axis):
    x, wrt = X[0, 0], X[1, 1]
    with jax.enable_x64(True):
        result = activations.softmax_derivative(jnp.array(x), jnp.array(wrt), axis)
        _, pull = jax.vjp(partial(jax.nn.softmax, axis=axis), jnp.array(x))
        assert_allclose(result, pull(jnp.array(wrt))[0], atol=1e-12)
        kernel = partial(activations.softmax_derivative, axis=axis)
        check_grads(jax.jit(kernel), (x, wrt), order=1, modes=["rev"])


@pytest.mark.parametrize("poison", [np.nan, np.inf, 1e30])
def test_softmax_derivative_over_valid_slots(poison):
    where = np.array([[1, 1, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0]], bool)
    clean = np.where(where, X[0, 0, :3, :4], 0).astype(np.float32)
    dirty = np.where(where, clean, np.float32(poison))

    @jax.jit
    def run(x, wrt):
        result, pull = jax.vjp(partial(activations.softmax_derivative, where=where), x, wrt)
        return result, *pull(jnp.arange(12.0).reshape(3, 4))

    for got, want in zip(run(dirty, 2 * dirty), run(clean, 2 * clean), strict=True):
        assert_array_equal(got, want)
        assert not got[~where].any()
    row = activations.softmax_derivative(jnp.array(clean[:1, :2]), jnp.array(2 * clean[:1, :2]))
    assert_allclose(run(clean, 2 * clean)[0][0, :2], row[0], rtol=1e-6)


@pytest.mark.parametrize("shape", [(2, 3), (2, 5, 3), (2, 4, 5, 3)])
def test_bias_add(shape):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    last, second = np.arange(3.0, dtype=np.float32), np.arange(shape[1], dtype=np.float32)
    assert_array_equal(activations.bias_add(jnp.array(x), jnp.array(last)), x + last)
    result = activations.bias_add(jnp.array(x), jnp.array(second), nchw=True)
    assert_array_equal(result, np.moveaxis(np.moveaxis(x, 1, -1) + second, -1, 1))


@pytest.mark.parametrize("shape", [(5,), (4, 5), (3, 4, 5), (2, 3, 4, 5)])
def test_linear_and_relu_layer(shape):
    rng = np.random.default_rng(2)
    x, weights, bias = rng.normal(size=shape), rng.normal(size=(5, 6)), rng.normal(size=6)
    with jax.enable_x64(True):
        arrays = tuple(map(jnp.array, (x, weights, bias)))
        assert_allclose(activations.linear(*arrays), x @ weights + bias)
        assert_allclose(activations.linear(*arrays[:2]), x @ weights)
        assert_allclose(activations.relu_layer(*arrays), np.maximum(x @ weights + bias, 0))
        check_grads(jax.jit(activations.linear), arrays, order=1, modes=["rev"])
    jaxpr = jax.make_jaxpr(activations.linear)(*map(jnp.float32, (x, weights, bias)))
    (product,) = (e for e in jaxpr.eqns if e.primitive.name == "dot_general")
    assert all(v.aval.ndim <= 2 for v in product.invars)


def test_linear_that_does_not_fit():
    with pytest.raises(ValueError, match="differ"):
        activations.linear(jnp.ones((2, 3)), jnp.ones((4, 2)))


SYMBOLIC = {
    **{name: kernel for name, (kernel, _) in ELEMENTWISE.items()},
    "prelu": lambda x: activations.prelu(x, x[0, :, :1], shared_axes=(2,)),
    "prelu vector": lambda x: activations.prelu(x, x[0, 0], shared_axes=(1,)),
    "softmax_derivative": lambda x: activations.softmax_derivative(x, x, 1, where=x > 0),
    "bias_add": lambda x: activations.bias_add(x, x[0, 0]),
    "bias_add nchw": lambda x: activations.bias_add(x, x[0, :, 0], nchw=True),
    "linear": lambda x: activations.linear(x, x[0, 0, :, None] * x[0, 0]),
}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_symbolic_shapes(name):
    batch, time = symbolic_shape("b, t")
    inferred = jax.eval_shape(SYMBOLIC[name], jax.ShapeDtypeStruct((batch, time, 4), "float32"))
    assert inferred.shape == (batch, time, 8 if name == "crelu" else 4)
