"""`sd.cnn`: convolution and pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..kernels import convolution, pooling
from .define import Namespace, case, op, wrong
from .rules import windows

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import VarLike

_X = {"x": (0, 1)}


class CNNOps(Namespace):
    """Convolution and pooling."""

    @op(convolution.conv1d, mask=windows(fills=True, by_length=True), samediff="conv1d",
        cases=(case((2, 6, 3), (3, 3, 4), (4,), padded=_X),
               case((2, 6, 3), (3, 3, 4), padding="valid", padded=_X),
               case((2, 6, 3), (2, 3, 4), padding="causal", stride=2, dilation=2, padded=_X),
               case((2, 6, 3), (3, 3, 4), padding="same", stride=2, padded=_X),
               case((2, 3, 6), (3, 3, 4), padding=1, data_format="NCW", padded={"x": (0, 2)})),
        raises=(wrong((2, 6, 3), (3, 2, 4), match="conv1d"),))
    def conv1d(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *, stride: int = 1,
        padding: str | int = "same", dilation: int = 1, data_format: str = "NWC",
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """sum over taps and channels of x * weights [width, in, out], plus bias [out].

        padding: "same", "valid", "causal" or a number of zeros on both sides.
        """
        ...

    @op(pooling.max_pool1d, mask=windows(fills=False, by_length=True),
        cases=(case((2, 6, 3), kernel=2, padded=_X),
               case((2, 6, 3), kernel=3, stride=1, padding="same", padded=_X)))
    def max_pooling1d(
        self, x: VarLike, *, kernel: int, stride: int | None = None, padding: str | int = "valid",
        dilation: int = 1, data_format: str = "NWC", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest element under each window; `stride` is the kernel's size unless given."""
        ...

    @op(pooling.avg_pool1d, mask=windows(fills=False, by_length=True),
        cases=(case((2, 6, 3), kernel=2, padded=_X),
               case((2, 6, 3), kernel=3, stride=1, padding="same", padded=_X)))
    def avg_pooling1d(
        self, x: VarLike, *, kernel: int, stride: int | None = None, padding: str | int = "valid",
        dilation: int = 1, data_format: str = "NWC", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The mean of the real elements under each window."""
        ...

    @op(pooling.pnorm_pool1d, mask=windows(fills=False, by_length=True),
        cases=(case((2, 6, 3), kernel=2, p=2.0, padded=_X),
               case((2, 6, 3), kernel=3, p=3.0, stride=1, padding="same", padded=_X)))
    def pnorm_pooling1d(
        self, x: VarLike, *, kernel: int, p: float = 2.0, stride: int | None = None,
        padding: str | int = "valid", dilation: int = 1, data_format: str = "NWC",
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """(sum of |x|^p)^(1/p) under each window."""
        ...
