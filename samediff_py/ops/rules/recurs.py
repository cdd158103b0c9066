"""Recurrence: padded steps hold the state, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ...foundation.errors import GraphError
from ...ir.graph import EXAMPLES
from ...ir.masks import Tag, Term, remapped
from ..site import Arg, Fill, Injected, Out, Rule, Site, Slot, Verdict, symbols
from .elementwise import broadcast_tag

# data format -> axes of (batch, time) in the input
_AXES = {"TNS": (1, 0), "T2NS": (1, 0), "NTS": (0, 1), "NST": (0, 2)}
_UNBOUNDED = {"RELU", "SOFTPLUS"}


def recurs(
    *,
    states: tuple[str, ...] = (),
    lengths: tuple[str, ...] = (),
    sequences: bool = False,
    layout: str = "TNS",
    highway: bool = False,
) -> Rule:
    """`states`: the inputs that hold a row for each example, [batch, n] or [2, batch, n];
    `lengths`: those that hold a number for each, [batch].

    `sequences`: all outputs are sequences, not the first alone. `layout`: where the op has no data
    format. `highway`: the features of x enter those of the result one by one.
    """

    def apply(site: Site) -> Verdict:
        x = site.arg("x")
        batch, time = _AXES[site.params.get("data_format", layout)]
        _check_order(site, x, time)
        steps = remapped(site.project(x.tag.terms, (batch, time)), {batch: 0, time: 1})
        steps |= _row_terms(site, states, 2) | _row_terms(site, lengths, 1)
        need = site.use({t for t in steps if 1 in t.axes}, (0, 1))
        injects: dict[str, Injected] = {"mask": need} if need else {}
        labels = (x.tag.labels[batch], x.tag.labels[time])
        shown = [_is_sequence(site, out, sequences) for out in site.outs]
        axes = [(batch, time) if sequence else None for sequence in shown]
        tags = tuple(map(partial(_tag, site, steps, labels), site.outs, axes))
        given = [site.arg(name) for name in states if name in site.args]
        whole = [(arg, set(range(arg.ndim)) - {arg.ndim - 2}) for arg in given]
        whole += [(x, set(range(x.ndim)) - {batch, time})] if highway else []
        fills = _features_filled(x, site, {batch, time})
        if highway or _is_unbounded(site):
            fills = _everything_filled(site, ("x", *states))
        return Verdict(tags, injects, fills, fixed_dims=_whole(site, whole))

    return Rule(
        "recurs", apply, "Padded steps hold the state; the last state is the last valid one."
    )


def _check_order(site: Site, x: Arg, time: int) -> None:
    """Examples are no steps: the default order is SameDiff's, with time first."""
    if x.tag.labels[time] == EXAMPLES:
        raise GraphError(
            f"{site.op}: {x.name!r} would be read step by step along axis {time}, which is "
            f"{EXAMPLES!r}: say what its axes are by data_format, e.g. 'NTS' for "
            "[batch, time, features]"
        )


def _row_terms(site: Site, names: Sequence[str], ndim: int) -> frozenset[Term]:
    """A state or a length that is not there makes the whole row not be there."""
    found: set[Term] = set()
    for name in names:
        if name in site.args and site.arg(name).ndim >= ndim:
            arg = site.arg(name)
            batch = arg.ndim - ndim
            found |= remapped(site.project(arg.tag.terms, (batch,)), {batch: 0})
    return frozenset(found)


def _whole(site: Site, needed: Sequence[tuple[Arg, set[int]]]) -> frozenset[str]:
    """Checks that no feature of a row is missing; the dims that must stay as fed."""
    for arg, features in needed:
        if any(not term.is_extent for term in arg.tag.touching(features)):
            raise site.refuse(
                f"needs every feature of a row, and some of {arg.name!r} are missing: {arg.tag}"
            )
    return symbols(arg.shape[axis] for arg, features in needed for axis in features)


def _is_unbounded(site: Site) -> bool:
    options = {value for name, value in site.params.items() if name.endswith("_activation")}
    return not options.isdisjoint(_UNBOUNDED)


def _everything_filled(site: Site, names: Sequence[str]) -> dict[Slot, Fill]:
    """Where a step is not bounded, what stands in padding could overflow on its way to a gradient
    of 0 times infinity."""
    args = [(name, site.arg(name)) for name in names if name in site.args]
    return {
        (name, None): Fill(0, site.use(arg.tag.terms, range(arg.ndim)))
        for name, arg in args
        if arg.tag.terms
    }


def _features_filled(x: Arg, site: Site, positions: set[int]) -> dict[Slot, Fill]:
    gone = x.tag.touching(set(range(x.ndim)) - positions)
    return {("x", None): Fill(0, site.use(gone, range(x.ndim)))} if gone else {}


def _is_sequence(site: Site, out: Out, all_are: bool) -> bool:
    """A sequence, laid out as the input, or a last state ([batch, n] or [2, batch, n])."""
    first = out.name == site.outs[0].name
    return all_are or (first and site.params.get("return_full_sequence", True))


def _tag(
    site: Site,
    steps: frozenset[Term],
    labels: tuple[str | None, ...],
    out: Out,
    axes: tuple[int, int] | None,
) -> Tag:
    """Of an output, a sequence if it has axes of (batch, time)."""
    if axes is None:
        place = {0: out.ndim - 2}
    else:
        place = {0: 2, 1: 0} if out.ndim == 4 else dict(enumerate(axes))
    shown: list[str | None] = [None] * out.ndim
    terms = steps if 1 in place else site.project(steps, (0,))
    for old, new in place.items():
        shown[new] = labels[old]
    return Tag(tuple(shown), remapped(terms, place))


def one_step(*states: str, highway: bool = False) -> Rule:
    """A step of a recurrence alone: x and the states [.., n] row by row, the rest are weights."""

    def apply(site: Site) -> Verdict:
        x, *others = args = [site.arg(name) for name in ("x", *states)]
        fixed = _whole(site, [(arg, {arg.ndim - 1}) for arg in (args if highway else others)])
        rows = [_row(site, arg) for arg in args]
        widest = max(rows, key=lambda arg: arg.ndim)
        tag = broadcast_tag(rows, Out(widest.name, widest.shape, widest.dtype))
        tags = (Tag((*tag.labels, None), tag.terms),) * len(site.outs)
        fills = _features_filled(x, site, set(range(x.ndim - 1)))
        return Verdict(tags, fills=fills, fixed_dims=fixed)

    return Rule("recurs", apply, "A padded row stays padded.")


def _row(site: Site, arg: Arg) -> Arg:
    """The input without its features."""
    rows = tuple(range(arg.ndim - 1))
    tag = Tag(arg.tag.labels[:-1], site.project(arg.tag.terms, rows))
    return Arg(arg.name, arg.shape[:-1], arg.dtype, tag)
