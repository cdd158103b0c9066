"""Methods of SameDiff that are not there on purpose, and why."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "docs" / "declined.json"


@cache
def declined() -> dict[str, str]:
    """Reasons by namespace and Java's name: `samediff.enableEagerMode`, `base.switchOp`."""
    return json.loads(_FILE.read_text(encoding="utf-8"))


def reason_against(kind: type, name: str) -> str | None:
    """Why a class has no method of that name, where that is on purpose."""
    own = kind.__name__.lower()
    groups = {"samediff": ("samediff", "base"), "sdvariable": ("variable",)}
    named = groups.get(own, (own.removesuffix("ops"),))
    return next((declined()[key] for g in named if (key := f"{g}.{name}") in declined()), None)
