"""Writes the reference page of all ops: `python -m samediff_py.reference`."""

from __future__ import annotations

from pathlib import Path

from .display.reference import reference
from .foundation.declined import declined
from .ops.base import BaseOps
from .ops.define import Namespace
from .samediff import SameDiff
from .variable import SDVariable

PAGE = Path(__file__).parent / "docs" / "ops.md"
"""Where it is: in the package."""


def page() -> str:
    """The page as it must be now."""
    own = vars(SameDiff.create()).items()
    spaces = {f"sd.{name}": type(space) for name, space in own if isinstance(space, Namespace)}
    return reference({"sd": BaseOps, **spaces}, SDVariable, declined())


def main() -> None:
    """Writes it."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
