"""What no record shows of look-ups, scatters, segments and sequences: padding, ids out of range,
sizes that must be known, in whole graphs."""

from __future__ import annotations

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import FeedError, GraphError, MaskError

X = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
LENGTHS = (4, 2, 3)
MASK = np.arange(4) < np.array(LENGTHS)[:, None]


@pytest.fixture
def sd():
    return SameDiff.create(seed=1)


def sequences(sd: SameDiff):
    return sd.placeholder("x", ("batch", "time", 2), mask="m")


def output(sd: SameDiff, feeds, name: str) -> np.ndarray:
    return sd.output(feeds, name)[name]


def numbers(sd: SameDiff, *shape: str, name: str = "ids", mask: str | None = None):
    return sd.placeholder(name, shape, "int32", mask=mask)


# Segments.


def test_segments_of_padded_rows(sd):
    """Along the batch, each time step by itself: what is padded is in no segment."""
    sd.unsorted_segment_mean(sequences(sd), numbers(sd, "batch"), 3, name="out")
    out = output(sd, {"x": X, "m": MASK, "ids": [2, 0, 2]}, "out")
    assert out.shape == (3, 4, 2)
    np.testing.assert_allclose(out[0, :2], X[1, :2], rtol=1e-6)
    np.testing.assert_allclose(out[2, 2], (X[0, 2] + X[2, 2]) / 2, rtol=1e-6)
    np.testing.assert_allclose(out[2, 3], X[0, 3], rtol=1e-6)
    assert not out[1].any() and not out[0, 2:].any()


def test_as_many_segments_as_a_dim(sd):
    """One row for each example of another dim, padded and masked as that is."""
    nodes = sd.placeholder("nodes", ("edges", 2))
    sd.placeholder("owners", ("graphs",))
    out = sd.unsorted_segment_sum(nodes, numbers(sd, "edges"), "graphs", name="out")
    assert [str(d) for d in out.shape] == ["graphs", "2"]
    feeds = {"nodes": X[0], "ids": [1, 0, 1, 1], "owners": np.zeros(3)}
    want = np.stack([X[0, 1], X[0, [0, 2, 3]].sum(0), np.zeros(2)])
    np.testing.assert_allclose(output(sd, feeds, "out"), want, rtol=1e-6)


def test_the_number_of_segments_follows_from_constants(sd):
    x = sd.constant(X[0])
    assert sd.segment_max(x, np.array([0, 0, 2, 2])).shape == (3, 2)
    assert sd.segment_max(x, np.array([2, 0, 1, 2])).shape == (3, 2)  # in any order
    assert sd.unsortedSegmentMax(x, sd.constant([0, 1, 0, 1]), sd.constant(4)).shape == (4, 2)
    with pytest.raises(GraphError, match="segment_max: 'ids'(?s:.)*num_segments=.."):
        sd.segment_max(x, numbers(sd, "n"))
    with pytest.raises(GraphError, match="dynamic_stitch: 'ids'(?s:.)*num_rows=.."):
        sd.dynamic_stitch([sd["ids"]], [x])
    with pytest.raises(GraphError, match="sequence_mask: 'ids'(?s:.)*max_len=.."):
        sd.sequence_mask(sd["ids"])


def test_padding_of_a_segmented_model(sd):
    """A mean for each kind of token, over all sentences."""
    x, kinds = sequences(sd), numbers(sd, "batch", "time", mask="m")
    w = sd.var("w", np.eye(2) + 1)
    sums = sd.unsorted_segment_sum(x @ w, kinds, 3)
    sd.scatter_add(sums, np.array([0, 2]), sums[1:], name="out").sum().mark_as_loss()
    feeds = {"x": X, "m": MASK, "ids": np.where(MASK, np.arange(4) % 3, 77)}
    assert sd.verify_padding(feeds).ok


# Out of range.


def test_constants_are_checked_when_the_graph_is_built(sd):
    x, two = sequences(sd), np.zeros((2, 2))
    table = sd.constant(X[0])
    before = sd.graph
    for call in (
        lambda: sd.gather(table, [0, 4]),
        lambda: sd.gather_nd(table, np.array([[0, 1], [1, 2]])),
        lambda: sd.scatter_add(table, np.array([-1, 0]), two),
        lambda: sd.unsorted_segment_sum(two, np.array([0, 3]), 3),
        lambda: sd.dynamic_stitch([np.array([0, 3])], [two], num_rows=3),
        lambda: sd.sparse_to_dense(np.array([[0, 3]]), (3, 3), np.array([1.0])),
        lambda: sd.reverse_sequence(table, np.array([1, 2, 3, 0]), seq_dim=1),
        lambda: sd.sequence_mask(np.array([-1, 2])),
    ):
        with pytest.raises(GraphError, match=r"out of range 0\.\.\d, the first at \[.*\]: -?\d"):
            call()
        assert set(sd.graph.makers) == set(before.makers)
    with pytest.raises(GraphError, match="not 0, 1, .. each once"):
        sd.invert_permutation(np.array([0, 2, 2]))
    sd.gather(x, [0, 3], axis="time")  # nobody knows how long the rows are


def test_fed_numbers_are_checked(sd):
    table = sd.constant(X[0])
    sd.gather_nd(table, sd.placeholder("places", ("n", 2), "int32"), name="picked")
    sd.scatter_update(table, numbers(sd, "n"), sd.placeholder("u", ("n", 2)), name="written")
    sd.sequence_mask(numbers(sd, "n", name="lengths"), 3, name="mask")
    right = {"places": [[3, 1]], "ids": [3], "u": np.ones((1, 2)), "lengths": [3]}
    wrong = {"places": [[1, 3]], "ids": [4], "lengths": [4]}
    assert output(sd, right, "mask").all()
    np.testing.assert_array_equal(output(sd, right, "picked"), X[0, 3, 1:])
    for name, out, match in (
        ("places", "picked", r"0\.\.1, the first at \[0, 1\]: 3"),
        ("ids", "written", r"0\.\.3"),
        ("lengths", "mask", r"0\.\.3"),
    ):
        with pytest.raises(FeedError, match=match):
            output(sd, {**right, name: wrong[name]}, out)


def test_padded_numbers_are_not_checked(sd):
    ids = numbers(sd, "batch", "time", mask="m")
    sd.unsorted_segment_sum(sequences(sd), ids, 3, name="out")
    feeds = {"x": X, "m": MASK, "ids": np.where(MASK, 2, -9)}
    np.testing.assert_allclose(output(sd, feeds, "out")[2], X[MASK].sum(0), rtol=1e-5)


def test_computed_numbers_change_nothing_where_they_are_out_of_range(sd):
    ids = numbers(sd, "n") + 3
    sd.scatter_update(sd.constant(X[0]), ids, sd.placeholder("u", ("n", 2)), name="out")
    feeds = {"ids": [0, 1], "u": np.ones((2, 2))}
    np.testing.assert_array_equal(output(sd, feeds, "out"), [*X[0, :3], [1, 1]])
    with sd.debug(), pytest.raises(GraphError, match=r"out of range 0\.\.3, the first at \[1\]: 4"):
        output(sd, feeds, "out")


# Padding.


def test_picks_of_padded_places_are_padded(sd):
    out = sd.gather_nd(sequences(sd), np.array([[0, 3], [1, 3], [1, 1]]), name="out")
    assert str(out.mask) == "mask#1@0"
    values = output(sd, {"x": X, "m": MASK}, "out")
    np.testing.assert_array_equal(values, [X[0, 3], [0, 0], X[1, 1]])
    assert str(sd.gather_nd(sd["x"], np.array([[0], [1]])).mask) == "mask#2@0,1"


def test_rows_are_reversed_with_what_is_missing_in_them(sd):
    missing = np.array([[1, 0, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1]], bool)
    x = sequences(sd).with_mask(sd.placeholder("known", ("batch", "time"), "bool"))
    sd.reverse_sequence(x, numbers(sd, "batch"), seq_dim="time", name="turned")
    sd["turned"].sum(1, name="out")
    sd.identity(sd["turned"][:, 0], name="first")
    feeds = {"x": X, "m": MASK, "known": missing, "ids": [3, 2, 3]}
    kept = (MASK & missing)[..., None]
    np.testing.assert_allclose(output(sd, feeds, "out"), (X * kept).sum(1), rtol=1e-5)
    np.testing.assert_array_equal(output(sd, feeds, "first"), X[[0, 1, 2], [2, 1, 2]])
    assert sd.verify_padding(feeds).ok


def test_a_mask_of_lengths(sd):
    """As wide as a dim, it says which positions count."""
    x = sd.placeholder("x", ("batch", "time", 2))
    x.with_mask(sd.sequence_mask(numbers(sd, "batch"), "time")).mean(1, name="out")
    want = [X[i, :n].mean(0) for i, n in enumerate(LENGTHS)]
    np.testing.assert_allclose(output(sd, {"x": X, "ids": LENGTHS}, "out"), want, rtol=1e-5)


def test_what_no_rule_can_be_sound_for(sd):
    x = sequences(sd).reshape((-1, 2))
    with pytest.raises(MaskError, match="merged with their positions"):
        sd.scatter_add(x, np.array([0]), np.ones((1, 2)))
    with pytest.raises(MaskError, match="invert_permutation"):
        sd.invert_permutation(numbers(sd, "batch", mask="known"))


# Java's spelling.


def test_java_spelling(sd):
    x = sd.constant(X[0])
    assert sd.gather("g", x, sd.constant([0, 2]), 1 - 1).name == "g"
    assert sd.gather(x, [1, 0], 1).shape == (4, 2)
    assert sd.scatterUpdate("s", x, sd.constant([1]), sd.constant(X[1, :1])).name == "s"
    assert sd.sequenceMask("q", sd.constant([1, 3]), 5, "FLOAT").dtype == "float32"
    assert sd.sequenceMask(sd.constant([1, 3]), sd.constant(2), "BOOL").shape == (2, 3)
    assert sd.dynamicStitch("d", [sd.constant([1]), sd.constant([0])], [x[:1], x[1:2]]).name == "d"
    assert sd.reverse(x).eval() is not None
