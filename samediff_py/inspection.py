"""What a graph shows of itself: as text, by variable, and whether padding can change an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .display.explain import explain_mask
from .display.plan import mask_plan
from .display.summary import summary
from .display.text import Text
from .foundation.source import Source
from .passes.annotate import Value
from .verify.padding import verify_padding
from .verify.report import Report

if TYPE_CHECKING:
    from .build.builder import Builder
    from .inference.runner import Runner
    from .ir.graph import Graph
    from .variable import SDVariable


class Inspection:
    """Methods of a graph that change nothing and compute nothing for its user."""

    _builder: Builder
    _runner: Runner

    if TYPE_CHECKING:

        @property
        def graph(self) -> Graph: ...
        @property
        def loss_variables(self) -> tuple[str, ...]: ...
        def _name(self, variable: SDVariable | str) -> str: ...

    def summary(self) -> Text:
        """Placeholders, variables, constants and ops with dims, type and mask, as text.

        >>> from samediff_py import SameDiff
        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", 3))
        >>> sd.summary()
        1 placeholder
        <BLANKLINE>
        placeholders
          x  float32  [batch, 3]
        """
        return summary(self.graph, self._builder.notes, self.loss_variables)

    def explain_mask(self, variable: SDVariable | str) -> Text:
        """Which elements of a variable are real, and the rules that brought each mask to it.

        One line per node, from the placeholder that declares the mask (or from `with_mask`) down
        to the variable: name, op, mask after it, what the rule does, and your line.
        """
        return explain_mask(self.graph, self._builder.notes, self._name(variable))

    def mask_plan(self, *outputs: SDVariable | str) -> Text:
        """What the compiler does about padding where these outputs are computed.

        It lists the masks that are derived, what each op is told (`where=`, `mask=`, `sizes=`),
        where padding is overwritten and why, where that is not needed, which dims are rounded up
        to buckets and which are not, and every opt-out. Without outputs: those that nothing uses.
        """
        names = tuple(map(self._name, outputs)) or self.graph.ends
        return mask_plan(self.graph, self._builder.notes, names)

    def value_of(self, name: str) -> Value:
        """What is known of a variable: dims, type, validity."""
        return self._builder.value(name)

    def source_of(self, name: str) -> Source | None:
        """The line that made a variable."""
        return self.graph.source_of(name)

    def verify_padding(
        self,
        feeds: Mapping[str, Any],
        *,
        outputs: Sequence[str | SDVariable] = (),
        gradients: bool = True,
        tolerance: float | None = None,
    ) -> Report:
        """Whether padding can change an answer of this model: tests it on a few real examples.

        Every value that the feeds can compute (or that `outputs` are made of) is compared with

        - definition: what the graph gives for each example alone, at its own length, without masks;
        - content: random numbers, 1e30, NaN, infinities and ids out of range in padded slots;
        - amount: more padding, and the next bucket;
        - company: the examples in another order;
        - emptiness: an example more that has no real position.

        So are the gradients of the losses, or else of a weighted sum of the outputs. The model runs
        in inference mode, on the CPU and in double precision, so that rounding does not look like
        a leak: numbers may differ by `tolerance` of their size (1e-7 unless given), and content
        must change nothing at all. A dozen examples of different length are plenty: every length
        is compiled.

        The report names the first variable that leaks and your line that made it. An opt-out
        (`masked=False`, `drop_mask()`) is a leak, and so is an op that mixes examples and hands
        the result back to each of them.

        >>> from samediff_py import SameDiff
        >>> sd = SameDiff.create()
        >>> x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
        >>> mean = x.mean("time", name="mean")
        >>> feeds = {"x": [[1.0, 2.0, 3.0], [4.0]]}
        >>> sd.verify_padding(feeds).ok
        True
        >>> wrong = x.mean("time", masked=False, name="wrong")
        >>> report = sd.verify_padding(feeds)
        >>> report.first_leak.name, report.first_leak.test, round(report.first_leak.difference, 2)
        ('wrong', 'definition', 2.67)
        """
        names = tuple(map(self._name, outputs))
        return verify_padding(self._runner, feeds, names, gradients, tolerance)
