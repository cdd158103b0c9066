"""Scaled dot-product attention (Vaswani et al. 2017, arXiv 1706.03762).

`mask` [batch, key time] says which keys are real; a batch axis of 1 serves every example. A query
without any key to see gets zeros: as result, as weights and as gradient.
`causal` is no mask but a relation: query i sees the keys j <= i. The two combine by AND.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array, lax

from .normalization import softmax
from .numbers import fill_masked
from .products import matmul


def attention(
    queries: Array,
    keys: Array,
    values: Array,
    *,
    heads: int = 1,
    scaled: bool = True,
    causal: bool = False,
    with_weights: bool = False,
    mask: Array | None = None,
) -> Array | tuple[Array, Array]:
    """softmax(Q K^T / sqrt(f)) V, apart for each head, on [batch, time, features].

    The features are split evenly among the heads; f is the size of one head. The result is
    [batch, query time, value features], the weights are [batch, heads, query, key].
    """
    split = (_split_heads(x, heads) for x in (queries, keys, values))
    result, weights = _attend(*split, scaled=scaled, causal=causal, mask=mask)
    joined = lax.collapse(result.swapaxes(1, 2), 2)
    return (joined, weights) if with_weights else joined


def dot_product_attention(
    queries: Array,
    keys: Array,
    values: Array,
    key_mask: Array | None = None,
    *,
    scaled: bool = True,
    with_weights: bool = False,
    causal: bool = False,
    mask: Array | None = None,
) -> Array | tuple[Array, Array]:
    """V softmax(K^T Q / sqrt(f)), SameDiff's layout: time last.

    queries [batch, (heads,) f, query], keys [batch, (heads,) f, key] and values [batch, (heads,)
    v, key] give [batch, (heads,) v, query] and weights [batch, (heads,) key, query]. `key_mask`
    [batch, key], or with a last axis of 1, is 1 where a key counts.
    """
    if queries.ndim not in (3, 4):
        raise ValueError(f"attention takes queries of rank 3 or 4, not of shape {queries.shape}")
    headless = queries.ndim == 3
    mask = _visible_keys(key_mask, keys, mask)
    inputs = (x.mT[:, None] if headless else x.mT for x in (queries, keys, values))
    outputs = _attend(*inputs, scaled=scaled, causal=causal, mask=mask)
    result, weights = (y.mT[:, 0] if headless else y.mT for y in outputs)
    return (result, weights) if with_weights else result


def multi_head_dot_product_attention(
    queries: Array,
    keys: Array,
    values: Array,
    query_weights: Array,
    key_weights: Array,
    value_weights: Array,
    output_weights: Array,
    key_mask: Array | None = None,
    *,
    scaled: bool = True,
    with_weights: bool = False,
    causal: bool = False,
    mask: Array | None = None,
) -> Array | tuple[Array, Array]:
    """Attention between projections of each head, its results joined and projected once more.

    Layout of `dot_product_attention`, without heads. The weights of queries, keys and values are
    [heads, projected, features], those of the output [heads * projected values, out]. The result
    is [batch, out, query], the weights are [batch, heads, key, query].
    """
    joined, weights = attention(
        _project(queries, query_weights),
        _project(keys, key_weights),
        _project(values, value_weights),
        heads=query_weights.shape[0],
        scaled=scaled,
        causal=causal,
        with_weights=True,
        mask=_visible_keys(key_mask, keys, mask),
    )
    result = matmul(joined, output_weights, transpose_z=True)
    return (result, weights.mT) if with_weights else result


def _project(x: Array, weights: Array) -> Array:
    """[batch, features, time] to [batch, time, heads * projected]."""
    return matmul(x, lax.collapse(weights, 0, 2), transpose_x=True, transpose_y=True)


def _split_heads(x: Array, heads: int) -> Array:
    """[batch, time, features] to [batch, heads, time, features of a head]."""
    batch, time, features = x.shape
    if features % heads:
        raise ValueError(f"{features} features do not split evenly among {heads} heads")
    return x.reshape(batch, time, heads, features // heads).swapaxes(1, 2)


def _attend(
    queries: Array, keys: Array, values: Array, *, scaled: bool, causal: bool, mask: Array | None
) -> tuple[Array, Array]:
    """Result and weights of attention on [batch, heads, time, features].

    Batch and heads are one axis in here: products of rank 3 have the faster gradient on a CPU. Keys
    are turned before that, which is one copy together with the splitting of the heads.
    """
    if not isinstance(queries.shape[-1], int):
        raise ValueError(
            f"the size of the features must be a number, and is {queries.shape[-1]}: attention "
            "takes [batch, time, features], dot_product_attention [batch, features, time]"
        )
    lead = queries.shape[:2]
    if scaled:
        queries = queries * queries.shape[-1] ** -0.5
    queries, turned_keys, values = (lax.collapse(x, 0, 2) for x in (queries, keys.mT, values))
    scores = _scores(queries, turned_keys)
    seen = _visible(scores, lead, causal, mask)
    weights = _weights(scores, seen).astype(values.dtype)
    if _is_half(values):
        weights = fill_masked(weights, seen, 0)  # slopes at large unseen values may overflow
    result = weights @ values
    if mask is not None and seen is not None:
        result = fill_masked(result, seen.any(-1, keepdims=True), 0)
        weights = fill_masked(weights, seen, 0)
    return result.reshape(*lead, *result.shape[1:]), weights.reshape(*lead, *weights.shape[1:])


def _scores(queries: Array, turned_keys: Array) -> Array:
    """Q K^T, kept in float32 at least: half precision would overflow and lose the small ones."""
    kept = jnp.float32 if _is_half(queries) else None
    return jnp.matmul(queries, turned_keys, preferred_element_type=kept)


def _is_half(x: Array) -> bool:
    return x.dtype.itemsize < 4


@jax.custom_jvp
def _weights(scores: Array, seen: Array | None) -> Array:
    """Softmax over the keys that are seen. Where there are none, finite numbers that mean nothing:
    a select behind a softmax would be one more pass over the largest array of all."""
    return softmax(fill_masked(scores, seen, float(jnp.finfo(scores.dtype).min)))


@_weights.defjvp
def _weights_jvp(primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    weights = _weights(*primals)  # 0 where a key is not seen, and so is the slope
    change = tangents[0]
    return weights, weights * (change - jnp.sum(weights * change, -1, keepdims=True))


def _visible(scores: Array, lead: tuple, causal: bool, mask: Array | None) -> Array | None:
    """Which keys each query sees, broadcastable to the scores; None: every key."""
    valid = None if mask is None else _per_head(mask, *lead)
    if not causal:
        return valid
    query, key = (lax.broadcasted_iota(jnp.int32, scores.shape[1:], axis) for axis in (0, 1))
    return key <= query if valid is None else valid & (key <= query)


def _visible_keys(key_mask: Array | None, keys: Array, mask: Array | None) -> Array | None:
    """The mask [batch, key] of keys that are there and count: a fraction, as in SameDiff, does
    not."""
    if key_mask is None:
        return mask
    if key_mask.ndim == 3 and key_mask.shape[-1] == 1:
        key_mask = key_mask[..., 0]
    if key_mask.shape != (keys.shape[0], keys.shape[-1]):
        raise ValueError(
            f"key_mask is [batch, key] as keys of shape {keys.shape} have it, for all heads and "
            f"queries alike, not of shape {key_mask.shape}"
        )
    counts = key_mask >= 1
    return counts if mask is None else counts & mask


def _per_head(mask: Array, batch: int, heads: int) -> Array:
    """[batch or 1, key] to [batch * heads, 1, key]."""
    if mask.ndim != 2:
        raise ValueError(f"the mask of keys is [batch, key time], not of shape {mask.shape}")
    rows = jnp.broadcast_to(mask[:, None, None], (batch, heads, 1, mask.shape[1]))
    return lax.collapse(rows, 0, 2)
