"""The reference page of all ops, as Markdown: everything in it stands beside an op already."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..ops.java import camel, patterns_of
from ..ops.record import OPS, Op

HEAD = """\
# Ops

{count} ops, by the namespaces that hold them. Of every op: how it is called in Python, what it
computes, what it does with padding, and SameDiff's name with the orders of arguments that Java
has, in Python's names of them (`*axis`: separate numbers or one list; `**config`: a config
struct). In Java's spelling the namespace is called, and a name for the result may come first:
`sd.nn().softmax("out", x, 1)`.

{contents}
- [Methods of variables](#methods-of-variables)
- [Where answers differ from SameDiff's](#where-answers-differ-from-samediffs)
- [What is not there](#what-is-not-there)
- [What comes later](#what-comes-later)

This page is written by `python -m samediff_py.reference`.
"""
DIFFERS = """\
## Where answers differ from SameDiff's

On purpose: the answer of SameDiff (1.0.0-M2.1), or its gradient, is wrong there, or it has none.
"""
NOT_THERE = """\
## What is not there

Methods of SameDiff that are left out, and what to write instead.
"""
LATER = "comes later"

Namespaces = Mapping[str, type]
"""How users reach a namespace, and its class: `{"sd.math": MathOps}`."""


def reference(namespaces: Namespaces, variable: type, declined: Mapping[str, str]) -> str:
    """The page. `declined`: reasons by Java's namespace and method."""
    groups = {place: ops_of(kind) for place, kind in namespaces.items()}
    contents = "\n".join(f"- [{place}](#{_anchor(place)})" for place in groups)
    known: dict[str, str] = {}
    blocks = [
        HEAD.format(contents=contents, count=len(_listed(groups))),
        *(
            block
            for place, kind in namespaces.items()
            for block in _section(place, groups[place], _behind(kind), known)
        ),
        "## Methods of variables\n",
        _table(("method", "op"), _methods(variable, known)),
        DIFFERS,
        _table(("op", "SameDiff", "difference"), _deviations(groups, variable, known)),
        NOT_THERE,
        _table(("method", "why"), _reasons(declined, later=False)),
        "## What comes later\n",
        _table(("method", "with"), _reasons(declined, later=True)),
    ]
    return "\n".join(blocks)


def ops_of(kind: type) -> dict[str, Callable[..., Any]]:
    """The public methods of a namespace in the order in which they are declared: ops, and methods
    that are written in other ops."""
    names = dict.fromkeys(name for base in kind.__mro__ for name in vars(base))
    found = {name: getattr(kind, name) for name in names if not name.startswith("_")}
    return {name: method for name, method in found.items() if inspect.isfunction(method)}


def _listed(groups: Mapping[str, Mapping[str, Any]]) -> set[str]:
    methods = (item for group in groups.values() for item in group.items())
    return {op.name if (op := _op(method)) else name for name, method in methods}


def _op(method: Any) -> Op | None:
    return getattr(method, "op", None)


def _behind(kind: type) -> dict[str, Op]:
    """Ops that SameDiff calls as a public method here is called, which makes more of them."""
    names = (name for base in kind.__mro__ for name in vars(base) if name.startswith("_"))
    ops = (_op(getattr(kind, name)) for name in names)
    return {op.samediff: op for op in ops if op and op.samediff}


# One op.


def _section(
    place: str, methods: Mapping[str, Any], behind: Mapping[str, Op], known: dict[str, str]
) -> Iterator[str]:
    """The ops of a namespace; one that an earlier namespace has too is told there."""
    yield f"## {place}\n"
    for name, method in methods.items():
        op, call, java = _op(method), f"{place}.{name}", behind.get(camel(name))
        yield f"### {call}\n"
        if op is not None and op.name in known:
            yield f"The same as [{known[op.name]}](#{_anchor(known[op.name])}).\n"
        else:
            known.update((own.name, call) for own in (op, java) if own)
            yield _entry(call, method, java or op)


def _entry(call: str, method: Any, java: Op | None) -> str:
    """`java`: the op that SameDiff's name leads to."""
    op = _op(method)
    padding = op.rule.padding if op else "As in the ops that it is written in."
    samediff = _java(java) if java else _quoted(getattr(method, "samediff", None))
    differs = " ".join(java.differs if java else getattr(method, "differs", ()))
    told = (("Padding", padding), ("SameDiff", samediff), ("Not as SameDiff", differs))
    signature = op.signature if op else inspect.signature(method)
    doc = op.doc if op else inspect.getdoc(method) or ""
    facts = (f"- **{title}.** {text}" for title, text in told if text)
    return "\n".join([_code(call, signature), doc, "", *facts, ""])


def _java(op: Op) -> str:
    orders = dict.fromkeys(_quoted(f"{op.samediff}({order})") for order in patterns_of(op))
    return " or ".join(orders) if op.samediff else ""


def _quoted(name: str | None) -> str:
    return f"`{name}`" if name else ""


def _code(call: str, signature: inspect.Signature) -> str:
    """The call with types and defaults, and what comes back where that is not one variable."""
    shown = [p for p in signature.parameters.values() if p.name != "self"]
    words = [_parameter(p) for p in shown]
    first = next((i for i, p in enumerate(shown) if p.kind is p.KEYWORD_ONLY), None)
    if first is not None and not any(p.kind is p.VAR_POSITIONAL for p in shown):
        words.insert(first, "*")
    returns = str(signature.return_annotation)
    arrow = f" -> {returns}" if signature.return_annotation is not signature.empty else ""
    return f"```python\n{call}({', '.join(words)}){arrow}\n```\n"


def _parameter(p: inspect.Parameter) -> str:
    stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
    typed = f": {p.annotation}" if p.annotation is not p.empty else ""
    return f"{stars}{p.name}{typed}" + (f" = {p.default!r}" if p.default is not p.empty else "")


# Tables.


def _methods(variable: type, known: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Methods of a variable, which is the first input of the op."""
    for name in dict.fromkeys(n for base in variable.__mro__ for n in vars(base)):
        op = _op(getattr(variable, name))
        if op is not None and op.name in known and not name.startswith("_"):
            yield f"`x.{name}`", _link(known[op.name])


def _deviations(
    groups: Mapping[str, Mapping[str, Any]], variable: type, known: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """Ops that differ in one way are one row."""
    told = [
        *((_link(known[op.name]), op.samediff, op.differs) for op in OPS.values() if op.differs),
        *_methods_that_differ(groups, variable),
    ]
    for text in dict.fromkeys(text for *_, texts in told for text in texts):
        alike = [(link, java) for link, java, texts in told if text in texts]
        java = dict.fromkeys(_quoted(java) for _, java in alike if java)
        yield ", ".join(link for link, _ in alike), ", ".join(java), text


def _methods_that_differ(groups: Mapping[str, Mapping[str, Any]], variable: type) -> Iterator[Any]:
    """Those that are no ops."""
    for place, group in groups.items():
        for name, method in group.items():
            if _op(method) is None:
                java = getattr(method, "samediff", None)
                yield _link(f"{place}.{name}"), java, getattr(method, "differs", ())
    for name, method in ops_of(variable).items():
        if method.__name__ == name:  # not an alias
            yield _quoted(f"x.{name}"), name, getattr(method, "differs", ())


def _reasons(declined: Mapping[str, str], later: bool) -> Iterator[tuple[str, ...]]:
    """Methods that are left out for one reason are one row."""
    own = {name: why for name, why in declined.items() if why.startswith(LATER) == later}
    for why in dict.fromkeys(own.values()):
        alike = ", ".join(f"`{name}`" for name, other in own.items() if other == why)
        yield alike, why.removeprefix(LATER).removeprefix(": ")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _link(call: str) -> str:
    return f"[{call}](#{_anchor(call)})"


def _anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return heading.lower().replace(".", "")
