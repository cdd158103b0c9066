"""Configs of `sd.cnn`: convolutions and local response normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..foundation.errors import GraphError
from .spatial import PaddingMode, Spatial, Spatial2D, Spatial3D, mode_of
from .struct import Struct, member


class WeightsFormat(Enum):
    """The axes of weights: height Y, width X, channels in I and out O."""

    YXIO = "YXIO"
    OIYX = "OIYX"
    OYXI = "OYXI"


class DataFormat(Enum):
    """The axes of a batch of images."""

    NCHW = "NCHW"
    NHWC = "NHWC"


@dataclass(frozen=True)
class Conv1DConfig(Struct):
    """Kernel size k (-1: that of the weights), stride s, padding p, dilation d."""

    k: int = -1
    s: int = 1
    p: int = 0
    d: int = 1
    dataFormat: str = "NCW"
    paddingMode: PaddingMode | str | None = None

    def __post_init__(self) -> None:
        if self.paddingMode is None:
            raise GraphError("Conv1DConfig needs a paddingMode: VALID, SAME or CAUSAL")

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        assert self.paddingMode is not None
        mode = member(PaddingMode, self.paddingMode, "paddingMode")
        padding = self.p if mode is PaddingMode.VALID else mode.value
        given = {"stride": self.s, "padding": padding, "dilation": self.d}
        kernel = {} if self.k == -1 else {"kernel": self.k}
        return {**given, **kernel, "data_format": self.dataFormat}


@dataclass(frozen=True)
class Conv2DConfig(Spatial2D):
    """Kernel size k (-1: that of the weights), stride s, padding p, dilation d: of height, width.

    For col2Im, kH and kW are height and width of the image.

    >>> config = Conv2DConfig.builder().kH(3).kW(3).paddingMode("SAME").build()
    >>> config.parameters()["padding"], config.parameters()["kernel"]
    ('same', (3, 3))
    """

    paddingMode: PaddingMode | str = PaddingMode.VALID
    dataFormat: str = "NCHW"
    weightsFormat: WeightsFormat | str = WeightsFormat.YXIO

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        mode = member(PaddingMode, self.paddingMode, "paddingMode")
        layout = member(WeightsFormat, self.weightsFormat, "weightsFormat")
        given = self._window(mode)
        if layout is not WeightsFormat.YXIO:
            given["weights_format"] = layout.value
        return {**given, "data_format": self.dataFormat}


@dataclass(frozen=True)
class Conv3DConfig(Spatial3D):
    """As `Conv2DConfig`, with a depth. biasUsed says nothing: the bias that is given is used."""

    biasUsed: bool = False
    dataFormat: str = "NDHWC"
    paddingMode: PaddingMode | str = PaddingMode.VALID

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        mode = member(PaddingMode, self.paddingMode, "paddingMode")
        return {**self._window(mode), "data_format": self.dataFormat}


@dataclass(frozen=True)
class DeConv2DConfig(Spatial2D):
    """Kernel size k (-1: that of the weights), stride s, padding p, dilation d; height, width."""

    isSameMode: bool = False
    dataFormat: str = "NCHW"

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        return {**self._window(mode_of(self.isSameMode)), "data_format": self.dataFormat}


@dataclass(frozen=True)
class DeConv3DConfig(Spatial):
    """As `DeConv2DConfig`, with a depth."""

    _axes = "DHW"
    kD: int = -1
    kH: int = -1
    kW: int = -1
    sD: int = 1
    sH: int = 1
    sW: int = 1
    pD: int = 0
    pH: int = 0
    pW: int = 0
    dD: int = 1
    dH: int = 1
    dW: int = 1
    isSameMode: bool = False
    dataFormat: str = "NCDHW"

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        return {**self._window(mode_of(self.isSameMode)), "data_format": self.dataFormat}


@dataclass(frozen=True)
class LocalResponseNormalizationConfig(Struct):
    """x / (bias + alpha * sum of squares)^beta, over depth channels on both sides."""

    alpha: float = 0.0
    beta: float = 0.0
    bias: float = 0.0
    depth: int = 0

    def parameters(self) -> dict[str, Any]:
        """Its fields by the op's parameter names."""
        return {"alpha": self.alpha, "beta": self.beta, "bias": self.bias, "depth": self.depth}
