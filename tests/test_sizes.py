"""Sizes: known while the graph is built, as numbers of padded axes, and decided by values."""

from __future__ import annotations

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import GraphError, MaskError

ROWS = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def sd():
    return SameDiff.create()


def dims(variable) -> list[str]:
    return [str(size) for size in variable.shape]


# Known while the graph is built.


def test_a_shape_computed_from_other_shapes_keeps_its_dims(sd):
    x = sd.placeholder("x", ("batch", "time", 6), mask="m")
    parts = sd.stack([sd.size_at(x, "batch"), sd.size_at(x, 1), 2, 3], axis=0)
    assert dims(sd.reshape(x, parts)) == ["batch", "time", "2", "3"]
    assert str(sd.reshape(x, parts).mask) == "m@0,1"
    joined = sd.concat([sd.shape(x)[:2], sd.constant(np.array([2, 3]))], axis=0)
    assert dims(sd.reshape(x, joined)) == ["batch", "time", "2", "3"]


def test_arithmetic_on_sizes(sd):
    x = sd.placeholder("x", ("batch", "time"))
    n = sd.size_at(x, 1)
    assert dims(x[:, : n - 1]) == ["batch", "time - 1"]
    assert dims(sd.zeros(sd.expand_dims(n * 2 + 1, 0))) == ["2*time + 1"]
    assert dims(sd.zeros([sd.size(x)])) == ["batch*time"]
    assert dims(sd.range(0, n)) == ["time"]
    got = sd.output({"x": ROWS}, sd.range(0, n).rename("steps"))["steps"]
    np.testing.assert_array_equal(got, [0, 1, 2])


def test_a_table_of_places_is_cut_to_the_length(sd):
    sd.dim("time", max=8)
    x = sd.placeholder("x", ("batch", "time", 4), mask="m")
    places = sd.var("places", np.arange(32, dtype=np.float32).reshape(8, 4))
    out = (x + places[: sd.size_at(x, 1)]).rename("out")
    assert str(out.mask) == "m@0,1"
    got = sd.output({"x": [np.zeros((3, 4)), np.zeros((1, 4))]}, "out")["out"]
    np.testing.assert_array_equal(got[0], np.arange(12).reshape(3, 4))
    assert sd.verify_padding({"x": [np.ones((3, 4)), np.ones((1, 4))]}).ok


def test_what_is_not_known_says_what_would_be(sd):
    x = sd.placeholder("x", ("batch", 4))
    n = sd.placeholder("n", (), "int32")
    what = "'stack' stands for sizes(?s:.)*sd.size_at(?s:.)*test_sizes"
    with pytest.raises(GraphError, match=what):
        sd.reshape(x, sd.stack([n, 2], axis=0))


# As numbers.


def test_the_size_of_a_padded_axis_is_no_number(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    (x.sum() / sd.size_at(x, 1).cast("float32")).rename("wrong")
    with pytest.raises(MaskError, match="count_valid(?s:.)*lost at(?s:.)*size_at"):
        sd.output({"x": [[1.0, 2.0]]}, "wrong")
    with pytest.raises(MaskError, match="counts its padding"):
        sd.cast(sd.shape(x), "float32").mean()
    assert str(sd.rank(x).mask) == "all real"


def test_sizes_without_padding_are_those_that_were_fed(sd):
    x = sd.placeholder("x", ("batch", "time"))
    names = [v.name for v in (sd.shape(x), sd.size(x), sd.rank(x), sd.size_at(x, -1))]
    got = sd.output({"x": np.zeros((9, 13))}, *names)
    assert [got[name].tolist() for name in names] == [[9, 13], 117, 2, 13]


def test_shape_is_a_tuple_and_javas_method(sd):
    x = sd.placeholder("x", ("batch", 3))
    assert x.shape == (sd.dim("batch"), 3) and isinstance(x.shape, tuple)
    sizes = x.shape("sizes")
    assert sizes is sd["sizes"] and sizes.shape == (2,)
    assert x.rank().name == "rank" and x.length().dtype.startswith("int")


# Decided by values.


def test_places_of_true_elements_are_cut_to_size(sd):
    x = sd.placeholder("x", ("batch", "time"))
    sd.argwhere(x > 2, name="found")
    got = sd.output({"x": ROWS}, "found")["found"]
    np.testing.assert_array_equal(got, np.argwhere(ROWS > 2))
    assert sd.output({"x": 0 * ROWS}, "found")["found"].shape == (0, 2)


def test_padding_is_nowhere_true(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    sd.argwhere(sd.eq(x, 0.0), name="found")
    got = sd.output({"x": [[0.0], [1.0, 0.0, 0.0]]}, "found")["found"]
    np.testing.assert_array_equal(got, [[0, 0], [1, 1], [1, 2]])


def test_parts_are_of_their_own_length_and_go_on_as_sequences(sd):
    x = sd.placeholder("x", ("batch", "time"))
    low, high = sd.dynamic_partition(x, (x > 3).cast("int32"), 2, name="part")
    mean, last = high.mean(name="mean"), low[-1].rename("last")
    both = sd.concat([high, low], axis=0, name="both")
    got = sd.output({"x": ROWS}, low, high, mean, last, both)
    np.testing.assert_array_equal(got["part"], [0, 1, 2, 3])
    np.testing.assert_array_equal(got["part:1"], [4, 5])
    assert got["mean"] == 4.5 and got["last"] == 3
    np.testing.assert_array_equal(got["both"], [4, 5, 0, 1, 2, 3])
    assert low.count_valid().eval({"x": ROWS}) == 4


def test_gradients_go_to_the_elements_that_were_picked(sd):
    w = sd.var("w", ROWS.ravel())
    _, high = sd.dynamic_partition(w, sd.constant(np.array([0, 1, 0, 1, 1, 0])), 2)
    high.sum(name="loss").mark_as_loss()
    np.testing.assert_array_equal(sd.calculate_gradients({}, "w")["w"], [0, 1, 0, 1, 1, 0])


def test_differences_of_lists(sd):
    x, y = sd.constant(np.array([5, 1, 5, 2])), sd.constant(np.array([2, 9]))
    values, places = sd.math.list_diff(x, y, name=("values", "places"))
    got = sd.output({}, values, places)
    assert got["values"].tolist() == [5, 1, 5] and got["places"].tolist() == [0, 1, 2]


def test_the_mask_of_a_ragged_result_has_a_name_that_no_user_can_give(sd):
    sd.argwhere(sd.constant(np.array([True, False])), name="found")
    assert list(sd.graph.makers) == ["found", "found#1"]
    with pytest.raises(GraphError, match="is no name"):
        sd.constant(1.0, "found#1")


def test_more_names_than_outputs(sd):
    x = sd.constant(np.array([1, 2]))
    with pytest.raises(GraphError, match="2 outputs"):
        sd.math.list_diff(x, x, name=("a", "b", "c"))
