"""Mask rules for functions of your own: what a function does with positions that are padding.

A rule is a promise about the function that `sd.call` or `@samediff_py.op` puts into a graph; the
library keeps padding out of the answer with it. A rule that does not fit is found by
`samediff_py.testing.check` and by `sd.verify_padding`.

`pointwise`: every position alone. `reduces`, `normalises`, `scans`: the function couples positions
along an axis and takes `where=None`, which is true where a slot counts (as in `jax.numpy.sum`).
`whole`: it couples positions along axes that are never padded, such as the features.
`contracts`: it is a sum of products, written as in an einsum. `moves`: axes change their places.
`opaque`: nothing is known, and a padded input raises at once.

Axes are given by the name of the function's parameter that holds them, or as numbers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from .foundation.dims import Dim, Shape, show_shape
from .foundation.errors import GraphError
from .ir.masks import Tag
from .ops import rules as family
from .ops.rules.reduces import axes_of, joined_inputs, reduced_tag
from .ops.site import Rule as Rule
from .ops.site import Site, Verdict, symbols

Axes = str | int | tuple[int, ...]
"""The parameter that holds the axes, or the axes themselves."""

Named = Literal["pointwise", "opaque", "reduces", "normalises", "scans", "whole"]
"""Rules that may be given as text; their axes are the parameter `axis`."""

Check = Callable[[Site], bool]
"""Whether the shapes of the outputs are those that the rule promises."""


def reduces(axis: Axes = "axis") -> Rule:
    """Sums, means, maxima: the axes disappear, or stay with size 1.

    The function takes `where=None`: true where a slot counts. An example without any real slot
    has no real result; the function is shown a row that is real instead, so that nothing is NaN.

    >>> reduces("axis").padding
    'Padded slots do not count; an empty row gives 0.'
    """
    return _coupling("reduces", family.reduces, axis, _leaves_rest(axis, most=1))


def normalises(axis: Axes = "axis") -> Rule:
    """Softmax, standardisation: the shape stays, and statistics are over real slots (`where=`).

    >>> import jax
    >>> from samediff_py import SameDiff
    >>> sd = SameDiff.create()
    >>> x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
    >>> y = sd.call(jax.nn.softmax, x, axis="time", mask="normalises", name="y")
    >>> sd.output({"x": [[1.0, 1.0], [5.0]]}, "y")["y"]
    array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """
    return _coupling("normalises", family.normalises, axis, _keeps_first)


def scans(axis: Axes = "axis") -> Rule:
    """Running sums, recurrences: the shape stays; slots where `where=` is false change nothing."""
    return _coupling("scans", family.scans, axis, _keeps_first)


def whole(axis: Axes = "axis") -> Rule:
    """Couples positions along axes that must not be padded (features, channels); all others stand
    alone. The axes keep their places, with any size, or all of them disappear.

    >>> whole(-1).padding
    'Couples whole axes, along which nothing may be padded; the others stand alone.'
    """

    def apply(site: Site) -> Verdict:
        x = joined_inputs(site)
        gone = axes_of(site, _axes(axis), x.ndim)
        inside = x.tag.touching(gone)
        if any(not term.is_extent for term in inside):
            raise site.refuse(
                f"needs axis {', '.join(map(str, gone))} of {x.name!r} whole, and it is padded "
                f"there: {x.tag}"
            )
        kept = [a for a in range(x.ndim) if a not in gone]
        tags = tuple(
            reduced_tag(x.tag.labels, x.tag.terms - inside, kept, out, x.ndim) for out in site.outs
        )
        return Verdict(tags, fixed_dims=symbols(x.shape[a] for a in gone))

    padding = "Couples whole axes, along which nothing may be padded; the others stand alone."
    return _public(Rule("whole", apply, padding), f"whole({axis!r})", _leaves_rest(axis), axis)


def contracts(axes: str) -> Rule:
    """Sums of products of the inputs, axes written as in an einsum: `"btd,df->btf"`.

    Only for functions that are linear in each input, so that padding which is zero adds nothing.

    >>> contracts("btd,df->btf").spelling
    "contracts('btd,df->btf')"
    """
    left, _, right = axes.replace(" ", "").partition("->")
    operands, result = tuple(tuple(part) for part in left.split(",")), tuple(right)

    def check(site: Site) -> bool:
        ranks = [arg.ndim for arg in site.inputs]
        return ranks == list(map(len, operands)) and all(o.ndim == len(result) for o in site.outs)

    spelling = f"contracts({axes!r})"
    return _public(family.contracts(lambda site: (operands, result)), spelling, check)


def moves(axes: str) -> Rule:
    """Axes of one input change places, appear or disappear: `"batch time (h f) -> batch h time f"`.

    An axis that stands alone on both sides keeps its positions in their order; `1` is an axis of
    size 1. Axes that are merged, split or new can't be padded.

    >>> from samediff_py import SameDiff
    >>> sd = SameDiff.create()
    >>> x = sd.placeholder("x", ("batch", "time", 6), mask="x_mask")
    >>> heads = lambda x: x.reshape(*x.shape[:2], 2, 3).swapaxes(1, 2)
    >>> sd.call(heads, x, mask=moves("batch time (h f) -> batch h time f"), name="y")
    y: float32[batch, 2, time, 3] | x_mask@0,2
    """
    left, right = (_listed(side) for side in axes.split("->"))
    place = {a: right.index(axis) for a, axis in enumerate(left) if axis and axis in right}

    def apply(site: Site) -> Verdict:
        x, fixed = site.first, frozenset[str]()
        ones = {a for a, axis in enumerate(left) if not axis}
        terms = site.project(x.tag.terms, set(range(x.ndim)) - ones)
        mixed = {t for t in terms if not set(t.axes) <= set(place)}
        if any(not term.is_extent for term in mixed):
            raise site.refuse(f"merges or splits an axis of {x.name!r} that is padded: {x.tag}")
        fixed = symbols(x.shape[a] for t in mixed for a in t.axes)
        labels: list[str | None] = [None] * len(right)
        for old, new in place.items():
            labels[new] = x.tag.labels[old]
        moved = frozenset(t.moved(place.__getitem__) for t in terms - mixed)
        return Verdict((Tag(tuple(labels), moved),) * len(site.outs), fixed_dims=fixed)

    def check(site: Site) -> bool:
        shapes = [site.first.shape[old] for old in place]
        return (
            [arg.ndim for arg in site.inputs] == [len(left)]
            and all(out.ndim == len(right) for out in site.outs)
            and all([out.shape[new] for new in place.values()] == shapes for out in site.outs)
        )

    rule = Rule("moves", apply, "The mask's axes move along.", couples=False)
    return _public(rule, f"moves({axes!r})", check)


def _listed(side: str) -> list[tuple[str, ...]]:
    """The axes of one side: the names in each, none for `1`."""
    words = re.findall(r"\([^)]*\)|\S+", side)
    return [tuple(word.strip("()").split()) if word != "1" else () for word in words]


# What the shapes already show of a promise.


def _keeps_broadcast(site: Site) -> bool:
    want = _broadcast([arg.shape for arg in site.inputs])
    return all(out.shape == want for out in site.outs)


def _keeps_first(site: Site) -> bool:
    x = site.first
    for term in joined_inputs(site).tag.terms - x.tag.terms:
        if not term.is_extent:
            raise site.refuse(f"only its first input may be padded in ways that {x.name!r} is not")
    return all(out.shape == x.shape for out in site.outs)


def _leaves_rest(axis: Axes, most: int | None = None) -> Check:
    """The other axes stay as they are; the coupled ones disappear, or have sizes up to `most`."""

    def check(site: Site) -> bool:
        x = joined_inputs(site)
        gone = axes_of(site, _axes(axis), x.ndim)
        shape = _broadcast([arg.shape for arg in site.inputs])
        kept = [size for a, size in enumerate(shape) if a not in gone]
        return all(_left(out.shape, gone, x.ndim, most) == kept for out in site.outs)

    return check


def _left(shape: Shape, gone: tuple[int, ...], ndim: int, most: int | None) -> list[int | Dim]:
    if len(shape) != ndim or (most and any(shape[a] != most for a in gone)):
        return list(shape)
    return [size for a, size in enumerate(shape) if a not in gone]


def _broadcast(shapes: list[Shape]) -> Shape:
    ndim = max(map(len, shapes))
    full = [(1,) * (ndim - len(shape)) + shape for shape in shapes]
    return tuple(next((d for d in dims if d != 1), 1) for dims in zip(*full, strict=True))


# How a rule is written.


def _axes(axis: Axes) -> str | Callable[[Site], tuple[int, ...]]:
    """As the family takes it."""
    if isinstance(axis, str):
        return axis
    numbers = axis if isinstance(axis, tuple) else (axis,)

    def fixed(site: Site) -> tuple[int, ...]:
        ndim = joined_inputs(site).ndim
        if any(not -ndim <= a < ndim for a in numbers):
            raise GraphError(f"couples axis {numbers}, which an input of rank {ndim} does not have")
        return tuple(a % ndim for a in numbers)

    return fixed


def _coupling(name: str, member: Callable[..., Rule], axis: Axes, check: Check) -> Rule:
    return _public(member(_axes(axis)), f"{name}({axis!r})", check, axis)


def _public(rule: Rule, spelling: str, check: Check, axis: Axes = "axis") -> Rule:
    """A rule that holds the shapes against the promise, and trusts no function with padding: what
    stands there is always replaced before the function sees it."""

    def apply(site: Site) -> Verdict:
        if not check(site):
            shapes = ", ".join(show_shape(arg.shape) for arg in site.inputs)
            outs = ", ".join(show_shape(out.shape) for out in site.outs)
            raise GraphError(f"gives {outs} for {shapes}, and its mask rule is {spelling}")
        return replace(rule.apply(site), covered=frozenset())

    axes = (axis,) if isinstance(axis, int) else axis
    return replace(rule, apply=apply, spelling=spelling, axes=axes)


pointwise = _public(family.pointwise, "pointwise", _keeps_broadcast)
"""Every position alone: the shape is that of the inputs after broadcasting."""


def _opaque(site: Site) -> Verdict:
    for arg in site.inputs:
        if any(not term.is_extent for term in arg.tag.terms):
            raise site.refuse(
                f"no rule says what it does with padding, and {arg.name!r} is padded: {arg.tag}",
                'say what it does: mask="pointwise", mask=rules.reduces("axis"), ... '
                "(help(samediff_py.rules) lists them)",
            )
    return family.opaque.apply(site)


opaque = replace(family.opaque, apply=_opaque, spelling="opaque")
"""Nothing is known of the function: a padded input raises at once."""

_MAKERS: dict[str, Callable[..., Rule]] = {
    "pointwise": lambda: pointwise,
    "opaque": lambda: opaque,
    "reduces": reduces,
    "normalises": normalises,
    "scans": scans,
    "whole": whole,
    "contracts": contracts,
    "moves": moves,
}


def rule_of(mask: Rule | str | None) -> Rule:
    """The rule that is meant: itself, or by its spelling (`"pointwise"`, `"reduces('axis')"`)."""
    if isinstance(mask, Rule):
        return mask
    name, _, rest = (mask or "opaque").partition("(")
    arguments = ast.literal_eval(f"({rest.removesuffix(')')},)") if rest else ()
    if name not in _MAKERS:
        raise GraphError(f"there is no mask rule {mask!r}; there are {', '.join(_MAKERS)}")
    return _MAKERS[name](*arguments)
