"""Reductions, normalisations and scans: the kernel is told by `where=` what counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...ir.masks import Sense, Tag, remapped
from ..site import Arg, Out, Rule, Site, Verdict, extent_terms, symbols
from .elementwise import broadcast_tag

AxesOf = str | Callable[[Site], tuple[int, ...]]


def axes_of(site: Site, axis: AxesOf, ndim: int) -> tuple[int, ...]:
    """The axes that the op couples, from its parameter or from the op's own function."""
    value = axis(site) if callable(axis) else site.params.get(axis)
    if value is None:
        return tuple(range(ndim))
    axes = value if isinstance(value, tuple) else (value,)
    return tuple(sorted({a % ndim for a in axes})) if ndim else ()


def joined_inputs(site: Site) -> Arg:
    """All inputs broadcast to one: a reduction of two arrays reduces what they make together."""
    widest = max(site.inputs, key=lambda arg: arg.ndim)
    tag = broadcast_tag(site.inputs, Out(widest.name, widest.shape, widest.dtype))
    return widest.with_tag(tag)


def reduces(axis: AxesOf = "axis", *, counts: bool = False, places: bool = False) -> Rule:
    """`where=` for the kernel; a consumed term leaves "any valid" on its other axes.

    `counts`: an empty row is as good an answer as any, so only the extents stay.
    `places`: the result says where something stands.
    """

    def apply(site: Site) -> Verdict:
        x = joined_inputs(site)
        gone = axes_of(site, axis, x.ndim)
        kept = [a for a in range(x.ndim) if a not in gone]
        need = x.tag.touching(gone)
        if counts:
            left = (x.tag.terms - need) | extent_terms(x.shape, kept, site.plan)
        else:
            left = site.project(x.tag.terms, kept)
        tags = tuple(reduced_tag(x.tag.labels, left, kept, out, x.ndim) for out in site.outs)
        fixed = _countable(site, x, gone) if places else frozenset()
        covered = site.told_all(x.tag.terms, need)
        return Verdict(tags, site.where(need, x.ndim), covered=covered, fixed_dims=fixed)

    return Rule("reduces", apply, "Padded slots do not count; an empty row gives 0.")


def _countable(site: Site, x: Arg, axes: Sequence[int]) -> frozenset[str]:
    """Checks that a place is the same with padding as without; the dims that must stay as fed."""
    behind = axes[1:]  # several axes count as one, row by row: the length of a row is in the number
    for term in x.tag.touching(axes):
        if term.sense is Sense.STREWN or (not term.is_extent and term.touches(behind)):
            raise site.refuse(
                f"the place of an element of {x.name!r} would count the padding before it",
                "take one axis alone, and before a reshape that merges it with others",
            )
    return symbols(x.shape[axis] for axis in behind)


def _tallies(site: Site) -> Verdict:
    """One table for all that is real; its axes are not those of the input."""
    x = joined_inputs(site)
    tags = tuple(Tag((None,) * out.ndim) for out in site.outs)
    return Verdict(tags, site.where(x.tag.terms, x.ndim), covered=frozenset(site.args))


tallies = Rule("reduces", _tallies, "Padded items do not count.")


def reduced_tag(labels, terms, kept, out: Out, ndim: int) -> Tag:
    """The tag without the reduced axes, or with them at size 1."""
    if out.ndim == ndim:
        shown = tuple(label if a in kept else None for a, label in enumerate(labels))
        return Tag(shown, frozenset(terms))
    axes = {old: new for new, old in enumerate(kept)}
    return Tag(tuple(labels[a] for a in kept), remapped(terms, axes))


def _coupled_in_place(family: str, axis: AxesOf, padding: str) -> Rule:
    """The kernel gets `where=` along the axes; shape and tag stay."""

    def apply(site: Site) -> Verdict:
        x = site.first
        need = x.tag.touching(axes_of(site, axis, x.ndim))
        covered = site.told_all(x.tag.terms, need) & {next(iter(site.args))}
        return Verdict((x.tag,) * len(site.outs), site.where(need, x.ndim), covered=covered)

    return Rule(family, apply, padding)


def normalises(axis: AxesOf = "axis") -> Rule:
    return _coupled_in_place("normalises", axis, "Statistics over real slots only; padded give 0.")


def normalises_all(axis: AxesOf = "axis") -> Rule:
    """As `normalises`, of all inputs at once: what is padded in one is padded."""

    def apply(site: Site) -> Verdict:
        x = joined_inputs(site)
        need = x.tag.touching(axes_of(site, axis, x.ndim))
        covered = site.told_all(x.tag.terms, need)
        return Verdict((x.tag,) * len(site.outs), site.where(need, x.ndim), covered=covered)

    return Rule("normalises", apply, "Over real slots only; padded give 0.")


def scans(axis: AxesOf = "axis") -> Rule:
    return _coupled_in_place("scans", axis, "Padded slots leave the running value as it is.")


def _normalises_batch(site: Site) -> Verdict:
    """The result is as long as the input; the statistics are real whatever the padding."""
    x = site.first
    channel = axes_of(site, "axis", x.ndim)
    need = x.tag.touching(set(range(x.ndim)) - set(channel))
    plain = tuple(Tag((None,) * out.ndim) for out in site.outs[1:])
    return Verdict((x.tag, *plain), site.where(need, x.ndim))


normalises_batch = Rule(
    "normalises", _normalises_batch, "Statistics over real slots of the whole batch only."
)
