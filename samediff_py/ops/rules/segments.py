"""Segments: what is padded belongs to none of them."""

from __future__ import annotations

from ...ir.masks import Tag, remapped
from ..site import Rule, Site, Verdict, extent_terms, label_of


def _segments(site: Site) -> Verdict:
    """`data` [*ids, ...] by the numbers of its slices, which makes rows [segments, ...]."""
    data, ids, number = site.arg("data"), site.arg("segment_ids"), site.out.shape[0]
    lead = ids.ndim
    kept = range(lead, data.ndim)
    tag = data.tag.with_terms(data.tag.terms | ids.tag.terms)
    told = tag.touching(range(lead))
    left = remapped(site.project(tag.terms, kept), {a: a - lead + 1 for a in kept})
    labels = (label_of(number), *(data.tag.labels[a] for a in kept))
    out = Tag(labels, left | extent_terms((number,), (0,), site.plan))
    covered = site.told_all(tag.terms, told)
    return Verdict((out,), site.where(told, data.ndim), covered=covered)


segments = Rule("reduces", _segments, "Padded elements belong to no segment.")
