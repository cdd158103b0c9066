"""What is said of a feed that a placeholder can't take."""

from __future__ import annotations

from ..foundation.errors import FeedError
from ..ir.graph import Leaf


def refused(leaf: Leaf, reason: str) -> FeedError:
    """The reason, with the declaration of the placeholder and its line."""
    where = f", declared at {leaf.source}" if leaf.source else ""
    return FeedError(f"{reason}\n  {leaf}{where}")
