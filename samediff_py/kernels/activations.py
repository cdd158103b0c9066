"""Activations, their derivatives, and the dense layer.

Gradients are finite wherever x is: at a kink they are those of one side, and far out nothing
overflows on the way to a result that does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array

from .normalization import softmax
from .numbers import fill_masked, floating
from .products import tensordot
from .slopes import plus_bias

# ---- smooth --------------------------------------------------------------------------------------


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return jax.nn.sigmoid(floating(x))


def log_sigmoid(x: Array) -> Array:
    """log(sigmoid(x)), which is x far below 0."""
    return jax.nn.log_sigmoid(floating(x))


def tanh(x: Array) -> Array:
    """The hyperbolic tangent."""
    return jnp.tanh(x)


def rational_tanh(x: Array) -> Array:
    """1.7159 tanh(2x/3) by a quotient of polynomials.

    1.7159 sign(y) (1 - 1/(1 + |y| + y^2 + 1.41645 y^4)) with y = 2x/3. One fraction instead of the
    difference: at 0, |y| has no derivative but the whole has.
    """
    x = floating(x)
    edge = float(jnp.finfo(x.dtype).eps) ** -0.25  # beyond, 1/y^4 is lost against 1
    y = jnp.clip(x * (2 / 3), -edge, edge)
    rest = 1 + jnp.abs(y) + 1.41645 * jnp.abs(y) ** 3
    return 1.7159 * y * rest / (1 + jnp.abs(y) * rest)


def softplus(x: Array) -> Array:
    """log(1 + exp(x)), which is x far above 0."""
    return jax.nn.softplus(x)


def softsign(x: Array) -> Array:
    """x / (1 + |x|)."""
    return jax.nn.soft_sign(x)


def swish(x: Array) -> Array:
    """x sigmoid(x)."""
    return jax.nn.silu(floating(x))


def gelu(x: Array) -> Array:
    """x sigmoid(1.702 x), the sigmoid form of the Gaussian error linear unit."""
    x = floating(x)
    return x * jax.nn.sigmoid(1.702 * x)


def precise_gelu(x: Array) -> Array:
    """x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), its tanh form."""
    x = floating(x)
    near = jnp.clip(x, -10, 10)  # beyond, tanh is +-1, and a cube could overflow
    return 0.5 * x * (1 + jnp.tanh(math.sqrt(2 / math.pi) * (near + 0.044715 * near**3)))


def elu(x: Array) -> Array:
    """x above 0, exp(x) - 1 below."""
    return jax.nn.elu(floating(x))


def selu(x: Array) -> Array:
    """1.0507 x above 0, 1.0507 * 1.6733 (exp(x) - 1) below (Klambauer et al. 2017)."""
    return jax.nn.selu(floating(x))


# ---- piecewise linear ----------------------------------------------------------------------------


def relu(x: Array, cutoff: float = 0.0) -> Array:
    """x from the cutoff on, 0 below it."""
    return jax.nn.relu(x) if cutoff == 0 else jnp.where(x < cutoff, 0, x)


def relu6(x: Array, cutoff: float = 0.0) -> Array:
    """min(max(x, cutoff), 6)."""
    low = min(cutoff, 6)
    return jnp.where(x <= low, jnp.asarray(low, x.dtype), jnp.where(x >= 6, 6, x))


def leaky_relu(x: Array, alpha: float = 0.01) -> Array:
    """x from 0 on, alpha x below."""
    x = floating(x)
    return jnp.where(x < 0, alpha * x, x)


def prelu(x: Array, alpha: Array, *, shared_axes: Sequence[int] = ()) -> Array:
    """x from 0 on, alpha x below, with a slope alpha for each element (He et al. 2015).

    alpha has the shape of x without the batch axis 0, and 1 along the shared axes; or as many
    numbers in another shape.
    """
    shared = {axis % x.ndim for axis in shared_axes}
    if 0 in shared:
        raise ValueError("the batch axis 0 shares the slopes of prelu anyway, leave it out")
    sizes = [1 if axis in shared else x.shape[axis] for axis in range(1, x.ndim)]
    if alpha.ndim != len(sizes) and math.prod(alpha.shape) != math.prod(sizes):
        raise ValueError(
            f"alpha of shape {alpha.shape} has not one slope for each of {tuple(sizes)}: name the "
            "axes that share theirs by shared_axes"
        )
    slope = alpha if alpha.ndim == len(sizes) else alpha.reshape(sizes)
    # Only what is negative reaches the product, and so the gradient of alpha.
    return jnp.where(x < 0, slope * jnp.where(x < 0, x, 0), x)


def crelu(x: Array) -> Array:
    """relu(x) beside relu(-x), along the last axis (Shang et al. 2016)."""
    return jnp.concatenate([relu(x), relu(-x)], axis=-1)


def hard_sigmoid(x: Array) -> Array:
    """0.2 x + 0.5 between 0 and 1."""
    return jnp.clip(0.2 * floating(x) + 0.5, 0, 1)


def hard_tanh(x: Array) -> Array:
    """x between -1 and 1."""
    return jax.nn.hard_tanh(x)


def rectified_tanh(x: Array) -> Array:
    """max(tanh(x), 0)."""
    return relu(jnp.tanh(x))


# ---- derivatives ---------------------------------------------------------------------------------


def sigmoid_derivative(x: Array, wrt: Array) -> Array:
    """The gradient wrt at sigmoid(x), passed back to x: wrt sigmoid(x) (1 - sigmoid(x))."""
    x = floating(x)
    return wrt * jax.nn.sigmoid(x) * jax.nn.sigmoid(-x)


def hard_tanh_derivative(x: Array) -> Array:
    """1 from -1 to 1, else 0."""
    return (jnp.abs(x) <= 1).astype(x.dtype)


def leaky_relu_derivative(x: Array, alpha: float = 0.01) -> Array:
    """1 from 0 on, alpha below."""
    return jnp.where(x >= 0, jnp.ones((), floating(x).dtype), alpha)


def softsign_derivative(x: Array) -> Array:
    """1 / (1 + |x|)^2."""
    return jnp.square(1 / (1 + jnp.abs(x)))


def softmax_derivative(
    x: Array, wrt: Array, axis: int = -1, *, where: Array | None = None
) -> Array:
    """The gradient wrt at s = softmax(x), passed back to x: s (wrt - sum(s wrt)) along the axis."""
    s, wrt = softmax(x, axis, where=where), fill_masked(wrt, where, 0)
    return s * (wrt - jnp.sum(s * wrt, axis, keepdims=True))


# ---- layers --------------------------------------------------------------------------------------


def bias_add(x: Array, bias: Array, *, nchw: bool = False) -> Array:
    """x plus one number per channel: along axis 1 with `nchw`, else along the last."""
    return x + jnp.expand_dims(bias, tuple(range(1, x.ndim - 1))) if nchw else plus_bias(x, bias)


def linear(x: Array, weights: Array, bias: Array | None = None) -> Array:
    """x weights + bias over the last axis of x: [..., n] and [n, m] give [..., m]."""
    product = tensordot(x, weights, axes=1)
    return product if bias is None else plus_bias(product, bias)


def relu_layer(x: Array, weights: Array, bias: Array | None = None) -> Array:
    """max(x weights + bias, 0)."""
    return relu(linear(x, weights, bias))
