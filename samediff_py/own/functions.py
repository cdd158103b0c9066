"""A function of the user's own as a kernel: its signature, its errors, what it may return."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..foundation.errors import GraphError, SameDiffError
from ..foundation.source import source_in
from ..ops.record import RESERVED
from ..ops.site import Rule
from ..ops.types import is_operand

Function = Callable[..., Any]

_NEEDS_WHERE = frozenset({"reduces", "normalises", "scans"})
_ARRAY = re.compile(r"Array|ndarray|VarLike|SDVariable")
_MANY = re.compile(r"\b(Sequence|[Ll]ist|[Tt]uple)\[")
_OPEN_SIZE = re.compile(r"_DimExpr|[Ss]ymbolic dim|dimension variable|inconclusive")
_CONCRETE = re.compile(r"^numpy|Tracer|Concretization")


def title_of(function: Function) -> str:
    """What to call it: its own name, as far as it has one."""
    inner = getattr(function, "func", function)  # functools.partial
    name = getattr(inner, "__name__", type(inner).__name__)
    return re.sub(r"\W", "", name) or "function"


def parameters_of(function: Function) -> dict[str, inspect.Parameter]:
    """The parameters that a call may name: all but `**kwargs`."""
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise GraphError(
            f"{title_of(function)} does not say what its parameters are; wrap it in a function "
            "that does"
        ) from None
    named = {n: p for n, p in found.items() if p.kind is not p.VAR_KEYWORD}
    for name, p in named.items():
        if name in RESERVED and p.default is p.empty:
            raise GraphError(
                f"{title_of(function)}: the library fills in {name!r} where there is something to "
                f"say; give it a default, e.g. {name}=None"
            )
    return named


def word_of(p: inspect.Parameter) -> str:
    """The role of a parameter, in the words of the library's own stubs, by its annotation."""
    text = str(p.annotation)
    if p.kind is p.VAR_POSITIONAL:
        return "Sequence[VarLike]"
    if p.annotation is p.empty:
        return "VarLike" if p.default is p.empty else ""
    if _ARRAY.search(text):
        return "Sequence[VarLike]" if _MANY.search(text) else "VarLike"
    return p.annotation.__name__ if isinstance(p.annotation, type) else text


def word_for(value: Any) -> str:
    """The role of a parameter by what it is given."""
    if isinstance(value, list | tuple) and any(map(is_operand, value)):
        return "Sequence[VarLike]"
    return "VarLike" if is_operand(value) else ""


def signature_of(function: Function, rule: Rule, words: Mapping[str, str]) -> inspect.Signature:
    """The signature of an op: that of the function without what the library fills in."""
    own = {n: p for n, p in parameters_of(function).items() if n not in RESERVED}
    taken = {"self", "name", "masked"} & set(own)
    if taken:
        raise GraphError(
            f"{title_of(function)}: a parameter of an op can't be called {min(taken)!r}"
        )
    words = {**words, **({"dtype": "DTypeLike"} if "dtype" in own else {})}
    if rule.family in _NEEDS_WHERE | {"whole"} and isinstance(rule.axes, str):
        if rule.axes not in own:
            raise GraphError(
                f"{title_of(function)}: its mask rule {rule.spelling} speaks of a parameter "
                f"{rule.axes!r} that it does not have; give the axes as numbers"
            )
        words[rule.axes] = "Axes"
    plain = [p.replace(annotation=words.get(n) or "static") for n, p in own.items()]
    return inspect.Signature([_SELF, *plain, *_EXTRA])


def shown_signature(function: Function) -> inspect.Signature:
    """The same as the user reads it, with the annotations of the function."""
    own = [p for n, p in parameters_of(function).items() if n not in RESERVED]
    return inspect.Signature([*own, *_EXTRA])


def _keyword(name: str, default: Any, annotation: str) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


_SELF = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
_EXTRA = (_keyword("name", None, "str | None"), _keyword("masked", True, "bool"))


class Kernel:
    """The function, called by parameter names."""

    def __init__(self, function: Function, rule: Rule):
        self.function, self.rule = function, rule
        self.own = inspect.Signature(list(parameters_of(function).values()))
        keywords = (
            inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=None)
            for n in self.own.parameters
        )
        self.__signature__ = inspect.Signature(list(keywords))
        if rule.family in _NEEDS_WHERE and "where" not in self.own.parameters:
            raise GraphError(
                f"{title_of(function)} couples positions ({rule.spelling or rule.family}), so it "
                "must be told which of them are real: give it a parameter where=None and count "
                "only where it is true, e.g. jnp.sum(x, axis, where=where)"
            )

    def __call__(self, **values: Any) -> Any:
        given = {n: v for n, v in values.items() if n not in RESERVED or v is not None}
        if "where" in given:
            given["where"] = self._never_empty(given["where"], values)
        call = inspect.BoundArguments(self.own, given)  # type: ignore[arg-type]
        call.apply_defaults()
        try:
            out = self.function(*call.args, **call.kwargs)
        except SameDiffError:
            raise
        except Exception as error:
            raise ValueError(self._failed(error)) from error
        return tuple(map(self._array, out)) if isinstance(out, tuple | list) else self._array(out)

    def _never_empty(self, where: Any, values: Mapping[str, Any]) -> Any:
        """A row without any real slot is computed as if it were real, which gives no NaN; that
        its result is not real stands in its tag."""
        axes = self.rule.axes
        axis = values.get(axes) if isinstance(axes, str) else axes
        return where | ~jnp.any(where, axis=axis, keepdims=True)

    def _array(self, out: Any) -> Any:
        if isinstance(out, jax.Array | np.ndarray | np.generic | bool | int | float | complex):
            return jnp.asarray(out)
        raise ValueError(
            f"{title_of(self.function)} returns {type(out).__name__}; an op returns an array, or a "
            "tuple of them"
        )

    def _failed(self, error: Exception) -> str:
        """What went wrong in the function, where in it, and what to do."""
        reason = (str(error).splitlines() or [""])[0]
        text = f"{title_of(self.function)} raised {type(error).__name__}: {reason}"
        place = source_in(error.__traceback__)
        lines = [text, f"  in {place}"] if place is not None else [text]
        home = getattr(self.function, "__module__", None) or ""
        return "\n".join(lines + _remedies(f"{home}: {type(error).__name__}: {reason}"))


def _remedies(text: str) -> list[str]:
    if _OPEN_SIZE.search(text):
        return [
            "A size is open while the graph is built, and it asks for the number. You can:",
            "  - leave Python out of it: no if, range, int or numpy on sizes; jnp.arange, "
            "jnp.where and x.reshape(x.shape[0], -1) take open sizes",
            '  - say what is known of the dim: sd.dim("time", min=2, multiple_of=2)',
            "  - give the placeholder a number for it",
        ]
    if _CONCRETE.search(text):
        return [
            "Numbers are not known while the graph is built. You can:",
            "  - use jax.numpy instead of numpy, and jnp.where or jax.lax.cond instead of if",
            "  - pass what must be known as a number, not as a variable",
        ]
    return []
