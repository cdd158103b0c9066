"""Everything that training changes, as one immutable value."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class State(NamedTuple):
    """A pytree: what a step takes and gives back."""

    params: dict[str, jax.Array]
    updates: dict[str, jax.Array]  # variables that change without a gradient
    optimiser: Any
    clock: Clock


class Clock(NamedTuple):
    """How many steps were made, and the key of the seed.

    One array of plain numbers, since each array costs time at every call, and a typed key more.
    """

    numbers: jax.Array

    @classmethod
    def at_start(cls, key: jax.Array) -> Clock:
        return cls(jnp.concatenate([jnp.zeros(1, jnp.uint32), jax.random.key_data(key)]))

    @property
    def step(self) -> jax.Array:
        return self.numbers[0]

    @property
    def key(self) -> jax.Array:
        """The key of this step."""
        return jax.random.fold_in(jax.random.wrap_key_data(self.numbers[1:]), self.step)

    def next(self) -> Clock:
        return Clock(self.numbers.at[0].add(1))


class Tally(NamedTuple):
    """Since the last look: the total and the count of each loss, and steps skipped, as the rows
    of one array [3, losses]."""

    rows: jax.Array

    @property
    def total(self) -> jax.Array:
        return self.rows[0]

    @property
    def count(self) -> jax.Array:
        return self.rows[1]

    @property
    def skipped(self) -> jax.Array:
        return self.rows[2, 0]

    def plus(self, total: jax.Array, count: jax.Array, good: jax.Array) -> Tally:
        """One step more, of which only a good one counts."""
        none = jnp.zeros_like(total)
        taken, skipped = jnp.stack([total, count, none]), jnp.stack([none, none, none + 1])
        return Tally(self.rows + jnp.where(good, taken, skipped))


def no_tally(losses: int = 1) -> Tally:
    """Nothing has happened yet to so many losses."""
    return Tally(jnp.zeros((3, losses)))


def carried(fresh: Any, known: Any) -> Any:
    """The state of an optimiser that goes on with other variables: those that it knows keep
    theirs, others begin anew. Copies, since a step donates its state."""
    old = dict(jax.tree_util.tree_flatten_with_path(known)[0])

    def kept(path: Any, leaf: Any) -> jax.Array:
        before = old.get(path, leaf)
        same = jnp.shape(before) == jnp.shape(leaf) and jnp.result_type(before) == leaf.dtype
        return jnp.copy(before if same else leaf)

    return jax.tree_util.tree_map_with_path(kept, fresh)


def renamed(state: State, old: str, new: str) -> State:
    """The same with one variable renamed, wherever something is kept by variable: an optimiser may
    have dicts by other keys, which stay."""
    tables = state.params.keys(), state.updates.keys()

    def by_variable(tree: Any) -> bool:
        return isinstance(tree, dict) and tree.keys() in tables

    def fresh(tree: Any) -> Any:
        if not by_variable(tree):
            return tree
        return {new if name == old else name: value for name, value in tree.items()}

    return jax.tree.map(fresh, state, is_leaf=by_variable)
