"""Ops of the user's own: `sd.call(function, x)`, and the decorator `@samediff_py.op`.

A graph holds names, never functions, so that it copies, pickles and compares. The name of an op
of the user's own says where its function is defined (`model:smooth`), and is looked up there
again when a graph comes from elsewhere. A function that no import leads to (a lambda, a closure,
a notebook's cell) has a name that only the process which defined it knows.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import operator
import re
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, ParamSpec, TypeVar

from .. import rules
from ..foundation.errors import GraphError
from ..ops.cases import Case, Wrong
from ..ops.define import described
from ..ops.record import OPS, RESERVED, Op, recorded
from ..ops.site import Rule
from ..variable import SDVariable
from .functions import (
    Function,
    Kernel,
    parameters_of,
    shown_signature,
    signature_of,
    title_of,
    word_for,
    word_of,
)

P = ParamSpec("P")
R = TypeVar("R")
Emit = Callable[[Op, dict[str, Any]], Any]
Safe = float | Mapping[str, float]

SAFE = 0.5
"""What a user's function sees in padded slots: few functions are not defined there."""

_ONE, _MANY = "VarLike", "Sequence[VarLike]"

_FOUND: dict[str, Op] = {}
"""Ops of users by their names in graphs."""

_HERE: dict[Any, tuple[str, Any]] = {}
"""Names of functions that no import leads to; they live as long as the process."""

_CALL = re.compile(r"([^\[]+)\[(.*)\]\(([^()]*)\)")


# Names.


def name_of(function: Any) -> str:
    """`model:smooth` where an import leads to it, else a name for this process alone."""
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    for module in _homes(function):
        if name and _at(module, name) is function:
            return f"{module}:{name}"
    try:
        hash(key := function)
    except TypeError:
        key = id(function)
    return _HERE.setdefault(key, (f"{title_of(function)}@{uuid.uuid4().hex[:8]}", function))[0]


def _homes(function: Any) -> Iterable[str]:
    """Modules to look for it: its own, or a public one where that is private (`jax._src.nn`)."""
    home = getattr(function, "__module__", None)
    if not isinstance(home, str) or home == "__main__":
        return ()
    if "._" not in home:
        return (home,)
    root = home.partition(".")[0] + "."
    public = (m for m in sorted(sys.modules) if m.startswith(root) and "._" not in m)
    return (*public, home)


def _at(module: str, name: str) -> Any:
    try:
        return operator.attrgetter(name)(sys.modules[module])
    except (KeyError, AttributeError):
        return None


def find(name: str) -> Op:
    """The op of that name, imported where it is not known yet."""
    if name in _FOUND:
        return _FOUND[name]
    called = _CALL.fullmatch(name)
    if called is None:
        found = _imported(name)
        if not isinstance(found, UserOp):
            raise GraphError(f"the graph calls {name!r}, which is not an op any more")
        return found.op
    path, rule, inputs = called.groups()
    words = {w.lstrip("*"): _MANY if w.startswith("*") else _ONE for w in inputs.split(", ")}
    return _registered(_imported(path), rules.rule_of(rule), words)


def _imported(path: str) -> Any:
    """What the name says, which must be importable."""
    module, colon, name = path.partition(":")
    if "@" in path:
        raise GraphError(
            f"the graph calls {path.partition('@')[0]!r}, which was defined in a notebook's cell, "
            "in a script or inside another function: only the process that defined it knows it. "
            "Define it at the top of a module, import it from there, and build the graph again"
        )
    if not colon:
        raise KeyError(path)
    try:
        return operator.attrgetter(name)(importlib.import_module(module))
    except (ImportError, AttributeError) as error:
        raise GraphError(f"the graph calls {name!r} of {module!r}: {error}") from error


def homeless(ops: Iterable[str]) -> tuple[str, ...]:
    """Of the ops of a graph, the functions that mean nothing to another process: for saving."""
    own = (name.partition("[")[0] for name in ops)
    return tuple(dict.fromkeys(path.partition("@")[0] for path in own if "@" in path))


OPS.elsewhere = find


# Records.


def _record(
    name: str,
    function: Function,
    rule: Rule,
    words: Mapping[str, str],
    safe: Safe | None = None,
    cases: Sequence[Case] = (),
    raises: Sequence[Wrong] = (),
) -> Op:
    """A function in the words of the library's own ops."""
    if safe is None and rule.family != "moves":
        safe = SAFE
    return recorded(
        name,
        signature_of(function, rule, words),
        Kernel(function, rule),
        rule,
        doc=inspect.getdoc(function) or "",
        safe=safe,
        cases=tuple(cases),
        raises=tuple(raises),
    )


def _registered(function: Function, rule: Rule, words: Mapping[str, str]) -> Op:
    """The op that a call of the function with these inputs is: the same one every time."""
    shown = ", ".join(f"*{n}" if word == _MANY else n for n, word in words.items())
    name = f"{name_of(function)}[{rule.spelling}]({shown})"
    known = _FOUND.get(name)
    if known is None or getattr(known.kernel, "function", None) != function:
        _FOUND[name] = _record(name, function, rule, words)
    return _FOUND[name]


def _without_functions(op: Op, values: dict[str, Any]) -> dict[str, Any]:
    for name, value in values.items():
        if callable(value) and not isinstance(value, type | SDVariable):
            raise GraphError(
                f"{op.title}: {name} is a function, and a graph holds none; write a function that "
                f"calls it, e.g. def f(x): return {op.title}(x, {name}={title_of(value)})"
            )
    return values


# `sd.call`.


def call(
    emit: Emit,
    function: Function,
    inputs: Sequence[Any],
    params: Mapping[str, Any],
    mask: Rule | str | None,
    name: str | Sequence[str] | None,
) -> Any:
    """A function as a node: variables and arrays are its inputs, all else is static."""
    named = {"name": name if name is None or isinstance(name, str) else tuple(name)}
    if isinstance(function, UserOp):
        if mask is not None:
            raise GraphError(f"{function.op.title} has its mask rule from its declaration")
        return emit(function.op, function.values(*inputs, **params, **named))
    rule = rules.rule_of(mask)
    if not rule.spelling:
        raise GraphError("mask= takes a rule of samediff_py.rules, or the name of one")
    given = _bound(function, inputs, params)
    words = {n: word for n, value in given.items() if (word := word_for(value))}
    if not words:
        raise GraphError(f"{title_of(function)} needs at least one variable among its inputs")
    op = _registered(function, rule, words)
    return emit(op, {**_without_functions(op, given), **named})


def _bound(function: Function, inputs: Sequence[Any], params: Mapping[str, Any]) -> dict[str, Any]:
    own = [p for n, p in parameters_of(function).items() if n not in RESERVED]
    signature = inspect.Signature(own)
    try:
        bound = signature.bind(*inputs, **params)
    except TypeError as error:
        raise GraphError(f"{title_of(function)}: {error}; it takes {signature}") from None
    bound.apply_defaults()
    return dict(bound.arguments)


# The decorator.


class UserOp(Generic[P, R]):
    """A function that is an op: called with variables it adds a node to their graph, called with
    arrays it is the function. `.function` is the function itself."""

    def __init__(self, function: Callable[P, R], mask: Rule, **declared: Any):
        functools.update_wrapper(self, function)
        self.function, self.mask = function, mask
        words = {n: word_of(p) for n, p in parameters_of(function).items()}
        self._declared = _record(title_of(function), function, mask, words, **declared)
        self.__signature__ = shown_signature(function)
        self.__doc__ = described(self._declared)

    @property
    def op(self) -> Op:
        """Everything that the library knows of it."""
        name = name_of(self)
        known = _FOUND.get(name)
        if known is None or known.kernel is not self._declared.kernel:
            _FOUND[name] = replace(self._declared, name=name)
        return _FOUND[name]

    def values(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The call by parameter name, defaults filled in."""
        try:
            bound = self._declared.signature.bind(None, *args, **kwargs)
        except TypeError as error:
            text = f"{self._declared.title}: {error}; it takes {self._declared.order}"
            raise GraphError(text) from None
        bound.apply_defaults()
        values = {n: v for n, v in bound.arguments.items() if n != "self"}
        return _without_functions(self._declared, values)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for given in (*args, *kwargs.values()):
            for one in given if isinstance(given, list | tuple) else (given,):
                if isinstance(one, SDVariable):
                    return one.sd.emit(self.op, self.values(*args, **kwargs))
        return self.function(*args, **kwargs)  # type: ignore[call-arg]

    def __reduce__(self) -> str:
        return self.function.__qualname__

    def __repr__(self) -> str:
        return f"<op {name_of(self)}: {self.mask.spelling or self.mask.family}>"


def op(
    *,
    mask: Rule | rules.Named = "opaque",
    safe: Safe | None = None,
    cases: Sequence[Case] = (),
    raises: Sequence[Wrong] = (),
) -> Callable[[Callable[P, R]], UserOp[P, R]]:
    """Makes an op of a JAX function, for graphs, with the tests that the library's ops pass.

    `mask`: what it does with padding, a rule of `samediff_py.rules`. Without one, a padded input
    raises. `safe`: what it sees in padded slots, for functions that are not defined at 0.5; a
    mapping names the input. `cases`, `raises`: calls for `samediff_py.testing.check`.

    Parameters without annotation or default, and those annotated as arrays (`jax.Array`, or a list
    of them), are inputs; all others are static. `where`, `mask`, `key` and `training` are filled
    in where the function has them (with a default; what is drawn by `key` depends on the padded
    size). `name=` and `masked=` come for free.

    >>> import jax.numpy as jnp
    >>> from samediff_py import SameDiff, op, rules
    >>> @op(mask=rules.reduces("axis"))
    ... def root_mean_square(x, axis: int = 1, *, where=None):
    ...     return jnp.sqrt(jnp.mean(x * x, axis, where=where))
    >>> sd = SameDiff.create()
    >>> x = sd.placeholder("x", ("batch", "time"), mask="x_mask")
    >>> y = root_mean_square(x, axis="time", name="y")
    >>> sd.output({"x": [[3.0, 3.0, 3.0], [4.0]]}, "y")["y"]
    array([3., 4.], dtype=float32)
    """

    def declare(function: Callable[P, R]) -> UserOp[P, R]:
        rule = rules.rule_of(mask)
        return UserOp(function, rule, safe=safe, cases=cases, raises=raises)

    return declare
