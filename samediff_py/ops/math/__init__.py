"""`sd.math`: elementwise functions, and reductions beyond the base ones."""

from __future__ import annotations

from .binary import Binary
from .distances import Distances
from .matrices import Matrices
from .reductions import MathReductions
from .tables import Tables
from .unary import Unary


class MathOps(Binary, Unary, MathReductions, Distances, Matrices, Tables):
    """Elementwise functions and reductions."""
