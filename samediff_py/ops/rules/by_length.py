"""Moves that count from the end or join behind it: each row's own end, not the padded one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...foundation.dims import Dim, is_prefix_size
from ...foundation.index import Entry, Slice
from ...ir.masks import Sense, Tag, Term, Use
from ..site import Arg, Injected, Site, Sizes, Verdict, extent_terms, symbols
from .stacking import joined


@dataclass
class _Answer:
    """A verdict in the making."""

    terms: set[Term] = field(default_factory=set)
    injects: dict[str, Injected] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def fix(self, x: Arg, axes: Sequence[int]) -> None:
        self.fixed |= symbols(x.shape[a] for a in axes)

    def verdict(self, labels: Sequence[str | None]) -> Verdict:
        tag = Tag(tuple(labels), frozenset(self.terms))
        return Verdict((tag,), self.injects, fixed_dims=self.fixed)


def _refuse_strewn(site: Site, term: Term, axis: int) -> None:
    if term.sense is Sense.STREWN:
        raise site.refuse(
            f"real positions along axis {axis} of {site.first.name!r} have padding between them, "
            "so no position can be counted there"
        )


def getitem(site: Site) -> Verdict:
    x = site.first
    index: tuple[Entry, ...] = site.params["index"]
    entries = [entry for entry in index if entry is not None]
    place, labels = _places(site, x, index)
    answer = _Answer()
    ragged = _ragged_axis(site, x, entries, answer)
    for term in x.tag.terms:
        own = [entries[a] for a in term.axes]
        if all(isinstance(e, Slice) and e.is_full for e in own):
            answer.terms.add(term.moved(place.__getitem__))
        elif term.is_extent:
            _cut_extent(site, x, term.axes[0], own[0], place, answer)
        else:
            answer.terms.add(_cut(site, term, own, place, ragged))
    answer.terms |= _new_extents(site, x, entries, place)
    return answer.verdict(labels)


def _places(site: Site, x: Arg, index: tuple[Entry, ...]):
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
    return entry < 0 if isinstance(entry, int) else isinstance(entry, Slice) and entry.counts_from_end


def _ragged_axis(site: Site, x: Arg, entries: Sequence[Entry], answer: _Answer) -> int | None:
    """The axis whose entry must be read by each row's own length, if there is one."""
    for axis, entry in enumerate(entries):
        if not isinstance(entry, int) and not _counts_from_end(entry):
            continue
        exists = site.existing(x, axis)
        if exists is not None:
            answer.injects |= {"sizes": Sizes(exists.mask), "ragged_axis": axis}
            return axis
        if _counts_from_end(entry):
            answer.fix(x, (axis,))
    return None


def _cut_extent(site: Site, x: Arg, axis: int, entry: Entry, place, answer: _Answer) -> None:
    if isinstance(entry, int) or _counts_from_end(entry):
        if entry != 0:  # position 0 is always there
            answer.fix(x, (axis,))
        return
    if is_prefix_size(site.out.shape[place[axis]]):
        answer.terms |= extent_terms(site.out.shape, (place[axis],), site.plan)


def _cut(site: Site, term: Term, own: Sequence[Entry], place, ragged: int | None) -> Term:
    """The mask under the same index; from the end by the same lengths."""
    for axis, entry in zip(term.axes, own, strict=True):
        if not (isinstance(entry, Slice) and entry.is_full):
            _refuse_strewn(site, term, axis)
    stays = tuple(place[a] for a, e in zip(term.axes, own, strict=True) if isinstance(e, Slice))
    shape = _cut_shape(site, term, own, place)
    inputs, params = [term.mask], {}
    if ragged is not None and ragged in term.axes:
        exists = site.existing(site.first, ragged)
        assert exists is not None
        inputs, params = [term.mask, exists.mask], {"ragged_axis": term.axes.index(ragged)}
    mask = site.plan.emit("getitem", inputs, shape, index=tuple(own), **params)
    last_stays = isinstance(own[-1], Slice)
    sense = term.sense if last_stays or term.sense is not Sense.EXISTS else Sense.MISSING
    return Term(mask, stays, sense)


def _cut_shape(site: Site, term: Term, own: Sequence[Entry], place):
    sizes = zip(term.axes, own, site.plan.shape(term.mask), strict=True)
    return tuple(
        site.out.shape[place[a]] if size != 1 else 1 for a, e, size in sizes if isinstance(e, Slice)
    )


def _new_extents(site: Site, x: Arg, entries: Sequence[Entry], place) -> frozenset[Term]:
    """A slice up to a named dim (`table[:time]`) makes an axis of that dim."""
    made = [
        place[a]
        for a, e in enumerate(entries)
        if isinstance(e, Slice) and isinstance(e.stop, Dim) and isinstance(x.shape[a], int)
    ]
    return extent_terms(site.out.shape, made, site.plan)


def concat(site: Site) -> Verdict:
    args = site.inputs
    axis = site.params["axis"] % args[0].ndim
    touched = [arg.tag.touching((axis,)) for arg in args]
    if not any(touched):
        return Verdict((joined(site, args, axis),))
    ragged = [site.existing(arg, axis) for arg in args]
    answer = _Answer()
    for arg, terms in zip(args, touched, strict=True):
        for term in terms:
            _refuse_strewn(site, term, axis)
        if any(t.is_extent for t in terms):
            answer.fix(arg, (axis,))
    if not any(ragged):
        bare = [arg.with_tag(arg.tag.with_terms(_real(arg, axis))) for arg in args]
        return Verdict((joined(site, bare, axis),), fixed_dims=answer.fixed)
    return _joined_by_length(site, args, axis, ragged, answer)


def _real(arg: Arg, axis: int) -> frozenset[Term]:
    return frozenset(t for t in arg.tag.terms if not (t.is_extent and axis in t.axes))


def _joined_by_length(site: Site, args, axis: int, ragged, answer: _Answer) -> Verdict:
    """Row i is the real parts of all inputs, one behind the other."""
    sizes = tuple(Sizes(term.mask) if term else None for term in ragged)
    answer.injects["sizes"] = sizes
    shape = (site.plan.shape(next(t for t in ragged if t).mask)[0], site.out.shape[axis])
    capacities = tuple(arg.shape[axis] for arg in args)
    names = tuple(term.mask if term else None for term in ragged)
    inputs = [name for name in names if name]
    known = tuple(name is not None for name in names)
    exists = site.plan.emit(
        "concat_exists", inputs, shape, capacities=capacities, known=known
    )
    answer.terms.add(Term(exists, (0, axis), Sense.EXISTS))
    answer.terms |= _missing_joined(site, args, axis, inputs, known)
    for arg in args:
        answer.terms |= arg.tag.terms - arg.tag.touching((axis,))
    labels = list(args[0].tag.labels)
    return answer.verdict(labels)


def _missing_joined(site: Site, args, axis: int, inputs, known) -> set[Term]:
    """Values that are missing inside the rows move with them."""
    missing = [
        frozenset(t for t in arg.tag.touching((axis,)) if t.sense is Sense.MISSING) for arg in args
    ]
    if not any(missing):
        return set()
    axes = sorted({0, axis} | {a for terms in missing for t in terms for a in t.axes})
    uses = [Use(site.simplify(terms), tuple(axes)) for terms in missing]
    spread = tuple(tuple(arg.shape[a] for a in axes) for arg in args)
    mask = site.plan.emit(
        "concat",
        [*uses, *inputs],
        tuple(site.out.shape[a] for a in axes),
        axis=axes.index(axis),
        spread=spread,
        known=known,
    )
    return {Term(mask, tuple(axes), Sense.MISSING)}


def pad(site: Site) -> Verdict:
    x = site.first
    padding = site.params["padding"]
    answer = _Answer()
    labels = [None if any(p) else label for p, label in zip(padding, x.tag.labels, strict=True)]
    ragged = _padded_axis(site, x, padding, answer)
    for term in x.tag.terms:
        own = tuple(padding[a] for a in term.axes)
        if not any(map(any, own)):
            answer.terms.add(term)
        elif not term.is_extent:
            answer.terms.add(_padded(site, term, own, ragged))
    return answer.verdict(labels)


def _padded_axis(site: Site, x: Arg, padding, answer: _Answer) -> int | None:
    """The axis on which padding joins behind each row's own end."""
    for axis, (before, after) in enumerate(padding):
        if not before and not after:
            continue
        exists = site.existing(x, axis)
        if exists is not None:
            answer.injects |= {"sizes": Sizes(exists.mask), "ragged_axis": axis}
            return axis
        answer.fix(x, (axis,))
    return None


def _padded(site: Site, term: Term, own, ragged: int | None) -> Term:
    for axis in term.axes:
        _refuse_strewn(site, term, axis)
    shape = tuple(
        site.out.shape[a] if any(p) else size
        for a, p, size in zip(term.axes, own, site.plan.shape(term.mask), strict=True)
    )
    inputs, params = [term.mask], {}
    if ragged is not None and ragged in term.axes:
        exists = site.existing(site.first, ragged)
        assert exists is not None
        inputs, params = [term.mask, exists.mask], {"ragged_axis": term.axes.index(ragged)}
    mask = site.plan.emit("pad", inputs, shape, padding=own, **params)
    return Term(mask, term.axes, term.sense)


def reverse(site: Site) -> Verdict:
    axis = site.params["axis"]
    return _turned(site, (axis,) if isinstance(axis, int) else axis, "reverse")


def roll(site: Site) -> Verdict:
    return _turned(site, (site.params["axis"],), "roll", shift=site.params["shift"])


def _turned(site: Site, axes: Sequence[int], how: str, **params: object) -> Verdict:
    """Reversed or rolled within each row: the rows end where they ended."""
    x = site.first
    axes = [axis % x.ndim for axis in axes]
    answer = _Answer()
    ragged = next((a for a in axes if site.existing(x, a)), None)
    exists = site.existing(x, ragged) if ragged is not None else None
    if exists is not None:
        answer.injects |= {"sizes": Sizes(exists.mask), "ragged_axis": ragged}
    answer.fix(x, [a for a in axes if a != ragged])
    for term in x.tag.terms:
        mine = [a for a in axes if a in term.axes]
        if not mine or term == exists:
            answer.terms.add(term)
        elif not term.is_extent:
            for axis in mine:
                _refuse_strewn(site, term, axis)
            answer.terms.add(_turned_term(site, term, mine, exists, ragged, how, params))
    return answer.verdict(x.tag.labels)


def _turned_term(site: Site, term: Term, mine, exists, ragged, how: str, params) -> Term:
    own = tuple(term.axes.index(a) for a in mine)
    inputs = [term.mask]
    if exists is not None and ragged in mine:
        inputs.append(exists.mask)
        params = {**params, "ragged_axis": term.axes.index(ragged)}
    shape = site.plan.shape(term.mask)
    return Term(site.plan.emit(how, inputs, shape, axis=own, **params), term.axes, term.sense)
