"""Order along the last axis: what is padded comes last, and never counts."""

from __future__ import annotations

from collections.abc import Iterable

from ...ir.masks import Sense, Tag, Term, conjunction
from ..site import Injected, Rule, Site, Verdict, symbols


def _orders(site: Site) -> Verdict:
    """The `k` first of each row; rank r is there where the row has more than r elements."""
    x, k = site.first, site.params["k"]
    last, size = x.ndim - 1, x.shape[x.ndim - 1]
    if isinstance(size, int) and k > size:
        raise ValueError(f"k={k} of {size} elements")
    need = x.tag.touching((last,))
    if any(term.sense is Sense.STREWN for term in need):
        raise site.refuse(
            f"rows of {x.name!r} were merged with their positions, which have padding between "
            "them: an index would count it"
        )
    terms = x.tag.terms - need
    padded = any(not term.is_extent for term in need)
    exist = [term for term in need if term.sense is Sense.EXISTS]
    if exist:
        terms |= {_ranked(site, exist, Sense.EXISTS)}
    if padded and any(term.sense is Sense.MISSING for term in need):
        terms |= {_ranked(site, need, Sense.MISSING)}
    tag = Tag((*x.tag.labels[:-1], None), terms)
    told: dict[str, Injected] = {} if isinstance(size, int) else {"ragged_axis": last}
    return Verdict(
        (tag,) * len(site.outs),
        {**site.where(need, x.ndim), **told},
        covered=site.told_all(x.tag.terms, need),
        fixed_dims=frozenset() if padded else symbols([size]),
    )


def _ranked(site: Site, terms: Iterable[Term], sense: Sense) -> Term:
    """Whether a row has more elements than the rank."""
    x, k = site.first, site.params["k"]
    axes = tuple(sorted({axis for term in terms for axis in term.axes}))
    mask = conjunction(terms, axes, site.plan)
    shape = (*site.plan.shape(mask)[:-1], k)
    ranked = site.plan.emit("ranked", (mask,), shape, size=x.shape[x.ndim - 1], count=k)
    return Term(ranked, axes, sense)


orders = Rule("orders", _orders, "Padded elements come last; ranks beyond a row's end are padded.")
