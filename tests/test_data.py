"""Feeds of every form, and the law that left padding and gaps change nothing."""

import jax.numpy as jnp
import numpy as np
import pytest

from samediff_py import SameDiff
from samediff_py.data.batches import batches_of
from samediff_py.data.checks import glance
from samediff_py.foundation.errors import FeedError, GraphError

RNG = np.random.default_rng(0)


def arrays(shape, feeds, dtype="float32", mask="m"):
    """The placeholder x and its mask, as a program sees them."""
    sd = SameDiff.create()
    sd.placeholder("x", shape, dtype, mask=mask)
    out = sd.output(feeds, "x", *([mask] if mask else []))
    return [out["x"], out[mask]] if mask else [out["x"]]


TWO, THREE = ("batch", "time"), ("batch", "sentence", "word")
FORMS = {
    "rows": (TWO, [[1, 2, 3], [], [4]], [[1, 2, 3], [0, 0, 0], [4, 0, 0]], [3, 0, 1]),
    "tuples": (TWO, ((1, 2), (3,)), [[1, 2], [3, 0]], [2, 1]),
    "arrays": (TWO, [np.array([1, 2]), jnp.array([3.5])], [[1, 2], [3.5, 0]], [2, 1]),
    "ints and floats": (TWO, [[1], [0.5, 2]], [[1, 0], [0.5, 2]], [1, 2]),
    "nothing but empty rows": (TWO, [[], []], [[0], [0]], [0, 0]),
    "fixed dims behind": (
        (*TWO, 2), [[[1, 2], [3, 4]], [], np.zeros((0, 2)), [[5, 6]]],
        [[[1, 2], [3, 4]], [[0, 0], [0, 0]], [[0, 0], [0, 0]], [[5, 6], [0, 0]]], [2, 0, 0, 1],
    ),
    "one open dim": (("batch", 2), [[1, 2], [3, 4]], [[1, 2], [3, 4]], None),
    "numbers": (("batch",), [1, 2, 3], [1, 2, 3], None),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_lists_become_an_array_and_its_mask(form):
    shape, fed, want, lengths = FORMS[form]
    x, mask = arrays(shape, {"x": fed})
    np.testing.assert_array_equal(x, np.float32(want))
    if lengths is None:
        assert mask.shape == (len(want),) and mask.all()
    else:
        np.testing.assert_array_equal(mask, np.arange(x.shape[1]) < np.array(lengths)[:, None])


@pytest.mark.parametrize("width", [(), (2,)])
def test_lists_of_lists_of_rows(width):
    words = RNG.normal(size=(6, *width)).astype(np.float32)
    x, mask = arrays((*THREE, *width), {"x": [[words[:2], words[2:3]], [], [words[3:6]]]})
    assert x.shape == (3, 2, 3, *width)
    np.testing.assert_array_equal(mask.sum(-1), [[2, 1], [0, 0], [3, 0]])
    np.testing.assert_array_equal(x[mask], words)
    assert not x[~mask].any()


REAL = [[True, True, False], [True, False, False]]


@pytest.mark.parametrize("mask", [
    REAL, np.array(REAL), np.array(REAL, int), np.array(REAL, float), jnp.array(REAL),
])  # fmt: skip
def test_a_mask_of_any_kind(mask):
    x = np.array([[1, 2, 9], [3, np.nan, np.inf]])
    for fed in (x, x.tolist(), jnp.asarray(x)):
        seen, real = arrays(TWO, {"x": fed, "m": mask})
        np.testing.assert_array_equal(seen, [[1, 2, 0], [3, 0, 0]])
        np.testing.assert_array_equal(real, REAL)


@pytest.mark.parametrize("true", [True, np.True_, np.array(True), jnp.array(True)])
def test_true_means_all_real(true):
    for shape in (("batch",), TWO, (*TWO, 2), THREE):
        fed = np.ones([d if isinstance(d, int) else 3 for d in shape])
        x, mask = arrays(shape, {"x": fed, "m": true})
        assert mask.all() and mask.ndim == sum(isinstance(d, str) for d in shape)
        np.testing.assert_array_equal(x, fed)


@pytest.mark.parametrize("kind", ["V4", [("a", "f4")], "M8[D]", "S1", complex])
def test_a_mask_of_no_booleans_is_refused(kind):
    fed = np.array([2j]) if kind is complex else np.zeros(1, kind)
    with pytest.raises(FeedError, match="mask 'm' must be boolean, or 0 and 1"):
        arrays(("batch",), {"x": [1.0], "m": fed})


def test_a_mask_over_examples_says_which_are_there():
    x, mask = arrays(("batch", 2), {"x": [[1, 2], [np.nan, 3], [5, 6]], "m": [1, 0, 1]})
    np.testing.assert_array_equal(x, [[1, 2], [0, 0], [5, 6]])
    np.testing.assert_array_equal(mask, [True, False, True])


def test_a_mask_that_two_placeholders_share():
    sd = SameDiff.create()
    x = sd.placeholder("x", TWO, mask="m")
    y = sd.placeholder("y", (*TWO, 2), mask="m")
    total = (x.sum() + y.sum()).rename("total")
    rows = {"x": [[1, 2], [3]], "y": [[[1, 1], [1, 1]], [[1, 1]]]}
    assert sd.output(rows, total)["total"] == 12
    fed = {"x": np.ones((2, 2)), "y": np.ones((2, 2, 2)), "m": [[1, 1], [1, 0]]}
    assert sd.output(fed, total)["total"] == 9
    assert sd.output({**fed, "m": True}, total)["total"] == 12


def test_a_mask_can_be_asked_for_by_itself():
    sd = SameDiff.create()
    sd.placeholder("x", TWO, mask="m")
    sd["m"].cast("float32").sum(name="count")
    assert sd.output({"x": [[1, 2], [3]]}, "count")["count"] == 3
    assert sd.output({"x": np.ones((2, 4)), "m": True}, "count")["count"] == 8
    assert sd.output({"m": np.ones((2, 3))}, "count")["count"] == 6
    with pytest.raises(FeedError, match="'m' was fed True alone"):
        sd.output({"m": True}, "count")
    with pytest.raises(FeedError, match="mask 'm' was not fed"):
        sd.output({}, "count")


DTYPES = [
    ("float32", np.array([0.5, 2.0])),
    ("float32", np.array([1, 2])),
    ("float32", np.array([True, False])),
    ("float16", np.array([1, 2])),
    ("bfloat16", np.array([1.0, 2.0], np.float32)),
    ("float32", jnp.array([1.5, 2.0], jnp.bfloat16)),
    ("int32", np.array([1, 2])),
    ("int32", np.array([1, 2], np.uint8)),
    ("int32", np.array([True, False])),
    ("uint8", np.array([0, 255])),
    ("bool", np.array([True, False])),
    ("bool", np.array([1, 0])),
    ("bool", np.array([1.0, 0.0])),
    ("bool", jnp.array([1.0, 0.0], jnp.bfloat16)),
    *[("int32", jnp.array([0, 1, 100], kind)) for kind in "int8 int16 uint16 uint32".split()],
]


@pytest.mark.parametrize(("dtype", "fed"), DTYPES, ids=lambda v: str(getattr(v, "dtype", v)))
def test_arrays_take_the_declared_type(dtype, fed):
    for value in (fed, jnp.asarray(fed), fed.tolist()):
        (x,) = arrays(("batch",), {"x": value}, dtype, mask=None)
        assert str(x.dtype) == dtype
        np.testing.assert_array_equal(x.astype(np.float32), np.asarray(fed).astype(np.float32))


@pytest.mark.parametrize(("dtype", "fed", "match"), [
    ("bool", [0, 2], "must be boolean, or 0 and 1"),
    ("bool", [0.5], "must be boolean, or 0 and 1"),
    ("uint8", [-1], "too large for uint8"),
    ("int8", jnp.array([1, 128]), "fed 1..128, too large for int8"),
    ("int32", jnp.array([2**32 - 1], jnp.uint32), "4294967295, too large for int32"),
    ("float32", [1j], "it takes numbers"),
    ("float32", np.zeros(2, [("a", "f4")]), "it takes numbers"),
    ("bool", np.zeros(2, "V4"), "it takes numbers"),
])  # fmt: skip
def test_no_value_is_changed_silently(dtype, fed, match):
    with pytest.raises(FeedError, match=match):
        arrays(("batch",), {"x": fed}, dtype, mask=None)


FRACTIONS = ["float16", "bfloat16", "float32"]


@pytest.mark.parametrize("dtype", FRACTIONS)
@pytest.mark.parametrize("give", [np.asarray, jnp.asarray, np.ndarray.tolist])
def test_nan_in_real_data_is_refused_whatever_holds_it(dtype, give):
    fed = np.array([[1, np.nan, 6e4], [np.inf, 6e4, -np.inf]], np.float32).astype(jnp.dtype(dtype))
    with pytest.raises(FeedError, match=r"1 NaN in real positions, the first at \[0, 1\]"):
        arrays(TWO, {"x": give(fed), "m": True}, dtype)
    real = ~np.isnan(fed)
    x, _ = arrays(TWO, {"x": give(fed), "m": real}, dtype)
    np.testing.assert_array_equal(x, np.where(real, fed, np.zeros((), fed.dtype)))


@pytest.mark.parametrize("dtype", FRACTIONS)
def test_nan_in_feeds_like_those_before_is_refused(dtype):
    sd = SameDiff.create()
    y = (sd.placeholder("x", ("batch",), dtype) + 1).rename("y")
    fed = np.array([1, 6e4, np.inf], jnp.dtype(dtype))
    for _ in range(3):
        assert not np.isnan(sd.output({"x": fed}, y)["y"]).any()
    fed[1] = np.nan
    with pytest.raises(FeedError, match="1 NaN in real positions"):
        sd.output({"x": fed}, y)


def test_nan_among_numbers_that_are_cast_to_ids():
    sd = SameDiff.create()
    ids = sd.placeholder("ids", ("batch",)).cast("int32")
    rows = sd.nn.embedding(sd.var("table", (4, 2)), ids)
    assert sd.output({"ids": [0.0, 3.0]}, rows)[rows.name].shape == (2, 2)
    with pytest.raises(FeedError, match="'ids' holds 1 NaN"):
        sd.output({"ids": [0.0, np.nan]}, rows)


# Compaction: which positions are real decides, not where they stand.


def strewn(rows, seed):
    """Rows at random places of a wider array, in order, with rubbish between them."""
    rng = np.random.default_rng(seed)
    width = max(map(len, rows)) + 3
    array = np.full((len(rows), width, *rows[0].shape[1:]), np.nan, np.float32)
    mask = np.zeros(array.shape[:2], bool)
    for i, row in enumerate(rows):
        places = np.sort(rng.choice(width, len(row), replace=False))
        array[i, places], mask[i, places] = row, True
    return array, mask


@pytest.fixture(scope="module")
def sequences():
    """Every position, a window, a running sum, a state, and one number for each row."""
    sd = SameDiff.create()
    x = sd.placeholder("x", (*TWO, 2), mask="m")
    sd.cnn.conv1d(x, sd.var("taps", (3, 2, 3)), name="window")
    sd.cumsum(x, axis="time", name="running")
    sd.rnn.lstm_layer(x, sd.var("w", (2, 8)), sd.var("r", (2, 8)), data_format="NTS", name="state")
    (x * x).mean(axis="time", name="row")
    return sd


@pytest.mark.parametrize("seed", range(4))
def test_results_stand_where_their_positions_were_fed(sequences, seed):
    rows = [RNG.normal(size=(n, 2)).astype(np.float32) for n in RNG.integers(0, 6, 4)]
    array, mask = strewn([*rows, RNG.normal(size=(5, 2)).astype(np.float32)], seed)
    rows = [*rows, array[-1][mask[-1]]]
    names = ("window", "running", "state")
    crooked = sequences.output({"x": array, "m": mask}, *names, "row")
    straight = sequences.output({"x": rows}, *names, "row")
    np.testing.assert_allclose(crooked["row"], straight["row"], atol=1e-6)
    for name in names:
        assert not crooked[name][~mask].any()
        for i, row in enumerate(rows):
            want = straight[name][i, : len(row)]
            np.testing.assert_allclose(crooked[name][i][mask[i]], want, atol=1e-6, err_msg=name)


def test_time_may_lie_before_the_batch():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("time", "batch"), mask="m")
    running = sd.cumsum(x, axis="time", name="running")
    last = x.permute((1, 0)).last_valid(axis="time", name="last")
    array, mask = strewn([np.float32([1, 2, 3]), np.float32([4]), np.float32([5, 6])], 0)
    out = sd.output({"x": array.T, "m": mask.T}, running, last)
    np.testing.assert_array_equal(out["last"], [3, 4, 6])
    for i, want in enumerate(([1, 3, 6], [4], [5, 11])):
        np.testing.assert_array_equal(out["running"].T[i][mask[i]], want)
    with pytest.raises(FeedError, match="can't be fed as lists"):
        sd.output({"x": [[1, 2], [3]]}, running)


def test_results_come_as_rows_where_that_is_asked_for():
    sd = SameDiff.create()
    x = sd.placeholder("x", (*TWO, 2), mask="m")
    mixed, weights = sd.nn.attention(x, x, x, with_weights=True, name="mixed")
    mean = x.mean(axis="time", name="mean")
    rows = [
        np.float32([[1, 2], [3, 4], [5, 6]]),
        np.zeros((0, 2), np.float32),
        np.float32([[7, 8]]),
    ]
    array, mask = strewn(rows, 0)
    for feeds in ({"x": rows}, {"x": array, "m": mask}):
        out = sd.output(feeds, "x", mixed, weights, mean, ragged=True)
        for row, got in zip(rows, out["x"], strict=True):
            np.testing.assert_array_equal(got, row)
        assert [got.shape for got in out["mixed"]] == [(3, 2), (0, 2), (1, 2)]
        assert [got.shape for got in out["mixed:1"]] == [(1, 3, 3), (1, 0, 0), (1, 1, 1)]
        np.testing.assert_array_equal(out["mean"], [[3, 4], [0, 0], [7, 8]])


def two_masks():
    sd = SameDiff.create()
    x, y = sd.placeholder("x", TWO, mask="x_mask"), sd.placeholder("y", TWO, mask="y_mask")
    taps = sd.constant(np.float32([1, 10, 100]).reshape(3, 1, 1))
    sd.cnn.conv1d(x.reshape((-1, "time", 1)), taps, name="window")
    (x + y).rename("both")
    return sd


def test_a_position_exists_where_any_mask_of_its_dims_is_true():
    sd = two_masks()
    x, y = np.float32([[9, 1, 9, 2, 3]]), np.float32([[8, 8, 8, 8, 4]])
    x_mask, y_mask = np.array([[0, 1, 0, 1, 1]], bool), np.array([[0, 0, 1, 0, 1]], bool)
    feeds = {"x": x, "x_mask": x_mask, "y": y, "y_mask": y_mask}
    # Alone: x is 1, missing, 2, 3; position 0 does not exist.
    out = sd.output(feeds, "window", "both")
    np.testing.assert_array_equal(out["window"][0, :, 0][x_mask[0]], [10, 320, 32])
    np.testing.assert_array_equal(out["both"], [[0, 0, 0, 0, 7]])


def test_a_mask_that_nothing_depends_on_need_not_be_fed():
    sd = two_masks()
    out = sd.output({"x": [[1, 2, 3], [4]]}, "window")["window"]
    np.testing.assert_array_equal(out[..., 0], [[210, 321, 32], [40, 0, 0]])
    sd["both"].rename("sum")  # whatever is derived anew says the same
    np.testing.assert_array_equal(sd.output({"x": [[1, 2, 3], [4]]}, "window")["window"], out)


# Sizes.


@pytest.mark.parametrize(("bounds", "good", "bad"), [
    ({"min": 3}, (3, 4), (1, 2)),
    ({"max": 4}, (1, 4), (5, 9)),
    ({"multiple_of": 4}, (4, 12), (1, 6)),
    ({"min": 2, "max": 6, "multiple_of": 2}, (2, 6), (0, 1, 5, 8)),
])  # fmt: skip
def test_bounds_of_a_dim(bounds, good, bad):
    sd = SameDiff.create()
    total = sd.placeholder("x", ("batch", sd.dim("time", **bounds))).sum(name="total")
    for n in good:
        assert sd.output({"x": np.ones((3, n))}, total)["total"] == 3 * n
    for n in bad:
        with pytest.raises(FeedError, match="time"):
            sd.output({"x": np.ones((3, n))}, total)


@pytest.mark.parametrize(("bounds", "match"), [
    ({"multiple_of": 0}, "multiple_of=0 of dim 'time' is no size: use a whole number from 1 on"),
    ({"max": "a"}, "max='a' of dim 'time' is no size"),
    ({"max": 2.5}, "max=2.5 of dim 'time' is no size"),
    ({"max": 0}, "max=0 of dim 'time' is no size"),
    ({"min": -1}, "min=-1 of dim 'time' is no size"),
    ({"min": True}, "min=True of dim 'time' is no size"),
    ({"min": 5, "max": 2}, "no size fits dim 'time': .*time >= 5 and time <= 2; widen"),
    ({"max": 7, "multiple_of": 8}, "no size fits dim 'time'"),
    ({"min": 11, "max": 19, "multiple_of": 10}, "no size fits dim 'time'"),
])  # fmt: skip
def test_bounds_that_no_size_can_fulfil(bounds, match):
    sd = SameDiff.create()
    with pytest.raises(GraphError, match=rf"{match}(.|\n)*sd.dim\("):
        sd.dim("time", **bounds)
    assert sd.placeholder("x", (sd.dim("time"),)).sum().eval({"x": np.ones(3)}) == 3


def test_bounds_may_be_integers_of_numpy():
    sd = SameDiff.create()
    time = sd.dim("time", min=np.int64(2), max=np.int32(6), multiple_of=np.uint8(2))
    assert sd.placeholder("x", (time,)).sum().eval({"x": np.ones(4)}) == 4


def test_sizes_stay_multiples_up_to_the_greatest():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", sd.dim("time", multiple_of=10, max=55)), mask="m")
    mean = x.mean(axis="time", name="mean")
    for n in (10, 20, 30, 40, 50):
        fed = {"x": np.ones((2, n)), "m": True}
        np.testing.assert_array_equal(sd.output(fed, mean)["mean"], [1, 1])
    assert all(p["time"] % 10 == 0 for p in sd._runner.program(("mean",)).buckets.programs)


def test_bounds_stay_until_others_are_given():
    sd = SameDiff.create()
    total = sd.placeholder("x", (sd.dim("time", max=3),)).sum(name="total")
    steps = sd.arange(sd.dim("time")).sum(name="steps")
    with pytest.raises(FeedError, match="time = 4"):
        sd.output({"x": np.ones(4)}, total)
    for _ in range(2):
        assert sd.output({"x": np.ones(3, np.float32)}, steps)["steps"] == 3
    sd.dim("time", max=2)
    with pytest.raises(FeedError, match="time = 3"):
        sd.output({"x": np.ones(3, np.float32)}, steps)
    sd.dim("time", max=4)
    assert sd.output({"x": np.ones(4)}, total)["total"] == 4
    sd.dim("time", min=1)
    assert sd.output({"x": np.ones(9)}, total)["total"] == 9


def test_bounds_that_do_not_fit_the_graph_change_nothing():
    sd = SameDiff.create()
    x = sd.placeholder("x", (sd.dim("time", max=9), 4))
    total = (x + sd.var("places", (9, 4), init="zeros")[: sd.dim("time")]).sum(name="total")
    with pytest.raises(GraphError):
        sd.dim("time", max=12)
    assert sd.output({"x": np.ones((9, 4))}, total)["total"] == 36
    with pytest.raises(FeedError, match="time = 10"):
        sd.output({"x": np.ones((10, 4))}, total)


def test_bounds_hold_for_the_padded_length_of_rows():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", sd.dim("time", max=3)), mask="m")
    assert sd.output({"x": [[1], [1, 1, 1]]}, x.sum(name="total"))["total"] == 4
    with pytest.raises(FeedError, match="time = 4"):
        sd.output({"x": [[1], [1, 1, 1, 1]]}, "total")


def test_placeholders_agree_on_every_dim():
    sd = SameDiff.create()
    x, y = sd.placeholder("x", ("n", "n")), sd.placeholder("y", ("n",))
    product = sd.math.mul(x, y, name="product")
    assert sd.output({"x": np.ones((3, 3)), "y": np.ones(3)}, product)["product"].shape == (3, 3)
    for shape, other in (((3, 4), 3), ((3, 3), 4)):
        with pytest.raises(FeedError, match="n is 3 .* and 4"):
            sd.output({"x": np.ones(shape), "y": np.ones(other)}, product)


# Looks.


@pytest.mark.parametrize("limit", [1, 7, 100, 127, 128, 200, 3000])
@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint32"])
def test_a_look_at_ids_sees_whatever_is_out_of_range(dtype, limit):
    info, seen = np.iinfo(dtype), set()
    edges = [n for n in (info.min, -1, 0, limit - 1, limit, info.max) if info.min <= n <= info.max]
    for shape in ((2, 0), (1, 1), (2, 5), (3, 200)):
        look = glance(np.zeros(shape, dtype), limit)
        assert look is not None
        for number in edges:
            ids = RNG.integers(0, min(limit, info.max), shape).astype(dtype)
            if ids.size:
                ids.flat[RNG.integers(ids.size)] = number
            right = bool(((ids >= 0) & (ids < limit)).all())
            seen.add(right)
            assert look(ids) is right
            assert look(ids[:, :1]) is bool(((ids[:, :1] >= 0) & (ids[:, :1] < limit)).all())
    assert True in seen and (False in seen or info.max < limit)


# Batches.


def test_a_data_set_is_cut_and_shuffled_as_a_whole():
    data = {"x": np.arange(10), "rows": [[i] * (i % 3 + 1) for i in range(10)], "m": True, "k": 2.5}
    plain = list(batches_of(data, ((), (), (), ()), 4, None))
    assert [len(batch["x"]) for batch in plain] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate([b["x"] for b in plain]), data["x"])
    mixed = list(batches_of(data, ((), (), (), ()), 4, np.random.default_rng(0)))
    order = np.concatenate([b["x"] for b in mixed])
    assert sorted(order) == list(range(10)) and list(order) != list(range(10))
    for batch in plain + mixed:
        assert [row[0] for row in batch["rows"]] == list(batch["x"])
        assert batch["m"] is True and batch["k"] == 2.5


@pytest.mark.parametrize("size", [0, -1, 2.0, "4", None, True])
def test_a_batch_size_is_a_whole_number_from_one_on(size):
    with pytest.raises(FeedError, match=f"batch_size must be 1 or more, not {size!r}"):
        list(batches_of({"x": np.ones(3)}, ((), (), (), ()), size, None))


def test_examples_lie_along_the_axis_that_is_said():
    data = {"x": np.arange(8).reshape(2, 4), "rows": [[1, 2, 3, 4]] * 2, "y": np.arange(4)}
    names, axes = ((), (), (), ()), {"x": 1, "rows": 1}
    first, second = batches_of(data, names, 3, None, axes)
    np.testing.assert_array_equal(first["x"], [[0, 1, 2], [4, 5, 6]])
    np.testing.assert_array_equal(second["rows"], [[4], [4]])
    np.testing.assert_array_equal(second["y"], [3])
    for wrong in ([[1, 2], [3]], [1, 2]):
        with pytest.raises(FeedError, match="'x' has its examples along axis 1: feed an array"):
            list(batches_of({"x": wrong}, names, 3, None, axes))


def test_a_batch_of_tuples_goes_by_the_names_of_the_config():
    names = (("a", "b"), ("y",), ("a_mask", None), ("y_mask",))
    batch = ([[1, 2], [3, 4]], [5, 6], ([True, False], [True, True]), None)
    assert list(batches_of([batch, batch[:2]], names, 1, None)) == [
        {"a": [1, 2], "b": [3, 4], "y": [5, 6], "a_mask": [True, False]},
        {"a": [1, 2], "b": [3, 4], "y": [5, 6]},
    ]
    with pytest.raises(FeedError, match="3 features for 2 names"):
        list(batches_of([([1, 2, 3], [5])], names, 1, None))


def test_masks_that_are_declared_in_a_scope_lie_in_it():
    sd = SameDiff.create()
    sd.placeholder("m", ("batch",), "bool")
    with sd.name_scope("a"):
        x = sd.placeholder("x", ("batch", "time"))
        sd.declare_mask(x, "m2")
        sd.declare_mask(sd.placeholder("y", ("batch",)), "m")
    assert {name: leaf.mask for name, leaf in sd.graph.leaves.items() if leaf.mask} == {
        "a/x": "a/m2",
        "a/y": "m",
    }
