"""The definition: what the plain op gives for each example alone, at its own length.

No padding, no mask, no bucket and no rule takes part in it, so that it can judge them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from ..compile.quick import quickly_compiled
from ..foundation.dims import size_of
from ..foundation.dtypes import is_float
from ..ir.graph import Ref
from ..kernels.loss_reduction import ratio
from ..passes.infer import static_value
from . import cases
from .cases import Example
from .trial import Arrays, Trial, floating

SHARED = -1
"""The row of an input that all examples share."""

Outs = tuple[Any, ...]


@dataclass(frozen=True)
class Definition:
    """Outputs of each example (or of all as one), and gradients of the score by (row, input)."""

    groups: Sequence[Outs]
    gradients: Mapping[tuple[int, str], Any]


def defined(trial: Trial, examples: Sequence[Example]) -> Definition:
    """What the case means for these examples, none of which may be empty."""
    given = {(row, n): a for row, e in enumerate(examples) for n, a in e.arrays.items()}
    given |= {(SHARED, name): array for name, array in trial.shared.items()}
    floats, rest = floating(given)

    def scored(floats, rest):
        groups = _groups(trial, [e.lengths for e in examples], {**floats, **rest})
        return sum((_score(trial, outs) for outs in groups), jnp.zeros(())), groups

    run = quickly_compiled(jax.value_and_grad(scored, has_aux=True))
    (_, groups), gradients = run(floats, rest)
    groups, gradients = jax.device_get((groups, gradients))
    return Definition([_shown(trial, outs) for outs in groups], gradients)


def plain(trial: Trial, example: Example) -> Outs:
    """The plain op on one example, or on a batch that is fed as it is; values only."""
    outs = quickly_compiled(
        lambda *given: _Plain(trial, given[1])(Example(example.lengths, given[0]))
    )
    return _shown(trial, jax.device_get(outs(dict(example.arrays), trial.shared)))


def _shown(trial: Trial, outs: Outs) -> Outs:
    """What the user is handed: of a ragged result, as much as its mask says."""
    if not trial.op.internal or not outs:
        return outs
    *values, valid = outs
    return tuple(value[valid] for value in values)


def _groups(trial: Trial, lengths: Sequence[Mapping[str, int]], arrays: Arrays) -> list[Outs]:
    def own(wanted: int) -> dict[str, Any]:
        return {name: a for (row, name), a in arrays.items() if row == wanted}

    examples = [Example(sizes, own(row)) for row, sizes in enumerate(lengths)]
    kernel = _Plain(trial, own(SHARED))
    if trial.reading == "apart":
        return [kernel.alone(example) for example in examples]
    if trial.reading == "joined":
        return [_joined([kernel.alone(example) for example in examples])]
    if "parts" in trial.op.injected:
        return [kernel.ratio(examples)]
    return [kernel(examples[0] if len(examples) == 1 else cases.pooled(trial.inputs, examples))]


def _score(trial: Trial, outs: Outs) -> Any:
    named = {n: o for n, o in zip(trial.outputs, outs, strict=False) if is_float(str(o.dtype))}
    if trial.op.internal and outs:
        named = {n: jax.vmap(lambda v, o: v * o)(outs[-1], o) for n, o in named.items()}
    scores = (jnp.sum(out * trial.weight(name, out.shape)) for name, out in named.items())
    return sum(scores, jnp.zeros(()))


def _joined(outs: Sequence[Outs]) -> Outs:
    """Row by row, behind one another."""
    return tuple(jnp.concatenate(same) for same in zip(*outs, strict=True))


@dataclass(frozen=True)
class _Plain:
    """The kernel as the textbook has it."""

    trial: Trial
    shared: Arrays

    def __call__(self, example: Example, **told: Any) -> Outs:
        op, arrays = self.trial.op, {**self.shared, **example.arrays}
        if "training" in op.injected:
            told["training"] = not self.trial.is_random
        out = op.call({**arguments_of(self.trial, arrays, example.sizes), **told})
        return tuple(out) if isinstance(out, tuple | list) else (out,)

    def alone(self, example: Example) -> Outs:
        """The outputs; none where the op refuses an example as short as this."""
        try:
            return self(example)
        except (IndexError, ValueError, TypeError):
            return ()

    def ratio(self, examples: Sequence[Example]) -> Outs:
        """A loss is a sum and a count: sum of sums over sum of counts."""
        totals, counts = zip(*(self(e, parts=True) for e in examples), strict=True)
        return (ratio(sum(totals), sum(counts)),)


def arguments_of(trial: Trial, arrays: Arrays, sizes: Mapping[str, int]) -> dict[str, Any]:
    """The arguments of a kernel by parameter: the arrays by input, static values at these sizes."""
    by_slot = {one.slot: arrays[one.name] for one in trial.inputs}

    def value(name: str, given: Any) -> Any:
        if isinstance(given, Ref):
            return by_slot[name, None]
        if isinstance(given, tuple) and given and isinstance(given[0], Ref):
            return tuple(by_slot[name, i] for i in range(len(given)))
        role = trial.op.params[name].role
        return static_value(role, given, lambda dim: size_of(dim, sizes))

    return {name: value(name, given) for name, given in trial.node.kernel_args}
