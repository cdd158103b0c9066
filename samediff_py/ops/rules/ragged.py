"""Results whose number depends on values: as many slots as there could be, a prefix real."""

from __future__ import annotations

from ...ir.masks import Sense, Tag, Term
from ..site import Injected, Rule, Site, Verdict


def _ragged(site: Site) -> Verdict:
    """The last output, which the user is not handed, is the mask of the others' first axis.

    The kernel is told what is real of each of its inputs: `where=(Array | None, ...)`.
    """
    valid = site.outs[-1]
    site.plan.count(valid.name, valid.shape)
    prefix = frozenset({Term(valid.name, (0,), Sense.EXISTS)})
    tags = (Tag((None,) * out.ndim, prefix) for out in site.outs[:-1])
    told: Injected = tuple(site.use(arg.tag.terms, range(arg.ndim)) for arg in site.inputs)
    return Verdict((*tags, Tag((None,))), {"where": told}, covered=frozenset(site.args))


ragged = Rule("ragged", _ragged, "Padded elements are not among the results.")
"""How many results there are is known at run time only; they are cut to size on their return."""


def ragged_places(*inputs: str) -> Rule:
    """As `ragged`; the results say where something stands in these inputs."""

    def apply(site: Site) -> Verdict:
        for arg in map(site.arg, inputs):
            if any(term.sense is Sense.STREWN for term in arg.tag.terms):
                raise site.refuse(
                    f"rows of {arg.name!r} were merged with their positions, which have padding "
                    "between them: the place of an element would count it"
                )
        return _ragged(site)

    return Rule("ragged", apply, ragged.padding)
