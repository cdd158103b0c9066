"""Axes on which rows were merged with their positions, so that padding lies between what is real:
there an index stands for another element as soon as a row is padded further."""

from __future__ import annotations

from itertools import combinations, product

from ...foundation.dims import Dim
from ...ir.masks import Sense
from ..site import Arg, Site

_APART = {"attends", "picks", "scatters"}
"""Families whose inputs have axes of their own, and that look at merged ones by themselves."""


def check_merged(site: Site, family: str, draws: bool) -> None:
    """Refuses what goes by the index along such an axis: an input that lies otherwise there, and
    random numbers (`draws`)."""
    merged = [arg for arg in site.inputs if any(t.sense is Sense.STREWN for t in arg.tag.terms)]
    if merged and draws:
        raise site.refuse(
            f"rows of {merged[0].name!r} were merged with their positions, which have padding "
            "between them: what is drawn for an element would depend on that",
            "draw before the axes are merged",
        )
    if merged and family not in _APART:
        for x, y in combinations(site.inputs, 2):
            _check_pair(site, x, y)


def _check_pair(site: Site, x: Arg, y: Arg) -> None:
    for i, j in product(range(x.ndim), range(y.ndim)):
        meet = isinstance(x.shape[i], Dim) and x.shape[i] == y.shape[j]
        if meet and not _alike(x, i, y, j):
            raise site.refuse(
                f"along {x.shape[i]} the elements of {x.name!r} and {y.name!r} lie in different "
                "orders, with padding between them: which of them meet would depend on that",
                "combine them before their axes are merged",
            )


def _alike(x: Arg, i: int, y: Arg, j: int) -> bool:
    """Whether an index means the same along both axes: merged alike, or both not at all.

    Of masks that differ, and of what is merged without a mask, the labels say so.
    """
    label = x.tag.labels[i]
    return _merged(x, i) == _merged(y, j) or (label is not None and label == y.tag.labels[j])


def _merged(x: Arg, axis: int) -> frozenset[tuple[str, int]]:
    terms = (t for t in x.tag.touching((axis,)) if t.sense is Sense.STREWN)
    return frozenset((term.mask, term.axes.index(axis)) for term in terms)
