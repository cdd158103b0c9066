"""Every position alone, but by its place in the last two axes."""

from __future__ import annotations

from ...ir.masks import Sense
from ..site import Rule, Site, Verdict
from .elementwise import pointwise


def _by_place(site: Site) -> Verdict:
    """A place counts from the beginning, where no row has padding: unless it was moved there."""
    x = site.first
    for term in x.tag.touching((x.ndim - 2, x.ndim - 1)):
        if term.sense is Sense.STREWN:
            raise site.refuse(
                f"rows of {x.name!r} were merged with their positions, which have padding between "
                "them: nothing can be counted there"
            )
    return pointwise.apply(site)


by_place = Rule(
    "pointwise", _by_place, "Every position alone; padded slots stay padded.", couples=False
)
