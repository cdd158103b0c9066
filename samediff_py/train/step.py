"""One training step as one program: loss, gradient, update, and the guard against NaN."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..compile.session import Program
from ..kernels.loss_reduction import ratio
from .config import TrainingConfig
from .state import State, Tally

Step = Callable[..., tuple[State, Tally]]


def make_step(program: Program, losses: tuple[str, ...], config: TrainingConfig) -> Step:
    """`step(state, tally, held, fed, extents, examples)`, with state and tally donated."""
    from optax import apply_updates

    updater = config.transformation

    def step(
        state: State, tally: Tally, held: Any, fed: Any, extents: Any, examples: Any
    ) -> tuple[State, Tally]:
        def objective(params: dict[str, jax.Array]) -> tuple[jax.Array, Any]:
            values = {**held, **state.updates, **params, **fed}
            outs = program.function(values, extents, state.clock.key)
            total, count, loss = combined([outs[name] for name in losses], examples)
            new = {n: outs[value] for n, value in program.graph.updates.items()}
            aim = loss if config.minimize else -loss
            return aim + penalty(params, config), (total, count, new)

        (aim, (total, count, new)), grads = jax.value_and_grad(objective, has_aux=True)(
            state.params
        )
        good = jnp.isfinite(jnp.sum(total)) & jnp.isfinite(_sum(grads))
        old = (state.params, state.updates, state.optimiser)

        def taken() -> tuple[Any, ...]:
            asked = {"value": aim, "grad": grads, "value_fn": lambda params: objective(params)[0]}
            changes, optimiser = updater.update(grads, state.optimiser, state.params, **asked)
            return apply_updates(state.params, changes), {**state.updates, **new}, optimiser

        # A step that would bring in NaN is not taken, and the loop reports it. A branch, and not a
        # select of every array: that would read all parameters once more.
        params, updates, optimiser = jax.lax.cond(good, taken, lambda: old)
        after = State(params, updates, optimiser, state.clock.next())
        return after, tally.plus(total, count, good)

    return jax.jit(step, donate_argnums=(0, 1))


def combined(values: Sequence[Any], examples: Any) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(total of each loss, its count, the sum of the losses), which is what is minimised."""
    totals, counts = zip(*(_counted(value, examples) for value in values), strict=True)
    loss = sum(ratio(*v) if isinstance(v, tuple) else jnp.sum(v) for v in values)
    return jnp.stack(totals), jnp.stack(counts), jnp.asarray(loss)


def _counted(value: Any, examples: Any) -> tuple[jax.Array, jax.Array]:
    """A loss by itself has a count; another number counts by examples, a sum of elements once."""
    if isinstance(value, tuple):
        return value
    by = jnp.asarray(examples if value.ndim == 0 else 1, jnp.float32)
    return jnp.sum(value) * by, by


def penalty(params: Mapping[str, jax.Array], config: TrainingConfig) -> jax.Array | float:
    """l1 * sum |w| + l2 / 2 * sum w^2 over all trainable variables."""
    total: jax.Array | float = 0.0
    for value in params.values():
        if config.l1:
            total = total + config.l1 * jnp.sum(jnp.abs(value))
        if config.l2:
            total = total + 0.5 * config.l2 * jnp.sum(jnp.square(value))
    return total


def _sum(tree: Any) -> jax.Array:
    """Finite where every element is, and wide enough for halves not to overflow. Sums are products
    with ones, which take a fraction of the time of a sum on a CPU.

    Of the leaves as they are: the compiler would make the sum of a sum from its larger input.
    """

    def total(leaf: jax.Array) -> jax.Array:
        wide = leaf.astype(jnp.promote_types(leaf.dtype, jnp.float32))
        if leaf.ndim > 1:
            rows = math.prod(leaf.shape[:-1])
            wide = jnp.ones(rows, wide.dtype) @ wide.reshape(rows, leaf.shape[-1])
        return jnp.dot(jnp.ones(wide.size, wide.dtype), wide.ravel())

    leaves = jax.lax.optimization_barrier(jax.tree.leaves(tree))
    return sum(map(total, leaves), jnp.zeros(()))
