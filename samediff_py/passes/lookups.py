"""Numbers that name rows, places or lengths: which node looks at them, and what they are below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..foundation.errors import GraphError
from ..ir.graph import Graph, Kind, Node, Ref
from .annotate import Notes

Limit = int | tuple[int, ...]
"""What the numbers are below; several limits are those of the places along the last axis."""


class Classes(int):
    """How many classes there are: the limit of labels, which errors call so."""


# The numbers, and the array whose rows (slices along that axis) they name.
_ROWS = {
    "embedding": ("ids", "table", 0),
    "gather": ("indices", "x", "axis"),
    "sparse_softmax_cross_entropy": ("labels", "predictions", -1),
    "invert_permutation": ("x", "x", 0),
    **{f"scatter_{how}": ("indices", "ref", 0) for how in "add sub mul div max min update".split()},
}
_KINDS = "segment_{} unsorted_segment_{}".split()
_HOW = "sum mean prod max min sqrt_n".split()
# The numbers, the parameter that says how many there are, and how far above 0 they may start.
_COUNTED = {
    "dynamic_stitch": ("indices", "num_rows", 0),
    "sequence_mask": ("lengths", "max_len", 1),
    **{kind.format(h): ("segment_ids", "num_segments", 0) for kind in _KINDS for h in _HOW},
}
# Ops that hand on every number; a slice does not, and what `with_mask` hides may be anything.
_SAME_PLACES = frozenset({"identity", "cast", "drop_mask"})
_SAME_NUMBERS = _SAME_PLACES | {"permute", "transpose", "reshape", "expand_dims", "squeeze"}
_SAME_NUMBERS |= {"tile", "repeat", "reverse", "roll"}


def lookups(node: Node, notes: Notes) -> Iterator[tuple[str, Limit]]:
    """The variables whose numbers the node looks at, and their limits where they are known."""
    numbers, sizes = _asked(node, notes)
    given = node.get(numbers) if numbers else None
    if not sizes or not all(isinstance(size, int) for size in sizes):
        return
    limit = sizes[0] if len(set(sizes)) == 1 else tuple(sizes)
    if numbers == "labels":
        limit = Classes(sizes[0])
    for ref in given if isinstance(given, tuple) else (given,):
        if isinstance(ref, Ref):
            yield ref.name, limit


def _asked(node: Node, notes: Notes) -> tuple[str | None, Sequence[Any]]:
    """The parameter with the numbers, and the sizes that they are below."""

    def shape(name: str) -> Sequence[Any]:
        given = node.get(name)
        return notes.values[given.name].shape if isinstance(given, Ref) else ()

    if node.op in _ROWS:
        numbers, rows, axis = _ROWS[node.op]
        at = node.get(axis, 0) if isinstance(axis, str) else axis
        return numbers, [shape(rows)[at]] if shape(rows) else ()
    if node.op in _COUNTED:
        numbers, count, more = _COUNTED[node.op]
        return numbers, [n + more if isinstance(n, int) else n for n in node.get(count, ())]
    match node.op:
        case "gather_nd":
            return "indices", shape("x")[: _last(shape("indices"))]
        case "sparse_to_dense":
            return "indices", node.get("shape", ())
        case "reverse_sequence":
            length = shape("x")[node.get("seq_dim", -1)]
            return "seq_lengths", [length + 1 if isinstance(length, int) else length]
    return None, ()


def _last(shape: Sequence[Any]) -> int:
    return shape[-1] if shape and isinstance(shape[-1], int) else 0


def out_of_range(ids: Any, limit: Limit) -> np.ndarray:
    """Which of the numbers are negative, or not below the limit."""
    array = np.asarray(ids)
    return (array < 0) | (array >= np.asarray(limit))


def range_at(limit: Limit, where: Sequence[int]) -> str:
    """What the number at that place may be, as text."""
    return f"0..{(limit if isinstance(limit, int) else limit[where[-1]]) - 1}"


def check_constants(graph: Graph, notes: Notes, node: Node, held: Mapping[str, Any]) -> None:
    """Raises where numbers in constants are out of range: running could only guess what is meant.

    A number that names no slice of a new axis is an answer in `one_hot`, and is not looked at.
    """
    for name, limit in lookups(node, notes):
        origin, moved = _origin(graph, name)
        if graph.leaves.get(origin) is None or graph.leaves[origin].kind is not Kind.CONSTANT:
            continue
        ids, limit = np.asarray(held[origin]), _through(limit, moved)
        bad = out_of_range(ids, limit)
        if bad.any():
            where = tuple(np.argwhere(bad)[0].tolist())
            raise GraphError(
                f"{node.op}: {int(bad.sum())} numbers of {origin!r} are out of range "
                f"{range_at(limit, where)}, the first at {list(where)}: {ids[where]}"
                f"\n  {name}: {notes.values[name]}\n  at {node.source}"
            )


def id_limits(graph: Graph, notes: Notes) -> dict[str, Limit]:
    """Placeholder -> what its numbers are below, wherever they are looked at."""
    limits: dict[str, Limit] = {}
    for node in graph.nodes:
        for name, limit in lookups(node, notes):
            origin, moved = _origin(graph, name)
            leaf = graph.leaves.get(origin)
            if leaf is not None and leaf.kind is Kind.PLACEHOLDER:
                limit = _through(limit, moved)
                limits[origin] = _least(limit, limits.get(origin, limit))
    return limits


def _through(limit: Limit, moved: bool) -> Limit:
    """Where the places along the last axis are not what they were, the greatest limit of any."""
    return max(limit) if moved and isinstance(limit, tuple) else limit


def _least(a: Limit, b: Limit) -> Limit:
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    return tuple(np.minimum(a, b).tolist())


def _origin(graph: Graph, name: str) -> tuple[str, bool]:
    """The leaf whose numbers these are, unchanged (else where they were made), and whether they
    were moved about."""
    moved = False
    while name not in graph.leaves:
        node = graph.makers[name]
        if node.op not in _SAME_NUMBERS:
            break
        moved |= node.op not in _SAME_PLACES
        name = next(node.refs)
    return name, moved
