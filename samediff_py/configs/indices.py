"""How SameDiff's programs say which part of an array they mean."""

from __future__ import annotations

from typing import Any


class SDIndex:
    """Entries of an index by SameDiff's names; each gives what stands between Python's brackets.

    `x.get(SDIndex.all(), SDIndex.point(2))` is `x[:, 2]`.
    """

    @staticmethod
    def all() -> slice:
        """All of the axis."""
        return slice(None)

    @staticmethod
    def point(position: int, keep_dim: bool = False) -> int | slice:
        """One position, which drops the axis unless told to keep it."""
        return slice(position, position + 1 or None) if keep_dim else position

    @staticmethod
    def interval(begin: Any, *rest: Any) -> slice:
        """From `begin` to `end`, which is not in it: `interval(begin, end)`, or, with the stride in
        the middle, `interval(begin, stride, end)`."""
        if len(rest) not in (1, 2):
            raise TypeError("interval takes (begin, end) or (begin, stride, end)")
        stride, end = rest if len(rest) == 2 else (None, rest[0])
        return slice(begin, end, stride)
