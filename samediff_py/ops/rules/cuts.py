"""Cutting a tensor into parts, side by side along one axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...foundation.index import Entry, Slice
from ...ir.masks import Sense, Term, Validity
from ..site import Site, Verdict, symbols
from . import by_length


def split(site: Site) -> Verdict:
    """Each part is a slice; an axis on which rows end has no parts that are the same for all."""
    x, axis = site.first, site.params["axis"]
    ends = [t for t in x.tag.touching((axis,)) if t.sense in (Sense.EXISTS, Sense.STREWN)]
    if ends:
        raise site.refuse(
            f"axis {axis} of {x.name!r} ends elsewhere in each row, so it has no common parts",
            "take slices, which end where a row ends: x[:, :n]",
        )
    bare = x.with_tag(x.tag.with_terms(x.tag.terms - _extents(site, axis)))
    tags: list[Validity] = []
    for out, entry in zip(site.outs, _parts(site, axis), strict=True):
        index = tuple(entry if a == axis else Slice() for a in range(x.ndim))
        part = replace(site, args={"x": bare}, outs=(out,), params={"index": index})
        tags += by_length.getitem(part).tags
    return Verdict(tuple(tags), fixed_dims=symbols((x.shape[axis],)))


def _extents(site: Site, axis: int) -> frozenset[Term]:
    return frozenset(t for t in site.first.tag.touching((axis,)) if t.is_extent)


def _parts(site: Site, axis: int) -> Iterator[Entry]:
    """What of the axis each output holds; all of it, where no mask lies along it."""
    x, start = site.first, 0
    masked = x.tag.touching((axis,)) - _extents(site, axis)
    for i, out in enumerate(site.outs):
        if out.ndim < x.ndim:
            yield i
        elif not masked:
            yield Slice()
        else:
            size = out.shape[axis]
            if not isinstance(size, int):
                raise site.refuse(f"masks lie along axis {axis}, whose size is open")
            yield Slice(start, start + size)
            start += size
