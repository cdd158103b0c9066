"""New arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import shaping
from ..define import Namespace, case, op, wrong
from ..rules import creates

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import DTypeLike, Number, ShapeLike, VarLike

_LIKE = case(shape=(2, 3), gradient=False)


class Creation(Namespace):
    """New arrays. Sizes are numbers, dims, names of dims, or integer variables that are known."""

    @op(shaping.zeros, mask=creates, samediff="create", java=("shape, dtype", "shape, dtype, _, _"),
        cases=(_LIKE, case(shape=(2, 3), dtype="int32", gradient=False)),
        differs="SameDiff's create gives float32 whatever type is asked for, and promises zeros "
                "only with initialize=true; here it gives zeros of the type asked for.")
    def zeros(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, name: str | None = None
    ) -> SDVariable:
        """Zeros of that shape."""
        ...

    @op(shaping.ones, mask=creates, cases=(_LIKE, case(shape=(), dtype="bool", gradient=False)))
    def ones(
        self, shape: ShapeLike, dtype: DTypeLike = "float32", *, name: str | None = None
    ) -> SDVariable:
        """Ones of that shape."""
        ...

    @op(shaping.full, mask=creates, samediff="fill", java=("shape, dtype, value",),
        cases=(case(shape=(2, 3), value=1.5, gradient=False),
               case(shape=(4,), value=2.9, dtype="int32", gradient=False)),
        differs="SameDiff refuses the type bool; here any number but 0 is true.")
    def fill(
        self, shape: ShapeLike, value: float, dtype: DTypeLike = "float32", *,
        name: str | None = None,
    ) -> SDVariable:
        """An array of that shape that holds `value` everywhere, cut towards zero for integers."""
        ...

    @op(shaping.linspace, mask=creates, samediff="linspace",
        java=("dtype, start, stop, num", "start, stop, num, dtype"),
        cases=(case((), (), num=5), case(start=0.0, stop=10.0, num=4, dtype="int32",
                                         gradient=False)),
        raises=(wrong((2,), (), num=5, match="linspace"),),
        differs="SameDiff's gradient of start and stop is 0 where they are variables; here it is "
                "that of each number, (1 - t) and t.")
    def linspace(
        self, start: VarLike, stop: VarLike, num: Number, dtype: DTypeLike | None = None, *,
        name: str | None = None,
    ) -> SDVariable:
        """`num` numbers at equal distances from `start` to `stop`, both included: [num]."""
        ...

    @op(shaping.arange, mask=creates, name="range", samediff="range",
        java=("start, stop, step, dtype",),
        cases=(case(start=1, stop=9, step=3, gradient=False),
               case(start=5.0, stop=0.0, step=-2.0, dtype="float32", gradient=False)),
        differs="SameDiff leaves out the last number where a negative step does not divide the "
                "range (5, 0, -2 gives 5, 3); here nothing is left out.")
    def range(
        self, start: Number, stop: Number, step: Number = 1, dtype: DTypeLike = "int32", *,
        name: str | None = None,
    ) -> SDVariable:
        """start, start + step, ... up to but without `stop`: [ceil((stop - start) / step)].

        All three must be known while the graph is built; `stop` may be a dim.
        """
        ...

    def arange(
        self, stop: Number, dtype: DTypeLike = "int32", *, name: str | None = None
    ) -> SDVariable:
        """0, 1, ... below `stop`, which may be a dim."""
        return self.range(0, stop, dtype=dtype, name=name)
