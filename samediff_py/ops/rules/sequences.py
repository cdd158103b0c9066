"""Sequences whose lengths are given as numbers."""

from __future__ import annotations

from ...ir.masks import Sense, Tag, Term, Use
from ..site import Injected, Rule, Site, Verdict, extent_terms, label_of


def _counts_off(site: Site) -> Verdict:
    """A new last axis, whose positions are compared with each length."""
    lengths, positions = site.first, site.out.shape[-1:]
    axis = lengths.ndim
    new = (t.moved(lambda _: axis) for t in extent_terms(positions, (0,), site.plan))
    labels = (*lengths.tag.labels, label_of(*positions))
    return Verdict((Tag(labels, lengths.tag.terms.union(new)),))


counts_off = Rule(
    "pointwise", _counts_off, "The row of a padded length is padded.", couples=False
)


def _turns_rows(site: Site) -> Verdict:
    """Reversed within the first elements of a row: the row ends where it ended."""
    x, lengths = site.arg("x"), site.arg("seq_lengths")
    seq, batch = site.params["seq_dim"] % x.ndim, site.params["batch_dim"] % x.ndim
    ends = frozenset(t for t in x.tag.terms if t.axes[-1] == seq and _is_end(t))
    use = site.use(ends, range(x.ndim))
    terms = {term.moved(lambda _: batch) for term in lengths.tag.terms}
    for term in x.tag.terms:
        moves = seq in term.axes and term not in ends
        terms.add(_turned(site, term, seq, batch, use) if moves else term)
    injects: dict[str, Injected] = {"where": use} if use else {}
    return Verdict((x.tag.with_terms(terms),), injects)


turns_rows = Rule("moves", _turns_rows, "A row is reversed within its own length.", couples=False)


def _is_end(term: Term) -> bool:
    return term.sense in (Sense.EXISTS, Sense.EXTENT)


def _turned(site: Site, term: Term, seq: int, batch: int, ends: Use) -> Term:
    """The mask, reversed along with the values."""
    x, lengths = site.arg("x"), site.arg("seq_lengths")
    if term.sense is Sense.STREWN:
        raise site.refuse(
            f"rows of {x.name!r} were merged with their positions, which have padding between them"
        )
    last = term.axes[-1:] if term.sense is Sense.EXISTS else ()
    found = {batch, *term.axes, *(a for end in ends.terms for a in end.axes)}
    axes = (*sorted(found - {*last}), *last)
    spread = tuple(x.shape[a] for a in axes)
    inputs = (Use(frozenset({term}), axes), lengths.name, Use(ends.terms, axes))
    how = {"seq_dim": axes.index(seq), "batch_dim": axes.index(batch), "spread": spread}
    return Term(site.plan.emit("reverse_sequence", inputs, spread, **how), axes, term.sense)
