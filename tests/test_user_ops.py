"""Functions of the user's own in a graph: `sd.call`, `@samediff_py.op`, and their tests."""

import copy
import functools
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import own_ops
import pytest

import samediff_py
from samediff_py import SameDiff, TrainingConfig, rules
from samediff_py.foundation.errors import GraphError, MaskError
from samediff_py.own.op import UserOp, homeless
from samediff_py.testing import case, check

ROWS = {"x": [[1.0, 2.0, 3.0], [4.0]]}
OWN = [one for one in vars(own_ops).values() if isinstance(one, UserOp) and one.op.cases]
HERE = Path(__file__).name


@pytest.fixture
def sd():
    return SameDiff.create()


@pytest.fixture
def x(sd):
    return sd.placeholder("x", ("batch", "time"), mask="x_mask")


def run(sd, out, feeds=ROWS):
    return sd.output(feeds, out.name)[out.name]


# The battery.


@pytest.mark.parametrize("op", [op for op in OWN if op is not own_ops.centred], ids=repr)
def test_ops_with_a_true_rule_pass(op):
    check(op)


def test_a_rule_that_is_a_lie_fails():
    with pytest.raises(AssertionError, match="centred, case 0, definition: A batch gives each"):
        check(own_ops.centred)


def test_an_op_without_tests_is_no_tested_op():
    with pytest.raises(GraphError, match="noisy has no cases"):
        check(own_ops.noisy)
    untested = samediff_py.op(mask="pointwise", cases=[case((3,))])(own_ops.doubled)
    with pytest.raises(GraphError, match="no case of doubled is padded"):
        check(untested)


# `sd.call`.


def test_a_function_of_a_module(sd, x):
    y = sd.call(own_ops.doubled, x, by=3.0, mask="pointwise", name="y")
    np.testing.assert_array_equal(run(sd, y), [[3, 6, 9], [12, 0, 0]])
    assert str(y.mask) == "x_mask@0,1"
    assert sd.graph.nodes[0].op == "own_ops:doubled[pointwise](x)"
    assert str(y.source).startswith(__file__)


def test_functions_of_jax_go_by_their_public_names(sd, x):
    y = sd.call(jnp.mean, x, axis="time", mask="reduces")
    assert sd.graph.nodes[0].op == "jax.numpy:mean[reduces('axis')](a)" and y.name == "mean"
    np.testing.assert_array_equal(run(sd, y), [2, 4])
    np.testing.assert_array_equal(run(sd, sd.call(jnp.add, x, x, mask="pointwise"))[1], [8, 0, 0])


def test_functions_that_no_import_leads_to(sd, x):
    two = np.float32(2)

    def cell(x):
        return x * two

    cell.__module__, cell.__qualname__ = "__main__", "cell"  # as in a notebook
    outs = [
        sd.call(cell, x, mask="pointwise"),
        samediff_py.op(mask="pointwise")(cell)(x),
        sd.call(lambda x: x * two, x, mask="pointwise"),
        sd.call(functools.partial(own_ops.doubled, by=2.0), x, mask="pointwise"),
        sd.call(Doubler(), x, mask="pointwise"),
    ]
    assert [out.name for out in outs] == ["cell", "cell_1", "lambda", "doubled", "Doubler"]
    assert all("@" in node.op for node in sd.graph.nodes)
    for out in outs:
        np.testing.assert_array_equal(run(sd, out)[0], [2, 4, 6])


class Doubler:
    def __call__(self, x):
        return 2 * x


def test_one_function_is_one_op(sd, x):
    square = lambda x: x * x  # noqa: E731
    sd.call(square, x, mask="pointwise")
    sd.call(square, x, mask="pointwise")
    first, second = sd.graph.nodes
    assert first.op == second.op


def test_several_outputs_with_names(sd, x):
    low, high = sd.call(lambda x: (x - 1, x + 1), x, mask="pointwise", name=["low", "high"])
    assert (low.name, high.name) == ("low", "high")
    np.testing.assert_array_equal(run(sd, high)[0], [2, 3, 4])


def test_arrays_lists_and_numbers(sd, x):
    def mixed(x, xs, shift, *, scale=1):
        return (x + sum(xs)) * scale + shift

    y = sd.call(mixed, x, [x, x], np.ones((), "float32"), scale=2, mask="pointwise")
    np.testing.assert_array_equal(run(sd, y)[0], [7, 13, 19])
    assert str(sd.graph.nodes[-1].op).endswith("(x, *xs, shift)")


def test_gradients_flow_through(sd, x):
    w = sd.var("w", (), init="ones")
    y = sd.call(lambda x, w: jnp.sin(w * x), x, w, mask="pointwise")
    sd.call(jnp.mean, y, mask=rules.reduces("axis"), name="loss")
    sd.set_loss_variables("loss")
    values = np.array([1.0, 2, 3, 4])
    want = np.mean(np.cos(values) * values)
    np.testing.assert_allclose(sd.calculate_gradients(ROWS, "w")["w"], want, rtol=1e-6)


def test_an_empty_example_gives_no_nan(sd, x):
    w = sd.var("w", (), init="ones")
    mean = sd.call(own_ops.mean_over, x * w, axis=1, mask="reduces", name="mean")
    sd.call(jnp.log, mean, mask="pointwise", name="log").mean(name="loss")
    sd.set_loss_variables("loss")
    feeds = {"x": [[1.0, 2.0], []]}
    np.testing.assert_allclose(sd.output(feeds, "mean")["mean"], [1.5, 0])
    np.testing.assert_allclose(sd.calculate_gradients(feeds, "w")["w"], 1.0, rtol=1e-6)


def test_functions_that_are_random(sd, x):
    y = own_ops.noisy(x, name="y")
    np.testing.assert_array_equal(run(sd, y), [[1, 2, 3], [4, 0, 0]])
    f = sd.function("y", training=True)
    fed = {"x": jnp.ones((1, 3)), "x_mask": jnp.ones((1, 3), bool)}
    draws = [f(sd.params, fed, jax.random.key(k)) for k in (0, 1)]
    assert not np.allclose(*draws)


# The decorator.


def test_an_op_finds_the_graph_of_its_inputs(sd, x):
    y = own_ops.log_mean(x, axis="time", name="y")
    np.testing.assert_allclose(run(sd, y), [np.log(np.exp([1, 2, 3]).mean()), 4], rtol=1e-6)
    assert sd.graph.nodes[0].op == "own_ops:log_mean"
    assert sd.call(own_ops.log_mean, x, axis=1).shape == y.shape


def test_on_arrays_it_is_the_function():
    np.testing.assert_allclose(own_ops.log_mean(jnp.zeros((2, 3))), [0, 0])
    assert own_ops.log_mean.function(jnp.zeros(3), 0) == 0


def test_it_says_what_it_is():
    assert repr(own_ops.log_mean) == "<op own_ops:log_mean: reduces('axis')>"
    shown = inspect.signature(own_ops.log_mean)
    assert list(shown.parameters) == ["x", "axis", "name", "masked"]
    assert shown.parameters["x"].annotation is jax.Array
    doc = inspect.getdoc(own_ops.log_mean)
    assert doc.startswith("log(mean(exp(x))).") and "Padding: Padded slots do not count" in doc


def test_lists_of_variables(sd, x):
    y = own_ops.power_sum([x, x], x)
    np.testing.assert_allclose(run(sd, y)[0], [2, 8, 54], rtol=1e-6)


def test_masked_false_counts_padding(sd, x):
    more = x.fill_padding(2.0).drop_mask()
    np.testing.assert_array_equal(run(sd, own_ops.energy(x)), [14, 16])
    np.testing.assert_array_equal(run(sd, own_ops.energy(more)), [14, 24])
    assert not sd.verify_padding(ROWS, outputs=[own_ops.energy(x + 1.0, masked=False)]).ok


# Padding.


def test_nothing_known_means_no_padding(sd, x):
    text = r"no rule says what it does with padding, and 'x' is padded[\s\S]*mask=\"pointwise\""
    with pytest.raises(MaskError, match=text) as caught:
        sd.call(jnp.fft.fft, x)
    assert HERE in str(caught.value) and len(sd.graph.nodes) == 0
    with pytest.raises(MaskError, match="own_ops:spectrum"):
        own_ops.spectrum(x)
    y = sd.call(jnp.fft.fft, sd.constant(np.ones(4, "float32")), name="y")
    np.testing.assert_allclose(sd.output({}, "y")["y"], [4, 0, 0, 0], atol=1e-6)
    assert y.dtype == "complex64"


def test_a_lie_is_found_in_the_users_model(sd, x):
    y = x * 2.0
    wrong = own_ops.centred(y, name="wrong")  # the line that is named
    wrong.mean("time", name="out")
    report = sd.verify_padding(ROWS)
    assert report.first_leak.name == "wrong" and report.first_leak.test == "definition"
    assert "the line that is named" in str(report) and "own_ops:centred" in str(report)


def test_a_true_rule_is_no_leak(sd, x):
    shares = own_ops.shares(own_ops.running_sum(x, axis="time"), axis="time")
    own_ops.log_mean(shares, axis="time")
    report = sd.verify_padding(ROWS)
    assert report.ok, str(report)


@pytest.mark.parametrize(
    "function, mask, text",
    [
        (lambda x: jnp.sum(x, 1), "pointwise", r"gives \[batch\] for \[batch, time\]"),
        (lambda x: jnp.sum(x, 1), rules.reduces(1), "where=None"),
        (lambda x, *, where=None: x, rules.reduces(1), "its mask rule is reduces"),
        (lambda x, *, where=None: x, rules.reduces(4), "couples axis"),
        (lambda x: x, "reduces", "parameter 'axis' that it does not have"),
        (lambda x: x, rules.whole(1), "needs axis 1 of 'x' whole"),
        (lambda x: x.T, rules.moves("b t -> b t"), "its mask rule is moves"),
        (lambda x: x.reshape(-1), rules.moves("b t -> (b t)"), "merges or splits an axis of 'x'"),
        (lambda x: x, rules.contracts("abc->a"), "its mask rule is contracts"),
        (lambda x: x, "pointless", "there is no mask rule 'pointless'"),
    ],
)
def test_promises_that_shapes_already_break(sd, x, function, mask, text):
    with pytest.raises(GraphError, match=text):
        sd.call(function, x, mask=mask)


# Functions that can't be in a graph as they are.


def branches(x):
    return x if x.shape[1] > 3 else -x


def looks(x):
    return x if x.sum() > 0 else -x


@pytest.mark.parametrize(
    "function, text",
    [
        (
            branches,
            r"branches raised Inconclusive[\s\S]*if x.shape\[1\] > 3[\s\S]*sd.dim\(\"time\"",
        ),
        (lambda x: sum(x[:, i] for i in range(x.shape[1])), "A size is open while"),
        (looks, r"looks raised TracerBool[\s\S]*x.sum\(\) > 0[\s\S]*jnp.where"),
        (np.sin, "use jax.numpy instead of numpy"),
        (lambda x: {"x": x}, "returns dict; an op returns an array"),
        (lambda x: 1 / 0, "raised ZeroDivisionError"),
        (lambda x, *, where: x, "give it a default, e.g. where=None"),
        (lambda x, name: x, "missing a required argument"),
        (lambda x, name="n": x, "can't be called 'name'"),
    ],
)
def test_functions_that_fail_say_where(sd, x, function, text):
    with pytest.raises(GraphError, match=text) as caught:
        sd.call(function, x, mask="pointwise")
    assert HERE in str(caught.value) and len(sd.graph.nodes) == 0


def test_bounds_decide_branches(sd, x):
    sd.dim("time", min=4)
    assert sd.call(branches, x, mask="pointwise").shape == x.shape


def test_calls_that_do_not_fit(sd, x):
    with pytest.raises(GraphError, match=r"doubled: .*it takes \(x, by=2.0\)"):
        sd.call(own_ops.doubled, x, of=2)
    with pytest.raises(GraphError, match="f is a function, and a graph holds none"):
        sd.call(lambda x, f: f(x), x, f=jnp.exp)
    with pytest.raises(GraphError, match="at least one variable"):
        sd.call(own_ops.doubled, 2.0)
    with pytest.raises(GraphError, match="log_mean: missing a required argument"):
        own_ops.log_mean(axis=x)
    with pytest.raises(GraphError, match="from its declaration"):
        sd.call(own_ops.log_mean, x, mask="pointwise")
    other = SameDiff.create().placeholder("z", (2,))
    with pytest.raises(GraphError, match="belongs to another graph"):
        own_ops.sum_and_log(x, other)


def test_mistakes_of_a_declaration_are_told_at_once():
    with pytest.raises(GraphError, match="where=None"):
        samediff_py.op(mask="reduces")(lambda x, axis: jnp.sum(x, axis))


# Graphs that travel.


def test_graphs_copy_pickle_and_compare(sd, x):
    own_ops.log_mean(sd.call(own_ops.doubled, x, mask="pointwise"), axis=1)
    there = pickle.loads(pickle.dumps(sd.graph))
    assert there == sd.graph == copy.deepcopy(sd.graph)
    assert homeless(node.op for node in there.nodes) == ()
    assert pickle.loads(pickle.dumps(own_ops.log_mean)) is own_ops.log_mean


ELSEWHERE = """
import pickle, sys
sys.path.insert(0, {here!r})
from samediff_py.passes.annotate import annotate
graph = pickle.loads(bytes.fromhex({graph!r}))
print(annotate(graph, {{}}).values[{name!r}])
"""


def elsewhere(graph, name):
    here = str(Path(__file__).parent)
    code = ELSEWHERE.format(here=here, graph=pickle.dumps(graph).hex(), name=name)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_another_process_imports_what_it_needs(sd, x):
    doubled = sd.call(own_ops.doubled, x, by=3.0, mask="pointwise")
    y = own_ops.log_mean(sd.call(jnp.add, doubled, x, mask="pointwise"), axis=1, name="y")
    done = elsewhere(sd.graph, "y")
    assert done.stdout.strip() == str(sd.value_of(y.name)), done.stderr


def test_another_process_says_what_it_does_not_know(sd, x):
    sd.call(lambda x: x, x, mask="pointwise", name="y")
    assert homeless(node.op for node in sd.graph.nodes) == ("lambda",)
    done = elsewhere(sd.graph, "y")
    assert "the graph calls 'lambda', which was defined in a notebook's cell" in done.stderr


def test_training_with_an_op_of_ones_own(sd, x):
    labels = sd.placeholder("labels", ("batch",))
    w = sd.var("w", (), init="ones")
    guess = sd.call(own_ops.mean_over, x * w, axis="time", mask="reduces")
    ((guess - labels) ** 2.0).mean(name="loss")
    sd.set_loss_variables("loss")
    sd.training_config = TrainingConfig(updater=__import__("optax").sgd(0.05))
    data = {**ROWS, "labels": np.array([4.0, 8.0], "float32")}
    sd.fit(data, epochs=30, progress=False)
    np.testing.assert_allclose(sd.params["w"], 2.0, atol=1e-2)
