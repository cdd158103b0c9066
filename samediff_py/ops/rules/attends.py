"""Attention: the keys' mask hides keys, the queries' mask stays on the output."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir.masks import Sense, Tag, Term, remapped
from ..site import Arg, Fill, Injected, Rule, Site, Slot, Verdict


@dataclass(frozen=True)
class Layout:
    """Where an attention op keeps its axes: counted from the end, batch is axis 0."""

    time: int
    feature: int
    weights: tuple[str, str]  # labels of the last two axes of the weights

    def axes(self, arg: Arg) -> tuple[int, int]:
        return self.time % arg.ndim, self.feature % arg.ndim


def _attends(layout: Layout) -> Rule:
    def apply(site: Site) -> Verdict:
        queries, keys, values = (site.arg(name) for name in ("queries", "keys", "values"))
        hidden = _positions(site, keys, layout) | _positions(site, values, layout)
        hidden |= _own_mask(site)
        fills = _features_filled(site, layout)
        asking = _positions(site, queries, layout)
        if site.params.get("causal", False):
            _check_order(site, asking, hidden)
        tags = (_result(site, layout, asking | _any_key(site, hidden, asking)),)
        if len(site.outs) == 2:
            tags += (_weights(site, layout, asking, hidden),)
        need = frozenset(t for t in hidden if 1 in t.axes)
        mask = site.use(need, (0, 1))
        injects: dict[str, Injected] = {"mask": mask} if mask else {}
        return Verdict(tags, injects, fills)

    return Rule(
        "attends", apply, "Padded keys are hidden; padded queries stay padded; no key gives 0."
    )


def _positions(site: Site, arg: Arg, layout: Layout) -> frozenset[Term]:
    """The validity of whole positions: terms on (batch, time), renumbered 0 and 1."""
    time, _ = layout.axes(arg)
    return remapped(site.project(arg.tag.terms, (0, time)), {0: 0, time: 1})


def _own_mask(site: Site) -> frozenset[Term]:
    """A key whose mask is padded is not there either."""
    if "key_mask" not in site.args:
        return frozenset()
    return site.project(site.arg("key_mask").tag.terms, (0, 1))


def _features_filled(site: Site, layout: Layout) -> dict[Slot, Fill]:
    """Single features that are missing inside a position add nothing to the products."""
    fills: dict[Slot, Fill] = {}
    for slot, arg in site.slots:
        if slot[0] in ("queries", "keys", "values"):
            time, _ = layout.axes(arg)
            gone = arg.tag.touching(set(range(arg.ndim)) - {0, time})
            if gone:
                fills[slot] = Fill(0, site.use(gone, range(arg.ndim)))
    return fills


def _check_order(site: Site, asking: frozenset[Term], hidden: frozenset[Term]) -> None:
    """`causal` compares positions, which padding between them moves: unless it moves both."""
    if asking != hidden and any(term.sense is Sense.STREWN for term in asking | hidden):
        raise site.refuse("queries and keys have padding between their positions, each its own")


def _any_key(site: Site, hidden: frozenset[Term], asking: frozenset[Term]) -> frozenset[Term]:
    """A row without any key is no answer; where it looks at itself, its own tag says so."""
    if hidden <= asking:
        return frozenset()
    return site.project(hidden, (0,))


def _result(site: Site, layout: Layout, terms: frozenset[Term]) -> Tag:
    out = site.out
    time = layout.time % out.ndim
    labels: list[str | None] = [None] * out.ndim
    queries = site.arg("queries")
    labels[0], labels[time] = queries.tag.labels[0], queries.tag.labels[layout.axes(queries)[0]]
    return Tag(tuple(labels), remapped(terms, {0: 0, 1: time}))


def _weights(site: Site, layout: Layout, asking: frozenset[Term], hidden: frozenset[Term]) -> Tag:
    """The tag of the weights: axes are labelled, so that nobody has to guess which one asks."""
    ndim = site.outs[1].ndim
    heads = ("heads",) * (ndim - 3)
    labels = (site.arg("queries").tag.labels[0], *heads, *layout.weights)
    query, key = (labels.index(name) for name in ("query", "key"))
    terms = remapped(asking, {0: 0, 1: query}) | remapped(hidden, {0: 0, 1: key})
    return Tag(labels, terms)


attends = _attends(Layout(time=1, feature=2, weights=("query", "key")))
"""[batch, time, features]."""

attends_by_head = _attends(Layout(time=-1, feature=-2, weights=("key", "query")))
"""SameDiff's order: [batch, (heads,) features, time]."""
