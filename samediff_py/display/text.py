"""Text that shows itself: in a prompt, a notebook, and where it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Text(str):
    """A string whose representation is the string itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def joined(*blocks: Iterable[str]) -> Text:
    """Blocks of lines with an empty line between them; empty blocks are left out."""
    return Text("\n\n".join("\n".join(lines) for block in blocks if (lines := list(block))))


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Rows as lines, every column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = ([c.ljust(w) for c, w in zip(row, widths, strict=True)] for row in rows)
    return [(indent + "  ".join(row)).rstrip() for row in cells]
