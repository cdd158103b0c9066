"""Scatters: padded updates go nowhere; what they are written to keeps its own padding."""

from __future__ import annotations

from ...ir.masks import Sense, Tag, Term
from ..site import Arg, Injected, Rule, Site, Verdict, extent_terms, label_of
from .elementwise import created_tag


def _scatters(site: Site) -> Verdict:
    """`updates` [*indices, ...] into the rows of `ref` [rows, ...]."""
    ref, indices, updates = (site.arg(name) for name in ("ref", "indices", "updates"))
    if any(term.sense is Sense.STREWN for term in ref.tag.touching((0,))):
        raise site.refuse(
            f"rows of {ref.name!r} were merged with their positions, which have padding between "
            "them: an index would count it"
        )
    told, beside = _parted(indices, updates)
    tag = ref.tag.with_terms(ref.tag.terms | beside)
    covered = frozenset() if beside else frozenset({"indices", "updates"})
    return Verdict((tag,), site.where(told, updates.ndim), covered=covered)


scatters = Rule(
    "scatters", _scatters, "Padded updates go nowhere; padded slots of the first input stay padded."
)


def _stitches(site: Site) -> Verdict:
    """Pieces `xs[i]` [*indices[i], ...] into new rows."""
    indices, xs, number = site.args["indices"], site.args["xs"], site.out.shape[0]
    assert isinstance(indices, tuple) and isinstance(xs, tuple)
    parts = [_parted(i, x) for i, x in zip(indices, xs, strict=True)]
    beside = frozenset[Term]().union(*(rest for _, rest in parts))
    uses = tuple(site.use(told, range(x.ndim)) for (told, _), x in zip(parts, xs, strict=True))
    injects: dict[str, Injected] = {"where": uses} if any(uses) else {}
    behind = xs[0].tag.labels[indices[0].ndim :]
    terms = extent_terms((number,), (0,), site.plan) | beside
    covered = frozenset() if beside else frozenset(site.args)
    return Verdict((Tag((label_of(number), *behind), terms),), injects, covered=covered)


stitches = Rule("scatters", _stitches, "Padded pieces go nowhere.")


def _parted(indices: Arg, updates: Arg) -> tuple[frozenset[Term], frozenset[Term]]:
    """What says which updates are real, and what is said of axes that the result has too."""
    lead = indices.ndim
    told = indices.tag.terms | updates.tag.touching(range(lead))
    beside = updates.tag.terms - told
    return told, frozenset(term.moved(lambda axis: axis - lead + 1) for term in beside)


def _fills_dense(site: Site) -> Verdict:
    """`values` to the places that the last axis of `indices` spells out."""
    indices, values = site.arg("indices"), site.arg("values")
    if indices.tag.touching(range(values.ndim, indices.ndim)):
        raise site.refuse(f"the last axis of {indices.name!r}, which spells out places, is padded")
    told = site.where(indices.tag.terms | values.tag.terms, values.ndim)
    covered = frozenset({"indices", "values"})
    return Verdict((created_tag(site.out, site),), told, covered=covered)


fills_dense = Rule("scatters", _fills_dense, "Padded values go nowhere.")
