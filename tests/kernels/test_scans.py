"""Running sums and products against numpy: plain, masked, poisoned, empty, symbolic, in half."""

from functools import cache, partial
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads
from kernels.helpers import POISON, data, prefixes

from samediff_py.kernels import scans

SCANS = {"cumsum": (scans.cumsum, np.cumsum, 0), "cumprod": (scans.cumprod, np.cumprod, 1)}
LENGTHS = [5, 2, 1]
MASK = prefixes(LENGTHS, 5)  # [3, 5]

pytestmark = pytest.mark.usefixtures("strict_promotion")

every = pytest.mark.parametrize("name", SCANS)
ways = pytest.mark.parametrize(("exclusive", "reverse"), list(product([False, True], repeat=2)))


@cache
def kernel(name):
    return jax.jit(SCANS[name][0], static_argnames=("axis", "exclusive", "reverse"))


def line(name, v, exclusive, reverse):
    """The reference, along a vector."""
    _, running, identity = SCANS[name]
    v = v[::-1] if reverse else v
    v = np.concatenate([[identity], v[:-1]]) if exclusive else v
    return running(v)[::-1] if reverse else running(v)


@every
@ways
@pytest.mark.parametrize("axis", [1, -1, (0, 2), (-1, 0, 1), None], ids=str)
def test_plain(name, exclusive, reverse, axis):
    """Several axes are one line, in row-major order."""
    x = data(2, 4, 3)
    axes = tuple(range(3)) if axis is None else tuple(sorted(a % 3 for a in np.atleast_1d(axis)))
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    lines = moved.reshape(*moved.shape[: 3 - len(axes)], -1)
    expected = np.apply_along_axis(partial(line, name), -1, lines, exclusive, reverse)
    expected = np.moveaxis(expected.reshape(moved.shape), range(-len(axes), 0), axes)
    result = kernel(name)(x, axis, exclusive=exclusive, reverse=reverse)
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-6)


@every
@ways
def test_masked(name, exclusive, reverse):
    """Valid slots as in the valid part alone, whatever the masked hold; those hold the value."""
    x, way = data(3, 5), {"exclusive": exclusive, "reverse": reverse}

    def run(x):
        value = kernel(name)(x, 1, where=MASK, **way)
        return jnp.sum(jnp.sin(value)), value

    differentiate = jax.jit(jax.grad(run, has_aux=True))
    gradient, result = differentiate(np.where(MASK, x, 0))
    for row, got, n in zip(x, result, LENGTHS, strict=True):
        expected = line(name, row[:n], exclusive, reverse)
        np.testing.assert_allclose(got[:n], expected, rtol=1e-5)
        held = SCANS[name][2] if reverse else line(name, row[:n], False, False)[-1]
        np.testing.assert_allclose(got[n:], np.full(5 - n, held), rtol=1e-5)
    np.testing.assert_array_equal(gradient[~MASK], np.zeros(7))
    for poison in POISON:
        poisoned = differentiate(np.where(MASK, x, np.float32(poison)))
        jax.tree.map(np.testing.assert_array_equal, poisoned, (gradient, result))


@every
def test_mask_with_gaps(name):
    x, mask = data(6), np.array([False, True, False, True, True, False])
    expected = line(name, np.where(mask, x, SCANS[name][2]), False, False)
    np.testing.assert_allclose(kernel(name)(x, where=mask), expected, rtol=1e-5)


@every
def test_empty_row_is_the_identity(name):
    x, nothing = np.full((2, 3), np.nan, np.float32), np.zeros((2, 1), bool)
    scan = partial(kernel(name), axis=1, where=nothing)
    np.testing.assert_array_equal(scan(x), np.full((2, 3), SCANS[name][2]))
    np.testing.assert_array_equal(jax.grad(lambda x: jnp.sum(scan(x)))(x), np.zeros((2, 3)))


@every
@ways
def test_gradient(name, exclusive, reverse):
    with jax.enable_x64(True):
        x = data(2, 4, dtype=np.float64)
        scan = partial(kernel(name), axis=1, exclusive=exclusive, reverse=reverse)
        check_grads(jax.jit(scan), (x,), order=1)


@pytest.mark.parametrize("zeros", [[1], [0, 2], [0, 1, 2, 3]])
def test_gradient_of_a_product_at_zeros(zeros):
    """Products of the others: finite, and right, which a division by x_i would not be."""
    with jax.enable_x64(True):
        x = np.array([2.0, -3, 0.5, 4])
        x[zeros] = 0
        check_grads(jax.jit(kernel("cumprod")), (x,), order=1)


@every
def test_symbolic_shape(name):
    b, t = export.symbolic_shape("b, t")
    x = jax.ShapeDtypeStruct((b, t, 3), jnp.float32)
    mask = jax.ShapeDtypeStruct((b, t, 1), bool)
    for axis in [1, (0, 1), (0, 2), None]:
        scan = partial(SCANS[name][0], axis=axis, exclusive=True)
        assert jax.eval_shape(scan, x).shape == (b, t, 3)
        assert jax.eval_shape(lambda x, m, f=scan: f(x, where=m), x, mask).shape == (b, t, 3)


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_half_precision_runs_in_float32(dtype):
    result = kernel("cumsum")(np.ones(5000, dtype))
    assert result.dtype == dtype
    assert result[-1] == np.array(5000, dtype)


@every
@pytest.mark.parametrize("dtype", [jnp.int8, jnp.int32])
def test_integers_keep_their_type(name, dtype):
    x = np.array([3, -1, 2], dtype)
    result = kernel(name)(x, where=np.array([True, True, False]))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, [3, 2, 2] if name == "cumsum" else [3, -3, -3])


@every
def test_a_scalar_is_a_line_of_one(name):
    assert kernel(name)(np.float32(3)) == 3
    assert kernel(name)(np.float32(3), exclusive=True) == SCANS[name][2]


def test_booleans_are_counted():
    np.testing.assert_array_equal(kernel("cumsum")(np.array([True, False, True])), [1, 1, 2])
