"""Products: contracted padding is filled with zero, outer axes keep their terms."""

from __future__ import annotations

from collections.abc import Callable

from ...ir.masks import Tag, Term, remapped
from ..site import Arg, Fill, Rule, Site, Slot, Verdict

Letters = tuple[tuple[object, ...], ...]
"""A letter for every axis of every operand, then of the result, as in an einsum."""


def contracts(letters: Callable[[Site], tuple[Letters, tuple[object, ...]]]) -> Rule:
    """`letters(site)` names the axes of the operands and of the result."""

    def apply(site: Site) -> Verdict:
        operands, result = letters(site)
        fills: dict[Slot, Fill] = {}
        terms: set[Term] = set()
        labels: dict[object, str | None] = {}
        for (slot, arg), names in zip(site.slots, operands, strict=True):
            kept = [axis for axis, letter in enumerate(names) if letter in result]
            gone = arg.tag.touching(set(range(arg.ndim)) - set(kept))
            if gone:
                fills[slot] = Fill(0, site.use(gone, range(arg.ndim)))
            place = {axis: result.index(names[axis]) for axis in kept}
            terms |= remapped(_left(site, arg, kept), place)
            labels |= {names[a]: arg.tag.labels[a] or labels.get(names[a]) for a in kept}
        tag = Tag(tuple(labels.get(letter) for letter in result), frozenset(terms))
        return Verdict((tag,) * len(site.outs), fills=fills)

    return Rule("contracts", apply, "Contracted padding adds nothing; outer axes stay padded.")


def _left(site: Site, arg: Arg, kept: list[int]) -> frozenset[Term]:
    return site.project(arg.tag.terms, kept)
