"""The mask algebra: what is known of the validity of a tensor's elements.

A `Term` is a boolean array (a node of the mask plan) whose dims lie along some axes of the tensor.
A `Tag` is a set of terms and the labels of the axes: an element is real where all terms are true.
`Lost` says that validity could not be followed; it raises where somebody needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..foundation.dims import Dim, Shape
from ..foundation.source import Source
from .graph import EXAMPLES


class Sense(Enum):
    """What a false element means.

    EXTENT: behind the fed size, where only rounding up to a bucket put it (a prefix).
    EXISTS: behind the end of its own row (a prefix along the last axis of the term).
    STREWN: does not exist either; rows were merged with positions, so there is padding in between.
    MISSING: the position is there, its value does not count.
    """

    EXTENT = "extent"
    EXISTS = "exists"
    STREWN = "strewn"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Term:
    """A mask of the plan, lying along these axes of a tensor (in the order of the mask's dims)."""

    mask: str
    axes: tuple[int, ...]
    sense: Sense = Sense.MISSING

    def touches(self, axes: Iterable[int]) -> bool:
        return not set(self.axes).isdisjoint(axes)

    def moved(self, new_axis: Callable[[int], int]) -> Term:
        return Term(self.mask, tuple(map(new_axis, self.axes)), self.sense)

    @property
    def is_extent(self) -> bool:
        return self.sense is Sense.EXTENT

    def __str__(self) -> str:
        return f"{self.mask}@{','.join(map(str, self.axes))}"


@dataclass(frozen=True, slots=True)
class Tag:
    """Labels of the axes and the terms of validity. No terms: every element is real."""

    labels: tuple[str | None, ...] = ()
    terms: frozenset[Term] = frozenset()

    @property
    def ndim(self) -> int:
        return len(self.labels)

    def touching(self, axes: Iterable[int]) -> frozenset[Term]:
        axes = set(axes)
        return frozenset(term for term in self.terms if term.touches(axes))

    def with_terms(self, terms: Iterable[Term]) -> Tag:
        return Tag(self.labels, frozenset(terms))

    def along(self, axes: Sequence[int | None]) -> Tag:
        """Axis i of the result is axis `axes[i]` of this (None: a new axis).

        Terms on axes that are left out must have been dealt with before.
        """
        where = {old: new for new, old in enumerate(axes) if old is not None}
        terms = (term.moved(where.__getitem__) for term in self.terms)
        labels = (self.labels[old] if old is not None else None for old in axes)
        return Tag(tuple(labels), frozenset(terms))

    def __str__(self) -> str:
        shown = sorted(str(term) for term in self.terms if not term.is_extent)
        return " & ".join(shown) or "all real"


@dataclass(frozen=True, slots=True)
class Lost:
    """Validity that could not be followed: why, and where."""

    reason: str
    variable: str
    source: Source | None = field(default=None, compare=False)

    def __bool__(self) -> bool:
        raise TypeError("lost validity is neither true nor false")

    def __str__(self) -> str:
        return f"lost ({self.reason})"


Validity = Tag | Lost


def rows_first(shape: Shape) -> bool:
    """Whether a mask of these dims has a row for each example, and not [time, batch]."""
    return len(shape) == 2 and shape[1] != Dim(EXAMPLES)


@dataclass(frozen=True, slots=True)
class Use:
    """A boolean array to build: the AND of terms, its dims lying along `axes` of the tensor."""

    terms: frozenset[Term]
    axes: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return " & ".join(sorted(map(str, self.terms))) or "all real"


@dataclass(frozen=True, slots=True)
class MaskNode:
    """A derived mask: an operation of the plan on other masks and on values of the graph."""

    name: str
    op: str
    inputs: tuple[str | Use, ...]
    params: tuple[tuple[str, object], ...]
    shape: Shape

    def __str__(self) -> str:
        parts = [*map(str, self.inputs), *(f"{k}={v}" for k, v in self.params)]
        return f"{self.name} = {self.op}({', '.join(parts)})"


@dataclass
class MaskPlan:
    """The side graph of derived masks. Equal masks are one node, so the plan only ever grows."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    nodes: dict[str, MaskNode] = field(default_factory=dict)
    declared: dict[str, Shape] = field(default_factory=dict)
    counts: set[str] = field(default_factory=set)
    _known: dict[object, str] = field(default_factory=dict)

    def shape(self, mask: str) -> Shape:
        return self.shapes[mask]

    def declare(self, mask: str, shape: Shape) -> None:
        """A mask that is fed beside a placeholder: false wherever nothing exists."""
        self.declared[mask] = self.shapes[mask] = shape

    def variable(self, name: str, shape: Shape) -> None:
        """A boolean variable of the graph that serves as a mask."""
        self.shapes[name] = shape

    def count(self, name: str, shape: Shape) -> None:
        """A variable that says how many results there are, which depends on values."""
        self.variable(name, shape)
        self.counts.add(name)

    def is_ragged(self, tag: Tag) -> bool:
        """Whether values decide how many slots of the first axis there are."""
        ends = (t.mask for t in tag.terms if t.sense is Sense.EXISTS and t.axes == (0,))
        return any(map(self._counts, ends))

    def _counts(self, mask: str) -> bool:
        if mask not in self.nodes:
            return mask in self.counts
        inputs = (
            [i] if isinstance(i, str) else [t.mask for t in i.terms]
            for i in self.nodes[mask].inputs
        )
        return any(map(self._counts, (name for names in inputs for name in names)))

    def extent(self, dim: Dim) -> str:
        """The mask [dim] that is true up to the real size of the dim."""
        return self._node(f"#{dim.text}", "extent", (), (), (dim,))

    def terms_of(self, mask: str) -> frozenset[Term]:
        """The terms of a placeholder that declares the mask.

        A mask [batch, time] says where each row ends, a mask [batch, height, width] where each
        image ends along both. Where several of them lie on the same dims, a position exists if any
        of them is true, and each says what is missing for its own.
        """
        shape = self.declared[mask]
        own = Term(mask, tuple(range(len(shape))), Sense.MISSING)
        if len(shape) < 2:
            return frozenset({own})
        rivals = tuple(m for m, other in self.declared.items() if other == shape)
        some = self.emit("or", rivals, shape) if len(rivals) > 1 else mask
        if len(shape) > 2:
            return self._ends(some, shape) | {own}
        exists = self._rows(some, shape)
        return frozenset({exists}) if some == mask else frozenset({exists, own})

    def _ends(self, mask: str, shape: Shape) -> frozenset[Term]:
        """Where each example ends along every other axis."""
        rows = shape.index(Dim(EXAMPLES)) if Dim(EXAMPLES) in shape else 0
        others = [axis for axis in range(len(shape)) if axis != rows]

        def end(axis: int) -> Term:
            sizes = (shape[rows], shape[axis])
            return Term(
                self.emit("reaches", (mask,), sizes, rows=rows, axis=axis),
                (rows, axis),
                Sense.EXISTS,
            )

        return frozenset(map(end, others))

    def _rows(self, mask: str, shape: Shape) -> Term:
        """Where each row ends; time may lie before the batch."""
        if rows_first(shape):
            return Term(mask, (0, 1), Sense.EXISTS)
        turned = Use(frozenset({Term(mask, (1, 0))}), (0, 1))
        return Term(self.emit("and", (turned,), shape[::-1]), (1, 0), Sense.EXISTS)

    def emit(self, op: str, inputs: Sequence[str | Use], shape: Shape, **params: object) -> str:
        """The name of that derived mask, new or known."""
        key = (op, tuple(inputs), tuple(sorted(params.items())))
        if key not in self._known:
            self._known[key] = f"mask#{len(self._known) + 1}"  # no user can give that name
        return self._node(self._known[key], op, tuple(inputs), key[2], shape)

    def _node(self, name: str, op: str, inputs, params, shape: Shape) -> str:
        if name not in self.nodes:
            self.nodes[name] = MaskNode(name, op, inputs, params, shape)
            self.shapes[name] = shape
        return name

    def __str__(self) -> str:
        return "\n".join(map(str, self.nodes.values()))


def union(tags: Iterable[Tag], labels: tuple[str | None, ...]) -> Tag:
    return Tag(labels, frozenset(term for tag in tags for term in tag.terms))


def simplified(terms: Iterable[Term], plan: MaskPlan) -> frozenset[Term]:
    """Without the terms that another one implies: a declared mask is false where nothing exists."""
    terms = frozenset(terms)
    strong = [term for term in terms if term.mask in plan.declared]
    return frozenset(t for t in terms if not any(_implies(s, t, plan) for s in strong))


def _implies(declared: Term, term: Term, plan: MaskPlan) -> bool:
    """Whether a term says only what the declared mask does: an extent of one of its dims, that one
    of several masks on its dims is true, or where its rows end."""
    if term.is_extent:
        sizes = dict(zip(declared.axes, plan.shape(declared.mask), strict=True))
        return sizes.get(term.axes[0]) == plan.shape(term.mask)[0]
    node = plan.nodes.get(term.mask)
    if node is not None and node.op == "reaches":
        params: dict[str, Any] = dict(node.params)
        along = declared.axes[params["rows"]], declared.axes[params["axis"]]
        (whole,) = node.inputs
        mine = whole == declared.mask or _is_one_of(declared.mask, plan.nodes.get(str(whole)))
        return mine and along == term.axes
    return declared.axes == term.axes and _is_one_of(declared.mask, node)


def _is_one_of(mask: str, node: MaskNode | None) -> bool:
    return node is not None and node.op == "or" and mask in node.inputs


def _shape_at(terms: Iterable[Term], axis: int, plan: MaskPlan) -> int | Dim:
    """The size of a conjunction of terms along an axis: 1 only where all of them have 1."""
    sizes = (plan.shape(t.mask)[t.axes.index(axis)] for t in terms if axis in t.axes)
    found: int | Dim = 1
    for size in sizes:
        found = size if size != 1 else found
    return found


def conjunction(terms: Iterable[Term], axes: Sequence[int], plan: MaskPlan) -> str:
    """One mask for several terms: their AND, its dims along `axes`."""
    terms = simplified(terms, plan)
    (only, *others) = terms
    if not others and only.axes == tuple(axes):
        return only.mask
    shape = tuple(_shape_at(terms, axis, plan) for axis in axes)
    return plan.emit("and", (Use(terms, tuple(axes)),), shape)


def projected(terms: frozenset[Term], keep: Iterable[int], plan: MaskPlan) -> frozenset[Term]:
    """Terms on kept axes stay; a term on others leaves "any valid" on the kept ones. Where one says
    where rows end, the longest of the rows that are put together says so for all of them."""
    keep = set(keep)
    staying = frozenset(t for t in terms if set(t.axes) <= keep)
    leaving = terms - staying
    told = [t for t in leaving if not t.is_extent]
    for end in (t for t in told if t.sense is Sense.EXISTS and t.axes[-1] in keep):
        gone = set(end.axes) - keep
        extents = {t for t in leaving if t.is_extent and t.axes[0] in gone}
        staying |= {_any({end, *extents}, end.axes, keep, plan, Sense.EXISTS)}
        if told == [end]:
            return staying
    axes = sorted({axis for term in leaving for axis in term.axes})
    if not told or keep.isdisjoint(axes):
        return staying
    return staying | {_any(leaving, axes, keep, plan, Sense.MISSING)}


def _any(
    terms: Iterable[Term], axes: Sequence[int], keep: set[int], plan: MaskPlan, sense: Sense
) -> Term:
    """Whether the terms are all true anywhere along those of the axes that are not kept."""
    mask = conjunction(terms, axes, plan)
    reduced = tuple(i for i, axis in enumerate(axes) if axis not in keep)
    shape = tuple(size for i, size in enumerate(plan.shape(mask)) if i not in reduced)
    rest = plan.emit("any", (mask,), shape, axes=reduced)
    return Term(rest, tuple(axis for axis in axes if axis in keep), sense)


def remapped(terms: Iterable[Term], axes: Mapping[int, int]) -> frozenset[Term]:
    return frozenset(term.moved(axes.__getitem__) for term in terms)
