"""Gradients of the losses, and the way out to JAX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax

from ..compile.lower import Function


def gradient_of(
    function: Function, losses: tuple[str, ...], wanted: Iterable[str]
) -> Callable[[Any, Any, Any, Any], dict[str, jax.Array]]:
    """`f(held, fed, extents, key)`: d(sum of losses) / d(value) for each wanted value, jitted."""
    wanted = tuple(wanted)

    def gradients(held: Any, fed: Any, extents: Any, key: Any) -> dict[str, jax.Array]:
        values = {**held, **fed}

        def objective(chosen: dict[str, jax.Array]) -> jax.Array:
            outs = function({**values, **chosen}, extents, key)
            return sum(outs[name] for name in losses)  # type: ignore[return-value]

        return jax.grad(objective)({name: values[name] for name in wanted})

    return jax.jit(gradients)


class Handle:
    """A compiled output for serving: `handle(feeds)` costs what the jitted function costs.

    Feeds are arrays by placeholder, masks included; nothing is checked or padded, and every new
    size compiles a program.
    """

    __slots__ = ("_function", "_held", "__weakref__")

    def __init__(self, function: Callable[..., Any], held: Mapping[str, Any]):
        self._function, self._held = function, dict(held)

    def __call__(self, feeds: Mapping[str, Any]) -> jax.Array:
        return self._function(self._held, feeds)
