"""Whole models on sequences: they learn, and no padding changes what they say."""

from pathlib import Path

import numpy as np
import optax
import pytest

from samediff_py import SameDiff, TrainingConfig

RNG = np.random.default_rng(0)
LENGTHS, TARGETS = (5, 2, 7, 4, 3, 6), (3, 6, 2, 5, 4, 1)
WIDTH, CLASSES = 4, 3


def sequences(lengths, width=WIDTH):
    return [RNG.normal(size=(n, width)).astype(np.float32) for n in lengths]


ROWS, SOURCE = sequences(LENGTHS), sequences(TARGETS)
KINDS = np.int32([0, 1, 2, 0, 1, 2])
TAGS = [(row.sum(-1) > 0).astype(np.int32) for row in ROWS]
BY_ROW, BY_POSITION = {"x": ROWS, "y": KINDS}, {"x": ROWS, "tags": TAGS}


def start(seed=0):
    sd = SameDiff.create(seed=seed)
    return sd, sd.placeholder("x", ("batch", "time", WIDTH), mask="x_mask")


def dense(sd, x, name, size, init="glorot"):
    bias = sd.var(f"{name}_bias", (size,), init="zeros")
    return sd.nn.linear(x, sd.var(f"{name}_weights", (x.shape[-1], size), init=init), bias)


def classified(sd, pooled):
    """A class for each row."""
    y = sd.placeholder("y", ("batch",), dtype="int32")
    logits = dense(sd, pooled, "out", CLASSES).rename("logits")
    sd.loss.sparse_softmax_cross_entropy(y, logits)
    return sd


def tagged(sd, h):
    """A class for each position; labels have a mask of their own."""
    tags = sd.placeholder("tags", ("batch", "time"), dtype="int32", mask="tags_mask")
    logits = dense(sd, h, "out", 2).rename("logits")
    sd.loss.sparse_softmax_cross_entropy(tags, logits)
    return sd


def convolution():
    sd, x = start()
    h = sd.nn.relu(sd.cnn.conv1d(x, sd.var("taps", (3, WIDTH, 8))))
    h = sd.cnn.max_pooling1d(h, kernel=2, stride=1, padding="same")
    return classified(sd, sd.nn.global_pooling(h, "max")), BY_ROW


def strided_convolution():
    sd, x = start()
    h = sd.cnn.conv1d(x, sd.var("taps", (3, WIDTH, 8)), stride=2)
    h = sd.nn.relu(sd.cnn.conv1d(h, sd.var("more", (2, 8, 8)), padding="causal", dilation=2))
    return classified(sd, sd.nn.global_pooling(h, "last")), BY_ROW


def normalised_convolution():
    sd, x = start()
    h = sd.cnn.conv1d(x, sd.var("taps", (3, WIDTH, 8)))
    gain, shift = sd.var("gain", (8,), init="ones"), sd.var("shift", (8,), init="zeros")
    h = sd.nn.relu(sd.nn.batch_norm(h, gamma=gain, beta=shift, momentum=0.5, name="norm"))
    return classified(sd, h.mean(axis="time")), BY_ROW


def bidirectional_tagger():
    sd, x = start()
    h = sd.rnn.lstm_layer(
        x, sd.var("w", (2, WIDTH, 24)), sd.var("r", (2, 6, 24)), sd.var("b", (2, 24), init="zeros"),
        data_format="NTS", direction="BIDIR_CONCAT",
    )  # fmt: skip
    return tagged(sd, h), BY_POSITION


def gated_unit():
    sd, x = start()
    state = sd.zeros(("batch", 6))
    h = sd.rnn.gru(
        x, state, sd.var("w", (WIDTH, 18)), sd.var("r", (6, 18)), sd.var("b", (18,), init="zeros"),
        data_format="NTS",
    )  # fmt: skip
    return classified(sd, h.last_valid(axis="time")), BY_ROW


def transformer(causal=True):
    """One block in SameDiff's order: time is the last axis inside."""
    sd, x = start()
    h = x.permute((0, 2, 1))
    weights = [sd.var(name, (2, 3, WIDTH)) for name in ("q", "k", "v")]
    mixed = sd.nn.multi_head_dot_product_attention(
        h, h, h, *weights, sd.var("o", (6, WIDTH)), causal=causal
    )
    h = norm(sd, (h + mixed).permute((0, 2, 1)), "first")
    wide = sd.nn.relu(dense(sd, h, "wide", 8))
    return tagged(sd, norm(sd, h + dense(sd, wide, "narrow", WIDTH), "second")), BY_POSITION


def norm(sd, x, name):
    gain = sd.var(f"{name}_gain", (WIDTH,), init="ones")
    shift = sd.var(f"{name}_shift", (WIDTH,), init="zeros")
    return sd.nn.layer_norm(x, gain, shift, axis=-1, epsilon=1e-5)


def source_and_target():
    """Every target position looks at a source of another length, read by an LSTM."""
    sd, x = start()
    source = sd.placeholder("source", ("batch", "length", WIDTH), mask="source_mask")
    h = sd.rnn.lstm_layer(source, sd.var("w", (WIDTH, 16)), sd.var("r", (4, 16)), data_format="NTS")
    return tagged(sd, x + sd.nn.attention(x, h, h)), {**BY_POSITION, "source": SOURCE}


MODELS = [
    convolution, strided_convolution, normalised_convolution, bidirectional_tagger, gated_unit,
    transformer, source_and_target,
]  # fmt: skip


def padded(feeds, more, content):
    """The same feeds as arrays `more` longer than need be, with this in padded slots."""
    arrays = {}
    for name, rows in feeds.items():
        arrays[name] = np.asarray(rows) if name == "y" else None
        if name == "y":
            continue
        width = max(map(len, rows)) + more
        dtype = np.asarray(rows[0]).dtype
        fill = content if dtype.kind == "f" else 99
        arrays[name] = np.full((len(rows), width, *rows[0].shape[1:]), fill, dtype)
        for i, row in enumerate(rows):
            arrays[name][i, : len(row)] = row
        arrays[f"{name}_mask"] = np.arange(width) < np.array([len(row) for row in rows])[:, None]
    return arrays


def trained(sd, data, steps=8, rate=0.03):
    sd.training_config = TrainingConfig(optax.adam(rate))
    return sd.fit(data, epochs=steps, shuffle=False, progress=False).loss


def features(feeds):
    return {name: value for name, value in feeds.items() if name in ("x", "source")}


@pytest.mark.slow
@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_a_model_learns_and_padding_changes_nothing(build):
    (sd, feeds), (other, _) = build(), build()
    losses = trained(sd, feeds)
    assert losses[-1] < 0.9 * losses[0]
    far = padded(feeds, 20, np.nan)
    np.testing.assert_allclose(trained(other, far), losses, rtol=1e-3)
    want = sd.output(features(feeds), "logits")["logits"]
    for more, content in ((0, 1e6), (20, 1e6), (20, np.nan)):
        fed = padded(features(feeds), more, content)
        got = sd.output(fed, "logits")["logits"]
        if got.ndim == 3 and more:
            assert not got[:, max(LENGTHS) :].any()
            got = got[:, : max(LENGTHS)]
        np.testing.assert_allclose(got, want, atol=1e-5)
    names = tuple(sd.params)
    gradients = sd.calculate_gradients(feeds, *names)
    for name, gradient in sd.calculate_gradients(far, *names).items():
        np.testing.assert_allclose(gradient, gradients[name], atol=1e-5, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_a_model_gives_each_example_what_it_gets_alone(build):
    sd, feeds = build()
    few = {name: value[1:4:2] for name, value in feeds.items()}
    report = sd.verify_padding(few)
    assert report.ok, str(report)


def test_the_checks_can_fail():
    sd, x = start()
    sd = classified(sd, dense(sd, x, "hidden", 8).mean(axis="time", masked=False))
    rows = features(BY_ROW)
    want = sd.output(rows, "logits")["logits"]
    for more, content in ((20, 0.0), (0, 1e6)):
        got = sd.output(padded(rows, more, content), "logits")["logits"]
        assert (abs(got - want) > 1e-2).any()
    assert not sd.verify_padding({name: value[:2] for name, value in BY_ROW.items()}).ok


# Speakers told apart by two vowels: 12 coefficients at 7 to 29 moments, nine speakers.

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "japanese_vowels"


@pytest.fixture(scope="module")
def vowels():
    file = FOLDER / "japanese_vowels.npz"
    if not file.exists():
        pytest.skip("the Japanese Vowels data are not beside this checkout")
    data = np.load(file)

    def part(name):
        ends = np.cumsum(data[f"len_{name}"])[:-1]
        return {"x": np.split(data[f"x_{name}"], ends), "y": data[f"y_{name}"]}

    return part("train"), part("test")


def last_state(sd, x):
    return sd.rnn.lstm_layer(
        x, sd.var("w", (12, 256)), sd.var("r", (64, 256)), sd.var("b", (256,), init="zeros"),
        data_format="NTS", return_full_sequence=False, return_last_h=True,
    )  # fmt: skip


def mean_over_time(sd, x):
    return sd.nn.relu(dense(sd, x, "hidden", 64)).mean(axis="time")


@pytest.mark.slow
@pytest.mark.parametrize(("pool", "rate", "bar"), [
    (last_state, 0.01, 0.92),  # 0.943 to 0.965 with five seeds
    (mean_over_time, 0.03, 0.95),  # 0.968 to 0.976
])  # fmt: skip
def test_speakers_are_told_apart_whatever_the_padding(vowels, pool, rate, bar):
    train, test = vowels
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 12), mask="x_mask")
    y = sd.placeholder("y", ("batch",), dtype="int32")
    logits = dense(sd, pool(sd, x), "out", 9).rename("logits")
    sd.loss.sparse_softmax_cross_entropy(y, logits)
    schedule = optax.cosine_decay_schedule(rate, 20 * 10)
    sd.training_config = TrainingConfig(
        optax.chain(optax.clip_by_global_norm(1.0), optax.adam(schedule))
    )
    sd.fit(train, epochs=20, batch_size=27, progress=False)
    result = sd.evaluate(test, labels="y")
    assert result.accuracy >= bar and result.count == 370
    rows = {"x": test["x"]}
    want = sd.output(rows, "logits")["logits"]
    assert (want.argmax(-1) == test["y"]).mean() == pytest.approx(result.accuracy)
    for more, content in ((20, 0.0), (20, 1e6), (3, np.nan)):
        got = sd.output(padded(rows, more, content), "logits")["logits"]
        np.testing.assert_allclose(got, want, atol=1e-4)
        np.testing.assert_array_equal(got.argmax(-1), want.argmax(-1))
    few = {"x": test["x"][:2], "y": test["y"][:2]}
    report = sd.verify_padding(few)
    assert report.ok, str(report)
