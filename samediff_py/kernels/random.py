"""Random numbers that belong to positions.

The number at index (i0, ..., in) depends on the key and the index alone, never on the sizes: a
longer time axis or a larger batch draws the same numbers at the same places. It is the threefry
hash of a counter as in `jax.random`, where the counter is not the place in memory but the index.

All draws take a key of `jax.random`, typed or raw. Half precision is a float32 draw, rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.typing import ArrayLike, DTypeLike

Shape = Sequence[int]

# ---- bits ----------------------------------------------------------------------------------------

# The index behind the first axis enters as a polynomial in this multiplier. Its lattice keeps two
# positions of a row from sharing a counter (Steele & Vigna 2022, "Computationally easy, spectrally
# good multipliers for congruential pseudorandom number generators").
_MULTIPLIER = 0x93D765DD


def positional_bits(key: Array, shape: Shape) -> Array:
    """Random uint32 bits."""
    high, low = _words(key, shape)
    return high ^ low


def _words(key: Array, shape: Shape) -> tuple[Array, Array]:
    """Two random words: the hash of (i0, sum_k i_k multiplier^(n-k) modulo 2^32)."""
    row = lax.broadcasted_iota(jnp.uint32, shape, 0) if shape else jnp.zeros((), jnp.uint32)
    within = jnp.zeros_like(row)
    for axis in range(1, len(shape)):
        weight = np.uint32(pow(_MULTIPLIER, len(shape) - 1 - axis, 2**32))
        within = within + weight * lax.broadcasted_iota(jnp.uint32, shape, axis)
    return _threefry(jax.random.key_data(key), row, within)


def _threefry(key: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """Threefry2x32 with 20 rounds (Salmon et al. 2011), the counter being (x, y).

    Bit for bit the primitive of `jax.extend.random`, but written out, so that XLA fuses and
    vectorises it: on a CPU it runs and compiles several times as fast as the primitive's loop.
    """
    keys = (key[0], key[1], key[0] ^ key[1] ^ np.uint32(0x1BD11BDA))
    x, y = x + keys[0], y + keys[1]
    for block in range(5):
        for bits in ((13, 15, 26, 6), (17, 29, 16, 24))[block % 2]:
            x = x + y
            y = x ^ (y << np.uint32(bits) | y >> np.uint32(32 - bits))
        x = x + keys[(block + 1) % 3]
        y = y + keys[(block + 2) % 3] + np.uint32(block + 1)
    return x, y


def unit(key: Array, shape: Shape, dtype: np.dtype) -> Array:
    """Uniform on [0, 1): random bits as the mantissa of a number in [1, 2), less 1."""
    high, low = _words(key, shape)
    bits = high ^ low
    if dtype.itemsize == 8:
        bits = high.astype(jnp.uint64) << np.uint64(32) | low.astype(jnp.uint64)
    surplus = bits.dtype.itemsize * 8 - jnp.finfo(dtype).nmant
    one = np.ones((), dtype).view(bits.dtype)
    return lax.bitcast_convert_type(bits >> np.array(surplus, bits.dtype) | one, dtype) - 1


# ---- distributions -------------------------------------------------------------------------------


def _draw(
    transform: Callable[..., Array],
    key: Array,
    shape: Shape,
    dtype: DTypeLike,
    *parameters: ArrayLike,
) -> Array:
    """transform(u, *parameters) for u uniform on [0, 1); parameters broadcast to the shape."""
    dtype = jax.dtypes.canonicalize_dtype(dtype)
    if not jnp.issubdtype(dtype, jnp.floating):
        raise ValueError(f"random numbers come in a floating type, not {dtype}")
    wide = np.dtype("float64" if dtype.itemsize == 8 else "float32")
    spread = (jnp.broadcast_to(jnp.asarray(p, wide), shape) for p in parameters)
    return transform(unit(key, shape, wide), *spread).astype(dtype)


def _at_least_0(name: str, value: ArrayLike) -> Any:
    if isinstance(value, int | float) and value < 0:
        raise ValueError(f"{name} is at least 0, {value} is not")
    return value


def probability(p: ArrayLike) -> ArrayLike:
    """p, if it is one."""
    if isinstance(p, int | float) and not 0 <= p <= 1:
        raise ValueError(f"a probability lies in [0, 1], {p} does not")
    return p


def uniform(
    key: Array,
    shape: Shape,
    dtype: DTypeLike = "float32",
    minval: ArrayLike = 0.0,
    maxval: ArrayLike = 1.0,
) -> Array:
    """Uniform on [minval, maxval); rounding can reach maxval."""
    if isinstance(minval, int | float) and isinstance(maxval, int | float) and minval > maxval:
        raise ValueError(f"minval is at most maxval, and {minval} is more than {maxval}")
    return _draw(lambda u, low, high: low + (high - low) * u, key, shape, dtype, minval, maxval)


def normal(
    key: Array,
    shape: Shape,
    dtype: DTypeLike = "float32",
    mean: ArrayLike = 0.0,
    stddev: ArrayLike = 1.0,
) -> Array:
    """Normal: mean + stddev sqrt(2) erfinv(2u - 1)."""
    return _draw(_normal, key, shape, dtype, mean, _at_least_0("stddev", stddev))


def log_normal(
    key: Array,
    shape: Shape,
    dtype: DTypeLike = "float32",
    mean: ArrayLike = 0.0,
    stddev: ArrayLike = 1.0,
) -> Array:
    """exp of a normal draw; mean and stddev are those of the logarithm."""
    stddev = _at_least_0("stddev", stddev)
    return _draw(lambda *u: jnp.exp(_normal(*u)), key, shape, dtype, mean, stddev)


def truncated_normal(
    key: Array,
    shape: Shape,
    dtype: DTypeLike = "float32",
    mean: ArrayLike = 0.0,
    stddev: ArrayLike = 1.0,
) -> Array:
    """Normal, given that it falls within two stddev of the mean (so its own is 0.88 stddev)."""
    stddev = _at_least_0("stddev", stddev)
    return _draw(partial(_normal, within=2.0), key, shape, dtype, mean, stddev)


def _normal(u: Array, mean: Array, stddev: Array, within: float = math.inf) -> Array:
    """The normal number, at most `within` stddev from the mean, that belongs to a uniform one.

    u lies on the grid 0, eps, 2 eps, ...; 2u - 1 + eps are the middles of its cells: symmetrical
    about 0, and never -1 or 1.
    """
    middle = 2 * u - (1 - jnp.finfo(u.dtype).eps)
    z = math.sqrt(2) * lax.erf_inv(math.erf(within / math.sqrt(2)) * middle)
    return mean + stddev * jnp.clip(z, -within, within)


def exponential(
    key: Array, shape: Shape, dtype: DTypeLike = "float32", rate: ArrayLike = 1.0
) -> Array:
    """Exponential of mean 1 / rate: -log(1 - u) / rate."""
    if isinstance(rate, int | float) and rate <= 0:
        raise ValueError(f"rate is above 0, {rate} is not")
    return _draw(lambda u, rate: -jnp.log1p(-u) / rate, key, shape, dtype, rate)


def bernoulli(key: Array, shape: Shape, dtype: DTypeLike = "float32", *, p: ArrayLike) -> Array:
    """1 with probability p, else 0."""
    return _draw(lambda u, p: u < p, key, shape, dtype, probability(p))


def binomial(
    key: Array, shape: Shape, dtype: DTypeLike = "float32", *, n_trials: int, p: ArrayLike
) -> Array:
    """Number of successes in n trials of probability p: Bernoulli draws, summed as they come."""
    each = (*shape, _at_least_0("n_trials", n_trials))
    trials = bernoulli(key, each, dtype, p=jnp.expand_dims(jnp.asarray(probability(p)), -1))
    return jnp.sum(trials, axis=-1)
