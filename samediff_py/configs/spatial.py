"""What configs of convolutions and pooling share: windows along the axes of images."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from .struct import Struct


class PaddingMode(Enum):
    """VALID pads by the p of the config, SAME and CAUSAL by what the windows need, whatever p."""

    VALID = "valid"
    SAME = "same"
    CAUSAL = "causal"


def mode_of(same: bool) -> PaddingMode:
    return PaddingMode.SAME if same else PaddingMode.VALID


class Spatial(Struct):
    """A struct with kernel size k, stride s, padding p and dilation d for each axis of images."""

    _axes: ClassVar[str]

    def _window(self, mode: PaddingMode) -> dict[str, Any]:
        """These fields by the ops' parameters; a kernel of -1 is read off the weights."""
        kernel, stride, pad, dilation = (
            tuple(getattr(self, letter + axis) for axis in self._axes) for letter in "kspd"
        )
        padding = pad if mode is PaddingMode.VALID else mode.value
        given = {"stride": stride, "padding": padding, "dilation": dilation}
        return given if all(k == -1 for k in kernel) else {**given, "kernel": kernel}


# Fields stand in SameDiff's order: a struct that has them in another one lists its own.


@dataclass(frozen=True)
class Spatial2D(Spatial):
    """Of height and width."""

    _axes = "HW"
    kH: int = -1
    kW: int = -1
    sH: int = 1
    sW: int = 1
    pH: int = 0
    pW: int = 0
    dH: int = 1
    dW: int = 1


@dataclass(frozen=True)
class Spatial3D(Spatial):
    """Of depth, height and width."""

    _axes = "DHW"
    kD: int = -1
    kW: int = -1
    kH: int = -1
    sD: int = 1
    sW: int = 1
    sH: int = 1
    pD: int = 0
    pW: int = 0
    pH: int = 0
    dD: int = 1
    dW: int = 1
    dH: int = 1
