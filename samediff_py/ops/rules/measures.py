"""Sizes as numbers: that of a padded axis is how much was fed, which must not enter an answer."""

from __future__ import annotations

from collections.abc import Iterable

from ...ir.masks import Lost, Tag
from ..site import Arg, Rule, Site, Verdict, symbols


def _measures(site: Site) -> Verdict:
    """As sizes of other arrays they are known while the graph is built, and come from no node;
    as numbers they are right for sizes as fed, and no answer where some of that is padding."""
    x, out = site.first, site.out
    axes = _measured(site, x)
    fixed = symbols(x.shape[axis] for axis in axes)
    padded = [t for t in x.tag.touching(axes) if not t.is_extent]
    if not padded:
        return Verdict((Tag((None,) * out.ndim),), covered=frozenset({"x"}), fixed_dims=fixed)
    reason = (
        f"the size of {x.name!r} counts its padding ({x.tag}); "
        f"{x.name}.count_valid(axis) is the number of real positions"
    )
    return Verdict((Lost(reason, out.name, site.source),), covered=frozenset({"x"}))


def _measured(site: Site, x: Arg) -> Iterable[int]:
    if site.op == "rank":
        return ()
    return (site.params["axis"],) if "axis" in site.params else range(x.ndim)


measures = Rule(
    "measures",
    _measures,
    "Good as a size of another array; as a number, an error where the axis is padded.",
    couples=False,
)
