"""Training: data of every form, one program, losses by count, and the state that lasts."""

import io
import sys
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from samediff_py import SameDiff, TrainingConfig
from samediff_py.display.progress import ProgressLine, bar
from samediff_py.foundation.errors import LossError, NotANumberError, TrainingError
from samediff_py.train.history import History

RNG = np.random.default_rng(0)
LENGTHS = (3, 5, 1, 2, 4, 5, 2, 1, 3, 4)
ROWS = [RNG.normal(size=(n, 2)).astype(np.float32) for n in LENGTHS]
Y = RNG.integers(0, 3, len(ROWS)).astype(np.int32)
TAGS = [RNG.integers(0, 3, n).astype(np.int32) for n in LENGTHS]


def sequences(seed=0):
    """One label for each sequence: a relu layer by position, the mean over time, logits."""
    sd = SameDiff.create(seed=seed)
    x = sd.placeholder("x", ("batch", "time", 2), mask="x_mask")
    y = sd.placeholder("y", ("batch",), dtype="int32")
    h = sd.nn.relu(sd.nn.linear(x, sd.var("w1", (2, 8)), sd.var("b1", (8,), init="zeros")))
    logits = sd.nn.linear(h.mean(axis="time"), sd.var("w2", (8, 3)), name="logits")
    sd.loss.sparse_softmax_cross_entropy(y, logits, name="loss")
    return sd


def tagger(seed=0):
    """A label for each position, which may be missing where the position is real."""
    sd = SameDiff.create(seed=seed)
    x = sd.placeholder("x", ("batch", "time", 2), mask="x_mask")
    y = sd.placeholder("y", ("batch", "time"), dtype="int32", mask="y_mask")
    mixed = x + sd.nn.attention(x, x, x)
    logits = sd.nn.linear(mixed, sd.var("w", (2, 3)), name="logits")
    sd.loss.sparse_softmax_cross_entropy(y, logits, name="loss")
    return sd


def line(seed=0, **leaf):
    """Least squares: w * x against y."""
    sd = SameDiff.create(seed=seed)
    x, y = sd.placeholder("x", ("batch",)), sd.placeholder("y", ("batch",))
    sd.loss.mean_squared_error(y, x * sd.var("w", (1,), init="ones", **leaf), name="loss")
    return sd


def padded(rows, width=6):
    array = np.full((len(rows), width, *np.shape(rows[0])[1:]), 7, np.asarray(rows[0]).dtype)
    for i, row in enumerate(rows):
        array[i, : len(row)] = row
    return array, np.arange(width) < np.array([len(row) for row in rows])[:, None]


def fitted(sd, data, updater=None, *, epochs=1, batch_size=4, shuffle=False, **config):
    """The history of a fit with this updater."""
    sd.training_config = TrainingConfig(updater or optax.adam(0.05), **config)
    how = {"epochs": epochs, "batch_size": batch_size, "shuffle": shuffle, "progress": False}
    return sd.fit(data, **how)


def same(one, other, **tolerance):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], err_msg=name, **tolerance)


def copied(sd):
    return {name: np.array(value) for name, value in sd.params.items()}


def compiled(sd):
    return sd._training.trainer().step._cache_size()


# Data.

ARRAY, MASK = padded(ROWS)
BY_NAME = {"features": ["x"], "labels": ["y"], "feature_masks": ["x_mask"]}
CUTS = [slice(0, 4), slice(4, 8), slice(8, 10)]
DATA = {
    "arrays": ({"x": ARRAY, "y": Y, "x_mask": MASK}, {}),
    "ragged": ({"x": ROWS, "y": Y}, {}),
    "lists": ({"x": [row.tolist() for row in ROWS], "y": Y.tolist()}, {}),
    "tuple": ((ROWS, Y), BY_NAME),
    "tuple with a mask": ((ARRAY, Y, MASK), BY_NAME),
    "tuple with None": ((ROWS, Y, None, None), BY_NAME),
    "jax arrays": ({"x": jnp.asarray(ARRAY), "y": jnp.asarray(Y), "x_mask": MASK}, {}),
    "batches": ([{"x": ROWS[c], "y": Y[c]} for c in CUTS], {}),
    "an array of objects": ({"x": np.array(ROWS, object), "y": Y}, {}),
    "batches of tuples": ([(ROWS[c], Y[c]) for c in CUTS], BY_NAME),
}


@pytest.fixture(scope="module")
def reference():
    sd = sequences()
    return fitted(sd, {"x": ROWS, "y": Y}).loss, copied(sd)


@pytest.mark.parametrize("form", DATA)
def test_data_of_every_form_trains_alike(form, reference):
    sd, (data, config) = sequences(), DATA[form]
    history = fitted(sd, data, **config)
    np.testing.assert_allclose(history.loss, reference[0], rtol=1e-5)
    same(copied(sd), reference[1], atol=1e-6)


class Loader:
    """Batches whose number nobody knows, as loaders of streams have them."""

    def __len__(self):
        raise TypeError("the stream has no length")

    def __iter__(self):
        return iter([[ROWS[c], Y[c]] for c in CUTS])


def test_a_loader_of_lists_that_knows_no_length(reference):
    sd = sequences()
    history = fitted(sd, Loader(), **BY_NAME)
    np.testing.assert_allclose(history.loss, reference[0], rtol=1e-5)


def test_a_generator_lasts_one_epoch(reference):
    sd = sequences()
    with pytest.raises(TrainingError, match="used up"):
        fitted(sd, ({"x": ROWS[c], "y": Y[c]} for c in CUTS), epochs=2)
    same(copied(sd), reference[1], atol=1e-6)


def test_label_masks_come_by_name_too():
    y, y_mask = padded(TAGS)
    y_mask[:, 1::2] = False
    config = {**BY_NAME, "label_masks": ["y_mask"]}
    one, other = tagger(), tagger()
    fitted(one, (ARRAY, y, MASK, y_mask), **config)
    y[~y_mask] = 99  # what is missing may be anything
    fitted(other, {"x": ARRAY, "y": y, "x_mask": MASK, "y_mask": y_mask})
    same(copied(one), copied(other), rtol=0)
    history = fitted(tagger(), (ARRAY, y, MASK, y_mask), optax.sgd(0.0), **config)
    logits = tagger().output({"x": ROWS}, "logits")["logits"]
    logs = np.log(np.exp(logits).sum(-1))[..., None] - logits
    known = [logs[i, t, TAGS[i][t]] for i, row in enumerate(ROWS) for t in range(0, len(row), 2)]
    np.testing.assert_allclose(history.loss, [np.mean(known)], rtol=1e-5)


def test_single_numbers_go_with_every_batch():
    sd = line()
    scale = sd.placeholder("scale", ())
    sd.set_loss_variables(sd["loss"] * scale)
    history = fitted(sd, {"x": np.ones(6), "y": np.zeros(6), "scale": 3.0}, optax.sgd(0.0))
    np.testing.assert_allclose(history.loss, [3.0], rtol=1e-6)


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_data_set_whose_time_lies_before_its_batch(shuffle):
    """It is cut along its examples, and never along time."""
    results = []
    for turned in (False, True):
        sd = SameDiff.create()
        dims = ("time", "batch") if turned else ("batch", "time")
        x = sd.placeholder("x", (*dims, 2), mask="x_mask")
        y = sd.placeholder("y", ("batch",))
        w = sd.var("w", (2,), init="ones")
        sd.loss.mean_squared_error(y, (x * w).sum(axis=(dims.index("time"), 2)), name="loss")
        x, mask = (ARRAY.swapaxes(0, 1), MASK.T) if turned else (ARRAY, MASK)
        history = fitted(sd, {"x": x, "x_mask": mask, "y": Y}, shuffle=shuffle)
        results.append((history.loss, copied(sd)["w"]))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-5)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-5)


@pytest.mark.parametrize("data", [{"x": ROWS, "y": Y}, (ROWS, Y), [(ROWS[c], Y[c]) for c in CUTS]])
def test_a_smaller_last_batch_runs_in_the_same_program(data):
    sd = sequences()
    fitted(sd, data, epochs=2, **BY_NAME)
    assert compiled(sd) == len({8 if max(map(len, ROWS[c])) > 4 else 4 for c in CUTS})
    sd.fit(data, batch_size=4, shuffle=False, progress=False)
    assert compiled(sd) == 2


def test_a_small_data_set_is_not_blown_up_to_the_batch_size():
    sd = sequences()
    fitted(sd, {"x": ROWS, "y": Y}, batch_size=1000)
    trainer = sd._training.trainer()
    trainer.run({"x": ROWS, "y": Y}, 1, 1000, None, ProgressLine(False), None)
    assert trainer.program.buckets.programs == [{"time": 8, "batch": 10}]


# Losses are sums over counts.


def test_the_loss_of_an_epoch_is_the_sum_over_all_items_by_their_number():
    y, y_mask = padded(TAGS)
    feeds = {"x": ARRAY, "y": y, "x_mask": MASK, "y_mask": y_mask}
    want = tagger().output(feeds, "loss")["loss"]
    for cuts in ([0, 1, 6, 10], [0, 7, 10]):
        cut = zip(cuts[:-1], cuts[1:], strict=True)
        batches = [{name: value[i:j] for name, value in feeds.items()} for i, j in cut]
        np.testing.assert_allclose(fitted(tagger(), batches, optax.sgd(0.0)).loss, [want], 1e-6)


def test_several_losses_have_a_count_each():
    """Batches of different size: a loss for each position, one for each row, and a sum."""
    sd = tagger()
    kind = sd.placeholder("kind", ("batch",))
    score = sd["logits"].mean(axis="time").sum(axis=1)
    sd.loss.mean_squared_error(kind, score, name="of_rows")
    sd.loss.absolute_difference(kind, score, reduction="sum", name="sum_of_rows")
    feeds = {"x": ROWS, "y": TAGS, "kind": np.arange(10.0)}
    whole = sd.output(feeds, "loss", "of_rows", "sum_of_rows")
    for cuts in ([0, 1, 6, 10], [0, 7, 10]):
        batches = [
            {name: value[i:j] for name, value in feeds.items()}
            for i, j in zip(cuts[:-1], cuts[1:], strict=True)
        ]
        want = whole["loss"] + whole["of_rows"] + whole["sum_of_rows"] / len(batches)
        np.testing.assert_allclose(fitted(sd, batches, optax.sgd(0.0)).loss, [want], rtol=1e-5)
        assert sd.evaluate(batches).loss == pytest.approx(want, rel=1e-5)
    assert sd.evaluate(feeds).count == 10


def weighted(weights):
    """The error of w * x against y by the weights of the items, and what to feed."""
    sd = SameDiff.create()
    x, y, weight = (sd.placeholder(name, ("batch",)) for name in ("x", "y", "weight"))
    by_weight = {"weights": weight, "reduction": "mean_by_weight"}
    sd.loss.mean_squared_error(y, x * sd.var("w", (1,), init="ones"), name="loss", **by_weight)
    return sd, {"x": np.float32([1, 2]), "y": np.float32([3, 5]), "weight": np.float32(weights)}


@pytest.mark.parametrize("weights", [(1, 3), (-3, 1), (1, -1), (0, 0)])
def test_a_loss_is_the_same_wherever_it_is_asked_for(weights):
    """A sum of weights may be negative; where it is 0 the loss is, and has no gradient."""
    sd, feeds = weighted(weights)
    total = sum(weights)
    by_items = np.array(weights) / total if total else np.zeros(2)
    want, slope = np.sum(by_items * [4, 9]), np.sum(by_items * [-4, -12])
    assert sd.output(feeds, "loss")["loss"] == pytest.approx(want)
    measured = sd.evaluate(feeds).loss  # None where nothing counted
    assert measured == pytest.approx(want) if total else measured is None
    np.testing.assert_allclose(sd.calculate_gradients(feeds, "w")["w"], [slope])
    assert fitted(sd, feeds, optax.sgd(0.5)).loss == pytest.approx([want])
    np.testing.assert_allclose(sd.params["w"], [1 - 0.5 * slope])


@pytest.mark.parametrize(
    ("build", "labels", "count"), [(sequences, Y, lambda t: 1), (tagger, TAGS, len)]
)
def test_a_padded_batch_gives_what_its_sequences_give_alone(build, labels, count):
    sd, labels = build(), labels[:5]
    names = tuple(sd.params)
    together = {"x": ROWS[:5], "y": labels}
    loss, grads = 0.0, dict.fromkeys(names, 0.0)
    counts = [count(label) for label in labels]
    for i, row in enumerate(ROWS[:5]):
        alone = {"x": row[None], "y": np.asarray(labels[i])[None], "x_mask": True}
        alone |= {"y_mask": True} if build is tagger else {}
        part = counts[i] / sum(counts)
        loss += part * sd.output(alone, "loss")["loss"]
        gradients = sd.calculate_gradients(alone, *names)
        grads = {n: grads[n] + part * gradients[n] for n in names}
    np.testing.assert_allclose(sd.output(together, "loss")["loss"], loss, rtol=1e-5)
    same(sd.calculate_gradients(together, *names), grads, atol=2e-6)


@pytest.mark.parametrize(("build", "labels"), [(sequences, list(Y)), (tagger, TAGS)])
def test_empty_rows_count_nowhere(build, labels):
    empty = np.zeros((0, 2), np.float32)
    none = 1 if build is sequences else np.zeros(0, np.int32)
    one, other = build(), build()
    rows, more = [*ROWS[:3], empty, *ROWS[3:], empty], [*labels[:3], none, *labels[3:], none]
    losses = [
        fitted(one, [{"x": rows, "y": more}]).loss,
        fitted(other, [{"x": ROWS, "y": labels}]).loss,
    ]
    np.testing.assert_allclose(*losses, rtol=1e-6)
    same(copied(one), copied(other), atol=1e-6)


# Penalties, direction, updaters.

X1, Y1 = np.array([1.0, 2.0], np.float32), np.array([3.0, 5.0], np.float32)
SLOPE = np.mean(2 * X1 * (X1 - Y1))  # of the loss of `line` at w = 1


@pytest.mark.parametrize(
    ("config", "w"),
    [
        ({}, 1 - 0.1 * SLOPE),
        ({"l1": 0.5}, 1 - 0.1 * (SLOPE + 0.5)),
        ({"l2": 0.5}, 1 - 0.1 * (SLOPE + 0.5)),
        ({"l1": 0.25, "l2": 2.0}, 1 - 0.1 * (SLOPE + 2.25)),
        ({"weight_decay": 0.5}, 1 - 0.1 * SLOPE - 0.5),
        ({"minimize": False}, 1 + 0.1 * SLOPE),
        ({"minimize": False, "l2": 0.5}, 1 - 0.1 * (-SLOPE + 0.5)),
    ],
)
def test_penalties_and_direction_by_hand(config, w):
    sd = line()
    history = fitted(sd, {"x": X1, "y": Y1}, optax.sgd(0.1), **config)
    np.testing.assert_allclose(sd.params["w"], [w], rtol=1e-6)
    np.testing.assert_allclose(history.loss, [np.mean((X1 - Y1) ** 2)], rtol=1e-6)


UPDATERS = {
    "schedule": optax.sgd(optax.exponential_decay(0.1, 2, 0.5)),
    "clip, then adam": optax.chain(optax.clip_by_global_norm(0.1), optax.adam(0.05)),
    "adamw": optax.adamw(0.01, weight_decay=0.1),
    "accumulated": optax.MultiSteps(optax.adam(0.05), every_k_schedule=2),
    "by name": optax.multi_transform(
        {"fast": optax.sgd(0.1), "frozen": optax.set_to_zero()}, {"w": "fast", "b": "frozen"}
    ),
    "plateau": optax.chain(optax.sgd(0.1), optax.contrib.reduce_on_plateau(patience=1, rtol=0.5)),
    "line search": optax.lbfgs(),
}


@pytest.mark.parametrize("updater", UPDATERS.values(), ids=UPDATERS)
def test_any_optax_transformation(updater):
    sd = SameDiff.create()
    x, y = sd.placeholder("x", ("batch",)), sd.placeholder("y", ("batch",))
    w, b = sd.var("w", (1,), init="ones"), sd.var("b", (1,), init="zeros")
    sd.loss.mean_squared_error(y, x * w + b)
    rule, params = optax.with_extra_args_support(updater), copied(sd)

    @jax.jit
    def step(params, state, feeds):
        def loss(p):
            return jnp.mean((feeds["y"] - feeds["x"] * p["w"] - p["b"]) ** 2)

        value, grad = jax.value_and_grad(loss)(params)
        asked = {"value": value, "grad": grad, "value_fn": loss}
        changes, state = rule.update(grad, state, params, **asked)
        return optax.apply_updates(params, changes), state

    batches = [{"x": X1 * k, "y": Y1 - k} for k in np.float32([1, -1, 0.5, 2])]
    state = rule.init(params)
    for feeds in batches:
        params, state = step(params, state, feeds)
    fitted(sd, batches, updater)
    same(copied(sd), params, atol=1e-5)


def test_several_losses_are_added():
    def build(both):
        sd = SameDiff.create()
        x, w = sd.placeholder("x", ("batch",)), sd.var("w", (1,), init="ones")
        near = sd.loss.mean_squared_error(x, x * w, name="near")
        small = sd.loss.absolute_difference(x * 0.0, x * w, name="small")
        if both == "combined":
            sd.set_loss_variables((near + small).rename("both"))
        return sd

    feeds = {"x": np.array([1.0, -2.0, 3.0])}
    one, other = build("apart"), build("combined")
    assert one.loss_variables == ("near", "small") and other.loss_variables == ("both",)
    losses = [fitted(sd, feeds, optax.sgd(0.1), batch_size=3).loss for sd in (one, other)]
    np.testing.assert_allclose(losses, [[2.0], [2.0]], rtol=1e-6)
    np.testing.assert_allclose(one.params["w"], [1 - 0.1 * 2], rtol=1e-6)
    same(copied(one), copied(other), rtol=1e-6)


# What lasts.


@pytest.mark.parametrize("shuffle", [False, True])
def test_training_twice_goes_on(shuffle):
    once, twice = sequences(), sequences()
    data = {"x": ROWS, "y": Y}
    losses = fitted(once, data, epochs=2, shuffle=shuffle).loss
    first = fitted(twice, data, shuffle=shuffle).loss
    second = twice.fit(data, batch_size=4, shuffle=shuffle, progress=False).loss
    assert losses == first + second
    same(copied(once), copied(twice), rtol=0)
    assert int(twice._training.trainer().state.clock.step) == 6


def by_layer(params):
    return {name: "first" if name.endswith("1") else "second" for name in params}


@pytest.mark.parametrize(
    "updater",
    [
        optax.adam(0.05),
        optax.multi_transform({"first": optax.adam(0.05), "second": optax.sgd(0.1)}, by_layer),
        optax.inject_hyperparams(optax.adamw)(learning_rate=0.05),
    ],
    ids=["adam", "by layer", "hyperparams"],
)
def test_training_goes_on_under_other_names(updater):
    """What the optimiser knows of a variable, and the names of the config, go with the rename."""
    once, twice = sequences(), sequences()
    data = (ROWS, Y)
    losses = fitted(once, data, updater, epochs=5, **BY_NAME).loss
    first = fitted(twice, data, updater, epochs=3, **BY_NAME).loss
    for old in ("w1", "x", "y", "x_mask"):
        twice.rename_variable(old, f"layer/{old}")
    twice["w2"].rename("last")
    second = twice.fit(data, epochs=2, batch_size=4, shuffle=False, progress=False).loss
    np.testing.assert_allclose(losses, first + second, rtol=1e-6)
    names = {"w1": "layer/w1", "w2": "last"}
    same({names.get(n, n): a for n, a in copied(once).items()}, copied(twice), rtol=1e-6)
    assert twice.training_config.mappings == (["layer/x"], ["layer/y"], ["layer/x_mask"], [])


def test_a_renamed_average_goes_on():
    sd = line()
    steps = sd.var("steps", np.float32([0]), trainable=False)
    sd.update(steps, steps + 1.0)
    fitted(sd, {"x": [1.0, 2.0], "y": [1.0, 2.0]}, optax.sgd(0.1), batch_size=1)
    steps.rename("count")
    sd.fit({"x": [1.0], "y": [2.0]}, batch_size=1, progress=False)
    assert sd["count"].eval().tolist() == [3]


def test_another_config_starts_a_fresh_optimiser():
    def one_step(sd, updater):
        before = copied(sd)["w"]
        fitted(sd, {"x": X1, "y": Y1}, updater)
        return copied(sd)["w"] - before

    sd = line()
    one_step(sd, optax.sgd(0.1, momentum=0.9))
    again = one_step(sd, optax.sgd(0.1, momentum=0.9))
    w = 1 - 0.1 * SLOPE
    np.testing.assert_allclose(again, [-0.1 * np.mean(2 * X1 * (w * X1 - Y1))], rtol=1e-5)


def noisy(seed):
    sd = SameDiff.create(seed=seed)
    x = sd.placeholder("x", ("batch", "time", 2), mask="x_mask")
    y = sd.placeholder("y", ("batch",), dtype="int32")
    h = sd.nn.dropout(sd.nn.linear(x, sd.var("w", (2, 16))), rate=0.5)
    logits = sd.nn.linear(h.mean(axis="time"), sd.var("v", (16, 3)), name="logits")
    sd.loss.sparse_softmax_cross_entropy(y, logits, name="loss")
    return sd


def test_the_seed_decides_everything():
    runs = []
    for seed in (5, 5, 6):
        sd = noisy(seed)
        runs.append((fitted(sd, {"x": ROWS, "y": Y}, shuffle=True, epochs=2).loss, copied(sd)))
    assert runs[0][0] == runs[1][0] != runs[2][0]
    same(runs[0][1], runs[1][1], rtol=0)


def test_dropout_acts_in_training_only():
    sd, feeds = noisy(0), {"x": ROWS, "y": Y}
    h = ARRAY @ np.asarray(sd.params["w"])
    mean = np.stack([h[i, :n].mean(0) for i, n in enumerate(LENGTHS)])
    logits = sd.output(feeds, "logits")["logits"]
    np.testing.assert_allclose(logits, mean @ np.asarray(sd.params["v"]), atol=1e-5)
    plain = sd.output(feeds, "loss")["loss"]
    losses = fitted(sd, [feeds] * 1, optax.sgd(0.0), epochs=3).loss
    assert len({*losses, float(plain)}) == 4  # every step draws anew


def test_references_to_parameters_survive():
    sd = sequences()
    before, kept = sd.params, copied(sd)
    fitted(sd, {"x": ROWS, "y": Y})
    same(before, kept, rtol=0)
    between, kept = sd.params, copied(sd)
    sd.fit({"x": ROWS, "y": Y}, validation_data={"x": ROWS, "y": Y}, epochs=2, progress=False)
    same(between, kept, rtol=0)


def test_the_graph_can_be_asked_while_it_trains():
    sd, asked = sequences(), []

    class Batches:
        def __iter__(self):
            for c in CUTS:
                asked.append(float(sd.output({"x": ROWS, "y": Y}, "loss")["loss"]))
                yield {"x": ROWS[c], "y": Y[c]}

    sd.training_config = TrainingConfig(optax.adam(0.05))
    history = sd.fit(
        Batches(), epochs=2, validation_data={"x": ROWS, "y": Y}, progress=False
    )  # after validation, what is asked sees the parameters that were validated
    np.testing.assert_allclose(asked[3:], history.validation_loss[0], rtol=1e-5)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_keeps_the_last_completed_step(error):
    def broken():
        yield from ({"x": ROWS[c], "y": Y[c]} for c in CUTS[:2])
        raise error

    sd, other = sequences(), sequences()
    with pytest.raises(error):
        fitted(sd, broken())
    fitted(other, [{"x": ROWS[c], "y": Y[c]} for c in CUTS[:2]])
    same(copied(sd), copied(other), rtol=0)
    assert np.isfinite(sd.output({"x": ROWS, "y": Y}, "loss")["loss"])
    rest = [{"x": ROWS[CUTS[2]], "y": Y[CUTS[2]]}]
    for each in (sd, other):
        each.fit(rest, progress=False)
    same(copied(sd), copied(other), rtol=0)


@pytest.mark.parametrize("bad", [np.inf, 1e30])  # 1e30 squared overflows
def test_a_step_that_is_not_finite_is_not_taken(bad):
    good = [{"x": X1, "y": Y1}, {"x": Y1, "y": X1}]
    broken = {"x": np.array([bad, 1.0], np.float32), "y": Y1}
    sd, other = line(), line()
    fitted(other, good)
    with pytest.raises(NotANumberError, match="in 1 steps.*last good step"):
        fitted(sd, [good[0], broken, good[1]])
    same(copied(sd), copied(other), rtol=0)
    assert np.isfinite(sd.fit(good, progress=False).loss).all()


def test_halves_do_not_overflow_in_the_guard():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", 512), dtype="float16")
    w = sd.var("w", (512,), init="zeros", dtype="float16")
    sd.set_loss_variables((x * w).sum())
    fitted(sd, {"x": np.full((4, 512), 100.0)}, optax.sgd(1e-3))
    np.testing.assert_allclose(sd.params["w"], np.full(512, -0.4), rtol=1e-2)


# Variables that training changes without a gradient, or not at all.


def test_a_variable_that_is_not_trainable_stays():
    sd = line(trainable=False)
    other = sd.var("v", (1,), init="zeros")
    sd.set_loss_variables((sd["loss"] + other.sum()).rename("total"))
    fitted(sd, {"x": X1, "y": Y1}, optax.sgd(0.1), l2=1.0, weight_decay=0.1)
    np.testing.assert_array_equal(sd["w"].eval(), [1.0])
    np.testing.assert_allclose(sd.params["v"], [-0.1], rtol=1e-6)
    assert set(sd.params) == {"v"}


def test_counters_and_averages_are_updated_after_every_step():
    sd = line()
    steps = sd.var("steps", (), init="zeros", dtype="int32", trainable=False)
    latest = sd.var("latest", (), init="zeros", trainable=False)
    total = sd.var("total", (), init="zeros", trainable=False)
    sd.update(steps, steps + 1)
    sd.update(latest, sd["x"].mean())  # nothing reads it
    sd.update(total, total + sd["w"].sum())
    batches = [{"x": X1 * k, "y": Y1} for k in (1, 2, 3)]
    w = []
    for feeds in batches:
        w.append(copied(sd)["w"][0])
        sd.training_config = sd.training_config or TrainingConfig(optax.sgd(0.01))
        sd.fit([feeds], progress=False)
    assert steps.eval() == 3
    np.testing.assert_allclose(latest.eval(), X1.mean() * 3)
    np.testing.assert_allclose(total.eval(), sum(w), rtol=1e-6)
    sd.evaluate({"x": X1, "y": Y1})
    assert steps.eval() == 3


@pytest.mark.parametrize(("width", "content"), [(6, 0.0), (6, 1e6), (40, np.nan)])
def test_batch_norm_counts_real_positions_only(width, content):
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time", 2), mask="x_mask")
    normal = sd.nn.batch_norm(x, momentum=0.9, name="bn")
    sd.set_loss_variables((normal.sum(axis="time") * sd.var("v", (2,))).sum().rename("loss"))
    array, mask = padded(ROWS, width)
    array[~mask] = content
    fitted(sd, [{"x": array, "x_mask": mask}], optax.sgd(0.1))
    real = np.concatenate(ROWS)
    want = {"mean": 0.1 * real.mean(0), "variance": 0.9 + 0.1 * real.var(0)}
    for name, value in want.items():
        np.testing.assert_allclose(sd[f"bn/running_{name}"].eval(), value, atol=1e-6)
    inference = sd.output({"x": array, "x_mask": mask}, "bn")["bn"]
    expected = (real - want["mean"]) / np.sqrt(want["variance"] + 1e-5)
    np.testing.assert_allclose(inference[mask], expected, atol=1e-5)
    assert not inference[~mask].any()


def test_batch_norm_trains_alike_under_any_padding():
    runs = []
    for width, content in ((6, 0.0), (33, np.nan)):
        sd = SameDiff.create()
        x = sd.placeholder("x", ("batch", "time", 2), mask="x_mask")
        y = sd.placeholder("y", ("batch",), dtype="int32")
        h = sd.nn.batch_norm(sd.nn.linear(x, sd.var("w", (2, 8))), name="bn")
        logits = sd.nn.linear(sd.nn.relu(h).mean(axis="time"), sd.var("v", (8, 3)))
        sd.loss.sparse_softmax_cross_entropy(y, logits)
        array, mask = padded(ROWS, width)
        array[~mask] = content
        fitted(sd, {"x": array, "x_mask": mask, "y": Y}, optax.sgd(0.1), epochs=2)
        runs.append(copied(sd) | {"mean": sd["bn/running_mean"].eval()})
    same(*runs, atol=1e-5)


# What is told.


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_progress_in_a_terminal_and_in_a_log(stream, monkeypatch):
    out, sd = stream(), sequences()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr("samediff_py.display.progress.time.monotonic", iter(range(1000)).__next__)
    sd.training_config = TrainingConfig(optax.adam(0.05))
    sd.fit({"x": ROWS, "y": Y}, epochs=2, batch_size=4, validation_data={"x": ROWS, "y": Y})
    text = out.getvalue()
    assert text.count("\n") == 2
    last = text.splitlines()[-1] if stream is io.StringIO else text.rpartition("\r")[2]
    assert last.startswith("epoch 2/2  loss ") and "validation loss" in last and " s" in last
    assert ("\r" in text) == ("[################........] 2/3  loss" in text) == out.isatty()


def test_a_shorter_text_leaves_nothing_of_the_longer_one():
    out = Terminal()
    progress = ProgressLine(stream=out)
    progress.show("a long line")
    progress.finish("short")
    assert out.getvalue() == "\ra long line\rshort      \n"
    assert bar(3, None) == "3 batches"


def test_a_notebook_is_as_live_as_a_terminal(monkeypatch):
    shell = type("ZMQInteractiveShell", (), {})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=shell))
    out = io.StringIO()
    progress = ProgressLine(stream=out)
    progress.show("1/3")
    progress.finish("done")
    assert out.getvalue() == "\r1/3\rdone\n"


def test_silence(capsys):
    fitted(sequences(), {"x": ROWS, "y": Y})
    assert capsys.readouterr() == ("", "")


def test_history_reads_as_a_table():
    history = History([1.5, 1.25], [2.0], [0.5], [0.1, 0.2])
    assert str(History()) == "no epoch yet"
    assert repr(history).splitlines() == [
        "epoch 1  loss 1.5000  validation loss 2.0000  accuracy 50.0%  0.1 s",
        "epoch 2  loss 1.2500  0.2 s",
    ]
    assert history.epochs == 2


def test_validation_with_and_without_class_labels():
    sd = sequences()
    sd.training_config = TrainingConfig(optax.adam(0.05), features=["x"], labels=["y"])
    history = sd.fit((ROWS, Y), validation_data=(ROWS[:6], Y[:6]), epochs=2, progress=False)
    result = sd.evaluate((ROWS[:6], Y[:6]))
    assert history.validation_loss[-1] == pytest.approx(result.loss)
    assert history.validation_accuracy[-1] == result.accuracy
    sd = line()
    sd.training_config = TrainingConfig(optax.sgd(0.1))
    feeds = {"x": X1, "y": Y1}
    history = sd.fit(feeds, validation_data=feeds, epochs=2, progress=False)
    assert history.validation_accuracy == []
    np.testing.assert_allclose(
        history.validation_loss[-1], np.mean((X1 * np.asarray(sd.params["w"]) - Y1) ** 2), 1e-5
    )


def test_fit_says_what_it_lacks():
    sd = line()
    with pytest.raises(TrainingError, match="training_config = "):
        sd.fit({"x": X1, "y": Y1})
    bare = SameDiff.create()
    bare.placeholder("x", (2,))
    bare.training_config = TrainingConfig(optax.sgd(0.1))
    with pytest.raises(LossError, match="no loss"):
        bare.fit({"x": X1})
    with pytest.raises(TrainingError, match="no variable that training can change"):
        fitted(line(trainable=False), {"x": X1, "y": Y1})


@pytest.mark.parametrize(("given", "match"), [
    ({"updater": 0.1}, "optax transformation"), ({"labels": "y"}, r"\['y'\]"),
])  # fmt: skip
def test_a_config_that_is_none(given, match):
    with pytest.raises(TypeError, match=match):
        TrainingConfig(**{"updater": optax.sgd(0.1), **given})


# The same training by hand, in JAX and optax.


def mlp(seed=0):
    sd = SameDiff.create(seed=seed)
    x, y = sd.placeholder("x", ("batch", 3)), sd.placeholder("y", ("batch",), dtype="int32")
    h = sd.nn.tanh(sd.nn.linear(x, sd.var("w1", (3, 16)), sd.var("b1", (16,), init="zeros")))
    logits = sd.nn.linear(h, sd.var("w2", (16, 4)), sd.var("b2", (4,), init="zeros"))
    sd.loss.sparse_softmax_cross_entropy(y, logits)
    return sd


def mlp_by_hand(p, x):
    return jnp.tanh(x @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]


def text(seed=0):
    sd = SameDiff.create(seed=seed)
    tokens = sd.placeholder("x", ("batch", "time"), dtype="int32", mask="x_mask")
    y = sd.placeholder("y", ("batch",), dtype="int32")
    x = sd.nn.embedding(sd.var("table", (10, 8), init="normal"), tokens)
    h = sd.nn.attention(x @ sd.var("q", (8, 8)), x @ sd.var("k", (8, 8)), x, heads=2) + x
    logits = h.mean(axis="time") @ sd.var("w", (8, 4))
    sd.loss.sparse_softmax_cross_entropy(y, logits)
    return sd


def text_by_hand(p, tokens):
    """One sentence without padding."""

    def heads(a):
        return a.reshape(len(tokens), 2, 4).transpose(1, 0, 2)

    x = p["table"][tokens]
    q, k, v = heads(x @ p["q"]), heads(x @ p["k"]), heads(x)
    weights = jax.nn.softmax(q @ k.transpose(0, 2, 1) / 2.0, axis=-1)
    h = (weights @ v).transpose(1, 0, 2).reshape(len(tokens), 8) + x
    return h.mean(0) @ p["w"]


SENTENCES = [RNG.integers(0, 10, n).astype(np.int32) for n in (5, 2, 1, 12)]
POINTS, CLASSES = RNG.normal(size=(4, 3)).astype(np.float32), np.int32([0, 3, 1, 3])


@pytest.mark.parametrize(
    ("build", "by_hand", "x"), [(mlp, mlp_by_hand, POINTS), (text, text_by_hand, SENTENCES)]
)
def test_five_steps_of_adam_as_by_hand(build, by_hand, x):
    sd = build()
    params, adam = copied(sd), optax.adam(1e-2)
    state = adam.init(params)
    rule = optax.losses.softmax_cross_entropy_with_integer_labels

    def loss(p):
        return jnp.mean(
            jnp.stack([rule(by_hand(p, a), c) for a, c in zip(x, CLASSES, strict=True)])
        )

    step, losses = jax.jit(jax.value_and_grad(loss)), []
    for _ in range(5):
        value, grads = step(params)
        changes, state = adam.update(grads, state, params)
        params = optax.apply_updates(params, changes)
        losses.append(float(value))
    history = fitted(sd, {"x": x, "y": CLASSES}, optax.adam(1e-2), epochs=5)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-5)
    same(copied(sd), params, atol=1e-5)
