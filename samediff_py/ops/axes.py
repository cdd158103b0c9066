"""Which axes of the operands meet in a product: letters for the rule `contracts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .site import Site

Letters = tuple[tuple[tuple[object, ...], ...], tuple[object, ...]]


def matmul(site: Site) -> Letters:
    """`... m k @ ... k n`; vectors lack their outer letter."""
    x, y = site.arg("x"), site.arg("y")
    left = _matrix(x.ndim, ("m", "k"), site.params.get("transpose_x", False))
    right = _matrix(y.ndim, ("k", "n"), site.params.get("transpose_y", False))
    left = left if x.ndim > 1 else ("k",)
    right = right if y.ndim > 1 else ("k",)
    batch = max(_batch(x.ndim), _batch(y.ndim), key=len)
    outer = tuple(letter for letter in ("m", "n") if letter in (*left, *right))
    if site.params.get("transpose_z", False):
        outer = outer[::-1]
    return (left, right), (*batch, *outer)


def _batch(ndim: int) -> tuple[object, ...]:
    """Leading axes, counted from the right as numpy broadcasts them."""
    return tuple(range(ndim - 2, 0, -1))


def _matrix(ndim: int, letters: tuple[str, str], transposed: bool) -> tuple[object, ...]:
    return (*_batch(ndim), *(letters[::-1] if transposed else letters))


def tensordot(site: Site) -> Letters:
    x, y = site.arg("x"), site.arg("y")
    pairs = list(zip(*_paired(site.params["axes"], x.ndim), strict=True))
    left: list[object] = [("x", i) for i in range(x.ndim)]
    right: list[object] = [("y", i) for i in range(y.ndim)]
    for n, (i, j) in enumerate(pairs):
        left[i] = right[j] = ("both", n)
    kept = [a for a in (*left, *right) if a[0] != "both"]  # type: ignore[index]
    return (tuple(left), tuple(right)), tuple(kept)


def _paired(axes: Any, ndim: int) -> tuple[Sequence[int], Sequence[int]]:
    """Axes of x and of y; a number n stands for the last n of x and the first n of y."""
    if isinstance(axes, int):
        return range(ndim - axes, ndim), range(axes)
    of_x, of_y = ((side,) if isinstance(side, int) else side for side in axes)
    return of_x, of_y


def tensor_mmul(site: Site) -> Letters:
    """As `tensordot`, with the axes of whatever is transposed in reverse order."""
    params = site.params
    pairs = (params["dimensions_x"], params["dimensions_y"])
    operands, result = tensordot(replace(site, params={"axes": pairs}))
    sides = zip(("x", "y"), operands, strict=True)
    left, right = (o[::-1] if params.get(f"transpose_{n}") else o for n, o in sides)
    return (left, right), result[::-1] if params.get("transpose_z") else result


def einsum(site: Site) -> Letters:
    """The equation itself; an ellipsis stands for numbered axes."""
    equation = site.params["equation"].replace(" ", "")
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    names = [_letters(t, arg.ndim) for t, arg in zip(terms, site.inputs, strict=True)]
    if arrow:
        return tuple(names), _letters(right, site.out.ndim)
    once = sorted(c for c in set(left) - set(",.") if left.count(c) == 1)
    dots = _letters("...", site.out.ndim - len(once)) if "..." in left else ()
    return tuple(names), (*dots, *once)


def _letters(term: str, ndim: int) -> tuple[object, ...]:
    before, dots, after = term.partition("...")
    if not dots:
        return tuple(term)
    count = ndim - len(before) - len(after)
    return (*before, *range(count, 0, -1), *after)


def linear(site: Site) -> Letters:
    """`... k @ k n + n`."""
    x = site.arg("x")
    outer = tuple(range(x.ndim - 1, 0, -1))
    operands: list[tuple[object, ...]] = [(*outer, "k"), ("k", "n")]
    if "bias" in site.args:
        operands.append(("n",))
    return tuple(operands), (*outer, "n")
