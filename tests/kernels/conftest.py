"""Modes that tests of kernels ask for."""

import jax
import pytest


@pytest.fixture
def strict_promotion():
    """Kernels name the types that they mix."""
    with jax.numpy_dtype_promotion("strict"):
        yield
