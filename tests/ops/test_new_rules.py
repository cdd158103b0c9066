"""Ops of different families behind one another: no padding of any kind changes what comes out.

Each program is a small graph behind x [batch, time, 3]; it is verified with rows of different
length, with padding on the left or in between, with two masks, with missing values, and without
any mask, where sizes are rounded up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import MaskError

LENGTHS = (3, 1, 0, 3)
TIME = 4
RNG = np.random.default_rng(0)


def weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(size=shape).astype("float32")


# Feeds.


def _mask(places: Sequence[Sequence[int]]) -> np.ndarray:
    mask = np.zeros((len(places), TIME), bool)
    for row, at in enumerate(places):
        mask[row, list(at)] = True
    return mask


LEFT = _mask([range(TIME - n, TIME) for n in LENGTHS])
GAPPY = _mask([(0, 2, 3), (2,), (), (0, 1, 3)])
SEEN = RNG.random((len(LENGTHS), TIME)) < 0.6
VALUES = RNG.normal(size=(len(LENGTHS), TIME, 3)).astype("float32")


def rows(sd: SameDiff):
    x = sd.placeholder("x", ("batch", "time", 3), mask="m")
    return x, {"x": [VALUES[i, :n] for i, n in enumerate(LENGTHS)]}


def on_the_left(sd: SameDiff):
    return sd.placeholder("x", ("batch", "time", 3), mask="m"), {"x": VALUES, "m": LEFT}


def with_gaps_in_two_masks(sd: SameDiff):
    x = sd.placeholder("x", ("batch", "time", 3), mask="m")
    y = sd.placeholder("y", ("batch", "time", 3), mask="k")
    return x + y, {"x": VALUES, "y": VALUES[::-1], "m": GAPPY, "k": GAPPY & SEEN}


def with_missing_values(sd: SameDiff):
    x = sd.placeholder("x", ("batch", "time", 3), mask="m")
    seen = sd.placeholder("seen", ("batch", "time"), "bool")
    return x.with_mask(seen), {"x": VALUES, "m": LEFT[:, ::-1], "seen": SEEN}


def without_masks(sd: SameDiff):
    return sd.placeholder("x", ("batch", "time", 3)), {"x": VALUES[:3, :3]}


def cut_and_joined(sd: SameDiff):
    x, feeds = rows(sd)
    return sd.concat([sd.reverse(x, axis=1)[:, :-1], x * 2.0], axis=1), feeds


# Programs.

VERIFIED: list[tuple[Callable[..., Any], Callable[..., Any]]] = []


def verified(*feeds: Callable[[SameDiff], Any]) -> Callable[[Callable[..., Any]], None]:
    return lambda program: VERIFIED.extend((program, how) for how in feeds)


@verified(rows)
def matrices_of_what_is_real(sd, x):
    gram = sd.mmul(x, x, transpose_x=True) + np.eye(3, dtype="float32")
    sd.linalg.solve(gram, x.mean(1).expand_dims(2))
    sd.linalg.cholesky(gram).sum(1)
    sd.linalg.triu(x).cumsum(1)


@verified(with_missing_values)
def windows_behind_windows(sd, x):
    image = x.expand_dims(3)
    spread = sd.cnn.deconv2d(image, weights(2, 2, 2, 1), stride=2, padding="valid")
    sd.cnn.conv2d(spread, weights(3, 1, 2, 1)).mean((1, 2))
    sd.cnn.avg_pooling2d(image, kernel=(3, 1), stride=(2, 1), padding="same").max((1, 2))
    sd.cnn.im2col(x.expand_dims(1), kernel=2, stride=(2, 1)).mean((2, 3, 4, 5))


@verified(cut_and_joined)
def windows_behind_joins(sd, x):
    sd.cnn.conv2d(sd.cnn.upsampling2d(x.expand_dims(3), scale=2), weights(2, 2, 1, 2))[:, -1]
    sd.cnn.local_response_normalization(x, depth=1).mean(1)


@verified(on_the_left)
def recurrences(sd, x):
    w, r = weights(3, 8), weights(2, 8)
    sd.rnn.lstm_layer(x, w, r, data_format="NTS", direction="BWD")[:, 0]
    sd.rnn.gru(x, x.last_valid(1)[:, :2], weights(3, 6), weights(2, 6), data_format="NTS").sum(1)
    sd.rnn.sru_cell(x, x.cumsum(1), weights(3, 9), weights(6))[0].mean(1)


@verified(rows)
def colours_and_order(sd, x):
    sd.image.adjust_hue(sd.nn.sigmoid(x), 0.2).sum(1)
    sd.image.adjust_contrast(x.expand_dims(2), 1.5).max(1)
    sd.nn.top_k(x.permute((0, 2, 1)), 1)[0].mean(2)


@verified(with_gaps_in_two_masks, without_masks)
def tables(sd, x):
    ids = x.argmax(2)
    sd.segment_mean(x, ids, num_segments=3)
    sd.scatter_add(sd.zeros((4, 3)), ids, x)
    sd.dynamic_partition(x, ids, 2)[1].sum(0)
    sd.gather(x, np.array([1, 0]), axis=1).mean(1)


@verified(rows)
def lengths_as_numbers(sd, x):
    lengths = x.count_valid(1)[:, 0]
    (x * sd.sequence_mask(lengths, "time", dtype="float32").expand_dims(2)).cumsum(1)
    sd.reverse_sequence(x, lengths - 1, seq_dim=1)[:, 0]


@pytest.mark.parametrize("program, feeds", VERIFIED)
def test_padding_changes_nothing(program, feeds):
    sd = SameDiff.create(seed=1)
    x, fed = feeds(sd)
    program(sd, x)
    report = sd.verify_padding(fed)
    assert report.ok, str(report)


# Images of different height and width: two ends for each.

PICTURES = [weights(*size, 1) for size in ((3, 2), (2, 3))]


def test_images_end_along_both_axes():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "height", "width", 1), mask="m")
    w = weights(2, 2, 1, 1)
    sd.cnn.conv2d(sd.reverse(x, axis=1), w).mean((1, 2))
    sd.cnn.conv2d(sd.concat([x, x], axis=2), w, stride=(2, 1))[:, :, -1].mean(1)
    framed = sd.pad(sd.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0))), ((0, 0), (0, 0), (1, 1), (0, 0)))
    sd.cnn.conv2d(framed, w, padding="valid").max((1, 2))
    x.mean(2)[:, -1]
    report = sd.verify_padding({"x": PICTURES})
    assert report.ok, str(report)


@pytest.mark.parametrize("height", [3, 5])
def test_an_image_that_does_not_stand_in_the_corner_reaches_to_its_last_row(height):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "height", "width"), mask="m")
    mask = np.zeros((1, height, 3), bool)
    mask[0, 1:3, 1:] = True
    got = sd.output({"x": np.where(mask, 7.0, 9.0), "m": mask}, x[:, -1].mean(1, name="y"))["y"]
    assert got.tolist() == [7.0]


# What the longest row says of all of them.


@pytest.mark.parametrize("padding", [0, 2])
def test_the_end_of_rows_that_were_put_together(padding):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    sd.identity(x.mean(0)[-1], name="last")
    sd.identity(sd.gather(x, np.array([1, 0]), axis=0)[:, -1], name="picked")
    x.sum(0, name="sum")
    fed = np.pad(np.array([[1.0, 2, 3], [4, 5, 0]]), ((0, 0), (0, padding)))
    got = sd.output({"x": fed, "m": fed > 0}, "last", "picked", "sum")
    assert got["last"] == 3
    assert got["picked"].tolist() == [5, 3]
    assert got["sum"].tolist() == [5, 7, 3] + [0] * padding, "as long as it was fed"


def test_windows_by_the_size_of_rows_in_which_something_is_missing():
    """Nothing ends but where it was fed: what is missing stays in its place."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 1))
    seen = sd.placeholder("seen", ("batch", "time"), "bool")
    y = sd.cnn.max_pooling1d(x.with_mask(seen), kernel=3, stride=2, padding="same", name="y")
    fed = np.arange(6.0).reshape(1, 6, 1)
    got = sd.output({"x": fed, "seen": [[1, 1, 1, 1, 0, 0]]}, y)["y"]
    assert got.ravel().tolist() == [2, 3, 0]


@pytest.mark.parametrize("length", [3, 5])
def test_windows_over_values_that_are_missing_by_computation(length):
    """What a rounded size adds does not exist, whatever its values say."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 1))
    y = x.with_mask(sd.math.not_(x[:, :, 0] > 0.0))
    sd.cnn.conv1d(y, np.ones((1, 1, 1), "float32")).mean(1)
    sd.cnn.avg_pooling1d(y, kernel=3, stride=1, padding=1).mean(1)
    sd.cnn.deconv2d(y.expand_dims(3), np.ones((2, 1, 1, 1), "float32"), stride=2).sum(1)
    fed = -np.arange(1.0, length + 1).reshape(1, length, 1)
    fed[0, -1] = 1.0
    report = sd.verify_padding({"x": fed})
    assert report.ok, str(report)


@pytest.mark.parametrize("beyond", [False, True])
def test_what_is_missing_behind_the_end_of_a_row_says_nothing(beyond):
    """A mask of missing values may hold anything there."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 1), mask="m")
    seen = sd.placeholder("seen", ("batch", "time"), "bool")
    y = sd.cnn.avg_pooling1d(x.with_mask(seen), kernel=3, stride=1, padding=1)
    fed = {"x": np.ones((1, 5, 1)), "m": [[1, 1, 1, 0, 0]], "seen": [[1, 1, 0, beyond, beyond]]}
    got = sd.output(fed, y.count_valid(1, name="windows"))["windows"]
    assert got.tolist() == [[2]]


# Frames of a loss, and blocks.


def test_missing_frames_are_not_heard():
    logits = np.log(np.random.default_rng(1).dirichlet(np.ones(3), (1, 4))).astype("float32")
    sd = SameDiff.create()
    x = sd.placeholder("x", (1, "frames", 3))
    heard = sd.placeholder("heard", (1, "frames"), "bool")
    labels, one, four = np.array([[1]]), np.array([1]), np.array([4])
    sd.loss.ctc_loss(labels, x.with_mask(heard), one, four, name="missing")
    sd.loss.ctc_loss(labels, x, one, four - 1, name="plain")
    some = sd.output({"x": logits, "heard": [[1, 0, 1, 1]]}, "missing")["missing"]
    np.testing.assert_allclose(some, sd.output({"x": logits[:, [0, 2, 3]]}, "plain")["plain"])


def test_rows_that_blocks_do_not_fill_have_no_answer():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 2, 1), mask="m")
    y = sd.cnn.space_to_depth(x, block=2).sum((1, 2, 3), name="y")
    fed = {"x": [np.ones((n, 2, 1), "float32") for n in (4, 3, 2)]}
    assert sd.output(fed, y)["y"].tolist() == [8, 0, 4]
    with pytest.raises(ValueError, match="the 3 positions of axis 1"):
        plain = SameDiff.create()
        z = plain.placeholder("x", (1, "time", 2, 1))
        plain.output({"x": np.ones((1, 3, 2, 1))}, plain.cnn.space_to_depth(z, block=2))


# Sizes that are made of others.


def test_the_next_word_from_those_before():
    """All words but the last, by a recurrence and as rows of a table; the loss is of the next."""
    sd = SameDiff.create(seed=2)
    words = sd.placeholder("words", ("batch", "time"), "int32", mask="m")
    x = sd.nn.embedding(sd.var("table", (5, 3)), words)[:, :-1]
    hidden = sd.rnn.lstm_layer(x, sd.var("w", (3, 8)), sd.var("r", (2, 8)), data_format="NTS")
    logits = sd.nn.linear(hidden, sd.var("out", (2, 5)))
    sd.loss.sparse_softmax_cross_entropy(
        words[:, 1:].reshape((-1,)), logits.reshape((-1, 5)), name="loss"
    )
    report = sd.verify_padding({"words": [[1, 2, 3, 4], [2, 1], [3, 4, 0]]})
    assert report.ok, str(report)


ON_ROWS = {
    "scatter_add": lambda sd, x: sd.scatter_add(sd.zeros((3, 3)), x.argmax(2), x),
    "partition": lambda sd, x: sd.dynamic_partition(x, x.argmax(2), 2)[0],
    "attention": lambda sd, x: sd.nn.attention(x, x, x),
    "solve": lambda sd, x: sd.linalg.lstsq(x.expand_dims(2), x.expand_dims(2)),
    "reverse_sequence": lambda sd, x: sd.reverse_sequence(x, x.count_valid(1)[:, 0], seq_dim=1),
    "patches": lambda sd, x: sd.cnn.extract_image_patches(x.expand_dims(3), kernel=2),
    "reshape": lambda sd, x: x.reshape((-1, 3)).reshape(x.shape),
}
CUT = {
    "time - 1": lambda sd, x: x[:, :-1],
    "2*time - 1": lambda sd, x: sd.concat([x, x[:, 1:]], axis=1),
    "floordiv(time - 2, 2) + 1": lambda sd, x: sd.cnn.max_pooling1d(x, kernel=2),
}


@pytest.mark.parametrize("size", CUT)
@pytest.mark.parametrize("op", ON_ROWS)
def test_sizes_that_nobody_can_compare_are_sizes_all_the_same(op, size):
    """`batch * (time - 1)` rows: JAX can't say that there are none or more of them."""
    sd = SameDiff.create()
    x = CUT[size](sd, sd.placeholder("x", ("batch", "time", 3), mask="m"))
    assert str(x.shape[1]) == size
    ON_ROWS[op](sd, x)


# What is refused.

MERGED = {
    "argwhere": lambda sd, x: sd.argwhere(x[:, 0] > 0.0),
    "list_diff": lambda sd, x: sd.math.list_diff(x[:, 0], np.array([0.0], "float32")),
    "non_max_suppression": lambda sd, x: sd.image.non_max_suppression(x[:, :4], x[:, 4], 2, 0.5),
}


@pytest.mark.parametrize("op", MERGED)
def test_places_in_merged_rows_would_count_padding(op):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 5), mask="m").reshape((-1, 5))
    with pytest.raises(MaskError, match=f"{op}: rows of .* the place of an element would count it"):
        MERGED[op](sd, x)
    assert str(sd.dynamic_partition(x, sd.argmax(x, 1), 2)[0].mask), "no place is told"


def test_labels_must_be_whole():
    sd = SameDiff.create()
    x, labels = sd.placeholder("x", (2, 4, 3)), sd.placeholder("labels", (2, "labels"), "int32")
    seen = sd.placeholder("seen", (2, "labels"), "bool")
    with pytest.raises(MaskError, match="needs labels whole up to their lengths"):
        sd.loss.ctc_loss(labels.with_mask(seen), x, np.array([1, 2]), np.array([4, 4]))
