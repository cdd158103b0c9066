"""sd.random: every recorded call of SameDiff by its distribution, and numbers that belong to places
and names."""

from __future__ import annotations

from functools import cache

import jax
import numpy as np
import pytest
from golden_calls import array, make, records
from numpy.testing import assert_array_equal
from scipy import stats

from samediff_py import DataType, SameDiff
from samediff_py.foundation.errors import GraphError

RECORDS = {r["id"]: r for r in records("random")}
FLOATING = [i for i, r in RECORDS.items() if "INT" not in r["args"]]
LAWS = {
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "normal": stats.norm,
    "normalTruncated": lambda mean, stddev: stats.truncnorm(-2, 2, mean, stddev),
    "logNormal": lambda mean, stddev: stats.lognorm(stddev, scale=np.exp(mean)),
    "exponential": lambda rate: stats.expon(scale=1 / rate),
    "bernoulli": lambda p: stats.binom(1, p),
    "binomial": stats.binom,
}
HALF_RIGHT = {"normalTruncated", "exponential"}
"""SameDiff gives float32 whatever is asked for, and of normalTruncated the mean too often."""


@cache
def drawn() -> dict[str, np.ndarray]:
    """What the recorded calls give, in Java's spelling."""
    with jax.enable_x64(True):
        sd = SameDiff.create(seed=5)
        calls = {i: make(sd, RECORDS[i], "").outputs[0].name for i in FLOATING}
        outs = sd.output({}, *calls.values())
    return {i: outs[name] for i, name in calls.items()}


def law_of(record):
    return LAWS[record["method"]](*record["args"][:-2])


@pytest.mark.parametrize("record", FLOATING)
def test_recorded_calls_have_the_right_shape_type_and_law(record):
    asked, java = RECORDS[record], array(RECORDS[record], "out0")
    x, law = drawn()[record], law_of(asked)
    assert x.shape == java.shape == tuple(asked["args"][-1])
    assert x.dtype == {"DOUBLE": np.float64, "FLOAT": np.float32}[asked["args"][-2]]
    assert x.dtype == java.dtype or asked["method"] in HALF_RIGHT
    assert law.support()[0] <= x.min() and x.max() <= law.support()[1]
    if hasattr(law.dist, "pmf"):
        assert set(np.unique(x)) <= set(
            range(asked["args"][0] + 1 if len(asked["args"]) > 3 else 2)
        )
        values = np.arange(x.max() + 1)
        counts = np.array([(x == v).sum() for v in values])
        error = np.sqrt(x.size * law.pmf(values) * (1 - law.pmf(values)))
        assert (np.abs(counts - x.size * law.pmf(values)) <= 4 * error).all()
    else:
        assert stats.kstest(x.ravel(), law.cdf).pvalue > 1e-3
    if x.size >= 2000:
        assert abs(x.mean() - law.mean()) < 4 * law.std() / np.sqrt(x.size)
        assert np.isclose(x.std(), law.std(), rtol=0.1)


@pytest.mark.parametrize("record", FLOATING)
def test_samediffs_numbers_are_of_the_same_law(record):
    ours, java = drawn()[record].ravel(), array(RECORDS[record], "out0").ravel()
    if RECORDS[record]["method"] == "normalTruncated":
        java = java[java != java.dtype.type(RECORDS[record]["args"][0])]
    assert stats.ks_2samp(ours, java).pvalue > 1e-3


def test_javas_orders():
    sd = SameDiff.create()
    r = sd.random()
    for x in (r.normal("a", 0.0, 1.0, DataType.FLOAT, 2, 3), r.normal(0.0, 1.0, "FLOAT", [2, 3])):
        assert (x.shape, x.dtype) == ((2, 3), "float32")
    assert r.binomial("b", 4, 0.5, DataType.HALF, 2).dtype == "float16"
    assert sd.random.exponential(1.0, DataType.FLOAT, 5).shape == (5,)
    assert sd["a"].name == "a"


def test_seed_and_name_decide():
    def draw(seed, name):
        return SameDiff.create(seed=seed).random.normal((4, 5), name=name).eval()

    first = draw(1, "n")
    assert_array_equal(draw(1, "n"), first)
    assert not np.isin(draw(2, "n"), first).any()
    assert not np.isin(draw(1, "m"), first).any()


def test_every_step_of_training_draws_anew():
    sd = SameDiff.create()
    noise = sd.random.uniform((3,), name="noise")
    f = sd.function("noise", training=True)
    one, two = (np.asarray(f({}, {}, jax.random.key(step))) for step in (0, 1))
    assert not np.isin(one, two).any()
    assert_array_equal(noise.eval(), noise.eval())


def test_longer_arrays_draw_the_same():
    sd = SameDiff.create()
    x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
    y = (x * sd.random.bernoulli(("batch", "time"), p=0.5)).rename("y")
    sd.random.log_normal(("time",), name="by_time")
    short = {"x": [[1.0, 2.0, 3.0], [4.0]]}
    long = {"x": [[1.0, 2.0, 3.0], [4.0], np.ones(70)]}
    few, many = (sd.output(feeds, "y", "by_time") for feeds in (short, long))
    assert_array_equal(many["y"][:2, :3], few["y"])
    assert many["by_time"].shape == (70,)
    assert_array_equal(many["by_time"][:3], few["by_time"])
    assert str(y.mask) == "x_mask@0,1"
    assert sd.verify_padding(short).ok


def test_numbers_without_a_law():
    sd = SameDiff.create()
    with pytest.raises(GraphError, match="floating type, not int32"):
        sd.random().bernoulli(0.5, DataType.INT, 3)
    with pytest.raises(GraphError, match="rate is above 0"):
        sd.random().exponential(0.0, DataType.FLOAT, 3)
    with pytest.raises(GraphError, match="no placeholder has a dim 'time'"):
        sd.random.normal(("time",))
