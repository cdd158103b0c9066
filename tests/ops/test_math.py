"""What no record shows of sd.math and sd.bitwise."""

from __future__ import annotations

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.configs import Condition, Conditions
from samediff_py.foundation.errors import GraphError, MaskError


def test_number_of_classes_comes_from_constants():
    sd = SameDiff.create()
    ids = sd.placeholder("ids", ("batch",), "int32")
    constant = sd.constant(np.array([0, 2, 1]))
    assert sd.math.confusion_matrix(constant, constant).shape == (3, 3)
    assert sd.math.confusion_matrix(ids, ids, num_classes=5).shape == (5, 5)
    with pytest.raises(GraphError, match="confusion_matrix: 'ids'(?s:.)*num_classes"):
        sd.math.confusion_matrix(ids, ids)


def test_a_matrix_must_be_whole():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 3), mask="x_mask")
    with pytest.raises(MaskError, match="last 2 axes of 'x' whole"):
        sd.math.trace(x)
    assert str(sd.math.cross(x, x).mask) == "x_mask@0,1"


def test_conditions_by_both_names():
    assert Conditions.greaterThanOrEqual(2) == Condition("greater_than_or_equal", 2)
    assert Conditions.is_nan() == Condition("is_nan")


def test_names_of_one_op_in_several_places():
    sd = SameDiff.create()
    x = sd.constant(np.array([-3.0, 2.0]))
    assert sd.math().reduceMax("m", x, 0).shape == ()
    assert sd.math().max(x, x).shape == (2,)
    assert sd.graph.makers["m"].op == "max"


def test_a_square_of_a_named_size():
    sd = SameDiff.create()
    sd.placeholder("x", ("batch", "time"))
    assert [str(d) for d in sd.math.eye("time").shape] == ["time", "time"]
