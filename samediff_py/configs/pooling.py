"""Configs of `sd.cnn`: pooling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..foundation.errors import GraphError
from .spatial import PaddingMode, Spatial, Spatial3D, mode_of
from .struct import member


class Divisor(Enum):
    """What an average is divided by: the cells of a window inside the image, or all of them."""

    EXCLUDE_PADDING = "exclude"
    INCLUDE_PADDING = "include"


class Pooling2DType(Enum):
    """What a window is pooled by; the method says it already."""

    MAX = "max"
    AVG = "avg"
    PNORM = "pnorm"


Pooling3DType = Pooling2DType


@dataclass(frozen=True)
class Pooling2DConfig(Spatial):
    """Kernel size k, stride s, padding p, dilation d: of height, width.

    Averages take `divisor`, or extra = 1, which is INCLUDE_PADDING as well.
    """

    _axes = "HW"
    kH: int = -1
    kW: int = -1
    sH: int = 1
    sW: int = 1
    pH: int = 0
    pW: int = 0
    extra: float = 0.0
    type: Pooling2DType | str = Pooling2DType.MAX
    divisor: Divisor | str = Divisor.EXCLUDE_PADDING
    paddingMode: PaddingMode | str = PaddingMode.VALID
    dH: int = 1
    dW: int = 1
    isNHWC: bool = False

    @property
    def optional(self) -> frozenset[str]:  # type: ignore[override]
        """A maximum has no divisor."""
        return frozenset() if _averages(self.type) else frozenset({"include_padding"})

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        given = self._window(member(PaddingMode, self.paddingMode, "paddingMode"))
        included = member(Divisor, self.divisor, "divisor") is Divisor.INCLUDE_PADDING
        given["include_padding"] = included or self.extra == 1
        return {**given, "data_format": "NHWC" if self.isNHWC else "NCHW"}


@dataclass(frozen=True)
class Pooling3DConfig(Spatial3D):
    """Kernel size k, stride s, padding p, dilation d: of depth, height, width."""

    type: Pooling3DType | str = Pooling3DType.MAX
    isSameMode: bool = False
    isNCDHW: bool = True

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        given = self._window(mode_of(self.isSameMode))
        if _averages(self.type):
            given["include_padding"] = False
        return {**given, "data_format": "NCDHW" if self.isNCDHW else "NDHWC"}


def _averages(kind: Pooling2DType | str) -> bool:
    """Whether a config is for averages only; MAX is what every config has that does not say."""
    kind = member(Pooling2DType, kind, "type")
    if kind is Pooling2DType.PNORM:
        raise GraphError("no method of sd.cnn pools by PNORM; sd.cnn.pnorm_pooling1d does")
    return kind is Pooling2DType.AVG
