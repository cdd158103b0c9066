"""What padding by hand is filled with."""

from __future__ import annotations

from enum import Enum


class PadMode(Enum):
    """A constant, or mirror images without the edge (REFLECT) or with it (SYMMETRIC)."""

    CONSTANT = "constant"
    REFLECT = "reflect"
    SYMMETRIC = "symmetric"
