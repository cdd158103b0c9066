"""Windows along padded axes: convolution and pooling."""

from __future__ import annotations

from dataclasses import dataclass

from ...foundation.dims import is_prefix_size
from ...ir.masks import Sense, Tag, Term, Use
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


def _along(value: int | tuple[int, ...], i: int) -> int:
    return value[i] if isinstance(value, tuple) else value


def _window(site: Site, i: int, rank: int) -> Window:
    params = site.params
    if "weights" in site.args:
        kernel = site.arg("weights").shape[i]
    else:
        kernel = _along(params["kernel"], i)
    if not isinstance(kernel, int):
        raise site.refuse("the width of the window must be a number")
    stride = params.get("stride", 1)
    stride = kernel if stride is None else _along(stride, i)
    padding = params.get("padding", "valid")
    padding = padding if isinstance(padding, str) else _along(padding, i)
    return Window(kernel, stride, padding, _along(params.get("dilation", 1), i))


def windows(*, fills: bool, by_length: bool = False) -> Rule:
    """`fills`: zeros are put into padded slots (convolution); else the kernel takes `where=`.
    `by_length`: the kernel takes `sizes=` for windows whose place depends on the length."""

    def apply(site: Site) -> Verdict:
        x = site.arg("x")
        channel = 1 if str(site.params.get("data_format", "NWC")).startswith("NC") else x.ndim - 1
        space = [a for a in range(1, x.ndim) if a != channel]
        terms = site.project(x.tag.terms, {0, *space}) if fills else x.tag.terms
        injects: dict[str, Injected] = {}
        fixed: frozenset[str] = frozenset()
        for i, axis in enumerate(space):
            window = _window(site, i, len(space))
            terms, told, held = _slide(site, x, terms, axis, window, by_length)
            injects |= told
            fixed |= held
        tag = Tag(x.tag.labels, terms)
        if fills:
            return Verdict((tag,), injects, _zeroed(site, x, {*space, channel}), frozenset(), fixed)
        told = x.tag.touching(space)
        injects |= site.where(told, x.ndim)
        covered = site.told_all(x.tag.terms, told)
        return Verdict((tag,), injects, covered=covered, fixed_dims=fixed)

    return Rule("windows", apply, "Padded taps do not count; the output ends where the row ends.")


def _zeroed(site: Site, x: Arg, axes: set[int]) -> dict[Slot, Fill]:
    need = site.use(x.tag.touching(axes), range(x.ndim))
    return {("x", None): Fill(0, need)} if need else {}


def _slide(site: Site, x: Arg, terms: frozenset[Term], axis: int, window: Window, by_length: bool):
    """The terms after the window has slid along the axis, and what the kernel must know."""
    touching = frozenset(t for t in terms if axis in t.axes)
    if not touching:
        return terms, {}, frozenset()
    if any(t.sense is Sense.STREWN for t in touching):
        raise site.refuse(f"neighbours along axis {axis} of {x.name!r} were moved apart by padding")
    kept = terms - touching
    told: dict[str, Injected] = {}
    if all(t.is_extent for t in touching):
        if window.depends_on_length or not is_prefix_size(site.out.shape[axis]):
            return kept, {}, symbols(x.shape[a] for a in (axis,))
        return kept | extent_terms(site.out.shape, (axis,), site.plan), {}, frozenset()
    if window.depends_on_length:
        told = {"sizes": _sizes(site, x, axis, by_length)}
    moved = (_moved(site, term, axis, window, told) for term in touching if not term.is_extent)
    return kept | frozenset(moved), told, frozenset()


def _sizes(site: Site, x: Arg, axis: int, by_length: bool) -> Sizes:
    exists = site.existing(x, axis)
    if not by_length or exists is None:
        raise site.refuse(
            "padding='same' with a stride starts where the padded length says",
            "padding='causal' or 'valid', or a number: they start at the row's own beginning",
        )
    return Sizes(exists.mask)


def _moved(site: Site, term: Term, axis: int, window: Window, told: dict[str, Injected]) -> Term:
    if window.rule == "anchor" and window.stride == 1:
        return term  # every position is the anchor of its own window
    where = term.axes.index(axis)
    shape = site.plan.shape(term.mask)
    out = (*shape[:where], site.out.shape[axis], *shape[where + 1 :])
    inputs: list[str | Use] = [term.mask]
    sizes = told.get("sizes")
    if isinstance(sizes, Sizes):
        inputs.append(sizes.mask)
    mask = site.plan.emit(
        "window",
        inputs,
        out,
        axis=where,
        kernel=window.kernel,
        stride=window.stride,
        padding=window.padding,
        dilation=window.dilation,
        rule=window.rule,
    )
    return Term(mask, term.axes, term.sense)
