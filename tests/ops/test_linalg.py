"""What no record shows of sd.linalg."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from samediff_py import DataType, SameDiff
from samediff_py.foundation.errors import GraphError, MaskError

RAGGED = {"x": [np.eye(3)[:2] + 1.0, np.full((1, 3), 2.0), np.eye(3) * 3.0 + 0.5]}


def test_java_hands_out_the_first_result_and_the_graph_holds_the_others():
    sd = SameDiff.create()
    array = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    x = sd.constant(array)
    s = sd.linalg().svd("s", x, False, True)
    assert (s.shape, sd["s:1"].shape, sd["s:2"].shape) == ((3,), (4, 3), (3, 3))
    outs = sd.output({}, "s", "s:1", "s:2")
    assert_allclose(outs["s:1"] * outs["s"] @ outs["s:2"].T, array, atol=1e-5)
    assert sd.linalg().svd("alone", x, True, False, 16).shape == (3,)
    assert "alone:1" not in sd
    packed = sd.linalg().lu("packed", sd.constant(array[:3]))
    assert (packed.shape, sd["packed:1"].dtype) == ((3, 3), "int32")
    (band,) = sd.linalg().matrixBandPart(["band"], x, 0, 1)
    assert band.name == "band"
    q, r = sd.linalg().qr(["q", "r"], x, True)
    assert (q.name, q.shape, r.name, r.shape) == ("q", (4, 4), "r", (4, 3))


def test_one_op_by_two_names():
    sd = SameDiff.create()
    x = sd.constant(np.ones((2, 2), "float32"))
    for y in (sd.linalg.matmul(x, x), sd.linalg().mmul("m", x, x, False, True, False)):
        assert sd.graph.makers[y.name].op == "mmul"
    part = sd.linalg().diag_part("part", x)
    assert sd.graph.makers[part.name].op == "diag_part"


def test_a_type_in_front_is_no_name():
    sd = SameDiff.create()
    tri = sd.linalg().tri
    assert tri(DataType.INT, 2, 3, 0).dtype == tri("INT", 2, 3, 0).dtype == "int32"
    named = tri("t", DataType.DOUBLE, 2, 3, -1), tri("f", 2, 3)
    assert [x.name for x in named] == ["t", "f"]


def test_triangles_of_named_sizes():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
    sd.linalg.tri("time", "time", name="earlier")
    scores = sd.linalg.triu(x.expand_dims(1) * x.expand_dims(2), diag=1, name="scores")
    assert len(scores.mask.terms) == 2
    earlier = sd.output({"x": [[1.0, 2.0], [3.0]]}, "scores", "earlier")["earlier"]
    assert_allclose(earlier, np.tri(2))
    assert sd.verify_padding({"x": [[1.0, 2.0, 3.0], [3.0], [1.0, 5.0]]}).ok


def test_places_behind_padding_can_not_be_counted():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 3), mask="x_mask")
    merged = sd.reshape(x, (-1, 3))
    for call in (sd.linalg.triu, lambda x: sd.linalg.matrix_band_part(x, min_lower=0, max_upper=0)):
        with pytest.raises(MaskError, match="nothing can be counted"):
            call(merged)


@pytest.mark.parametrize("name", ["cholesky", "logdet", "lu", "qr", "svd", "eig"])
def test_a_matrix_must_be_whole(name):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", "time"), mask="x_mask")
    with pytest.raises(MaskError, match="last 2 axes of 'x' whole"):
        getattr(sd.linalg, name)(x)


def test_matrices_made_of_ragged_rows():
    """An example without a position has a matrix of padding: no NaN comes of it."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 3), mask="x_mask")
    w = sd.var("w", np.full((3, 1), 0.5, "float32"))
    gram = sd.linalg.mmul(x, x, transpose_x=True) + np.eye(3, dtype="float32")
    factor = sd.linalg.cholesky(gram)
    values = sd.linalg.eig(gram)[0].sum(axis=(1, 2)) + sd.linalg.svd(gram)[0].sum(axis=1)
    solved = sd.linalg.solve(gram, w).sum(axis=(1, 2))
    solved = solved + sd.linalg.triangular_solve(factor, w, lower=True).sum(axis=(1, 2))
    total = values + solved + sd.linalg.logdet(gram) + sd.linalg.qr(gram)[1].sum(axis=(1, 2))
    total.mean().rename("loss").mark_as_loss()
    assert sd.verify_padding(RAGGED).ok
    with_empty = {"x": [*RAGGED["x"], np.zeros((0, 3))]}
    assert np.isfinite(sd.calculate_gradients(with_empty, "w")["w"]).all()
    assert_allclose(
        sd.calculate_gradients(with_empty, "w")["w"], sd.calculate_gradients(RAGGED, "w")["w"],
        rtol=1e-5,
    )  # fmt: skip


def test_wrong_calls():
    sd = SameDiff.create()
    x = sd.constant(np.eye(3, dtype="float32"))
    with pytest.raises(GraphError, match="at least 0"):
        sd.linalg().lstsq(x, x, -1.0)
    with pytest.raises(GraphError, match="columns as long as those of the matrix"):
        sd.linalg.solve(x, sd.constant(np.ones((2, 1), "float32")))
