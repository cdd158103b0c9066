"""Recurrent layers against loops in numpy; masked steps against their absence."""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from jax.test_util import check_grads
from kernels.helpers import assert_close, prefixes, random
from scipy.special import expit

from samediff_py.kernels.cells import gru_cell, lstm_cell
from samediff_py.kernels.recurrent import gru, lstm_layer

TIME, BATCH, INPUTS, UNITS = 5, 4, 3, 2
LENGTHS = [5, 2, 0, 3]
PREFIX = prefixes(LENGTHS, TIME)
GAPPY = np.array([[1, 0, 1, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
FORMATS = {"TNS": (0, 1, 2), "NTS": (1, 0, 2), "NST": (1, 2, 0)}  # from [time, batch, features]
ACTIVATIONS = {
    "TANH": np.tanh,
    "RELU": lambda x: np.maximum(x, 0),
    "SIGMOID": expit,
    "HARD_SIGMOID": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "SOFTSIGN": lambda x: x / (1 + np.abs(x)),
    "SOFTPLUS": lambda x: np.logaddexp(x, 0),
}
masks = pytest.mark.parametrize("mask", [None, GAPPY], ids=["all", "gappy"])
everything = partial(lstm_layer, return_last_h=True, return_last_c=True)


def lstm_arrays(*lead, dtype=np.float32):
    """x as [time, batch, features], and the arrays of an LSTM with all its options."""
    blocks = (INPUTS, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), (3 * UNITS,)
    shapes = *blocks, (BATCH, UNITS), (BATCH, UNITS)
    return random((TIME, BATCH, INPUTS), *((*lead, *shape) for shape in shapes), dtype=dtype)


def gru_arrays(dtype=np.float32):
    return random(
        (TIME, BATCH, INPUTS),
        (BATCH, UNITS),
        (INPUTS, 3 * UNITS),
        (UNITS, 3 * UNITS),
        (3 * UNITS,),
        dtype=dtype,
    )


# ---- references: the real steps of one example, one after the other ------------------------------


def lstm_reference(x, w, r, b, p, c, h, names=("SIGMOID", "TANH", "TANH"), clip=np.inf):
    """h of each step of x [time, features], last h, last c."""
    gate, block, output = (ACTIVATIONS[name] for name in names)
    p = np.split(p, 3)
    sequence = []
    for row in x:
        i, f, z, o = np.split(row @ w + h @ r + b, 4)
        c = gate(f + p[1] * c) * c + gate(i + p[0] * c) * block(z)
        c = np.clip(c, -clip, clip)
        h = gate(o + p[2] * c) * output(c)
        sequence.append(h)
    return np.reshape(sequence, (len(x), UNITS)), h, c


def gru_reference(x, h, w, r, b):
    sequence = []
    for row in x:
        a, g = np.split(row @ w + b, 3), np.split(h @ r, 3)
        reset, update = expit(a[0] + g[0]), expit(a[1] + g[1])
        h = update * h + (1 - update) * np.tanh(a[2] + reset * g[2])
        sequence.append(h)
    return np.reshape(sequence, (len(x), UNITS)), h


def layer_reference(x, weights, states, mask, reverse=False, reference=lstm_reference, **options):
    """Sequence [time, batch, units], 0 at masked steps, and the last states."""
    x, weights, states = jax.tree.map(np.asarray, (x, weights, states))
    mask = np.ones((BATCH, TIME), bool) if mask is None else mask
    sequence, last = np.zeros((TIME, BATCH, UNITS)), []
    for n in range(BATCH):
        real = np.flatnonzero(mask[n])[:: -1 if reverse else 1]
        own = [*weights, *(s[n] for s in states)]
        sequence[real, n], *ends = reference(x[real, n], *own, **options)
        last.append(ends)
    return sequence, *map(np.array, zip(*last, strict=True))


def assert_all_close(actual, expected, **tolerances):
    for a, e in zip(actual, expected, strict=True):
        assert_close(a, e, **tolerances)


# ---- LSTM ----------------------------------------------------------------------------------------


@masks
@pytest.mark.parametrize(
    "direction, data_format", [("FWD", "TNS"), ("BWD", "TNS"), ("BWD", "NTS"), ("FWD", "NST")]
)
def test_lstm_layer(data_format, direction, mask):
    x, *weights, c, y = lstm_arrays()
    expected = layer_reference(x, weights, (c, y), mask, reverse=direction == "BWD")
    axes = FORMATS[data_format]
    options = {"data_format": data_format, "direction": direction, "mask": mask}
    outputs = everything(x.transpose(axes), *weights, c, y, **options)
    assert_all_close(outputs, [expected[0].transpose(axes), *expected[1:]])


@masks
@pytest.mark.parametrize(
    "mode, data_format",
    [
        ("BIDIR_SUM", "NTS"),
        ("BIDIR_CONCAT", "NST"),
        ("BIDIR_EXTRA_DIM", "TNS"),
        ("BIDIR_EXTRA_DIM", "T2NS"),
    ],
)
def test_lstm_layer_in_both_directions(mode, data_format, mask):
    x, *weights, c, y = lstm_arrays(2)
    each = [
        layer_reference(x, [w[d] for w in weights], (c[d], y[d]), mask, reverse=bool(d))
        for d in (0, 1)
    ]
    forward, backward = (run[0] for run in each)
    expected = {
        "BIDIR_SUM": forward + backward,
        "BIDIR_CONCAT": np.concatenate([forward, backward], axis=-1),
        "BIDIR_EXTRA_DIM": np.stack([forward, backward], axis=1),
    }[mode]
    last = [np.stack(states) for states in zip(*(run[1:] for run in each), strict=True)]
    if mode != "BIDIR_EXTRA_DIM":
        x, expected = (a.transpose(FORMATS[data_format]) for a in (x, expected))
    options = {"data_format": data_format, "direction": mode, "mask": mask}
    assert_all_close(everything(x, *weights, c, y, **options), [expected, *last])


@pytest.mark.parametrize("shift", range(len(ACTIVATIONS)))
def test_activations(shift):
    names = np.roll(list(ACTIVATIONS), shift)[:3]
    x, *weights, c, y = lstm_arrays()
    expected = layer_reference(x, weights, (c, y), None, names=names)
    kinds = "gate_activation", "cell_activation", "output_activation"
    outputs = everything(x, *weights, c, y, **dict(zip(kinds, names, strict=True)))
    assert_all_close(outputs, expected, rtol=1e-4, atol=1e-4)


def test_clip_bounds_the_cell():
    x, *weights, c, y = lstm_arrays()
    expected = layer_reference(x, weights, (c, y), PREFIX, clip=0.25)
    outputs = everything(x, *weights, c, y, cell_clip=0.25, mask=PREFIX)
    assert_all_close(outputs, expected)
    assert abs(outputs[2][:2]).max() == 0.25


def test_what_is_not_given_is_zero():
    x, w, r, *rest = lstm_arrays()
    bias, peephole, c, y = (jnp.zeros_like(a) for a in rest)
    np.testing.assert_allclose(lstm_layer(x, w, r)[0], lstm_layer(x, w, r, bias, peephole, c, y)[0])


@pytest.mark.parametrize("wanted", [(1, 0, 0), (0, 1, 0), (1, 0, 1), (0, 1, 1)], ids=str)
def test_outputs_are_those_asked_for_in_order(wanted):
    x, *weights, c, y = lstm_arrays()
    names = "return_full_sequence", "return_last_h", "return_last_c"
    outputs = lstm_layer(x, *weights, c, y, **dict(zip(names, map(bool, wanted), strict=True)))
    expected = layer_reference(x, weights, (c, y), None)
    assert isinstance(outputs, tuple)
    assert_all_close(outputs, [e for e, want in zip(expected, wanted, strict=True) if want])


@pytest.mark.parametrize(
    "options",
    [
        {"return_full_sequence": False},
        {"direction": "UP"},
        {"data_format": "STN"},
        {"data_format": "T2NS"},
        {"data_format": "NTS", "direction": "BIDIR_EXTRA_DIM"},
        {"gate_activation": "ELU"},
    ],
    ids=str,
)
def test_refusals(options):
    x, w, r, *_ = lstm_arrays()
    with pytest.raises(ValueError):
        lstm_layer(x, w, r, **options)


def test_lstm_cell_is_a_step_of_the_layer():
    x, w, r, b, p, c, y = lstm_arrays()
    expected = everything(x[:1], w, r, b, p, c, y, cell_clip=0.5)
    in_cell = np.array([0, 1, 4, 5, 2, 3, 6, 7])  # the columns i, z, f, o; the layer has i, f, z, o
    weights = jnp.concatenate([w, r])[:, in_cell], b[in_cell].at[4:6].add(-0.75)
    options = {"peep_hole": True, "forget_bias": 0.75, "clipping_cell_value": 0.5}
    step = lstm_cell(x[0], c, y, *weights, *jnp.split(p, 3), **options)
    i, new_c, f, o, z, h, new_y = step
    assert_all_close([new_y, new_c], expected[1:])
    assert_all_close([new_y, new_c, h], [o * h, jnp.clip(f * c + i * z, -0.5, 0.5), np.tanh(new_c)])


def test_lstm_cell_counts_peepholes_only_if_told():
    x, w, r, b, p, c, y = lstm_arrays()
    weights = jnp.concatenate([w, r])
    without = lstm_cell(x[0], c, y, weights, b)
    assert_all_close(lstm_cell(x[0], c, y, weights, b, *jnp.split(p, 3)), without)
    with pytest.raises(ValueError, match="peephole"):
        lstm_cell(x[0], c, y, weights, b, p[:UNITS], peep_hole=True)


# ---- GRU -----------------------------------------------------------------------------------------


@masks
@pytest.mark.parametrize("data_format", ["TNS", "NTS"])
def test_gru(data_format, mask):
    x, h, *weights = gru_arrays()
    reference = lambda x, w, r, b, h: gru_reference(x, h, w, r, b)  # noqa: E731
    expected, _ = layer_reference(x, weights, (h,), mask, reference=reference)
    axes = FORMATS[data_format]
    sequence = gru(x.transpose(axes), h, *weights, data_format=data_format, mask=mask)
    assert_all_close([sequence], [expected.transpose(axes)])


def test_gru_refuses_other_formats():
    with pytest.raises(ValueError, match="data_format"):
        gru(*gru_arrays(), data_format="SNT")


def test_gru_cell_resets_before_the_product():
    x, h, ru, cw, rub, cb = random((4, 3), (4, 2), (5, 4), (5, 2), (4,), (2,))
    gates = expit(np.concatenate([x, h], -1) @ ru + rub)
    r, u = gates[:, :2], gates[:, 2:]
    c = np.tanh(np.concatenate([x, r * h], -1) @ cw + cb)
    assert_all_close(gru_cell(x, h, ru, cw, rub, cb), [r, u, c, u * h + (1 - u) * c])
    zeros = gru_cell(x, h, ru, cw, jnp.zeros(4), jnp.zeros(2))
    assert_all_close(gru_cell(x, h, ru, cw), zeros)


# ---- both ----------------------------------------------------------------------------------------

LAYERS = {
    "lstm": (partial(everything, direction="BWD"), lstm_arrays),
    "gru": (gru, gru_arrays),
}
layers = pytest.mark.parametrize("name", LAYERS)


@cache
def gradients(name):
    """The compiled loss and its gradients, a function of the mask and the arrays."""
    layer, arrays = LAYERS[name]

    def loss(mask, *inputs):
        return sum((jnp.sin(y) + y).sum() for y in jax.tree.leaves(layer(*inputs, mask=mask)))

    return jax.jit(jax.value_and_grad(loss, argnums=tuple(range(1, 1 + len(arrays())))))


@layers
def test_masked_steps_leave_no_trace(name):
    x, *arrays = LAYERS[name][1]()
    real = GAPPY.T[..., None]
    clean, poisoned = (
        gradients(name)(GAPPY, jnp.where(real, x, poison), *arrays) for poison in (0, 1e30)
    )
    jax.tree.map(np.testing.assert_array_equal, clean, poisoned)
    gradient_of_x = clean[1][0]
    assert not jnp.where(real, 0, gradient_of_x).any() and jnp.where(real, gradient_of_x, 1).all()


@layers
def test_gradients_are_those_of_the_sequence_cut(name):
    x, *arrays = LAYERS[name][1]()
    short = np.broadcast_to(np.arange(TIME) < 2, (BATCH, TIME))
    loss, (of_x, *masked) = gradients(name)(short, x, *arrays)
    expected, (of_cut, *cut) = gradients(name)(None, x[:2], *arrays)
    assert_all_close([loss, of_x[:2], *masked], [expected, of_cut, *cut], rtol=1e-4, atol=1e-5)


@layers
def test_gradients_by_differences(name):
    layer, arrays = LAYERS[name]
    with jax.enable_x64(True):
        check_grads(jax.jit(partial(layer, mask=GAPPY)), arrays(dtype=np.float64), order=1)


def test_second_derivative_by_differences():
    with jax.enable_x64(True):
        given = gru_arrays(dtype=np.float64)

        @jax.jit
        @jax.grad
        def slope(t):
            return jnp.sin(gru(*(a + t * jnp.cos(a) for a in given))).sum()

        differences = (slope(1e-5) - slope(-1e-5)) / 2e-5
        np.testing.assert_allclose(jax.jacfwd(slope)(0.0), differences, rtol=1e-6)


def equations(jaxpr):
    for equation in jaxpr.eqns:
        yield equation
        for inner in jax.tree.leaves(list(equation.params.values())):
            if hasattr(inner, "eqns"):
                yield from equations(inner)


@layers
def test_gradient_of_the_recurrent_weights_is_one_product(name):
    """No scan sums it up step by step: none has an output of the recurrent weights' shape."""
    arrays = LAYERS[name][1]()
    jaxpr = jax.make_jaxpr(gradients(name))(GAPPY, *arrays)
    scans = [e for e in equations(jaxpr) if e.primitive.name == "scan"]
    shape = arrays[2 if name == "lstm" else 3].shape[-2:]
    assert scans and shape not in [v.aval.shape for scan in scans for v in scan.outvars]


@pytest.mark.parametrize("name, dtype", [("lstm", jnp.float16), ("gru", jnp.bfloat16)])
def test_half_precision(name, dtype):
    layer, arrays = LAYERS[name]
    run = jax.jit(partial(layer, mask=GAPPY))
    with jax.numpy_dtype_promotion("strict"):
        outputs = jax.tree.leaves(run(*arrays(dtype=dtype)))
    assert {y.dtype for y in outputs} == {jnp.dtype(dtype)}
    exact = jax.tree.leaves(run(*arrays()))
    assert_all_close([y.astype(np.float32) for y in outputs], exact, atol=0.1, rtol=0.1)


def test_symbolic_sizes():
    time, batch = export.symbolic_shape("time, batch")
    mask = jax.ShapeDtypeStruct((batch, time), bool)

    def shapes(fn, *inputs):
        inputs = [jax.ShapeDtypeStruct(shape, np.float32) for shape in inputs]
        return [y.shape for y in jax.tree.leaves(jax.eval_shape(fn, *inputs, mask=mask))]

    layer = partial(everything, data_format="NST", direction="BIDIR_CONCAT")
    last = (2, batch, 2)
    expected = [(batch, 4, time), last, last]
    assert shapes(layer, (batch, 3, time), (2, 3, 8), (2, 2, 8)) == expected
    assert shapes(gru, (time, batch, 3), (batch, 2), (3, 6), (2, 6)) == [(time, batch, 2)]
