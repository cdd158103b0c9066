"""`reshape` and its kin on padded axes: the answer is the same however far a row is padded, or it
is refused where the graph is built."""

from collections.abc import Callable

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import MaskError

ROWS = [np.arange(24, dtype=np.float32).reshape(6, 4) + 1, np.full((3, 4), 2.0, np.float32)]


def padded(rows, more):
    """An array and its mask, with garbage in what is padded."""
    longest = max(map(len, rows)) + more
    mask = np.arange(longest) < [[len(row)] for row in rows]
    array = np.full((*mask.shape, *rows[0].shape[1:]), np.nan, np.float32)
    for i, row in enumerate(rows):
        array[i, : len(row)] = row
    return array, mask


def built(op: Callable, width=4):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", width), mask="m")
    return sd, op(sd, x).rename("y")


# What a row gives alone, as numpy has it.
WHOLE = {
    "features behind time": (lambda sd, x: x.reshape(("batch", -1)), lambda r: r.reshape(-1)),
    "time behind features": (
        lambda sd, x: x.permute((0, 2, 1)).reshape(("batch", -1)),
        lambda r: r.T.reshape(-1),
    ),
    "two tensors": (
        lambda sd, x: sd.stack([x, -x], axis=1).reshape(("batch", -1, 4)),
        lambda r: np.concatenate([r, -r]),
    ),
    "halves of the features": (
        lambda sd, x: x.reshape(("batch", -1, 2)),
        lambda r: r.reshape(-1, 2),
    ),
}


@pytest.mark.parametrize("case", WHOLE)
def test_nothing_is_lost_where_axes_are_merged(case):
    op, want = WHOLE[case]
    sd, y = built(op)
    for length in (5, 6, 8, 9):
        rows = np.random.default_rng(length).normal(size=(3, length, 4)).astype(np.float32)
        for mask in (True, np.ones((3, length), bool)):
            got = sd.output({"x": rows, "m": mask}, y)["y"]
            np.testing.assert_array_equal(got, np.stack(list(map(want, rows))))


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_merged_counts_each_element_once(case):
    op, want = WHOLE[case]
    sd, y = built(op)
    total = (y * y).sum(axis=tuple(range(1, len(y.shape))), name="total")
    for more in (0, 1, 3, 50):
        array, mask = padded(ROWS, more)
        got = sd.output({"x": array, "m": mask}, total)["total"]
        np.testing.assert_allclose(got, [(want(row) ** 2).sum() for row in ROWS], rtol=1e-6)


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_merged_is_found_whole_by_the_report(case):
    sd, _ = built(WHOLE[case][0])
    report = sd.verify_padding({"x": ROWS})
    assert report.ok, str(report)


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_copies_of_a_batch_stand_right_behind_it(batch):
    sd, y = built(lambda sd, x: sd.tile(x, (2, 1, 1)))
    x = np.random.default_rng(0).normal(size=(batch, 5, 4)).astype(np.float32)
    np.testing.assert_array_equal(sd.output({"x": x, "m": True}, y)["y"], np.tile(x, (2, 1, 1)))


# Rows still end where they end.
ENDS = {
    "features behind time": (lambda sd, x: x.reshape(("batch", -1))[:, -1], lambda r: r[-1, -1]),
    "rows by heads": (
        lambda sd, x: sd.stack([x, -x], axis=1).reshape((-1, "time", 4))[:, -1].sum(1)[::2],
        lambda r: r[-1].sum(),
    ),
    "places": (
        lambda sd, x: (
            x.reshape(("batch", -1)) * sd.range(0, sd.size_at(x, 1) * 4, 1, "float32")
        ).sum(1),
        lambda r: (r.reshape(-1) * np.arange(r.size)).sum(),
    ),
}


@pytest.mark.parametrize("case", ENDS)
def test_merged_rows_end_at_their_own_ends(case):
    op, want = ENDS[case]
    sd, y = built(op)
    for more in (0, 1, 3):
        array, mask = padded(ROWS, more)
        got = sd.output({"x": array, "m": mask}, y)["y"]
        np.testing.assert_allclose(got, list(map(want, ROWS)), rtol=1e-6)


def flat(x):
    return x.reshape(("batch", -1))


def turned(x):
    return x.permute((0, 2, 1)).reshape(("batch", -1))


SPLIT = {
    "axes that change places": lambda sd, x: x.reshape(("batch", 4, "time")),
    "halves of a row": lambda sd, x: x.reshape(("batch", 2, -1)),
    "time first": lambda sd, x: x.reshape((-1, 4)).reshape(("time", "batch", 4)),
    "pairs of merged rows": lambda sd, x: turned(x).reshape(("batch", -1, 2)),
}
PAIRS = {
    "product": lambda sd, x: flat(x) * turned(x),
    "inner product": lambda sd, x: sd.einsum("bi,bi->b", flat(x), turned(x)),
    "stack": lambda sd, x: sd.stack([flat(x), turned(x)], axis=1),
    "cosine": lambda sd, x: sd.math.cosine_similarity(flat(x), turned(x), 1),
    "loss": lambda sd, x: sd.loss.mean_squared_error(flat(x), turned(x)),
    "places": lambda sd, x: turned(x) * sd.range(0, sd.size_at(turned(x), 1), 1, "float32"),
}


@pytest.mark.parametrize("case", SPLIT)
def test_a_reshape_that_padding_would_change_is_refused(case):
    with pytest.raises(MaskError, match=r"would depend on how much\n(.|\n)*permute"):
        built(SPLIT[case])


@pytest.mark.parametrize("case", PAIRS)
def test_what_is_merged_otherwise_does_not_meet(case):
    with pytest.raises(MaskError, match="lie in different orders, with padding between them"):
        built(PAIRS[case])


def test_what_is_merged_alike_meets():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 4), mask="m")
    labels = sd.placeholder("labels", ("batch", "time"), "int32")
    h = (turned(x) * turned(x) + turned(x * 2.0)).sum(1).rename("h")
    loss = sd.loss.sparse_softmax_cross_entropy(
        labels.reshape((-1,)), x.reshape((-1, 4)), name="loss"
    )
    found = []
    for more in (0, 2):
        array, mask = padded(ROWS, more)
        feeds = {"x": array, "m": mask, "labels": np.ones(mask.shape, np.int32)}
        found.append(sd.output(feeds, h, loss))
    np.testing.assert_allclose(found[0]["h"], [(r * r + 2 * r).sum() for r in ROWS], rtol=1e-6)
    np.testing.assert_allclose(found[1]["h"], found[0]["h"], rtol=1e-6)
    np.testing.assert_allclose(found[1]["loss"], found[0]["loss"], rtol=1e-6)


def test_nothing_is_drawn_where_padding_lies_between():
    with pytest.raises(MaskError, match="draw before the axes are merged"):
        built(lambda sd, x: sd.nn.dropout(x.reshape((-1, 4)), 0.5))
    built(lambda sd, x: sd.nn.dropout(x, 0.5).reshape((-1, 4)))


def test_ragged_results_beside_scalars():
    sd, y = built(lambda sd, x: x * 2.0)
    y.sum(name="total")
    out = sd.output({"x": ROWS}, "y", "total", ragged=True)
    assert [row.shape for row in out["y"]] == [(6, 4), (3, 4)]
    assert out["total"] == 2 * sum(row.sum() for row in ROWS)
