"""`sd.verify_padding` says nothing of models that padding can't change, and names the line of all
others. Lengths are few and widths small, since every length is compiled."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import FeedError, PaddingLeakError
from samediff_py.ops.record import OPS
from samediff_py.ops.rules import pointwise
from samediff_py.verify.report import TESTS

WORDS, WIDTH = 11, 4
LENGTHS = (3, 5, 3)


def rows(lengths=LENGTHS, width=None, seed=0):
    rng = np.random.default_rng(seed)
    if width is None:
        return [rng.integers(1, WORDS, n).tolist() for n in lengths]
    return [rng.normal(size=(n, width)) for n in lengths]


def sequences(width=3):
    """A graph with one sequence x [batch, time, width]."""
    sd = SameDiff.create()
    return sd, sd.placeholder("x", ("batch", "time", width), mask="x_mask")


def text_model(*, attention=True, pooling=True):
    """Embedding, attention, ReLU, residual, mean over time, loss; each opt-out on its own line."""
    sd = SameDiff.create()
    tokens = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="tokens_mask")
    labels = sd.placeholder("labels", ("batch",), dtype="int32")
    x = sd.nn.embedding(sd.var("table", (WORDS, WIDTH)), tokens, name="x")
    q, k, v = (sd.nn.linear(x, sd.var(f"w{n}", (WIDTH, WIDTH)), name=n) for n in "qkv")
    context = sd.nn.attention(q, k, v, heads=2, masked=attention, name="context")
    hidden = sd.nn.relu(context + x, name="hidden")
    pooled = hidden.mean("time", masked=pooling, name="pooled")
    logits = sd.nn.linear(pooled, sd.var("out", (WIDTH, WORDS)), name="logits")
    sd.loss.sparse_softmax_cross_entropy(labels, logits, name="loss")
    return sd


def text_feeds(lengths=LENGTHS):
    return {"tokens": rows(lengths), "labels": np.arange(len(lengths))}


def leak_of(sd, feeds, **options):
    report = sd.verify_padding(feeds, **options)
    assert report.first_leak is not None, str(report)
    return report.first_leak


# The text model, whole and broken.


def test_a_correct_text_model_passes_every_test():
    report = text_model().verify_padding(text_feeds())
    assert report.ok and report.first_leak is None, str(report)
    assert not report.notes
    report.raise_if_leaking()
    checks = {check.test: check for check in report.checks}
    assert list(checks) == ["definition", "content", "amount", "company", "emptiness"]
    assert all(check.numbers > 0 and check.gradients > 0 for check in checks.values())
    assert "Padding changes nothing" in str(report)


@pytest.mark.parametrize(
    "broken, name, text",
    [
        ({"attention": False}, "context", "masked=attention"),
        ({"pooling": False}, "pooled", "masked=pooling"),
    ],
)
def test_an_opt_out_is_named_with_its_line(broken, name, text):
    report = text_model(**broken).verify_padding(text_feeds())
    leak = report.first_leak
    assert leak is not None and (leak.name, leak.test, leak.kind) == (name, "definition", "value")
    assert text in leak.source.text and leak.difference > 1e-4
    shown = str(report)
    assert text in shown and "remove masked=False" in shown and "'loss'" in shown
    with pytest.raises(PaddingLeakError, match=name):
        report.raise_if_leaking()


def test_feeds_of_equal_length_show_it_too():
    """Nothing is padded as fed, but more padding is tried."""
    leak = leak_of(text_model(attention=False), text_feeds((4, 4)))
    assert (leak.name, leak.test) == ("context", "content")


def test_what_can_be_computed_is_verified_and_outputs_narrow_it():
    sd = text_model(attention=False)
    assert leak_of(sd, {"tokens": rows()}, gradients=False).name == "context"  # without the labels
    assert sd.verify_padding({"tokens": rows()}, outputs=["q", sd["k"]], gradients=False).ok
    with pytest.raises(FeedError, match="did you mean 'tokens'"):
        sd.verify_padding({"tokns": rows()})
    with pytest.raises(FeedError, match="'tokens'"):
        sd.verify_padding({"labels": [1, 2]})


# Models that padding can't change.


def convolutions(sd, x):
    weights = sd.var("weights", (3, 3, 2))
    for padding in ("same", "valid", "causal"):
        y = sd.cnn.conv1d(x, weights, padding=padding, name=padding)
        y.mean("time", name=f"{padding}_mean") if padding == "same" else y.mean(1)
    sd.cnn.conv1d(x, weights, padding="same", stride=2).max(1)


def pooling(sd, x):
    sd.cnn.max_pooling1d(x, kernel=2).sum(1)
    sd.cnn.avg_pooling1d(x, kernel=3, stride=1, padding="same").sum(1)
    sd.nn.global_pooling(x, "max")


def recurrence(sd, x):
    for direction, axes in (("FWD", ()), ("BWD", ()), ("BIDIR_CONCAT", (2,))):
        weights = (sd.var(f"{direction}_{n}", (*axes, m, 8)) for n, m in (("w", 3), ("r", 2)))
        sd.rnn.lstm_layer(x, *weights, data_format="NTS", direction=direction, return_last_h=True)


def ends(sd, x):
    x[:, -1].rename("last")
    x[:, 1:].mean(1, name="tail")
    x[:, :-1].rename("head")
    x[:, 3].rename("fourth")  # the short examples have none
    sd.reverse(x, "time").cumsum(1).rename("backwards")
    x.last_valid("time")


def joins(sd, x):
    both = sd.concat([x, sd.math.square(x)], axis=1)
    sd.cnn.conv1d(both, sd.var("weights", (3, 3, 2)), padding="valid").mean(1)
    sd.concat([x, x * 2.0], axis=2).mean("time")
    sd.pad(x, ((0, 0), (1, 2), (0, 0))).mean(1)


def scans(sd, x):
    x.cumsum("time", reverse=True)
    sd.nn.softmax(x, axis="time")
    sd.math.log_sum_exp(x, "time")
    x.std("time")


def merged(sd, x):
    flat = x.reshape((-1, 3))
    sd.nn.linear(flat, sd.var("w", (3, 2)), name="flat")
    x.permute((1, 0, 2)).reshape((-1, 3)).sum()


def time_first(sd, x):
    sd.nn.softmax(x.permute((1, 2, 0)), axis=0, name="p")


def ordinary(sd, x):
    (x.sum("time") / 7.0).rename("scaled")  # a constant divisor is no leak
    (x.mean("time") * x.count_valid("time").cast("float32")).rename("total")
    x.fill_padding(0.0).sum("time", name="filled")
    sd.nn.dropout(x, 0.5).max("time", name="dropped")
    sd.nn.batch_norm(x)
    sd.positions(x).cast("float32").mean("time", name="middle")
    sd.set_loss_variables(sd.math.square(x).mean(name="loss"))  # no total and count


def pairwise(sd, x):
    """A contrastive loss mixes examples, and is not compared with single ones."""
    pooled = x.mean("time")
    scores = sd.mmul(pooled, pooled, transpose_y=True)
    sd.loss.mean_squared_error(scores, scores * 0.5)


SLOW = [pytest.param(model, marks=pytest.mark.slow) for model in (recurrence, convolutions)]
MODELS = [pooling, ends, joins, scans, merged, time_first, ordinary, pairwise, *SLOW]


@pytest.mark.parametrize("model", MODELS)
def test_correct_models(model):
    sd, x = sequences()
    model(sd, x)
    report = sd.verify_padding({"x": rows(width=3)})
    assert report.ok, str(report)


def padded(left: bool, gaps: bool):
    """Arrays and masks, with junk in the padding."""
    mask = np.array([[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0]], bool)
    if gaps:
        mask = np.array([[0, 1, 0, 1, 1, 0], [1, 1, 0, 1, 1, 1], [1, 0, 0, 0, 0, 1]], bool)
    mask = mask[:, ::-1] if left else mask
    x = np.random.default_rng(0).normal(size=(3, 6, 3))
    return {"x": np.where(mask[..., None], x, np.nan), "x_mask": mask}


def time_major(masked):
    """A sum over time that is divided by each length, or by all positions."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("time", "batch", 3), mask="m")
    (x if masked else x.fill_padding(0.0)).mean("time", name="mean")
    sd.cumsum(x, axis="time", name="scan")
    feeds = np.random.default_rng(0).normal(size=(5, 3, 3))
    return sd, {"x": feeds, "m": np.arange(5)[:, None] < np.array(LENGTHS)}


def test_examples_lie_along_the_dim_called_batch():
    """Wherever it stands: a mean over a padded time that comes first is a leak as well."""
    sd, feeds = time_major(masked=True)
    report = sd.verify_padding(feeds)
    assert report.ok, str(report)
    assert "3 examples along 'batch'" in str(report)
    assert [check.test for check in report.checks if check.gradients] == list(TESTS)
    sd, feeds = time_major(masked=False)
    leak = leak_of(sd, feeds)
    assert (leak.name, leak.test) == ("mean", "definition")


@pytest.mark.parametrize("feeds", [padded(True, False), padded(False, True), {"x": rows((4,), 3)}])
def test_any_way_of_feeding(feeds):
    """Padding in front, gaps and an empty example, one example."""
    sd, x = sequences()
    sd.cnn.conv1d(x, sd.var("weights", (3, 3, 2)), padding="causal").mean("time", name="mean")
    x[:, -1].rename("last")
    report = sd.verify_padding(feeds)
    assert report.ok, str(report)
    empty = ~np.asarray(feeds.get("x_mask", True)).any(-1).all()
    assert ("without a real position" in str(report)) == bool(empty)


def test_two_sequences_and_missing_labels():
    sd = SameDiff.create()
    source = sd.placeholder("source", ("batch", "s", 4), mask="source_mask")
    target = sd.placeholder("target", ("batch", "t", 4), mask="target_mask")
    labels = sd.placeholder("labels", ("batch",), dtype="int32", mask="labelled")
    positions = sd.placeholder("positions", ("batch", "t"))  # no mask: the loss has one anyway
    context = sd.nn.attention(target, source, source, name="context")
    sd.loss.sparse_softmax_cross_entropy(labels, context.mean("t"), name="classes")
    sd.loss.mean_squared_error(positions, context.sum(2), name="places")
    report = sd.verify_padding(
        {
            "source": rows((2, 4, 3), 4),
            "target": rows((3, 2, 2), 4, seed=1),
            "labels": np.array([1, 99, 3]),
            "labelled": np.array([True, False, True]),
            "positions": np.ones((3, 3)),
        }
    )
    assert report.ok, str(report)


def test_two_masks_on_the_same_dims():
    """Positions that neither calls real are cut; what one lacks is missing, not cut."""
    sd = SameDiff.create()
    tokens = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="tokens_mask")
    targets = sd.placeholder("targets", ("batch", "time"), dtype="int32", mask="chosen")
    x = sd.nn.embedding(sd.var("table", (WORDS, WIDTH)), tokens)
    logits = sd.nn.attention(x, x, x)
    sd.loss.sparse_softmax_cross_entropy(targets, logits, name="loss")
    mask = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)
    chosen = np.array([[0, 1, 0, 0], [1, 1, 0, 0]], bool)
    ids = np.array([[5, 6, 7, 0], [2, 1, 0, 0]])
    report = sd.verify_padding(
        {"tokens": ids, "tokens_mask": mask, "targets": ids % WIDTH, "chosen": chosen}
    )
    assert report.ok, str(report)


def test_a_graph_without_masks_is_tested_against_buckets():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"))
    x.mean("time", name="mean")
    report = sd.verify_padding({"x": np.ones((3, 5))})
    assert report.ok and "declares a mask" in str(report)
    assert [check.test for check in report.checks] == ["definition", "amount", "company"]


def test_sizes_stay_within_their_bounds_and_many_examples_are_sampled():
    sd = SameDiff.create()
    time = sd.dim("time", max=6, multiple_of=2)
    x = sd.placeholder("x", ("batch", time), mask="x_mask")
    x.mean("time", name="mean")
    mask = np.arange(6) < np.arange(40)[:, None] % 5 + 1
    report = sd.verify_padding({"x": np.ones((40, 6)), "x_mask": mask}, gradients=False)
    assert report.ok, str(report)
    assert "of 40 examples, 16" in str(report) and "time=8" not in str(report)


# Models that padding changes.


def dropped(sd, x):
    padded = sd.nn.softmax(x, axis="time").drop_mask(name="dropped")  # the line that matters
    padded.mean("time")


def mean_of_filled(sd, x):
    x.fill_padding(0.0).mean("time", name="leak")


def softmax_over_examples(sd, x):
    sd.nn.softmax(x.mean("time"), axis="batch", name="leak")


def centred_on_the_batch(sd, x):
    pooled = x.mean("time")
    sd.math.sub(pooled, pooled.mean(), name="leak")


def length_as_a_number(sd, x):
    sd.math.div(x[:, :, 0].sum("time"), sd.ones(("batch", "time")).sum("time", name="length"))


def log_of_a_count(sd, x):
    sd.math.log(x.count_valid("time").cast("float32"), name="leak")


BROKEN = [
    (dropped, "dropped", "definition", "remove drop_mask"),
    (mean_of_filled, "leak", "definition", "fill_padding"),
    (softmax_over_examples, "leak", "definition", "mixes the examples"),
    (centred_on_the_batch, "leak", "definition", "mixes the examples"),
    (length_as_a_number, "length", "definition", "ones"),
    (log_of_a_count, "leak", "emptiness", "a count is 0"),
]


@pytest.mark.parametrize("model, name, test, hint", BROKEN)
def test_broken_models(model, name, test, hint):
    sd, x = sequences()
    model(sd, x)
    leak = leak_of(sd, {"x": rows(width=3)}, gradients=False)
    assert (leak.name, leak.test) == (name, test), str(leak)
    assert hint in leak.advice, leak.advice
    assert leak.source.line == sd.source_of(name).line


def test_a_forgotten_mask_is_pointed_at():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
    weights = sd.placeholder("weights", ("batch", "time"))
    (x.mean("time") / weights.sum("time", name="total")).rename("y")
    mask = np.array([[True, True, False], [True, False, False]])
    leak = leak_of(sd, {"x": np.ones((2, 3)), "x_mask": mask, "weights": np.ones((2, 3))})
    assert (leak.name, leak.test) == ("total", "definition")
    assert "'weights' declares no mask" in leak.advice and "mask='x_mask'" in leak.advice


# Rules and kernels that are wrong: verify can fail.


def tampered(monkeypatch, op, **changes):
    monkeypatch.setitem(OPS, op, replace(OPS[op], **changes))


def test_a_wrong_rule_is_caught(monkeypatch):
    tampered(monkeypatch, "softmax", rule=pointwise)
    sd, x = sequences()
    sd.nn.softmax(x, axis="time", name="p")
    leak = leak_of(sd, {"x": rows(width=3)})
    assert (leak.name, leak.test) == ("p", "definition")
    assert set(leak.tests) == {"definition", "amount"}
    assert "please report it" in leak.advice


def compiled_blindly(monkeypatch, op):
    """The op is told nothing of masks, though its tags are right."""
    right = OPS[op].rule

    def blind(site):
        return replace(right.apply(site), injects={}, fills={}, covered=frozenset())

    tampered(monkeypatch, op, rule=replace(right, apply=blind))


NEEDS_ITS_MASK = {
    "attention": lambda sd, x: sd.nn.attention(x, x, x),
    "concat": lambda sd, x: sd.concat([x, x], axis=1),
    "conv1d": lambda sd, x: sd.cnn.conv1d(x, sd.var("w", (3, 3, 2))),
    "cumsum": lambda sd, x: x.cumsum("time", reverse=True),
    "getitem": lambda sd, x: x[:, -1],
    "last_valid": lambda sd, x: x.last_valid("time"),
    "layer_norm": lambda sd, x: sd.nn.layer_norm(x, np.ones(3), axis=(1, 2)),
    "log_sum_exp": lambda sd, x: sd.math.log_sum_exp(x, "time"),
    "lstm_layer": lambda sd, x: sd.rnn.lstm_layer(
        x, sd.var("w", (3, 8)), sd.var("r", (2, 8)), data_format="NTS", direction="BWD"
    ),
    "max": lambda sd, x: x.max("time"),
    "max_pooling1d": lambda sd, x: sd.cnn.max_pooling1d(x, kernel=3, stride=1, padding="same"),
    "mmul": lambda sd, x: sd.mmul(x, x, transpose_x=True),
    "mean_squared_error": lambda sd, x: sd.loss.mean_squared_error(x, x * 0.5),
    "pad": lambda sd, x: sd.pad(x, ((0, 0), (0, 1), (0, 0))),
    "reverse": lambda sd, x: sd.reverse(x, "time"),
    "roll": lambda sd, x: sd.roll(x, 1, axis="time"),
    "standard_deviation": lambda sd, x: x.std("time"),
}


@pytest.mark.parametrize("op", NEEDS_ITS_MASK)
def test_every_op_that_is_told_nothing_is_caught(monkeypatch, op):
    compiled_blindly(monkeypatch, op)
    sd, x = sequences()
    result = NEEDS_ITS_MASK[op](sd, x + 9.0)
    name = result[0].name if isinstance(result, tuple) else result.name
    leak = leak_of(sd, {"x": rows((2, 4), 3)}, gradients=False)
    assert leak.name == name and leak.test == "definition", str(leak)


def forgets(site):
    """Calls padding real."""
    return replace(SQUARE(site), tags=(SQUARE(site).tags[0].with_terms(()),))


def hides(site):
    """Calls a real position padding: the mask, and the mask the other way round."""
    (tag,) = SQUARE(site).tags
    term = next(iter(tag.terms))
    if term.is_extent:  # without masks there is nothing to mistake
        return SQUARE(site)
    turned = site.plan.emit("reverse", [term.mask], site.plan.shape(term.mask), axis=(1,))
    return replace(SQUARE(site), tags=(tag.with_terms({term, replace(term, mask=turned)}),))


SQUARE = OPS["square"].rule.apply


@pytest.mark.parametrize("rule, name, kind", [(forgets, "mean", "value"), (hides, "y", "validity")])
def test_a_rule_that_mistakes_what_is_real_is_caught(monkeypatch, rule, name, kind):
    tampered(monkeypatch, "square", rule=replace(OPS["square"].rule, apply=rule))
    sd, x = sequences()
    sd.math.square(x, name="y").mean("time", name="mean")
    leak = leak_of(sd, {"x": rows(width=3)}, gradients=False)
    assert (leak.name, leak.kind, leak.test) == (name, kind, "definition")
    assert "elements" in str(leak) or kind == "value"


def test_a_kernel_that_raises_is_a_finding(monkeypatch):
    def picky(x):
        if x.shape[1] == 6:
            raise ValueError("six is too many")
        return jnp.square(x)

    tampered(monkeypatch, "square", kernel=picky)
    sd, x = sequences()
    sd.math.square(x, name="y").mean("time", name="mean")
    leak = leak_of(sd, {"x": rows((3, 5), 3)})
    assert (leak.name, leak.test, leak.kind) == ("y", "content", "error")
    assert "six is too many" in str(leak)


def test_a_leak_that_only_gradients_show(monkeypatch):
    """log at 0, in padding: values are fine, the gradient is 0 * inf."""
    tampered(monkeypatch, "log", safe=None)
    sd, x = sequences()
    hidden = sd.nn.linear(x, sd.var("w", (3, 2)), name="hidden")
    sd.math.log(sd.math.square(hidden), name="log").mean("time", name="y")
    feeds = {"x": rows(width=3)}
    leak = leak_of(sd, feeds)
    assert (leak.name, leak.kind, leak.through) == ("log", "gradient", "square")
    assert 'name="log"' in leak.source.text and leak.difference == float("inf")
    assert sd.verify_padding(feeds, gradients=False).ok


# Models that need something of their own.


def test_a_model_that_does_not_run_in_double_precision(monkeypatch):
    """It is verified in its own, with more room for rounding."""

    def single(x):
        if x.dtype != jnp.float32:
            raise TypeError("single precision only")
        return jnp.square(x)

    tampered(monkeypatch, "square", kernel=single)
    for masked in (True, False):
        sd, x = sequences()
        sd.math.square(x).mean("time", masked=masked, name="mean")
        report = sd.verify_padding({"x": rows(width=3)})
        assert report.ok == masked, str(report)
        assert all(check.numbers for check in report.checks)


def test_an_op_without_a_derivative(monkeypatch):
    def once(x):
        return jax.lax.while_loop(lambda s: s[0] < 1, lambda s: (s[0] + 1, s[1] ** 2), (0, x))[1]

    tampered(monkeypatch, "square", kernel=once)
    sd, x = sequences()
    sd.math.square(x).mean("time", name="mean")
    report = sd.verify_padding({"x": rows(width=3)})
    assert report.ok and "gradients were not compared" in str(report)


APART = "gradients were not compared with single examples"


def of_several(sd, x):
    return x.mean("time").mean(name="all")


def of_a_square(sd, x):
    return sd.loss.l2_loss(x, name="square")


def of_a_pair(sd, x):
    pooled = x.mean("time")
    return sd.loss.mean_squared_error(pooled, pooled - pooled.mean(), name="centred")


@pytest.mark.parametrize(
    "model, why",
    [
        (of_several, "there is no loss, and no output is one of floating point numbers"),
        (of_a_square, "'square' is no sum over single examples by a count"),
        (of_a_pair, "'centred' is no sum over single examples by a count"),
    ],
)
def test_gradients_that_no_example_has_alone_are_said_to_be_left_out(model, why):
    sd, x = sequences()
    output, feeds = model(sd, x), {"x": rows(width=3)}
    report = sd.verify_padding(feeds, outputs=[output])
    assert f"{APART}: {why}" in str(report)
    assert APART not in str(sd.verify_padding(feeds, outputs=[output], gradients=False))


def test_gradients_of_empty_examples_are_said_to_be_left_out():
    sd, x = sequences()
    x.mean("time", name="mean")
    report = sd.verify_padding({"x": np.ones((2, 3, 3)), "x_mask": np.zeros((2, 3), bool)})
    assert report.ok and f"{APART}: no example has an answer alone" in str(report)


def test_half_precision_and_one_sequence_without_examples():
    sd = SameDiff.create()
    x = sd.placeholder("x", (2, "time"), dtype="bfloat16", mask="x_mask")
    x.mean("time", name="mean")
    mask = np.array([True, True, False])
    report = sd.verify_padding({"x": np.ones((2, 3)), "x_mask": mask})
    assert report.ok, str(report)
    assert [check.test for check in report.checks] == ["definition", "content", "amount"]
    assert leak_of_unmasked_mean(sd, x, mask).test == "definition"


def leak_of_unmasked_mean(sd, x, mask):
    x.mean("time", masked=False, name="wrong")
    leak = leak_of(sd, {"x": np.array([[1.0, 2.0, 0.0]] * 2), "x_mask": mask})
    assert leak.name == "wrong"
    return leak


@pytest.mark.parametrize("reduction", ["mean", "mean_by_weight", "sum"])
def test_weights_of_a_loss_get_the_gradients_of_what_divides_it_too(reduction):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 3), mask="m")
    w = sd.placeholder("w", ("batch", "time"), mask="m")
    scores = x @ sd.var("v", (3, 1))
    weights = sd.math.exp(w).expand_dims(2)
    sd.loss.mean_squared_error(scores * 0.5, scores, weights, reduction=reduction)
    feeds = {"x": rows(width=3), "w": [row[:, 0] for row in rows(width=3)]}
    report = sd.verify_padding(feeds)
    assert report.ok, str(report)
    assert "gradients" in str(report).split("definition")[1].split("content")[0]
