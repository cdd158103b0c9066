"""Windows along padded axes: convolution, pooling, patches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...foundation.dims import Shape, is_prefix_size
from ...ir.masks import Sense, Tag, Term, Use, conjunction
from ..site import Arg, Fill, Injected, Rule, Site, Sizes, Slot, Verdict, extent_terms, symbols


@dataclass(frozen=True)
class Window:
    """How an op's window lies along one axis."""

    kernel: int
    stride: int
    padding: str | int
    dilation: int

    @property
    def rule(self) -> str:
        """Valid where all taps are (VALID, explicit), or where the anchor tap is."""
        return "anchor" if self.padding in ("same", "causal") else "all"

    @property
    def depends_on_length(self) -> bool:
        """SAME with a stride starts at a place that the length decides."""
        return self.padding == "same" and self.stride > 1


@dataclass
class Slid:
    """What is known after windows have slid along some axes."""

    terms: frozenset[Term]
    told: dict[str, Injected] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()


def _along(value: Any, i: int) -> Any:
    return value[i] if isinstance(value, tuple) else value


def window_of(site: Site, i: int) -> Window:
    """The window along the i-th spatial axis."""
    params = site.params
    if "weights" in site.args:
        kernel = site.arg("weights").shape[_taps_at(params.get("weights_format")) + i]
    else:
        kernel = _along(params["kernel"], i)
    if not isinstance(kernel, int):
        raise site.refuse("the width of the window must be a number")
    stride = params.get("stride", 1)
    stride = kernel if stride is None else _along(stride, i)
    padding = _along(params.get("padding", "valid"), i)
    return Window(kernel, stride, padding, _along(params.get("dilation", 1), i))


def _taps_at(weights_format: str | None) -> int:
    """Where the axes of taps begin among those of the weights."""
    return (weights_format or "YX").index("Y")


def spatial(site: Site, x: Arg) -> tuple[list[int], int]:
    """The axes of positions and the one of channels."""
    layout = str(site.params.get("data_format", "N..C"))
    channel = 1 if layout.startswith("NC") else x.ndim - 1
    return [a for a in range(1, x.ndim) if a != channel], channel


def windows(
    *,
    fills: bool,
    by_length: bool = False,
    mixes: bool | None = None,
    numbers: bool = False,
    axes: Sequence[int | None] = (),
) -> Rule:
    """`fills`: zeros are put into padded slots (convolution); else the kernel takes `where=`.
    `by_length`: the kernel takes `sizes=` for windows whose place depends on the length.
    `mixes`: channels are combined, as convolutions do. `numbers`: the second output numbers the
    elements of an example. `axes`: those of x that the axes of the output are, where they differ.
    """
    mixes = fills if mixes is None else mixes

    def apply(site: Site) -> Verdict:
        x = site.arg("x")
        space, channel = spatial(site, x)
        places = tuple(axes) or tuple(range(x.ndim))
        shape = tuple(site.out.shape[places.index(a)] for a in range(x.ndim))
        kept = {0, *space} if mixes else set(range(x.ndim))
        slid = Slid(site.project(x.tag.terms, kept) if fills else x.tag.terms)
        for i, axis in enumerate(space):
            slid = _slide(site, x, slid, axis, shape, window_of(site, i), by_length)
        if numbers:
            slid.fixed |= _numbered(site, x)
        tags = (Tag(x.tag.labels, slid.terms).along(places),) * len(site.outs)
        if fills:
            filled = zeroed(site, x, {*space, channel})
            return Verdict(tags, slid.told, filled, frozenset(), slid.fixed)
        told = x.tag.touching(space)
        covered = site.told_all(x.tag.terms, told)
        injects = {**slid.told, **site.where(told, x.ndim)}
        return Verdict(tags, injects, covered=covered, fixed_dims=slid.fixed)

    return Rule("windows", apply, "Padded taps do not count; the output ends where the row ends.")


def zeroed(site: Site, x: Arg, axes: set[int]) -> dict[Slot, Fill]:
    need = site.use(x.tag.touching(axes), range(x.ndim))
    return {("x", None): Fill(0, need)} if need else {}


def refuse_strewn(site: Site, x: Arg, terms: Iterable[Term], axis: int) -> None:
    if any(t.sense is Sense.STREWN for t in terms):
        raise site.refuse(f"neighbours along axis {axis} of {x.name!r} were moved apart by padding")


def _slide(
    site: Site, x: Arg, slid: Slid, axis: int, shape: Shape, window: Window, by_length: bool
) -> Slid:
    """The terms after the window has slid along the axis too, and what the kernel must know."""
    touching = frozenset(t for t in slid.terms if axis in t.axes)
    if not touching:
        return slid
    refuse_strewn(site, x, touching, axis)
    told: dict[str, Injected] = {}
    if window.depends_on_length and _may_end(touching, axis):
        told = _ends(site, x, axis, by_length and not slid.told)
    options = {"rule": window.rule, **vars(window)}
    moved = frozenset(
        _moved(site, term, axis, shape, options, told, touching)
        for term in touching
        if not term.is_extent
    )
    fed, fixed = fed_ends(site, axis, shape, touching, window.depends_on_length)
    terms = slid.terms - touching | moved | fed
    return Slid(terms, {**slid.told, **told}, slid.fixed | fixed)


def fed_ends(
    site: Site, axis: int, shape: Shape, touching: Iterable[Term], by_length: bool = False
) -> tuple[frozenset[Term], frozenset[str]]:
    """Where the result ends along an axis on which no row ends before what was fed; and the dims
    that must stay as fed, if nobody knows."""
    if any(term.sense is Sense.EXISTS for term in touching):
        return frozenset(), frozenset()
    if by_length or not is_prefix_size(shape[axis]):
        return frozenset(), symbols((site.arg("x").shape[axis],))
    return extent_terms(shape, (axis,), site.plan), frozenset()


def _may_end(terms: Iterable[Term], axis: int) -> bool:
    """Whether rows end along the axis: one mask for all of them may mean that, too."""
    return any(t.sense is Sense.EXISTS or (t.axes == (axis,) and not t.is_extent) for t in terms)


def _ends(site: Site, x: Arg, axis: int, by_length: bool) -> dict[str, Injected]:
    """Where each example ends along the axis."""
    exists = site.existing(x, axis)
    if not by_length or exists is None or exists.axes != (0, axis):
        raise site.refuse(
            "padding='same' with a stride starts where the padded length says",
            "padding='causal' or 'valid', or a number: they start at the row's own beginning",
        )
    told: dict[str, Injected] = {"sizes": Sizes(exists.mask)}
    return told if x.ndim == 3 else {**told, "ragged_axis": axis}


def _moved(
    site: Site,
    term: Term,
    axis: int,
    shape: Shape,
    window: dict[str, Any],
    told: dict[str, Injected],
    touching: Iterable[Term],
) -> Term:
    if window["rule"] == "anchor" and window["stride"] == 1:
        return term  # every position is the anchor of its own window
    if window["rule"] == "all" and term.sense is Sense.MISSING:
        term = missing(site, term, touching)
    sizes = told.get("sizes")
    inputs = [term.mask, sizes.mask] if isinstance(sizes, Sizes) else [term.mask]
    return derived(site, term, axis, shape[axis], "window", inputs, **window)


def derived(
    site: Site,
    term: Term,
    axis: int,
    size: Any,
    how: str,
    inputs: Sequence[str | Use] = (),
    **params: Any,
) -> Term:
    """The term after an operation of the mask plan that makes one of its axes as long as `size`."""
    where = term.axes.index(axis)
    shape = site.plan.shape(term.mask)
    out = (*shape[:where], size, *shape[where + 1 :])
    mask = site.plan.emit(how, inputs or (term.mask,), out, axis=where, **params)
    return Term(mask, term.axes, term.sense)


def missing(site: Site, term: Term, touching: Iterable[Term]) -> Term:
    """What is missing of rows, together with where they end: behind it nothing is missing."""
    both = {term, *(t for t in touching if t.sense is not Sense.MISSING)}
    axes = tuple(sorted({axis for t in both for axis in t.axes}))
    return Term(conjunction(both, axes, site.plan), axes)


def _numbered(site: Site, x: Arg) -> frozenset[str]:
    """Elements are numbered by sizes of their example: of all axes but its first."""
    inner = range(2, x.ndim)
    if any(not term.is_extent for term in x.tag.touching(inner)):
        raise site.refuse(
            f"numbers the elements of each example by its own sizes, and {x.name!r} is padded "
            "along an axis behind the first of the example",
            "sd.cnn.max_pooling2d, which gives the maxima alone",
        )
    return symbols(x.shape[a] for a in inner)
