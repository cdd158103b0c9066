"""Look-ups: the indices' mask leads; what is picked from a padded axis brings its own."""

from __future__ import annotations

from ...ir.masks import Sense, Tag, Term, Use
from ..site import Arg, Rule, Site, Verdict


def picks(source: str = "x", indices: str = "indices", axis: str | None = "axis") -> Rule:
    """`source` looked up by `indices` along `axis` (None: along its first)."""

    def apply(site: Site) -> Verdict:
        x, index = site.arg(source), site.arg(indices)
        along = (site.params.get(axis, 0) if axis else 0) % x.ndim
        place = {old: old if old < along else old + index.ndim - 1 for old in range(x.ndim)}
        labels: list[str | None] = [None] * site.out.ndim
        terms: set[Term] = set()
        for old, label in enumerate(x.tag.labels):
            if old != along:
                labels[place[old]] = label
        for i, label in enumerate(index.tag.labels):
            labels[along + i] = label
        terms |= {term.moved(lambda i: i + along) for term in index.tag.terms}
        for term in x.tag.terms:
            touched = along in term.axes
            if touched:
                _refuse_strewn(site, x, term)
            kept = None if touched else term.moved(place.__getitem__)
            terms.add(kept or picked(site, x, index, term, along))
        return Verdict((Tag(tuple(labels), frozenset(terms)),))

    return Rule("picks", apply, "Padded indices give padded slots; so do picks of padded slots.")


def picked(site: Site, x: Arg, index: Arg, term: Term, along: int) -> Term:
    """The mask of x looked up by the same indices."""
    where = term.axes.index(along)
    shape = site.plan.shape(term.mask)
    out = shape[:where] + index.shape + shape[where + 1 :]
    inner = Use(frozenset({term}), term.axes)
    mask = site.plan.emit("gather", (inner, index.name), out, axis=where)
    axes: list[int] = []
    for axis in term.axes:
        if axis == along:
            axes += [along + i for i in range(index.ndim)]
        else:
            axes.append(axis if axis < along else axis + index.ndim - 1)
    whole_rows = term.sense is Sense.EXISTS and term.axes[-1] != along
    return Term(mask, tuple(axes), Sense.EXISTS if whole_rows else Sense.MISSING)


def _picks_places(site: Site) -> Verdict:
    """The parts of x at the places that the last axis of `indices` spells out."""
    x, index = site.arg("x"), site.arg("indices")
    if index.tag.touching((index.ndim - 1,)):
        raise site.refuse(f"the last axis of {index.name!r}, which spells out places, is padded")
    depth, lead = x.ndim - (site.out.ndim - index.ndim + 1), index.ndim - 1
    labels = (*index.tag.labels[:-1], *x.tag.labels[depth:])
    terms = set(index.tag.terms)
    for term in x.tag.terms:
        if term.touches(range(depth)):
            terms.add(_picked_places(site, x, index, term, depth))
        else:
            terms.add(term.moved(lambda axis: axis - depth + lead))
    return Verdict((Tag(labels, frozenset(terms)),))


picks_places = Rule(
    "picks", _picks_places, "Padded indices give padded slots; so do picks of padded slots."
)


def _picked_places(site: Site, x: Arg, index: Arg, term: Term, depth: int) -> Term:
    """The mask of x at the same places, as far as it lies along the axes that are picked from."""
    _refuse_strewn(site, x, term)
    axes = tuple(sorted(term.axes))
    picked, rest = (tuple(a for a in axes if (a < depth) is own) for own in (True, False))
    sizes = dict(zip(term.axes, site.plan.shape(term.mask), strict=True))
    shape = (*index.shape[:-1], *(sizes[a] for a in rest))
    use = Use(frozenset({term}), axes)
    mask = site.plan.emit("gather_nd", (use, index.name), shape, columns=picked)
    lead, whole_rows = index.ndim - 1, term.sense is Sense.EXISTS and rest[-1:] == term.axes[-1:]
    sense = Sense.EXISTS if whole_rows else Sense.MISSING
    return Term(mask, (*range(lead), *(a - depth + lead for a in rest)), sense)


def _refuse_strewn(site: Site, x: Arg, term: Term) -> None:
    if term.sense is Sense.STREWN:
        raise site.refuse(
            f"rows of {x.name!r} were merged with their positions, which have padding "
            "between them: an index would count it"
        )
