"""Where a gradient that is not finite arises: the first op, from the loss on, whose derivative is
not finite although what comes back to it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..foundation.errors import NotANumberError
from ..ir.graph import Node
from .interpret import Values, Watcher, watched_run
from .lower import lower
from .session import Program
from .taps import tapped


def check_gradients(
    program: Program, gradients: Values, values: Values, extents: Any, key: Any
) -> None:
    """Raises where a result of the program is NaN, or else one of these gradients of the sum of
    its outputs is not finite."""
    watcher = watched_run(program, values, extents, key)[1]
    bad = not_finite(gradients)
    if bad:
        raise bad_gradients(program, program.outputs, bad, watcher, values, extents, key)


def not_finite(gradients: Values) -> list[str]:
    return [name for name, g in gradients.items() if not np.isfinite(np.asarray(g)).all()]


def bad_gradients(
    program: Program,
    losses: tuple[str, ...],
    bad: Sequence[str],
    watcher: Watcher,
    values: Values,
    extents: Any,
    key: Any,
) -> NotANumberError:
    """Says in which op gradients arise that are not finite; the forward pass has no NaN."""
    of = f"the gradient of {' + '.join(map(repr, losses))} is not finite for "
    of += ", ".join(map(repr, bad))
    if watcher.infinite is not None:
        return NotANumberError(f"{of}; an infinity arises in\n{watcher.describe(watcher.infinite)}")
    node = _culprit(program, losses, watcher.values, values, extents, key)
    if node is None:
        return NotANumberError(f"{of}; it overflows where the parts are summed, in no single op")
    where = watcher.describe(node)
    return NotANumberError(f"{of}, though all results are: it arises in the derivative of\n{where}")


def _culprit(
    program: Program, losses: tuple[str, ...], known: Values, values: Values, extents: Any, key
) -> Node | None:
    """Every edge into a float input gets a zero of its own, whose gradient is what flows there."""
    graph, notes, taps = tapped(program.graph, program.notes)
    function = lower(graph, notes, losses, replace(program.mode, parts=frozenset(), watch=None))

    def objective(zeros: dict[str, Any]) -> Any:
        outs = function({**values, **zeros}, extents, key)
        return sum(jnp.sum(outs[name]) for name in losses)

    zeros = {zero: jnp.zeros_like(known[name]) for (name, _), zero in taps.items()}
    flows = jax.grad(objective)(zeros)
    broken = {node for (_, node), zero in taps.items() if not np.isfinite(flows[zero]).all()}
    backwards = reversed(program.graph.nodes)
    return next((node for node in backwards if node.outputs[0] in broken), None)
