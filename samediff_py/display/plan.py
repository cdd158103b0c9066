"""The mask plan as text: what each op is told, where padding is overwritten, which dims may grow.

The text is the golden text of tests of the passes, so it is stable: it names nothing but the
graph and the user's lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..compile.session import bucketed_dims
from ..foundation.dims import Dim, is_prefix_size, show_shape, symbols_of
from ..ir.graph import Graph, Kind, Node
from ..ir.masks import Tag, Use
from ..ops.record import OPS
from ..ops.site import Fill, Injected, Sizes, Slot
from ..passes.annotate import Notes
from ..passes.cleaning import cleaning_fills, raw_values, slots, unclean_values
from ..passes.prune import prune
from .explain import definitions, masks_of, rule_text
from .text import Text, joined


def mask_plan(graph: Graph, notes: Notes, outputs: tuple[str, ...]) -> Text:
    """The plan of the smallest graph that makes the outputs."""
    plan = _Plan(prune(graph, outputs), notes, outputs)
    return joined(
        [f"mask plan of {', '.join(outputs)}"],
        _section("masks", plan.masks()),
        _section("zeroed where they come in", plan.doors()),
        _section("ops", plan.ops()),
        _section("left as they are, since padding there is finite", plan.elided()),
        _section("zeroed on return", plan.returned(outputs)),
        _section("dims", plan.dims()),
        _section("opt-outs", plan.opt_outs()),
    )


def _section(title: str, lines: Iterable[str]) -> list[str]:
    lines = [f"  {line}" for line in lines]
    return [title, *lines] if lines else []


@dataclass(frozen=True)
class _Select:
    """A fill that the program makes, and who asks for it."""

    slot: Slot
    fill: Fill
    why: str


class _Plan:
    """Everything that is decided about masks before any run."""

    def __init__(self, graph: Graph, notes: Notes, outputs: tuple[str, ...]):
        self.graph, self.notes, self.outputs = graph, notes, outputs
        self.bucketed = bucketed_dims(graph, notes, outputs)
        self.raw = raw_values(graph)
        self.unclean = unclean_values(graph, self.raw, poison=False)

    # Sections.

    def masks(self) -> Iterator[str]:
        needed = sorted({mask for use in self._uses() for mask in _masks(use)})
        for leaf in self.graph.of_kind(Kind.PLACEHOLDER).values():
            owners = [x.name for x in self.graph.leaves.values() if x.mask == leaf.name]
            if owners:
                shape = show_shape(leaf.shape)
                yield f"{leaf.name}{shape}: fed beside {', '.join(owners)}"
        for mask in (m for m in needed if m.startswith("#")):
            yield f"{mask}: what was fed of {mask[1:]}, the rest is a bucket's"
        yield from definitions(self.notes.plan, needed)

    def doors(self) -> Iterator[str]:
        for name in self.graph.of_kind(Kind.PLACEHOLDER):
            use = self._whole(name)
            if use and name not in self.raw:
                yield f"{name}: 0 where not {use}"

    def ops(self) -> Iterator[str]:
        """Ops that are told something, or get an input with its padding overwritten."""
        for node in self.graph.nodes:
            lines = [*self._told(node), *self._selects_shown(node)]
            if lines:
                yield f"{', '.join(node.outputs)} = {node.op}({', '.join(node.refs)})"
                yield from (f"    {line}" for line in lines)

    def elided(self) -> Iterator[str]:
        for node in self.graph.nodes:
            left = [name for slot, name in slots(node) if self._is_elided(node, slot, name)]
            if left:
                yield f"{node.outputs[0]} = {node.op}: {', '.join(left)}"

    def returned(self, outputs: Iterable[str]) -> Iterator[str]:
        for name in outputs:
            if use := self._whole(name):
                yield f"{name}: 0 where not {use}"

    def dims(self) -> Iterator[str]:
        fed = self.graph.of_kind(Kind.PLACEHOLDER).values()
        dims = {d.text: d for leaf in fed for d in leaf.shape if isinstance(d, Dim)}
        for name in sorted(dims):
            if name in self.bucketed:
                yield f"{dims[name]}: rounded up to a bucket"
            else:
                yield f"{dims[name]}: as fed"
                yield from (f"    {line}" for line in self._fixing(name))

    def opt_outs(self) -> Iterator[str]:
        for node in self.graph.nodes:
            if node.op == "drop_mask" or node.get("masked") is False:
                how = "drop_mask" if node.op == "drop_mask" else "masked=False"
                yield f"{node.outputs[0]} = {node.op}: {how}, {_at(node)}"
        kept = [name for name in self.graph.names if name in self.raw and self._is_padded(name)]
        if kept:
            yield f"padding stays as it is in {', '.join(kept)}"

    # What the sections are made of.

    def _uses(self) -> Iterator[Use | Sizes]:
        """Every mask that the program builds."""
        for node in self.graph.nodes:
            yield from _flat(self._verdict(node).injects.values())
            yield from (select.fill.use for select in self._selects(node))
        yield from (use for name in self.graph.names if (use := self._whole(name)))

    def _verdict(self, node: Node):
        return self.notes.verdicts[node.outputs[0]]

    def _effective(self, use: Use) -> Use:
        """Without the extents of dims that stay as fed: all of such a dim is real."""
        terms = (t for t in use.terms if not t.is_extent or self._grows(t.mask))
        return Use(frozenset(terms), use.axes)

    def _grows(self, mask: str) -> bool:
        (dim,) = self.notes.plan.shape(mask)
        return isinstance(dim, Dim) and bool(dim.symbols & self.bucketed)

    def _whole(self, name: str) -> Use | None:
        tag = self.notes.tag(name)
        return self._effective(Use(tag.terms, ())) if isinstance(tag, Tag) else None

    def _is_padded(self, name: str) -> bool:
        return bool(masks_of(self.notes.tag(name)))

    def _told(self, node: Node) -> Iterator[str]:
        for name, told in self._verdict(node).injects.items():
            if isinstance(told, Use):
                use = self._effective(told)
                if use:
                    yield f"{name} = {use}"
            elif isinstance(told, Sizes | tuple):
                yield f"{name} = {_lengths(told)}"

    def _selects(self, node: Node) -> Iterator[_Select]:
        verdict = self._verdict(node)
        cleaned = cleaning_fills(node, self.notes, self.unclean, self.raw)
        for slot, fill in {**verdict.fills, **cleaned}.items():
            use = self._effective(fill.use)
            if use:
                yield _Select(slot, Fill(fill.value, use), self._why(node, slot))

    def _why(self, node: Node, slot: Slot) -> str:
        op = OPS[node.op]
        if slot not in self._verdict(node).fills:
            return "an opt-out above it lets padding hold anything"
        if op.safe_value(slot[0]) is not None:
            return f"{node.op} is defined there"
        return rule_text(node)

    def _selects_shown(self, node: Node) -> Iterator[str]:
        names = dict(slots(node))
        for s in self._selects(node):
            yield f"{names[s.slot]}: {s.fill.value:g} where not {s.fill.use}  ({s.why})"

    def _is_elided(self, node: Node, slot: Slot, name: str) -> bool:
        """Padded, neither overwritten nor hidden by the kernel itself."""
        if not self._whole(name) or name in self.unclean:
            return False
        if slot[0] in self._verdict(node).covered:
            return False
        return slot not in {select.slot for select in self._selects(node)}

    def _fixing(self, dim: str) -> Iterator[str]:
        for node in self.graph.nodes:
            if dim in self._verdict(node).fixed_dims:
                yield f"{node.outputs[0]} = {node.op} needs it exactly, {_at(node)}"
        for name in self.outputs:
            shape = self.notes.values[name].shape
            if any(dim in symbols_of([(d,)]) and not is_prefix_size(d) for d in shape):
                yield f"{name} {show_shape(shape)} is returned whole"


def _flat(injects: Iterable[Injected]) -> Iterator[Use | Sizes]:
    for told in injects:
        if isinstance(told, tuple):
            yield from _flat(told)
        elif isinstance(told, Use | Sizes):
            yield told


def _masks(told: Use | Sizes) -> list[str]:
    return [told.mask] if isinstance(told, Sizes) else [term.mask for term in told.terms]


def _lengths(told: Injected) -> str:
    if isinstance(told, tuple):
        return f"({', '.join(map(_lengths, told))})"
    return f"lengths of {told.mask}" if isinstance(told, Sizes) else "whole"


def _at(node: Node) -> str:
    return node.source.short if node.source else "nowhere in the user's code"
