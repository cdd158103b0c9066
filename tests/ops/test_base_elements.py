"""What no record shows of comparisons, conditions, limits, products, joins and slices."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.configs import Condition, Conditions, SDIndex
from samediff_py.foundation.errors import GraphError, MaskError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 5, 4)).astype(np.float32)
ROWS = {"x": [X[0, :4], X[1, :1], X[2, :3]]}


@pytest.fixture
def sd():
    return SameDiff.create()


@pytest.fixture
def padded(sd):
    return sd.placeholder("x", ("batch", "time", 4), mask="x_mask")


def is_sound(sd, *outputs):
    """Whether padding changes nothing in these outputs."""
    return sd.verify_padding(ROWS, outputs=outputs).ok


# Overloads.


def test_max_of_one_and_of_two(sd):
    x, y = sd.constant(X), sd.constant(-X)
    for made, want in (
        (sd.max(x, y), np.maximum(X, -X)),
        (sd.max("a", x, y), np.maximum(X, -X)),
        (sd.maximum(x, 0.5), np.maximum(X, 0.5)),
        (sd.math.max(x, y), np.maximum(X, -X)),
        (sd.math().max(x, y), np.maximum(X, -X)),
        (sd.scalarMax(x, 0.5), np.maximum(X, 0.5)),
        (sd.max(x, 1), X.max(1)),
        (sd.max(x, True, -1, 0), X.max((0, -1), keepdims=True)),
        (sd.max("b", x, True, [-1, 0]), X.max((0, -1), keepdims=True)),
        (sd.max(x, axis=(-1, 0), keepdims=True), X.max((0, -1), keepdims=True)),
        (sd.min(x, y), np.minimum(X, -X)),
        (x.max("c", 2), X.max(2)),
        (x.maximum(y), np.maximum(X, -X)),
    ):
        np.testing.assert_array_equal(made.eval(), want)


def test_where_in_both_orders(sd):
    x, y = sd.constant(np.zeros((3, 3))), sd.constant(np.ones((3, 3)))
    flags = np.array([True, False, False])
    condition = sd.constant(flags)
    by_columns = np.where(flags, np.zeros((3, 3)), 1)
    np.testing.assert_array_equal(sd.where(condition, x, y).eval(), by_columns)
    np.testing.assert_array_equal(sd.where(x, y, condition).eval(), by_columns.T)
    np.testing.assert_array_equal(sd.where("w", x, y, condition).eval(), by_columns.T)
    np.testing.assert_array_equal(sd.where(condition, x, y, by_rows=True).eval(), by_columns.T)
    with pytest.raises(GraphError, match="where: the condition is float32, and it must be bool"):
        sd.where(x, x, y)


def test_where_by_rows_in_a_padded_batch(sd, padded):
    chosen = sd.where((padded.sum(("time", 2)) > 0), padded, -padded, by_rows=True)
    assert is_sound(sd, chosen)


# Conditions.


def test_tolerances_of_conditions(sd):
    x = sd.constant(np.array([1.0, 1.2, 1.000001, np.nan, np.inf, -1.0]))
    for condition, want in (
        (Conditions.equals(1.0), [1, 0, 1, 0, 0, 0]),
        (Conditions.equals(np.inf), [0, 0, 0, 0, 1, 0]),
        (Conditions.epsEquals(1.0, 0.25), [1, 1, 1, 0, 0, 0]),
        (Conditions.epsNotEquals(1.0, 0.25), [0, 0, 0, 0, 1, 1]),
        (Conditions.absEquals(1.0), [1, 0, 0, 0, 0, 1]),
        (Conditions.notEquals(1.0), [0, 1, 1, 1, 1, 1]),
        (Condition("is_nan"), [0, 0, 0, 1, 0, 0]),
    ):
        np.testing.assert_array_equal(sd.match_condition(x, condition).eval(), np.array(want) > 0)
    whole = sd.constant(np.arange(3))
    assert sd.match_condition_count(whole, Conditions.isFinite()).eval() == 3


def test_what_replaces_nan_has_the_gradient(sd):
    x, y = sd.var("x", np.array([1.0, np.nan], np.float32)), sd.var("y", np.ones(2, np.float32))
    sd.replace_where(x, y, Condition("is_nan")).sum().mark_as_loss()
    gradients = sd.calculate_gradients({}, "x", "y")
    np.testing.assert_array_equal(gradients["x"], [1, 0])
    np.testing.assert_array_equal(gradients["y"], [0, 1])


# Limits, types.


def test_limits_are_differentiated(sd):
    x = sd.var("x", np.array([3.0, 4.0], np.float32))
    limit = sd.var("limit", np.asarray(1.0, np.float32))
    sd.clip_by_norm(x, limit).sum().mark_as_loss()
    gradient = sd.calculate_gradients({}, "limit")["limit"]
    np.testing.assert_allclose(gradient, 7 / 5, rtol=1e-6)


def test_casts_to_short_integers(sd):
    x = sd.constant(np.array([300.7, -2.7, np.inf, -np.inf, np.nan, 1e20], np.float32))
    np.testing.assert_array_equal(sd.cast(x, "uint8").eval(), [44, 254, 255, 0, 0, 255])
    np.testing.assert_array_equal(x.castTo("BYTE").eval(), [44, -2, 127, -128, 0, 127])


def test_limits_of_types(sd):
    assert sd.min_max("float32", 0).eval() == np.finfo(np.float32).tiny
    assert sd.minMax(11, 1).eval() == 255
    assert not sd.minMax("least", 1, 0).eval()
    assert sd.min_max("bfloat16", 1).dtype == "bfloat16"
    with jax.enable_x64(True):
        assert sd.min_max("int64", 0).eval() == np.iinfo(np.int64).min


def test_assign_keeps_the_type_of_what_is_overwritten(sd):
    x = sd.constant(np.zeros((2, 3), np.float16))
    assert x.assign(2.5).dtype == "float16"
    with pytest.raises(GraphError, match="float32 does not fit int32"):
        sd.assign(sd.constant(np.zeros(3, np.int32)), 2.5)


# Products.


def test_batch_mmul_by_name(sd):
    a, b = sd.constant(X[0, :3, :2]), sd.constant(X[1, :2, :2])
    first, second = sd.batchMmul(["p", "q"], [a, b], [a, b], True, False)
    assert (first.name, second.name) == ("p", "q")
    np.testing.assert_allclose(first.eval(), X[0, :3, :2].T @ X[0, :3, :2], rtol=1e-5)
    (alone,) = sd.batch_mmul([a], [b])
    np.testing.assert_allclose(alone.eval(), X[0, :3, :2] @ X[1, :2, :2], rtol=1e-5)
    with pytest.raises(GraphError, match="2 matrices can't meet 1"):
        sd.batch_mmul([a, b], [a])


# Parts.


def test_parts_are_a_list_even_of_one(sd):
    x = sd.constant(X)
    (whole,) = sd.split(x, 1)
    np.testing.assert_array_equal(whole.eval(), X)
    (named,) = sd.unstack(["row"], sd.constant(X[:1]), 0, 1)
    assert named.name == "row"
    assert [part.name for part in sd.splitV(["a", "b"], x, [2, 3], 2, 1)] == ["a", "b"]
    (shaped,) = sd.setShape(x, [60])
    assert shaped.shape == (60,)


def test_parts_of_padded_rows(sd, padded):
    left, right = sd.split(padded, 2, axis=2)
    one, *_ = sd.unstack(padded, 2)
    assert is_sound(sd, left.mean("time"), right.sum("time"), one.max("time"))
    for cut in (lambda: sd.split(padded, 2, "time"), lambda: sd.unstack(padded, "time", num=2)):
        with pytest.raises(MaskError, match="axis 1 of 'x' ends elsewhere in each row"):
            cut()


def test_what_is_missing_moves_with_the_parts(sd):
    x = sd.placeholder("x", ("batch", 4))
    flags = sd.placeholder("flags", ("batch", 4), "bool")
    left, right = sd.split(x.with_mask(flags), 2, 1)
    _, second, *_ = sd.unstack(x.with_mask(flags), 1)
    sums = left.sum(1), right.sum(1), second.sum()
    feeds = {"x": np.ones((1, 4)), "flags": np.array([[True, False, True, True]])}
    assert [float(sd.output(feeds, one)[one.name].sum()) for one in sums] == [1, 2, 0]


def test_parts_of_an_open_axis_are_checked_when_it_is_fed(sd):
    x = sd.placeholder("x", ("batch", "time"))
    first, second = sd.unstack(x, "time", num=2)
    np.testing.assert_array_equal(sd.output({"x": [[1.0, 2.0]]}, second)[second.name], [2])
    with pytest.raises(GraphError, match="axis 1 has 3 slices, not 2"):
        sd.output({"x": np.ones((1, 3))}, first)
    _, right = sd.split(x, 2, "time")
    even = np.arange(4.0).reshape(1, 4)
    np.testing.assert_array_equal(sd.output({"x": even}, right)[right.name], [[2, 3]])
    with pytest.raises(GraphError, match="can't be cut into 2 equal parts"):
        sd.output({"x": np.ones((1, 3))}, right)
    with pytest.raises(GraphError, match="open, so say how many slices"):
        sd.unstack(x, "time")


def test_scalars_join_to_a_vector(sd):
    joined = sd.concat([sd.constant(1.0), sd.constant(2.0)])
    np.testing.assert_array_equal(joined.eval(), [1, 2])


def test_flat_rows(sd, padded):
    flat = sd.flatten([padded])
    assert is_sound(sd, flat.sum(), flat.mean())
    with pytest.raises(MaskError, match="flatten"):
        sd.flatten([padded, padded])


# Slices.


@pytest.mark.parametrize(
    ("masks", "index"),
    [
        ({}, np.s_[1:2, 1:4:2, 2:3]),
        ({"begin_mask": 1, "end_mask": 2}, np.s_[:2, 1::2, 2:3]),
        ({"shrink_axis_mask": 5}, np.s_[1, 1:4:2, 2]),
        ({"new_axis_mask": 1}, np.s_[None, 1:4:2, 2:3]),
        ({"ellipsis_mask": 2}, np.s_[1:2, ..., 2:3]),
    ],
)
def test_strided_slices(sd, masks, index):
    part = sd.strided_slice(sd.constant(X), (1, 1, 2), (2, 4, 3), (1, 2, 1), **masks)
    np.testing.assert_array_equal(part.eval(), X[index])


def test_slices_end_where_rows_end(sd, padded):
    cut = sd.slice(padded, [0, 1, 0], [-1, 2, 3])
    turned = sd.strided_slice(padded, [0, -1], [0, -3], [1, -1], 1, 1)
    viewed = sd.create_view(padded, [[2, 0, 1, 1], [1, 2, 1, 0, 1, 1, 1]])
    last = sd.stridedSlice("last", padded, [0, -1], [0, 0], [1, 1], 1, 1, 0, 0, 2)
    assert is_sound(sd, cut, turned, viewed, last, cut.mean("time"))


def test_slices_by_constants_and_names(sd):
    x = sd.constant(X)
    part = sd.slice("part", x, sd.constant(np.array([1, 0, 2])), [1, 2, 2])
    assert part.name == "part"
    np.testing.assert_array_equal(part.eval(), X[1:2, :2, 2:4])
    np.testing.assert_array_equal(x.get(SDIndex.all(), SDIndex.point(-1)).eval(), X[:, -1])
    vectors = [sd.constant(np.array(v)) for v in ([0, 1, 1, 2, 1], [3, 1, 10, 1])]
    np.testing.assert_array_equal(sd.createView(x, vectors).eval(), X[2, None])


def test_slices_that_make_no_sense(sd):
    x = sd.constant(X)
    for call, text in (
        (lambda: sd.slice(x, [0, 4, 0], [-1, 2, -1]), "2 elements from 4 on .* axis 1 of const"),
        (lambda: sd.slice(x, [-1, 0, 0], [1, 1, 1]), "numbers from 0 on"),
        (lambda: sd.strided_slice(x, [0], [1, 2], [1]), "differ in length"),
        (lambda: sd.create_view(x, [[7, 1, 1]]), r"\[7, 1, 1\] is no index"),
        (lambda: sd.strided_slice(x, [0, 9], [1, 9], [1, 1], shrink_axis_mask=2), "9"),
    ):
        with pytest.raises(ValueError, match=text):
            call()
