"""From feeds to outputs: ragged rows, buckets, compaction, programs, the way out to JAX."""

import logging
import pickle

import jax
import numpy as np
import optax
import pytest

from samediff_py import SameDiff, TrainingConfig
from samediff_py.compile.buckets import Buckets, rounded
from samediff_py.foundation.dims import Bounds
from samediff_py.foundation.errors import FeedError, NotANumberError
from samediff_py.inference import routes, ways

ROWS = [[5, 3], [7, 1, 4], [2]]


def text_model(seed=0):
    sd = SameDiff.create(seed=seed)
    tokens = sd.placeholder("tokens", ("batch", "time"), dtype="int32", mask="tokens_mask")
    x = sd.nn.embedding(sd.var("table", (10, 8), init="normal"), tokens)
    h = sd.nn.attention(x, x, x, heads=2, name="h") + x
    logits = (h.mean(axis="time") @ sd.var("w", (8, 4))).rename("logits")
    return sd, logits


def padded(rows, width):
    array, mask = np.zeros((len(rows), width), np.int32), np.zeros((len(rows), width), bool)
    for i, row in enumerate(rows):
        array[i, : len(row)], mask[i, : len(row)] = row, True
    return array, mask


def test_lists_arrays_and_true_say_the_same():
    sd, _ = text_model()
    ragged = sd.output({"tokens": ROWS}, "logits")["logits"]
    array, mask = padded(ROWS, 6)
    arrays = sd.output({"tokens": array, "tokens_mask": mask}, "logits")["logits"]
    numbers = sd.output({"tokens": array, "tokens_mask": mask.astype(int)}, "logits")["logits"]
    np.testing.assert_allclose(ragged, arrays, atol=1e-6)
    np.testing.assert_array_equal(arrays, numbers)
    full = np.array([[5, 3, 1], [7, 1, 4]])
    of_true = sd.output({"tokens": full, "tokens_mask": True}, "logits")["logits"]
    of_rows = sd.output({"tokens": full.tolist()}, "logits")["logits"]
    np.testing.assert_array_equal(of_true, of_rows)


@pytest.mark.parametrize("shift", ["left", "gaps"])
def test_left_padding_and_gaps_are_compacted_and_scattered_back(shift):
    sd, _ = text_model()
    array, mask = padded(ROWS, 6)
    rng = np.random.default_rng(0)
    order = np.stack([np.sort(rng.choice(6, 6, replace=False)) for _ in ROWS])
    moved, moved_mask = np.full_like(array, 9), np.zeros_like(mask)
    for i, row in enumerate(ROWS):
        places = np.sort(rng.choice(6, len(row), replace=False)) if shift == "gaps" else None
        places = np.arange(6 - len(row), 6) if places is None else places
        moved[i, places], moved_mask[i, places] = row, True
    assert order.shape == array.shape
    straight = sd.output({"tokens": array, "tokens_mask": mask}, "logits", "h")
    crooked = sd.output({"tokens": moved, "tokens_mask": moved_mask}, "logits", "h")
    np.testing.assert_allclose(crooked["logits"], straight["logits"], atol=1e-6)
    for i in range(len(ROWS)):
        np.testing.assert_allclose(
            crooked["h"][i][moved_mask[i]], straight["h"][i][mask[i]], atol=1e-6
        )
    assert not crooked["h"][~moved_mask].any()


def test_outputs_have_the_size_that_was_fed():
    sd, _ = text_model()
    array, mask = padded(ROWS, 7)
    out = sd.output({"tokens": array, "tokens_mask": mask}, "h")["h"]
    assert out.shape == (3, 7, 8)
    assert not out[~mask].any()


def test_a_stream_of_random_lengths_makes_few_programs(caplog):
    sd, _ = text_model()
    rng = np.random.default_rng(1)
    with caplog.at_level(logging.INFO, logger="samediff_py"):
        for _ in range(60):
            rows = [rng.integers(0, 10, rng.integers(1, 90)) for _ in range(4)]
            sd.output({"tokens": rows}, "logits")
    lines = [r.message for r in caplog.records if "compiling logits" in r.message]
    assert 1 <= len(lines) <= 8
    program = sd._runner.program(("logits",))
    assert program.jitted._cache_size() == len(lines)


def test_every_function_says_once_that_it_is_compiled(caplog):
    sd, logits = text_model()
    sd.set_loss_variables(logits.sum(name="loss"))
    sd.training_config = TrainingConfig(optax.sgd(0.1))
    with caplog.at_level(logging.INFO, logger="samediff_py"):
        for _ in range(2):
            sd.output({"tokens": ROWS}, "loss")
            sd.calculate_gradients({"tokens": ROWS}, "w")
            sd.fit([{"tokens": ROWS}], epochs=2, progress=False)
    lines = [r.message for r in caplog.records if "compiling" in r.message]
    sizes = {"for batch=4, time=4", "for time=4, batch=3"}
    assert [line.partition(" for batch")[0].partition(" for time")[0] for line in lines] == [
        "compiling loss", "compiling gradients for w of loss", "compiling a step by loss"
    ] and all(any(end in line for end in sizes) for line in lines)  # fmt: skip


def test_buckets_round_up_and_keep_to_the_budget():
    assert [rounded(n, Bounds()) for n in (1, 3, 9, 17, 25, 33, 49)] == [1, 4, 12, 24, 32, 48, 64]
    assert rounded(13, Bounds(multiple_of=5)) == 20
    assert rounded(13, Bounds(max=14)) == 14
    assert rounded(50, Bounds(multiple_of=10, max=55)) == 50
    assert rounded(41, Bounds(multiple_of=10, max=55)) == 50
    buckets, rng = Buckets(budget=4), np.random.default_rng(0)
    lengths = [int(n) for n in rng.integers(1, 1000, 300)]
    assert programs_of(buckets, ({"time": n} for n in lengths)) <= 3 + doublings(buckets, 3)


def programs_of(buckets, stream, exact=None, bounds=None):
    """How many programs a stream of sizes makes; each covers what it is for."""
    for sizes in stream:
        chosen = buckets.choose(sizes, exact or {}, bounds or {})
        assert all(chosen[name] >= n for name, n in {**sizes, **(exact or {})}.items())
    return len(buckets.programs)


def doublings(buckets, first, dim="time"):
    """How often a size may double from the largest of the first to the largest of all."""
    largest = [max(p[dim] for p in some) for some in (buckets.programs[:first], buckets.programs)]
    return int(np.log2(largest[1] / largest[0]))


@pytest.mark.parametrize("budget", [1, 2, 8])
@pytest.mark.parametrize("step", [1, 7, 50])
def test_growing_sizes_make_few_programs_more_than_the_budget(budget, step):
    buckets = Buckets(budget=budget)
    made = programs_of(buckets, ({"time": n} for n in range(1, 3000, step)))
    first = max(budget - 1, 1)
    assert made <= first + doublings(buckets, first)
    assert buckets.programs[-1]["time"] < 2 * 4096
    assert programs_of(buckets, ({"time": n} for n in range(1, 3000))) == made


@pytest.mark.parametrize("longest", [50, 100, 500, 1000])
def test_random_lengths_make_no_more_programs_than_the_budget(longest):
    for seed in range(20):
        lengths = np.random.default_rng(seed).integers(1, longest + 1, 200)
        assert programs_of(Buckets(budget=8), ({"time": int(n)} for n in lengths)) <= 8


def test_two_growing_dims_make_one_program_that_covers_and_few_more():
    buckets, rng = Buckets(budget=8), np.random.default_rng(0)
    stream = [{"batch": int(rng.integers(1, n)), "time": int(rng.integers(1, n))}
              for n in range(2, 600)]  # fmt: skip
    made = programs_of(buckets, stream)
    assert made <= 8 + doublings(buckets, 7, "time") + doublings(buckets, 7, "batch")


def test_sizes_grow_within_their_bounds():
    bounds = {"time": Bounds(multiple_of=10, max=555)}
    buckets = Buckets(budget=3)
    made = programs_of(buckets, ({"time": n} for n in range(10, 551, 10)), bounds=bounds)
    sizes = [p["time"] for p in buckets.programs]
    assert sizes == [20, 40, 80, 160, 320, 550] and made == 6


def test_the_budget_counts_programs_of_all_exact_sizes():
    buckets = Buckets(budget=4)
    for batch in range(1, 5):
        programs_of(buckets, [{"time": 8}], exact={"batch": batch})
    assert len(buckets.programs) == 4
    programs_of(buckets, ({"time": n} for n in range(1, 200)), exact={"batch": 1})
    assert len(buckets.programs) == 9  # 16, 32, 64, 128, 256
    assert programs_of(buckets, [{"time": 100}, {"time": 9}], exact={"batch": 5}) == 10
    assert buckets.programs[-1] == {"time": 128, "batch": 5}


def test_a_spent_budget_takes_a_program_that_covers():
    buckets = Buckets(budget=1)
    buckets.choose({"time": 100}, {}, {})
    assert buckets.choose({"time": 3}, {}, {}) == {"time": 128}


def test_fixed_dims_are_not_rounded():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"))
    last = x[:, -1].rename("last")
    array = np.arange(15, dtype=np.float32).reshape(3, 5)
    np.testing.assert_array_equal(sd.output({"x": array}, last)["last"], array[:, -1])


def test_extents_hide_what_a_bucket_adds():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"))
    mean = x.mean(name="mean")
    steps = sd.arange(sd.dim("time")).cast("float32").sum(name="steps")
    out = sd.output({"x": np.ones((3, 5), np.float32)}, mean, steps)
    assert out["mean"] == 1.0
    assert out["steps"] == 10.0


def test_adding_nodes_recompiles_nothing():
    sd, logits = text_model()
    sd.output({"tokens": ROWS}, "logits")
    before = sd._runner.program(("logits",))
    sd.nn.relu(logits, name="later")
    assert sd._runner.program(("logits",)) is before


def test_function_and_compile_give_what_output_gives():
    sd, _ = text_model()
    array, mask = padded(ROWS, 4)
    feeds = {"tokens": array, "tokens_mask": mask}
    want = sd.output(feeds, "logits")["logits"]
    f = sd.function("logits")
    np.testing.assert_allclose(jax.jit(f)(sd.params, feeds), want, atol=1e-6)
    np.testing.assert_allclose(sd.compile("logits")(feeds), want, atol=1e-6)
    grads = jax.grad(lambda p: f(p, feeds).sum())(sd.params)
    assert set(grads) == {"table", "w"} and all(np.isfinite(g).all() for g in grads.values())


def test_same_seed_same_numbers_whatever_the_bucket():
    outs = []
    for width in (6, 11):
        sd = SameDiff.create(seed=3)
        x = sd.placeholder("x", ("batch", "time"), mask="m")
        sd.nn.dropout(x, rate=0.5, name="dropped")
        f = sd.function("dropped", training=True)
        mask = np.arange(width) < np.array([[3], [5]])
        feeds = {"x": np.ones((2, width), np.float32), "m": mask}
        outs.append(np.asarray(f(sd.params, feeds, jax.random.key(0)))[:, :5])
    np.testing.assert_array_equal(*outs)
    assert 0 < (outs[0] > 0).sum() < 8


def test_initial_values_depend_on_seed_and_name_only():
    one, other, third = (text_model(seed)[0].params["table"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, other)
    assert (np.asarray(one) != np.asarray(third)).any()


def test_handles_are_interned_and_follow_a_rename():
    sd, logits = text_model()
    assert sd["logits"] is logits
    logits.rename("scores")
    assert logits.name == "scores" and sd["scores"] is logits and "logits" not in sd
    assert sd.output({"tokens": ROWS}, "scores")["scores"].shape == (3, 4)


def test_anonymous_dims_are_unified_when_they_meet():
    sd = SameDiff.create()
    x, y = sd.placeholder("x", (None, 3)), sd.placeholder("y", (-1, 3))
    total = (x + y).sum(axis=1, name="total")
    assert x.shape == y.shape == (*total.shape, 3)
    out = sd.output({"x": np.ones((5, 3)), "y": np.ones((5, 3))}, total)["total"]
    np.testing.assert_array_equal(out, np.full(5, 6, np.float32))


def test_source_and_target_of_different_length():
    sd = SameDiff.create()
    source = sd.placeholder("source", ("batch", "s", 4), mask="source_mask")
    target = sd.placeholder("target", ("batch", "t", 4), mask="target_mask")
    mixed, weights = sd.nn.attention(target, source, source, with_weights=True, name="mixed")
    assert weights.mask.labels == ("batch", "heads", "query", "key")
    rng = np.random.default_rng(0)
    rows = [[rng.normal(size=(n, 4)).astype(np.float32) for n in ns] for ns in ([2, 5], [4, 1])]
    out = sd.output({"source": rows[0], "target": rows[1]}, mixed, weights)
    for i, (s, t) in enumerate(zip(*rows, strict=True)):
        alone = sd.output({"source": [s], "target": [t]}, mixed)["mixed"]
        np.testing.assert_allclose(out["mixed"][i, : len(t)], alone[0], atol=1e-6)
        valid = out["mixed:1"][i, 0, : len(t), : len(s)]
        np.testing.assert_allclose(valid.sum(-1), 1, atol=1e-6)


# Shapes that were met before.


def test_feeds_of_known_shapes_are_checked_padded_and_cut_as_the_first_were():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 2), mask="m")
    ids = sd.placeholder("ids", ("batch",), dtype="int32")
    out = (x.cumsum(axis="time") + sd.gather(sd.var("w", (4, 2)), ids).expand_dims(1)).rename("out")
    rng = np.random.default_rng(0)

    def feeds(mask, ids=(0, 3, 1)):
        array = rng.normal(size=(3, 5, 2)).astype(np.float32)
        return {"x": array, "m": np.array(mask), "ids": np.array(ids, np.int32)}

    prefix, left = np.arange(5) < [[5], [2], [0]], np.arange(5) >= [[0], [3], [4]]
    for mask in (prefix, prefix, left, prefix, left):
        fed = feeds(mask)
        rows = [row[keep] for row, keep in zip(fed["x"], mask, strict=True)]
        alone = sd.output({"x": rows, "ids": fed["ids"]}, "out")["out"]
        got = out.eval(fed)
        assert got.shape == (3, 5, 2)
        for row, keep, want in zip(got, mask, alone, strict=True):
            np.testing.assert_allclose(row[keep], want[: keep.sum()], rtol=1e-6)
            assert not row[~keep].any()
    with pytest.raises(ValueError, match="1 ids are out of range"):
        out.eval(feeds(prefix, ids=(0, 4, 1)))
    bad = feeds(prefix)
    bad["x"][0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="1 NaN in real positions"):
        out.eval(bad)
    bad["x"][0, 0, 0], bad["x"][1, 4, 0] = 0, np.nan
    assert np.isfinite(out.eval(bad)).all()


@pytest.mark.parametrize("length", [4, 300])
@pytest.mark.parametrize("wrong", [-1, 9])
def test_ids_of_a_known_shape_are_looked_at(length, wrong):
    sd = SameDiff.create()
    ids = sd.placeholder("ids", ("batch", "time"), dtype="int32", mask="m")
    total = sd.nn.embedding(sd.var("w", np.arange(9.0, dtype=np.float32)[:, None]), ids).sum()
    total.rename("total")
    for filled in (3, length, 3):
        fed = np.full((1, length), 8, np.int32)
        fed[:, filled:] = wrong
        feeds = {"ids": fed, "m": np.arange(length)[None] < filled}
        assert sd.output(feeds, "total")["total"] == 8 * filled
    with pytest.raises(FeedError, match=f"{length - 3} ids are out of range"):
        sd.output({"ids": fed, "m": np.ones((1, length), bool)}, "total")


def test_a_single_row_of_a_known_shape_may_be_padded_on_the_left():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    sums = x.cumsum(axis="time", name="sums")
    fed, mask = np.arange(1, 6, dtype=np.float32)[None], np.arange(5)[None] < 3
    for keep in (mask, mask, mask[:, ::-1], mask):
        want = np.where(keep, np.cumsum(np.where(keep, fed, 0), axis=1), 0)
        np.testing.assert_array_equal(sums.eval({"x": fed, "m": keep}), want)


@pytest.mark.parametrize("length", [5, 8])
def test_the_mask_of_a_single_row_may_change_in_place(monkeypatch, length):
    monkeypatch.setattr(ways, "MOST", 3)  # masks are kept, but few
    sd = SameDiff.create()
    sums = sd.placeholder("x", ("batch", "time"), mask="m").sum(axis="time", name="sums")
    fed, mask = np.ones((1, length), np.float32), np.zeros((1, length), bool)
    for filled in (1, 3, 2, 5, 4, 3, 1, 0):
        mask[:] = np.arange(length) < filled
        for _ in range(2):
            assert sums.eval({"x": fed, "m": mask}) == [filled]


@pytest.mark.parametrize("shape", [(1, 5), (3, 8), (3, 9)])
def test_masks_that_are_fed_as_true_take_the_short_way(monkeypatch, shape):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    sums, doubled = x.sum(axis="time", name="sums"), (x * 2.0).rename("doubled")
    fed, mask = np.ones(shape, np.float32), np.arange(shape[1]) < np.full((shape[0], 1), 4)
    for whole in (True, mask):
        sd.output({"x": fed, "m": whole}, sums, doubled)
    with monkeypatch.context() as nothing_is_read_again:
        nothing_is_read_again.setattr(sd._runner, "_ready", None)
        for whole, length in ((True, shape[1]), (mask, 4), (True, shape[1])):
            out = sd.output({"x": fed, "m": whole}, sums, doubled)
            np.testing.assert_array_equal(out["sums"], np.full(shape[0], length))
            np.testing.assert_array_equal(out["doubled"], 2 * fed * (mask | (length > 4)))
    for other in (1, "yes", None):
        with pytest.raises(FeedError, match="'m' (was fed|must be)"):
            sd.output({"x": fed, "m": other}, sums, doubled)
    fed[0, -1] = np.nan
    assert np.isfinite(sd.output({"x": fed, "m": mask}, sums)["sums"]).all()
    for _ in range(2):
        with pytest.raises(FeedError, match="1 NaN in real positions"):
            sd.output({"x": fed, "m": True}, sums, doubled)


def test_a_mask_that_is_fed_as_true_is_as_long_as_what_lies_beside_it():
    sd = SameDiff.create()
    sd.placeholder("x", ("batch", "time"), mask="m")
    for length in (3, 3, 5, 3):  # the program of the mask alone does not take x
        fed = {"x": np.ones((2, length), np.float32), "m": True}
        np.testing.assert_array_equal(sd.output(fed, "m")["m"], np.ones((2, length), bool))


def test_nothing_runs_twice_because_of_what_padding_holds():
    sd = SameDiff.create()
    sums = sd.placeholder("x", ("batch", "time"), mask="m").sum(axis="time", name="sums")
    fed, mask = np.ones((2, 8), np.float32), np.arange(8) < [[3], [5]]
    program, runs = sd._runner.program(("sums",)), []
    program.jitted = lambda *args, jitted=program.jitted: runs.append(1) or jitted(*args)
    sums.eval({"x": fed, "m": mask})
    runs.clear()
    np.testing.assert_array_equal(sums.eval({"x": fed, "m": mask}), [3, 5])
    assert len(runs) == 1
    np.testing.assert_array_equal(sums.eval({"x": fed, "m": mask[:, ::-1]}), [3, 5])
    holed = np.where(mask, fed, np.nan)
    np.testing.assert_array_equal(sums.eval({"x": holed, "m": mask}), [3, 5])
    assert len(runs) == 3  # each closer look has one of its own


def test_rows_without_any_id_have_no_embeddings():
    sd = SameDiff.create()
    ids = sd.placeholder("ids", ("batch", 0), dtype="int32")
    sd.nn.embedding(sd.var("table", (4, 3)), ids, name="rows")
    for _ in range(2):
        assert sd.output({"ids": np.zeros((2, 0), np.int32)}, "rows")["rows"].shape == (2, 0, 3)


def test_known_shapes_meet_what_has_changed_since(monkeypatch):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 2))
    scaled = sd.nn.dropout(x * sd.var("w", np.ones(2, np.float32)), 0.5).rename("scaled")
    fed = {"x": np.ones((1, 2), np.float32)}
    for _ in range(2):
        np.testing.assert_array_equal(sd.output(fed, "scaled")["scaled"], fed["x"])
    assert len(sd._runner.routes) == 1
    monkeypatch.setattr(sd._runner, "_ready", None)  # nothing is read, or decided, again
    sd.set_array("w", np.full(2, 3, np.float32))
    np.testing.assert_array_equal(sd.output(fed, scaled)["scaled"], 3 * fed["x"])
    np.testing.assert_array_equal(sd.output(fed, "scaled")["scaled"], 3 * fed["x"])
    np.testing.assert_array_equal(sd.output(fed, ["scaled"])["scaled"], 3 * fed["x"])
    monkeypatch.undo()
    sd.dim("batch", min=2)
    with pytest.raises(FeedError, match="batch = 1, but sd.dim says"):
        sd.output(fed, "scaled")


def test_what_is_fed_for_nothing_must_be_there_all_the_same():
    sd = SameDiff.create()
    x, other = sd.placeholder("x", (2,)), sd.placeholder("other", (3,))
    doubled, _ = (x * sd.var("w", np.full(2, 2.0))).rename("doubled"), other + sd.var("v", (3,))
    both = {"x": np.ones(2, np.float32), "other": np.ones(3, np.float32)}
    unknown = {"x": both["x"], "another": both["other"]}
    for fed in (both, both, {"x": both["x"]}, {"x": both["x"]}, both):
        np.testing.assert_array_equal(doubled.eval(fed), [2, 2])
    for _ in range(2):
        with pytest.raises(FeedError, match="another"):
            doubled.eval(unknown)
        with pytest.raises(FeedError, match="'x'"):
            doubled.eval({"other": both["other"], "another": both["other"]})
    assert len(sd._runner.routes) == 2


def test_known_shapes_give_what_is_asked_for(monkeypatch):
    sd = SameDiff.create()
    x, n = sd.placeholder("x", (2,)), sd.placeholder("n", (), dtype="int32")
    w = sd.var("w", np.full(2, 2.0, np.float32))
    fed = {"x": np.ones(2, np.float32), "n": np.array(3, np.int32)}
    doubled, raised = (w * x).rename("doubled"), (x + sd.cast(n, "float32")).rename("raised")
    asked = {(raised, doubled): [4, 2], (doubled, doubled): [2], (w, x): [2, 1], (w,): [2]}
    for known in (False, True):
        with monkeypatch.context() as context:
            if known:
                context.setattr(sd._runner, "_ready", None)
            for names, want in asked.items():
                found = sd.output(fed, *names)
                assert list(found) == list(dict.fromkeys(name.name for name in names))
                assert [list(value) for value in found.values()] == [[n, n] for n in want]


def test_what_is_asked_for_by_its_variable_is_known_at_once(monkeypatch):
    sd = SameDiff.create()
    doubled = (sd.placeholder("x", (2,)) * 2.0).rename("doubled")
    fed = {"x": np.ones(2, np.float32)}
    for asked in (doubled, [doubled], "doubled"):
        sd.output(fed, asked)
    monkeypatch.setattr(sd._runner, "output", None)
    for asked in (doubled, "doubled"):
        np.testing.assert_array_equal(sd.output(fed, asked)["doubled"], [2, 2])
    monkeypatch.undo()
    doubled.rename("twice")
    np.testing.assert_array_equal(sd.output(fed, doubled)["twice"], [2, 2])


def test_arrays_of_another_process_are_known(monkeypatch):
    sd = SameDiff.create()
    doubled = (sd.placeholder("x", (2,)) * 2.0).rename("doubled")
    doubled.eval({"x": np.ones(2, np.float32)})
    monkeypatch.setattr(sd._runner, "_ready", None)
    copy = pickle.loads(pickle.dumps(np.ones(2, np.float32)))  # its dtype is another object
    np.testing.assert_array_equal(doubled.eval({"x": copy}), [2, 2])


def test_known_shapes_are_debugged_as_well():
    sd = SameDiff.create()
    logs = sd.math.log(sd.placeholder("x", (2,)), name="logs")
    fed = {"x": np.array([1, -1], np.float32)}
    for _ in range(2):
        assert np.isnan(logs.eval(fed)[1])
        with sd.debug(), pytest.raises(NotANumberError, match="'logs' holds 1 NaN"):
            logs.eval(fed)


def test_few_routes_are_kept():
    sd = SameDiff.create()
    doubled = (sd.placeholder("x", ("n",)) * 2.0).rename("doubled")
    for n in range(1, 2 * routes.MOST):
        assert doubled.eval({"x": np.ones(n, np.float32)}).shape == (n,)
    assert 0 < len(sd._runner.routes) <= routes.MOST


def test_a_mask_declared_later_reaches_what_was_built_before():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"))
    known = sd.placeholder("known", ("batch",))
    mean = x.mean(axis="time", name="mean")
    total = (mean * known).sum(name="total")
    assert str(mean.mask) == "all real"
    sd.declare_mask(x, "x_mask")
    sd.declare_mask("known", "there")
    assert sd["mean"] is mean and "x_mask" in sd.explain_mask(mean)
    out = sd.output({"x": [[1.0, 2.0, 3.0], [4.0]], "known": [1, 7], "there": [1, 0]}, mean, total)
    np.testing.assert_array_equal(out["mean"], [2, 4])
    assert out["total"] == 2


def test_whole_batches_without_masks_are_told_of_no_extents(caplog):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 2))
    total = x.sum(name="total")
    with caplog.at_level(logging.INFO, "samediff_py"):
        sizes = (8, 7, 8, 5)
        got = [float(total.eval({"x": np.ones((n, 2), np.float32)})) for n in sizes]
    assert got == [2 * n for n in sizes]
    assert [r.getMessage() for r in caplog.records] == ["compiling total for batch=8"] * 2
    (program,) = sd._runner._programs.values()
    assert program.extents({"batch": 8}, {"batch": 8}) is None
    assert program.extents({"batch": 7}, {"batch": 8}) == [7]
