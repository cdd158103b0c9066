"""What the user says of a mask: a mask more, none any more, a value for what is padded."""

from __future__ import annotations

from ...foundation.errors import MaskError
from ...ir.masks import Sense, Tag, Term
from ..site import Arg, Fill, Rule, Site, Slot, Verdict, only_extents


def axes_for(mask: Arg, x: Arg) -> tuple[int, ...]:
    """The axes of x along which the mask lies: equal dims, in the same order, from the left."""
    axes: list[int] = []
    for dim in mask.shape:
        start = axes[-1] + 1 if axes else 0
        found = next((a for a in range(start, x.ndim) if x.shape[a] == dim), None)
        if found is None:
            raise MaskError(
                f"mask {mask.name!r} has dims {list(mask.shape)}, which do not lie along "
                f"{x.name!r} {list(x.shape)}; name the dims alike"
            )
        axes.append(found)
    return tuple(axes)


def _with_mask(site: Site) -> Verdict:
    x, mask = site.arg("x"), site.arg("valid")
    if mask.dtype != "bool":
        raise MaskError(
            f"mask {mask.name!r} is {mask.dtype}, and a mask is boolean: say which values are "
            f"real, e.g. {mask.name} > 0"
        )
    axes = axes_for(mask, x)
    site.plan.variable(mask.name, mask.shape)
    own = {term.moved(axes.__getitem__) for term in mask.tag.terms}
    claim = Term(mask.name, axes, Sense.MISSING)
    return Verdict((x.tag.with_terms(x.tag.terms | own | {claim}),))


with_mask = Rule("claims", _with_mask, "Slots where the mask is false do not count.", couples=False)


def _bare(site: Site) -> tuple[Tag, frozenset[str]]:
    bare, fixed = only_extents(site.first, site.plan)
    return bare.tag, fixed


def _drop_mask(site: Site) -> Verdict:
    tag, fixed = _bare(site)
    return Verdict((tag,), covered=frozenset(site.args), fixed_dims=fixed)


drops_mask = Rule("claims", _drop_mask, "Padding counts as fed from here on.", couples=False)


def _fill_padding(site: Site) -> Verdict:
    x = site.first
    tag, fixed = _bare(site)
    use = site.use(x.tag.terms, range(x.ndim))
    fills: dict[Slot, Fill] = {("x", None): Fill(site.params["value"], use)} if use else {}
    return Verdict((tag,), fills=fills, fixed_dims=fixed)


fills_padding = Rule(
    "claims", _fill_padding, "Padded slots take the value and count as real.", couples=False
)


def _positions(site: Site) -> Verdict:
    """Counted from the row's own beginning, which is the padded one's: rows are prefixes."""
    x = site.first
    axis = site.params["axis"]
    strewn = [t for t in x.tag.terms if t.sense is Sense.STREWN and axis in t.axes]
    if strewn:
        raise site.refuse(f"real positions along axis {axis} of {x.name!r} were moved apart")
    kept = tuple(range(axis + 1))
    terms = site.project(x.tag.terms, kept)
    return Verdict((Tag(x.tag.labels[: axis + 1], terms),), covered=frozenset({"x"}))


positions = Rule("claims", _positions, "Padded slots are padded.", couples=True)
