"""Values that variables begin with: drawn by (seed, name), the same in every graph and process, or
an array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.nn import initializers

from ..foundation.digest import digest
from ..foundation.dims import show_shape
from ..foundation.dtypes import is_float
from ..foundation.errors import GraphError, reason_of
from ..kernels.arithmetic import limits_of

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
    if not isinstance(init, str):
        raise GraphError(
            f"an initialiser is a name or a function, not {type(init).__name__}: to begin with an "
            "array, say sd.var(name, array)"
        )
    if init not in _BY_NAME:
        raise GraphError(f"no initialiser is called {init!r}; there are {', '.join(_BY_NAME)}")
    return _BY_NAME[init]


def check_drawn(name: str, pending: Pending) -> None:
    """Raises where the initialiser can't give what is declared: that would be noticed only at the
    first run, which draws all variables in one program."""
    declared = f"{pending.dtype}{show_shape(pending.shape)}"
    try:
        shape, dtype = _signature(pending)
    except Exception as error:
        raise GraphError(
            f"variable {name!r}: its initialiser fails for {declared}: {reason_of(error)}"
        ) from error
    if (shape, dtype) != (pending.shape, pending.dtype):
        raise GraphError(
            f"variable {name!r} is {declared}, and its initialiser gives {dtype}{show_shape(shape)}"
        )


def _signature(pending: Pending) -> tuple[tuple[int, ...], str]:
    """What the initialiser gives. A trace takes longer than all else about a variable, and ours
    care for the type, the number of axes, and whether one is empty: few sizes stand for all."""
    if pending.init not in _BY_NAME.values():
        return _traced(pending)
    few = replace(pending, shape=tuple(min(size, 2) for size in pending.shape))
    return pending.shape, _traced_once(few)[1]


def _traced(pending: Pending) -> tuple[tuple[int, ...], str]:
    made = jax.eval_shape(lambda: _draw(pending, "", jax.random.key(0)))
    return made.shape, str(made.dtype)


_traced_once = lru_cache(_traced)


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


# From an array.


def typed(name: str, array: Any, dtype: str) -> jax.Array:
    """The array in a declared type: a fraction is never cut, nor a number that is too large."""
    host = _numbers(name, array)
    if not is_float(dtype) and host.dtype.kind != "b":
        _check_held(name, host, dtype)
    return jnp.asarray(host, dtype)


def _numbers(name: str, array: Any) -> np.ndarray:
    try:
        host = np.asarray(array)
    except (TypeError, ValueError) as error:
        kind = type(array).__name__
        raise GraphError(f"{name!r} can't be made of this {kind}: {reason_of(error)}") from error
    if host.dtype.kind not in "biuf" and not jnp.issubdtype(host.dtype, jnp.floating):
        raise GraphError(f"{name!r} was given {host.dtype} values; it takes numbers")
    return host


def _check_held(name: str, host: np.ndarray, dtype: str) -> None:
    least, most = limits_of(dtype)
    numbers = host if host.dtype.kind in "iu" else host.astype(float)
    held = (numbers >= least) & (numbers < most + 1) & (numbers == np.trunc(numbers))
    if not held.all():
        raise GraphError(
            f"{name!r} is {dtype} and can't take {numbers[~held][0]}: it holds whole numbers from "
            f"{least} to {most}; round or cast the array"
        )
