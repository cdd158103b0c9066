"""Accuracy and loss over a data set: real items only, whatever the batches."""

import numpy as np
import optax
import pytest

from samediff_py import SameDiff, TrainingConfig
from samediff_py.evaluation.classification import Evaluation
from samediff_py.foundation.errors import FeedError, GraphError

RNG = np.random.default_rng(0)
LENGTHS = (4, 1, 6, 2, 3, 5, 2)
ROWS = [RNG.normal(size=(n, 3)).astype(np.float32) for n in LENGTHS]
TAGS = [RNG.integers(0, 3, n).astype(np.int32) for n in LENGTHS]
Y = np.int32([row.sum(0).argmax() if i % 3 else 0 for i, row in enumerate(ROWS)])


def classifier():
    """The scores are the sum of the features over time: they can be told by eye."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 3), mask="x_mask")
    y = sd.placeholder("y", ("batch",), dtype="int32", mask="y_mask")
    scores = (x * sd.var("w", (3,), init="ones")).sum(axis="time", name="scores")
    sd.loss.sparse_softmax_cross_entropy(y, scores, name="loss")
    return sd


def tagger():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 3), mask="x_mask")
    y = sd.placeholder("y", ("batch", "time"), dtype="int32", mask="y_mask")
    scores = (x * sd.var("w", (3,), init="ones")).rename("scores")
    sd.loss.sparse_softmax_cross_entropy(y, scores, name="loss")
    return sd


def by_hand(scores, labels):
    """Accuracy and mean cross entropy of [items, classes]."""
    logs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    chosen = np.take_along_axis(logs, labels[:, None], -1)
    return (scores.argmax(-1) == labels).mean(), -chosen.mean()


SUMS = np.stack([row.sum(0) for row in ROWS])


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_one_label_for_each_row(batch_size):
    feeds = {"x": ROWS, "y": Y, "y_mask": True}
    result = classifier().evaluate(feeds, labels="y", batch_size=batch_size)
    accuracy, loss = by_hand(SUMS, Y)
    assert result.accuracy == pytest.approx(accuracy) and 0 < accuracy < 1
    assert result.loss == pytest.approx(loss, rel=1e-5) and result.count == len(ROWS)


def test_missing_labels_and_empty_rows_do_not_count():
    there = np.array([1, 1, 0, 1, 0, 1, 1], bool)
    x = [*ROWS, np.zeros((0, 3), np.float32)]
    y, y_mask = np.append(Y, 0), np.append(there, True)
    y[:-1][~there] = 77
    sd = classifier()
    result = sd.evaluate({"x": x, "y": y, "y_mask": y_mask}, "scores", labels="y", batch_size=3)
    accuracy, loss = by_hand(SUMS[there], Y[there])
    assert result.accuracy == pytest.approx(accuracy)
    assert result.loss == pytest.approx(loss, rel=1e-5) and result.count == 5


def labelled(width=7):
    """Padded arrays; labels are missing at every third position, and where a row has ended."""
    feeds = {
        "x": np.full((len(ROWS), width, 3), 1e6, np.float32),
        "y": np.full((len(ROWS), width), 99, np.int32),
    }
    for i, (row, tags) in enumerate(zip(ROWS, TAGS, strict=True)):
        feeds["x"][i, : len(row)], feeds["y"][i, : len(row)] = row, tags
    feeds["x_mask"] = np.arange(width) < np.array(LENGTHS)[:, None]
    feeds["y_mask"] = feeds["x_mask"] & (np.arange(width) % 3 != 1)
    return feeds


@pytest.mark.parametrize("batch_size", [2, 7])
def test_a_label_for_each_position_with_its_own_mask(batch_size):
    feeds = labelled()
    result = tagger().evaluate(feeds, labels="y", batch_size=batch_size)
    real = feeds["y_mask"]
    accuracy, loss = by_hand(feeds["x"][real], feeds["y"][real])
    assert result.count == real.sum()
    assert result.accuracy == pytest.approx(accuracy)
    assert result.loss == pytest.approx(loss, rel=1e-5)


def test_a_label_beyond_its_row_does_not_count():
    feeds = labelled()
    feeds["y_mask"] |= np.arange(7) >= 5  # labels where rows have ended
    feeds["y"][feeds["y"] == 99] = 0
    real = feeds["y_mask"] & feeds["x_mask"]
    result = tagger().evaluate(feeds, labels="y")
    accuracy, loss = by_hand(feeds["x"][real], feeds["y"][real])
    assert result.count == real.sum()
    assert result.accuracy == pytest.approx(accuracy)
    assert result.loss == pytest.approx(loss, rel=1e-5)


def test_one_hot_labels():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 3), mask="x_mask")
    y = sd.placeholder("y", ("batch", "time", 3), mask="y_mask")
    sd.loss.softmax_cross_entropy(y, x * sd.var("w", (3,), init="ones"), name="loss")
    hot = [np.eye(3, dtype=np.float32)[tags] for tags in TAGS]
    result = sd.evaluate({"x": ROWS, "y": hot}, labels="y", batch_size=3)
    accuracy, loss = by_hand(np.concatenate(ROWS), np.concatenate(TAGS))
    assert result.accuracy == pytest.approx(accuracy) and result.count == sum(LENGTHS)
    assert result.loss == pytest.approx(loss, rel=1e-5)
    several = [np.ones_like(a) for a in hot]
    with pytest.raises(FeedError, match="must be one-hot"):
        sd.evaluate({"x": ROWS, "y": several}, labels="y")


def test_labels_come_from_the_config_and_batches_by_its_names():
    sd = classifier()
    sd.training_config = TrainingConfig(optax.sgd(0.1), features=["x"], labels=["y"])
    whole = sd.evaluate((ROWS, Y.tolist()))
    batches = ((ROWS[i : i + 3], Y[i : i + 3].tolist()) for i in range(0, 7, 3))
    assert sd.evaluate(batches, "scores") == Evaluation(
        whole.accuracy, pytest.approx(whole.loss), whole.count
    )


def test_without_class_labels_there_is_the_loss_alone():
    sd = SameDiff.create()
    x, y = sd.placeholder("x", ("batch", 2)), sd.placeholder("y", ("batch", 2))
    sd.loss.sigmoid_cross_entropy(y, x * sd.var("w", (2,), init="ones"))
    x, y = RNG.normal(size=(5, 2)), RNG.integers(0, 2, (5, 2))
    result = sd.evaluate({"x": x, "y": y}, labels="y", batch_size=2)
    loss = np.mean(np.log1p(np.exp(x)) - x * y)
    assert result.accuracy is None and result.loss == pytest.approx(loss, rel=1e-5)
    assert str(result) == f"loss {loss:.4f}  over 10 items"


def test_several_losses_are_added_example_by_example():
    sd = classifier()
    sd.loss.absolute_difference(sd["w"] * 0.0, sd["w"], name="size")
    feeds = {"x": ROWS, "y": Y, "y_mask": True}
    result = sd.evaluate(feeds, labels="y", batch_size=3)
    assert result.loss == pytest.approx(by_hand(SUMS, Y)[1] + 1.0, rel=1e-5)


def test_without_a_loss_there_is_the_accuracy_alone():
    sd = SameDiff.create()
    sd.placeholder("scores", ("batch", 3))
    sd.placeholder("y", ("batch",), dtype="int32")
    result = sd.evaluate({"scores": SUMS, "y": Y}, sd["scores"], labels="y")
    assert result == Evaluation(pytest.approx(by_hand(SUMS, Y)[0]), None, 7)
    assert str(result) == f"accuracy {result.accuracy:.4f}  over 7 items"


def test_time_may_lie_before_the_batch_of_a_data_set():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("time", "batch", 3), mask="x_mask")
    y = sd.placeholder("y", ("batch",), dtype="int32")
    scores = (x * sd.var("w", (3,), init="ones")).sum(axis="time", name="scores")
    sd.loss.sparse_softmax_cross_entropy(y, scores, name="loss")
    fed = labelled()
    turned = {"x": fed["x"].swapaxes(0, 1), "x_mask": fed["x_mask"].T, "y": Y}
    accuracy, loss = by_hand(SUMS, Y)
    for size in (3, 100):
        result = sd.evaluate(turned, labels="y", batch_size=size)
        assert result == Evaluation(accuracy, pytest.approx(loss, rel=1e-5), 7)


def errors():
    sd, feeds = classifier(), {"x": ROWS, "y": Y, "y_mask": True}
    sd["scores"].sum(name="total")
    bare, scores = SameDiff.create(), {"s": SUMS, "y": Y}
    bare.placeholder("s", ("batch", 3))
    bare.placeholder("y", ("rows",), dtype="int32")
    column = {"s": SUMS[:, :1], "y": Y}
    narrow = SameDiff.create()
    narrow.placeholder("s", ("batch", 1))
    narrow.placeholder("y", ("batch",), dtype="int32")
    return {
        "say which placeholder holds the labels": (sd, feeds, "scores", None),
        "no variable 'labels'": (sd, feeds, "scores", "labels"),
        "no variable 'score'; did you mean 'scores'": (sd, feeds, "score", "y"),
        "nothing to evaluate": (bare, scores, None, None),
        r"labels of shape \(4,\) do not fit scores": (bare, [{"s": SUMS, "y": Y[:4]}], "s", "y"),
        "one score for each class": (narrow, column, "s", "y"),
        "'loss' is a loss: accuracy wants scores": (sd, feeds, "loss", "y"),
        "'loss' is a loss, and no labels": (sd, feeds, "scores", "loss"),
        r"labels 'y' \[batch\] do not fit scores 'x' \[batch, time, 3\]": (sd, feeds, "x", "y"),
        r"'total' \[\]: accuracy wants scores": (sd, feeds, "total", "y"),
        "there was no batch": (sd, iter(()), "scores", "y"),
        "data is a dict": (sd, 3, "scores", "y"),
        "'y' was not fed": (sd, [{"x": ROWS}], "scores", "y"),
    }


@pytest.mark.parametrize("match", errors())
def test_what_cannot_be_evaluated(match):
    sd, data, output, labels = errors()[match]
    with pytest.raises((FeedError, GraphError), match=match):
        sd.evaluate(data, output, labels=labels)


def test_what_cannot_be_compared_is_refused_before_anything_runs():
    sd = classifier()
    for output, labels in (("loss", "y"), ("scores", "loss"), ("x", "y")):
        with pytest.raises(GraphError):
            sd.evaluate(({}[feeds] for feeds in "x"), output, labels=labels)
