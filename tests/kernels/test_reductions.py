"""Reductions against numpy and scipy: plain, masked, poisoned, empty, symbolic, in half."""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from jax import export
from kernels.helpers import POISON, data, prefixes

from samediff_py.kernels import reductions

biased = {"bias_corrected": False}


def corrected(f):
    return lambda v: f(v, ddof=1) if v.size > 1 else 0.0


# kernel, its options, the reference on a vector without padding
SMOOTH = {
    "sum": (reductions.sum, {}, np.sum),
    "mean": (reductions.mean, {}, np.mean),
    "prod": (reductions.prod, {}, np.prod),
    "max": (reductions.max, {}, np.max),
    "min": (reductions.min, {}, np.min),
    "asum": (reductions.asum, {}, lambda v: np.sum(np.abs(v))),
    "amean": (reductions.amean, {}, lambda v: np.mean(np.abs(v))),
    "amax": (reductions.amax, {}, lambda v: np.max(np.abs(v))),
    "amin": (reductions.amin, {}, lambda v: np.min(np.abs(v))),
    "variance": (reductions.variance, {}, corrected(np.var)),
    "variance of all": (reductions.variance, biased, np.var),
    "deviation": (reductions.standard_deviation, {}, corrected(np.std)),
    "deviation of all": (reductions.standard_deviation, biased, np.std),
    "norm1": (reductions.norm1, {}, lambda v: np.linalg.norm(v, 1)),
    "norm2": (reductions.norm2, {}, np.linalg.norm),
    "norm_max": (reductions.norm_max, {}, lambda v: np.linalg.norm(v, np.inf)),
    "norm_p": (reductions.norm_p, {"p": 3.0}, lambda v: np.linalg.norm(v, 3)),
    "squared_norm": (reductions.squared_norm, {}, lambda v: np.sum(v**2)),
    "logsumexp": (reductions.logsumexp, {}, scipy.special.logsumexp),
}
DISCRETE = {
    "argmax": (reductions.argmax, {}, np.argmax),
    "argmin": (reductions.argmin, {}, np.argmin),
    "any": (reductions.any, {}, np.any),
    "all": (reductions.all, {}, np.all),
    "count_nonzero": (reductions.count_nonzero, {}, np.count_nonzero),
    "count_zero": (reductions.count_zero, {}, lambda v: np.sum(v == 0)),
    "count_valid": (reductions.count_valid, {}, np.size),
}
ALL = SMOOTH | DISCRETE
LENGTHS = [5, 2, 1]
MASK = prefixes(LENGTHS, 5)  # [3, 5]

pytestmark = pytest.mark.usefixtures("strict_promotion")

smooth = pytest.mark.parametrize("name", SMOOTH)
every = pytest.mark.parametrize("name", ALL)


@cache
def kernel(name):
    function, options, _ = ALL[name]
    return jax.jit(partial(function, **options), static_argnames=("axis", "keepdims"))


@cache
def value_and_gradient(name):
    """Row by row under a mask; a discrete result has no gradient."""

    def run(x, where):
        value = kernel(name)(x, 1, where=where)
        return jnp.sum(jnp.cos(value)), value

    if name in DISCRETE:
        return lambda x, where: (run(x, where)[1], None)
    differentiate = jax.jit(jax.value_and_grad(run, has_aux=True))

    def value_first(x, where):
        (_, value), gradient = differentiate(x, where)
        return value, gradient

    return value_first


def reference(name, x, axes, keepdims):
    axes = tuple(range(x.ndim)) if axes is None else tuple(sorted(a % x.ndim for a in axes))
    lines = np.moveaxis(x, axes, range(-len(axes), 0))
    lines = lines.reshape(*lines.shape[: x.ndim - len(axes)], -1)
    result = np.apply_along_axis(ALL[name][2], -1, lines)
    return np.expand_dims(result, axes) if keepdims else result


@every
@pytest.mark.parametrize(("axes", "keepdims"), [(None, True), ((-1, 0), False)])
def test_plain(name, axes, keepdims):
    x = data(2, 5, 3)
    result = kernel(name)(x, axes, keepdims=keepdims)
    expected = reference(name, x, axes, keepdims)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=2e-5, atol=1e-6)


def rowwise(name, x):
    """The reference on the valid part of each row alone."""
    return [ALL[name][2](row[:n]) for row, n in zip(x, LENGTHS, strict=True)]


@every
def test_masked_is_the_valid_part_alone(name):
    x = data(3, 5)
    result, _ = value_and_gradient(name)(x, MASK)
    np.testing.assert_allclose(result, rowwise(name, x), rtol=1e-5, atol=1e-6)


@every
def test_mask_is_stretched(name):
    """A mask of lower rank, stretched along a reduced axis and along a kept one."""
    x = data(4, 3, 5, 2)
    result = kernel(name)(x, (0, 2), where=MASK[:, :, None])
    for row, length in enumerate(LENGTHS):
        expected = reference(name, x[:, row, :length], (0, 1), False)
        if name.startswith("arg"):  # an index counts the padded size
            expected = expected // length * 5 + expected % length
        np.testing.assert_allclose(result[row], expected, rtol=1e-5)


@every
def test_poison(name):
    x = data(3, 5)
    clean = value_and_gradient(name)(np.where(MASK, x, 0), MASK)
    assert all(np.all(np.isfinite(part)) for part in jax.tree.leaves(clean))
    for poison in POISON:
        poisoned = value_and_gradient(name)(np.where(MASK, x, np.float32(poison)), MASK)
        jax.tree.map(np.testing.assert_array_equal, poisoned, clean)


@every
def test_empty_row(name):
    nothing = np.zeros((3, 5), bool)
    for content in [0, *POISON]:
        x = np.full((3, 5), content, np.float32)
        value, gradient = value_and_gradient(name)(x, nothing)
        np.testing.assert_array_equal(value, np.full(3, {"prod": 1, "all": True}.get(name, 0)))
        if gradient is not None:
            np.testing.assert_array_equal(gradient, np.zeros((3, 5)))


@smooth
def test_gradient(name):
    with jax.enable_x64(True):
        x, step = data(3, 5, dtype=np.float64), 1e-6 * data(3, 5, dtype=np.float64, seed=1)
        long = MASK | (np.arange(5) < 2)  # n - 1 divides: two elements at least
        run = value_and_gradient(name)
        above, below = (np.cos(run(x + sign * step, long)[0]).sum() for sign in (1, -1))
        change = np.sum(2 * step * run(x, long)[1])
        np.testing.assert_allclose(above - below, change, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "hessian"),
    [
        ("variance", lambda x: 2 * (np.eye(4) - 1 / 4) / 3),
        ("logsumexp", lambda x: np.diag(p := scipy.special.softmax(x)) - np.outer(p, p)),
        ("max", lambda x: np.zeros((4, 4))),
    ],
)
def test_second_derivative(name, hessian):
    """Through shifts that are held constant, and a reduction with its own derivative."""
    x = data(4)
    result = jax.jit(jax.hessian(kernel(name)))(x)
    np.testing.assert_allclose(result, hessian(x), rtol=1e-5, atol=1e-6)


@every
def test_symbolic_shape(name):
    b, t = export.symbolic_shape("b, t")
    x = jax.ShapeDtypeStruct((b, t, 3), jnp.float32)
    mask = jax.ShapeDtypeStruct((b, t, 1), bool)
    reduce = kernel(name)
    assert jax.eval_shape(lambda x: reduce(x, 1), x).shape == (b, 3)
    assert jax.eval_shape(lambda x, m: reduce(x, 1, where=m), x, mask).shape == (b, 3)
    assert jax.eval_shape(lambda x, m: reduce(x, (0, 1), where=m), x, mask).shape == (3,)


@smooth
@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_half_precision(name, dtype):
    x = data(3, 5).astype(dtype)
    result = kernel(name)(x, 1, where=MASK)
    assert result.dtype == dtype
    expected = np.array(rowwise(name, x.astype(np.float32)), dtype)
    np.testing.assert_allclose(result, expected, rtol=float(jnp.finfo(dtype).eps))


@every
def test_integers(name):
    x = np.array([[3, -1, 4], [0, 5, -9]], np.int32)
    kept = name in {"sum", "prod", "max", "min", "asum", "amax", "amin"}
    index = bool if name in ("any", "all") else jnp.result_type(int)
    result = kernel(name)(x, 1)
    assert result.dtype == (index if name in DISCRETE else jnp.int32 if kept else jnp.float32)
    np.testing.assert_allclose(result, reference(name, x, (1,), False), rtol=1e-5)
    with jax.enable_x64(True):
        wide = np.int64 if name in DISCRETE and index is not bool else result.dtype
        assert jax.eval_shape(kernel(name), jnp.asarray(x)).dtype == wide


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("max", [np.nan, 1, 3], 3),
        ("max", [np.nan, np.nan], -np.inf),
        ("min", [1, np.nan, -np.inf], -np.inf),
        ("min", [np.nan, np.nan], np.inf),
        ("norm_max", [1, np.nan, -3], 3),
        ("sum", [1, np.nan], np.nan),
        ("norm2", [1, np.nan], np.nan),
        ("variance", [1, np.nan], np.nan),
        ("variance", [7], 0),
        ("deviation", [7], 0),
        ("logsumexp", [-np.inf, -np.inf], -np.inf),
        ("logsumexp", [-np.inf, 2], 2),
        ("logsumexp", [np.inf, 1], np.inf),
        ("logsumexp", [-1000, -1000], -1000 + np.log(2)),
        ("argmax", [1, 3, 3], 1),
        ("argmin", [2, -1, -1], 1),
        ("argmax", [1, np.nan, 2], 2),
        ("argmax", [np.nan, 2, 1], 0),
        ("argmin", [np.nan, 2, 1], 0),
        ("argmax", [-np.inf, -np.inf], 0),
        ("count_nonzero", [1, np.nan, -0.0], 2),
        ("any", [0, np.nan], True),
    ],
    ids=str,
)
def test_special_values(name, x, expected):
    x = np.array(x, np.float32)
    behind_masked = np.concatenate([[9e9, -9e9], x]).astype(np.float32)
    mask = np.arange(behind_masked.size) >= 2
    shift = 2 if name.startswith("arg") else 0
    np.testing.assert_allclose(kernel(name)(x), expected, rtol=1e-6)
    np.testing.assert_allclose(kernel(name)(behind_masked, where=mask), expected + shift, rtol=1e-6)


def test_nan_is_passed_over_in_a_long_line():
    x = np.where(np.arange(4099) % 7 == 3, data(3, 4099), np.float32(np.nan))
    np.testing.assert_array_equal(kernel("max")(x, 1), np.nanmax(x, 1))
    np.testing.assert_array_equal(kernel("min")(x), np.nanmin(x))
    np.testing.assert_array_equal(kernel("max")(np.full_like(x, np.nan)), -np.inf)


@pytest.mark.parametrize("name", ["deviation", "variance", "norm1", "norm2", "norm_p", "norm_max"])
def test_gradient_at_a_kink_is_zero(name):
    """Of a constant row, whose mean 0.1 is not exact, and of a row of zeros."""
    constant = 0.1 if name in ("deviation", "variance") else 0.0
    x = np.full(7, constant, np.float32)
    value, gradient = jax.jit(jax.value_and_grad(kernel(name)))(x)
    assert value == 0
    np.testing.assert_allclose(gradient, np.zeros(7), atol=1e-8)


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("max", [2, 5, 5, np.nan], [0, 0.5, 0.5, 0]),
        ("max", [-np.inf, -np.inf], [0, 0]),
        ("min", [np.nan, np.nan], [0, 0]),
        ("prod", [2, 0, 3, 4], [0, 24, 0, 0]),
        ("prod", [0, 0, 3, 4], [0, 0, 0, 0]),
        ("logsumexp", [-np.inf, -np.inf], [0, 0]),
        ("norm_p", [0, 2], [0, 1]),
    ],
    ids=str,
)
def test_gradient_at_special_values(name, x, expected):
    gradient = jax.jit(jax.grad(kernel(name)))(np.array(x, np.float32))
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_half_precision_counts_and_squares_in_float32(dtype):
    ones = jnp.ones((1, 5000), dtype)
    mask = jnp.arange(5000) < 4999
    assert reductions.mean(ones, where=mask) == 1
    assert reductions.norm2(jnp.full(4, 300, dtype)) == 600


@pytest.mark.parametrize("x64", [False, True])
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_type_of_indices(dtype, x64):
    with jax.enable_x64(x64):
        result = reductions.argmax(jnp.arange(3.0), dtype=dtype)
        assert result.dtype == (dtype if x64 else "int32")


def test_moments_are_mean_and_population_variance():
    x, mask = jnp.asarray(data(3, 5)), jnp.asarray(MASK)
    mean, variance = reductions.moments(x, 1, keepdims=True, where=mask)
    np.testing.assert_array_equal(mean, reductions.mean(x, 1, keepdims=True, where=mask))
    expected = reductions.variance(x, 1, bias_corrected=False, keepdims=True, where=mask)
    np.testing.assert_array_equal(variance, expected)


def test_booleans_are_counted():
    assert reductions.sum(jnp.asarray([True, True, False])) == 2


def test_an_axis_of_size_zero_is_an_empty_row():
    x = jnp.zeros((2, 0))
    for name in SMOOTH:
        expected = np.full(2, 1 if name == "prod" else 0)
        np.testing.assert_array_equal(kernel(name)(x, 1), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: reductions.max(x, 2), "axis 2 is out of range"),
        (lambda x: reductions.argmin(x > 0), "cast the booleans"),
        (lambda x: reductions.norm_p(x, p=0), "p > 0"),
        (lambda x: reductions.norm_p(x, p=np.inf), "norm_max"),
    ],
)
def test_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(jnp.ones((2, 3)))
