"""One small graph for each family of mask rules: its tags and its mask plan as golden text, what
it refuses, and, on whole programs, the definition: a batch gives what its examples give alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import MaskError
from samediff_py.ir.masks import Lost
from samediff_py.kernels import arithmetic
from samediff_py.ops.define import Namespace, op
from samediff_py.ops.record import OPS
from samediff_py.ops.site import Rule, Verdict

HERE = Path(__file__).name


@pytest.fixture
def sd():
    return SameDiff.create(seed=1)


def sequences(sd: SameDiff, name: str = "x", time: str = "time", mask: str | None = "m"):
    return sd.placeholder(name, ("batch", time, 4), mask=mask)


# Golden text.

GOLDEN: list[tuple[Callable[[SameDiff], Any], str]] = []


def golden(text: str) -> Callable[[Callable[[SameDiff], Any]], None]:
    """The tags of what the program returns, its derived masks, and what each op is told."""
    return lambda program: GOLDEN.append((program, text.strip("\n")))


def shown(sd: SameDiff, *outs: Any) -> str:
    parts = (part.partition("\n") for part in str(sd.mask_plan(*outs)).split("\n\n")[1:])
    sections = {title: lines.splitlines() for title, _, lines in parts}
    masks = [line for line in sections["masks"] if line.startswith("  mask#")]
    return "\n".join([*map(repr, outs), *masks, *sections.get("ops", ())])


@golden("""
add: float32[batch, time, 4] | m@0,1 & n@0
""")
def pointwise(sd):
    return sequences(sd) + sd.placeholder("y", ("batch", 1, 4), mask="n")


@golden("""
log: float32[batch, time, 4] | m@0,1
  log = log(x)
      x: 1 where not m@0,1  (log is defined there)
""")
def pointwise_with_a_safe_value(sd):
    return sd.math.log(sequences(sd))


@golden("""
mul: float32[batch, time] | m@0,1
""")
def pointwise_with_a_created_tensor(sd):
    return sequences(sd)[:, :, 0] * sd.ones(("batch", "time"))


@golden("""
mean: float32[batch, 4] | mask#1@0
mean_1: float32[batch, time] | m@0,1
sum: float32[] | all real
max: float32[batch, 1, 4] | mask#1@0
  mask#1[batch] = any(m, axes=(1,))
  mean = mean(x)
      where = m@0,1
  sum = sum(x)
      where = m@0,1
  max = max(x)
      where = m@0,1
""")
def reduces(sd):
    x = sequences(sd)
    return x.mean("time"), x.mean(2), x.sum(), x.max("time", keepdims=True)


@golden("""
count_valid: int32[batch, 4] | all real
  count_valid = count_valid(x)
      where = m@0,1
""")
def counts(sd):
    return sequences(sd).count_valid("time")


@golden("""
softmax: float32[batch, time, 4] | m@0,1
softmax_1: float32[batch, time, 4] | m@0,1
  softmax = softmax(x)
      where = m@0,1
""")
def normalises(sd):
    x = sequences(sd)
    return sd.nn.softmax(x, axis="time"), sd.nn.softmax(x)


@golden("""
batch_norm: float32[batch, time, 4] | m@0,1
  batch_norm, batch_norm:1, batch_norm:2 = _batch_norm_layer(x, batch_norm/running_mean, batch_norm/running_variance)
      where = m@0,1
""")  # noqa: E501
def normalises_the_batch(sd):
    return sd.nn.batch_norm(sequences(sd))


@golden("""
cumsum: float32[batch, time, 4] | m@0,1
  cumsum = cumsum(x)
      where = m@0,1
""")
def scans(sd):
    return sequences(sd).cumsum(1)


@golden("""
einsum: float32[batch, 4, 4] | mask#1@0
mmul: float32[batch, time, 2] | m@0,1
  mask#1[batch] = any(m, axes=(1,))
  einsum = einsum(x, x)
      x: 0 where not m@0,1  (contracts: Contracted padding adds nothing; outer axes stay padded.)
      x: 0 where not m@0,1  (contracts: Contracted padding adds nothing; outer axes stay padded.)
""")
def contracts(sd):
    x = sequences(sd)
    return sd.einsum("btf,btg->bfg", x, x), x @ sd.var("w", (4, 2))


@golden("""
attention: float32[batch, query, 4] | mask#1@0 & qm@0,1
attention:1: float32[batch, 1, query, key] | km@0,3 & qm@0,2
  mask#1[batch] = any(km, axes=(1,))
  attention, attention:1 = attention(q, k, k)
      mask = km@0,1
""")
def attends(sd):
    q, k = sequences(sd, "q", "query", "qm"), sequences(sd, "k", "key", "km")
    return sd.nn.attention(q, k, k, with_weights=True)


@golden("""
attention: float32[batch, time, 4] | m@0,1
  attention = attention(x, x, x)
      mask = m@0,1
""")
def attends_to_itself(sd):
    x = sequences(sd)
    return sd.nn.attention(x, x, x, causal=True)


@golden("""
lstm_layer: float32[batch, time, 2] | m@0,1
lstm_layer:1: float32[batch, 2] | mask#1@0
  mask#1[batch] = any(m, axes=(1,))
  lstm_layer, lstm_layer:1 = lstm_layer(x, w, r)
      mask = m@0,1
""")
def recurs(sd):
    x, w, r = sequences(sd), sd.var("w", (4, 8)), sd.var("r", (2, 8))
    return sd.rnn.lstm_layer(x, w, r, data_format="NTS", return_last_h=True)


@golden("""
conv1d: float32[batch, max(time - 2, 0), 2] | mask#1@0,1
conv1d_1: float32[batch, time, 2] | m@0,1
max_pooling1d: float32[batch, floordiv(time - 2, 2) + 1, 4] | mask#2@0,1
  mask#1[batch, max(time - 2, 0)] = window(m, axis=1, dilation=1, kernel=3, padding=valid, rule=all, stride=1)
  mask#2[batch, floordiv(time - 2, 2) + 1] = window(m, axis=1, dilation=1, kernel=2, padding=valid, rule=all, stride=2)
  conv1d = conv1d(x, w)
      x: 0 where not m@0,1  (windows: Padded taps do not count; the output ends where the row ends.)
  conv1d_1 = conv1d(x, w)
      x: 0 where not m@0,1  (windows: Padded taps do not count; the output ends where the row ends.)
  max_pooling1d = max_pooling1d(x)
      where = m@0,1
""")  # noqa: E501
def windows(sd):
    x, w = sequences(sd), sd.var("w", (3, 4, 2))
    return (
        sd.cnn.conv1d(x, w, padding="valid"),
        sd.cnn.conv1d(x, w),
        sd.cnn.max_pooling1d(x, kernel=2),
    )


@golden("""
conv1d: float32[batch, floordiv(time - 1, 2) + 1, 2] | mask#1@0,1
  mask#1[batch, floordiv(time - 1, 2) + 1] = window(m, m, axis=1, dilation=1, kernel=3, padding=same, rule=anchor, stride=2)
  conv1d = conv1d(x, w)
      sizes = lengths of m
      x: 0 where not m@0,1  (windows: Padded taps do not count; the output ends where the row ends.)
""")  # noqa: E501
def windows_by_length(sd):
    return sd.cnn.conv1d(sequences(sd), sd.var("w", (3, 4, 2)), stride=2)


@golden("""
permute: float32[batch, 4, time] | m@0,2
expand_dims: float32[batch, 1, time, 4] | m@0,2
squeeze: float32[batch, 4] | mask#2@0
repeat: float32[batch, 2*time, 4] | mask#3@0,1
  mask#1[batch, 1] = getitem(m, index=(:, :1))
  mask#2[batch] = any(mask#1, axes=(1,))
  mask#3[batch, 2*time] = repeat(m, repeats=(1, 2))
""")
def moves(sd):
    x = sequences(sd)
    return x.permute((0, 2, 1)), x.expand_dims(1), x[:, :1].squeeze(1), sd.repeat(x, 2, axis=1)


@golden("""
reshape: float32[batch*time, 4] | mask#1@0
reshape_1: float32[batch, time, 4] | m@0,1
  mask#1[batch*time] = reshape(m@0,1, spread=(batch, time))
""")
def moves_that_merge_rows_with_positions(sd):
    merged = sequences(sd).reshape((-1, 4))
    return merged, merged.reshape((-1, "time", 4))


@golden("""
getitem: float32[batch, 4] | mask#1@0
getitem_1: float32[batch, time - 1, 4] | mask#2@0,1
reverse: float32[batch, time, 4] | m@0,1
roll: float32[batch, time, 4] | m@0,1
  mask#1[batch] = getitem(m, m, index=(:, -1), ragged_axis=1)
  mask#2[batch, time - 1] = getitem(m, m, index=(:, :-1), ragged_axis=1)
  getitem = getitem(x)
      sizes = lengths of m
  getitem_1 = getitem(x)
      sizes = lengths of m
  reverse = reverse(x)
      sizes = lengths of m
  roll = roll(x)
      sizes = lengths of m
""")
def moves_by_length(sd):
    x = sequences(sd)
    return x[:, -1], x[:, :-1], sd.reverse(x, axis=1), sd.roll(x, 1, axis=1)


@golden("""
concat: float32[batch, time + 1, 4] | mask#1@0,1
tile: float32[batch, 2*time, 4] | mask#2@0,1
pad: float32[batch, time + 3, 4] | mask#3@0,1
  mask#1[batch, time + 1] = concat_exists(m, capacities=(1, time), known=(False, True))
  mask#2[batch, 2*time] = concat_exists(m, m, capacities=(time, time), known=(True, True))
  mask#3[batch, time + 3] = pad(m, m, mode=constant, padding=((0, 0), (1, 2)), ragged_axis=1)
  concat = concat(zeros, x)
      sizes = (whole, lengths of m)
  tile = tile(x)
      sizes = lengths of m
  pad = pad(x)
      sizes = lengths of m
""")
def joins_by_length(sd):
    x, first = sequences(sd), sd.zeros(("batch", 1, 4))
    return sd.concat([first, x], axis=1), sd.tile(x, (1, 2, 1)), sd.pad(x, ((0, 0), (1, 2), (0, 0)))


@golden("""
concat: float32[batch, time, 8] | m@0,1
concat_1: float32[batch, time, 8] | m@0,1 & mask#1@0,1,2
stack: float32[batch, 2, time, 4] | m@0,2
  mask#1[batch, time, 8] = join(all real, v@0,1, axis=2, spread=((1, 1, 4), (1, 1, 4)))
""")
def joins_beside_each_other(sd):
    x, y = sequences(sd), sequences(sd, "y", mask=None)
    some = x.with_mask(sd.placeholder("v", ("batch", "time"), "bool"))
    return sd.concat([x, y], axis=2), sd.concat([x, some], axis=2), sd.stack([x, x], axis=1)


@golden("""
concat: float32[others + batch, time, 4] | mask#1@0,1
  mask#1[others + batch, time] = join(m@0,1, n@0,1, axis=0, spread=((batch, 1), (others, 1)))
""")
def joins_rows(sd):
    x, y = sequences(sd), sd.placeholder("y", ("others", "time", 4), mask="n")
    return sd.concat([x, y], axis=0)


@golden("""
embedding: float32[batch, time, 4] | m@0,1
gather: float32[batch, 2, 4] | mask#1@0,1
  mask#1[batch, 2] = gather(m@0,1, const, axis=1)
""")
def picks(sd):
    x, ids = sequences(sd), sd.placeholder("ids", ("batch", "time"), "int32", mask="m")
    table = sd.var("table", (9, 4))
    return sd.nn.embedding(table, ids), sd.gather(x, np.array([0, 2]), axis=1)


@golden("""
sparse_softmax_cross_entropy: float32[] | all real
items: float32[batch, time] | m@0,1 & mask#1@0,1 & seen@0,1
  mask#1[batch, time] = or(m, seen)
  sparse_softmax_cross_entropy = sparse_softmax_cross_entropy(y, x)
      where = m@0,1 & seen@0,1
  items = sparse_softmax_cross_entropy(y, x)
      where = m@0,1 & seen@0,1
""")
def losses(sd):
    x, y = sequences(sd), sd.placeholder("y", ("batch", "time"), "int32", mask="seen")
    loss = sd.loss.sparse_softmax_cross_entropy
    return loss(y, x), loss(y, x, reduction="none", name="items")


@golden("""
with_mask: float32[batch, time, 4] | m@0,1 & v@0,1
fill_padding: float32[batch, time, 4] | all real
positions: int32[batch, time] | m@0,1
  fill_padding = fill_padding(x)
      x: 2 where not m@0,1  (claims: Padded slots take the value and count as real.)
""")
def claims(sd):
    x, v = sequences(sd), sd.placeholder("v", ("batch", "time"), "bool")
    return x.with_mask(v), x.fill_padding(2.0), sd.positions(x)


@golden("""
drop_mask: float32[batch, time, 4] | all real
""")
def a_mask_that_is_dropped(sd):
    return sequences(sd).drop_mask()


@golden("""
add: float32[batch, time, 4] | m@0,1 & mask#1@0,1 & n@0,1
  mask#1[batch, time] = or(m, n)
""")
def two_masks_on_the_same_dims(sd):
    return sequences(sd, "x", mask="m") + sequences(sd, "y", mask="n")


@golden("""
mean: float32[] | all real
mul: float32[batch, 4] | m@0
  mean = mean(x)
      where = m@0
""")
def a_mask_of_the_batch(sd):
    x = sd.placeholder("x", ("batch", 4), mask="m")
    return x.mean(), x * 2.0


@golden("""
mean: float32[batch, 4] | mask#1@0
  mask#1[batch] = any(m, axes=(1,))
  mean = mean(x)
      where = #time@1
""")
def an_op_that_is_not_masked(sd):
    return sequences(sd).mean("time", masked=False)


@golden("""
matrix_inverse: float32[batch, 3, 3] | m@0
  matrix_inverse = matrix_inverse(x)
      where = m@0
""")
def decomposes(sd):
    return sd.math.matrix_inverse(sd.placeholder("x", ("batch", 3, 3), mask="m"))


@pytest.mark.parametrize("program, text", [pytest.param(*g, id=g[0].__name__) for g in GOLDEN])
def test_plan(sd, program, text):
    outs = program(sd)
    assert shown(sd, *(outs if isinstance(outs, tuple) else (outs,))) == text


# The definition, on whole programs: `given(name)` is a sequence [batch, time, 4].

Given = Callable[..., Any]
PROGRAMS: list[Callable[[SameDiff, Given], Any]] = []
ROWS = {"x": (5, 3, 1), "y": (5, 3, 1), "keys": (2, 6, 4)}


def alike(program: Callable[[SameDiff, Given], Any]) -> None:
    PROGRAMS.append(program)


@alike
def a_first_token_and_then_the_last(sd, given):
    x = given("x")
    first = sd.var("first", (1, 1, 4)) * sd.ones(("batch", 1, 1))
    return sd.concat([first, x], axis=1)[:, -1]


@alike
def merged_projected_and_split_again(sd, given):
    merged = given("x").reshape((-1, 4)) @ sd.var("w", (4, 3))
    return sd.math.square(merged).reshape((-1, "time", 3))[:, -1]


@alike
def merged_and_returned(sd, given):
    return given("x").reshape((-1, 4)).reshape((-1, "time", 2, 2)).mean("time")


@alike
def beside_an_unmasked_one(sd, given):
    return sd.concat([given("x"), given("y", masked=False)], axis=2)[:, -2:]


@alike
def with_as_many_zeros_behind(sd, given):
    x = given("x")
    return sd.concat([x, sd.zeros(("batch", "time", 4)), x], axis=1)


@alike
def tiled_and_turned(sd, given):
    return sd.reverse(sd.tile(given("x"), (1, 3, 1)), axis=1)[:, 1:]


@alike
def differences(sd, given):
    x = given("x")
    return (x[:, 1:] - x[:, :-1]).cumsum(1)


@alike
def windows_over_what_was_moved(sd, given):
    x = sd.pad(sd.roll(given("x"), 1, axis=1), ((0, 0), (2, 1), (0, 0)), mode="symmetric")
    return sd.cnn.avg_pooling1d(x, kernel=3, stride=2)


@alike
def a_window_that_starts_by_length(sd, given):
    halved = sd.cnn.conv1d(given("x"), sd.var("w", (3, 4, 4)), stride=2)
    return sd.cnn.conv1d(halved, sd.var("v", (2, 4, 4)), padding="causal")[:, -1]


@alike
def stacked_and_indexed(sd, given):
    x = given("x")
    return sd.stack([x, sd.reverse(x, axis=1)], axis=2)[:, -1]


@alike
def sequences_of_different_length(sd, given):
    x, keys = given("x"), given("keys", "key_time")
    answers, weights = sd.nn.attention(x, keys, keys, heads=2, with_weights=True)
    return answers * sd.math.sqrt(weights.max(axis=(1, 3)).expand_dims(-1))


@alike
def one_behind_the_other(sd, given):
    both = sd.concat([given("x"), given("keys", "key_time")], axis=1)
    return sd.rnn.lstm_layer(
        both, sd.var("w", (2, 4, 8)), sd.var("r", (2, 2, 8)), data_format="NTS",
        direction="BIDIR_CONCAT",
    )  # fmt: skip


@alike
def time_in_front(sd, given):
    x = given("x").permute((1, 0, 2))
    return sd.rnn.gru(x, sd.zeros(("batch", 2)), sd.var("w", (4, 6)), sd.var("r", (2, 6)))


@alike
def positions_looked_up(sd, given):
    x = given("x")
    return x + sd.nn.embedding(sd.var("places", (9, 4)), sd.positions(x))


@alike
def a_table_up_to_a_dim(sd, given):
    return sd.nn.softmax(given("x") + sd.var("places", (9, 4))[: sd.dim("time", max=9)], axis=1)


@alike
def where_the_greatest_stands(sd, given):
    return sd.repeat(given("x"), 2, axis=1).argmax("time")


def built(program, masked: bool):
    sd = SameDiff.create(seed=1)

    def given(name: str, time: str = "time", masked: bool = masked):
        return sequences(sd, name, time, f"{name}_mask" if masked else None)

    return sd, program(sd, given)


@pytest.mark.parametrize("program", [pytest.param(p, id=p.__name__) for p in PROGRAMS])
def test_a_batch_gives_what_its_examples_give_alone(program):
    batched, out = built(program, masked=True)
    plain, same = built(program, masked=False)
    rng = np.random.default_rng(0)
    rows = {n: [rng.normal(size=(k, 4)).astype(np.float32) for k in ROWS[n]] for n in ROWS}
    fed = [n for n in ROWS if n in batched]
    longest = max(ROWS["x"])
    feeds: dict[str, Any] = {n: rows[n] for n in fed if f"{n}_mask" in batched}
    for name in set(fed) - set(feeds):
        feeds[name] = np.stack([np.pad(r, ((0, longest - len(r)), (0, 0))) for r in rows[name]])
    results = batched.output(feeds, out)[out.name].copy()
    axis = batched[out.name].mask.labels.index("batch")
    run = plain.function(same)
    for i, result in enumerate(np.moveaxis(results, axis, 0)):
        alone = run(plain.params, {n: rows[n][i][None] for n in fed})
        alone = np.moveaxis(np.asarray(alone), axis, 0)[0]
        inside = tuple(map(slice, alone.shape))
        np.testing.assert_allclose(result[inside], alone, rtol=2e-5, atol=1e-6, err_msg=f"row {i}")
        result[inside] = 0
        assert not result.any(), f"row {i} goes on behind its end: {result}"


def test_what_is_merged_comes_back_at_the_size_that_was_fed(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    y = x.reshape((-1,))
    rows = [[1, 2, 3, 4, 5], [6, 7], [8]]
    assert sd.output({"x": rows}, y)[y.name].tolist() == [
        *(1, 2, 3, 4, 5), *(6, 7, 0, 0, 0), *(8, 0, 0, 0, 0)
    ]  # fmt: skip


# Masks as they are fed.


def test_left_padding_and_gaps_are_as_good_as_none(sd):
    x = sd.placeholder("x", ("batch", "time", 1), mask="m")
    out = sd.concat([x.cumsum(1), x[:, ::-1]], axis=2)
    right = sd.output({"x": [[[1.0], [2.0], [3.0]], [[4.0], [5.0]]]}, out)[out.name]
    left = np.array([[1, 2, 3, 9], [9, 4, 9, 5]], np.float32)[..., None]
    mask = np.array([[1, 1, 1, 0], [0, 1, 0, 1]], bool)
    moved = sd.output({"x": left, "m": mask}, out)[out.name]
    assert not moved[~mask].any()
    np.testing.assert_array_equal(moved[mask], right[[0, 0, 0, 1, 1], [0, 1, 2, 0, 1]])


def test_a_position_exists_where_any_mask_of_its_dims_says_so(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    y = sd.placeholder("y", ("batch", "time"), mask="n")
    last, total = (x + y)[:, -1], (x * y).sum("time")
    feeds = {
        "x": np.ones((2, 3), np.float32), "m": np.array([[1, 1, 1], [1, 0, 1]], bool),
        "y": np.full((2, 3), 2, np.float32), "n": np.array([[1, 1, 0], [1, 1, 0]], bool),
    }  # fmt: skip
    got = sd.output(feeds, last, total)
    assert got[last.name].tolist() == [0, 0]  # the last position is there, and lacks a value
    assert got[total.name].tolist() == [4, 2]


def test_what_is_missing_keeps_its_position(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    some = x.with_mask(sd.placeholder("v", ("batch", "time"), "bool"))
    last, mean, turned = some[:, -1], some.mean("time"), sd.reverse(some, axis=1).cumsum(1)
    seen = np.array([[True, False, True], [True, False, True]])
    got = sd.output({"x": [[1, 2, 3], [4, 5]], "v": seen}, last, mean, turned)
    assert got[last.name].tolist() == [3, 0]
    assert got[mean.name].tolist() == [2, 4]
    assert got[turned.name].tolist() == [[3, 0, 4], [0, 4, 0]]


def test_what_is_picked_behind_the_end_of_a_row_is_not_there(sd):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    picked = sd.gather(x, np.array([1, 2]), axis=1)
    mean = picked.mean(1)
    got = sd.output({"x": [[1, 2, 3], [4, 5], [6]]}, picked, mean)
    assert got[picked.name].tolist() == [[2, 3], [5, 0], [0, 0]]
    assert got[mean.name].tolist() == [2.5, 5, 0]


@pytest.mark.parametrize("length", [3, 5])
def test_opting_out_sees_what_was_fed_and_no_more(sd, length):
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    outs = x.mean("time", masked=False), x.drop_mask().mean("time"), x.fill_padding(9).mean("time")
    fed = np.arange(1.0, length + 1, dtype=np.float32)[None]
    got = sd.output({"x": fed, "m": np.arange(length)[None] < 2}, *outs)
    filled = np.where(np.arange(length) < 2, fed, 9)
    for out, want in zip(outs, (fed, fed, filled), strict=True):
        np.testing.assert_allclose(got[out.name], want.mean(1), rtol=1e-6)


# What is refused: the program stands before `yield`, the line behind it fails.

REFUSED: list[tuple[Callable[[SameDiff], Iterator[None]], str]] = []


def refused(text: str) -> Callable[[Callable[[SameDiff], Iterator[None]]], None]:
    return lambda program: REFUSED.append((program, text))


def merged(sd: SameDiff):
    return sequences(sd).reshape((-1, 4))


@refused("max_pooling1d: padding='same' with a stride starts where the padded length says")
def a_window_that_starts_by_length_on_two_masks_of_the_time(sd):
    x = sd.placeholder("x", ("time", 4), mask="m").expand_dims(0)
    yield
    sd.cnn.max_pooling1d(x, kernel=3, stride=2, padding="same")


@refused("neighbours along axis 1 of 'expand_dims' were moved apart by padding")
def a_window_over_merged_rows(sd):
    x, w = merged(sd).expand_dims(0), sd.var("w", (3, 4, 2))
    yield
    sd.cnn.conv1d(x, w)


@refused("rows of 'reshape' were merged with their positions")
def the_last_of_merged_rows(sd):
    x = merged(sd)
    yield
    x[-1]


@refused("rows of 'reshape' were merged with their positions")
def more_behind_merged_rows(sd):
    x = merged(sd)
    yield
    sd.concat([x, x], axis=0)


@refused("rows of 'reshape' were merged with their positions, .* an index would count it")
def a_pick_from_merged_rows(sd):
    x = merged(sd)
    yield
    sd.gather(x, np.array([3]))


@refused("the place of an element of 'reshape' would count the padding before it")
def the_place_in_merged_rows(sd):
    x = merged(sd)
    yield
    x.argmax(0)


@refused("the place of an element of 'x' would count the padding before it")
def a_place_in_all_axes(sd):
    x = sequences(sd)
    yield
    x.argmax()


@refused("real positions along axis 0 of 'reshape' were moved apart")
def positions_of_merged_rows(sd):
    x = merged(sd)
    yield
    sd.positions(x, axis=0)


@refused("queries and keys have padding between their positions, each its own")
def causal_attention_to_merged_rows(sd):
    x, y = merged(sd).expand_dims(0), sd.placeholder("y", (1, "keys", 4))
    yield
    sd.nn.attention(x, y, y, causal=True)


@refused("rows of 'mmul' have ends of their own along several axes at once, \\[1, 2\\]")
def the_end_of_rows_and_columns(sd):
    x = sequences(sd)
    scores = sd.mmul(x, x, transpose_y=True)
    yield
    sd.reverse(scores, axis=(1, 2))


@refused("rows of 'permute' lie along \\(1,\\), not in front of axis 0")
def the_last_step_with_time_in_front(sd):
    x = sequences(sd).permute((1, 0, 2))
    yield
    x[-1]


@refused("nobody knows how long the rows would be that it adds to 'x'")
def more_rows(sd):
    x = sequences(sd)
    yield
    sd.pad(x, ((0, 1), (0, 0), (0, 0)))


@refused("meshgrid: no rule says what it does with masks, and 'x' is padded: m@0")
def an_op_without_a_rule(sd):
    x = sd.placeholder("x", ("batch",), mask="m")
    yield
    sd.math.meshgrid([x, x])


@refused("'x' is padded along its last axis, which holds the classes")
def classes_that_are_padding(sd):
    x = sd.placeholder("x", ("batch", 4, "time"), mask="m")
    yield
    sd.loss.softmax_cross_entropy(x, x)


@refused("mask 'v' has dims \\[time, batch\\], which do not lie along 'x' \\[batch, time, 4\\]")
def a_mask_that_lies_otherwise(sd):
    x, v = sequences(sd), sd.placeholder("v", ("time", "batch"), "bool")
    yield
    x.with_mask(v)


@pytest.mark.parametrize("program, text", [pytest.param(*r, id=r[0].__name__) for r in REFUSED])
def test_refusal(sd, program, text):
    steps = program(sd)
    next(steps)
    before = sd.graph
    with pytest.raises(MaskError, match=text) as caught:
        next(steps)
    assert HERE in str(caught.value), "the user's line is not named"
    assert sd.graph is before


# Validity that was lost.


@pytest.fixture
def shuffled():
    """An op whose rule has lost the validity of what it gives."""

    def loses(site):
        return Verdict((Lost("positions were shuffled", site.out.name, site.source),))

    class Strange(Namespace):
        @op(arithmetic.identity, mask=Rule("strange", loses, "Lost."), name="shuffle_for_a_test")
        def shuffle(self, x: "VarLike", *, name: str | None = None) -> Any:  # noqa: F821
            """x, in another order."""
            ...

    yield lambda sd, x: Strange(sd._builder).shuffle(x, name="shuffled")
    del OPS["shuffle_for_a_test"]


def test_lost_validity_raises_where_it_is_needed(sd, shuffled):
    y = sd.nn.relu(shuffled(sd, sequences(sd)))  # passes: every position alone
    assert isinstance(y.mask, Lost)
    with pytest.raises(MaskError, match="was lost at 'shuffled'") as caught:
        y.mean(1)
    text = str(caught.value)
    assert "positions were shuffled" in text and "lost at" in text
    assert text.count(HERE) == 2, "both lines"
    with pytest.raises(MaskError, match="is asked for"):
        sd.output({"x": [np.ones((2, 4))]}, y)


def test_an_op_without_a_rule_may_see_what_is_not_padded(sd):
    x = sd.placeholder("x", ("batch",))
    columns, rows = sd.math.meshgrid([x, x])
    assert str(columns.mask) == str(rows.mask) == "all real"
    got = sd.output({"x": np.arange(3, dtype=np.float32)}, columns)[columns.name]
    assert got.shape == (3, 3)  # as fed: a dim that is rounded up would be seen
