"""One case of an op as a graph, and what it answers for batches of examples.

Every padded input is a placeholder with a mask plus a second placeholder: what stands in the
padding of the *intermediate* that the op sees. For clean padding that is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..compile.lower import Mode, lower
from ..compile.session import bucketed_dims
from ..foundation.dtypes import is_float
from ..ir.graph import Node
from ..ir.masks import Sense, Tag
from ..ops.define import Case, Op
from ..passes.annotate import annotate
from ..samediff import SameDiff
from . import cases
from .cases import ROWS, Example, Input

Arrays = Mapping[Any, Any]
_COUPLES_AXES = ("reduces", "normalises", "scans")


@dataclass(frozen=True)
class Answer:
    """What a batch gave: every output as it is, which elements are real, and the gradients of
    the score (see `score`) by leaf."""

    values: Arrays
    valid: Arrays
    score: Any
    gradients: Arrays


class Trial:
    """The graph of a case, and the arrays to run it on."""

    def __init__(self, op: Op, case: Case, floats: str = "float64", masked: bool = True):
        self.op, self.case, self.floats = op, case, floats
        self.inputs = cases.inputs_of(op, case)
        self.own = tuple(one for one in self.inputs if one.batch is not None)
        self.sd = SameDiff.create()
        outs = self.sd.emit(op, cases.call_values(op, case, self._operands(masked)))
        self.outputs = tuple(v.name for v in (outs if isinstance(outs, tuple) else (outs,)))
        self.notes = annotate(self.sd.graph, {})
        self.bucketed = bucketed_dims(self.sd.graph, self.notes)
        self._programs: dict[Any, Callable[..., Any]] = {}

    def _operands(self, masked: bool) -> dict[Any, Any]:
        return {one.slot: self._operand(one, masked) for one in self.inputs}

    def _operand(self, one: Input, masked: bool) -> Any:
        dtype = one.dtype(self.floats)
        if one.batch is None:
            return self.sd.placeholder(one.name, one.shape, dtype)
        x = self.sd.placeholder(one.name, one.shape, dtype, mask=one.mask if masked else None)
        padding = self.sd.placeholder(one.padding, one.shape, dtype)
        return self.sd.math.xor(x, padding) if dtype == "bool" else x + padding

    # What is drawn.

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The padded dims, as long as the case has them."""
        return cases.sizes_of(self.inputs)

    @cached_property
    def shared(self) -> Arrays:
        rng = cases.generator(self.op, self.case, 0)
        return cases.shared_arrays(self.inputs, rng, self.floats)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        return self.draw(cases.ragged_lengths(self.sizes), 1)

    def draw(self, lengths: Sequence[Mapping[str, int]], number: int) -> tuple[Example, ...]:
        rng = cases.generator(self.op, self.case, number)
        return cases.examples_of(self.inputs, lengths, rng, self.floats)

    # How outputs are read.

    @property
    def node(self) -> Node:
        return self.sd.graph.makers[self.outputs[0]]

    def tag(self, output: str) -> Tag:
        tag = self.notes.tag(output)
        assert isinstance(tag, Tag)
        return tag

    def axis_of_rows(self, output: str) -> int | None:
        """The axis of the output along which examples lie."""
        labels = self.tag(output).labels
        return labels.index(ROWS) if ROWS in labels else None

    def is_strewn(self, output: str) -> bool:
        return any(term.sense is Sense.STREWN for term in self.tag(output).terms)

    @cached_property
    def reading(self) -> str:
        """`apart`: every example has a row of its own. `joined`: rows were merged with positions.
        `together`: one answer for all examples."""
        has_rows = all(self.axis_of_rows(name) is not None for name in self.outputs)
        if self.op.rule.family == "moves":
            return "apart" if has_rows else "joined"
        return "apart" if has_rows and not self._couples_rows else "together"

    @property
    def _couples_rows(self) -> bool:
        if self.op.rule.family not in _COUPLES_AXES:
            return False
        axis = self.node.get("axis")
        axes = axis if isinstance(axis, tuple) else (axis,)
        return axis is None or self.own[0].batch in axes

    # The answer for a batch.

    def answer(
        self,
        examples: Sequence[Example] | None = None,
        *,
        more: Mapping[str, int] | None = None,
        fed: Mapping[str, int] | None = None,
        fill: float = 0,
        padding: float = 0,
        moved: Arrays | None = None,
        training: bool = True,
        poison: bool = False,
    ) -> Answer:
        """The answer for a batch of these examples.

        Dims are as long as the case has them, and `more`; `fed` says how much of them was fed,
        where that is less. `fill` stands in the padding of placeholders, `padding` in that of the
        op's inputs. `moved` is added to leaves.
        """
        examples = self.examples if examples is None else examples
        exact = {ROWS: len(examples), **self.sizes}
        sizes = {dim: n + (more or {}).get(dim, 0) for dim, n in exact.items()}
        leaves = self._leaves(examples, sizes, fill, padding)
        for name, step in (moved or {}).items():
            leaves[name] = leaves[name] + step
        real = {**sizes, **(fed or {})}
        extents = {dim: np.int32(real[dim]) for dim in self.bucketed}
        return Answer(*jax.device_get(self._program(training, poison)(leaves, extents)))

    def _leaves(self, examples, sizes, fill: float, padding: float) -> dict[str, np.ndarray]:
        leaves = dict(self.shared)
        if self.own:
            leaves |= cases.batch_of(self.inputs, examples, sizes, fill)
        for one in self.own:
            real = cases.real_slots(one, examples, sizes)
            leaves[one.padding] = np.where(real, 0, padding).astype(leaves[one.name].dtype)
        return {name: leaves[name] for name in self.sd.graph.leaves}

    def _program(self, training: bool, poison: bool) -> Callable[..., Any]:
        key = training, poison
        if key not in self._programs:
            mode = Mode(
                training=training,
                bucketed=self.bucketed,
                validity=frozenset(self.outputs),
                filled=False,
                poison=poison,
            )
            function = lower(self.sd.graph, self.notes, self.outputs, mode)
            self._programs[key] = jax.jit(partial(self._answered, function))
        return self._programs[key]

    def _answered(self, function, leaves: Arrays, extents: Arrays):
        # Asked is what stands in the padding of the intermediate, not what the door has zeroed.
        doors = {one.name for one in self.own}
        floats, rest = floating({n: a for n, a in leaves.items() if n not in doors})
        rest |= {name: leaves[name] for name in doors}

        def scored(floats):
            outs = function({**rest, **floats}, extents, jax.random.key(0))
            return sum(self._score(name, outs) for name in self.outputs), outs

        (total, outs), gradients = jax.value_and_grad(scored, has_aux=True)(floats)
        valid = {name: outs.pop(f"{name}?") for name in self.outputs}
        return outs, valid, total, gradients

    def _score(self, name: str, outs: Arrays) -> Array:
        axis = self.axis_of_rows(name)
        value, valid = by_row(outs[name], axis), by_row(outs[f"{name}?"], axis)
        return score(value, valid, apart=self.reading == "apart")


def floating(arrays: Arrays) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Those that have a gradient, and the others."""
    floats = {name: a for name, a in arrays.items() if is_float(str(a.dtype))}
    return floats, {name: a for name, a in arrays.items() if name not in floats}


def by_row(array: Any, axis: int | None) -> Any:
    """With the axis of examples in front, or one in front for all of them."""
    return array[None] if axis is None else jnp.moveaxis(array, axis, 0)


def score(value: Array, valid: Array | bool, apart: bool = True) -> Array:
    """A weighted sum of what is real; the weights are counted along each row, or along all."""
    rows = value.shape[0] if apart else 1
    value = value.reshape(rows, value.size // max(rows, 1))
    valid = jnp.broadcast_to(valid, value.shape) if valid is True else valid.reshape(value.shape)
    if not is_float(str(value.dtype)):
        return jnp.zeros(())
    weights = jnp.cos(jnp.cumsum(valid, axis=1)).astype(value.dtype)
    return jnp.sum(jnp.where(valid, value * weights, 0))
