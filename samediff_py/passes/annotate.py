"""What is known of every value of a graph: shape, type, validity; and of every node, what its
kernel must be told. Building a graph runs one step per node; loading one runs them all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..foundation.dims import Bounds, Dim, Shape, show_shape
from ..foundation.errors import GraphError, MaskError, SameDiffError, reason_of
from ..ir.graph import Graph, Leaf, Node, Ref
from ..ir.masks import Lost, MaskPlan, Tag, Validity
from ..ops.record import OPS, Op
from ..ops.rules.merged import check_merged
from ..ops.site import Arg, Fill, Out, Site, Verdict, extent_terms, label_of, only_extents
from .infer import infer


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value."""

    shape: Shape
    dtype: str
    tag: Validity

    def __str__(self) -> str:
        return f"{self.dtype}{show_shape(self.shape)} | {self.tag}"


@dataclass
class Notes:
    """The annotation of a graph: values by name, verdicts by the node's first output."""

    values: dict[str, Value] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    plan: MaskPlan = field(default_factory=MaskPlan)

    def tag(self, name: str) -> Validity:
        return self.values[name].tag


def annotate(graph: Graph, bounds: Mapping[str, Bounds]) -> Notes:
    """The whole graph, from nothing."""
    notes = Notes()
    for leaf in graph.leaves.values():
        if leaf.mask:
            notes.plan.declare(leaf.mask, graph.leaves[leaf.mask].shape)
    for leaf in graph.leaves.values():
        notes.values[leaf.name] = leaf_value(leaf, notes.plan)
    for node in graph.nodes:
        add_node(notes, node, bounds)
    return notes


def leaf_value(leaf: Leaf, plan: MaskPlan) -> Value:
    """A leaf is real where its companion mask says, else up to the extents of its dims."""
    labels = tuple(map(label_of, leaf.shape))
    if leaf.mask is None:
        terms = extent_terms(leaf.shape, range(len(leaf.shape)), plan)
        return Value(leaf.shape, leaf.dtype, Tag(labels, terms))
    axes = mask_axes(leaf.shape)
    terms = frozenset(t.moved(axes.__getitem__) for t in plan.terms_of(leaf.mask))
    return Value(leaf.shape, leaf.dtype, Tag(labels, terms))


def mask_axes(shape: Shape) -> tuple[int, ...]:
    """The axes along which a companion mask lies: those that are not fixed numbers."""
    return tuple(axis for axis, dim in enumerate(shape) if isinstance(dim, Dim))


def add_node(notes: Notes, node: Node, bounds: Mapping[str, Bounds]) -> None:
    """One step; on an error the notes stay as they were."""
    op = OPS[node.op]
    try:
        outs = _outs(op, node, notes, bounds)
        verdict = judge(op, node, outs, notes)
    except (SameDiffError, TypeError, ValueError, IndexError, ArithmeticError) as error:
        kind = type(error) if isinstance(error, SameDiffError) else GraphError
        raise kind(explain(node, notes, reason_of(error))) from _cause(error)
    notes.verdicts[node.outputs[0]] = verdict
    for out, tag in zip(outs, verdict.tags, strict=True):
        notes.values[out.name] = Value(out.shape, out.dtype, tag)


def _cause(error: Exception) -> Exception | None:
    return None if isinstance(error, SameDiffError) else error


def explain(node: Node, notes: Notes, reason: str) -> str:
    """The reason, every input with dims, type and mask, and the user's line."""
    reason = re.sub(r"\b_(\d+)\b", r"?\1", reason)  # dims without a name, as they are shown
    lines = [f"{node.op}: {reason}" if not reason.startswith(node.op) else reason]
    lines += [f"  {name}: {notes.values[name]}" for name in dict.fromkeys(node.refs)]
    return "\n".join([*lines, f"  at {node.source}"] if node.source else lines)


def output_count(op: Op, node: Node, notes: Notes, bounds: Mapping[str, Bounds]) -> int:
    return len(infer(op, *_signatures(node, notes), bounds))


def _signatures(node: Node, notes: Notes) -> tuple[dict[str, Any], frozenset[str]]:
    def signature(value: Any) -> Any:
        if isinstance(value, Ref):
            known = notes.values[value.name]
            return known.shape, known.dtype
        return tuple(map(signature, value))

    values, inputs = {}, set()
    for name, value in node.kernel_args:
        if _is_input(value):
            inputs.add(name)
        values[name] = signature(value) if _is_input(value) else value
    return values, frozenset(inputs)


def _is_input(value: Any) -> bool:
    return isinstance(value, Ref) or (
        isinstance(value, tuple) and bool(value) and all(isinstance(v, Ref) for v in value)
    )


def _outs(op: Op, node: Node, notes: Notes, bounds: Mapping[str, Bounds]) -> tuple[Out, ...]:
    signatures = infer(op, *_signatures(node, notes), bounds)
    names = zip(node.outputs, signatures, strict=True)
    return tuple(Out(name, shape, dtype) for name, (shape, dtype) in names)


def judge(op: Op, node: Node, outs: tuple[Out, ...], notes: Notes) -> Verdict:
    """The verdict of the op's rule on this node."""
    lost = next((t for n in node.refs if isinstance(t := notes.tag(n), Lost)), None)
    if lost is not None:
        return _judge_lost(op, node, lost)
    site = _site(op, node, outs, notes)
    verdict = op.rule.apply(site)
    if node.get("masked") is False:
        return _unmasked(op, site, verdict)
    check_merged(site, op.rule.family, draws="key" in op.injected)
    return replace(verdict, fills={**_safe_fills(op, site, verdict), **verdict.fills})


def _judge_lost(op: Op, node: Node, lost: Lost) -> Verdict:
    if op.rule.couples:
        raise MaskError(
            f"needs to know which positions are real, but that was lost at {lost.variable!r} "
            f"({lost.reason})\n  lost at {lost.source}"
        )
    return Verdict((lost,) * len(node.outputs))


def _site(op: Op, node: Node, outs: tuple[Out, ...], notes: Notes) -> Site:
    def arg(ref: Ref) -> Arg:
        value = notes.values[ref.name]
        assert isinstance(value.tag, Tag)
        return Arg(ref.name, value.shape, value.dtype, value.tag)

    args: dict[str, Arg | tuple[Arg, ...]] = {}
    params: dict[str, Any] = {}
    for name, value in node.args:
        if isinstance(value, Ref):
            args[name] = arg(value)
        elif _is_input(value):
            args[name] = tuple(map(arg, value))
        else:
            params[name] = value
    return Site(op.name, params, args, outs, notes.plan, node.source)


def _safe_fills(op: Op, site: Site, verdict: Verdict) -> dict[Any, Fill]:
    """Where the op is not defined or bounded everywhere, padding gets a value where it is."""
    fills = {}
    for (name, i), arg in site.slots:
        value = op.safe_value(name)
        if value is not None and name not in verdict.covered and arg.tag.terms:
            fills[name, i] = Fill(value, site.use(arg.tag.terms, range(arg.ndim)))
    return fills


def _unmasked(op: Op, site: Site, masked: Verdict) -> Verdict:
    """`masked=False`: the op sees what was fed; what comes out is padded as ever."""
    bare: dict[str, Arg | tuple[Arg, ...]] = {}
    fixed: frozenset[str] = frozenset()
    for name, arg in site.args.items():
        pairs = [only_extents(a, site.plan) for a in (arg if isinstance(arg, tuple) else (arg,))]
        args = tuple(pair[0] for pair in pairs)
        bare[name] = args if isinstance(arg, tuple) else args[0]
        fixed = fixed.union(*(pair[1] for pair in pairs))
    plain = op.rule.apply(replace(site, args=bare))
    return replace(plain, tags=masked.tags, fixed_dims=plain.fixed_dims | fixed)
