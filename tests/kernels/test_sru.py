"""Simple recurrent units against a loop over their cell, and masked steps against their absence."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads
from kernels.helpers import prefixes

from samediff_py.kernels.sru import sru, sru_cell

BATCH, N, TIME = 3, 2, 5
LENGTHS = [5, 2, 0]
MASK = prefixes(LENGTHS, TIME)
GAPPY = np.array([[1, 0, 1, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]], bool)


def arrays():
    rng = np.random.default_rng(0)
    shapes = (BATCH, N, TIME), (BATCH, N), (3 * N, N), (2 * N,), (BATCH, N)
    return [jnp.asarray(rng.normal(size=shape), jnp.float32) for shape in shapes]


def test_sequence_is_a_loop_over_cells():
    x, c, weights, bias, factor = arrays()
    h_all, c_all = sru(x, c, weights, bias, factor)
    for t in range(TIME):
        h, c = sru_cell(x[..., t] * factor, c, weights.T, bias)
        np.testing.assert_allclose(h_all[..., t], h, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(c_all[..., t], c, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mask", [MASK, GAPPY], ids=["prefix", "gappy"])
def test_masked_steps_leave_no_trace(mask):
    x, c, weights, bias, _ = arrays()
    got = sru(x, c, weights, bias, mask=jnp.asarray(mask))
    for b, real in enumerate(mask):
        at = np.flatnonzero(real)
        assert not any(y[b][:, ~real].any() for y in got)
        if len(at):
            alone = sru(x[b : b + 1, :, at], c[b : b + 1], weights, bias)
            for y, want in zip(got, alone, strict=True):
                np.testing.assert_allclose(y[b][:, at], want[0], rtol=1e-5, atol=1e-6)


def test_gradients_by_differences():
    with jax.enable_x64(True):
        given = [a.astype("float64") for a in arrays()]
        check_grads(jax.jit(partial(sru, mask=jnp.asarray(MASK))), given, 1, modes="rev")


def test_symbolic_sizes():
    batch, time = export.symbolic_shape("batch, time")
    x, c, *rest = arrays()
    x = jax.ShapeDtypeStruct((batch, N, time), x.dtype)
    c = factor = jax.ShapeDtypeStruct((batch, N), c.dtype)
    h, states = jax.eval_shape(sru, x, c, *rest[:2], factor)
    assert h.shape == states.shape == (batch, N, time)
