"""Recurrence: padded steps hold the state, in both directions."""

from __future__ import annotations

from ...ir.masks import Tag, Term, remapped
from ..site import Fill, Injected, Out, Rule, Site, Slot, Verdict

# data format -> axes of (batch, time) in the input
_AXES = {"TNS": (1, 0), "T2NS": (1, 0), "NTS": (0, 1), "NST": (0, 2)}


def recurs(*, states: tuple[str, ...] = ()) -> Rule:
    """`states`: the inputs that hold an initial state, [batch, n] or [2, batch, n]."""

    def apply(site: Site) -> Verdict:
        x = site.arg("x")
        batch, time = _AXES[site.params.get("data_format", "TNS")]
        steps = remapped(site.project(x.tag.terms, (batch, time)), {batch: 0, time: 1})
        steps |= _state_terms(site, states)
        need = site.use({t for t in steps if 1 in t.axes}, (0, 1))
        injects: dict[str, Injected] = {"mask": need} if need else {}
        labels = (x.tag.labels[batch], x.tag.labels[time])
        tags = tuple(_tag(site, steps, labels, out) for out in site.outs)
        return Verdict(tags, injects, _features_filled(site, {batch, time}))

    return Rule(
        "recurs", apply, "Padded steps hold the state; the last state is the last valid one."
    )


def _state_terms(site: Site, states: tuple[str, ...]) -> frozenset[Term]:
    """An initial state that is not there makes the whole row not be there."""
    found: set[Term] = set()
    for name in states:
        if name in site.args:
            arg = site.arg(name)
            batch = arg.ndim - 2
            found |= remapped(site.project(arg.tag.terms, (batch,)), {batch: 0})
    return frozenset(found)


def _features_filled(site: Site, positions: set[int]) -> dict[Slot, Fill]:
    x = site.arg("x")
    gone = x.tag.touching(set(range(x.ndim)) - positions)
    return {("x", None): Fill(0, site.use(gone, range(x.ndim)))} if gone else {}


def _tag(site: Site, steps: frozenset[Term], labels: tuple[str | None, ...], out: Out) -> Tag:
    """Of a sequence (as the input lies) or of a last state ([batch, n] or [2, batch, n])."""
    shown: list[str | None] = [None] * out.ndim
    place = _place(site, out)
    terms = steps if 1 in place else site.project(steps, (0,))
    for old, new in place.items():
        shown[new] = labels[old]
    return Tag(tuple(shown), remapped(terms, place))


def _place(site: Site, out: Out) -> dict[int, int]:
    """Where batch (0) and time (1) stand in this output."""
    if not site.params.get("return_full_sequence", True) or out.name != site.outs[0].name:
        return {0: out.ndim - 2}
    if out.ndim == 4:
        return {0: 2, 1: 0}
    batch, time = _AXES[site.params.get("data_format", "TNS")]
    return {0: batch, 1: time}
