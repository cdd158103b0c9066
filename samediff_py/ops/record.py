"""The record of an op: everything that the other floors ask of it, and the registry of all ops."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .cases import Case, Wrong
from .site import Rule

Complete = Callable[[dict[str, Any], Callable[[Any], Any]], dict[str, Any]]
"""`complete(values, fold)`: the call with parameters filled in that follow from constants."""

RESERVED = frozenset({"where", "mask", "key", "training", "sizes", "ragged_axis", "parts"})
"""Kernel parameters that the compiler injects; a stub may not have them."""


@dataclass(frozen=True)
class Param:
    """A parameter of the stub and the role its annotation gives it."""

    name: str
    role: str  # input, inputs, axis, dtype, shape, index, static
    kind: str  # bool, int, float, str, Sequence, Axis (one of them), or nothing in particular
    default: Any


@dataclass(frozen=True)
class Op:
    """An operation: everything the other floors ask of it."""

    name: str
    signature: inspect.Signature
    kernel: Callable[..., Any]
    rule: Rule
    params: Mapping[str, Param]
    injected: frozenset[str]  # the reserved parameters that the kernel has
    positional: tuple[str, ...]  # inputs that the kernel takes by position only
    doc: str = ""
    safe: float | Mapping[str, float] | None = None
    samediff: str | None = None
    java: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    raises: tuple[Wrong, ...] = ()
    loss: bool = False
    complete: Complete | None = None
    internal: int = 0
    differs: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.params.values() if p.role in ("input", "inputs"))

    @property
    def title(self) -> str:
        """The name without the place that an op of the user's own is defined at."""
        bare = self.name.partition("[")[0].rpartition(":")[2]
        return bare.partition("@")[0].rpartition(".")[2]

    @property
    def is_list(self) -> bool:
        """Whether it gives a list of variables, even where that holds one alone."""
        return str(self.signature.return_annotation) == "tuple[SDVariable, ...]"

    @property
    def order(self) -> str:
        """The parameters in Python's order, with their defaults."""
        own = [p for p in self.signature.parameters.values() if p.name != "self"]
        bare = [p.replace(annotation=inspect.Parameter.empty) for p in own]
        return str(inspect.Signature(bare))

    def safe_value(self, param: str) -> float | None:
        """What replaces a padded slot of that input; None where any finite number will do."""
        return self.safe.get(param) if isinstance(self.safe, Mapping) else self.safe

    def call(self, values: Mapping[str, Any]) -> Any:
        """The kernel on these values by parameter name."""
        head = [values[name] for name in self.positional if name in values]
        rest = {k: v for k, v in values.items() if k not in self.positional}
        return self.kernel(*head, **rest)


def statements(told: str | Sequence[str]) -> tuple[str, ...]:
    """One or several, as `differs` may be declared."""
    return (told,) if isinstance(told, str) else tuple(told)


class Registry(dict[str, Op]):
    """Ops by their names in the graph; those that are not the library's are looked up elsewhere."""

    elsewhere: Callable[[str], Op] | None = None

    def __missing__(self, name: str) -> Op:
        if self.elsewhere is None:
            raise KeyError(name)
        return self.elsewhere(name)


OPS = Registry()
"""Every op of the library."""


# From a signature.

_ROLES = (
    ("inputs", re.compile(r"Sequence\[VarLike\]")),
    ("input", re.compile(r"\bVarLike\b")),
    ("axis", re.compile(r"\bAx[ei]s\b")),
    ("dtype", re.compile(r"\bDTypeLike\b")),
    ("shape", re.compile(r"\bShapeLike\b")),
    ("index", re.compile(r"\bIndex\b")),
)
_NOT_PARAMS = {"self", "name", "masked", "allow_softmax"}
"""What a stub says to the builder, and never to the kernel."""


def recorded(
    name: str, signature: inspect.Signature, kernel: Callable[..., Any], rule: Rule, **declared: Any
) -> Op:
    """The record of an op; roles of parameters are read from the annotations of the signature."""
    params = {
        p.name: Param(p.name, _role(str(p.annotation)), _kind(str(p.annotation)), p.default)
        for p in signature.parameters.values()
        if p.name not in _NOT_PARAMS
    }
    return Op(name, signature, kernel, rule, params, *_fit(name, params, kernel), **declared)


def _role(annotation: str) -> str:
    return next((role for role, pattern in _ROLES if pattern.search(annotation)), "static")


def _kind(annotation: str) -> str:
    """The plain type of a static parameter, as Java's overloads tell arguments apart by it."""
    text = annotation.removesuffix(" | None")
    if text.startswith("Sequence["):
        return "Sequence"
    if text == "int | Sequence[int]":
        return "Integers"
    return text if text in ("bool", "int", "float", "str", "Axis", "Number") else ""


def _fit(name: str, params: Mapping[str, Param], kernel) -> tuple[frozenset[str], tuple[str, ...]]:
    """Compares stub and kernel, so that a misspelt parameter fails at import and not at a user."""
    theirs = inspect.signature(kernel).parameters
    if any(p.kind is p.VAR_POSITIONAL for p in theirs.values()):
        return frozenset(), tuple(params)  # a jnp.ufunc: whatever it is given, in order
    by_position = [p for p in theirs.values() if p.kind is p.POSITIONAL_ONLY]
    positional = tuple(list(params)[: len(by_position)])
    takes_all = any(p.kind is p.VAR_KEYWORD for p in theirs.values())
    reserved = RESERVED & set(params)
    missing = set() if takes_all else set(params) - set(theirs) - set(positional)
    if reserved or missing:
        raise TypeError(f"op {name!r}: stub and kernel disagree on {sorted(reserved | missing)}")
    return frozenset(RESERVED & set(theirs)), positional
