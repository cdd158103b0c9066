"""Everything that training changes, as one immutable value."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class State(NamedTuple):
    """A pytree: what a step takes and gives back.

    `key` holds plain numbers: typed keys are made anew in Python at each call.
    """

    params: dict[str, jax.Array]
    updates: dict[str, jax.Array]  # variables that change without a gradient
    optimiser: Any
    step: jax.Array
    key: jax.Array


class Tally(NamedTuple):
    """Since the last look: the total and the count of each loss, and steps skipped."""

    total: jax.Array
    count: jax.Array
    skipped: jax.Array


def no_tally(losses: int = 1) -> Tally:
    """Nothing has happened yet to so many losses."""
    return Tally(jnp.zeros(losses), jnp.zeros(losses), jnp.zeros((), jnp.int32))


def carried(fresh: Any, known: Any) -> Any:
    """The state of an optimiser that goes on with other variables: those that it knows keep
    theirs, others begin anew. Copies, since a step donates its state."""
    old = dict(jax.tree_util.tree_flatten_with_path(known)[0])

    def kept(path: Any, leaf: Any) -> jax.Array:
        before = old.get(path, leaf)
        same = jnp.shape(before) == jnp.shape(leaf) and jnp.result_type(before) == leaf.dtype
        return jnp.copy(before if same else leaf)

    return jax.tree_util.tree_map_with_path(kept, fresh)
