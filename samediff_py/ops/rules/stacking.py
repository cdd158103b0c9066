"""Joining tensors along an axis that nobody is padded on: equal tags stay, others are joined."""

from __future__ import annotations

from collections.abc import Sequence

from ...foundation.dims import Shape
from ...ir.masks import Sense, Tag, Term, Use
from ..site import Arg, Site, Verdict


def stacked(site: Site) -> Verdict:
    args = site.inputs
    axis = site.params.get("axis", 0) % site.out.ndim
    grown = [_grown(arg, axis) for arg in args]
    return Verdict((joined(site, grown, axis),))


def _grown(arg: Arg, axis: int) -> Arg:
    axes: list[int | None] = list(range(arg.ndim))
    axes.insert(axis, None)
    shape: Shape = (*arg.shape[:axis], 1, *arg.shape[axis:])
    return Arg(arg.name, shape, arg.dtype, arg.tag.along(axes))


def joined(site: Site, args: Sequence[Arg], axis: int) -> Tag:
    """The tag of args laid side by side along an axis that none of them is padded on."""
    labels = list(args[0].tag.labels)
    labels[axis] = None
    common = frozenset.intersection(*(arg.tag.terms for arg in args))
    if all(arg.tag.terms == common for arg in args):
        return Tag(tuple(labels), common)
    axes = sorted({axis} | {a for arg in args for t in arg.tag.terms - common for a in t.axes})
    spread = tuple(tuple(arg.shape[a] if a == axis else 1 for a in axes) for arg in args)
    shape = tuple(site.out.shape[a] for a in axes)
    uses = [Use(arg.tag.terms - common, tuple(axes)) for arg in args]
    mask = site.plan.emit("join", uses, shape, axis=axes.index(axis), spread=spread)
    return Tag(tuple(labels), common | {Term(mask, tuple(axes), Sense.MISSING)})
