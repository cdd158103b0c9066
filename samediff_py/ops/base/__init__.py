"""The ops of `sd` itself: comparisons, reductions, scans, products, shapes, look-ups, masks."""

from __future__ import annotations

from .clipping import Clipping
from .comparisons import Comparisons
from .conditions import Conditions
from .creation import Creation
from .joins import Joins
from .lookups import LookUps
from .masks import Masks
from .products import Products
from .ragged import Ragged
from .reductions import Reductions
from .scans import Scans
from .scatter import Scatter
from .segments import Segments
from .sequences import Sequences
from .shapes import Shapes
from .sizes import SizesOfArrays
from .slices import Slices
from .types import Types


class BaseOps(
    Comparisons, Conditions, Clipping, Reductions, Scans, Products, Shapes, Joins, Slices,
    SizesOfArrays, LookUps, Scatter, Segments, Sequences, Types, Creation, Ragged, Masks,
):
    """Ops that are methods of the graph itself, as in SameDiff."""
