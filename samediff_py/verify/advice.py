"""What to do about a leak, as far as the graph shows it."""

from __future__ import annotations

from collections.abc import Collection

from ..data.checks import open_shape
from ..foundation.dims import Dim
from ..ir.graph import Node
from .subject import Subject


def advice(subject: Subject, node: Node, tests: Collection[str]) -> str:
    """The opt-out, the forgotten mask or the op that mixes examples; else a rule is wrong."""
    if node.get("masked") is False:
        return f"{node.op} counts padding as it was fed; remove masked=False"
    if node.op == "drop_mask":
        return (
            "from here on padding counts as it was fed; remove drop_mask(), or state a value for "
            "padded slots with fill_padding(value)"
        )
    unmasked = _unmasked(subject, node)
    if unmasked is not None:
        return unmasked
    if "company" in tests:
        return (
            f"if {node.op} mixes the examples of the batch on purpose, verify the outputs before "
            "it; else give it the axis that is meant"
        )
    if set(tests) == {"emptiness"}:
        return (
            f"an example without a real position hands {node.op} numbers that it is not defined "
            "for (a count is 0 there); keep them away, e.g. with sd.math.max(count, 1.0)"
        )
    return (
        f"no input of {node.op} opts out, so its mask rule does not fit its kernel; if the op is "
        "not yours, please report it"
    )


def _unmasked(subject: Subject, node: Node) -> str | None:
    """The input that says it is real all along a dim that other inputs are padded on."""
    for name in dict.fromkeys(node.refs):
        dim = _open_dim(subject, name)
        if dim is not None:
            return _declare(subject, _origin(subject, name), dim)
    return None


def _open_dim(subject: Subject, name: str) -> str | None:
    """A padded dim of the value along which no mask lies."""
    layout = subject.layouts.get(name)
    if layout is None:
        return None
    dims = (dim for a in layout.free if isinstance(dim := layout.shape[a], Dim))
    return next((d for dim in dims for d in subject.padded if d in dim.symbols), None)


def _origin(subject: Subject, name: str) -> str:
    """Where the mask is lost, or was never declared."""
    while name in subject.graph.makers:
        refs = subject.graph.makers[name].refs
        earlier = next((ref for ref in refs if _open_dim(subject, ref)), None)
        if earlier is None:
            break
        name = earlier
    return name


def _declare(subject: Subject, name: str, dim: str) -> str:
    if name in subject.placeholders:
        shape = open_shape(subject.placeholders[name])
        fitting = (mask for mask, leaf in subject.masks.items() if leaf.shape == shape)
        mask = next(fitting, f"{name}_mask")
        return (
            f"{name!r} declares no mask, so all of its positions along {dim!r} count as real; "
            f"say sd.placeholder({name!r}, ..., mask={mask!r})"
        )
    return (
        f"all positions of {name!r} along {dim!r} count as real from "
        f"{subject.graph.source_of(name)} on; use it where padding does not matter, as in a sum"
    )
