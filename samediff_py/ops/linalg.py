"""`sd.linalg`: matrices in the last two axes."""

from __future__ import annotations

from .define import Namespace


class LinalgOps(Namespace):
    """Matrices in the last two axes: products, solutions, factorisations."""
