"""Images: what an op looks at together along an axis must be whole there."""

from __future__ import annotations

from collections.abc import Iterable

from ...ir.masks import Tag, Term, Use
from ..site import Rule, Site, Verdict, extent_terms, symbols


def images(*coupled: int) -> Rule:
    """`coupled`: axes of the first input, counted from the end, along which it must be whole."""

    def apply(site: Site) -> Verdict:
        return _whole_along(site, [axis % site.first.ndim for axis in coupled])

    return Rule("images", apply, "A padded image stays padded; inside of one nothing may be.")


def _crops(site: Site) -> Verdict:
    sizes = zip(site.first.shape, site.out.shape, strict=True)
    return _whole_along(site, [axis for axis, (old, new) in enumerate(sizes) if old != new])


crops = Rule("images", _crops, "Axes that stay whole may be padded; those that are cut may not.")


def _whole_along(site: Site, coupled: Iterable[int]) -> Verdict:
    x, out, coupled = site.first, site.out, set(coupled)
    fixed = site.whole(x, coupled) | symbols(out.shape[a] for a in coupled)
    labels = (None if a in coupled else label for a, label in enumerate(x.tag.labels))
    terms = x.tag.terms - x.tag.touching(coupled) | extent_terms(out.shape, coupled, site.plan)
    return Verdict((Tag(tuple(labels), frozenset(terms)),), fixed_dims=fixed)


def _boxes(site: Site) -> Verdict:
    """One crop for each box: real if the box is, and its number, and the image of that number."""
    image, boxes, numbers = (site.arg(name) for name in ("image", "crop_boxes", "box_indices"))
    site.whole(image, (1, 2, 3))
    site.whole(boxes, (1,))
    terms: set[Term] = set(numbers.tag.terms)
    terms |= {term for term in boxes.tag.terms if 1 not in term.axes}
    if whole := frozenset(term for term in image.tag.terms if term.axes == (0,)):
        inputs = (Use(whole, (0,)), numbers.name)
        terms.add(Term(site.plan.emit("gather", inputs, numbers.shape, axis=0), (0,)))
    labels = (boxes.tag.labels[0] or numbers.tag.labels[0], None, None, image.tag.labels[3])
    return Verdict((Tag(labels, frozenset(terms)),), fixed_dims=symbols(image.shape))


crops_boxes = Rule("images", _boxes, "A padded box gives a padded crop, so does a padded image.")
