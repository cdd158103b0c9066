"""Every position alone: pointwise ops, ops that create, and ops that nothing is known of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...ir.masks import Sense, Tag, Term
from ..site import Arg, Out, Rule, Site, Verdict, extent_terms, label_of, symbols


def broadcast_tag(args: Sequence[Arg], out: Out) -> Tag:
    """Union of the tags after numpy broadcasting: an element is real where all inputs are."""
    labels: list[str | None] = [None] * out.ndim
    terms: set[Term] = set()
    for arg in args:
        shift = out.ndim - arg.ndim
        terms |= {term.moved(lambda axis, s=shift: axis + s) for term in arg.tag.terms}
        for axis, label in enumerate(arg.tag.labels):
            if arg.shape[axis] != 1:
                labels[axis + shift] = labels[axis + shift] or label
    return Tag(tuple(labels), frozenset(terms))


def _pointwise(site: Site) -> Verdict:
    return Verdict(tuple(broadcast_tag(site.inputs, out) for out in site.outs))


pointwise = Rule(
    "pointwise", _pointwise, "Every position alone; padded slots stay padded.", couples=False
)


def _by_place(site: Site) -> Verdict:
    """A place counts from the beginning, where no row has padding: unless it was moved there."""
    x = site.first
    for term in x.tag.touching((x.ndim - 2, x.ndim - 1)):
        if term.sense is Sense.STREWN:
            raise site.refuse(
                f"rows of {x.name!r} were merged with their positions, which have padding between "
                "them: nothing can be counted there"
            )
    return _pointwise(site)


by_place = Rule(
    "pointwise", _by_place, "Every position alone; padded slots stay padded.", couples=False
)


def _chooses(site: Site) -> Verdict:
    """Pointwise; with `by_rows` a condition lies along the first axis, not along the last."""
    if not site.params.get("by_rows") or "condition" not in site.args:
        return _pointwise(site)
    condition, more = site.arg("condition"), site.out.ndim - site.arg("condition").ndim
    tag = condition.tag.along([*range(condition.ndim), *[None] * more])
    led = Arg(condition.name, (*condition.shape, *[1] * more), condition.dtype, tag)
    return _pointwise(replace(site, args={**site.args, "condition": led}))


chooses = Rule(
    "pointwise", _chooses, "Every position alone; padded slots stay padded.", couples=False
)


def created_tag(out: Out, site: Site) -> Tag:
    """A fresh tensor: real up to the extents of its dims."""
    labels = tuple(map(label_of, out.shape))
    return Tag(labels, extent_terms(out.shape, range(out.ndim), site.plan))


def _creates(site: Site) -> Verdict:
    return Verdict(tuple(created_tag(out, site) for out in site.outs))


creates = Rule("creates", _creates, "Makes a new tensor, real everywhere.", couples=False)


def _opaque(site: Site) -> Verdict:
    for arg in site.inputs:
        if any(not term.is_extent for term in arg.tag.terms):
            raise site.refuse(
                f"no rule says what it does with masks, and {arg.name!r} is padded: {arg.tag}"
            )
    fixed = symbols(dim for arg in site.inputs for dim in arg.shape)
    return Verdict(tuple(created_tag(out, site) for out in site.outs), fixed_dims=fixed)


opaque = Rule("opaque", _opaque, "No rule is known: an input that is padded raises at once.")


def _grown(site: Site) -> Verdict:
    x, out = site.first, site.out
    axes: list[int | None] = list(range(x.ndim))
    axes.insert(site.params["axis"] % out.ndim, None)
    return Verdict((x.tag.along(axes),))


grows = Rule("pointwise", _grown, "Every position alone, along a new axis.", couples=False)


def _pointwise_first(site: Site) -> Verdict:
    return Verdict((site.first.tag,) * len(site.outs))


pointwise_first = Rule(
    "pointwise",
    _pointwise_first,
    "Every position alone; padded slots stay padded.",
    couples=False,
)
"""Pointwise in the first input; the others are parameters along one of its axes."""
