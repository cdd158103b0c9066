"""Methods of `SDVariable`, those of Java's names among them."""

from __future__ import annotations

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.configs import MMulTranspose, SDIndex, VariableType
from samediff_py.foundation.dtypes import DataType
from samediff_py.foundation.errors import GraphError

X = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.fixture
def sd():
    return SameDiff.create()


def test_what_a_variable_is(sd):
    x = sd.placeholder("x", ("batch", 3))
    w, c = sd.var("w", X), sd.constant(X, "c")
    kinds = [v.getVariableType() for v in (x, w, c, x + 1)]
    assert [kind.name for kind in kinds] == ["PLACEHOLDER", "VARIABLE", "CONSTANT", "ARRAY"]
    assert kinds[1] is VariableType.VARIABLE
    assert (x.isPlaceHolder(), w.isPlaceHolder()) == (True, False)
    assert (c.isConstant(), w.isConstant()) == (True, False)
    assert w.getSameDiff() is sd
    assert w.dataType() is DataType.FLOAT
    assert x.placeholderShape() == x.getShape() == [-1, 3]
    with pytest.raises(GraphError, match="'w' is no placeholder"):
        w.placeholderShape()


def test_names(sd):
    w = sd.var("w", X)
    total = w.sum()
    w.setVarName("weights")
    assert w.getVarName() == "weights"
    assert sd.graph.makers[total.name].get("x").name == "weights"
    assert w.equals(sd["weights"]) and not w.equals(total)
    assert w.hashCode() == hash(w)
    assert w.toString() == repr(w)


def test_arrays(sd):
    x, w = sd.placeholder("x", ("batch", 3)), sd.var("w", X)
    assert w.setArray(2 * X) is w
    np.testing.assert_array_equal(w.getArr(), 2 * X)
    assert (x + 1).getArr(False) is None
    with pytest.raises(ValueError, match="not fed"):
        (x + 1).getArr(True)
    w.setShape(4, 3)
    x.setShape([-1, 3])
    with pytest.raises(GraphError, match=r"can't take the shape \[3, 4\]: .*reshape"):
        w.setShape(3, 4)


def test_an_array_in_another_type(sd):
    """Whole numbers are taken in any type that holds them; an array keeps its own unless said."""
    counts = sd.var("counts", np.array([1, 2]), trainable=False)
    assert counts.setArray([3.0, -4.0]).getArr().tolist() == [3, -4]
    flags = sd.var("flags", np.array([True, False]), trainable=False)
    assert flags.setArray([0, 1.0]).getArr().tolist() == [False, True]
    half = sd.var("half", np.ones(2, np.float32), dtype="float16")
    assert (half.dtype, half.getArr().dtype) == ("float16", np.float16)
    whole = sd.var("whole", np.float32([1, 2]), dtype=DataType.INT, trainable=False)
    assert whole.dtype == "int32" and whole.getArr().tolist() == [1, 2]
    assert sd.var("bytes", np.uint8([1]), trainable=False).dtype == "uint8"


@pytest.mark.parametrize("number", [0.5, np.float32(0.5), np.float64(0.5), np.array(0.5)], ids=repr)
def test_a_number_is_an_array_without_axes(sd, number):
    scale = sd.var("scale", number)
    assert (scale.shape, scale.dtype, float(scale.eval())) == ((), "float32", 0.5)


@pytest.mark.parametrize("size", [3, np.int64(3), (3,), [np.int32(3)]], ids=repr)
def test_an_integer_is_a_size(sd, size):
    assert sd.var("w", size).shape == (3,)


@pytest.mark.parametrize("dtype, value", [("int32", 2.0), ("bool", 1), ("uint8", 255)])
def test_padding_is_filled_with_whole_numbers(sd, dtype, value):
    x = sd.placeholder("x", ("batch", "time"), dtype, mask="m")
    feeds = {"x": np.zeros((1, 2), dtype), "m": [[True, False]]}
    assert x.fill_padding(value).eval(feeds).tolist() == [[0, value]]
    for wrong in (0.5, -(2.0**40), 3e11, float("nan"), float("inf")):
        with pytest.raises(GraphError, match="can't hold"):
            x.fill_padding(wrong)


def test_constants_and_variables(sd):
    w = sd.var("w", X)
    assert w.convertToConstant() is w
    assert w.isConstant() and "w" not in sd.params
    w.convertToVariable()
    assert "w" in sd.params


def test_gradients(sd):
    w, unused = sd.var("w", X), sd.var("unused", X)
    (w * w).sum().markAsLoss()
    assert (w.hasGradient(), unused.hasGradient()) == (True, False)
    np.testing.assert_array_equal(w.gradient().eval(), 2 * X)
    np.testing.assert_array_equal(w.getGradient().eval(), 2 * X)


def test_parts(sd):
    x = sd.constant(X)
    rows = sd.constant(np.array([2, 0]))
    np.testing.assert_array_equal(x.get(rows).eval(), X[[2, 0]])
    view = x.getView(SDIndex.interval(0, 2, 4), SDIndex.point(1, True))
    np.testing.assert_array_equal(view.eval(), X[0:4:2, 1:2])
    put = x.put(rows, sd.constant(-X), sd.constant(np.array([1, 3])))
    want = X.copy()
    want[[2, 0]] = -X[[1, 3]]
    np.testing.assert_array_equal(put.eval(), want)


def test_arithmetic_by_java_names(sd):
    x, y = sd.constant(np.array([-7.5, 7.0])), sd.constant(np.array([2.0, -2.0]))
    for made, want in (
        (x.plus(1.0), [-6.5, 8]),
        (x.minus(y), [-9.5, 9]),
        (x.times(2), [-15, 14]),
        (x.rsub("r", 1.0), [8.5, -6]),
        (x.rdiv(y), [2 / -7.5, -2 / 7]),
        (x.fdiv("f", y), [-4, -4]),
        (x.mod("m", y), [0.5, -1]),
        (x.dot(y), -29.0),
        (x.dup(), [-7.5, 7]),
        (x.assign(3), [3, 3]),
    ):
        np.testing.assert_allclose(made.eval(), want, rtol=1e-6)
    whole = sd.constant(np.array([-7, 7])), sd.constant(np.array([2, -2]))
    np.testing.assert_array_equal(whole[0].mod("n", whole[1]).eval(), [1, -1])


def test_a_product_with_its_config(sd):
    x = sd.constant(X)
    product = x.mmul("p", x, MMulTranspose(transposeA=True, transposeResult=True))
    np.testing.assert_array_equal(product.eval(), (X.T @ X).T)
    config = MMulTranspose.builder().transposeB(True).build()
    np.testing.assert_array_equal(x.mmul(x, config).eval(), X @ X.T)


def test_what_is_declined_says_why(sd):
    x = sd.constant(X)
    for name, why in (
        ("addControlDependency", "no effects"),
        ("clone", "belongs to its graph"),
        ("setDataType", "castTo"),
        ("createLoopPut", "x.put"),
    ):
        with pytest.raises(AttributeError, match=why):
            getattr(x, name)
        assert not hasattr(x, name)
