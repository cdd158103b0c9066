"""sd.nn: native calls as recorded, top-k of padded rows, dropout, padding by hand, key masks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from golden_calls import array, records
from ops.deviations.nn import top
from ops.natives import answers, differences, natives
from ops.references import dot_product_attention

from samediff_py import SameDiff, configs
from samediff_py.foundation.errors import GraphError, MaskError
from samediff_py.kernels import dropout

SKIPPING = "native6", "native7", "native8"
"""Where SameDiff skips elements that are equal."""


@pytest.mark.parametrize(
    "record",
    [r for r in natives("nn") if "topK" not in r["id"] or not r["id"].endswith(SKIPPING)],
    ids=lambda r: r["id"],
)
def test_native_calls(record):
    assert differences(record) == []


@pytest.mark.parametrize("number", SKIPPING)
def test_equal_elements_are_not_skipped(number):
    record = next(r for r in natives("nn") if r["id"] == f"nn.topK/{number}")
    values, places = top(record["args"][1])(array(record, "in0"))
    have = answers(record)
    np.testing.assert_array_equal(have[0], values)
    np.testing.assert_array_equal(have[1], places)


# The k largest.


def scores(sd):
    return sd.placeholder("x", ("batch", "time"), mask="real")


def test_top_k_of_rows_that_are_shorter():
    sd = SameDiff.create()
    values, places = sd.nn.top_k(scores(sd), 3)
    rows = [[1.0, 4.0, 2.0, 3.0, 0.0], [-5.0, -2.0], [-7.0]]
    got = sd.output({"x": rows}, [values.name, places.name])
    want = [[4, 3, 2], [-2, -5, 0], [-7, 0, 0]]
    np.testing.assert_array_equal(got[values.name], want)
    np.testing.assert_array_equal(got[places.name], [[1, 3, 2], [1, 0, 0], [0, 0, 0]])


def test_ranks_that_a_row_lacks_do_not_count():
    sd = SameDiff.create()
    values, _ = sd.nn.top_k(scores(sd), 3)
    mean, last = values.mean(1), values[:, -1]
    got = sd.output({"x": [[1.0, 4.0, 2.0, 3.0], [-5.0, -2.0]]}, [mean.name, last.name])
    np.testing.assert_allclose(got[mean.name], [3, -3.5])
    np.testing.assert_allclose(got[last.name], [2, -5])


def test_missing_elements_come_never_even_before_minus_infinity():
    sd = SameDiff.create()
    x = scores(sd).with_mask(sd.placeholder("known", ("batch", "time"), "bool"))
    values, places = sd.nn.top_k(x, 2)
    feeds = {"x": [[9.0, -np.inf, 1.0]], "known": [[False, True, True]]}
    got = sd.output(feeds, [values.name, places.name])
    np.testing.assert_array_equal(got[values.name], [[1, -np.inf]])
    np.testing.assert_array_equal(got[places.name], [[2, 1]])


def test_top_k_of_merged_rows_is_refused():
    sd = SameDiff.create()
    with pytest.raises(MaskError, match="merged"):
        sd.nn.top_k(scores(sd).reshape(-1), 2)


def test_top_k_of_fewer_elements_is_an_error():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "classes"))
    values, _ = sd.nn.top_k(x, 3)
    assert sd.output({"x": np.ones((2, 4))}, [values.name])[values.name].shape == (2, 3)
    with pytest.raises(GraphError, match="k=3 of 2 elements"):
        sd.output({"x": np.ones((2, 2))}, [values.name])
    with pytest.raises(GraphError, match="whole number"):
        sd.nn.top_k(x, 1.5)


def test_top_k_takes_javas_double_and_orders_anyway():
    sd = SameDiff.create()
    x = sd.constant(np.array([[1.0, 3.0, 2.0]]))
    values, places = sd.nn().topK(["v", "p"], x, 2.0, False)
    np.testing.assert_array_equal(values.eval(), [[3, 2]])
    assert (values.name, places.name, places.dtype) == ("v", "p", "int32")


def test_gradient_goes_to_what_was_chosen():
    sd = SameDiff.create()
    x = sd.var("x", np.array([[1.0, 3.0, 2.0]], np.float32))
    values, _ = sd.nn.top_k(x, 2)
    loss = (values * np.array([2.0, 5.0], np.float32)).sum()
    sd.set_loss_variables(loss.name)
    np.testing.assert_array_equal(sd.calculate_gradients({}, "x")["x"], [[0, 2, 5]])


# Dropout.


@pytest.mark.parametrize("inverted", [False, True])
def test_javas_dropout_keeps_with_the_probability(inverted):
    kernel = dropout.dropout_inverted if inverted else dropout.dropout_kept
    x = jnp.full((100, 100), 2.0)
    kept = np.asarray(kernel(x, keep_probability=0.7, key=jax.random.key(0), training=True))
    there = 2 / 0.7 if inverted else 2.0
    np.testing.assert_allclose(np.unique(kept), [0, there], rtol=1e-6)
    assert abs((kept > 0).mean() - 0.7) < 0.02
    resting = kernel(x, keep_probability=0.7, training=False)
    np.testing.assert_allclose(resting, 2.0 if inverted else 1.4, rtol=1e-6)


@pytest.mark.parametrize("number", [0, 1, 5, 6])
def test_recorded_dropout_of_all_or_nothing(number):
    record = next(r for r in records("nn") if r["id"] == f"nn.dropout/{number}")
    np.testing.assert_array_equal(answers(record)[0], array(record, "out0"))


@pytest.mark.parametrize("number", [0, 1])
def test_recorded_inverted_dropout_of_all_or_nothing(number):
    record = next(r for r in records("nn") if r["id"] == f"nn.dropoutInverted/{number}")
    np.testing.assert_array_equal(answers(record)[0], array(record, "out0"))


def test_two_spellings_of_dropout():
    sd = SameDiff.create()
    x = sd.constant(np.ones(4))
    java, python = sd.nn().dropout("java", x, 0.9), sd.nn.dropout(x, 0.1)
    makers = sd.graph.makers
    assert [makers[v.name].op for v in (java, python)] == ["dropout_kept", "dropout"]


# Padding by hand.


def test_pad_takes_javas_modes():
    sd = SameDiff.create()
    x, widths = sd.constant(np.array([1.0, 2.0, 3.0])), sd.constant(np.array([[1, 2]]))
    padded = sd.nn().pad("padded", x, widths, configs.PadMode.REFLECT, 0.0)
    assert padded.name == "padded"
    np.testing.assert_array_equal(padded.eval(), [2, 1, 2, 3, 2, 1])
    np.testing.assert_array_equal(sd.nn().pad(x, widths, 7).eval(), [7, 1, 2, 3, 7, 7])
    mirrored = sd.nn.pad(x, ((1, 0),), mode="symmetric")
    np.testing.assert_array_equal(mirrored.eval(), [1, 1, 2, 3])
    with pytest.raises(GraphError, match="mode"):
        sd.nn.pad(x, ((1, 0),), mode="edge")


# Attention.


def test_a_key_mask_joins_the_padding_of_keys():
    rng = np.random.default_rng(0)
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 4), mask="real")
    shown = sd.placeholder("shown", ("batch", "time"), "int32")
    turned = x.permute((0, 2, 1))
    out = sd.nn.dot_product_attention(turned, turned, turned, shown).permute((0, 2, 1))
    rows = [rng.normal(size=(n, 4)).astype(np.float32) for n in (5, 3)]
    keys = np.array([[1, 0, 1, 1, 0], [0, 1, 1, 1, 1]])
    got = sd.output({"x": rows, "shown": keys}, [out.name])[out.name]
    for i, row in enumerate(rows):
        alone = dot_product_attention(*[row.T[None]] * 3, keys[i : i + 1, : len(row)])
        np.testing.assert_allclose(got[i, : len(row)], alone[0].T, rtol=1e-4, atol=1e-6)


def test_a_mask_by_query_is_refused():
    sd = SameDiff.create()
    q = sd.constant(np.ones((2, 3, 5)))
    with pytest.raises(GraphError, match="for all heads and queries alike"):
        sd.nn().dotProductAttention(q, q, q, sd.constant(np.ones((2, 5, 5))), True)


# Activations.


def test_crelu_of_a_padded_axis_is_refused():
    sd = SameDiff.create()
    with pytest.raises(MaskError, match="crelu"):
        sd.nn.crelu(scores(sd))


def test_softmax_derivative_minds_the_masks_of_both():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"))
    wrt = sd.placeholder("wrt", ("batch", "time"), mask="real")
    out = sd.nn.softmax_derivative(x, wrt, 1)
    given = {"x": np.ones((2, 3)) * np.arange(3), "wrt": np.array([[1.0, 2, 3], [4, 5, 6]])}
    real = np.array([[True, True, True], [True, True, False]])
    got = sd.output({**given, "real": real}, [out.name])[out.name]
    s = np.exp([0.0, 1.0]) / np.exp([0.0, 1.0]).sum()
    np.testing.assert_allclose(got[1], [*(s * ([4, 5] - s @ [4, 5])), 0], rtol=1e-5)


def test_dropout_in_javas_order_takes_the_probability_of_keeping():
    """Also where the parentheses behind `nn` were left out: the leading name tells."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 4))
    for out in (sd.nn().dropout("a", x, 0.9), sd.nn.dropout("b", x, 0.9)):
        assert dict(sd.graph.makers[out.name].args)["keep_probability"] == 0.9
    python = sd.nn.dropout(x, 0.1)
    assert dict(sd.graph.makers[python.name].args)["rate"] == 0.1
