"""Dims: named or anonymous axis sizes and affine expressions of them, kept as text.

JAX's symbolic shapes live in scopes that fix their constraints at creation and can't be mixed,
so a `Dim` is ours, and becomes a symbol of a fresh scope for each inference.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from jax import export

from .errors import GraphError

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_FUNCTIONS = {"floordiv", "mod", "max", "min"}


@dataclass(frozen=True, slots=True)
class Dim:
    """A named size (`time`), an anonymous one (`_3`), or an expression of them (`2*time - 1`)."""

    text: str

    @property
    def is_symbol(self) -> bool:
        return _IDENTIFIER.fullmatch(self.text) is not None

    @property
    def is_anonymous(self) -> bool:
        return self.is_symbol and self.text.startswith("_")

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(_IDENTIFIER.findall(self.text)) - _FUNCTIONS

    def __str__(self) -> str:
        return re.sub(r"\b_(\d+)\b", r"?\1", self.text)

    __repr__ = __str__


Shape = tuple[int | Dim, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of a named dim: its least and greatest size and what divides it."""

    min: int = 1
    max: int | None = None
    multiple_of: int = 1

    @property
    def greatest(self) -> int | None:
        """The greatest size that all of them allow: a multiple itself, perhaps below `max`."""
        return None if self.max is None else self.max // self.multiple_of * self.multiple_of

    def constraints(self, name: str) -> Iterable[str]:
        if self.min > 1:
            yield f"{name} >= {self.min}"
        if self.max is not None:
            yield f"{name} <= {self.max}"
        if self.multiple_of > 1:
            yield f"mod({name}, {self.multiple_of}) == 0"


def bounds_of(name: str, **said: Any) -> Bounds:
    """What a user says of a dim; raises where it is no size, or where no size fits all of it: no
    feed could, and JAX would say so at the first op, in terms of its own."""
    for key, number in said.items():
        if not _is_size(number):
            raise GraphError(
                f"{key}={number!r} of dim {name!r} is no size: use a whole number from 1 on"
            )
    bounds = Bounds(**{key: operator.index(number) for key, number in said.items()})
    if bounds.greatest is not None and bounds.greatest < bounds.min:
        wanted = " and ".join(bounds.constraints(name))
        raise GraphError(f"no size fits dim {name!r}: you said {wanted}; widen its bounds")
    return bounds


def _is_size(number: Any) -> bool:
    try:
        return not isinstance(number, bool) and operator.index(number) >= 1
    except TypeError:
        return False


def named(name: str) -> Dim:
    """A dim of that name; raises where the name is no plain identifier."""
    if not _IDENTIFIER.fullmatch(name) or name.startswith("_") or name in _FUNCTIONS:
        raise GraphError(f"{name!r} is no name for a dim: use letters, digits and underscores")
    return Dim(name)


def show_shape(shape: Shape) -> str:
    return f"[{', '.join(map(str, shape))}]"


def symbols_of(shapes: Iterable[Shape]) -> frozenset[str]:
    """Names of all symbols in the shapes."""
    dims = (dim for shape in shapes for dim in shape if isinstance(dim, Dim))
    return frozenset(symbol for dim in dims for symbol in dim.symbols)


def constraints_of(symbols: Iterable[str], bounds: Mapping[str, Bounds]) -> tuple[str, ...]:
    known = (name for name in sorted(symbols) if name in bounds)
    return tuple(text for name in known for text in bounds[name].constraints(name))


class Symbols:
    """A fresh scope of JAX symbols for one inference."""

    def __init__(self, constraints: tuple[str, ...] = ()):
        self._scope = export.SymbolicScope(constraints)

    def size(self, dim: int | Dim) -> Any:
        if isinstance(dim, int):
            return dim
        return export.symbolic_shape(dim.text, scope=self._scope)[0]

    def shape(self, shape: Shape) -> tuple[Any, ...]:
        return tuple(map(self.size, shape))

    def call(self, function: str, a: Any, b: Any) -> Any:
        return self.size(Dim(f"{function}({a}, {b})"))


def from_jax(shape: Sequence[Any]) -> Shape:
    """Back from JAX's sizes to ours."""
    return tuple(int(size) if isinstance(size, int) else Dim(str(size)) for size in shape)


def substitute(shape: Shape, names: Mapping[str, int | Dim]) -> Shape:
    """The shape with symbols replaced."""
    return tuple(_substitute(dim, names) for dim in shape)


def _substitute(dim: int | Dim, names: Mapping[str, int | Dim]) -> int | Dim:
    if isinstance(dim, int) or not dim.symbols & set(names):
        return dim
    symbols = Symbols()
    sizes = {name: symbols.size(names.get(name, Dim(name))) for name in dim.symbols}
    calls = {name: partial(symbols.call, name) for name in _CALLS}
    return from_jax([_evaluate(_parsed(dim), sizes, calls)])[0]


@cache
def product_of(dims: Shape) -> str:
    """The product as text: equal texts are equal numbers, whatever the sizes."""
    return str(math.prod(Symbols().shape(dims)))


def size_of(dim: int | Dim, sizes: Mapping[str, Any]) -> Any:
    """The size of a dim, given the sizes of its symbols (ints, or traced integers)."""
    if isinstance(dim, int):
        return dim
    unknown = dim.symbols - set(sizes)
    if unknown:
        raise GraphError(
            f"nobody says how large {', '.join(sorted(unknown))} is: no placeholder that is needed "
            "here has such a dim"
        )
    if dim.is_symbol:
        return sizes[dim.text]
    return _evaluate(_parsed(dim), sizes, _CALLS)


def _parsed(dim: Dim) -> ast.expr:
    return ast.parse(dim.text.replace("^", "**"), mode="eval").body


_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
}
_CALLS = {
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "max": lambda a, b: b + (a - b) * (a > b),  # sizes may be traced: no Python branch
    "min": lambda a, b: b + (a - b) * (a < b),
}


def _evaluate(tree: ast.expr, sizes: Mapping[str, Any], calls: Mapping[str, Any]) -> Any:
    match tree:
        case ast.Constant(value):
            return value
        case ast.Name(name):
            return sizes[name]
        case ast.UnaryOp(ast.USub(), operand):
            return -_evaluate(operand, sizes, calls)
        case ast.BinOp(left, op, right):
            left, right = (_evaluate(side, sizes, calls) for side in (left, right))
            return _BINARY[type(op)](left, right)
        case ast.Call(ast.Name(name), args):
            return calls[name](*(_evaluate(arg, sizes, calls) for arg in args))
    raise GraphError(f"a dim expression that is not understood: {ast.unparse(tree)}")


def is_prefix_size(dim: int | Dim) -> bool:
    """Whether a prefix of the dim's symbols makes a prefix of the dim: it grows with each, and is
    no product of them."""
    if not isinstance(dim, Dim) or re.search(r"([^\W\d]\w*|\))[*^]", dim.text):
        return False
    return all(_grows_with(symbol, dim) for symbol in dim.symbols)


@cache
def _grows_with(symbol: str, dim: Dim) -> bool:
    others = dict.fromkeys(dim.symbols, 64)
    sizes = [size_of(dim, {**others, symbol: n}) for n in range(1, 64)]
    return sizes == sorted(sizes)
