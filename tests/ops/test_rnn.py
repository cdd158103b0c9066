"""sd.rnn: native calls as recorded, Java's structs, lengths beside masks, refusals."""

import jax
import numpy as np
import pytest
from golden_calls import array
from ops.deviations.rnn import lstm_block
from ops.natives import answers, differences, natives
from ops.references import lstm_layer

from samediff_py import SameDiff, configs
from samediff_py.foundation.errors import GraphError, MaskError

LENGTHS = np.array([5, 2, 3])


def draw(*shape):
    return np.random.default_rng(shape).normal(size=shape).astype(np.float32)


WEIGHTS = {"weights": draw(2, 16), "recurrent_weights": draw(4, 16), "bias": draw(16)}
X, C, Y = draw(3, 5, 2), draw(3, 4), draw(3, 4) + 1
IN_JAVA = configs.LSTMLayerWeights(WEIGHTS["weights"], WEIGHTS["recurrent_weights"], draw(16))


@pytest.mark.parametrize("record", natives("rnn", "native6"), ids=lambda r: r["id"])
def test_native_calls(record):
    assert differences(record) == []


def test_lstm_block_stops_at_its_length():
    record = next(r for r in natives("rnn") if r["id"] == "rnn.lstmblock/native6")
    ins = [array(record, f"in{k}") for k in range(9)]
    assert ins[0] == 2 < len(ins[1])
    for have, want in zip(answers(record), lstm_block(*ins[:5], ins[8]), strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-6)


# Java's spelling.


def test_config_structs_have_samediffs_defaults():
    layer = configs.LSTMLayerConfig().parameters()
    assert layer == {
        "data_format": "TNS", "direction": "FWD", "gate_activation": "SIGMOID",
        "cell_activation": "TANH", "output_activation": "TANH", "return_full_sequence": True,
        "return_last_h": False, "return_last_c": False, "cell_clip": 0.0,
    }  # fmt: skip
    assert configs.LSTMConfiguration().parameters() == {
        "data_format": "TNS", "peep_hole": False, "forget_bias": 0.0, "clipping_cell_value": 0.0,
    }  # fmt: skip


def test_config_structs_are_built_as_in_java():
    built = (
        configs.LSTMLayerConfig.builder()
        .lstmdataformat(configs.LSTMDataFormat.NTS)
        .directionMode("BWD")
        .gateAct(configs.LSTMActivations.HARD_SIGMOID)
        .build()
    )
    told = built.parameters()
    assert (told["data_format"], told["direction"]) == ("NTS", "BWD")
    assert told["gate_activation"] == "HARD_SIGMOID"
    with pytest.raises(GraphError, match="directionMode must be one of FWD"):
        configs.LSTMLayerConfig(directionMode="SIDEWAYS").parameters()


def test_lstm_layer_gives_a_list_in_java_and_a_variable_in_python():
    sd = SameDiff.create()
    x = sd.constant(X, "x")
    config = configs.LSTMLayerConfig(lstmdataformat="NTS")
    (java,) = sd.rnn().lstmLayer(["h"], x, IN_JAVA, config)
    assert java.name == "h"
    python = sd.rnn.lstm_layer(
        x, IN_JAVA.weights, IN_JAVA.rWeights, IN_JAVA.bias, data_format="NTS"
    )
    np.testing.assert_array_equal(java.eval(), python.eval())


def test_lstm_layer_takes_states_and_lengths_that_are_null():
    sd = SameDiff.create()
    x = sd.constant(X, "x")
    config = configs.LSTMLayerConfig(lstmdataformat="NTS", retLastC=True)
    outs = sd.rnn().lstmLayer(x, None, sd.constant(Y), None, IN_JAVA, config)
    want = lstm_layer(
        X, IN_JAVA.weights, IN_JAVA.rWeights, IN_JAVA.bias, y_last=Y, data_format="NTS",
        return_last_c=True,
    )  # fmt: skip
    for out, right in zip(outs, want, strict=True):
        np.testing.assert_allclose(out.eval(), right, rtol=1e-4, atol=1e-6)


def test_outputs_of_several_cells_have_names():
    sd = SameDiff.create()
    x, h = sd.constant(draw(3, 2)), sd.constant(draw(3, 4))
    weights = configs.GRUWeights(draw(6, 8), draw(6, 4))
    names = ["r", "u", "c", "h"]
    assert [v.name for v in sd.rnn().gruCell(names, x, h, weights)] == names


# Lengths and masks.


@pytest.mark.parametrize("direction", ["FWD", "BWD", "BIDIR_CONCAT"])
def test_lengths_are_counted_within_each_row(direction):
    """Alone, a row of 2 steps with a length of 4 has 2, and one of 5 with a length of 3 has 3."""
    both = (2,) if direction.startswith("BIDIR") else ()
    arrays = [draw(*both, *shape) for shape in ((2, 16), (4, 16), (16,), (12,))]
    limits = np.array([3, 4, 0])
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 2), mask="real")
    limit = sd.placeholder("limit", ("batch",), "int32")
    how = {"data_format": "NTS", "direction": direction, "return_last_h": True,
           "return_last_c": True}  # fmt: skip
    outs = sd.rnn.lstm_layer(x, *arrays, max_ts_length=limit, **how)
    rows = [X[i, :n] for i, n in enumerate(LENGTHS)]
    got = sd.output({"x": rows, "limit": limits}, [v.name for v in outs])
    for i, row in enumerate(rows):
        alone = lstm_layer(row[None], *arrays, max_ts_length=limits[i : i + 1], **how)
        sequence, *last = (got[v.name] for v in outs)
        np.testing.assert_allclose(sequence[i, : len(row)], alone[0][0], rtol=1e-4, atol=1e-6)
        for have, want in zip(last, alone[1:], strict=True):
            np.testing.assert_allclose(have[..., i, :], want[..., 0, :], rtol=1e-4, atol=1e-6)


def test_no_step_at_all_gives_a_last_state_of_0():
    sd = SameDiff.create()
    layer = sd.rnn.lstm_layer(
        sd.constant(X), **WEIGHTS, c_last=C, y_last=Y, max_ts_length=np.array([0, 1, 0]),
        data_format="NTS", return_last_h=True, return_last_c=True,
    )  # fmt: skip
    for out in layer:
        values = out.eval()
        assert not values[[0, 2]].any() and values[1].any()


def test_initial_states_are_what_their_names_say():
    sd = SameDiff.create()
    config = configs.LSTMLayerConfig(lstmdataformat="NTS", cellAct="SOFTSIGN", outAct="SIGMOID")
    (h,) = sd.rnn().lstmLayer(sd.constant(X), sd.constant(C), sd.constant(Y), None, IN_JAVA, config)
    want = lstm_layer(
        X, IN_JAVA.weights, IN_JAVA.rWeights, IN_JAVA.bias, None, C, Y, data_format="NTS",
        cell_activation="SOFTSIGN", output_activation="SIGMOID",
    )  # fmt: skip
    np.testing.assert_allclose(h.eval(), want[0], rtol=1e-4, atol=1e-6)


def test_a_state_with_missing_features_is_refused():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 2), mask="real")
    c = sd.placeholder("c", ("batch", 4))
    known = sd.placeholder("known", ("batch", 4), "bool")
    with pytest.raises(MaskError, match="every feature"):
        sd.rnn.lstm_layer(x, **WEIGHTS, c_last=c.with_mask(known), data_format="NTS")


def test_missing_inputs_of_a_cell_add_nothing():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 2))
    known = sd.placeholder("known", ("batch", 2), "bool")
    h, arrays = sd.placeholder("h", ("batch", 4)), (draw(6, 8), draw(6, 4))
    masked = sd.rnn.gru_cell(x.with_mask(known), h, *arrays)[-1]
    plain = sd.rnn.gru_cell(x, h, *arrays)[-1]
    values, there = draw(3, 2), np.array([[True, False], [True, True], [False, True]])
    feeds = {"x": np.where(there, values, 1e9), "known": there, "h": Y}
    got = sd.output(feeds, [masked.name])[masked.name]
    want = sd.output({"x": np.where(there, values, 0), "h": Y}, [plain.name])[plain.name]
    np.testing.assert_allclose(got, want, rtol=1e-6)


# Refusals.


@pytest.mark.parametrize(
    "options, match",
    [
        ({"max_ts_length": np.ones((3, 5), "int32")}, "max_ts_length is a number"),
        ({"gate_activation": "LEAKY_RELU"}, "LEAKY_RELU.*not supported"),
        ({"return_full_sequence": False}, "no output"),
    ],
)
def test_refusals(options, match):
    sd = SameDiff.create()
    with pytest.raises(GraphError, match=match):
        sd.rnn.lstm_layer(sd.constant(X), **WEIGHTS, data_format="NTS", **options)


def test_the_order_that_samediff_mistakes_is_an_error():
    sd = SameDiff.create()
    x, length = sd.constant(draw(5, 3, 2)), sd.constant(np.float32(5))
    state = sd.constant(draw(3, 4))
    weights = configs.LSTMWeights(draw(6, 16), draw(16))
    with pytest.raises(GraphError, match="three axes"):
        sd.rnn().lstmblock(x, length, state, state, weights, configs.LSTMConfiguration())


def test_a_struct_of_another_op_is_refused():
    sd = SameDiff.create()
    with pytest.raises(GraphError, match="sru"):
        sd.rnn().sruCell(sd.constant(Y), sd.constant(C), configs.LSTMLayerConfig())


# Types.


SRU = draw(2, 3, 5), draw(2, 3), draw(9, 3), draw(6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_outputs_have_the_type_of_the_inputs(dtype):
    with jax.enable_x64(True):
        sd = SameDiff.create()
        arrays = [sd.var(f"a{i}", a.astype(dtype)) for i, a in enumerate(SRU)]
        for out in sd.rnn.sru(*arrays):
            assert out.dtype == str(out.eval().dtype) == dtype
