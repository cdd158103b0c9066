"""The config of a matrix product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .struct import Struct


@dataclass(frozen=True)
class MMulTranspose(Struct):
    """Which of A, B and their product are transposed."""

    transposeA: bool = False
    transposeB: bool = False
    transposeResult: bool = False

    def parameters(self) -> dict[str, Any]:
        """Its fields by the op's parameter names."""
        names = ("transpose_x", "transpose_y", "transpose_z")
        return dict(
            zip(names, (self.transposeA, self.transposeB, self.transposeResult), strict=True)
        )
