"""`sd.cnn`: pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import pooling
from ..define import Namespace, case, op, wrong
from ..rules import windows

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_X = {"x": (0, 1)}
_POOLS = windows(fills=False, by_length=True)
_JAVA = ("x, **config",)
_2D = (case((2, 6, 3, 2), kernel=(3, 2), stride=2, padding="same", padded=_X),
       case((2, 2, 3, 5), kernel=2, stride=1, padding=1, dilation=(1, 2), data_format="NCHW",
            padded={"x": (0, 3)}),
       case((2, 5, 3, 2), kernel=2, padding="causal", stride=1, padded=_X))
_3D = (case((2, 5, 2, 3, 2), kernel=(2, 1, 2), stride=(1, 1, 2), padding="same", padded=_X),
       case((2, 2, 5, 3, 2), kernel=2, stride=(2, 1, 1), data_format="NCDHW", padded={"x": (0, 2)}))
_WRONG_2D = (wrong((2, 5, 3, 2), kernel=(2, 2, 2), match="kernel needs a number"),
             wrong((2, 5, 3, 2), kernel=0, match="start at 1"),
             wrong((2, 5, 3, 2), kernel=2, data_format="NWC", match="data_format"))
_WRONG_3D = (wrong((2, 5, 2, 3), kernel=2, match="data_format"),)
_CAUSAL = "SameDiff takes CAUSAL for SAME; here it pads before only, as convolutions do."
_TURNED = "SameDiff mixes up height and width of kernel, stride, padding and dilation."


class PoolingOps(Namespace):
    """What is greatest, or the mean, under windows."""

    @op(pooling.max_pool, name="max_pooling1d", mask=_POOLS,
        cases=(case((2, 6, 3), kernel=2, padded=_X),
               case((2, 6, 3), kernel=3, stride=1, padding="same", padded=_X)))
    def max_pooling1d(
        self, x: VarLike, *, kernel: int, stride: int | None = None, padding: str | int = "valid",
        dilation: int = 1, data_format: str = "NWC", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The greatest element under each window; `stride` is the kernel's size unless given."""
        ...

    @op(pooling.avg_pool, name="avg_pooling1d", mask=_POOLS,
        cases=(case((2, 6, 3), kernel=2, padded=_X),
               case((2, 6, 3), kernel=3, stride=1, padding="same", padded=_X)))
    def avg_pooling1d(
        self, x: VarLike, *, kernel: int, stride: int | None = None, padding: str | int = "valid",
        dilation: int = 1, data_format: str = "NWC", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The mean of the real elements under each window."""
        ...

    @op(pooling.pnorm_pool, name="pnorm_pooling1d", mask=_POOLS,
        cases=(case((2, 6, 3), kernel=2, p=2.0, padded=_X),
               case((2, 6, 3), kernel=3, p=3.0, stride=1, padding="same", padded=_X)))
    def pnorm_pooling1d(
        self, x: VarLike, *, kernel: int, p: float = 2.0, stride: int | None = None,
        padding: str | int = "valid", dilation: int = 1, data_format: str = "NWC",
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """(sum of |x|^p)^(1/p) under each window."""
        ...

    @op(pooling.max_pool, mask=_POOLS, name="max_pooling2d", samediff="maxPooling2d", java=_JAVA,
        cases=_2D, raises=_WRONG_2D, differs=_CAUSAL)
    def max_pooling2d(
        self, x: VarLike, *, kernel: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        padding: str | int | tuple[int, ...] = "valid", dilation: int | tuple[int, ...] = 1,
        data_format: str = "NHWC", masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The greatest element under each window; `stride` is the kernel's size unless given."""
        ...

    @op(pooling.avg_pool, mask=_POOLS, name="avg_pooling2d", samediff="avgPooling2d", java=_JAVA,
        cases=(*_2D, case((2, 4, 3, 2), kernel=(2, 3), stride=1, padding=1, include_padding=True,
                          padded=_X)),
        raises=_WRONG_2D,

        differs=("SameDiff ignores the config's divisor, and divides by nothing where extra is "
                 "neither 0 nor 1; its gradient is wrong where padding is counted.", _CAUSAL))
    def avg_pooling2d(
        self, x: VarLike, *, kernel: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        padding: str | int | tuple[int, ...] = "valid", dilation: int | tuple[int, ...] = 1,
        include_padding: bool = False, data_format: str = "NHWC", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The mean of the elements under each window.

        `include_padding`: the zeros around the image count as well. (Padded positions of a batch
        are around the image that they pad.)
        """
        ...

    @op(pooling.max_pool, mask=_POOLS, name="max_pooling3d", samediff="maxPooling3d", java=_JAVA,
        cases=_3D, raises=_WRONG_3D, differs=_TURNED)
    def max_pooling3d(
        self, x: VarLike, *, kernel: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        padding: str | int | tuple[int, ...] = "valid", dilation: int | tuple[int, ...] = 1,
        data_format: str = "NDHWC", masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The greatest element under each window; `stride` is the kernel's size unless given."""
        ...

    @op(pooling.avg_pool, mask=_POOLS, name="avg_pooling3d", samediff="avgPooling3d", java=_JAVA,
        cases=_3D, raises=_WRONG_3D, differs=_TURNED)
    def avg_pooling3d(
        self, x: VarLike, *, kernel: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        padding: str | int | tuple[int, ...] = "valid", dilation: int | tuple[int, ...] = 1,
        include_padding: bool = False, data_format: str = "NDHWC", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """The mean of the elements under each window; options as in `avg_pooling2d`."""
        ...

    @op(pooling.max_pool_with_argmax, mask=windows(fills=False, numbers=True),
        samediff="maxPoolWithArgmax", java=_JAVA,
        cases=(case((2, 5, 3, 2), kernel=2, stride=1, padding="same", padded=_X),
               case((2, 5, 3, 2), kernel=(3, 2), stride=2, padding=1, padded=_X),
               case((2, 2, 4, 3), kernel=2, dilation=(2, 1), data_format="NCHW")),
        raises=_WRONG_2D,
        differs="SameDiff's first result has always the size of the input, and its second counts "
                "0, 1, 2, ... instead of saying where the maxima are.")
    def max_pool_with_argmax(
        self, x: VarLike, *, kernel: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        padding: str | int | tuple[int, ...] = "valid", dilation: int | tuple[int, ...] = 1,
        data_format: str = "NHWC", masked: bool = True, name: str | None = None,
    ) -> tuple[SDVariable, SDVariable]:
        """The greatest element under each window, and its number within its example.

        Elements are numbered in the order of the layout: (row * width + column) * channels + c in
        NHWC. The first of equal ones; -1 for a window that sees none.
        """
        ...
