"""Joining tensors along an axis that nobody ends on: equal terms stay, others are joined."""

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
    """The tag of args laid side by side along an axis on which no row of them ends.

    Rows that come to lie beside each other end together; rows that are joined to others keep
    their ends; what is missing in one input is missing in its part of the result.
    """
    beside = {t for arg in args for t in arg.tag.terms if _says_where_rows_end(t, axis)}
    rest = [arg.tag.terms - beside for arg in args]
    common = {t for t in frozenset.intersection(*rest) if axis not in t.axes}
    terms = beside | common
    for end in {_end(t) for part in rest for t in part - common}:
        own = [frozenset(t for t in part - common if _end(t) == end) for part in rest]
        terms.add(_side_by_side(site, args, own, axis, end))
    return Tag(common_labels(args), frozenset(terms))


def _says_where_rows_end(term: Term, axis: int) -> bool:
    return term.sense is not Sense.MISSING and axis not in term.axes


def _end(term: Term) -> int | None:
    """The axis along which the term says where rows end."""
    return term.axes[-1] if term.sense is Sense.EXISTS else None


def _side_by_side(
    site: Site, args: Sequence[Arg], own: Sequence[frozenset[Term]], axis: int, end: int | None
) -> Term:
    """One term of all inputs, of each in its part."""
    found = {axis} | {a for terms in own for term in terms for a in term.axes}
    axes = sorted(found - {end}) + ([end] if end is not None else [])
    uses = [Use(terms, tuple(axes)) for terms in own]
    spread = tuple(tuple(arg.shape[a] if a == axis else 1 for a in axes) for arg in args)
    shape = tuple(site.out.shape[a] for a in axes)
    mask = site.plan.emit("join", uses, shape, axis=axes.index(axis), spread=spread)
    return Term(mask, tuple(axes), Sense.MISSING if end is None else Sense.EXISTS)


def common_labels(args: Sequence[Arg]) -> tuple[str | None, ...]:
    """The label of each axis, where the inputs agree on it."""
    by_axis = zip(*(arg.tag.labels for arg in args), strict=True)
    found = [set(labels) - {None} for labels in by_axis]
    return tuple(names.pop() if len(names) == 1 else None for names in found)
