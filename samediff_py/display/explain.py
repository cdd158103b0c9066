"""Why a variable is padded as it is: the chain of rules that carried each mask there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from ..foundation.dims import show_shape
from ..ir.graph import Graph, Node
from ..ir.masks import Lost, MaskNode, MaskPlan, Tag, Use, Validity
from ..ops.record import OPS
from ..passes.annotate import Notes
from .text import Text, joined, table

Origins = Callable[[str], frozenset[str]]
"""From a variable to the masks of the user's that its validity is made of."""


def explain_mask(graph: Graph, notes: Notes, name: str) -> Text:
    """The tag of a variable and, for every mask in it, the nodes that brought it there."""
    origins = origins_in(graph, notes)
    paths = {m: _shortest_path(graph, origins, name, m) for m in sorted(origins(name))}
    ended = _used_up(graph, origins, name)
    shown = [name, *(step for path in paths.values() for step in path), *ended.values()]
    chains = (_chain(graph, notes, mask, path) for mask, path in paths.items())
    return joined(_head(notes, name, shown), *chains, _ended(graph, notes, ended, bool(paths)))


def _head(notes: Notes, name: str, shown: Iterable[str]) -> list[str]:
    """The variable, and what the masks are that the rows of the variables below speak of."""
    value = notes.values[name]
    lines = [f"{name}: {value}"]
    if isinstance(value.tag, Lost):
        lines += [
            f"  lost at {value.tag.variable!r}: {value.tag.reason}",
            f"  at {value.tag.source}",
        ]
    masks = (mask for step in shown for mask in masks_of(notes.tag(step)))
    return lines + [f"  {text}" for text in definitions(notes.plan, masks)]


def masks_of(tag: Validity) -> frozenset[str]:
    """The masks of a tag, without those that only say how much was fed."""
    if isinstance(tag, Lost):
        return frozenset()
    return frozenset(term.mask for term in tag.terms if not term.is_extent)


def definitions(plan: MaskPlan, masks: Iterable[str]) -> list[str]:
    """How the plan makes these masks, in the order in which they came."""
    needed: set[str] = set()
    stack = list(masks)
    while stack:
        mask = stack.pop()
        if mask in plan.nodes and mask not in needed:
            needed.add(mask)
            stack += _parts(plan.nodes[mask])
    made = (plan.nodes[name] for name in plan.nodes if name in needed)
    return [_definition(node) for node in made if node.op != "extent"]


def _definition(node: MaskNode) -> str:
    return str(node).replace(node.name, f"{node.name}{show_shape(node.shape)}", 1)


def _parts(node: MaskNode) -> list[str]:
    names: list[str] = []
    for given in node.inputs:
        names += [t.mask for t in given.terms] if isinstance(given, Use) else [given]
    return names


def origins_in(graph: Graph, notes: Notes) -> Origins:
    """Follows derived masks back to those that are fed or claimed; a lost tag to its inputs'."""
    plan = notes.plan

    @cache
    def of_mask(mask: str) -> frozenset[str]:
        node = plan.nodes.get(mask)
        if node is None:
            return frozenset({mask}) if mask in plan.shapes else frozenset()
        return frozenset[str]().union(*map(of_mask, _parts(node)))

    @cache
    def of_value(name: str) -> frozenset[str]:
        tag = notes.tag(name)
        if isinstance(tag, Tag):
            return frozenset[str]().union(*map(of_mask, masks_of(tag)))
        return frozenset[str]().union(*map(of_value, graph.makers[name].refs))

    return of_value


def _chain(graph: Graph, notes: Notes, mask: str, path: Iterable[str]) -> list[str]:
    return [f"{mask} reaches it by", *table([_row(graph, notes, step) for step in path])]


def _shortest_path(graph: Graph, origins: Origins, name: str, mask: str) -> list[str]:
    """From where the mask comes in down to the variable, by as few nodes as possible.

    Where nothing above brings in the mask itself, from where one comes in that it is a part of.
    """
    below: dict[str, str | None] = {name: None}
    queue, ends = [name], []
    for at in queue:  # grows while it is walked
        if _brings(graph, at, mask):
            return _downwards(below, at)
        above = [ref for ref in _inputs(graph, at) if mask in origins(ref)]
        fresh = [ref for ref in above if ref not in below]
        below |= dict.fromkeys(fresh, at)
        queue += fresh
        ends += [] if above else [at]
    return _downwards(below, ends[0])


def _inputs(graph: Graph, name: str) -> list[str]:
    node = graph.makers.get(name)
    return list(dict.fromkeys(node.refs)) if node is not None else []


def _brings(graph: Graph, name: str, mask: str) -> bool:
    """Whether this is the mask, a placeholder that declares it, or the user's own `with_mask`."""
    node = graph.makers.get(name)
    if node is None:
        return mask in (name, graph.leaves[name].mask)
    return OPS[node.op].rule.family == "claims" and mask in node.refs


def _downwards(below: dict[str, str | None], start: str) -> list[str]:
    path, at = [], start
    while at is not None:
        path.append(at)
        at = below[at]
    return path


def _row(graph: Graph, notes: Notes, name: str) -> tuple[str, ...]:
    """Variable, op, tag after it, what the rule does, the user's line."""
    source = graph.source_of(name)
    made, why = _made(graph, name)
    return name, made, str(notes.tag(name)), why, f"at {source}" if source else ""


def _made(graph: Graph, name: str) -> tuple[str, str]:
    node = graph.makers.get(name)
    if node is None:
        leaf = graph.leaves[name]
        return leaf.kind.value, f"declares {leaf.mask}" if leaf.mask else "is the mask itself"
    return node.op, rule_text(node)


def rule_text(node: Node) -> str:
    """The family of the rule and its sentence."""
    rule = OPS[node.op].rule
    opted_out = " (masked=False: padding counts as fed)" if node.get("masked") is False else ""
    return f"{rule.family}: {rule.padding}{opted_out}"


def _used_up(graph: Graph, origins: Origins, name: str) -> dict[str, str]:
    """Masks further up that no longer concern the variable, and the nodes that used them up."""
    found: dict[str, str] = {}
    seen, queue = {name}, [name]
    for at in queue:  # grows while it is walked
        for ref in _inputs(graph, at):
            for mask in origins(ref) - origins(at) - origins(name):
                found.setdefault(mask, at)
            if ref not in seen:
                seen.add(ref)
                queue.append(ref)
    return dict(sorted(found.items()))


def _ended(graph: Graph, notes: Notes, ended: Mapping[str, str], padded: bool) -> list[str]:
    rows = [(mask, "by", *_row(graph, notes, at)) for mask, at in ended.items()]
    if rows:
        return ["used up on the way", *table(rows)]
    return [] if padded else ["no variable above it is padded"]
