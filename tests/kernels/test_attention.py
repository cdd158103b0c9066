"""Attention against numpy, example by example; poisoned, empty, symbolic, in half precision."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from jax import export
from jax.test_util import check_grads
from kernels.helpers import assert_close, prefixes, random

from samediff_py.kernels.attention import (
    attention,
    dot_product_attention,
    multi_head_dot_product_attention,
)

BATCH, QUERY, KEY, HEADS = 4, 3, 5, 2
LENGTHS = [5, 2, 0, 3]
PREFIX = prefixes(LENGTHS, KEY)
GAPPY = np.array([[1, 0, 1, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
masks = pytest.mark.parametrize("mask", [None, PREFIX, GAPPY, PREFIX[1:2]], ids=str)
scalings = pytest.mark.parametrize("scaled", [True, False])
causals = pytest.mark.parametrize("causal", [False, True])


def heads_last(dtype=np.float32):
    """Queries, keys and values as [batch, time, features]."""
    return random((BATCH, QUERY, 8), (BATCH, KEY, 8), (BATCH, KEY, 6), dtype=dtype)


def reference(q, k, v, mask, scaled=True, causal=False):
    """Result and weights of one head: q [query, f], k [key, f], v [key, g], mask [key]."""
    result, weights = np.zeros((len(q), v.shape[1])), np.zeros((len(q), len(k)))
    for i in range(len(q)):
        seen = [j for j in range(len(k)) if mask[j] and (j <= i or not causal)]
        scores = k[seen] @ q[i] / (np.sqrt(q.shape[1]) if scaled else 1)
        weights[i, seen] = scipy.special.softmax(scores) if seen else 0
        result[i] = weights[i] @ v
    return result, weights


def references(q, k, v, mask, **options):
    """The same for [batch, heads, time, features] and a mask of keys, or None."""
    mask = np.broadcast_to(True if mask is None else mask, (len(k), k.shape[-2]))
    each = [
        [reference(*head, mask=row, **options) for head in zip(*example, strict=True)]
        for *example, row in zip(*map(np.asarray, (q, k, v)), mask, strict=True)
    ]
    return tuple(np.array([[h[part] for h in heads] for heads in each]) for part in (0, 1))


def split(x):
    return np.stack(np.split(np.asarray(x), HEADS, axis=-1), axis=1)


@causals
@scalings
@masks
def test_attention_splits_the_features_into_heads(mask, scaled, causal):
    inputs = heads_last()
    options = {"scaled": scaled, "causal": causal}
    result, weights = attention(*inputs, heads=HEADS, with_weights=True, mask=mask, **options)
    expected, expected_weights = references(*map(split, inputs), mask, **options)
    assert_close(result, np.concatenate(list(expected.swapaxes(0, 1)), axis=-1))
    assert_close(weights, expected_weights)
    assert_close(attention(*inputs, heads=HEADS, mask=mask, **options), np.asarray(result))


@causals
@scalings
@masks
@pytest.mark.parametrize("heads", [0, HEADS])
def test_dot_product_attention_has_time_last(heads, mask, scaled, causal):
    lead = (BATCH, heads or 1)
    inputs = random((*lead, QUERY, 4), (*lead, KEY, 4), (*lead, KEY, 3))
    options = {"scaled": scaled, "causal": causal}
    expected = [y.swapaxes(-1, -2) for y in references(*inputs, mask, **options)]
    inputs = [x.mT for x in inputs]
    if not heads:
        inputs, expected = [x[:, 0] for x in inputs], [y[:, 0] for y in expected]
    both = dot_product_attention(*inputs, with_weights=True, mask=mask, **options)
    for actual, wanted in zip(both, expected, strict=True):
        assert_close(actual, wanted)
    assert_close(dot_product_attention(*inputs, mask=mask, **options), expected[0])


@causals
@masks
def test_multi_head_attention_is_attention_between_projections(mask, causal):
    inputs = random((BATCH, 5, QUERY), (BATCH, 6, KEY), (BATCH, 7, KEY))
    weights = random((HEADS, 4, 5), (HEADS, 4, 6), (HEADS, 3, 7), (HEADS * 3, 8))
    projected = [np.einsum("hpf,bft->bhtp", w, x) for w, x in zip(weights[:3], inputs, strict=True)]
    heads, expected_weights = references(*projected, mask, causal=causal)
    expected = np.einsum("bhqp,hpo->boq", heads, weights[3].reshape(HEADS, 3, 8))
    options = {"causal": causal, "mask": mask}
    both = multi_head_dot_product_attention(*inputs, *weights, with_weights=True, **options)
    assert_close(both[0], expected)
    assert_close(both[1], expected_weights.swapaxes(-1, -2))
    assert_close(multi_head_dot_product_attention(*inputs, *weights, **options), expected)


def loss_and_gradients(*inputs, mask, causal=False):
    def loss(*inputs):
        return jnp.sin(attention(*inputs, heads=HEADS, causal=causal, mask=mask)).sum()

    return jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2)))(*inputs)


def test_gradients_are_those_of_the_real_keys_alone():
    inputs = heads_last()
    _, masked = loss_and_gradients(*inputs, mask=GAPPY)
    for i in np.flatnonzero(GAPPY.any(1)):
        kept = GAPPY[i]
        alone = [inputs[0][i : i + 1], *(x[i : i + 1, kept] for x in inputs[1:])]
        _, cut = loss_and_gradients(*alone, mask=None)
        assert_close(masked[0][i], cut[0][0])
        for of_masked, of_cut in zip(masked[1:], cut[1:], strict=True):
            assert_close(of_masked[i, kept], of_cut[0])
            assert not of_masked[i, ~kept].any()


@pytest.mark.parametrize("dtype, poison", [(np.float32, 1e30), (np.float16, 6e4)])
def test_masked_keys_and_values_leave_no_trace(dtype, poison):
    queries, keys, values = heads_last(dtype)

    def run(fill):
        filled = [jnp.where(PREFIX[..., None], x, dtype(fill)) for x in (keys, values)]
        return loss_and_gradients(queries, *filled, mask=PREFIX)

    jax.tree.map(np.testing.assert_array_equal, run(0), run(poison))


@causals
def test_a_query_without_keys_gives_zeros(causal):
    inputs = heads_last()
    result, weights = attention(*inputs, heads=HEADS, causal=causal, with_weights=True, mask=GAPPY)
    blind = 2 if causal else 0  # queries of example 1, whose only key is the third
    assert not result[2].any() and not weights[2].any()
    assert not result[1, :blind].any() and result[1, blind].all()
    _, gradients = loss_and_gradients(*inputs, mask=GAPPY, causal=causal)
    assert not any(g[2].any() for g in gradients)
    assert all(jnp.isfinite(g).all() for g in gradients)


def test_causal_queries_don_t_see_later_keys():
    queries, keys, values = heads_last()
    later = jnp.arange(KEY)[:, None] > 1
    changed = attention(queries, jnp.where(later, 9, keys), values + later, causal=True)
    plain = attention(queries, keys, values, causal=True)
    np.testing.assert_array_equal(changed[:, :2], plain[:, :2])
    assert (changed[:, 2] != plain[:, 2]).all()


@pytest.mark.parametrize("mask, causal", [(None, False), (GAPPY, True)])
def test_gradients(mask, causal):
    def run(*inputs):
        return attention(*inputs, heads=HEADS, with_weights=True, causal=causal, mask=mask)

    with jax.enable_x64(True):
        check_grads(jax.jit(run), heads_last(np.float64), order=1)


@pytest.mark.parametrize("mask, dtype", [(None, jnp.bfloat16), (GAPPY, jnp.float16)])
def test_half_precision_does_not_overflow(mask, dtype):
    inputs = [100 * x for x in heads_last(dtype)]
    with jax.numpy_dtype_promotion("strict"):
        result, weights = attention(*inputs, with_weights=True, mask=mask)
        _, gradients = loss_and_gradients(*inputs, mask=mask)
    assert result.dtype == weights.dtype == dtype
    assert all(jnp.isfinite(y).all() for y in (result, weights, *gradients))
    expected = attention(*(x.astype(jnp.float32) for x in inputs), mask=mask)
    np.testing.assert_allclose(result.astype(np.float32), expected, rtol=0.05, atol=2)


def test_symbolic_sizes():
    batch, query, key = export.symbolic_shape("batch, query, key")

    def shapes(fn, *inputs, **options):
        fn = partial(fn, with_weights=True, causal=True, **options)
        inputs = [jax.ShapeDtypeStruct(s, np.float32) for s in inputs]
        mask = jax.ShapeDtypeStruct((batch, key), bool)
        return [y.shape for y in jax.eval_shape(fn, *inputs, mask=mask)]

    assert shapes(attention, (batch, query, 8), (batch, key, 8), (batch, key, 6), heads=2) == [
        (batch, query, 6),
        (batch, 2, query, key),
    ]
    assert shapes(dot_product_attention, (batch, 8, query), (batch, 8, key), (batch, 6, key)) == [
        (batch, 6, query),
        (batch, key, query),
    ]
    weights = (2, 4, 8), (2, 4, 8), (2, 3, 6), (6, 7)
    inputs = (batch, 8, query), (batch, 8, key), (batch, 6, key)
    assert shapes(multi_head_dot_product_attention, *inputs, *weights) == [
        (batch, 7, query),
        (batch, 2, key, query),
    ]


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda x: attention(x, x, x, heads=3), "8 features"),
        (lambda x: attention(x, x, x, mask=PREFIX[0]), "mask"),
        (lambda x: dot_product_attention(x[0], x[0], x[0]), "rank 3 or 4"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call(heads_last()[0])
