"""Losses: the tags of labels, predictions and weights say which items count."""

from __future__ import annotations

from ...ir.masks import Sense, Tag, remapped
from ..site import Arg, Injected, Out, Rule, Site, Verdict, symbols
from .elementwise import broadcast_tag


def losses(
    *, class_axis: tuple[str, ...] = (), sequences: tuple[str, ...] = (), frames: str = ""
) -> Rule:
    """`class_axis`: inputs whose last axis one item spans (softmax over classes).
    `sequences`: inputs of which an item spans everything but the first axis, and whose lengths
    the op is given as numbers. `frames`: the one of them of which single frames may be missing;
    the kernel takes `mask=`."""

    def apply(site: Site) -> Verdict:
        args = {name: site.arg(name) for name in site.args}
        for name in class_axis:
            _check_whole(site, args[name])
        heard = _check_sequences(site, sequences, frames)
        items = [_items(site, name, arg, class_axis, sequences) for name, arg in args.items()]
        ndim = max(arg.ndim for arg in items)
        shape = next(arg.shape for arg in items if arg.ndim == ndim)
        tag = broadcast_tag(items, Out("items", shape, ""))
        told = {**site.where(tag.terms, ndim), **heard}
        fixed = symbols(args[name].shape[-1] for name in class_axis)
        covered = frozenset(site.args)
        return Verdict((_shown(site, tag, site.out),), told, covered=covered, fixed_dims=fixed)

    return Rule("losses", apply, "Padded items count neither in the sum nor in the divisor.")


def _check_sequences(site: Site, sequences: tuple[str, ...], frames: str) -> dict[str, Injected]:
    """What of the frames is there. Elsewhere lengths say it, and nothing before them may miss."""
    for name in sequences:
        arg = site.arg(name)
        inner = set(range(2 if name == frames else 1, arg.ndim))
        if any(t.sense is Sense.MISSING for t in arg.tag.touching(inner)):
            raise site.refuse(
                f"needs {name} whole up to their lengths, and some of {arg.name!r} are missing: "
                f"{arg.tag}"
            )
    told = site.arg(frames).tag.touching((1,)) if frames else frozenset()
    mask = site.use(told, (0, 1))
    return {"mask": mask} if mask else {}


def _items(site: Site, name: str, arg: Arg, class_axis, sequences) -> Arg:
    """The input seen as items: without the axes that one item spans."""
    if name in sequences:
        return _keeping(site, arg, [0])
    return _keeping(site, arg, range(arg.ndim - 1)) if name in class_axis else arg


def _keeping(site: Site, arg: Arg, kept) -> Arg:
    place = {old: new for new, old in enumerate(kept)}
    terms = remapped(site.project(arg.tag.terms, kept), place)
    tag = Tag(tuple(arg.tag.labels[a] for a in kept), terms)
    return Arg(arg.name, tuple(arg.shape[a] for a in kept), arg.dtype, tag)


def _check_whole(site: Site, arg: Arg) -> None:
    """Classes that are padding would take part in the softmax."""
    if any(not term.is_extent for term in arg.tag.touching((arg.ndim - 1,))):
        raise site.refuse(
            f"{arg.name!r} is padded along its last axis, which holds the classes ({arg.tag})",
            "put the classes last: permute(x, ...)",
        )


def _shown(site: Site, tag: Tag, out: Out) -> Tag:
    """Of a scalar, nothing; of unreduced items, the tag, without the axes that have size 1."""
    kept = [a for a in range(min(tag.ndim, out.ndim)) if out.shape[a] != 1]
    terms = site.project(tag.terms, kept) if kept else frozenset()
    labels = (tag.labels[a] if a in kept else None for a in range(out.ndim))
    return Tag(tuple(labels), terms)
