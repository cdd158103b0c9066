"""Matrices (or vectors) in the last axes, which stand or fall as a whole."""

from __future__ import annotations

from ...ir.masks import Tag
from ..site import Arg, Out, Rule, Site, Verdict, symbols
from .elementwise import broadcast_tag


def decomposes(*, where: bool = False, **coupled: int) -> Rule:
    """`coupled`: how many of its last axes the op couples, for each input.

    `where`: the kernel is told which of the matrices are real.
    """

    def apply(site: Site) -> Verdict:
        leading = [_leading(site, slot[0], arg, coupled[slot[0]]) for slot, arg in site.slots]
        widest = max(leading, key=lambda arg: arg.ndim)
        tag = broadcast_tag(leading, Out(widest.name, widest.shape, widest.dtype))
        fixed = symbols(d for n, a in site.args.items() for d in _whole(a, coupled[n]))
        ndim = tag.ndim + next(iter(coupled.values()))
        injects = site.where(tag.terms, ndim) if where else {}
        tags = tuple(_spread(tag, out) for out in site.outs)
        return Verdict(tags, injects, fixed_dims=fixed)

    return Rule("decomposes", apply, "A padded matrix stays padded; inside of one none may be.")


def _whole(arg: Arg | tuple[Arg, ...], count: int):
    args = arg if isinstance(arg, tuple) else (arg,)
    return [dim for one in args for dim in one.shape[one.ndim - count :]]


def _leading(site: Site, name: str, arg: Arg, count: int) -> Arg:
    """The input without the axes that are coupled."""
    kept = arg.ndim - count
    inside = arg.tag.touching(range(kept, arg.ndim))
    if any(not term.is_extent for term in inside):
        raise site.refuse(
            f"needs the last {count} axes of {name!r} whole, and {arg.name!r} is padded there: "
            f"{arg.tag}"
        )
    tag = Tag(arg.tag.labels[:kept], arg.tag.terms - inside)
    return Arg(arg.name, arg.shape[:kept], arg.dtype, tag)


def _spread(tag: Tag, out: Out) -> Tag:
    return Tag(tag.labels + (None,) * (out.ndim - tag.ndim), tag.terms)
