"""`sd.cnn`: convolution, pooling, and what moves positions of images about."""

from __future__ import annotations

from .convolution import ConvolutionOps
from .pooling import PoolingOps
from .spaces import SpaceOps


class CNNOps(ConvolutionOps, PoolingOps, SpaceOps):
    """Convolution and pooling."""
