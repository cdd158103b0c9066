"""One case of an op as a graph, and what it answers for batches of examples.

Every padded input is a placeholder with a mask plus a second placeholder: what stands in the
padding of the *intermediate* that the op sees. For clean padding that is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..compile.extents import packed
from ..compile.lower import Mode, bind_sizes, lower
from ..compile.quick import quickly_compiled
from ..compile.session import bucketed_dims
from ..foundation.dims import size_of
from ..foundation.dtypes import is_float
from ..ir.graph import Node
from ..ir.masks import Sense, Tag
from ..ops.cases import Case
from ..ops.record import OPS, Op
from ..passes.annotate import annotate
from ..samediff import SameDiff
from . import cases
from .cases import CLEAN, ROWS, Example, Garbage, Input

Arrays = Mapping[Any, Any]
Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Answer:
    """What a batch gave: every output as it is, which elements are real, the score (a weighted
    sum of all that is real), and its gradients by leaf."""

    values: Arrays
    valid: Arrays
    score: Any
    gradients: Arrays


class Trial:
    """The graph of a case, and the arrays to run it on."""

    def __init__(self, op: Op, case: Case, *, floats: str = "float64", masked: bool = True):
        self.op, self.case, self.floats, self.masked = op, case, floats, masked
        self.inputs = cases.inputs_of(op, case)
        self.own = tuple(one for one in self.inputs if one.batch is not None)
        self.sd = SameDiff.create()
        operands = {one.slot: self._operand(one) for one in self.inputs}
        outs = self.sd.emit(op, cases.call_values(op, case, operands))
        self.outputs = tuple(v.name for v in (outs if isinstance(outs, tuple) else (outs,)))
        self.notes = annotate(self.sd.graph, {})
        self.bucketed = bucketed_dims(self.sd.graph, self.notes)
        self._programs: dict[Any, Callable[..., Any]] = {}

    def _operand(self, one: Input) -> Any:
        dtype = one.dtype(self.floats)
        if one.batch is None:
            return self.sd.placeholder(one.name, one.shape, dtype)
        mask = one.mask if self.masked else None
        x = self.sd.placeholder(one.name, one.shape, dtype, mask=mask)
        padding = self.sd.placeholder(one.padding, one.shape, dtype)
        return self.sd.math.xor(x, padding) if dtype == "bool" else x + padding

    @property
    def node(self) -> Node:
        return self.sd.graph.makers[self.outputs[0]]

    @property
    def is_random(self) -> bool:
        """Whether numbers are drawn in training, by row and position."""
        return "key" in self.op.injected

    # What is drawn.

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The padded dims, as long as the case has them."""
        return cases.sizes_of(self.inputs)

    @cached_property
    def shared(self) -> dict[str, np.ndarray]:
        rng = cases.generator(self.op, self.case, 0)
        shared = [one for one in self.inputs if one.batch is None]
        return {one.name: one.draw({}, rng, self.floats) for one in shared}

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        return self.draw(cases.ragged_lengths(self.sizes), 1)

    def draw(self, lengths: Sequence[Sizes], stream: int) -> tuple[Example, ...]:
        """An example for each of the lengths."""
        rng = cases.generator(self.op, self.case, stream)

        def example(own: Sizes) -> Example:
            sizes = {ROWS: 1, **own}
            return Example(own, {one.name: one.draw(sizes, rng, self.floats) for one in self.own})

        return tuple(map(example, lengths))

    def batch_sizes(self, examples: Sequence[Example], more: Sizes) -> dict[str, int]:
        """The sizes of a batch of these examples, dims longer than the case has them by `more`."""
        exact = {ROWS: len(examples), **self.sizes}
        return {dim: n + more.get(dim, 0) for dim, n in exact.items()}

    def leaves(
        self,
        examples: Sequence[Example],
        sizes: Sizes,
        fill: Garbage = CLEAN,
        padding: Garbage = CLEAN,
    ) -> dict[str, np.ndarray]:
        """`fill` stands in the padding of placeholders, `padding` in that of the op's inputs."""
        arrays = {**self.shared, **cases.batch_of(self.inputs, examples, sizes, fill)}
        for one in self.own:
            real, dtype = cases.real_slots(one, examples, sizes), arrays[one.name].dtype
            arrays[one.padding] = np.where(real, 0, padding[dtype.kind]).astype(dtype)
        return {name: arrays[name] for name in self.sd.graph.leaves}

    # How outputs are read.

    def tag(self, output: str) -> Tag:
        tag = self.notes.tag(output)
        assert isinstance(tag, Tag)
        return tag

    def axis_of_rows(self, output: str) -> int | None:
        """The axis of the output along which each example has a row."""
        labels = self.tag(output).labels
        return labels.index(ROWS) if self.reading == "apart" else None

    @property
    def ignores_padding(self) -> bool:
        """Whether the kernel is told what counts, and may be handed anything elsewhere."""
        return bool(self.notes.verdicts[self.outputs[0]].covered)

    def is_strewn(self, output: str) -> bool:
        return any(term.sense is Sense.STREWN for term in self.tag(output).terms)

    @cached_property
    def reading(self) -> str:
        """`apart`: every example has a row of its own. `joined`: rows were merged with positions.
        `together`: one answer for all examples."""
        has_rows = all(ROWS in self.tag(name).labels for name in self.outputs)
        if self.op.rule.family == "moves" and self.masked:
            return "apart" if has_rows else "joined"
        return "apart" if has_rows and self.masked and not self._couples_rows else "together"

    @property
    def _couples_rows(self) -> bool:
        if self.op.rule.family not in ("reduces", "normalises", "scans"):
            return False
        axes = self.op.rule.axes
        axis = self.node.get(axes) if isinstance(axes, str) else axes
        first = self.own[0]
        numbers = axis if isinstance(axis, tuple) else (axis,)
        return axis is None or first.batch in (a % len(first.spec.shape) for a in numbers)

    # The answer for a batch.

    def answer(
        self,
        examples: Sequence[Example] | None = None,
        *,
        more: Sizes | None = None,
        fed: Sizes | None = None,
        moved: Arrays | None = None,
        training: bool | None = None,
        poison: bool = False,
        **garbage: Garbage,
    ) -> Answer:
        """The answer for a batch of these examples.

        `more` makes dims longer, `fed` says how much of them was fed where that is less; `moved`
        is added to leaves. In training, unless the op is random.
        """
        examples = self.examples if examples is None else examples
        sizes = self.batch_sizes(examples, more or {})
        leaves = self.leaves(examples, sizes, **garbage)
        for name, step in (moved or {}).items():
            leaves[name] = leaves[name] + step
        return self.run(leaves, {**sizes, **(fed or {})}, training, poison)

    def run(
        self, leaves: Arrays, fed: Sizes, training: bool | None = None, poison: bool = False
    ) -> Answer:
        training = not self.is_random if training is None else training
        extents = packed(self.bucketed, fed)
        program = self._program(training, poison)
        return Answer(*jax.device_get(program(leaves, extents, self.weights(leaves))))

    def values(self, leaves: Arrays, fed: Sizes) -> tuple[Arrays, Arrays]:
        """Outputs and which of their elements are real, without gradients."""
        function = lower(self.sd.graph, self.notes, self.outputs, self._mode(True, False))
        extents = packed(self.bucketed, fed)
        outs = jax.device_get(quickly_compiled(function)(leaves, extents, jax.random.key(0)))
        return _parted(outs)

    def weights(self, leaves: Arrays) -> dict[str, np.ndarray]:
        """Weights of the score for each output, at the sizes of these leaves."""
        sizes = bind_sizes(self.sd.graph.leaves.values(), leaves)
        known = {name: self.notes.values[name] for name in self.outputs}
        return {
            name: self.weight(name, tuple(size_of(dim, sizes) for dim in value.shape))
            for name, value in known.items()
            if is_float(value.dtype)
        }

    def weight(self, output: str, shape: Sequence[int]) -> np.ndarray:
        """A number for each element that depends on its place, but not on its row: nor on its
        position, where rows are not apart."""
        place = np.indices(shape).astype(float)
        last = range(self.reading == "joined", len(shape))[-1:]  # axis 0 is rows and positions
        counted = range(len(shape)) if self.reading == "apart" else last
        counted = [axis for axis in counted if axis != self.axis_of_rows(output)]
        return np.cos(sum(((axis + 0.7) * place[axis] for axis in counted), np.ones(shape)))

    def _program(self, training: bool, poison: bool) -> Callable[..., Any]:
        key = training, poison
        if key not in self._programs:
            mode = self._mode(training, poison)
            function = lower(self.sd.graph, self.notes, self.outputs, mode)
            self._programs[key] = quickly_compiled(partial(_answered, function))
        return self._programs[key]

    def _mode(self, training: bool, poison: bool) -> Mode:
        return Mode(
            training=training,
            bucketed=self.bucketed,
            validity=frozenset(self.outputs),
            filled=False,
            poison=poison,
        )


def _answered(function: Callable[..., Any], leaves: Arrays, extents: Any, weights: Arrays):
    floats, rest = floating(leaves)

    def scored(floats):
        outs = function({**rest, **floats}, extents, jax.random.key(0))
        real = {n: jnp.where(outs[f"{n}?"], outs[n] * w, 0) for n, w in weights.items()}
        return sum(map(jnp.sum, real.values()), jnp.zeros(())), outs

    (total, outs), gradients = jax.value_and_grad(scored, has_aux=True)(floats)
    return *_parted(outs), total, gradients


def _parted(outs: Arrays) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values, and which of them are real."""
    valid = {name.removesuffix("?"): a for name, a in outs.items() if name.endswith("?")}
    return {name: outs[name] for name in valid}, valid


def floating(arrays: Arrays) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Those that have a gradient, and the others."""
    floats = {name: a for name, a in arrays.items() if is_float(str(a.dtype))}
    return floats, {name: a for name, a in arrays.items() if name not in floats}


def by_row(array: np.ndarray, axis: int | None) -> np.ndarray:
    """With the axis of examples in front, or a new one for all of them."""
    return array[None] if axis is None else np.moveaxis(array, axis, 0)


def trial_of(op: Op, case: Case, masked: bool = True) -> Trial:
    """The graph of a case; the last ones are kept, so that the checks of a case share programs."""
    return _trial(op.name, cases.number_of(op, case), masked)


@lru_cache(maxsize=4)
def _trial(name: str, number: int, masked: bool) -> Trial:
    return Trial(OPS[name], OPS[name].cases[number], masked=masked)


def in_double(check: Callable[..., None]) -> Callable[..., None]:
    @wraps(check)
    def run(*args: Any) -> None:
        with jax.enable_x64(True):
            check(*args)

    return run
