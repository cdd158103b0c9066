"""`sd.random`: arrays of random numbers."""

from __future__ import annotations

from .define import Namespace


class RandomOps(Namespace):
    """New arrays of random numbers; another call or another seed, other numbers."""
