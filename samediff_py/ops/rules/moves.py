"""Moves: the op applied to the validity of its input is the validity of its output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ...foundation.dims import Shape, is_prefix_size, product_of, show_shape
from ...ir.masks import Sense, Tag, Term, Use
from ..site import Arg, Rule, Site, Verdict, extent_terms, label_of, symbols
from . import by_length, cuts
from .elementwise import opaque
from .stacking import stacked

Group = tuple[tuple[int, ...], tuple[int, ...]]
"""Axes of the old shape, and those of the new one that hold the same elements."""


def moves(kind: str) -> Rule:
    """The rule of one kind of move; every kind is a function below or in its own file."""
    apply, padding = _KINDS[kind]
    return Rule("moves", apply, padding, couples=False)


def _permute(site: Site) -> Verdict:
    x = site.first
    axes = site.params.get("axes") or tuple(reversed(range(x.ndim)))
    return Verdict((x.tag.along([a % x.ndim for a in axes]),))


def _swap_last(site: Site) -> Verdict:
    x = site.first
    axes = list(range(x.ndim))
    axes[-2:] = reversed(axes[-2:])
    return Verdict((x.tag.along(axes),))


def _expand(site: Site) -> Verdict:
    x = site.first
    axes: list[int | None] = list(range(x.ndim))
    axes.insert(site.params["axis"] % (x.ndim + 1), None)
    return Verdict((x.tag.along(axes),))


def _squeeze(site: Site) -> Verdict:
    x = site.first
    axis = site.params.get("axis")
    ones = tuple(a for a, d in enumerate(x.shape) if d == 1)
    gone = ones if axis is None else ((axis,) if isinstance(axis, int) else axis)
    kept = [a for a in range(x.ndim) if a not in {g % x.ndim for g in gone}]
    return Verdict((x.tag.with_terms(site.project(x.tag.terms, kept)).along(kept),))


def _reshape(site: Site) -> Verdict:
    x, out = site.first, site.out
    labels: list[str | None] = [None] * out.ndim
    place: dict[int, int] = {}
    groups = axis_groups(x.shape, out.shape)
    for old, new in groups:
        real_old, real_new = _real(x.shape, old), _real(out.shape, new)
        if len(real_old) == len(real_new) == 1:
            place[real_old[0]] = real_new[0]
            labels[real_new[0]] = x.tag.labels[real_old[0]]
        elif len(real_new) == 1:
            labels[real_new[0]] = " by ".join(_part(x, axis) for axis in real_old)
        else:
            for axis in new:
                labels[axis] = label_of(out.shape[axis])
    terms: set[Term] = set()
    fixed: frozenset[str] = frozenset()
    for term in x.tag.terms:
        if all(axis in place for axis in term.axes):
            terms.add(term.moved(place.__getitem__))
        elif term.is_extent:
            fixed |= symbols(x.shape[a] for a in term.axes)
        else:
            terms.add(_regrouped(site, x, term, groups))
    return Verdict((Tag(tuple(labels), frozenset(terms)),), fixed_dims=fixed)


def _shown(shape: Shape, axes: Iterable[int]) -> str:
    return show_shape(tuple(shape[axis] for axis in sorted(axes)))


def _part(x: Arg, axis: int) -> str:
    """An axis in the label of what it is merged to, which says in which order elements lie."""
    label = x.tag.labels[axis]
    return label if label is not None and " by " in label else str(x.shape[axis])


def _real(shape: Shape, axes: Sequence[int]) -> list[int]:
    return [axis for axis in axes if shape[axis] != 1]


def _regrouped(site: Site, x: Arg, term: Term, groups: Sequence[Group]) -> Term:
    """The mask, spread over the axes that are merged or split, and reshaped as they are."""
    mine = [(old, new) for old, new in groups if term.touches(old)]
    old = tuple(a for group, _ in mine for a in group)
    new = tuple(a for _, group in mine for a in group)
    full = tuple(x.shape[a] for a in old)
    shape = tuple(site.out.shape[a] for a in new)
    if (before := _before_merging(site, term, old, new)) is not None:
        return before
    for group in mine:
        _check_split(site, x, term, group)
    use = Use(frozenset({term}), old)
    mask = site.plan.emit("reshape", (use,), shape, spread=full)
    return Term(mask, new, _sense_after(site, x, term, mine))


def _padded(x: Arg) -> set[int]:
    return {axis for term in x.tag.terms if not term.is_extent for axis in term.axes}


def _check_split(site: Site, x: Arg, term: Term, group: Group) -> None:
    """Where an element comes to lie must not depend on how far its row is padded.

    It does not where axes are merged into one, whose elements the mask follows; nor where the
    first axis alone is padded, and all new ones but the first have numbers for sizes.
    """
    old, new = _real(x.shape, group[0]), _real(site.out.shape, group[1])
    if len(new) <= 1:
        return
    padded = _padded(x) & set(old)
    inner = symbols(site.out.shape[a] for a in new[1:]) & symbols(x.shape[a] for a in padded)
    if inner or padded - set(old[:1]) or term.sense is Sense.STREWN:
        raise site.refuse(
            f"{x.name!r} is padded along {_shown(x.shape, padded)}: which elements come together "
            f"in {_shown(site.out.shape, new)} would depend on how much",
            "permute(x, ...), if axes are to change their places",
        )


def _sense_after(site: Site, x: Arg, term: Term, groups: Sequence[Group]) -> Sense:
    """Padding of an axis that is not the first of those that are merged ends up between what is
    real; of the first, behind it."""
    if any(_padded(x) & set(_real(x.shape, old)[1:]) for old, _ in groups):
        return Sense.STREWN
    if term.sense is Sense.EXISTS and not _ends_rows(site, x, term, groups[-1]):
        return Sense.STREWN
    return term.sense


def _ends_rows(site: Site, x: Arg, term: Term, group: Group) -> bool:
    """Whether the axis on which rows end is still one axis, and the last of the term."""
    old, new = _real(x.shape, group[0]), _real(site.out.shape, group[1])
    return old[:1] == [term.axes[-1]] and new == [group[1][-1]]


def _before_merging(site: Site, term: Term, old, new) -> Term | None:
    """The term that an earlier reshape has merged, where this one undoes it."""
    node = site.plan.nodes.get(term.mask)
    if node is None or node.op != "reshape" or term.axes != old:
        return None
    if dict(node.params)["spread"] != tuple(site.out.shape[a] for a in new):
        return None
    (use,) = node.inputs
    assert isinstance(use, Use)
    (merged,) = use.terms
    return merged.moved(dict(zip(use.axes, new, strict=True)).__getitem__)


def _flatten(site: Site) -> Verdict:
    """One input, row by row, is a reshape; what lies behind the end of another can't be padded."""
    alone = len(site.inputs) == 1 and site.params["order"] == "c"
    return _reshape(site) if alone else opaque.apply(site)


def axis_groups(old: Shape, new: Shape) -> list[Group]:
    """Splits both shapes into runs of axes of equal product, as short as they can be."""
    groups, i, j = [], 0, 0
    while i < len(old) or j < len(new):
        a, b = _shortest_run(old[i:], new[j:])
        groups.append((tuple(range(i, i + a)), tuple(range(j, j + b))))
        i, j = i + a, j + b
    return groups


def _shortest_run(old: Shape, new: Shape) -> tuple[int, int]:
    pairs = [(a, b) for a in range(len(old) + 1) for b in range(len(new) + 1) if a + b]
    for a, b in sorted(pairs, key=lambda p: (p[0] + p[1], abs(p[0] - p[1]))):
        if a and b and product_of(old[:a]) == product_of(new[:b]):
            return a, b
    return len(old), len(new)


def _tile(site: Site) -> Verdict:
    """Repeats whole axes; along one on which rows end, each row at its own end."""
    repeats = by_length.repeats_of(site)
    x = _led(site.first, site.out.ndim)
    ragged = [a for a, n in enumerate(repeats) if n != 1 and site.existing(x, a) is not None]
    if len(ragged) > 1:
        raise site.refuse(f"rows of {x.name!r} end along several axes at once, {ragged}")
    once = tuple(1 if a in ragged else n for a, n in enumerate(repeats))
    whole = _repeated(site, x, once, "tile")
    if not ragged:
        return whole
    shape = tuple(x.shape[a] if a in ragged else d for a, d in enumerate(site.out.shape))
    (tag,) = whole.tags
    assert isinstance(tag, Tag)
    rows = by_length.tile_rows(site, Arg(x.name, shape, x.dtype, tag), ragged[0])
    return replace(rows, fixed_dims=whole.fixed_dims)


def _led(x: Arg, ndim: int) -> Arg:
    """x with new axes in front."""
    more = ndim - x.ndim
    tag = x.tag.along([None] * more + list(range(x.ndim)))
    return Arg(x.name, (1,) * more + x.shape, x.dtype, tag)


def _repeat(site: Site) -> Verdict:
    """Repeats every position: a prefix stays a prefix."""
    x = site.first
    reps = [1] * x.ndim
    reps[site.params["axis"] % x.ndim] = site.params["repeats"]
    return _repeated(site, x, tuple(reps), "repeat")


def _repeated(site: Site, x: Arg, reps: tuple[int, ...], how: str) -> Verdict:
    many = {axis for axis, n in enumerate(reps) if n != 1}
    terms: set[Term] = set()
    fixed: frozenset[str] = frozenset()
    for term in x.tag.terms:
        if not term.touches(many):
            terms.add(term)
        elif term.is_extent and how == "repeat" and is_prefix_size(x.shape[term.axes[0]]):
            terms |= extent_terms(site.out.shape, term.axes, site.plan)
        elif term.is_extent:
            fixed |= symbols(x.shape[a] for a in term.axes)
        else:
            terms.add(_repeated_term(site, term, reps, how))
    if how == "tile":  # the second copy stands behind what the first was rounded up to
        fixed |= symbols(x.shape[a] for a in many)
    return Verdict((x.tag.with_terms(terms),), fixed_dims=fixed)


def _repeated_term(site: Site, term: Term, reps, how: str) -> Term:
    own = tuple(reps[a] for a in term.axes)
    shape = tuple(
        site.out.shape[a] if n != 1 else size
        for a, n, size in zip(term.axes, own, site.plan.shape(term.mask), strict=True)
    )
    mask = site.plan.emit(how, (term.mask,), shape, repeats=own)
    return Term(mask, term.axes, term.sense)


_KINDS: dict[str, tuple[Callable[[Site], Verdict], str]] = {
    "permute": (_permute, "The mask's axes move along."),
    "swap_last": (_swap_last, "The mask's axes move along."),
    "expand": (_expand, "The mask's axes move along."),
    "squeeze": (_squeeze, "The mask's axes move along."),
    "reshape": (_reshape, "The mask is reshaped along."),
    "tile": (_tile, "The mask is tiled along; rows are joined at their own ends."),
    "repeat": (_repeat, "The mask is repeated along."),
    "stack": (stacked, "The masks are stacked along where they differ."),
    "getitem": (by_length.getitem, "Positions from the end are counted from each row's own end."),
    "split": (cuts.split, "The mask is cut along; an axis on which rows end is refused."),
    "flatten": (_flatten, "The mask of one input is flattened along; of several, refused."),
    "concat": (by_length.concat, "Rows are joined at their own ends."),
    "pad": (by_length.pad, "What is added behind joins at each row's own end, and is real."),
    "reverse": (by_length.reverse, "Every row is reversed within its own length."),
    "roll": (by_length.roll, "Every row is rolled within its own length."),
}
