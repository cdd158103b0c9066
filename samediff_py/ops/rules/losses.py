"""Losses: the tags of labels, predictions and weights say which items count."""

from __future__ import annotations

from ...ir.masks import Tag, Term, remapped
from ..site import Arg, Out, Rule, Site, Verdict
from .elementwise import broadcast_tag


def losses(*, class_axis: tuple[str, ...] = (), per_example: bool = False) -> Rule:
    """`class_axis`: inputs whose last axis is not an item of its own (softmax over classes).
    `per_example`: every axis but the first is looked at together."""

    def apply(site: Site) -> Verdict:
        items = [_items(site, name, site.arg(name), class_axis, per_example) for name in site.args]
        ndim = max(arg.ndim for arg in items)
        shape = next(arg.shape for arg in items if arg.ndim == ndim)
        tag = broadcast_tag(items, Out("items", shape, ""))
        if site.out.ndim == 0:
            tags = (Tag(),)
        else:
            tags = (_unreduced(tag, site.out),)
        return Verdict(tags, site.where(tag.terms, ndim), covered=frozenset(site.args))

    return Rule("losses", apply, "Padded items count neither in the sum nor in the divisor.")


def _items(
    site: Site, name: str, arg: Arg, class_axis: tuple[str, ...], per_example: bool
) -> Arg:
    """The input seen as items: without the axes that one item spans."""
    if per_example and arg.ndim:
        return _without(site, arg, range(1, arg.ndim))
    if name in class_axis and arg.ndim:
        return _without(site, arg, (arg.ndim - 1,))
    return arg


def _without(site: Site, arg: Arg, axes) -> Arg:
    """Drops axes; a term on them would mean that half an item is padding."""
    axes = set(axes)
    inside = arg.tag.touching(axes)
    if any(not term.is_extent for term in inside):
        raise site.refuse(
            f"{arg.name!r} is padded along an axis that every item of the loss needs whole "
            f"({arg.tag})",
            "compute the loss per position first, then mean() over the padded axis",
        )
    kept = [a for a in range(arg.ndim) if a not in axes]
    place = {old: new for new, old in enumerate(kept)}
    terms = remapped(arg.tag.terms - inside, place)
    tag = Tag(tuple(arg.tag.labels[a] for a in kept), terms)
    return Arg(arg.name, tuple(arg.shape[a] for a in kept), arg.dtype, tag)


def _unreduced(tag: Tag, out: Out) -> Tag:
    labels = tag.labels + (None,) * (out.ndim - tag.ndim)
    terms: frozenset[Term] = tag.terms
    return Tag(labels[: out.ndim], terms)
