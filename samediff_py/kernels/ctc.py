"""Connectionist temporal classification (Graves et al. 2006): labels read in more frames."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from .loss_reduction import reduce_loss
from .numbers import check_floating, fill_masked, widen

_LOG_ZERO = -1e30  # finite, since -inf - -inf has no derivative


def ctc_loss(
    labels,
    logits,
    label_lengths,
    logit_lengths,
    weights=None,
    *,
    blank_index=0,
    reduction="none",
    where=None,
    mask=None,
    parts=False,
) -> Any:
    """-log of the sum, over the alignments of labels to frames, of exp(sum of their logits).

    Labels are [n, max label], `logits` [n, frames, classes] log probabilities: nothing is
    normalised. One item for each example, infinite without a gradient where no alignment exists.
    Frames where `mask` [n, frames] is false are skipped.
    Graves et al. 2006. SameDiff: ctcLoss, finite where no alignment exists.
    """
    label_lengths, logit_lengths = (
        fill_masked(lengths, where, 0) for lengths in (label_lengths, logit_lengths)
    )
    labels = jnp.where(_first(label_lengths, labels.shape[1]), labels, blank_index)
    heard = _first(logit_lengths, logits.shape[1])
    heard = heard if mask is None else heard & mask
    check_floating(logits, "predictions")
    total = _log_alignments(*_emissions(logits, labels, heard, blank_index), labels)
    total = jnp.take_along_axis(total, label_lengths[:, None], axis=1)[:, 0]
    items = jnp.where(total < _LOG_ZERO / 2, jnp.inf, -total)
    how = {"reduction": reduction, "where": where, "parts": parts}
    return reduce_loss(items, weights, **how, dtype=logits.dtype)


def _first(lengths, size) -> Array:
    return jnp.arange(size, dtype=lengths.dtype) < lengths[:, None]


def _emissions(logits, labels, heard, blank_index) -> tuple[Array, Array, Array]:
    """Frames first: the log probabilities of label n and of the blank, and whether it is heard."""
    logits, heard = widen(logits), heard[..., None]
    label = jnp.take_along_axis(logits, labels[:, None, :], axis=2)
    blank = logits[:, :, blank_index, None]
    label, blank = (jnp.maximum(jnp.where(heard, x, 0), _LOG_ZERO) for x in (label, blank))
    return jnp.swapaxes(label, 0, 1), jnp.swapaxes(blank, 0, 1), jnp.swapaxes(heard, 0, 1)


def _log_alignments(label, blank, heard, labels) -> Array:
    """The log weight of all ways to read the first n labels in the frames, n = 0 .. max label.

    The state of the scan is that weight, apart for ways that end in a blank and in label n.
    """
    previous = jnp.pad(labels, ((0, 0), (1, 0)), constant_values=-1)[:, :-1]
    repeated = labels == previous

    def step(state, frame):
        in_blank, in_label = state
        label, blank, heard = frame
        either = _either(in_blank, in_label)
        # A label that repeats the one before must come after a blank.
        before = jnp.where(repeated, in_blank[:, :-1], either[:, :-1])
        new = blank + either, label + jnp.logaddexp(in_label, before)
        return tuple(jnp.where(heard, n, old) for n, old in zip(new, state, strict=True)), None

    in_label = jnp.full(labels.shape, _LOG_ZERO, label.dtype)
    in_blank = jnp.pad(in_label, ((0, 0), (1, 0)))  # log 1: nothing read before the first frame
    return _either(*jax.lax.scan(step, (in_blank, in_label), (label, blank, heard))[0])


def _either(in_blank, in_label) -> Array:
    return jnp.concatenate([in_blank[:, :1], jnp.logaddexp(in_blank[:, 1:], in_label)], axis=1)
