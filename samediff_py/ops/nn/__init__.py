"""`sd.nn`: activations, softmax, layers, attention, normalisation, dropout, pooling over time."""

from __future__ import annotations

from .activations import Activations
from .attention import Attention
from .layers import Layers
from .normalization import Normalization
from .pooling import Pooling


class NNOps(Activations, Normalization, Pooling, Layers, Attention):
    """Neural network ops."""
