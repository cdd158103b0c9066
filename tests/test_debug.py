"""`sd.debug()`: op by op, up to the first NaN among what is real."""

import numpy as np
import optax
import pytest

from samediff_py import SameDiff, TrainingConfig
from samediff_py.foundation.errors import GraphError, NotANumberError


@pytest.fixture
def sd():
    return SameDiff.create()


def ragged(sd):
    return sd.placeholder("x", ("batch", "time", 2), mask="m")


ROWS = {"x": [np.ones((3, 2)), np.full((1, 2), 2.0)]}
NEGATIVE = {"x": [np.ones((3, 2)), np.full((1, 2), -2.0)]}


def message(call) -> str:
    with pytest.raises(NotANumberError) as caught:
        call()
    return str(caught.value)


def test_the_first_nan_names_variable_op_inputs_and_line(sd):
    x = ragged(sd)
    y = sd.math.log(x, name="y")
    z = (y * 2.0).mean(axis="time")
    with sd.debug():
        text = message(lambda: sd.output(NEGATIVE, z))
    first, op, given, line, called = text.splitlines()
    assert first == "'y' holds 2 NaN in real positions, the first at [1, 0, 0]"
    assert op.startswith("  y = log(x=x")
    assert given == "  x: float32[batch, time, 2] | m@0,1, shape [2, 4, 2], from -2 to 1"
    assert line.endswith('y = sd.math.log(x, name="y")') and line.startswith("  at ")
    assert called.startswith("  called at ")


def test_eval_is_checked_too(sd):
    y = sd.math.log(ragged(sd), name="y")
    with sd.debug():
        assert "'y' holds 2 NaN" in message(lambda: y.eval(NEGATIVE))


def test_results_are_those_of_the_compiled_program(sd):
    x = ragged(sd)
    scores, weights = sd.nn.attention(x, x, x, with_weights=True)
    y = sd.nn.softmax(sd.nn.layer_norm(scores, sd.var("gain", (2,), init="ones")))
    lstm = sd.math.exp(sd.cumsum(y, axis="time")).last_valid(axis="time")
    plain = sd.output(ROWS, y, lstm, weights)
    with sd.debug():
        slow = sd.output(ROWS, y, lstm, weights)
    for name, value in plain.items():
        np.testing.assert_allclose(slow[name], value, rtol=1e-6)


def test_nan_in_padding_matters_only_where_an_opt_out_lets_it_in(sd):
    """`y` keeps the NaN of its padding, which is nobody's business; `z` counts it."""
    y = sd.nn.relu(ragged(sd), name="y")
    z = y.mean(axis="time", masked=False, name="z")
    array = np.ones((2, 2, 2))
    array[1, 1] = np.nan
    with sd.debug():
        text = message(lambda: sd.output({"x": array, "m": [[1, 1], [1, 0]]}, z))
    assert "'z' holds 2 NaN in real positions, the first at [1, 0]; NaN already: 'y'" in text
    assert "| m@0,1, shape [2, 2, 2], NaN in padded slots, from 1 to 1" in text


def test_inputs_that_are_nan_already_are_named(sd):
    w = sd.var("w", np.array([1.0, np.nan], np.float32))
    y = ragged(sd).mul(w, name="y")
    with sd.debug():
        text = message(lambda: sd.output(ROWS, y))
    assert "; NaN already: 'w'\n" in text
    assert "w: float32[2] | all real, shape [2], NaN already" in text


def test_integers_and_booleans_are_no_nan(sd):
    x = sd.placeholder("x", ("batch",), "int32")
    y = (x > 0).cast("int32") + x
    with sd.debug():
        assert sd.output({"x": [1, -1]}, y)["add"].tolist() == [2, -1]


LOOKUPS = {
    "embedding": lambda sd, ids: sd.nn.embedding(sd.var("t", (4, 2)), ids),
    "gather": lambda sd, ids: sd.gather(sd.var("t", (2, 4)), ids, axis=1),
    "labels": lambda sd, ids: sd.loss.sparse_softmax_cross_entropy(ids, sd.zeros(("batch", 4)) + 0),
}


@pytest.mark.parametrize("kind", LOOKUPS)
def test_computed_ids_out_of_range(sd, kind):
    ids = sd.placeholder("x", ("batch",), "int32").add(1, name="ids")
    y = LOOKUPS[kind](sd, ids)
    sd.output({"x": [0, 3]}, y)  # nobody can look at them inside a compiled program
    with sd.debug():
        sd.output({"x": [0, 2]}, y)
        with pytest.raises(
            GraphError, match=r"'ids' holds 1 numbers out of range 0..3, the first"
        ) as e:
            sd.output({"x": [0, 3]}, y)
    assert f"{y.name} = " in str(e.value) and str(y.source) in str(e.value)


def test_ids_in_padding_are_nobodys_business(sd):
    ids = sd.placeholder("ids", ("batch", "time"), "int32", mask="m") + 3
    y = sd.nn.embedding(sd.var("t", (5, 2)), ids - 2).sum(axis="time")
    with sd.debug():
        assert sd.output({"ids": [[0, 3], [1]]}, y)["sum"].shape == (2, 2)


def root_of_zero(sd):
    """Finite, with a derivative that is not; two other ways back to the weights are fine."""
    x, w = sd.placeholder("x", ("batch", 3)), sd.var("w", (3, 2), init="zeros")
    product = (x @ w).rename("product")
    root = sd.math.sqrt(product * product, name="root")
    (root + product + sd.math.exp(product)).sum(name="loss").mark_as_loss()
    (sd.var("b", (2,)) * 1.0).sum().mark_as_loss()


def test_a_gradient_is_followed_to_its_op(sd):
    root_of_zero(sd)
    feeds = {"x": np.ones((2, 3))}
    assert np.isnan(sd.calculate_gradients(feeds, "w")["w"]).all()
    with sd.debug():
        text = message(lambda: sd.calculate_gradients(feeds, "w", "b"))
    start = (
        "the gradient of 'loss' + 'sum' is not finite for 'w', though all results are: it arises"
    )
    assert text.startswith(f"{start} in the derivative of\n  root = sqrt(")
    assert "sd.math.sqrt(product * product" in text


def test_an_infinity_is_named_where_it_arises(sd):
    w = sd.var("w", np.full(2, 200.0, np.float32))
    sd.math.exp(w, name="e").sum().mark_as_loss()
    with sd.debug():
        text = message(lambda: sd.calculate_gradients({}, "w"))
    assert "an infinity arises in\n  e = exp(x=w)" in text


def test_gradients_that_are_fine_come_back(sd):
    x = ragged(sd)
    sd.math.log(x * sd.var("w", (2,), init="ones")).mean(axis="time").sum().mark_as_loss()
    plain = sd.calculate_gradients(ROWS, "w", "x")
    with sd.debug():
        slow = sd.calculate_gradients(ROWS, "w", "x")
    for name in plain:
        np.testing.assert_array_equal(slow[name], plain[name])


def train(sd, feeds, **how):
    sd.training_config = TrainingConfig(updater=optax.sgd(0.1), **how)
    return sd.fit(feeds, progress=False)


def test_fit_stops_at_the_step_that_meets_nan(sd):
    x, y = ragged(sd), sd.placeholder("y", ("batch",))
    logs = sd.math.log(x, name="logs").mean(axis="time")
    sd.loss.mean_squared_error(y, (logs @ sd.var("w", (2, 1))).squeeze(1))
    good, bad = {**ROWS, "y": [1.0, 2]}, {**NEGATIVE, "y": [1.0, 2]}
    with sd.debug():
        text = message(lambda: train(sd, [good, bad]))
    assert "'logs' holds 2 NaN in real positions" in text
    after = sd.params["w"]
    other = SameDiff.create()
    x, y = ragged(other), other.placeholder("y", ("batch",))
    logs = other.math.log(x).mean(axis="time")
    other.loss.mean_squared_error(y, (logs @ other.var("w", (2, 1))).squeeze(1))
    train(other, [good])
    np.testing.assert_array_equal(after, other.params["w"])
    assert np.isfinite(train(sd, [good]).loss[0])


def test_fit_follows_a_gradient_to_its_op(sd):
    root_of_zero(sd)
    before = {name: np.array(value) for name, value in sd.params.items()}
    with sd.debug():
        text = message(lambda: train(sd, {"x": np.ones((2, 3), np.float32)}))
    assert (
        "not finite for 'w', though all results are: it arises in the derivative of\n  root" in text
    )
    for name, value in before.items():
        np.testing.assert_array_equal(sd.params[name], value)


def test_fit_names_a_penalty_that_overflows(sd):
    w = sd.var("w", np.full(2, 1e30, np.float32))
    (w * 0.0).sum().mark_as_loss()
    with sd.debug():
        assert "l1, l2" in message(lambda: train(sd, [{}], l2=1e30))


def test_dropout_draws_the_same_noise(sd):
    x = sd.placeholder("x", ("batch", 8))
    y = sd.nn.dropout(x, 0.5).sum(name="y")
    (y * sd.var("w", (), init="ones")).mark_as_loss()
    feeds = {"x": np.arange(16.0).reshape(2, 8)}
    with sd.debug():
        slow = train(sd, feeds).loss
    other = SameDiff.create()
    y = other.nn.dropout(other.placeholder("x", ("batch", 8)), 0.5).sum(name="y")
    (y * other.var("w", (), init="ones")).mark_as_loss()
    np.testing.assert_allclose(train(other, feeds).loss, slow)


def test_debugging_ends_with_its_block(sd):
    y = sd.math.log(ragged(sd))
    with pytest.raises(ZeroDivisionError), sd.debug(), sd.debug():
        raise ZeroDivisionError
    assert np.isnan(sd.output(NEGATIVE, y)["log"][1, 0]).all()
