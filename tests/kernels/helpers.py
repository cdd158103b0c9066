"""What tests of kernels share: random arrays, masks of padded rows, what stands in padding."""

import jax.numpy as jnp
import numpy as np

POISON = [np.nan, np.inf, -np.inf, 1e30]


def data(*shape, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def random(*shapes, dtype=np.float32):
    """An array of each shape, from one generator."""
    generator = np.random.default_rng(0)
    return [jnp.asarray(generator.normal(size=shape), dtype) for shape in shapes]


def prefixes(lengths, size):
    """The mask of rows of these lengths: [rows, size]."""
    return np.arange(size) < np.array(lengths)[:, None]


def assert_close(actual, expected, **tolerances):
    """Shapes and numbers, in single precision unless said."""
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, **{"rtol": 1e-5, "atol": 1e-6, **tolerances})
