"""Recurrent layers: LSTM and GRU over whole sequences.

`mask` [batch, time] says which steps are real, whatever the data format. The others hold the
state, in both directions, and give 0 in the sequence. So the last state is that of the real step
processed last, or the initial one where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from .cells import Activation, affine, block_step, lstm_step, peepholes
from .numbers import fill_masked
from .products import matmul

State = tuple[Array, ...]

_ACTIVATIONS: Mapping[str, Activation] = {
    "TANH": jnp.tanh,
    "RELU": jax.nn.relu,
    "SIGMOID": jax.nn.sigmoid,
    "HARD_SIGMOID": lambda x: jnp.clip(0.2 * x + 0.5, 0, 1),
    "SOFTSIGN": jax.nn.soft_sign,
    "SOFTPLUS": jax.nn.softplus,
}

# Transpositions of the input to [time, batch, features], and of the sequence back from there.
# The letters: T time, N batch, S features, 2 direction.
_TO_STEPS = {"TNS": (0, 1, 2), "NTS": (1, 0, 2), "NST": (2, 0, 1), "T2NS": (0, 1, 2)}
_FROM_STEPS = {"TNS": (0, 1, 2), "NTS": (1, 0, 2), "NST": (1, 2, 0), "T2NS": (0, 1, 2, 3)}

# What becomes of the sequences [time, batch, units] of all directions.
_JOINED: Mapping[str, Callable[[Sequence[Array]], Array]] = {
    "FWD": lambda sequences: sequences[0],
    "BWD": lambda sequences: sequences[0],
    "BIDIR_SUM": lambda sequences: sequences[0] + sequences[1],
    "BIDIR_CONCAT": partial(jnp.concatenate, axis=-1),
    "BIDIR_EXTRA_DIM": partial(jnp.stack, axis=1),
}


def lstm_layer(
    x: Array,
    weights: Array,
    recurrent_weights: Array,
    bias: Array | None = None,
    peephole_weights: Array | None = None,
    c_last: Array | None = None,
    y_last: Array | None = None,
    max_ts_length: Array | int | None = None,
    *,
    data_format: str = "TNS",
    direction: str = "FWD",
    gate_activation: str = "SIGMOID",
    cell_activation: str = "TANH",
    output_activation: str = "TANH",
    cell_clip: float = 0.0,
    return_full_sequence: bool = True,
    return_last_h: bool = False,
    return_last_c: bool = False,
    mask: Array | None = None,
) -> tuple[Array, ...]:
    """[i f z o] = x W + h R + b;  c = gate(f) c + gate(i) cell(z);  h = gate(o) output(c).

    Hochreiter and Schmidhuber 1997; peepholes (blocks i, f, o; o sees the new c) by Gers and
    Schmidhuber 2000. A `cell_clip` above 0 bounds c. The outputs asked for come in the order
    sequence, last h, last c. In a BIDIR direction every array but x holds two, forward and
    backward, along a leading axis, and so do the last states; the sequences, each h at the step
    it belongs to, are summed, concatenated, or stacked to [time, 2, batch, units].
    `max_ts_length` [batch]: steps from it on are as if they were not there; 0 gives zeros.
    """
    wanted = return_full_sequence, return_last_h, return_last_c
    if not any(wanted):
        raise ValueError("lstm_layer is asked for no output")
    join = _option(_JOINED, "direction", direction)
    layout = _layout(data_format, direction)
    activations = gate_activation, cell_activation, output_activation
    functions = [_option(_ACTIVATIONS, "activation", name) for name in activations]
    layer = partial(_lstm, partial(_lstm_recurrence, functions, cell_clip))
    arrays = weights, recurrent_weights, bias, peephole_weights, c_last, y_last
    steps, valid = _steps(x, mask, layout, max_ts_length)
    runs = [layer(steps, valid, backward, *own) for backward, own in _split(direction, arrays)]
    sequences, h, c = zip(*runs, strict=True)
    started = None if max_ts_length is None else jnp.asarray(max_ts_length)[..., None] > 0
    last_h, last_c = (fill_masked(_stacked(states), started, 0) for states in (h, c))
    outputs = _from_steps(join(sequences), layout), last_h, last_c
    return tuple(y for y, want in zip(outputs, wanted, strict=True) if want)


def gru(
    x: Array,
    h_last: Array,
    input_weights: Array,
    recurrent_weights: Array,
    bias: Array | None = None,
    *,
    data_format: str = "TNS",
    direction: str = "FWD",
    mask: Array | None = None,
) -> Array:
    """h = u h + (1 - u) tanh(a_c + r g_c), with a = x W + b, g = h R, r, u = sigmoid(a + g).

    Cho et al. 2014, the reset gate acting behind the product. Columns: reset, update, candidate.
    Directions as for `lstm_layer`.
    """
    join, layout = _option(_JOINED, "direction", direction), _layout(data_format, direction)
    steps, valid = _steps(x, mask, layout)
    arrays = h_last, input_weights, recurrent_weights, bias
    runs = [_gru(steps, valid, backward, *own) for backward, own in _split(direction, arrays)]
    return _from_steps(join(runs), layout)


def _gru(
    steps: Array, valid: Array | None, backward: bool, h: Array, weights: Array, recurrent: Array,
    bias: Array | None,
) -> Array:  # fmt: skip
    """h at every step [time, batch, units], in one direction."""
    units = recurrent.shape[0]
    gates, candidate = jnp.split(affine(steps, weights, bias), [2 * units], axis=-1)
    # The candidate's two summands stay apart, so nothing is added to its share of the product.
    addends = jnp.pad(gates, ((0, 0), (0, 0), (0, units)))
    _, sequence = _recur(
        _gru_recurrence, backward, recurrent, None, (h,), addends, candidate, valid
    )
    return fill_masked(sequence, valid, 0)


def lstm_block(
    x: Array,
    weights: Array,
    bias: Array,
    c_last: Array | None = None,
    y_last: Array | None = None,
    input_peephole_weights: Array | None = None,
    forget_peephole_weights: Array | None = None,
    output_peephole_weights: Array | None = None,
    max_ts_length: Array | int | None = None,
    *,
    data_format: str = "TNS",
    peep_hole: bool = False,
    forget_bias: float = 0.0,
    clipping_cell_value: float = 0.0,
    mask: Array | None = None,
) -> tuple[Array, ...]:
    """The seven outputs i, c, f, o, z, h, y of `lstm_cell` at every step, laid out as x is."""
    layout = _layout(data_format, "FWD")
    given = input_peephole_weights, forget_peephole_weights, output_peephole_weights
    options = peepholes(given, peep_hole), forget_bias, clipping_cell_value
    steps, valid = _steps(x, mask, layout, max_ts_length)
    own, recurrent = jnp.split(weights, [steps.shape[-1]])
    zeros = jnp.zeros((steps.shape[1], recurrent.shape[0]), steps.dtype)

    def step(state: State, at: tuple) -> tuple[State, State]:
        addend, real = at
        outs = block_step(addend + state[1] @ recurrent, state[0], *options)
        return _held(real, (outs[1], outs[-1]), state), outs

    state = zeros if c_last is None else c_last, zeros if y_last is None else y_last
    _, sequences = lax.scan(step, state, (affine(steps, own, bias), valid))
    return tuple(_from_steps(fill_masked(s, valid, 0), layout) for s in sequences)


# ---- steps of the recurrences --------------------------------------------------------------------


def _lstm_recurrence(functions, clip: float, peephole, state: State, z: Array, _: None) -> State:
    step = lstm_step(jnp.split(z, 4, axis=-1), state[1], peephole, functions, clip)
    return step[-1], step[1]


def _gru_recurrence(_: None, state: State, z: Array, candidate: Array) -> State:
    r, u, product = jnp.split(z, 3, axis=-1)
    r, u = jax.nn.sigmoid(r), jax.nn.sigmoid(u)
    return (u * state[0] + (1 - u) * jnp.tanh(candidate + r * product),)


def _lstm(cell, steps, valid, backward: bool, weights, recurrent_weights, bias, peephole, c, y):
    """Sequence [time, batch, units], last h and last c of one direction."""
    zeros = jnp.zeros((steps.shape[1], recurrent_weights.shape[0]), steps.dtype)
    state = zeros if y is None else y, zeros if c is None else c
    parts = None if peephole is None else jnp.split(peephole, 3)
    addends = affine(steps, weights, bias)
    last, sequence = _recur(cell, backward, recurrent_weights, parts, state, addends, None, valid)
    return fill_masked(sequence, valid, 0), *last


# ---- the recurrence ------------------------------------------------------------------------------


def _scan(
    cell: Callable[[Any, State, Array, Any], State],
    backward: bool,
    recurrent_weights: Array,
    parameters: Any,
    state: State,
    addends: Array,
    inputs: Any,
    valid: Array | None,
) -> tuple[State, Array]:
    """The last state of s = cell(parameters, s, a_t + h R, x_t), and h of each step.

    h is the first part of the state s; the addends a and the inputs x are [time, batch, ...].
    """

    def step(state: State, at: tuple) -> tuple[State, Array]:
        addend, x, real = at
        new = cell(parameters, state, addend + state[0] @ recurrent_weights, x)
        new = _held(real, new, state)
        return new, new[0]

    return lax.scan(step, state, (addends, inputs, valid), reverse=backward)


def _held(real: Array | None, new: State, state: State) -> State:
    """The new state, or the old one in rows where the step is not real."""
    if real is None:
        return new
    return tuple(jnp.where(real, n, old) for n, old in zip(new, state, strict=True))


_recur = jax.custom_jvp(_scan, nondiff_argnums=(0, 1))


@_recur.defjvp
def _recur_jvp(cell, backward, primals, tangents):
    """The tangent dR of the recurrent weights adds h dR to the addend of each step.

    These products are one over all steps, and so is the gradient of R, which is its transpose.
    A scan by itself would sum that gradient up step by step, reading and writing it each time.
    """
    weights, parameters, state, addends, inputs, valid = primals
    d_weights, d_parameters, d_state, d_addends, d_inputs, _ = tangents

    def scan(parameters, state, addends, inputs):
        return _scan(cell, backward, weights, parameters, state, addends, inputs, valid)

    (last, sequence), tangent = jax.linearize(scan, parameters, state, addends, inputs)
    started_from = _shifted(state[0], sequence, backward)
    d_addends = d_addends + matmul(started_from, d_weights)
    return (last, sequence), tangent(d_parameters, d_state, d_addends, d_inputs)


def _shifted(first: Array, sequence: Array, backward: bool) -> Array:
    """What each step started from."""
    if backward:
        return jnp.concatenate([sequence, first[None]])[1:]
    return jnp.concatenate([first[None], sequence])[:-1]


# ---- layouts and options -------------------------------------------------------------------------


def _steps(
    x: Array, mask: Array | None, layout: str, lengths: Array | int | None = None
) -> tuple[Array, Array | None]:
    """x as [time, batch, features] and the mask as [time, batch, 1]."""
    if x.ndim != 3:
        raise ValueError(f"x is a sequence of three axes, {layout}, not of shape {x.shape}")
    steps = x.transpose(_TO_STEPS[layout])
    if lengths is not None:
        mask = _within(lengths, steps, mask)
    return steps, None if mask is None else mask.T[..., None]


def _within(lengths: Array | int, steps: Array, mask: Array | None) -> Array:
    """The mask [batch, time] without the steps from these lengths on, which are [batch] or one."""
    time, batch = steps.shape[:2]
    if jnp.shape(lengths) not in ((), (batch,)):
        raise ValueError(
            f"max_ts_length is a number, or [batch] of them, not of shape {jnp.shape(lengths)}"
        )
    inside = jnp.arange(time) < jnp.broadcast_to(jnp.asarray(lengths), (batch,))[:, None]
    return inside if mask is None else inside & mask


def _from_steps(sequence: Array, layout: str) -> Array:
    return sequence.transpose(_FROM_STEPS[layout])


def _split(direction: str, arrays: Sequence[Array | None]) -> list[tuple[bool, list]]:
    """For each direction: whether time runs backward, and its own arrays."""
    if not direction.startswith("BIDIR"):
        return [(direction == "BWD", list(arrays))]
    return [(bool(d), [a if a is None else a[d] for a in arrays]) for d in (0, 1)]


def _stacked(states: Sequence[Array]) -> Array:
    return states[0] if len(states) == 1 else jnp.stack(states)


def _layout(data_format: str, direction: str) -> str:
    """The data format, which is T2NS where the directions are stacked."""
    _option(_TO_STEPS, "data_format", data_format)
    stacked = direction == "BIDIR_EXTRA_DIM"
    if stacked and data_format == "TNS":
        return "T2NS"
    if stacked != (data_format == "T2NS"):
        raise ValueError(f"direction={direction!r} does not go with data_format={data_format!r}")
    return data_format


def _option(table: Mapping[str, Any], option: str, name: str) -> Any:
    if name not in table:
        raise ValueError(f"{option}={name!r} is not supported: give one of {', '.join(table)}")
    return table[name]
