"""Initialisers in SameDiff's names: `sd.var("w", XavierInitScheme("c", 784, 256), 784, 256)`.

Fans are given, as in SameDiff, and never read off the shape. The first argument, the order "c" or
"f" of the array in memory, says nothing here. The uniform ones keep the type that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .foundation.errors import GraphError


class WeightInitScheme:
    """`scheme(key, shape, dtype)`: an initial value, as initialisers of JAX give it."""

    def __call__(self, key: Any, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        raise NotImplementedError


class ConstantInitScheme(WeightInitScheme):
    """One number everywhere."""

    def __init__(self, order: str, constant: float):
        self.constant = constant

    def __call__(self, key: Any, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        return jnp.full(shape, self.constant, dtype)


class ZeroInitScheme(ConstantInitScheme):
    """Zeros."""

    def __init__(self, order: str = "c"):
        super().__init__(order, 0)


class OneInitScheme(ConstantInitScheme):
    """Ones."""

    def __init__(self, order: str = "c"):
        super().__init__(order, 1)


class IdentityInitScheme(WeightInitScheme):
    """The identity of a square matrix."""

    def __init__(self, order: str = "c"):
        pass

    def __call__(self, key: Any, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        if len(shape) != 2 or shape[0] != shape[1]:
            raise GraphError(f"IdentityInitScheme wants a square matrix, not {list(shape)}")
        return jnp.eye(shape[0], dtype=dtype)


class NDArraySupplierInitScheme(WeightInitScheme):
    """A given array, or what a function without arguments gives."""

    def __init__(self, array: Any):
        self.array = array

    def __call__(self, key: Any, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        array = np.asarray(self.array() if callable(self.array) else self.array)
        if array.size != np.prod(shape, dtype=int):
            raise GraphError(f"an array {list(array.shape)} can't fill a variable {list(shape)}")
        return jnp.asarray(array, dtype).reshape(shape)


class DistributionInitScheme(WeightInitScheme):
    """A distribution of one's own: `distribution(key, shape, dtype)`, e.g. `jax.random.normal`."""

    def __init__(self, order: str, distribution: Callable[..., Any]):
        self.distribution = distribution

    def __call__(self, key: Any, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        return jnp.asarray(self.distribution(key, shape, dtype))


class Normal(WeightInitScheme):
    """Normal numbers of one standard deviation."""

    def __init__(self, deviation: float):
        self.deviation = deviation

    def __call__(self, key: Any, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        return jax.random.normal(key, shape, dtype) * jnp.asarray(self.deviation, dtype)


class Uniform(WeightInitScheme):
    """Uniform numbers between -bound and bound."""

    def __init__(self, bound: float):
        self.bound = bound

    def __call__(self, key: Any, shape: tuple[int, ...], dtype: Any) -> jax.Array:
        return jax.random.uniform(key, shape, dtype, -self.bound, self.bound)


class XavierInitScheme(Normal):
    """Variance 2 / (fanIn + fanOut) (Glorot, Bengio 2010)."""

    def __init__(self, order: str, fanIn: float, fanOut: float):
        super().__init__(sqrt(2 / (fanIn + fanOut)))


class XavierUniformInitScheme(Uniform):
    """Bound sqrt(6 / (fanIn + fanOut))."""

    def __init__(self, order: str, fanIn: float, fanOut: float):
        super().__init__(sqrt(6 / (fanIn + fanOut)))


class XavierFanInInitScheme(Normal):
    """Variance 1 / fanIn."""

    def __init__(self, order: str, fanIn: float):
        super().__init__(sqrt(1 / fanIn))


class ReluInitScheme(Normal):
    """Variance 2 / fanIn (He et al. 2015)."""

    def __init__(self, order: str, fanIn: float):
        super().__init__(sqrt(2 / fanIn))


class ReluUniformInitScheme(Uniform):
    """Bound sqrt(6 / fanIn)."""

    def __init__(self, order: str, fanIn: float):
        super().__init__(sqrt(6 / fanIn))


class UniformInitScheme(Uniform):
    """Bound 1 / sqrt(fanIn)."""

    def __init__(self, order: str, fanIn: float):
        super().__init__(1 / sqrt(fanIn))


class SigmoidUniformInitScheme(Uniform):
    """Bound 4 sqrt(6 / (fanIn + fanOut))."""

    def __init__(self, order: str, fanIn: float, fanOut: float):
        super().__init__(4 * sqrt(6 / (fanIn + fanOut)))


class LecunUniformInitScheme(Uniform):
    """Bound sqrt(3 / fanIn), so that the variance is 1 / fanIn; SameDiff takes 3 / sqrt(fanIn)."""

    def __init__(self, order: str, fanIn: float):
        super().__init__(sqrt(3 / fanIn))


class VarScalingNormalFanInInitScheme(Normal):
    """Variance 1 / fanIn."""

    def __init__(self, order: str, fanIn: float):
        super().__init__(sqrt(1 / fanIn))


class VarScalingNormalFanOutInitScheme(Normal):
    """Variance 1 / fanOut."""

    def __init__(self, order: str, fanOut: float):
        super().__init__(sqrt(1 / fanOut))


class VarScalingNormalFanAvgInitScheme(Normal):
    """Variance 2 / (fanIn + fanOut)."""

    def __init__(self, order: str, fanIn: float, fanOut: float):
        super().__init__(sqrt(2 / (fanIn + fanOut)))


class VarScalingNormalUniformFanInInitScheme(Uniform):
    """Bound sqrt(3 / fanIn), variance 1 / fanIn; SameDiff takes 3 / sqrt(fanIn)."""

    def __init__(self, order: str, fanIn: float):
        super().__init__(sqrt(3 / fanIn))


class VarScalingNormalUniformFanOutInitScheme(Uniform):
    """Bound sqrt(3 / fanOut), variance 1 / fanOut; SameDiff takes 3 / sqrt(fanOut)."""

    def __init__(self, order: str, fanOut: float):
        super().__init__(sqrt(3 / fanOut))


class VarScalingUniformFanAvgInitScheme(Uniform):
    """Bound sqrt(6 / (fanIn + fanOut)), variance 2 / (fanIn + fanOut); SameDiff takes three over
    the root of the mean fan."""

    def __init__(self, order: str, fanIn: float, fanOut: float):
        super().__init__(sqrt(6 / (fanIn + fanOut)))
