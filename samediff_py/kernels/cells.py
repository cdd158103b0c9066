"""Single steps of recurrent layers: LSTM and GRU."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
from jax import Array

from .activations import linear
from .numbers import check_floating

Activation = Callable[[Array], Array]


def lstm_cell(
    x: Array,
    c_last: Array,
    y_last: Array,
    weights: Array,
    bias: Array,
    input_peephole_weights: Array | None = None,
    forget_peephole_weights: Array | None = None,
    output_peephole_weights: Array | None = None,
    *,
    peep_hole: bool = False,
    forget_bias: float = 0.0,
    clipping_cell_value: float = 0.0,
) -> tuple[Array, ...]:
    """One step: i, c, f, o, z, h = tanh(c), y = o h; i, f, o with sigmoid, z with tanh.

    The rows of the weights [in + units, 4 units] meet x, then y; their columns are i, z, f, o.
    Without `peep_hole` the peephole weights don't count.
    """
    given = input_peephole_weights, forget_peephole_weights, output_peephole_weights
    product = affine(jnp.concatenate([x, y_last], axis=-1), weights, bias)
    return block_step(
        product, c_last, peepholes(given, peep_hole), forget_bias, clipping_cell_value
    )


def gru_cell(
    x: Array,
    h_last: Array,
    ru_weight: Array,
    c_weight: Array,
    ru_bias: Array | None = None,
    c_bias: Array | None = None,
) -> tuple[Array, Array, Array, Array]:
    """One step: r, u, c, h. Other than in `gru` the reset gate acts before the product.

    r, u = sigmoid([x h] W_ru + b_ru);  c = tanh([x  r h] W_c + b_c);  h = u h + (1 - u) c.
    """
    gates = jax.nn.sigmoid(affine(jnp.concatenate([x, h_last], axis=-1), ru_weight, ru_bias))
    r, u = jnp.split(gates, 2, axis=-1)
    c = jnp.tanh(affine(jnp.concatenate([x, r * h_last], axis=-1), c_weight, c_bias))
    return r, u, c, u * h_last + (1 - u) * c


def lstm_step(
    blocks: Sequence[Array],
    c_last: Array,
    peephole: Sequence[Array] | None,
    functions: Sequence[Activation],
    clip: float,
) -> tuple[Array, ...]:
    """i, c, f, o, z, h, y of one step, from the pre-activations i, f, z, o."""
    gate, block, output = functions
    i, f, z, o = blocks
    if peephole is not None:
        i, f = i + c_last * peephole[0], f + c_last * peephole[1]
    i, f, z = gate(i), gate(f), block(z)
    c = f * c_last + i * z
    if clip > 0:
        c = jnp.clip(c, -clip, clip)
    if peephole is not None:
        o = o + c * peephole[2]
    o, h = gate(o), output(c)
    return i, c, f, o, z, h, o * h


def block_step(
    product: Array,
    c_last: Array,
    peephole: Sequence[Array] | None,
    forget_bias: float,
    clip: float,
) -> tuple[Array, ...]:
    """A step from the columns i, z, f, o, with tanh and sigmoid."""
    i, z, f, o = jnp.split(product, 4, axis=-1)
    functions = jax.nn.sigmoid, jnp.tanh, jnp.tanh
    return lstm_step((i, f + forget_bias, z, o), c_last, peephole, functions, clip)


def peepholes(given: Sequence[Array | None], wanted: bool) -> list[Array] | None:
    """The three peephole weights, if they count."""
    there = [weights for weights in given if weights is not None]
    if wanted and len(there) < 3:
        raise ValueError("peep_hole needs all three peephole weights")
    return there if wanted else None


def affine(x: Array, weights: Array, bias: Array | None) -> Array:
    """`linear` of floating point numbers alone, since states begin in the dtype of x."""
    check_floating(x)
    return linear(x, weights, bias)
