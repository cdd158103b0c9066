"""SameDiff's own graph methods in Java's names, on the graph that a Java program would build.

Numbers that stand here without a formula are the release's own, for the same graph and feeds.
"""

import json
import re
from pathlib import Path

import jax
import numpy as np
import optax
import pytest

import samediff_py
from samediff_py import DataType, SameDiff, TrainingConfig, weightinit
from samediff_py.configs.variables import VariableType
from samediff_py.foundation import dtypes
from samediff_py.foundation.declined import declined
from samediff_py.foundation.errors import (
    FeedError,
    GraphError,
    LossError,
    NameTakenError,
    SameDiffError,
    TrainingError,
)

FLOAT, DOUBLE, INT = DataType.FLOAT, DataType.DOUBLE, DataType.INT
METHODS = Path(__file__).parent / "golden" / "methods.tsv"
X = np.array([[1.0, 2.0]], np.float32)
FEEDS = {"x": X, "y": np.zeros((1, 2), np.float32)}


def made(sd: SameDiff | None = None) -> SameDiff:
    """z = x w + c, compared with y."""
    sd = sd or SameDiff.create()
    x, y = sd.placeHolder("x", FLOAT, -1, 2), sd.placeHolder("y", FLOAT, -1, 2)
    w = sd.var("w", np.array([[1, 2], [3, 4]], np.float32))
    c = sd.constant("c", np.array([1, 2], np.float32))
    z = x.mmul("h", w).add("z", c)
    sd.loss().meanSquaredError("loss", y, z, None)
    return sd


@pytest.fixture
def sd() -> SameDiff:
    return made()


def same(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-6)


def unchanged(sd: SameDiff, call, error=GraphError, match=None):
    """The call raises, and leaves the graph, its losses, arrays and names as they were."""
    before = str(sd.graph), sd.loss_variables, {n: np.asarray(a) for n, a in arrays(sd).items()}
    with pytest.raises(error, match=match):
        call()
    assert (str(sd.graph), sd.loss_variables) == before[:2]
    after = arrays(sd)
    assert after.keys() == before[2].keys()
    for name, array in before[2].items():
        np.testing.assert_array_equal(after[name], array)
    assert all(sd[name].dtype and sd[name].shape is not None for name in sd.graph.names)


def arrays(sd: SameDiff):
    return {**sd.getVariablesArrays(), **sd.getConstantArrays()}


def test_every_method_of_the_release_is_there_or_declined_with_a_reason():
    rows = [line.split("\t") for line in METHODS.read_text().splitlines()]
    names = {row[1] for row in rows if row[0] == "samediff"}
    refused = {key.partition(".")[2] for key in declined() if key.startswith("samediff.")}
    sd = SameDiff.create()
    missing = {name for name in names if not hasattr(sd, name)}
    assert missing == refused and refused < names
    assert all(reason and not reason.endswith(".") for reason in declined().values())


def test_the_list_of_declined_methods_is_sorted_one_a_line():
    file = Path(samediff_py.__file__).parent / "docs" / "declined.json"
    lines = file.read_text(encoding="utf-8").splitlines()
    keys = [re.match(r'  "([^"]+)": "', line) for line in lines[1:-1]]
    assert all(keys) and [key[1] for key in keys if key] == sorted(json.loads(file.read_text()))


def test_a_declined_method_says_why(sd):
    with pytest.raises(AttributeError, match="'ifCond', nor in Java's spelling: comes later"):
        _ = sd.ifCond
    with pytest.raises(AttributeError, match="isEagerMode.*nothing is computed while the graph"):
        sd.isEagerMode()
    with pytest.raises(AttributeError, match="'while_loop', nor in .*: comes later: control"):
        _ = sd.while_loop
    with pytest.raises(AttributeError, match="no method 'noSuchThing', nor in Java's spelling$"):
        _ = sd.noSuchThing
    with pytest.raises(AttributeError, match="did you mean 'placeholder'?"):
        _ = sd.placehoder


def test_warnings_point_at_the_users_line(sd, monkeypatch):
    monkeypatch.setattr(dtypes, "_warned", set())
    with pytest.warns(UserWarning, match="'wide' is declared float64") as caught:
        sd.placeholder("wide", (2,), dtype="float64")
    assert caught[0].filename == __file__


# Leaves.


def test_variables_in_javas_orders():
    sd = SameDiff.create()
    assert sd.var(FLOAT, 2, 3).name == "sd_var" and sd.var(np.ones(2)).name == "sd_var_1"
    assert sd.var("a", FLOAT, [2, 3]).shape == (2, 3) and sd.var("b", 2, 3).dtype == "float32"
    assert not sd.getArrForVarName("b").any()
    scheme = weightinit.XavierInitScheme("c", 3, 4)
    for name, rest in {"s": (scheme, FLOAT, 3, 4), "t": (scheme, 3, 4)}.items():
        assert sd.var(name, *rest).shape == (3, 4) and sd.getArrForVarName(name).std() > 0.1
    assert sd.var(scheme, FLOAT, 3, 4).name == "sd_var_2"
    assert sd.var("k", VariableType.VARIABLE, scheme, FLOAT, 3, 4).shape == (3, 4)
    assert sd.var("n", VariableType.VARIABLE, None, FLOAT, 3).shape == (3,)
    sd.var("in", VariableType.PLACEHOLDER, None, FLOAT, -1, 4)
    sd.var("fixed", VariableType.CONSTANT, weightinit.OneInitScheme(), FLOAT, 2)
    assert sd.isPlaceHolder("in") and sd.isConstant("fixed")
    same(sd["fixed"].eval(), [1, 1])


def test_variables_that_can_not_be(sd):
    unchanged(sd, lambda: sd.var("v", FLOAT, -1, 2), match="open sizes are for sd.placeHolder")
    unchanged(sd, lambda: sd.var("v", INT, 2), match="only floating point can be trained")
    unchanged(sd, lambda: sd.var("v", VariableType.ARRAY, None, FLOAT, 2), match="made by an op")
    square = weightinit.IdentityInitScheme("c")
    unchanged(sd, lambda: sd.var("v", square, FLOAT, 2, 3), match="wants a square matrix")
    unchanged(sd, lambda: sd.scalar("v", INT, 3), match="only floating point can be trained")
    unchanged(sd, lambda: sd.var("v", "normal", 2, 3), match="init='normal'")


def test_a_variable_of_another_graph_is_copied(sd):
    other = SameDiff.create()
    assert other.var(sd["w"]).name == "w" and other.var(sd["x"]).getShape() == [-1, 2]
    same(other["w"].eval(), [[1, 2], [3, 4]])
    assert other.var(sd["c"]).name == "c" and other.isConstant("c")
    unchanged(other, lambda: other.var(sd["w"]), NameTakenError)
    unchanged(other, lambda: other.var(sd["h"]), match="copies a variable or input")
    unchanged(sd, lambda: sd.var(sd["w"]), match="of another graph")


def test_a_placeholder_with_a_mask_is_not_copied():
    sd, other = SameDiff.create(), SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    for one in (x, sd["m"]):
        unchanged(other, lambda one=one: other.var(one), match="mask")
    assert other.var(sd.placeholder("y", ("batch", 3))).shape[1] == 3


def test_constants_in_javas_orders():
    sd = SameDiff.create()
    assert sd.constant("i", INT, 3).dtype == "int32" and sd.constant("b", True).dtype == "bool"
    assert sd.constant(2.5).dtype == "float32" and sd.constant("f", 2.5).shape == ()
    same(sd.one("o", INT, 2, 2).eval(), np.ones((2, 2)))
    same(sd.zero("z", 3).eval(), np.zeros(3))
    assert sd["o"].dtype == "int32" and sd.scalar("s", DOUBLE, 1.0).shape == ()
    assert sd.constants() == {sd[name] for name in ("i", "b", "const", "f", "o", "z")}


# Arrays.


def test_arrays(sd):
    assert sd.getVariablesArrays().arrayNames() == ["w"]
    assert set(sd.getConstantArrays().arrayNames()) == {"c"} and sd.numElements() == 6
    holder = sd.getVariablesArrays()
    assert holder.size() == len(holder) == 1 and holder.hasArray("w") and not holder.hasArray("c")
    sd.assignArray(np.ones((2, 2)), sd["w"])
    same(holder.getArray("w"), np.ones((2, 2)))
    sd.associateArrayWithVariable(np.zeros((2, 2)), "w")
    same(sd.getArrForVarName("w"), np.zeros((2, 2)))
    sd.setArrayForVariable("c", [5, 6])
    same(sd.output(FEEDS, "z")["z"], [[5, 6]])
    assert [sd.arrayAlreadyExistsForVarName(n) for n in ("w", "x", "z")] == [True, False, False]
    with pytest.raises(KeyError):
        holder.getArray("c")
    unchanged(sd, lambda: sd.assignArray(np.ones((3, 3)), sd["w"]), match="can't take an array")
    unchanged(sd, lambda: sd.assignArray(np.ones((2, 2)), made()["w"]), match="another graph")
    unchanged(sd, lambda: sd.getArrForVarName("x"), match="holds no array")


# Names.


def test_name_scopes():
    sd = SameDiff.create()
    assert sd.currentNameScope() is None
    with sd.withNameScope("a") as outer:
        sd.var("v", 2)
        with sd.withNameScope("b") as inner:
            sd.var("v", 2).add("p", sd["a/v"])
            assert sd.currentNameScope() == "a/b" and inner.getName() == "b"
    sd.var("ab", 2)
    assert sd.currentNameScope() is None
    inside = {"a/b/v", "a/b/p"}
    assert {v.name for v in sd.getVariablesInScope(outer)} == {"a/v", *inside}
    assert {v.name for v in sd.getVariablesInScope(inner)} == inside
    assert {v.name for v in sd.getVariablesInScope("a/b")} == inside
    assert [op.getOwnName() for op in sd.getOpsInScope("a")] == ["a/b/p"]
    assert not sd.getOpsInScope("b")


def test_scopes_are_closed_in_order():
    sd = SameDiff.create()
    outer = sd.withNameScope("a")
    inner = sd.withNameScope("b")
    with pytest.raises(GraphError, match="'a' is not the last one opened: open is 'a/b'"):
        outer.close()
    inner.close()
    outer.close()
    assert sd.currentNameScope() is None
    with pytest.raises(GraphError, match="not the last one opened"):
        outer.close()
    with pytest.raises(GraphError, match="is no name"):
        sd.withNameScope("")
    assert sd.var("v", 2).name == "v"


def test_free_names(sd):
    assert sd.generateNewVarName("new", 0) == "new" == sd.generateNewVarName("new", 0)
    assert sd.generateNewVarName("h", 1) == "h:1" and sd.generateNewVarName("h", 0, False) == "h_1"
    unchanged(sd, lambda: sd.generateNewVarName("h", 0), NameTakenError)
    assert sd.getOpName("h") == "h_1" == sd.getOpName("h", False) and sd.getOpName("q") == "q"
    assert sd.generateDistinctCustomVariableName("h") == "h_1"
    assert [sd.newBlockName("b"), sd.newBlockName("b")] == ["b", "b_1"]


def test_other_names(sd):
    h, z = sd["h"], sd["z"]
    sd.renameVariable("h", "hidden")
    assert sd.updateVariableNameAndReference(z, "out") is z and z.name == "out"
    assert sd.updateVariableNameAndReference(z, None).name == "out" == z.name
    sd.updateVariableNamesAndReferences([h, z], ["h", "z"])
    assert (h.name, z.name) == ("h", "z") and sd.getInputsForOp(sd.getOpById("z")) == ["h", "c"]
    unchanged(sd, lambda: sd.updateVariableNameAndReference(z, "h"), NameTakenError)
    unchanged(sd, lambda: sd.updateVariableNameAndReference(made()["z"], "q"), match="another")


# Looking.


def test_variables_by_name(sd):
    assert sd.inputs() == ["x", "y"] and sd.placeHolders() == {sd["x"], sd["y"]}
    assert sd.getVariables() == sd.variableMap() and sd.getVariables()["w"] is sd["w"]
    assert set(map(id, sd.variables())) == set(map(id, sd.getVariables().values()))
    assert sd.addVariable(sd["w"]) is sd["w"] is sd.getVariable("w")
    unchanged(sd, lambda: sd.addVariable(made()["w"]), match="another graph")
    assert sd.hasVariable("w") and not sd.hasVariable("q")


def test_ops_are_called_as_their_first_output_is(sd):
    assert list(sd.getOps()) == ["h", "z", "loss"] and sd.opExists("h") and not sd.opExists("w")
    op = sd.getOpById("z")
    assert op == sd.getVariableOutputOp("z") == sd.ops()[1] and op.getOp() is op
    assert (op.opName(), op.getOwnName(), op.getName()) == ("add", "z", "z")
    assert sd.getInputsForOp(op) == op.argNames() == op.getInputsToOp() == ["h", "c"]
    assert sd.getOutputsForOp(op) == op.getOutputsOfOp() == ["z"]
    assert sd.getInputVariablesForOp(op) == [sd["h"], sd["c"]] and sd.hasArgs(op)
    assert sd.getOutputVariablesForOp(op) == [op.outputVariable()] == [sd["z"]]
    assert str(op) == "z = add(x=h, y=c)" and sd.getVariableOutputOp("w") is None
    unchanged(sd, lambda: sd.getOpById("q"), match="no op is called 'q'")
    unchanged(sd, lambda: sd.getVariableOutputOp("q"), match="there is no variable 'q'")


def test_equal_graphs(sd):
    other = made()
    assert sd.equals(other) and sd.hashCode() == other.hashCode()
    other.setArrayForVariable("w", np.zeros((2, 2)))
    assert sd.equals(other)
    other.renameVariable("h", "hidden")
    assert not sd.equals(other) and sd.hashCode() != other.hashCode() and not sd.equals("sd")
    assert sd.toString() == repr(sd) and "loss" in sd.summary()


# Changes.


def test_a_variable_becomes_a_constant_and_back(sd):
    w = sd["w"]
    assert sd.convertToConstant(w) is w and sd.isConstant("w") and not sd.params
    same(sd.output(FEEDS, "z")["z"], [[8, 12]])
    assert sd.convertToConstant(w) is w
    assert sd.convertToVariable(w) is w and list(sd.params) == ["w"]
    sd.convertToConstants([w])
    sd.convertToVariables([w, sd["c"]])
    assert set(sd.params) == {"w", "c"}
    same(sd.calculateGradients(FEEDS, "c")["c"], [8, 12])


def test_all_constants_become_variables_if_they_can_be_trained(sd):
    sd.constant("i", 3)
    sd.convertConstantsToVariables()
    assert set(sd.params) == {"w", "c"} and sd.isConstant("i")


def test_conversions_that_can_not_be(sd):
    sd.constant("i", np.array([1, 2]))
    unchanged(sd, lambda: sd.convertToConstant(sd["h"]), match="'h' is made by an op")
    unchanged(sd, lambda: sd.convertToConstant(sd["x"]), match="'x' is fed at each call")
    unchanged(sd, lambda: sd.convertToVariable(sd["h"]), match="'h' is made by an op")
    unchanged(sd, lambda: sd.convertToVariable(sd["x"]), match="'x' is fed at each call")
    unchanged(sd, lambda: sd.convertToVariable(sd["i"]), match="only floating point can be")
    unchanged(sd, lambda: sd.convertToVariables([sd["c"], sd["i"]]), match="only floating point")
    assert sd.isConstant("c")
    unchanged(sd, lambda: sd.convertToConstant(made()["w"]), match="belongs to another graph")
    kept = sd.var("kept", np.zeros(2, np.float32), trainable=False)
    sd.update("kept", sd["c"])
    unchanged(sd, lambda: sd.convertToConstant(kept), match="takes a new value after every step")


def test_freezing_a_graph_or_a_copy(sd):
    frozen = sd.freeze(False)
    assert frozen.isConstant("w") and not sd.isConstant("w")
    assert sd.freeze(True) is sd and sd.isConstant("w")
    same(frozen.output(FEEDS, "z")["z"], [[8, 12]])


def test_other_types():
    with jax.enable_x64(True):
        sd = made()
        sd.convertDataTypes(dict.fromkeys(("x", "y", "w", "c"), DOUBLE))
        assert {sd[n].dtype for n in sd.graph.names} == {"float64"}
        assert sd.output(FEEDS, "z")["z"].dtype == np.float64
        assert sd.getArrForVarName("w").dtype == np.float64


def test_types_that_can_not_be(sd):
    unchanged(sd, lambda: sd.convertDataTypes({"z": DataType.HALF}), match="follows from what")
    unchanged(sd, lambda: sd.convertDataTypes({"w": INT}), match="'w' is trained")
    unchanged(sd, lambda: sd.convertDataTypes({"q": FLOAT}), match="there is no variable 'q'")
    masked = SameDiff.create()
    x = masked.placeholder("x", ("batch", "time"), mask="m")
    unchanged(masked, lambda: masked.convertDataTypes({"m": FLOAT}), match="is a mask")
    x.mean().mark_as_loss()
    masked.convertDataTypes({"x": DataType.HALF})
    assert x.dtype == "float16"


def test_types_that_would_leave_no_loss():
    sd = SameDiff.create()
    x = sd.placeHolder("x", FLOAT, 2)
    x.max(name="top").mark_as_loss()
    unchanged(sd, lambda: sd.convertDataTypes({"x": INT}), LossError, "'top' would become int32")


def test_types_of_updates_change_together(sd):
    kept = sd.var("kept", np.zeros(2, np.float32), trainable=False)
    sd.update("kept", sd["c"])
    unchanged(sd, lambda: sd.convertDataTypes({"kept": DataType.HALF}), match="types together")
    sd.loss_variables  # noqa: B018
    assert kept.dtype == "float32"


def test_a_copy_goes_its_own_way(sd):
    sd.setTrainingConfig(TrainingConfig(optax.adam(0.1), features=["x"], labels=["y"]))
    sd.setOutputs("z")
    sd.fit([FEEDS], progress=False)
    copy = sd.dup()
    assert copy.equals(sd) and copy.getLossVariables() == ["loss"] and copy.outputs() == ["z"]
    assert copy["w"] is not sd["w"] and copy["w"].sd is copy
    for graph in (sd, copy):
        graph.fit([FEEDS], progress=False)
    same(copy.getArrForVarName("w"), sd.getArrForVarName("w"))
    copy.renameVariable("z", "out")
    copy.setArrayForVariable("c", [0, 0])
    copy.placeHolder("more", FLOAT, -1, 3)
    assert "z" in sd and "out" not in sd and sd.outputs() == ["z"] and copy.outputs() == ["out"]
    same(sd.getArrForVarName("c"), [1, 2])


def test_a_copy_draws_the_same_and_keeps_what_is_known_of_dims():
    sd = SameDiff.create(seed=3)
    sd.dim("time", max=4)
    x = sd.placeholder("x", (None, "time"))
    sd.var("w", (4, 4))
    copy = sd.dup()
    same(copy.getArrForVarName("w"), sd.getArrForVarName("w"))
    with pytest.raises(FeedError):
        copy.output({"x": np.ones((1, 5))}, "x")
    assert copy.placeholder("y", (None,)).shape[0] != copy[x.name].shape[0]


def test_training_goes_on_for_the_variables_that_it_knows(sd):
    """Freezing one variable and freeing another keeps the moments of the rest."""
    config = TrainingConfig(optax.adam(0.1), features=["x"], labels=["y"])
    sd.setTrainingConfig(config)
    plain = sd.dup()
    for graph in (sd, plain):
        graph.fit([FEEDS] * 3, progress=False)
    sd.convertToVariable(sd["c"])
    for graph in (sd, plain):
        graph.fit([FEEDS], progress=False)
    same(sd.getArrForVarName("w"), plain.getArrForVarName("w"))
    assert not np.allclose(sd.getArrForVarName("c"), [1, 2])
    sd.convertToConstant(sd["w"])
    before = sd.getArrForVarName("w")
    sd.fit([FEEDS], progress=False)
    np.testing.assert_array_equal(sd.getArrForVarName("w"), before)


# Losses and gradients.


def test_losses(sd):
    sd.addLossVariable(sd["loss"])
    assert sd.getLossVariables() == ["loss"]
    sd.addLossVariable(sd["z"].sum(name="total"))
    assert sd.getLossVariables() == ["loss", "total"]
    sd.setLossVariables(["total"])
    assert sd.getLossVariables() == ["total"]
    sd.addLossVariable("z")
    assert sd.getLossVariables() == ["total", "z"]
    sd.constant("i", 3)
    unchanged(sd, lambda: sd.addLossVariable("i"), LossError, "floating point")
    unchanged(sd, lambda: sd.setLossVariables(made()["loss"]), match="another graph")


def test_a_loss_that_is_an_array_is_the_sum_of_its_real_elements():
    """Java's sparse cross entropy is not reduced: training by it is training by the sum."""
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(n, 3)).astype(np.float32) for n in (2, 4, 1)]
    feeds = {"x": rows, "y": [[0, 1], [1, 2, 0, 1], [2]]}

    def model(loss):
        sd = SameDiff.create()
        x = sd.placeholder("x", ("batch", "time", 3), mask="m")
        y = sd.placeholder("y", ("batch", "time"), dtype="int32", mask="m")
        loss(sd, y, x.mmul(sd.var("w", np.eye(3, dtype=np.float32))))
        sd.training_config = TrainingConfig(optax.sgd(0.1))
        return sd

    java = model(lambda sd, y, z: sd.loss().sparseSoftmaxCrossEntropy("loss", z, y))
    python = model(
        lambda sd, y, z: sd.loss.sparse_softmax_cross_entropy(y, z, reduction="sum", name="loss")
    )
    assert java.getLossVariables() == ["loss"] and len(java["loss"].shape) == 2
    one, other = (sd.calculateGradients(feeds, "w")["w"] for sd in (java, python))
    np.testing.assert_allclose(one, other, rtol=1e-5)
    losses = [sd.fit(feeds, epochs=2, batch_size=2, shuffle=False, progress=False).loss
              for sd in (java, python)]  # fmt: skip
    np.testing.assert_allclose(*losses, rtol=1e-5)
    one, other = (sd.evaluate(feeds, batch_size=2) for sd in (java, python))
    assert one.loss == pytest.approx(other.loss, rel=1e-5) and one.count == other.count == 3
    assert java.verify_padding({n: v[:2] for n, v in feeds.items()}).ok


def test_gradients_of_variables_inputs_constants_and_results(sd):
    found = sd.calculateGradients(FEEDS, "w", "x", "c", "z", "h", "loss")
    want = {"w": [[8, 12], [16, 24]], "x": [[32, 72]], "c": [8, 12], "z": [[8, 12]]}
    for name, gradient in {**want, "h": [[8, 12]], "loss": 1}.items():
        same(found[name], gradient)
    same(sd.calculateGradients(FEEDS, [sd["z"]])["z"], [[8, 12]])
    unchanged(sd, lambda: sd.calculateGradients(FEEDS), match="say for which variables")
    unchanged(sd, lambda: sd.calculateGradients(FEEDS, "q"), match="there is no variable 'q'")


def test_gradients_of_results_of_padded_rows():
    """Along the padded axis, past the length, nothing flows; two results of one chain, and an op
    with several outputs."""
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    h = sd.math.tanh(x, name="h")
    sq = sd.math.square(h, name="sq")
    sq.mean("time").sum(name="loss").mark_as_loss()
    rows = [[0.5, -1.0, 2.0, 0.1, 0.3], [1.5]]
    found = sd.calculateGradients({"x": rows}, "h", "sq", "x")
    share = np.zeros((2, 5))
    share[0], share[1, 0] = 1 / 5, 1
    fed = np.zeros((2, 5))
    fed[0], fed[1, 0] = rows[0], 1.5
    same(found["sq"], share)
    np.testing.assert_allclose(found["h"], 2 * np.tanh(fed) * share, rtol=1e-5)
    np.testing.assert_allclose(
        found["x"], 2 * np.tanh(fed) * (1 - np.tanh(fed) ** 2) * share, rtol=1e-4, atol=1e-7
    )
    with sd.debug():
        same(sd.calculateGradients({"x": rows}, "sq")["sq"], share)


def test_a_gradient_is_asked_for_by_name(sd):
    assert sd.hasGradientFunction() and not SameDiff.create().hasGradientFunction()
    assert [sd.variableHasGradient(n) for n in ("w", "x", "z")] == [True] * 3
    w = sd.grad("w")
    assert w.name == "w-grad" and w.getShape() == [2, 2] and w.dataType() is FLOAT
    unchanged(sd, w.getArr, match="nobody has computed 'w-grad' yet")
    same(w.eval(FEEDS), [[8, 12], [16, 24]])
    same(w.getArr(), [[8, 12], [16, 24]])
    sd.renameVariable("w", "weights")
    same(sd.grad("weights").getArr(), [[8, 12], [16, 24]])
    same(sd.getGradForVariable("z").eval(FEEDS), [[8, 12]])
    sd.createGradFunction()
    sd.createGradFunction("x")


def test_what_has_no_gradient(sd):
    sd.constant("i", 3)
    sd.var("apart", 2)
    assert not sd.variableHasGradient("i") and not sd.variableHasGradient("apart")
    assert sd.getGradForVariable("apart") is None
    unchanged(sd, lambda: sd.grad("apart"), match="loss does not depend on it")
    unchanged(sd, lambda: sd.createGradFunction("i"), match="not floating point")
    unchanged(sd, lambda: sd.variableHasGradient("q"), match="there is no variable")
    bare = SameDiff.create()
    bare.var("w", 2)
    assert not bare.variableHasGradient("w")
    unchanged(bare, bare.createGradFunction, LossError, "no loss")
    unchanged(bare, lambda: bare.grad("w"), LossError, "no loss")


def test_gradients_and_outputs(sd):
    found = sd.calculateGradientsAndOutputs(FEEDS, ["z"], ["w", "h"])
    same(found.getOutputs()["z"], [[8, 12]])
    same(found.getGradients()["w"], [[8, 12], [16, 24]])
    assert set(found.getGradients()) == {"w", "h"}


# Outputs.


def test_outputs_are_remembered(sd):
    assert sd.outputs() == []
    sd.setOutputs("z", "h")
    sd.renameVariable("h", "hidden")
    assert sd.outputs() == ["z", "hidden"]
    sd.setOutputs(["z"])
    unchanged(sd, lambda: sd.setOutputs("q"), match="there is no variable 'q'")
    assert sd.outputs() == ["z"]


def test_outputs_of_one_batch(sd):
    same(sd.output(FEEDS, ["z"])["z"], [[8, 12]])
    same(sd.outputSingle(FEEDS, sd["z"]), [[8, 12]])
    found = sd.outputAll(FEEDS)
    assert set(found) == set(sd.graph.names)
    same(found["x"], X)
    same(sd.batchOutput().input("x", X).output("z").outputSingle(), [[8, 12]])
    request = sd.batchOutput().input(sd["x"], X).output("z", sd["h"])
    same(request.output()["h"], [[7, 10]])
    assert request.exec().keys() == {"z", "h"}
    assert sd.batchOutput().inputs(FEEDS).outputAll().output().keys() == found.keys()
    unchanged(sd, request.outputSingle, match="one output is wanted here, and 2 are asked for")
    unchanged(sd, lambda: sd.batchOutput().input("q", X), match="there is no variable 'q'")
    unchanged(sd, lambda: sd.output(FEEDS), match="say which variables")


def test_outputs_of_many_batches(sd):
    batches = [{"x": X}, {"x": np.zeros((2, 2))}]
    same(sd.output(batches, "z")["z"], [[8, 12], [1, 2], [1, 2]])
    assert [len(found["z"]) for found in sd.outputBatches(iter(batches), "z")] == [1, 2]
    assert len(sd.outputBatches({"x": X}, sd["z"])) == 1
    request = sd.output().data(batches).output("z")
    same(request.exec()["z"], request.execSingle())
    assert [len(found) for found in request.execSingleBatches()] == [1, 2]
    assert len(request.execBatches()) == 2
    unchanged(sd, lambda: sd.output().output("z").exec(), match="say what to run on")
    unchanged(sd, lambda: sd.output([], "z"), FeedError, "no batch")
    unchanged(sd, lambda: sd.output(3, "z"), FeedError, "feeds are a dict.*, not int")
    feeds = [FEEDS, FEEDS]
    unchanged(sd, lambda: sd.output(feeds, "loss"), match="one number for each batch")


def test_outputs_by_the_training_config(sd):
    sd.setTrainingConfig(TrainingConfig(optax.sgd(0.1), features=["x"], labels=["y"]))
    same(sd.output((X, FEEDS["y"]), "z")["z"], [[8, 12]])
    same(sd.output([(X, FEEDS["y"])] * 2, "z")["z"], [[8, 12]] * 2)


def test_batches_of_different_length_are_joined():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="m")
    x.mul("y", 2.0)
    found = sd.output([{"x": [[1.0], [2.0, 3.0]]}, {"x": [[4.0, 5.0, 6.0]]}], "y")["y"]
    same(found, [[2, 0, 0], [4, 6, 0], [8, 10, 12]])


def test_debug_mode(sd):
    assert not sd.isDebugMode() and sd.enableDebugMode() is sd and sd.isDebugMode()
    sd.math.log(sd["x"], name="log")
    with pytest.raises(SameDiffError, match="log"):
        sd.output({"x": -X}, "log")
    assert sd.disableDebugging() is sd and not sd.isDebugMode()


# Training.


def test_regularisation_score(sd):
    unchanged(sd, sd.calcRegularizationScore, TrainingError, "there is none")
    for given, want in (({"l1": 0.1, "l2": 0.5}, 8.5), ({"weight_decay": 0.3}, 4.5)):
        sd.setTrainingConfig(TrainingConfig(optax.sgd(0.1), **given))
        assert sd.getTrainingConfig() is sd.training_config
        same(sd.calcRegularizationScore(), want)


def test_fit_in_javas_order_and_by_request(sd):
    unchanged(sd, lambda: sd.fit().exec(), TrainingError, "say what to train on")
    sd.setTrainingConfig(TrainingConfig(optax.sgd(0.01), features=["x"], labels=["y"]))
    assert sd.fit([FEEDS], 3, progress=False).epochs == 3
    history = sd.fit().train([FEEDS], 2).validate([FEEDS]).exec()
    assert history.epochs == 2 and len(history.validation_loss) == 2
    assert sd.fit().train([FEEDS]).epochs(1).exec().epochs == 1
    unchanged(sd, lambda: sd.fit().validationFrequency(2), TrainingError, "after every epoch")


def test_completion_offers_what_can_be_written():
    """`and` is a word of Python; ops that have no public name in Python have none here."""
    sd = SameDiff.create()
    assert {"and_", "or_", "xor"} <= set(dir(sd.bitwise())) and "and" not in dir(sd.bitwise())
    assert "dropout" in dir(sd.nn()) and "batchNormLayer" not in dir(sd.nn())
    for group in (sd.math(), sd.nn(), sd.cnn(), sd.bitwise(), sd.linalg()):
        assert all(name.isidentifier() and hasattr(group, name) for name in dir(group))
