from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.export import symbolic_shape
from jax.test_util import check_grads
from numpy.testing import assert_allclose, assert_array_equal

from samediff_py.kernels import segments

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(6, 2)).astype(np.float32)
IDS = np.array([3, 0, 0, 3, 1, 3])
KERNELS = {
    "segment_sum": (lambda rows: rows.sum(0), 0.0),
    "segment_mean": (lambda rows: rows.mean(0), 0.0),
    "segment_sqrt_n": (lambda rows: rows.sum(0) / np.sqrt(len(rows)), 0.0),
    "segment_prod": (lambda rows: rows.prod(0), 1.0),
    "segment_max": (lambda rows: rows.max(0), 0.0),
    "segment_min": (lambda rows: rows.min(0), 0.0),
    "unsorted_segment_max": (lambda rows: rows.max(0), np.finfo(np.float32).min),
    "unsorted_segment_min": (lambda rows: rows.min(0), np.finfo(np.float32).max),
}


def by_hand(name, data, ids, count):
    reduced, empty = KERNELS[name]
    rows = [data[ids == number] for number in range(count)]
    return np.stack([reduced(r) if len(r) else np.full(data.shape[1:], empty) for r in rows])


@pytest.mark.parametrize("name", KERNELS)
def test_each_segment_by_itself(name):
    result = getattr(segments, name)(jnp.array(DATA), jnp.array(IDS), (5,))
    assert_allclose(result, by_hand(name, DATA, IDS, 5), rtol=1e-6)


@pytest.mark.parametrize("name", KERNELS)
def test_what_is_masked_or_out_of_range_is_in_no_segment(name):
    data, ids = DATA.copy(), IDS.copy()
    ids[[0, 1]] = -1, 99
    data[:3] = np.nan
    where = np.array([1, 1, 0, 1, 1, 1], bool)[:, None]
    result = getattr(segments, name)(jnp.array(data), jnp.array(ids), (5,), where=where)
    assert_allclose(result, by_hand(name, DATA[3:], IDS[3:], 5), rtol=1e-6)


@pytest.mark.parametrize("name", KERNELS)
def test_elements_may_be_masked_alone(name):
    where = np.array(RNG.random(DATA.shape) < 0.6)
    result = getattr(segments, name)(jnp.array(DATA), jnp.array(IDS), (4,), where=where)
    for column in range(2):
        kept = where[:, column]
        want = by_hand(name, DATA[kept, column], IDS[kept], 4)
        assert_allclose(result[:, column], want, rtol=1e-6)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int32", "uint8"])
def test_types(name, dtype):
    data = jnp.array([3, 1, 2, 2], dtype)
    result = getattr(segments, name)(data, jnp.array([1, 1, 0, 0], "uint8"), (2,))
    mean = name in ("segment_mean", "segment_sqrt_n")
    assert result.dtype == ("float32" if mean and "int" in dtype else dtype)
    want = by_hand(name, np.array([3.0, 1.0, 2.0, 2.0]), np.array([1, 1, 0, 0]), 2)
    assert_allclose(np.asarray(result, float), want, rtol=1e-2)


def test_empty_segments_of_integers():
    data, ids = jnp.array([5], "int32"), jnp.array([0])
    assert_array_equal(segments.unsorted_segment_max(data, ids, (2,)), [5, -(2**31) + 1])
    assert_array_equal(segments.unsorted_segment_min(data, ids, (2,)), [5, 2**31 - 1])
    assert_array_equal(segments.unsorted_segment_max(data.astype("uint8"), ids, (2,)), [5, 0])


@pytest.mark.parametrize("zeros", [(), (1,), (1, 2), (0, 1, 2, 4)])
def test_gradient_of_a_product_with_zeros(zeros):
    data = DATA[:, 0].copy()
    data[list(zeros)] = 0

    def total(x):
        return jnp.sum(jnp.cos(jnp.arange(4.0)) * segments.segment_prod(x, jnp.array(IDS), (4,)))

    rows = [np.flatnonzero(IDS == number) for number in IDS]
    others = [np.prod(data[r[r != i]]) for i, r in enumerate(rows)]
    assert_allclose(jax.grad(total)(jnp.array(data)), np.cos(IDS) * others, rtol=1e-5, atol=1e-7)


def test_second_derivatives_of_a_product():
    with jax.enable_x64(True):
        product = lambda x: segments.segment_prod(x, jnp.array(IDS), (4,))  # noqa: E731
        check_grads(jax.jit(product), (jnp.array(DATA, "float64"),), order=2)


def test_equal_elements_share_the_gradient():
    gradient = jax.grad(lambda x: segments.segment_max(x, jnp.array([0, 0, 1]), (2,)).sum())
    assert_array_equal(gradient(jnp.array([2.0, 2.0, 1.0])), [0.5, 0.5, 1.0])


def test_ids_of_several_axes_and_symbolic_sizes():
    ids = IDS.reshape(2, 3)
    result = segments.segment_sum(jnp.array(DATA.reshape(2, 3, 2)), jnp.array(ids), (4,))
    assert_allclose(result, by_hand("segment_sum", DATA, IDS, 4), rtol=1e-6)
    b, t = symbolic_shape("b, t")
    data, ids = jax.ShapeDtypeStruct((b, t, 2), "float32"), jax.ShapeDtypeStruct((b, t), "int32")
    for name in KERNELS:
        out = jax.eval_shape(lambda x, i, n=name: getattr(segments, n)(x, i, (b,)), data, ids)
        assert out.shape == (b, 2)


@pytest.mark.parametrize(
    ("data", "ids", "match"),
    [
        (np.ones(3, bool), np.zeros(3, int), "boolean"),
        (np.ones(3), np.zeros(3), "must be integers"),
        (np.ones((3, 2)), np.zeros(2, int), "leading axes"),
    ],
)
def test_what_is_refused(data, ids, match):
    with pytest.raises((TypeError, ValueError), match=match):
        segments.segment_sum(jnp.array(data), jnp.array(ids), (2,))
