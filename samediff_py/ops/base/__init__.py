"""The ops of `sd` itself: comparisons, reductions, scans, products, shapes, look-ups, masks."""

from __future__ import annotations

from .comparisons import Comparisons
from .creation import Creation
from .lookups import LookUps
from .masks import Masks
from .products import Products
from .ragged import Ragged
from .reductions import Reductions
from .scans import Scans
from .shapes import Shapes
from .sizes import SizesOfArrays
from .types import Types


class BaseOps(
    Comparisons, Reductions, Scans, Products, Shapes, SizesOfArrays, LookUps, Types, Creation,
    Ragged, Masks,
):
    """Ops that are methods of the graph itself, as in SameDiff."""
