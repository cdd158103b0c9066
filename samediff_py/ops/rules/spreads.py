"""Windows turned round: a position becomes several, or several of them channels or examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...ir.masks import Sense, Tag, Term
from ..site import Rule, Site, Verdict, symbols
from .windows import derived, fed_ends, missing, refuse_strewn, spatial, window_of, zeroed

Step = tuple[str, dict[str, Any]] | None
"""The operation of the mask plan along one axis; None where the mask stays as it is."""


def _along_space(site: Site, terms: frozenset[Term], step: Callable[[int], Step]):
    """The terms after every spatial axis has changed, and the dims that must stay as fed."""
    x, fixed = site.arg("x"), frozenset[str]()
    for i, axis in enumerate(spatial(site, x)[0]):
        touching, how = frozenset(t for t in terms if axis in t.axes), step(i)
        if not touching:
            continue
        refuse_strewn(site, x, touching, axis)
        own = frozenset(t for t in touching if not t.is_extent)
        if how is not None:
            own = frozenset(_moved(site, term, axis, touching, *how) for term in own)
        fed, more = fed_ends(site, axis, site.out.shape, touching)
        terms, fixed = terms - touching | own | fed, fixed | more
    return terms, fixed


def _moved(
    site: Site, term: Term, axis: int, touching: Iterable[Term], how: str, options: dict[str, Any]
) -> Term:
    size = site.out.shape[axis]
    if term.sense is Sense.MISSING and options["padding"] != "same":
        term = missing(site, term, touching)
    return derived(site, term, axis, size, how, **options)


def _repeated(times: int) -> Step:
    """Every position several times."""
    return "spread", {"kernel": 1, "stride": times, "padding": "same", "dilation": 1}


def _transposes(site: Site) -> Verdict:
    x = site.arg("x")
    space, channel = spatial(site, x)

    def step(i: int) -> Step:
        window = window_of(site, i)
        if window.padding == "same" and window.stride == 1:
            return None
        return "spread", vars(window)

    terms, fixed = _along_space(site, site.project(x.tag.terms, {0, *space}), step)
    filled = zeroed(site, x, {*space, channel})
    return Verdict((Tag(x.tag.labels, terms),), {}, filled, frozenset(), fixed)


transposes = Rule(
    "windows", _transposes, "Padded positions add nothing; the output ends where the row's ends."
)


def _folds(site: Site) -> Verdict:
    """The kernel is told on which axes rows end: they are cut to whole blocks, others must be."""
    x, block = site.arg("x"), site.params["block"]
    space, channel = spatial(site, x)
    fixed = site.whole(x, (channel,))
    ends = {axis: end for axis in space if (end := site.existing(x, axis)) is not None}
    fixed |= symbols(x.shape[a] for a in space if a not in ends)
    window = {"kernel": block, "stride": block, "padding": "valid", "dilation": 1, "rule": "all"}
    terms, more = _along_space(site, x.tag.terms, lambda i: ("window", window))
    terms |= {_of_whole_blocks(site, end, block) for end in ends.values()}
    injects = site.where(ends.values(), x.ndim)
    return Verdict((Tag(x.tag.labels, terms),), injects, fixed_dims=fixed | more)


def _of_whole_blocks(site: Site, end: Term, block: int) -> Term:
    """The rows that blocks fill: for others there is no answer alone either."""
    shape = site.plan.shape(end.mask)[:-1]
    return Term(site.plan.emit("divides", (end.mask,), shape, number=block), end.axes[:-1])


folds = Rule(
    "windows", _folds, "A block with a padded position is padded; so is a row that has a rest."
)


def _unfolds(site: Site) -> Verdict:
    x, block = site.arg("x"), site.params["block"]
    fixed = site.whole(x, (spatial(site, x)[1],))
    terms, more = _along_space(site, x.tag.terms, lambda i: _repeated(block))
    return Verdict((Tag(x.tag.labels, terms),), fixed_dims=fixed | more)


unfolds = Rule("windows", _unfolds, "What comes from a padded position is padded.")


def _enlarges(site: Site) -> Verdict:
    x, scale = site.arg("x"), site.params["scale"]

    def step(i: int) -> Step:
        return _repeated(scale[i] if isinstance(scale, tuple) else scale)

    terms, fixed = _along_space(site, x.tag.terms, step)
    return Verdict((Tag(x.tag.labels, terms),), fixed_dims=fixed)


enlarges = Rule("windows", _enlarges, "What comes from a padded position is padded.")


def whole(*coupled: int, axes: Sequence[int | None]) -> Rule:
    """`coupled`: axes of x that may not be padded. `axes`: those of x that the output's are."""

    def apply(site: Site) -> Verdict:
        x = site.arg("x")
        fixed = site.whole(x, coupled)
        kept = x.tag.with_terms(x.tag.terms - x.tag.touching(coupled))
        return Verdict((kept.along(axes),), fixed_dims=fixed)

    return Rule("windows", apply, "Padded examples stay padded; positions may not be.")


def _responds(site: Site) -> Verdict:
    """Neighbours along the last axis: what is padded there counts as 0, as beyond the ends."""
    x = site.arg("x")
    last = x.ndim - 1
    refuse_strewn(site, x, x.tag.touching((last,)), last)
    return Verdict((x.tag,), fills=zeroed(site, x, {last}))


responds = Rule("windows", _responds, "Padded channels count as 0; the mask stays.")
