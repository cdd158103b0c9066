"""Moves that count from the end or join behind it: each row's own end, not the padded one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...foundation.dims import Dim, Shape, is_prefix_size
from ...foundation.index import Entry, Slice
from ...ir.masks import Sense, Tag, Term, Use
from ..site import Arg, Injected, Site, Sizes, Verdict, extent_terms, symbols
from .stacking import common_labels, joined


@dataclass(frozen=True)
class _Ends:
    """Where the rows of an input end along one axis."""

    axis: int
    term: Term

    @property
    def told(self) -> dict[str, Injected]:
        return {"sizes": Sizes(self.term.mask), "ragged_axis": self.axis}


@dataclass
class _Answer:
    """A verdict in the making."""

    terms: set[Term] = field(default_factory=set)
    injects: dict[str, Injected] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def fix(self, x: Arg, axes: Iterable[int]) -> None:
        self.fixed |= symbols(x.shape[a] for a in axes)

    def verdict(self, labels: Sequence[str | None]) -> Verdict:
        tag = Tag(tuple(labels), frozenset(self.terms))
        return Verdict((tag,), self.injects, fixed_dims=self.fixed)


def _ends(site: Site, x: Arg, axes: Iterable[int], answer: _Answer) -> _Ends | None:
    """Of the axes whose end matters, the one that ends elsewhere in each row. The others must
    stay as long as they were fed."""
    axes = set(axes)
    found = {a: term for a in sorted(axes) if (term := site.existing(x, a)) is not None}
    if len(found) > 1:
        raise site.refuse(
            f"rows of {x.name!r} have ends of their own along several axes at once, {list(found)}",
            "treat one axis after the other",
        )
    answer.fix(x, axes - set(found))
    for axis, term in found.items():
        answer.injects |= (ends := _Ends(axis, term)).told
        return ends
    return None


def _moved(
    site: Site, x: Arg, term: Term, ends: _Ends | None, how: str, shape: Shape, **params: Any
) -> str:
    """The mask of a term of x under the same move; by the same lengths, where they matter."""
    inputs = [term.mask]
    if ends is not None and ends.axis in term.axes:
        inputs.append(ends.term.mask)
        params["ragged_axis"] = term.axes.index(ends.axis)
    return site.plan.emit(how, inputs, shape, **params)


def _by_row(site: Site, x: Arg, term: Term, ends: _Ends | None) -> Term:
    """The term with the axes of the rows in front, where it moves by their lengths."""
    if ends is None or ends.axis not in term.axes:
        return term
    rows = ends.term.axes[:-1]
    if term.axes[: len(rows)] == rows:
        return term
    axes = tuple(sorted({*rows, *term.axes}))
    shape = tuple(x.shape[a] for a in axes)
    return Term(site.plan.emit("and", (Use(frozenset({term}), axes),), shape), axes, term.sense)


def _refuse_strewn(site: Site, term: Term, axes: Iterable[int]) -> None:
    if term.sense is Sense.STREWN and term.touches(axes):
        raise site.refuse(
            f"rows of {site.first.name!r} were merged with their positions, which have padding "
            "between them: nothing can be counted or joined there"
        )


# x[index].


def getitem(site: Site) -> Verdict:
    x = site.first
    index: tuple[Entry, ...] = site.params["index"]
    entries = [entry for entry in index if entry is not None]
    place, labels = _places(x, index)
    answer = _Answer()
    ends = _ends(site, x, (a for a, e in enumerate(entries) if _needs_end(x, a, e)), answer)
    for term in (_by_row(site, x, term, ends) for term in x.tag.terms):
        own = [entries[a] for a in term.axes]
        if all(isinstance(e, Slice) and e.is_full for e in own):
            answer.terms.add(term.moved(place.__getitem__))
        elif term.is_extent:
            _cut_extent(site, x, term.axes[0], own[0], place, answer)
        else:
            answer.terms.add(_cut(site, x, term, own, place, ends))
    answer.terms |= _new_extents(site, x, entries, place)
    return answer.verdict(labels)


def _places(x: Arg, index: tuple[Entry, ...]):
    """Where each axis of x that stays stands in the result, and the labels there."""
    place: dict[int, int] = {}
    labels: list[str | None] = []
    old = 0
    for entry in index:
        if entry is None:
            labels.append(None)
            continue
        if isinstance(entry, Slice):
            place[old] = len(labels)
            labels.append(x.tag.labels[old])
        old += 1
    return place, labels


def _counts_from_end(entry: Entry) -> bool:
    if isinstance(entry, int):
        return entry < 0
    return isinstance(entry, Slice) and entry.counts_from_end


def _needs_end(x: Arg, axis: int, entry: Entry) -> bool:
    """Whether each row must be asked how long it is; every row has a position 0."""
    if isinstance(x.shape[axis], int) and not x.tag.touching((axis,)):
        return False
    return entry != 0 if isinstance(entry, int) else _counts_from_end(entry)


def _cut_extent(site: Site, x: Arg, axis: int, entry: Entry, place, answer: _Answer) -> None:
    """What was fed of a slice that begins at its beginning is a prefix again."""
    if isinstance(entry, int) or _counts_from_end(entry):
        return
    if is_prefix_size(site.out.shape[place[axis]]):
        answer.terms |= extent_terms(site.out.shape, (place[axis],), site.plan)
    else:
        answer.fix(x, (axis,))


def _cut(site: Site, x: Arg, term: Term, own: Sequence[Entry], place, ends: _Ends | None) -> Term:
    """The mask under the same index."""
    pairs = list(zip(term.axes, own, strict=True))
    _refuse_strewn(site, term, (a for a, e in pairs if not (isinstance(e, Slice) and e.is_full)))
    stays = [a for a, e in pairs if isinstance(e, Slice)]
    sizes = dict(zip(term.axes, site.plan.shape(term.mask), strict=True))
    shape = tuple(site.out.shape[place[a]] if sizes[a] != 1 else 1 for a in stays)
    mask = _moved(site, x, term, ends, "getitem", shape, index=tuple(own))
    still_rows = isinstance(own[-1], Slice) or term.sense is not Sense.EXISTS
    sense = term.sense if still_rows else Sense.MISSING
    return Term(mask, tuple(place[a] for a in stays), sense)


def _new_extents(site: Site, x: Arg, entries: Sequence[Entry], place) -> frozenset[Term]:
    """A slice up to a named dim (`table[:time]`) makes an axis of that dim."""
    made = [
        place[a]
        for a, e in enumerate(entries)
        if isinstance(e, Slice) and isinstance(e.stop, Dim) and isinstance(x.shape[a], int)
    ]
    return extent_terms(site.out.shape, made, site.plan)


# Joining.


def concat(site: Site) -> Verdict:
    args = site.inputs
    axis = site.params["axis"] % args[0].ndim
    touched = [arg.tag.touching((axis,)) for arg in args]
    for term in frozenset[Term]().union(*touched):
        _refuse_strewn(site, term, (axis,))
    ragged = _row_ends(site, args, axis)
    answer = _Answer()
    for arg, ends in zip(args, ragged, strict=True):
        if ends is None:
            answer.fix(arg, (axis,))
    if not any(ragged):
        bare = [arg.with_tag(arg.tag.with_terms(_without_extent(arg, axis))) for arg in args]
        return Verdict((joined(site, bare, axis),), fixed_dims=answer.fixed)
    answer.injects["sizes"] = tuple(Sizes(term.mask) if term else None for term in ragged)
    return _joined_by_length(site, args, axis, ragged, answer)


def _row_ends(site: Site, args: Sequence[Arg], axis: int) -> list[Term | None]:
    """Where the rows of each input end: also of one without a mask that has the dims of another,
    since alone it would be as short."""
    own = [site.existing(arg, axis) for arg in args]

    def ends(arg: Arg) -> Term | None:
        known = zip(args, own, strict=True)
        alike = (t for x, t in known if t and all(x.shape[a] == arg.shape[a] for a in t.axes))
        return next(alike, None)

    return [term or ends(arg) for arg, term in zip(args, own, strict=True)]


def _without_extent(arg: Arg, axis: int) -> frozenset[Term]:
    return frozenset(t for t in arg.tag.terms if not (t.is_extent and axis in t.axes))


def _joined_by_length(
    site: Site, args: Sequence[Arg], axis: int, ragged: Sequence[Term | None], answer: _Answer
) -> Verdict:
    """Row i is the real parts of all inputs, one behind the other."""
    rows = max((term.axes[:-1] for term in ragged if term), key=len)
    shape = tuple(site.out.shape[a] for a in (*rows, axis))
    inputs = [term.mask for term in ragged if term]
    known = tuple(term is not None for term in ragged)
    capacities = tuple(arg.shape[axis] for arg in args)
    exists = site.plan.emit("concat_exists", inputs, shape, capacities=capacities, known=known)
    answer.terms.add(Term(exists, (*rows, axis), Sense.EXISTS))
    answer.terms |= _missing_joined(site, args, axis, inputs, known)
    for arg in args:
        answer.terms |= arg.tag.terms - arg.tag.touching((axis,))
    return answer.verdict(common_labels(args))


def _missing_joined(site: Site, args: Sequence[Arg], axis: int, inputs, known) -> set[Term]:
    """Values that are missing inside the rows move with them."""
    missing = [
        frozenset(t for t in arg.tag.touching((axis,)) if t.sense is Sense.MISSING) for arg in args
    ]
    if not any(missing):
        return set()
    axes = sorted({0, axis} | {a for terms in missing for t in terms for a in t.axes})
    uses = [Use(site.simplify(terms), tuple(axes)) for terms in missing]
    spread = tuple(tuple(arg.shape[a] for a in axes) for arg in args)
    shape = tuple(site.out.shape[a] for a in axes)
    how = {"axis": axes.index(axis), "spread": spread, "known": known}
    mask = site.plan.emit("concat", [*uses, *inputs], shape, **how)
    return {Term(mask, tuple(axes), Sense.MISSING)}


def repeats_of(site: Site) -> tuple[int, ...]:
    """How often a tile repeats each axis of its result."""
    repeats = tuple(site.params["repeats"])
    return (1,) * (site.out.ndim - len(repeats)) + repeats


def tile_rows(site: Site, x: Arg, axis: int) -> Verdict:
    """Every row several times along one axis, each time behind its own end."""
    count, exists = repeats_of(site)[axis], site.existing(x, axis)
    assert exists is not None
    answer = _Answer(injects=_Ends(axis, exists).told)
    return _joined_by_length(site, [x] * count, axis, [exists] * count, answer)


# Padding by hand.


def pad(site: Site) -> Verdict:
    x = site.first
    padding = site.params["padding"]
    answer = _Answer()
    axes = [axis for axis, widths in enumerate(padding) if any(widths)]
    ends = _ends(site, x, axes, answer)
    for term in (_by_row(site, x, term, ends) for term in x.tag.terms):
        if not term.touches(axes):
            answer.terms.add(term)
        elif not term.is_extent:
            answer.terms.add(_padded(site, x, term, axes, ends))
    return answer.verdict(x.tag.labels)


def _padded(site: Site, x: Arg, term: Term, axes: Sequence[int], ends: _Ends | None) -> Term:
    _refuse_strewn(site, term, axes)
    if term.sense is Sense.EXISTS and not set(axes).isdisjoint(term.axes[:-1]):
        raise site.refuse(f"nobody knows how long the rows would be that it adds to {x.name!r}")
    padding = site.params["padding"]
    own = tuple(padding[a] for a in term.axes)
    shape = tuple(
        site.out.shape[a] if any(widths) else size
        for a, widths, size in zip(term.axes, own, site.plan.shape(term.mask), strict=True)
    )
    how = {"padding": own, "mode": site.params.get("mode", "constant")}
    return Term(_moved(site, x, term, ends, "pad", shape, **how), term.axes, term.sense)


# Turning.


def reverse(site: Site) -> Verdict:
    return _turned(site, "reverse")


def roll(site: Site) -> Verdict:
    return _turned(site, "roll", shift=site.params["shift"])


def _turned(site: Site, how: str, **params: Any) -> Verdict:
    """Reversed or rolled within each row: the rows end where they ended."""
    x = site.first
    axis = site.params["axis"]
    named = axis if isinstance(axis, tuple) else () if axis is None else (axis,)
    axes = [a % x.ndim for a in named]
    answer = _Answer()
    ends = _ends(site, x, axes, answer)
    for term in (_by_row(site, x, term, ends) for term in x.tag.terms):
        stays = ends.axis if ends is not None and term == ends.term else None
        mine = [a for a in axes if a in term.axes and a != stays]
        if not mine:
            answer.terms.add(term)
        elif not term.is_extent:
            _refuse_strewn(site, term, mine)
            own = tuple(term.axes.index(a) for a in mine)
            lengths = ends if stays is None else None
            shape = site.plan.shape(term.mask)
            mask = _moved(site, x, term, lengths, how, shape, axis=own, **params)
            answer.terms.add(Term(mask, term.axes, term.sense))
    return answer.verdict(x.tag.labels)
