"""Texts for people: mask plan, explanation of a mask, summary. The texts are golden."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.display.progress import bar
from samediff_py.foundation.errors import GraphError
from samediff_py.ir.masks import Lost

HERE = Path(__file__).name


@pytest.fixture
def sd():
    return SameDiff.create()


def line_of(code: str) -> str:
    """The user's line, as it is shown."""
    lines = Path(__file__).read_text().splitlines()
    number = next(i for i, line in enumerate(lines, 1) if line.strip() == code)
    return f"{HERE}, line {number}: {code}"


def classifier(sd):
    tokens = sd.placeholder("tokens", ("batch", "time"), "int32", mask="tokens_mask")
    labels = sd.placeholder("labels", ("batch",), "int32")
    h = sd.nn.embedding(sd.var("table", (10, 4)), tokens, name="h")
    a = sd.nn.attention(h, h, h, name="a")
    gate = sd.math.log(sd.nn.relu(a, name="r"), name="gate")
    pooled = gate.mean(axis="time", name="pooled")
    logits = sd.nn.linear(pooled, sd.var("w", (4, 3)), name="logits")
    sd.loss.sparse_softmax_cross_entropy(labels, logits, name="loss")


CLASSIFIER_PLAN = """\
mask plan of logits, loss

masks
  tokens_mask[batch, time]: fed beside tokens
  #batch: what was fed of batch, the rest is a bucket's
  #time: what was fed of time, the rest is a bucket's
  mask#1[batch] = any(tokens_mask, axes=(1,))

zeroed where they come in
  tokens_mask: 0 where not #batch@0 & #time@1
  tokens: 0 where not tokens_mask@0,1
  labels: 0 where not #batch@0

ops
  a = attention(h, h, h)
      mask = tokens_mask@0,1
  gate = log(r)
      r: 1 where not tokens_mask@0,1  (log is defined there)
  pooled = mean(gate)
      where = tokens_mask@0,1
  loss = sparse_softmax_cross_entropy(labels, logits)
      where = #batch@0 & mask#1@0

left as they are, since padding there is finite
  h = embedding: tokens
  a = attention: h, h, h
  r = relu: a
  logits = linear: pooled

zeroed on return
  logits: 0 where not mask#1@0

dims
  batch: rounded up to a bucket
  time: rounded up to a bucket"""


def test_plan_of_a_classifier(sd):
    classifier(sd)
    assert sd.mask_plan("logits", "loss") == CLASSIFIER_PLAN
    assert repr(sd.mask_plan("logits", "loss")) == CLASSIFIER_PLAN


def test_plan_shows_what_is_needed_and_no_more(sd):
    classifier(sd)
    text = sd.mask_plan(sd["h"])
    assert "mask#1" not in text and "labels" not in text and "ops" not in text
    assert sd.mask_plan().startswith("mask plan of loss\n")  # what nothing else uses
    with pytest.raises(GraphError, match="no variable 'lss'; did you mean 'loss'"):
        sd.mask_plan("lss")


def test_plan_of_opt_outs(sd):
    x = sd.placeholder("x", ("batch", "time", 4), mask="m")
    z = sd.nn.relu(x, name="z")
    z.mean(axis="time", masked=False, name="y")
    z.drop_mask(name="d")
    sd.math.log(z, name="w")
    sd.nn.relu(z, name="v")
    text = sd.mask_plan("y", "d", "w", "v")
    assert "zeroed where they come in" not in text
    _, _, ops = text.partition("ops\n")
    ops, _, rest = ops.partition("\n\n")
    assert ops.splitlines() == [
        "  y = mean(z)",
        "      where = #time@1",
        "  w = log(z)",
        "      z: 1 where not m@0,1  (log is defined there)",
        "  v = relu(z)",
        "      z: 0 where not m@0,1  (an opt-out above it lets padding hold anything)",
    ]
    averaged = line_of('z.mean(axis="time", masked=False, name="y")')
    dropped = line_of('z.drop_mask(name="d")')
    assert rest.endswith(
        f"opt-outs\n  y = mean: masked=False, {averaged}\n  d = drop_mask: drop_mask, {dropped}\n"
        "  padding stays as it is in x, z"
    )


def test_plan_of_lengths(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    both = sd.concat([x, x[:, ::-1]], axis=1)
    text = sd.mask_plan(both)
    assert "getitem(x)\n      sizes = lengths of m\n" in text
    assert "concat(x, getitem)\n      sizes = (lengths of m, lengths of mask#1)" in text
    assert "mask#2[batch, 2*time] = concat_exists(m, mask#1, capacities=(time, time)" in text


def test_plan_of_contracted_padding(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    text = sd.mask_plan((x @ sd.ones(("time", 2))).rename("y"))
    assert "x: 0 where not m@0,1  (contracts: Contracted padding adds nothing;" in text


def test_plan_says_which_node_keeps_a_dim_as_fed(sd):
    x = sd.placeholder("x", ("batch", "length"))
    x[:, -1].rename("last")
    text = sd.mask_plan("last")
    line = line_of('x[:, -1].rename("last")')
    assert text.endswith(
        "dims\n  batch: rounded up to a bucket\n  length: as fed\n"
        f"      last = getitem needs it exactly, {line}"
    )
    assert "#length" not in text  # all of it is real


def rows(text: str) -> list[list[str]]:
    """Cells of the lines of a table."""
    return [[c.strip() for c in line.split("  ") if c.strip()] for line in text.splitlines()]


def test_explanation_from_the_placeholder_down(sd):
    classifier(sd)
    text = sd.explain_mask("logits")
    head, derived, empty, title, *chain = rows(text)
    assert (head, derived) == (
        ["logits: float32[batch, 3] | mask#1@0"],
        ["mask#1[batch] = any(tokens_mask, axes=(1,))"],
    )
    assert title == ["tokens_mask reaches it by"]
    assert [row[:3] for row in chain] == [
        ["tokens", "placeholder", "tokens_mask@0,1"],
        ["h", "embedding", "tokens_mask@0,1"],
        ["a", "attention", "tokens_mask@0,1"],
        ["r", "relu", "tokens_mask@0,1"],
        ["gate", "log", "tokens_mask@0,1"],
        ["pooled", "mean", "mask#1@0"],
        ["logits", "linear", "mask#1@0"],
    ]
    families = [row[3].partition(":")[0] for row in chain]
    assert families[:4] == ["declares tokens_mask", "picks", "attends", "pointwise"]
    line = line_of('pooled = gate.mean(axis="time", name="pooled")')
    assert chain[5][3:] == [
        "reduces: Padded slots do not count; an empty row gives 0.",
        f"at {Path(__file__).parent}/{line}",
    ]
    assert repr(text) == str(text) == text


def test_explanation_where_masks_end(sd):
    classifier(sd)
    head, _, title, row = rows(sd.explain_mask(sd["loss"]))
    assert head == ["loss: float32[] | all real"] and title == ["used up on the way"]
    assert row[:4] == ["tokens_mask", "by", "loss", "sparse_softmax_cross_entropy"]


def test_explanation_of_two_masks(sd):
    words, image = (
        sd.placeholder(name, ("batch", dim, 4), mask=f"{name}_mask")
        for name, dim in (("words", "time"), ("image", "patch"))
    )
    _, weights = sd.nn.attention(words, image, image, with_weights=True, name="a")
    text = sd.explain_mask(weights)
    assert text.startswith("a:1: float32[batch, 1, time, patch] | ")
    assert (
        "image_mask reaches it by\n  image" in text and "words_mask reaches it by\n  words" in text
    )


def test_explanation_of_two_masks_on_the_same_dims(sd):
    """Each comes from the placeholder that declares it; what exists is defined in the head."""
    a, b = (sd.placeholder(n, ("batch", "time"), mask=f"{n}_mask") for n in "ab")
    text = sd.explain_mask((a + b).sum("time", name="total"))
    head, *chains = text.split("\n\n")
    starts = [rows(chain)[:2] for chain in chains]
    assert [(title[0], row[:2]) for title, row in starts] == [
        ("a_mask reaches it by", ["a", "placeholder"]),
        ("b_mask reaches it by", ["b", "placeholder"]),
    ]
    assert "mask#1[batch, time] = or(a_mask, b_mask)" in head and "mask#1@0,1" in chains[0]


def test_explanation_of_a_mask_that_another_placeholder_lies_under(sd):
    """The one that declares the mask is named, though another way up is shorter."""
    a, b = (sd.placeholder(n, ("batch", "time"), mask=f"{n}_mask") for n in "ab")
    text = sd.explain_mask(sd.math.neg(sd.math.neg(b)) + a)
    (chain,) = [block for block in text.split("\n\n") if block.startswith("b_mask")]
    assert [row[0] for row in rows(chain)[1:]] == ["b", "neg", "neg_1", "add"]


def test_explanation_of_a_claim(sd):
    x = sd.nn.relu(sd.placeholder("x", ("batch", "time")))
    valid = (x > 0).rename("valid")
    y = sd.math.neg(x.with_mask(valid, name="claimed"), name="y")
    chain = rows(sd.explain_mask(y))[3:]
    assert [row[:3] for row in chain] == [
        ["claimed", "with_mask", "valid@0,1"],
        ["y", "neg", "valid@0,1"],
    ]


def test_explanation_of_an_opt_out(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    text = sd.explain_mask(x.mean(axis="time", masked=False))
    assert "an empty row gives 0. (masked=False: padding counts as fed)" in text
    assert "m  by  d  drop_mask  all real  claims: Padding" in sd.explain_mask(
        x.drop_mask(name="d").mean()
    )


def test_explanation_without_any_mask(sd):
    y = sd.placeholder("x", ("batch", 3)) + 1
    assert (
        sd.explain_mask(y) == "add: float32[batch, 3] | all real\n\nno variable above it is padded"
    )


def test_explanation_of_what_was_lost(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    y = sd.nn.relu(x, name="y")
    values = sd._builder.notes.values
    values["y"] = replace(values["y"], tag=Lost("a reason", "y", y.source))
    text = sd.explain_mask(y + 1)
    assert text.startswith(
        "add: float32[batch, time] | lost (a reason)\n  lost at 'y': a reason\n  at "
    )
    assert [row[:3] for row in rows(text)[5:]] == [
        ["x", "placeholder", "m@0,1"],
        ["y", "relu", "lost (a reason)"],
        ["add", "add", "lost (a reason)"],
    ]


SUMMARY = """\
3 placeholders, 3 variables (52 parameters, 4 not trained), 1 constant, 7 ops
loss: loss

placeholders
  tokens_mask  bool   [batch, time]
  tokens       int32  [batch, time]  mask tokens_mask
  labels       int32  [batch]

variables
  table  float32  [10, 4]  40 parameters
  w      float32  [4, 3]   12 parameters
  seen   float32  [4]      4 elements, not trained

constants
  c  float32  [2]  2 elements

ops
  h       float32  [batch, time, 4]  tokens_mask@0,1  embedding(table, tokens)
  a       float32  [batch, time, 4]  tokens_mask@0,1  attention(h, h, h)
  r       float32  [batch, time, 4]  tokens_mask@0,1  relu(a)
  gate    float32  [batch, time, 4]  tokens_mask@0,1  log(r)
  pooled  float32  [batch, 4]        mask#1@0         mean(gate)
  logits  float32  [batch, 3]        mask#1@0         linear(pooled, w)
  loss    float32  []                all real         sparse_softmax_cross_entropy(labels, logits)

updates
  seen  takes seen after every step"""


def test_summary(sd):
    classifier(sd)
    seen = sd.var("seen", (4,), trainable=False)
    sd.update(seen, seen)
    sd.constant(np.ones(2, np.float32), "c")
    assert sd.summary() == SUMMARY
    counts = "3 placeholders, 3 variables (52 parameters, 4 not trained), 1 constant, 7 ops"
    assert repr(sd) == f"<SameDiff: {counts}; loss: loss>"


def test_summary_of_nothing_and_of_several_outputs(sd):
    assert sd.summary() == "empty" and repr(sd) == "<SameDiff: empty>"
    x = sd.placeholder("x", ("batch", 2, 3))
    sd.nn.attention(x, x, x, with_weights=True, name="a")
    assert sd.summary().splitlines()[-2:] == [
        "  a    float32  [batch, 2, 3]     all real  attention(x, x, x)",
        "  a:1  float32  [batch, 1, 2, 2]  all real",
    ]


def test_bar():
    assert bar(12, 80) == "[###.....................] 12/80"
    assert bar(12, None) == "12 batches"
