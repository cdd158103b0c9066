"""Initialisers in SameDiff's names: what each draws."""

import inspect

import jax
import numpy as np
import pytest

from samediff_py import SameDiff, weightinit
from samediff_py.weightinit import DistributionInitScheme, NDArraySupplierInitScheme

FANS = {"fanIn": 300, "fanOut": 100}
# Variance of normal ones, bound of uniform ones.
NORMAL = {
    "XavierInitScheme": 2 / 400,
    "XavierFanInInitScheme": 1 / 300,
    "ReluInitScheme": 2 / 300,
    "VarScalingNormalFanInInitScheme": 1 / 300,
    "VarScalingNormalFanOutInitScheme": 1 / 100,
    "VarScalingNormalFanAvgInitScheme": 2 / 400,
}
UNIFORM = {
    "XavierUniformInitScheme": (6 / 400) ** 0.5,
    "ReluUniformInitScheme": (6 / 300) ** 0.5,
    "UniformInitScheme": 300**-0.5,
    "SigmoidUniformInitScheme": 4 * (6 / 400) ** 0.5,
    "LecunUniformInitScheme": (3 / 300) ** 0.5,
    "VarScalingNormalUniformFanInInitScheme": (3 / 300) ** 0.5,
    "VarScalingNormalUniformFanOutInitScheme": (3 / 100) ** 0.5,
    "VarScalingUniformFanAvgInitScheme": (3 / 200) ** 0.5,
}


def drawn(scheme, *shape):
    sd = SameDiff.create()
    sd.var("w", scheme, *shape)
    return sd.getArrForVarName("w")


def scheme_of(name):
    kind = getattr(weightinit, name)
    fans = list(inspect.signature(kind).parameters)[1:]
    return kind("c", *(FANS[fan] for fan in fans))


@pytest.mark.parametrize("name", NORMAL)
def test_normal(name):
    found = drawn(scheme_of(name), 200, 200)
    np.testing.assert_allclose(found.var(), NORMAL[name], rtol=0.05)
    assert abs(found.mean()) < 0.002 and abs(found).max() > 3 * found.std()


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform(name):
    found = drawn(scheme_of(name), 200, 200)
    np.testing.assert_allclose(abs(found).max(), UNIFORM[name], rtol=0.01)
    np.testing.assert_allclose(found.var(), UNIFORM[name] ** 2 / 3, rtol=0.05)


def test_constants():
    assert (drawn(weightinit.ZeroInitScheme(), 2, 3) == 0).all()
    assert (drawn(weightinit.OneInitScheme("c"), 3) == 1).all()
    assert (drawn(weightinit.ConstantInitScheme("c", 2.5), 2) == 2.5).all()
    np.testing.assert_array_equal(drawn(weightinit.IdentityInitScheme("c"), 3, 3), np.eye(3))


def test_given_arrays_and_distributions():
    array = np.arange(3.0, dtype=np.float32)
    for given in (array, lambda: array):
        np.testing.assert_array_equal(drawn(NDArraySupplierInitScheme(given), 3), array)
    with pytest.raises(ValueError, match=r"an array \[3\] can't fill a variable \[2, 2\]"):
        drawn(NDArraySupplierInitScheme(array), 2, 2)
    positive = drawn(DistributionInitScheme("c", jax.random.exponential), 50, 50)
    assert (positive >= 0).all() and abs(positive.mean() - 1) < 0.1
