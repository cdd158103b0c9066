"""Java programs, line by line, as SameDiff's users write them.

Those of the guide stand there in both languages, and print the numbers that Java printed.
"""

import re
from pathlib import Path

import numpy as np
import optax
import pytest

import samediff_py
from samediff_py import DataType, SameDiff, TrainingConfig

FLOAT = DataType.FLOAT


def program(rng):
    sd = SameDiff.create()
    x, labels = sd.placeHolder("x", FLOAT, -1, 4), sd.placeHolder("labels", FLOAT, -1, 3)
    w0, b0 = sd.var("w0", rng.normal(size=(4, 8)) * 0.5), sd.var("b0", FLOAT, 8)
    w1, b1 = sd.var("w1", rng.normal(size=(8, 3)) * 0.5), sd.var("b1", 1, 3)
    hidden = sd.math().tanh("hidden", x.mmul(w0).add(b0))
    logits = hidden.mmul(w1).add("logits", b1)
    sd.nn().softmax("probabilities", logits, 1)
    sd.loss().softmaxCrossEntropy("loss", labels, logits, None)
    return sd


def test_it_computes_what_it_says():
    rng = np.random.default_rng(0)
    sd = program(rng)
    feeds = {"x": rng.normal(size=(6, 4)), "labels": np.eye(3)[rng.integers(0, 3, 6)]}
    probabilities = sd.outputSingle(feeds, "probabilities")
    w = {name: sd.getArrForVarName(name) for name in ("w0", "b0", "w1", "b1")}
    logits = np.tanh(feeds["x"] @ w["w0"] + w["b0"]) @ w["w1"] + w["b1"]
    want = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(probabilities, want, rtol=1e-5)
    loss = sd.output(feeds, "loss")["loss"]
    np.testing.assert_allclose(loss, -(feeds["labels"] * np.log(want)).sum(1).mean(), rtol=1e-5)
    assert not w["b0"].any() and not w["b1"].any()


def test_it_trains():
    rng = np.random.default_rng(0)
    sd = program(rng)
    sd.setTrainingConfig(TrainingConfig(optax.adam(0.02), features=["x"], labels=["labels"]))
    x = rng.normal(size=(60, 4))
    history = sd.fit((x, np.eye(3)[x[:, :3].argmax(1)]), epochs=20, progress=False)
    assert history.loss[-1] < 0.6 * history.loss[0]


@pytest.mark.parametrize(
    "call",
    [
        lambda sd, x: sd.nn().softmax("out", x, 1),
        lambda sd, x: sd.nn().softmax(x, 1).rename("out"),
        lambda sd, x: sd.nn.softmax(x, axis=1, name="out"),
    ],
)
def test_both_spellings_are_one_op(call):
    sd = SameDiff.create()
    x = sd.placeHolder("x", FLOAT, -1, 3)
    out = call(sd, x)
    assert out.name == "out" and sd.graph.makers["out"].op == "softmax"
    assert sd.graph.makers["out"].get("axis") == 1


def test_base_ops_and_methods_take_either_order():
    sd = SameDiff.create()
    x, y = sd.constant("x", np.arange(6.0).reshape(2, 3)), sd.constant(np.ones((2, 3)), "y")
    assert sd.concat("joined", 1, x, y).shape == (2, 6)
    assert sd.concat(1, x, y).shape == sd.concat([x, y], axis=1).shape
    np.testing.assert_allclose(sd.standardDeviation(x, False, 1).eval(), x.eval().std(1), rtol=1e-6)
    python = x.std(axis=1, bias_corrected=False).eval()
    np.testing.assert_allclose(python, x.eval().std(1), rtol=1e-6)
    assert x.mean("m", 1).name == "m" and sd["m"].shape == (2,)
    assert x.add("sum", y).name == "sum"
    assert x.mmul("h", y.transpose()).shape == (2, 2)
    assert x.permute(1, 0).shape == (3, 2)
    assert x.sum(True, 1).shape == (2, 1)
    assert sd.hasVariable("h") and sd.isConstant("x")


GUIDE = Path(samediff_py.__file__).parent / "docs" / "java.md"


def blocks(language: str) -> list[str]:
    text = GUIDE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)


def read(printed: str) -> list[tuple[str, list[float]]]:
    """Lines of a word and numbers."""
    lines = (line.split() for line in printed.splitlines())
    return [(what, list(map(float, numbers))) for what, *numbers in lines]


def test_the_guide_shows_every_program_in_both_languages():
    java, python, printed = blocks("java"), blocks("python"), blocks("text")
    assert len(java) == len(python) - 1 == len(printed) + 1 == 4
    for theirs, ours in zip(java[1:], python[1:], strict=False):
        calls = re.compile(r"\b(?:sd|[a-z]\w*)\.(?:nn|math|cnn|rnn|loss)\(\)\.(\w+)")
        assert calls.findall(theirs) == calls.findall(ours)
        assert re.findall(r'print\("(\w+)"', theirs) == re.findall(r'\bput\("(\w+)"', ours)


@pytest.mark.slow
def test_the_programs_of_the_guide_print_what_java_prints(capsys):
    names: dict[str, object] = {}
    helpers, *programs = blocks("python")
    exec(helpers, names)
    java = blocks("text")
    for program, printed in zip(programs, [*java, java[-1]], strict=True):
        capsys.readouterr()
        exec(program, names)
        ours, theirs = read(capsys.readouterr().out), read(printed)
        assert [what for what, _ in ours] == [what for what, _ in theirs]
        for (what, got), (_, want) in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(got, want, atol=2e-4, err_msg=what)
