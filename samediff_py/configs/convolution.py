"""Configs of `sd.cnn`: convolutions and local response normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..foundation.errors import GraphError
from .struct import Struct, member


class PaddingMode(Enum):
    """VALID pads by the p of the config, SAME and CAUSAL by what the windows need, whatever p."""

    VALID = "valid"
    SAME = "same"
    CAUSAL = "causal"


class WeightsFormat(Enum):
    """The axes of weights: height Y, width X, channels in I and out O."""

    YXIO = "YXIO"
    OIYX = "OIYX"
    OYXI = "OYXI"


class DataFormat(Enum):
    """The axes of a batch of images."""

    NCHW = "NCHW"
    NHWC = "NHWC"


def window_of(
    kernel: Sequence[int],
    stride: Sequence[int],
    pad: Sequence[int],
    dilation: Sequence[int],
    mode: PaddingMode,
) -> dict[str, Any]:
    """Fields of windows by the ops' parameters; a kernel of -1 is read off the weights."""
    padding = tuple(pad) if mode is PaddingMode.VALID else mode.value
    given = {"stride": tuple(stride), "padding": padding, "dilation": tuple(dilation)}
    if all(k == -1 for k in kernel):
        return given
    return {**given, "kernel": tuple(kernel)}


def mode_of(same: bool) -> PaddingMode:
    return PaddingMode.SAME if same else PaddingMode.VALID


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
class Conv2DConfig(Struct):
    """Kernel size k (-1: that of the weights), stride s, padding p, dilation d: of height, width.

    For col2Im, kH and kW are height and width of the image.
    """

    kH: int = -1
    kW: int = -1
    sH: int = 1
    sW: int = 1
    pH: int = 0
    pW: int = 0
    dH: int = 1
    dW: int = 1
    paddingMode: PaddingMode | str = PaddingMode.VALID
    dataFormat: str = "NCHW"
    weightsFormat: WeightsFormat | str = WeightsFormat.YXIO

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        mode = member(PaddingMode, self.paddingMode, "paddingMode")
        layout = member(WeightsFormat, self.weightsFormat, "weightsFormat")
        given = window_of(
            (self.kH, self.kW), (self.sH, self.sW), (self.pH, self.pW), (self.dH, self.dW), mode
        )
        if layout is not WeightsFormat.YXIO:
            given["weights_format"] = layout.value
        return {**given, "data_format": self.dataFormat}


@dataclass(frozen=True)
class Conv3DConfig(Struct):
    """As `Conv2DConfig`, with a depth. biasUsed says nothing: the bias that is given is used."""

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
    biasUsed: bool = False
    dataFormat: str = "NDHWC"
    paddingMode: PaddingMode | str = PaddingMode.VALID

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        mode = member(PaddingMode, self.paddingMode, "paddingMode")
        return {**_window_3d(self, mode), "data_format": self.dataFormat}


@dataclass(frozen=True)
class DeConv2DConfig(Struct):
    """Kernel size k (-1: that of the weights), stride s, padding p, dilation d; height, width."""

    kH: int = -1
    kW: int = -1
    sH: int = 1
    sW: int = 1
    pH: int = 0
    pW: int = 0
    dH: int = 1
    dW: int = 1
    isSameMode: bool = False
    dataFormat: str = "NCHW"

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        mode = mode_of(self.isSameMode)
        given = window_of(
            (self.kH, self.kW), (self.sH, self.sW), (self.pH, self.pW), (self.dH, self.dW), mode
        )
        return {**given, "data_format": self.dataFormat}


@dataclass(frozen=True)
class DeConv3DConfig(Struct):
    """As `DeConv2DConfig`, with a depth."""

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
        return {**_window_3d(self, mode_of(self.isSameMode)), "data_format": self.dataFormat}


def _window_3d(config: Conv3DConfig | DeConv3DConfig, mode: PaddingMode) -> dict[str, Any]:
    return window_of(
        (config.kD, config.kH, config.kW),
        (config.sD, config.sH, config.sW),
        (config.pD, config.pH, config.pW),
        (config.dD, config.dH, config.dW),
        mode,
    )


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
