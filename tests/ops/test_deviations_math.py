"""Calls of sd.math and sd.bitwise that SameDiff answers wrongly, refuses, or answers in a way that
the library does not follow: each against numpy."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from golden_calls import array, make, records, run
from scipy import special

from samediff_py import SameDiff
from samediff_py.configs import Condition, Conditions
from samediff_py.foundation.errors import GraphError, MaskError


def _cosine(x, y):
    product, norms = (x * y).sum(1), np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    return np.where(norms == 0, 0, product / np.where(norms == 0, 1, norms))


def _entropy(x):
    with np.errstate(invalid="ignore", divide="ignore"):
        return -np.where(x == 0, 0, x * np.log(x)).sum(1)


def _rotated(x, n, width=32):
    bits = x.astype(np.int64) % 2**width
    return (bits << n | bits >> (width - n)) % 2**width


def _table(labels, predictions, weights, size):
    table = np.zeros((size, size))
    np.add.at(table, (labels, predictions), weights)
    return table


def _argmax(pick, **given):
    return lambda x: pick(np.abs(x), **given)


def _argmax_of_two(pick):
    """Over axes 0 and 2, numbered row by row."""
    return lambda x: pick(np.abs(x).transpose(1, 0, 2).reshape(x.shape[1], -1), axis=1)


RIGHT = {
    "math.asinh/3": np.arcsinh,
    "math.add/10": lambda x: x + 2.5,
    "math.sub/10": lambda x: x - 2.5,
    "math.mul/10": lambda x: x * 2.5,
    "math.div/9": lambda x: x / 3.0,
    "math.div/10": lambda x: x / 2.5,
    "math.rdiv/9": lambda x: 3.0 / x,
    "math.add/11": np.add,
    "math.div/11": np.divide,
    "math.pow/16": lambda x, y: x.astype(float) ** y,
    "math.pow/17": np.sqrt,
    "math.reciprocal/4": lambda x: 1 / x,
    "math.sign/3": np.sign,
    "math.max/7": np.maximum,
    "math.min/7": np.minimum,
    "math.max/8": np.maximum,
    "math.min/8": np.minimum,
    "math.atan2/0": np.arctan2,
    "math.tanh/4": np.tanh,
    "math.floorDiv/4": np.floor_divide,
    "math.floorMod/8": lambda x: np.mod(x, 2.3),
    "math.floorMod/9": lambda x: np.mod(x, -1.7),
    "math.floorMod/10": lambda x: np.mod(x, 3),
    "math.floorMod/11": lambda x: np.mod(x, -3),
    "math.and/4": np.logical_and,
    "math.or/4": np.logical_or,
    "math.xor/4": np.logical_xor,
    "math.entropy/8": lambda x: special.entr(x).sum(0),
    "math.entropy/9": _entropy,
    "math.logEntropy/9": lambda x: np.log(_entropy(x)),
    "math.shannonEntropy/11": lambda x: special.entr(x).sum(0) / np.log(2),
    "math.shannonEntropy/12": lambda x: _entropy(x) / np.log(2),
    "math.logSumExp/0": lambda x: np.log(np.exp(x.astype(float)).sum(0)),
    "math.logSumExp/8": lambda x: special.logsumexp(x, axis=1),
    "math.logSumExp/9": lambda x: special.logsumexp(x, axis=1),
    "math.iamax/1": _argmax(np.argmax, axis=1),
    "math.iamax/3": _argmax_of_two(np.argmax),
    "math.iamax/5": _argmax(np.argmax, axis=-1),
    "math.iamax/7": _argmax(np.argmax, axis=1, keepdims=True),
    "math.iamax/9": _argmax(np.argmax, keepdims=True),
    "math.iamax/13": _argmax(np.argmax, axis=0),
    "math.iamin/1": _argmax(np.argmin, axis=1),
    "math.iamin/3": _argmax_of_two(np.argmin),
    "math.iamin/13": _argmax(np.argmin, axis=0),
    "math.firstIndex/10": lambda x: [1, -1, 2],
    "math.lastIndex/10": lambda x: [1, -1, 2],
    "math.cosineSimilarity/12": _cosine,
    "math.cosineDistance/12": lambda x, y: 1 - _cosine(x, y),
    "math.clipByAvgNorm/8": lambda x: x / 2.5,
    "math.moments/8": lambda x, axes: (x.mean((0, 2)), x.var((0, 2))),
    "math.diagPart/1": lambda x: np.einsum("ijij->ij", x),
    "math.trace/4": lambda x: np.trace(x),
    "math.matrixInverse/3": np.linalg.inv,
    "math.eye/10": lambda: np.eye(2, 3),
    "math.mergeAvg/4": lambda *xs: np.mean(xs, axis=0),
    "math.confusionMatrix/6": lambda labels, ids, weights: _table(labels, ids, weights, 4),
    "math.confusionMatrix/7": lambda labels, ids, weights: _table(labels, ids, weights, 5),
    "math.embeddingLookup/8": lambda x, ids: x[ids],
    "math.bitShiftRotl/5": _rotated,
    "math.bitShiftRotr/5": lambda x, n: _rotated(x, 32 - n),
    "bitwise.leftShiftCyclic/12": _rotated,
    "bitwise.rightShiftCyclic/12": lambda x, n: _rotated(x, 32 - n),
    "bitwise.bitRotl/12": _rotated,
    "bitwise.bitRotr/12": lambda x, n: _rotated(x, 32 - n),
    "bitwise.bitsHammingDistance/4": lambda x, y: sum(
        bin(int(bits)).count("1") for bits in (x ^ y).view(np.uint32)
    ),
}


@pytest.fixture(scope="module")
def answers():
    """All of them in one program: results and gradients by record."""
    known = {r["id"]: r for ns in ("math", "bitwise") for r in records(ns)}
    with jax.enable_x64(True):
        sd = SameDiff.create()
        calls = [make(sd, known[one], f"r{i}_") for i, one in enumerate(RIGHT)]
        outs, grads = run(sd, calls)
    return {
        call.record["id"]: (
            [outs[v.name] for v in call.outputs],
            {k: grads[v.name] for k, v in call.inputs.items() if v.name in grads},
        )
        for call in calls
    }


@pytest.mark.parametrize("record", RIGHT)
def test_answers_are_those_of_numpy(answers, record):
    known = next(r for r in records(record.split(".")[0]) if r["id"] == record)
    inputs = [array(known, f"in{k}") for k in range(known["inputs"])]
    with np.errstate(all="ignore"):
        want = RIGHT[record](*inputs)
    outs, _ = answers[record]
    for have, right in zip(outs, want if isinstance(want, tuple) else (want,), strict=True):
        right = np.asarray(right)
        right = right.astype(np.int32) if have.dtype == np.int32 else right
        assert have.shape == right.shape
        np.testing.assert_allclose(have, right, rtol=1e-6, atol=1e-12)


def test_gradient_of_an_inverse(answers):
    inverse = np.linalg.inv([[0.0, 2.0], [3.0, 1.0]])
    upstream = np.cos(0.7 * np.arange(4) + 0.3).reshape(2, 2)
    _, gradients = answers["math.matrixInverse/3"]
    np.testing.assert_allclose(gradients[0], -inverse.T @ upstream @ inverse.T)


@pytest.mark.parametrize("record", ["math.entropy/9", "math.cosineSimilarity/12"])
def test_zeros_have_a_finite_gradient(answers, record):
    assert all(np.isfinite(gradient[:2]).all() for gradient in answers[record][1].values())


# What no record shows.


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
