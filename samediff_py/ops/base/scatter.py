"""Rows written into a table by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...kernels import scatter
from ..define import Namespace, Spec, case, op, wrong
from ..rules import fills_dense, scatters, stitches
from .counts import counted

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import ShapeLike, VarLike

_ROWS = Spec((2, 4), "integer", high=5)
_TOGETHER = case((5, 3), _ROWS, (2, 4, 3), padded={"indices": (0, 1), "updates": (0, 1)})
_VECTOR = case((4, 2), Spec((3,), "integer"), (3, 2))
_APART = case((5, 2, 3), Spec((2,), "integer", high=1), (2, 2, 3),
              padded={"ref": (1, 0), "updates": (1, None)})
_DIVISORS = case((5, 3), _ROWS, Spec((2, 4, 3), "above"),
                 padded={"indices": (0, 1), "updates": (0, 1)})
_BY_NUMBERS = case((4, 2), Spec((3,), "integer"), Spec((3, 2), "above"))
_MISFIT = wrong((5, 3), Spec((2,), "integer"), (2, 4), match=r"updates .*must have the axes")
_FRACTIONS = wrong((5, 3), (2,), (2, 3), match="indices must be integers")
_TWICE = "SameDiff's gradient of the updates is wrong where a row is named twice."
_UNCHECKED = ("An index out of range writes into other memory in SameDiff; here it is refused, or, "
              "where it is computed in a compiled graph, changes nothing (sd.debug() finds it).")



class Scatter(Namespace):
    """Rows written into a table by their numbers."""

    @op(scatter.scatter_add, mask=scatters, samediff="scatterAdd", differs=_UNCHECKED,
        cases=(_TOGETHER, _VECTOR, _APART), raises=(_MISFIT, _FRACTIONS))
    def scatter_add(
        self, ref: VarLike, indices: VarLike, updates: VarLike, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ref [rows, ...], with `updates` [*indices, ...] added to the rows that `indices` name.

        A row that is named several times gets all of its updates, in order.
        """
        ...

    @op(scatter.scatter_sub, mask=scatters, samediff="scatterSub", differs=_UNCHECKED,
        cases=(_TOGETHER, _VECTOR), raises=(_MISFIT,))
    def scatter_sub(
        self, ref: VarLike, indices: VarLike, updates: VarLike, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ref, with `updates` subtracted from the rows that `indices` name."""
        ...

    @op(scatter.scatter_mul, mask=scatters, samediff="scatterMul", cases=(_TOGETHER, _VECTOR),
        raises=(_MISFIT,), differs=(_UNCHECKED, _TWICE))
    def scatter_mul(
        self, ref: VarLike, indices: VarLike, updates: VarLike, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ref, with the rows that `indices` name multiplied by `updates`."""
        ...

    @op(scatter.scatter_div, mask=scatters, samediff="scatterDiv", cases=(_DIVISORS, _BY_NUMBERS),
        raises=(_MISFIT,), differs=(_UNCHECKED, _TWICE))
    def scatter_div(
        self, ref: VarLike, indices: VarLike, updates: VarLike, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ref, with the rows that `indices` name divided by `updates`; integers towards zero."""
        ...

    @op(scatter.scatter_max, mask=scatters, samediff="scatterMax", differs=_UNCHECKED,
        cases=(_TOGETHER, _VECTOR), raises=(_MISFIT,))
    def scatter_max(
        self, ref: VarLike, indices: VarLike, updates: VarLike, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ref, where `updates` stand in the rows that `indices` name if they are greater."""
        ...

    @op(scatter.scatter_min, mask=scatters, samediff="scatterMin", differs=_UNCHECKED,
        cases=(_TOGETHER, _VECTOR), raises=(_MISFIT,))
    def scatter_min(
        self, ref: VarLike, indices: VarLike, updates: VarLike, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ref, where `updates` stand in the rows that `indices` name if they are less."""
        ...

    @op(scatter.scatter_update, mask=scatters, samediff="scatterUpdate",
        cases=(_TOGETHER, _VECTOR, _APART), raises=(_MISFIT,), differs="SameDiff always throws.")
    def scatter_update(
        self, ref: VarLike, indices: VarLike, updates: VarLike, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """ref, with `updates` in the rows that `indices` name; of several for one, the last."""
        ...

    @op(scatter.dynamic_stitch, mask=stitches, samediff="dynamicStitch", java=("indices, *xs",),
        complete=counted("dynamic_stitch", "num_rows", "indices"),
        cases=(case((Spec((2, 5), "integer", high=6), Spec((2, 4), "integer", high=6)),
                    ((2, 5, 3), (2, 4, 3)), num_rows=(7,),
                    padded={"indices": (0, 1), "xs": (0, 1)}),
               case((Spec((3,), "integer"), Spec((2,), "integer")), ((3,), (2,)), num_rows=(5,))),
        raises=(wrong((Spec((3,), "integer"),), ((3,), (2,)), num_rows=(5,), match="2 pieces"),
                wrong((Spec((3,), "integer"), Spec((2,), "integer")), ((3, 2), (2,)),
                      num_rows=(5,), match="alike")),
        differs="SameDiff takes vectors of indices alone, and its gradient is wrong unless they "
                "are 0, 1, 2, ... in order. Here rows that no index names are 0; indices that are "
                "no constants need `num_rows`.")
    def dynamic_stitch(
        self, indices: Sequence[VarLike], xs: Sequence[VarLike], *,
        num_rows: int | str | ShapeLike | None = None, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """result[indices[i]] = xs[i] [*indices[i], ...]: [num_rows, ...]; what comes later stays.

        Without `num_rows` the indices must be constants: as many as the greatest says.
        """
        ...

    @op(scatter.sparse_to_dense, mask=fills_dense, samediff="sparseToDense",
        java=("indices, shape, values", "indices, shape, values, default_value"),
        cases=(case(Spec((2, 5, 2), "integer", high=3), (2, 5), shape=(3, 4),
                    padded={"indices": (0, 1), "values": (0, 1)}),
               case(Spec((3,), "integer", high=4), (3,), (), shape=(4,))),
        raises=(wrong(Spec((3, 2), "integer"), (3,), shape=(4,), match="1 numbers for each"),),
        differs="The result has the type of the values; there it has that of the indices, and "
                "values of another type come out as their bits.")
    def sparse_to_dense(
        self, indices: VarLike, shape: ShapeLike, values: VarLike,
        default_value: VarLike | None = None, *, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """`values` [...] at the places that the last axis of `indices` [..., rank] spells out.

        Elsewhere `default_value`, or 0. For a vector, `indices` [...] may be the places themselves.
        """
        ...
