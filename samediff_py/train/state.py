"""Everything that training changes, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax


class State(NamedTuple):
    """A pytree: what a step takes and gives back."""

    params: dict[str, jax.Array]
    updates: dict[str, jax.Array]  # variables that change without a gradient
    optimiser: Any
    step: jax.Array
    key: jax.Array


class Tally(NamedTuple):
    """What has happened since the last look: sums of losses, their counts, steps skipped."""

    total: jax.Array
    count: jax.Array
    skipped: jax.Array


Held = Mapping[str, jax.Array]
