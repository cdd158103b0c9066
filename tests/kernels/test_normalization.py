"""Normalisations against numpy and scipy: plain, masked, poisoned, empty, symbolic, in half."""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from jax import export
from jax.test_util import check_grads
from kernels.helpers import POISON, data, prefixes

from samediff_py.kernels import normalization

EPSILON = 1e-3
GAIN, BIAS = np.array([0.5, -2, 3], np.float32), np.array([1, 0.25, -1], np.float32)


def standardized(v, epsilon=0.0):
    return (v - v.mean()) / np.sqrt(v.var() + epsilon)


# kernel and its reference, both along axis 1; the reference is given a vector without padding
KERNELS = {
    "softmax": (normalization.softmax, scipy.special.softmax),
    "log_softmax": (normalization.log_softmax, scipy.special.log_softmax),
    "standardize": (normalization.standardize, standardized),
    "layer_norm": (
        lambda x, axis, where=None: normalization.layer_norm(
            x, jnp.full(x.shape[-1], 2, x.dtype), axis=axis, epsilon=EPSILON, where=where
        ),
        lambda v: 2 * standardized(v, EPSILON),
    ),
}
LENGTHS = [5, 2, 3]
MASK = prefixes(LENGTHS, 5)  # [3, 5]

pytestmark = pytest.mark.usefixtures("strict_promotion")

every = pytest.mark.parametrize("name", KERNELS)


@cache
def kernel(name):
    return jax.jit(KERNELS[name][0], static_argnums=1)


@cache
def value_and_gradient(name):
    def run(x, where):
        value = kernel(name)(x, 1, where=where)
        return jnp.sum(jnp.sin(value) * jnp.arange(x.shape[1], dtype=x.dtype)), value

    return jax.jit(jax.grad(run, has_aux=True))


@every
@pytest.mark.parametrize("axis", [1, -1, (0, 2)])
def test_plain(name, axis):
    x = data(2, 5, 3)
    moved = np.moveaxis(x, axis, range(-np.size(axis), 0))
    lines = moved.reshape(*moved.shape[: 3 - np.size(axis)], -1)
    expected = np.apply_along_axis(KERNELS[name][1], -1, lines).reshape(moved.shape)
    expected = np.moveaxis(expected, range(-np.size(axis), 0), axis)
    np.testing.assert_allclose(kernel(name)(x, axis), expected, rtol=1e-4, atol=1e-5)


@every
def test_masked_is_the_valid_part_alone(name):
    x = data(3, 5)
    _, result = value_and_gradient(name)(x, MASK)
    for row, line, length in zip(x, result, LENGTHS, strict=True):
        expected = KERNELS[name][1](row[:length])
        np.testing.assert_allclose(line[:length], expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(line[length:], np.zeros(5 - length))


@every
def test_poison(name):
    x = data(3, 5)
    clean = value_and_gradient(name)(np.where(MASK, x, 0), MASK)
    assert all(np.all(np.isfinite(part)) for part in clean)
    for poison in POISON:
        poisoned = value_and_gradient(name)(np.where(MASK, x, np.float32(poison)), MASK)
        jax.tree.map(np.testing.assert_array_equal, poisoned, clean)


@every
def test_empty_row_is_zero(name):
    for content in [0, *POISON]:
        x = np.full((3, 5), content, np.float32)
        for part in value_and_gradient(name)(x, np.zeros((3, 5), bool)):
            np.testing.assert_array_equal(part, np.zeros((3, 5)))


@every
def test_gradient(name):
    with jax.enable_x64(True):
        x = data(3, 5, dtype=np.float64)
        check_grads(jax.jit(lambda x: kernel(name)(x, 1, where=MASK)), (x,), order=1)


@every
def test_symbolic_shape(name):
    b, t = export.symbolic_shape("b, t")
    x = jax.ShapeDtypeStruct((b, t, 3), jnp.float32)
    mask = jax.ShapeDtypeStruct((b, t, 1), bool)
    function = KERNELS[name][0]
    for axis in [1, -1]:
        assert jax.eval_shape(lambda x, a=axis: function(x, a), x).shape == (b, t, 3)
        masked = jax.eval_shape(lambda x, m, a=axis: function(x, a, where=m), x, mask)
        assert masked.shape == (b, t, 3)


@every
@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_half_precision(name, dtype):
    x = data(3, 5).astype(dtype)
    result = kernel(name)(x, 1, where=MASK)
    expected = kernel(name)(x.astype(np.float32), 1, where=MASK)
    assert result.dtype == dtype
    tolerance = 4 * float(jnp.finfo(dtype).eps)
    np.testing.assert_allclose(result.astype(np.float32), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "standardize"])
def test_integers_become_float32(name):
    x = np.array([[1, 2, 4]], np.int32)
    result = kernel(name)(x, 1, where=np.ones((1, 3), bool))
    assert result.dtype == jnp.float32
    np.testing.assert_allclose(result[0], KERNELS[name][1](x[0] * 1.0), rtol=1e-5)


@pytest.mark.parametrize("where", [None, np.arange(9) < 7], ids=["plain", "masked"])
@pytest.mark.parametrize("epsilon", [0.0, EPSILON])
def test_constant_row(where, epsilon):
    """Its mean 0.1 is not exact, yet there is nothing to scale up; the gradient stays finite."""
    x, ones = np.full((2, 9), 0.1, np.float32), np.ones(9, np.float32)
    norm = partial(normalization.layer_norm, gain=ones, epsilon=epsilon, where=where)
    np.testing.assert_array_equal(norm(x), np.zeros((2, 9)))
    gradient = jax.jit(jax.grad(lambda x: jnp.sum(norm(x) * data(9))))(x)
    assert np.all(np.isfinite(gradient))
    if not epsilon:
        np.testing.assert_array_equal(gradient, np.zeros((2, 9)))


def test_softmax_of_minus_infinity_alone_is_no_number_whatever_the_padding():
    x = np.array([[-np.inf, -np.inf], [0, 7]])
    padded = normalization.softmax(np.pad(x, [(0, 0), (0, 1)]), where=np.array([True, True, False]))
    np.testing.assert_array_equal(padded[:, :2], normalization.softmax(x))
    assert np.isnan(padded[0, :2]).all() and not padded[:, 2].any()


def test_softmax_beside_minus_infinity():
    x = np.array([[0, -np.inf, 0]], np.float32)
    np.testing.assert_array_equal(normalization.softmax(x), [[0.5, 0, 0.5]])
    masked = normalization.softmax(x, where=np.array([True, True, False]))
    np.testing.assert_array_equal(masked, [[1, 0, 0]])


@pytest.mark.parametrize(
    ("axis", "channels_first"), [(-1, False), (1, True), ((1, 2), True), ((1, 2), False), (2, True)]
)
def test_layer_norm_gain_and_bias(axis, channels_first):
    """They lie along axis 1 or the last one, whatever the axes that are normalised."""
    x = data(2, 3, 3)
    result = normalization.layer_norm(x, GAIN, BIAS, axis=axis, channels_first=channels_first)
    along = (lambda v: v[:, None]) if channels_first else (lambda v: v)
    mean, deviation = x.mean(axis, keepdims=True), x.std(axis, keepdims=True)
    expected = (x - mean) / deviation * along(GAIN) + along(BIAS)
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


def test_layer_norm_parameter_gradients():
    with jax.enable_x64(True):
        x, gain, bias = data(2, 5, dtype=np.float64), np.arange(5.0), np.ones(5)
        check_grads(jax.jit(normalization.layer_norm), (x, gain, bias), order=1)


@pytest.mark.parametrize("axis", [-1, 1, (1, 2)])
@pytest.mark.parametrize("affine", [False, True])
def test_batch_norm(axis, affine):
    x = data(4, 5, 3)
    others = tuple(a for a in range(3) if a not in {v % 3 for v in np.atleast_1d(axis)})
    mean, variance = x.mean(others, keepdims=True), x.var(others, keepdims=True)
    gamma, beta = data(*mean.shape, seed=1), data(*mean.shape, seed=2)
    expected = (x - mean) / np.sqrt(variance + EPSILON) * (gamma if affine else 1)
    expected = expected + (beta if affine else 0)

    as_given = (lambda v: v) if np.size(axis) > 1 else np.ravel
    parameters = [mean, variance, gamma, beta] if affine else [mean, variance]
    given = [as_given(v) for v in parameters]
    result = normalization.batch_norm(x, *given, axis=axis, epsilon=EPSILON)
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


def test_batch_norm_gradients():
    with jax.enable_x64(True):
        x, mean, gamma, beta = (data(*s, dtype=np.float64) for s in ((4, 3), (3,), (3,), (3,)))
        variance = np.array([0.5, 1, 2])
        check_grads(jax.jit(normalization.batch_norm), (x, mean, variance, gamma, beta), order=1)


def test_batch_norm_without_variance_is_beta():
    x, zero, one = np.ones((4, 1), np.float32), np.zeros(1, np.float32), np.ones(1, np.float32)
    norm = partial(normalization.batch_norm, mean=one, variance=zero, beta=one, epsilon=0.0)
    np.testing.assert_array_equal(norm(x), np.ones((4, 1)))
    np.testing.assert_array_equal(jax.grad(lambda x: jnp.sum(norm(x)))(x), np.zeros((4, 1)))


@pytest.mark.parametrize("axis", [-1, 1, (1, 2)])
def test_batch_moments(axis):
    """Of the valid slots, in the shape that batch_norm takes; poison changes nothing."""
    x, mask = data(4, 5, 3), np.arange(4)[:, None, None] < 3
    others = tuple(a for a in range(3) if a not in {v % 3 for v in np.atleast_1d(axis)})
    keepdims = np.size(axis) > 1
    valid = x[:3]
    for poisoned in [x, np.where(mask, x, np.float32(np.nan))]:
        mean, variance, count = normalization.batch_moments(poisoned, axis=axis, where=mask)
        np.testing.assert_allclose(mean, valid.mean(others, keepdims=keepdims), rtol=1e-4)
        np.testing.assert_allclose(variance, valid.var(others, keepdims=keepdims), rtol=1e-4)
        slots = valid.size // mean.size
        np.testing.assert_array_equal(count, np.full(mean.shape, slots))
    assert normalization.batch_norm(x, mean, variance, axis=axis).shape == x.shape


def test_batch_moments_of_nothing_and_of_symbols():
    x = np.full((4, 3), np.nan, np.float32)
    for part in normalization.batch_moments(x, where=np.zeros((4, 1), bool)):
        np.testing.assert_array_equal(part, np.zeros(3))
    (b,) = export.symbolic_shape("b")
    parts = jax.eval_shape(normalization.batch_moments, jax.ShapeDtypeStruct((b, 3), jnp.float32))
    assert [part.shape for part in parts] == [(3,)] * 3


@pytest.mark.parametrize(
    "call",
    [
        lambda x, p: normalization.layer_norm(x, p),
        lambda x, p: normalization.batch_norm(x, p, p),
        lambda x, p: normalization.batch_norm(x, p[0], p[0], axis=(1, 2)),
    ],
)
def test_parameters_of_another_rank_are_refused(call):
    with pytest.raises(ValueError, match="does not lie along axes"):
        call(jnp.ones((2, 3, 3)), jnp.ones((3, 3)))
