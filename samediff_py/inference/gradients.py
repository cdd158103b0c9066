"""Gradients of the losses, and the way out to JAX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ..compile.lower import Function, lower
from ..compile.session import Program
from ..compile.taps import tapped_at


def gradient_of(
    function: Function, losses: tuple[str, ...], wanted: Iterable[str]
) -> Callable[[Any, Any, Any, Any], dict[str, jax.Array]]:
    """`f(held, fed, extents, key)`: d(sum of losses) / d(value) for each wanted value, jitted."""
    wanted = tuple(wanted)

    def gradients(held: Any, fed: Any, extents: Any, key: Any) -> dict[str, jax.Array]:
        values = {**held, **fed}

        def objective(chosen: dict[str, jax.Array]) -> jax.Array:
            outs = function({**values, **chosen}, extents, key)
            return sum((jnp.sum(outs[name]) for name in losses), jnp.zeros(()))

        return jax.grad(objective)({name: values[name] for name in wanted})

    return jax.jit(gradients)


def gradients_of(program: Program, wanted: tuple[str, ...]) -> Callable[..., dict[str, jax.Array]]:
    """The same for any values of a program whose outputs are losses: leaves and results of ops.

    A result gets a zero added to it, whose gradient is what flows back to the result.
    """
    inner = tuple(name for name in wanted if name in program.graph.makers)
    if not inner:
        return gradient_of(program.function, program.outputs, wanted)
    results = lower(program.graph, program.notes, inner, program.mode)
    graph, notes, taps = tapped_at(program.graph, program.notes, inner)
    losses = tuple(taps.get(name, name) for name in program.outputs)
    zeros = {name: f"{taps[name]}:zero" for name in inner}
    function = lower(graph, notes, losses, program.mode)
    gradient = gradient_of(function, losses, (zeros.get(name, name) for name in wanted))

    def gradients(held: Any, fed: Any, extents: Any, key: Any) -> dict[str, jax.Array]:
        found = jax.eval_shape(results, {**held, **fed}, extents, key)
        zero = {zeros[name]: jnp.zeros(found[name].shape, found[name].dtype) for name in inner}
        flows = gradient({**held, **zero}, fed, extents, key)
        return {name: flows[zeros.get(name, name)] for name in wanted}

    return gradients


class Handle(partial[jax.Array]):
    """A compiled output for serving: `handle(feeds)` costs what the jitted function costs.

    Feeds are arrays by placeholder, masks included; nothing is checked or padded, and every new
    size compiles a program. (A partial application, since a call in Python would be seen in the
    time of a small program.)
    """
