"""Matrix and tensor products.

A contraction without a shared batch axis is done as one product of two matrices: on a CPU its
gradient is 1.4 to 2 times as fast as that of the same contraction over more axes.
Padding in contracted axes has to be zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array

from .axes import Axis, axes_of
from .numbers import fill_masked, narrow, widen
from .slopes import product

Axes = int | tuple[int | Sequence[int], int | Sequence[int]]


def matmul(
    x: Array,
    y: Array,
    *,
    transpose_x: bool = False,
    transpose_y: bool = False,
    transpose_z: bool = False,
) -> Array:
    """z = x y over the last two axes, numpy's rules for vectors and for broadcasting.

    Each transpose swaps the last two axes and leaves a vector as it is.
    """
    z = _matmul(_swapped(x, transpose_x), _swapped(y, transpose_y))
    return _swapped(z, transpose_z)


def tensordot(x: Array, y: Array, *, axes: Axes) -> Array:
    """The sum of products over pairs of axes; the free axes of x, then those of y, remain.

    `axes` is a pair (of x, of y), each an axis or several; a number n: x's last n, y's first n.
    """
    of_x, of_y = _axis_pairs(x, y, axes)
    free_x, free_y = _others(x, of_x), _others(y, of_y)
    z = product(_flat(x, free_x, of_x), _flat(y, of_y, free_y))
    return z.reshape(_sizes(x, free_x) + _sizes(y, free_y))


def tensor_mmul(
    x: Array,
    y: Array,
    dimensions_x: Sequence[int],
    dimensions_y: Sequence[int],
    *,
    transpose_x: bool = False,
    transpose_y: bool = False,
    transpose_z: bool = False,
) -> Array:
    """`tensordot`; each transpose reverses all axes, those of x and y before they are counted."""
    x, y = x.T if transpose_x else x, y.T if transpose_y else y
    z = tensordot(x, y, axes=(dimensions_x, dimensions_y))
    return z.T if transpose_z else z


def dot(
    x: Array,
    y: Array,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    where: Array | None = None,
) -> Array:
    """The sum of x * y; integers are taken as floating point."""
    if jnp.ndim(x) != jnp.ndim(y) and axes_of(x, axis) != (jnp.ndim(x) - 1,):
        raise ValueError("a vector y lies along the last axis of x, which alone is summed over")
    kind = jnp.result_type(x, y)
    a, b = (widen(fill_masked(z.astype(kind), where, 0)) for z in (x, y))
    return narrow(jnp.sum(a * b, axis, keepdims=keepdims), jnp.zeros((), kind))


def einsum(equation: str, *operands: Array) -> Array:
    """Einstein's summation in numpy's notation, as `einsum("btf,fg->btg", x, weights)`."""
    labels = re.split(",|->", equation.replace(" ", ""))
    _check_letters(equation.replace(" ", "").partition("->")[0].split(","), operands)
    if len(labels) == 3 and len(operands) == 2 and _is_tensordot(labels, *operands):
        return _labelled_tensordot(labels, *operands)
    return jnp.einsum(equation, *operands)


def einsum_of(operands: Sequence[Array], equation: str) -> Array:
    """`einsum` with the operands as one argument."""
    return einsum(equation, *operands)


def _matmul(x: Array, y: Array) -> Array:
    if x.ndim > 2 and y.ndim == 2:
        return tensordot(x, y, axes=1)
    if x.ndim == 2 and y.ndim > 2:
        return tensordot(y, x, axes=(-2, 1)).mT
    return product(x, y)


def _swapped(x: Array, swap: bool) -> Array:
    return x.mT if swap and x.ndim > 1 else x


def _axis_pairs(x: Array, y: Array, axes: Axes) -> tuple[list[int], list[int]]:
    if isinstance(axes, int):
        axes = (range(x.ndim - axes, x.ndim), range(axes))
    of_x, of_y = (_resolved(a, z) for a, z in zip(axes, (x, y), strict=True))
    if _sizes(x, of_x) != _sizes(y, of_y):
        raise ValueError(f"axes {of_x} of {x.shape} and {of_y} of {y.shape} differ in size")
    return of_x, of_y


def _resolved(axes: int | Sequence[int], x: Array) -> list[int]:
    axes = [axes] if isinstance(axes, int) else list(axes)
    if any(not -x.ndim <= a < x.ndim for a in axes):
        raise ValueError(f"axes {axes} are out of range for shape {x.shape}")
    return [a % x.ndim for a in axes]


def _others(x: Array, axes: list[int]) -> list[int]:
    return [a for a in range(x.ndim) if a not in axes]


def _sizes(x: Array, axes: list[int]) -> list[int]:
    return [x.shape[a] for a in axes]


def _flat(x: Array, rows: list[int], columns: list[int]) -> Array:
    """x as a matrix whose rows and columns run over these axes."""
    shape = math.prod(_sizes(x, rows)), math.prod(_sizes(x, columns))
    return x.transpose(rows + columns).reshape(shape)


def _check_letters(terms: Sequence[str], operands: Sequence[Array]) -> None:
    """Each letter has one size wherever it stands, but that 1 is spread over another operand's.

    JAX compares numbers alone, and takes a named size for any other.
    """
    if len(terms) != len(operands):
        raise ValueError(f"{','.join(terms)!r} is for {len(terms)} operands, not {len(operands)}")
    known: dict[str | int, tuple[Any, str]] = {}
    for term, x in zip(terms, operands, strict=True):
        for letter, size in _sizes_by_letter(term, x).items():
            before, place = known.get(letter, (1, term))
            if before != size and 1 not in (before, size):
                raise ValueError(
                    f"{_shown(letter)} is {before} in {place!r} and {size} in {term!r}"
                )
            known[letter] = (before, place) if size == 1 else (size, term)


def _sizes_by_letter(term: str, x: Array) -> dict[str | int, Any]:
    sizes: dict[str | int, Any] = {}
    for letter, size in zip(_letters(term, x), x.shape, strict=True):
        if sizes.setdefault(letter, size) != size:
            raise ValueError(f"{_shown(letter)} is {sizes[letter]} and {size} in {term!r}")
    return sizes


def _letters(term: str, x: Array) -> list[str | int]:
    """A letter for each axis; those under an ellipsis are counted from its end."""
    before, dots, after = term.partition("...")
    others = x.ndim - len(before) - len(after)
    if others < 0 or (others and not dots):
        raise ValueError(f"{term!r} has not one letter for each axis of {list(x.shape)}")
    return [*before, *range(-others, 0), *after]


def _shown(letter: str | int) -> str:
    return f"letter {letter!r}" if isinstance(letter, str) else f"axis {letter} of '...'"


def _is_tensordot(labels: list[str], x: Array, y: Array) -> bool:
    """Whether each label is one axis of x or of y and kept, or one of both and summed."""
    of_x, of_y, output = labels
    sizes_x = dict(zip(of_x, x.shape, strict=False))
    sizes_y = dict(zip(of_y, y.shape, strict=False))
    one_each = len(sizes_x) == len(of_x) == x.ndim and len(sizes_y) == len(of_y) == y.ndim
    agree = all(sizes_x[label] == sizes_y[label] for label in sizes_x.keys() & sizes_y.keys())
    return one_each and agree and sorted(output) == sorted(sizes_x.keys() ^ sizes_y.keys())


def _labelled_tensordot(labels: list[str], x: Array, y: Array) -> Array:
    of_x, of_y, output = labels
    shared = [label for label in of_x if label in of_y]
    free = [label for label in of_x + of_y if label not in shared]
    axes = [of_x.index(label) for label in shared], [of_y.index(label) for label in shared]
    return tensordot(x, y, axes=axes).transpose([free.index(label) for label in output])
