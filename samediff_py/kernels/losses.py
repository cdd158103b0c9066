"""Losses: a formula per item and one reduction that all of them share.

An item is what one loss value stands for: an element, a row of classes, an example. `where` says
which items are real. It acts twice: on the inputs, where the others are replaced by harmless
numbers before a formula sees them, and on the items, where the others are neither summed nor
counted. So nothing that stands in them, NaN included, reaches a value or a gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from .loss_reduction import reduce_loss
from .numbers import check_floating, fill_masked, widen
from .signatures import with_options
from .slopes import picked

# The inputs


def _floating(x) -> Array:
    x = jnp.asarray(x)
    check_floating(x, "predictions")
    return x


def _aligned(labels, predictions, where=None, fill: float = 0) -> tuple[Array, Array]:
    """Labels and predictions in one wide dtype, `fill` where they are not valid."""
    predictions = widen(_floating(predictions))
    labels = jnp.asarray(labels, predictions.dtype)
    if labels.shape != predictions.shape:
        raise ValueError(
            f"labels of shape {labels.shape} and predictions of shape {predictions.shape} differ"
        )
    where = None if where is None else jnp.broadcast_to(where, predictions.shape)
    return fill_masked(labels, where, fill), fill_masked(predictions, where, fill)


# Loss = formula + reduction


def _loss(formula: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel of a formula (labels, predictions, where, *, options) -> (items, valid items)."""

    def kernel(
        labels, predictions, weights=None, *, reduction="mean", where=None, parts=False, **options
    ):
        items, valid = formula(labels, predictions, where, **options)
        dtype = jnp.asarray(predictions).dtype
        return reduce_loss(
            items, weights, reduction=reduction, where=valid, parts=parts, dtype=dtype
        )

    return with_options(kernel, formula)


def _loss_of_elements(formula: Callable[..., Array]) -> Callable[..., Any]:
    """The kernel of a formula (label, prediction, *, options) -> item for each element."""

    @wraps(formula)
    def items(labels, predictions, where, **options):
        # One half lies in the domain of every formula, log(p) and log(1 - p) included.
        return formula(*_aligned(labels, predictions, where, fill=0.5), **options), where

    return _loss(items)


# Losses of elements


@_loss_of_elements
def absolute_difference(labels, predictions) -> Array:
    """|y - p|, with the derivative 0 at equality. SameDiff: absoluteDifference."""
    error = labels - predictions
    return error * jnp.sign(error)  # jnp.abs has the derivative 1 at 0


@_loss_of_elements
def mean_squared_error(labels, predictions) -> Array:
    """(y - p)^2. SameDiff: meanSquaredError."""
    return jnp.square(labels - predictions)


@_loss_of_elements
def hinge_loss(labels, predictions) -> Array:
    """max(0, 1 - (2y - 1) p), labels 0 or 1. SameDiff: hingeLoss."""
    return jax.nn.relu(1 - (2 * labels - 1) * predictions)


@_loss_of_elements
def huber_loss(labels, predictions, *, delta=1.0) -> Array:
    """With e = |y - p|: e^2 / 2 up to delta, delta e - delta^2 / 2 beyond. SameDiff: huberLoss."""
    from optax import losses  # takes as long to import as all of this package

    return losses.huber_loss(predictions, labels, delta=delta)


@_loss_of_elements
def log_loss(labels, predictions, *, epsilon=1e-7) -> Array:
    """-(y log(p + epsilon) + (1 - y) log(1 - p + epsilon)), p a probability. SameDiff: logLoss."""
    yes, no = jnp.log(predictions + epsilon), jnp.log(1 - predictions + epsilon)
    return -(labels * yes + (1 - labels) * no)


@_loss_of_elements
def log_poisson(labels, predictions, *, full=False) -> Array:
    """exp(p) - y p, p the log of the prediction. SameDiff: logPoisson.

    `full` adds Stirling's y log y - y + log(2 pi y) / 2 for log y!, nothing for y = 0.
    """
    items = jnp.exp(predictions) - labels * predictions
    if not full:
        return items
    y = jnp.where(labels == 0, 1, labels)
    stirling = y * jnp.log(y) - y + jnp.log(2 * jnp.pi * y) / 2
    return items + jnp.where(labels == 0, 0, stirling)


@_loss_of_elements
def sigmoid_cross_entropy(labels, predictions, *, label_smoothing=0.0) -> Array:
    """-(y log s(p) + (1 - y) log(1 - s(p))), s the sigmoid of logits p.

    Labels are y (1 - a) + a / 2 for a smoothing a. SameDiff: sigmoidCrossEntropy.
    """
    labels = labels * (1 - label_smoothing) + label_smoothing / 2
    yes, no = _sigmoid_surprise(predictions)
    return labels * yes + (1 - labels) * no


def weighted_cross_entropy_with_logits(
    labels, logits, pos_weight, weights=None, *, reduction="mean", where=None, parts=False
) -> Any:
    """-(q y log s(x) + (1 - y) log(1 - s(x))), s the sigmoid, q a weight of the positive label.

    `pos_weight` broadcasts to the labels. TensorFlow's function of this name. SameDiff:
    weightedCrossEntropyWithLogits, whose weights are `pos_weight`, unreduced.
    """
    pos_weight = fill_masked(jnp.asarray(pos_weight, widen(_floating(logits)).dtype), where, 1)
    how = {"reduction": reduction, "where": where, "parts": parts}
    return _weighted_cross_entropy(labels, logits, weights, pos_weight=pos_weight, **how)


@_loss_of_elements
def _weighted_cross_entropy(labels, logits, *, pos_weight) -> Array:
    yes, no = _sigmoid_surprise(logits)
    return pos_weight * labels * yes + (1 - labels) * no


def _sigmoid_surprise(x) -> tuple[Array, Array]:
    """-log s(x) and -log(1 - s(x)), s the sigmoid: max(-x, 0) and max(x, 0) + log(1 + exp(-|x|)).

    One exp and one log where two log-sigmoids have four; branches, not abs and max, since these
    are differentiable at 0 only once.
    """
    positive = x >= 0
    tail = jnp.log1p(jnp.exp(jnp.where(positive, -x, x)))
    return jnp.where(positive, 0, -x) + tail, jnp.where(positive, x, 0) + tail


# Losses of rows of classes


@_loss
def softmax_cross_entropy(labels, predictions, where, *, label_smoothing=0.0):
    """-sum(y log softmax(p)) over the last axis of logits p, one item for each row of classes.

    Labels are y (1 - a) + a / classes for a smoothing a. SameDiff: softmaxCrossEntropy.
    """
    y, p = _aligned(labels, predictions, _with_classes(where))
    if label_smoothing:
        y = y * (1 - label_smoothing) + label_smoothing / jnp.asarray(y.shape[-1], y.dtype)
    return -jnp.sum(y * jax.nn.log_softmax(p), axis=-1), where


@_loss
def sparse_softmax_cross_entropy(labels, predictions, where):
    """-log softmax(p)[y] over the last axis of logits p for integer labels y, one item for each.

    A valid label that is no class gives NaN. SameDiff: sparseSoftmaxCrossEntropy (logits first,
    unreduced, infinite where this is large).
    """
    y, p = jnp.asarray(labels), widen(_floating(predictions))
    if not jnp.issubdtype(y.dtype, jnp.integer) or y.shape != p.shape[:-1]:
        raise ValueError(f"labels must be integers of shape {p.shape[:-1]}, not {y.dtype}{y.shape}")
    where = None if where is None else jnp.broadcast_to(where, y.shape)
    return _log_normalizer_minus_label(p, y, where), where


def _log_normalizer_minus_label(logits, labels, where) -> Array:
    """logsumexp(logits) - logits[label], selecting valid logits only in the pass that has exp.

    The gather and the maximum are cheaper to mend by row; their derivatives are a copy and 0.
    """
    labels = jnp.where(labels < 0, logits.shape[-1], labels)  # no class: -1 would be the last
    label = picked(logits, fill_masked(labels, where, 0))
    top = jax.lax.stop_gradient(jnp.max(logits, axis=-1))
    top = jnp.where(jnp.isfinite(top), top, 0)
    shifted = fill_masked(logits - top[..., None], _with_classes(where), 0)
    return jnp.log(jnp.sum(jnp.exp(shifted), axis=-1)) + (top - fill_masked(label, where, 0))


def _with_classes(where):
    return None if where is None else jnp.asarray(where)[..., None]


# Losses of examples


@_loss
def cosine_distance(labels, predictions, where, *, axis=-1):
    """1 - sum(y p) over `axis`, which the items keep with size 1; nothing is normalised.

    `where` may also leave out elements; an item without any is no item. SameDiff: cosineDistance.
    """
    y, p = _aligned(labels, predictions, where)
    if where is not None:
        where = jnp.any(jnp.broadcast_to(where, p.shape), axis=axis, keepdims=True)
    return 1 - jnp.sum(y * p, axis=axis, keepdims=True), where


@_loss
def mean_pairwise_squared_error(labels, predictions, where):
    """Twice the mean of (d_i - d_j)^2 over the pairs of an example's errors d = p - y.

    That is 4 times their sample variance, 0 for one element. Items are [examples, 1]; `where` is
    broadcast to that or, with the labels' rank, leaves out elements.
    SameDiff: meanPairwiseSquaredError (twice what its documentation gives).
    """
    valid = _elements(True if where is None else where, jnp.shape(predictions))
    y, p = _aligned(labels, predictions, valid)
    axes = tuple(range(1, p.ndim))
    items = 4 * _sample_variance(p - y, valid, axes)
    return items[:, None], None if where is None else jnp.any(valid, axis=axes)[:, None]


def _elements(where, shape) -> Array:
    """A mask of elements, from such a one or from one of examples [n, 1]."""
    where = jnp.asarray(where)
    if 0 < where.ndim < len(shape):
        where = jnp.broadcast_to(where, (shape[0], 1))
        where = jnp.expand_dims(where, tuple(range(2, len(shape))))
    return jnp.broadcast_to(where, shape)


def _sample_variance(x, valid, axes) -> Array:
    """Sum of squared distances from the mean over n - 1, 0 for n < 2; x is 0 where not valid."""
    n = jnp.count_nonzero(valid, axis=axes, keepdims=True).astype(x.dtype)
    mean = jnp.sum(x, axis=axes, keepdims=True) / jnp.maximum(n, 1)
    squares = jnp.square(jnp.where(valid, x - mean, 0))
    return jnp.sum(squares / jnp.maximum(n - 1, 1), axis=axes)


def l2_loss(x, *, where=None) -> Array:
    """sum(x^2) / 2. SameDiff: l2Loss."""
    x = _floating(x)
    return (jnp.sum(jnp.square(fill_masked(widen(x), where, 0))) / 2).astype(x.dtype)
