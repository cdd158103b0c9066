"""SameDiff's release against the library: every op under its name there, and every order of
arguments that Java takes.

The methods were listed by reflection: namespace, name, what is returned, types of the arguments.
"""

import inspect
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_calls import NAMESPACES

from samediff_py import DataType, SameDiff, SDVariable, configs
from samediff_py.foundation.declined import declined
from samediff_py.foundation.errors import SameDiffError
from samediff_py.ops.java import composites, java_methods

METHODS = Path(__file__).parent / "golden" / "methods.tsv"
MOST_DECLINED = 10
NAME = "name"
ENUMS = {
    "LossReduce": "SUM",
    "PadMode": "CONSTANT",
    "DataFormat": "NCHW",
    "PartitionMode": "MOD",
    "ImageResizeMethod": "ResizeBilinear",
    "Mode": "CONSTANT",
}
FIELDS = {"k": 2, "kH": 2, "kW": 2, "kD": 2, "paddingMode": "SAME"}
# SameDiff throws whatever the variables are: "Expected 1 or 3 input types".
NEVER_ANSWERED = {("where", ("SDVariable", "SDVariable"))}
LISTS = {"SDVariable[]": "SDVariable", "int[]": "int", "long[]": "long", "SDIndex[]": "SDIndex"}


def methods() -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Of an op: those of variables are the ones that return variables."""
    for line in METHODS.read_text().splitlines():
        namespace, name, returns, types = line.split("\t")
        makes = returns in ("SDVariable", "SDVariable[]")
        if namespace in NAMESPACES and (namespace != "variable" or makes):
            yield namespace, name, returns, tuple(filter(None, types.split(",")))


OPS = {(namespace, name) for namespace, name, *_ in methods()}
RELEASE = {tuple(line.split("\t")[:2]) for line in METHODS.read_text().splitlines()}


def home(sd: SameDiff, namespace: str) -> Any:
    """Where Java's methods of the namespace are."""
    if namespace == "base":
        return sd
    return sd.var("receiver", (2,)) if namespace == "variable" else getattr(sd, namespace)()


def kind_of(sd: SameDiff, namespace: str) -> type:
    owner = sd if namespace == "base" else getattr(sd, namespace, None)
    return SDVariable if namespace == "variable" else type(owner)


def is_there(namespace: str, name: str) -> bool:
    """As a method in Java's spelling; a place where everything is found proves nothing."""
    sd = SameDiff.create()
    kind = kind_of(sd, namespace)
    return hasattr(kind, name) or name in {**java_methods(kind), **composites(kind)}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_op_is_there_or_declined_with_a_reason(namespace):
    own = sorted(name for space, name in OPS if space == namespace)
    there = {name for name in own if is_there(namespace, name)}
    refused = {name for name in own if f"{namespace}.{name}" in declined()}
    missing = [name for name in own if name not in there | refused]
    assert not missing, f"{namespace} lacks {len(missing)} of {len(own)}: {', '.join(missing)}"
    assert not there & refused, f"declined, and there: {sorted(there & refused)}"


def test_few_ops_are_declined():
    ops = [key for key in declined() if not key.startswith("samediff.")]
    assert not [key for key in ops if tuple(key.split(".")) not in RELEASE], "not of the release"
    ops = [key for key in ops if tuple(key.split(".")) in OPS]
    for_good = [key for key in ops if not declined()[key].startswith("comes later")]
    assert len(for_good) < MOST_DECLINED, for_good


# Java's orders, by the types of the arguments alone.


def argument(sd: SameDiff, kind: str) -> Any:
    """Some value of Java's type."""
    match kind:
        case "SDVariable":
            return sd.var(f"v{len(list(sd.graph.names))}", (2,))
        case "int" | "long":
            return 1
        case "double" | "float" | "Number":
            return 0.5
        case "boolean":
            return True
        case "String":
            return NAME
        case "String[]":
            return [NAME]
        case "DataType":
            return DataType.FLOAT
        case "INDArray":
            return np.ones(2)
        case "Condition":
            return configs.Conditions.greaterThan(0.5)
        case "SDIndex":
            return configs.SDIndex.point(0)
    if kind in LISTS:
        return [argument(sd, LISTS[kind]) for _ in range(2)]
    return ENUMS[kind] if kind in ENUMS else struct(sd, kind)


def struct(sd: SameDiff, kind: str) -> Any:
    """A config with what it can't do without: variables, where it holds weights."""
    if kind == "SameDiff":
        return SameDiff.create()
    made = getattr(configs, kind)
    fields = inspect.signature(made).parameters.values()
    needed = (p.name for p in fields if p.default is p.empty and p.kind is not p.VAR_KEYWORD)
    given = {name: argument(sd, "SDVariable" if "Weights" in kind else "int") for name in needed}
    return made(**given, **{p.name: FIELDS[p.name] for p in fields if p.name in FIELDS})


def calls(sd: SameDiff, types: tuple[str, ...]) -> Iterator[list[Any]]:
    """As one list, and as separate arguments, where the last is a list: Java's `int...`."""
    args = [argument(sd, kind) for kind in types]
    yield args
    if types and types[-1] in LISTS:
        yield [*args[:-1], *args[-1]]


class Taken(Exception):
    """What a call was read as."""


def reads(namespace: str, name: str, types: tuple[str, ...]) -> None:
    """Raises where a call with these types is not read, or loses a variable or the name."""
    sd = SameDiff.create()
    owner = home(sd, namespace)
    ways = list(calls(sd, types))
    if name in composites(kind_of(sd, namespace)):
        return bind(getattr(owner, name), types, ways)
    if name not in java_methods(kind_of(sd, namespace)):
        return bind(getattr(owner, name), types, ways)

    def emit(op: Any, values: dict[str, Any]) -> Any:
        raise Taken(op, values)

    sd._builder.emit = emit  # type: ignore[method-assign]
    for args in ways:
        try:
            getattr(owner, name)(*args)
        except Taken as taken:
            check(args, *taken.args)


def bind(method: Any, types: tuple[str, ...], ways: list[list[Any]]) -> None:
    """Composites and plain methods: as many arguments as there are, the name apart."""
    named = types[:1] in (("String",), ("String[]",))
    for args in ways:
        inspect.signature(method).bind(*(args[1:] if named and len(args) > 1 else args))


def check(args: list[Any], op: Any, values: dict[str, Any]) -> None:
    flat = [one for v in values.values() for one in (v if isinstance(v, list | tuple) else [v])]
    for arg in args:
        for one in arg if isinstance(arg, list) else [arg]:
            if isinstance(one, SDVariable) and not any(one is other for other in flat):
                raise AssertionError(f"read as {op.name} without one of the variables")
    named = bool(args) and (isinstance(args[0], str) or _are_names(args[0]))
    if named and values.get("name") not in (NAME, (NAME,)):
        raise AssertionError(f"read as {op.name}, the name as {values}")


def _are_names(arg: Any) -> bool:
    return isinstance(arg, list) and isinstance(arg[0], str)


def failure(namespace: str, name: str, types: tuple[str, ...]) -> str | None:
    try:
        reads(namespace, name, types)
    except (AssertionError, SameDiffError, TypeError, LookupError, AttributeError) as error:
        return f"{namespace}.{name}({', '.join(types)}): {str(error).splitlines()[0]}"
    return None


def never_answered(name: str, types: tuple[str, ...]) -> bool:
    return (name, types[1:] if types[:1] == ("String",) else types) in NEVER_ANSWERED


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_order_of_java_is_read(namespace):
    rows = sorted((name, types) for space, name, _, types in methods() if space == namespace)
    rows = [(name, types) for name, types in rows if not never_answered(name, types)]
    wrong = []
    for name, group in groupby(rows, key=lambda row: row[0]):
        if is_there(namespace, name):
            wrong += [text for _, types in group if (text := failure(namespace, name, types))]
    assert not wrong, f"{len(wrong)} orders of Java are not read:\n" + "\n".join(wrong)
