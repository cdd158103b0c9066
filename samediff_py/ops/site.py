"""What a mask rule sees of a node, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..foundation.dims import Dim, Shape, is_prefix_size
from ..foundation.errors import MaskError
from ..foundation.source import Source
from ..ir.masks import MaskPlan, Sense, Tag, Term, Use, Validity, projected, simplified


@dataclass(frozen=True, slots=True)
class Arg:
    """An input of the node: its variable, shape, type and tag."""

    name: str
    shape: Shape
    dtype: str
    tag: Tag

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def with_tag(self, tag: Tag) -> Arg:
        return Arg(self.name, self.shape, self.dtype, tag)


@dataclass(frozen=True, slots=True)
class Out:
    """An output of the node."""

    name: str
    shape: Shape
    dtype: str

    @property
    def ndim(self) -> int:
        return len(self.shape)


Slot = tuple[str, int | None]
"""A parameter, and the position in it where it takes several inputs."""


@dataclass(frozen=True, slots=True)
class Fill:
    """Put `value` where the use is false, before the kernel sees the input."""

    value: float
    use: Use


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many positions of each row exist: the mask counted along its last dim."""

    mask: str


Injected = Use | Sizes | tuple[Sizes | None, ...] | Any


@dataclass(frozen=True)
class Verdict:
    """What a rule answers: tags of the outputs, and what the kernel must be told."""

    tags: tuple[Validity, ...]
    injects: Mapping[str, Injected] = field(default_factory=dict)
    fills: Mapping[Slot, Fill] = field(default_factory=dict)
    covered: frozenset[str] = frozenset()  # inputs whose masked slots the kernel itself ignores
    fixed_dims: frozenset[str] = frozenset()  # dims that must not be rounded up to a bucket


@dataclass(frozen=True)
class Site:
    """A node under inspection."""

    op: str
    params: Mapping[str, Any]
    args: Mapping[str, Arg | tuple[Arg, ...]]
    outs: tuple[Out, ...]
    plan: MaskPlan
    source: Source | None = None

    @property
    def slots(self) -> Iterator[tuple[Slot, Arg]]:
        for name, arg in self.args.items():
            if isinstance(arg, tuple):
                yield from (((name, i), a) for i, a in enumerate(arg))
            else:
                yield (name, None), arg

    @property
    def inputs(self) -> tuple[Arg, ...]:
        return tuple(arg for _, arg in self.slots)

    @property
    def first(self) -> Arg:
        return self.inputs[0]

    @property
    def out(self) -> Out:
        return self.outs[0]

    def arg(self, name: str) -> Arg:
        arg = self.args[name]
        assert isinstance(arg, Arg)
        return arg

    def project(self, terms: frozenset[Term], keep: Iterable[int]) -> frozenset[Term]:
        return projected(terms, keep, self.plan)

    def simplify(self, terms: Iterable[Term]) -> frozenset[Term]:
        return simplified(terms, self.plan)

    def use(self, terms: Iterable[Term], axes: Iterable[int]) -> Use:
        return Use(self.simplify(terms), tuple(axes))

    def where(self, terms: Iterable[Term], ndim: int) -> dict[str, Injected]:
        """The `where=` of a kernel, nothing where there are no terms."""
        use = self.use(terms, range(ndim))
        return {"where": use} if use else {}

    def told_all(self, terms: Iterable[Term], told: Iterable[Term]) -> frozenset[str]:
        """The inputs, if a kernel that is told these terms knows all that is known of them."""
        return frozenset(self.args) if self.simplify(terms) <= self.simplify(told) else frozenset()

    def existing(self, arg: Arg, axis: int) -> Term | None:
        """The term that says where each row ends along the axis; rows are leading axes.

        Where several do, rows alone have one length: so all of them say the same.
        """
        found = (t for t in arg.tag.terms if t.sense is Sense.EXISTS and t.axes[-1] == axis)
        term = min(found, key=str, default=None)
        if term is not None and term.axes[:-1] != tuple(range(len(term.axes) - 1)):
            raise self.refuse(
                f"rows of {arg.name!r} lie along {term.axes[:-1]}, not in front of axis {axis}",
                "permute the batch to the front first",
            )
        return term

    def whole(self, arg: Arg, axes: Iterable[int]) -> frozenset[str]:
        """The dims of axes that the op looks at as a whole: they may not be padded, nor rounded
        up to a bucket."""
        axes = sorted(axes)
        if any(not term.is_extent for term in arg.tag.touching(axes)):
            raise self.refuse(
                f"needs {arg.name!r} whole along axes {axes}, and it is padded there: {arg.tag}"
            )
        return symbols(arg.shape[a] for a in axes)

    def refuse(self, reason: str, *remedies: str) -> MaskError:
        advice = "".join(f"\n  - {remedy}" for remedy in (*remedies, *_REMEDIES))
        return MaskError(f"{self.op}: {reason}\nWhat you can do:{advice}")


_REMEDIES = (
    "reduce over the padded axis first",
    "x.fill_padding(value): padded slots take that value and count as real",
    "x.drop_mask(): padding counts as fed (verify_padding will show it)",
)


@dataclass(frozen=True)
class Rule:
    """A member of the closed family: what the op does with masks, in code and in words."""

    family: str
    apply: Callable[[Site], Verdict]
    padding: str  # one sentence for the docs
    couples: bool = True  # whether the op looks at more than one position at once
    axes: str | tuple[int, ...] = "axis"  # the parameter that names the axes it couples, or these
    spelling: str = ""  # as samediff_py.rules writes it


def label_of(dim: int | Dim) -> str | None:
    """The name that an axis has from its dim."""
    return dim.text if isinstance(dim, Dim) and dim.is_symbol else None


def symbols(dims: Iterable[int | Dim]) -> frozenset[str]:
    return frozenset(name for dim in dims if isinstance(dim, Dim) for name in dim.symbols)


def extent_terms(shape: Shape, axes: Iterable[int], plan: MaskPlan) -> frozenset[Term]:
    """One term for each axis whose size was perhaps rounded up to a bucket."""
    return frozenset(
        Term(plan.extent(dim), (axis,), Sense.EXTENT)
        for axis in axes
        if isinstance(dim := shape[axis], Dim) and is_prefix_size(dim)
    )


def only_extents(arg: Arg, plan: MaskPlan) -> tuple[Arg, frozenset[str]]:
    """The input as it was fed: no mask of the user's, and the dims that then must stay as fed."""
    strewn = {a for t in arg.tag.terms if t.sense is Sense.STREWN for a in t.axes}
    whole = [a for a, dim in enumerate(arg.shape) if isinstance(dim, Dim)]
    broken = [a for a in whole if a in strewn or not is_prefix_size(arg.shape[a])]
    terms = extent_terms(arg.shape, set(whole) - set(broken), plan)
    return arg.with_tag(arg.tag.with_terms(terms)), symbols(arg.shape[a] for a in broken)
