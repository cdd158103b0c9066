"""Initial values of variables, drawn by (seed, name): the same in every graph and process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax.nn import initializers

from ..foundation.digest import digest
from ..foundation.errors import GraphError

Initializer = Callable[[Any, tuple[int, ...], Any], jax.Array]
"""`f(key, shape, dtype)`, as in `jax.nn.initializers`."""

# Fans are the last two axes; a vector has one fan, its size.
_BY_NAME: dict[str, Initializer] = {
    "zeros": initializers.zeros,
    "ones": initializers.ones,
    "normal": initializers.normal(0.05),
    "uniform": initializers.uniform(0.05),
    "glorot": initializers.glorot_uniform(),
    "glorot_normal": initializers.glorot_normal(),
    "xavier": initializers.glorot_normal(),
    "he": initializers.he_normal(),
    "he_uniform": initializers.he_uniform(),
    "lecun": initializers.lecun_normal(),
    "lecun_uniform": initializers.lecun_uniform(),
    "orthogonal": initializers.orthogonal(),
}


@dataclass(frozen=True)
class Pending:
    """A value that nobody has asked for yet."""

    init: Initializer
    shape: tuple[int, ...]
    dtype: str


def initializer(init: str | Initializer) -> Initializer:
    """By name, or the function itself."""
    if callable(init):
        return init
    if init not in _BY_NAME:
        raise GraphError(f"no initialiser is called {init!r}; there are {', '.join(_BY_NAME)}")
    return _BY_NAME[init]


def draw(pending: Mapping[str, Pending], seed: int) -> dict[str, jax.Array]:
    """All pending values, in one program."""
    return jax.jit(lambda key: {n: _draw(p, n, key) for n, p in pending.items()})(
        jax.random.key(seed)
    )


def _draw(pending: Pending, name: str, key: Any) -> jax.Array:
    key = jax.random.fold_in(key, digest(name))
    if len(pending.shape) >= 2 or pending.init in (initializers.zeros, initializers.ones):
        return jnp.asarray(pending.init(key, pending.shape, pending.dtype))
    # Fans want two axes: a vector is a row.
    padded = (1,) * (2 - len(pending.shape)) + pending.shape
    return jnp.asarray(pending.init(key, padded, pending.dtype)).reshape(pending.shape)
