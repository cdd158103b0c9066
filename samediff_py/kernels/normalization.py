"""Normalisations over valid slots: softmax, standardisation, layer and batch normalisation.

With `where` only valid slots enter the statistics, and masked slots of the result are 0.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from .axes import Axis, axes_of
from .numbers import fill_masked, floating, narrow, off_zero, widen
from .reductions import centre, count_valid, mean, moments


def softmax(x: Array, axis: Axis = -1, *, where: Array | None = None) -> Array:
    """exp(x) / sum exp(x) along the axis; masked slots get no weight.

    Masks act before and behind: what is between is one pass for XLA.
    """
    filled = fill_masked(floating(x), where, -jnp.inf)
    return fill_masked(_softmax(filled, axis), where, 0)  # a row without a slot is NaN in between


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _softmax(x: Array, axis: Axis) -> Array:
    """With a rule of its own: y (dx - sum y dx) needs y alone, and is a third of the time."""
    powers = jnp.exp(x - jnp.max(x, axis, keepdims=True))
    return powers / jnp.sum(powers, axis, keepdims=True)


@_softmax.defjvp
def _softmax_jvp(axis: Axis, primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    y = _softmax(*primals, axis)
    return y, y * (tangents[0] - jnp.sum(y * tangents[0], axis, keepdims=True))


def log_softmax(x: Array, axis: Axis = -1, *, where: Array | None = None) -> Array:
    """x - log(sum exp(x)) along the axis; masked slots are 0, not -inf."""
    return fill_masked(jax.nn.log_softmax(floating(x), axis, where=where), where, 0)


def standardize(x: Array, axis: Axis, *, where: Array | None = None) -> Array:
    """(x - mean) / deviation, the population's; a constant slice gives 0."""
    return narrow(_standardized(x, axis, 0.0, where), x)


def layer_norm(
    x: Array,
    gain: Array,
    bias: Array | None = None,
    *,
    axis: Axis = -1,
    epsilon: float = 0.0,
    channels_first: bool = False,
    where: Array | None = None,
) -> Array:
    """(x - mean) / sqrt(variance + epsilon) * gain + bias (Ba et al. 2016, arXiv 1607.06450).

    Gain and bias are vectors along axis 1 if `channels_first`, else along the last, whatever the
    axes that are normalised. A constant slice gives the bias.
    """
    channels = 1 if channels_first else x.ndim - 1
    y = _standardized(x, axis, epsilon, where) * _along(gain, x, (channels,))
    if bias is not None:
        y = y + _along(bias, x, (channels,))
    return narrow(fill_masked(y, where, 0), x)


def batch_norm(
    x: Array,
    mean: Array,
    variance: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    axis: int | tuple[int, ...] = -1,
    epsilon: float = 1e-5,
) -> Array:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta (Ioffe and Szegedy 2015).

    The parameters are vectors along one axis, or arrays of x's rank, 1 where they don't vary.
    """
    channels = axes_of(x, axis)
    scale = _inverse_root(_along(variance, x, channels), epsilon)
    if gamma is not None:
        scale = scale * _along(gamma, x, channels)
    y = (widen(x) - _along(mean, x, channels)) * scale
    if beta is not None:
        y = y + _along(beta, x, channels)
    return narrow(y, x)


def batch_moments(
    x: Array, *, axis: int | tuple[int, ...] = -1, where: Array | None = None
) -> tuple[Array, Array, Array]:
    """Mean, population variance and number of valid slots over all axes but `axis`.

    The three have the shape in which `batch_norm` takes its statistics.
    """
    channels = axes_of(x, axis)
    others = tuple(a for a in range(x.ndim) if a not in channels)
    keepdims = len(channels) > 1
    count = count_valid(x, others, keepdims=keepdims, where=where)
    return *moments(x, others, keepdims=keepdims, where=where), count


def _standardized(x: Array, axis: Axis, epsilon: float, where: Array | None) -> Array:
    centred = centre(x, axis, where=where)
    variance = mean(jnp.square(centred), axis, keepdims=True, where=where)
    return centred * _inverse_root(variance, epsilon)


def _inverse_root(variance: Array, epsilon: float) -> Array:
    """1 / sqrt(variance + epsilon); 0 with gradient 0 where that would be infinite."""
    return lax.rsqrt(variance + epsilon) if epsilon else off_zero(lax.rsqrt, variance)


def _along(parameter: Array, x: Array, axes: tuple[int, ...]) -> Array:
    """The parameter, widened, so that it broadcasts against x: a vector lies along the one axis."""
    if parameter.ndim == x.ndim:
        return widen(parameter)
    if parameter.ndim != 1 or len(axes) != 1:
        raise ValueError(
            f"a parameter of shape {parameter.shape} does not lie along axes {axes} of {x.shape}: "
            "give a vector for one axis, or an array of the same rank with 1 on the other axes"
        )
    others = tuple(a for a in range(x.ndim) if a not in axes)
    return jnp.expand_dims(widen(parameter), others)
