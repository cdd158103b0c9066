"""`sd.cnn`: convolutions, plain, by channel and transposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kernels import convolution, deconvolution, patches, responses
from ..define import Namespace, case, op, wrong
from ..differences import WRONG_GRADIENT
from ..rules import responds, transposes, windows

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_X = {"x": (0, 1)}
_CONVOLVES = windows(fills=True, by_length=True)
_JAVA = ("x, weights, bias, **config", "x, weights, **config")
_TURNED = ("SameDiff's CAUSAL pads by pH and pW, 0 unless given, and not by what is needed before; "
           "here it pads as in conv2d.")


class ConvolutionOps(Namespace):
    """Sums over windows."""

    @op(convolution.conv, mask=_CONVOLVES, name="conv1d", samediff="conv1d", java=_JAVA,
        cases=(case((2, 6, 3), (3, 3, 4), (4,), padded=_X),
               case((2, 6, 3), (3, 3, 4), padding="valid", padded=_X),
               case((2, 6, 3), (2, 3, 4), padding="causal", stride=2, dilation=2, padded=_X),
               case((2, 6, 3), (3, 3, 4), padding="same", stride=2, padded=_X),
               case((2, 3, 6), (3, 3, 4), padding=1, data_format="NCW", padded={"x": (0, 2)})),
        raises=(wrong((2, 6, 3), (3, 2, 4), match="conv1d"),),
        differs="SameDiff dies of a null pointer where the config has no paddingMode; here the "
                "error asks for one.")
    def conv1d(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *, stride: int = 1,
        padding: str | int = "same", dilation: int = 1, data_format: str = "NWC",
        kernel: int | None = None, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """sum over taps and channels of x * weights [width, in, out], plus bias [out].

        padding: "same", "valid", "causal" or a number of zeros on both sides. `kernel`: the width
        that the weights must have.
        """
        ...

    @op(convolution.conv, mask=_CONVOLVES, name="conv2d", samediff="conv2d", java=_JAVA,
        cases=(case((2, 5, 4, 2), (3, 2, 2, 3), (3,), padded=_X),
               case((2, 2, 4, 5), (3, 2, 2, 3), padding="causal", stride=(1, 2), dilation=(2, 1),
                    data_format="NCHW", padded={"x": (0, 3)}),
               case((2, 6, 4, 2), (3, 2, 2, 3), stride=2, padded=_X),
               case((2, 4, 6, 2), (3, 2, 2, 3), stride=(1, 2), padding=(1, 2),
                    weights_format="OIYX", padded={"x": (0, 2)})),
        raises=(wrong((2, 5, 4, 2), (3, 2, 3, 3), match="2 channels"),
                wrong((2, 5, 4, 2), (3, 2, 2, 3), (2,), match=r"bias must have the shape \(3,\)"),
                wrong((2, 5, 4, 2), (3, 2, 2, 3), kernel=3, match=r"weights have \(3, 2\) taps"),
                wrong((2, 5, 4, 2), (3, 2, 2, 3), stride=(1, 1, 2), match="stride needs a number"),
                wrong((2, 5, 4, 2), (3, 2, 2, 3), data_format="NWC", match="data_format"),
                wrong((2, 5, 4, 2), (3, 2, 2, 3), weights_format="HWIO", match="weights_format")),
        differs="SameDiff has no gradient for weights in OIYX and OYXI, nor where the kernel's "
                "size is left to the weights.")
    def conv2d(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *,
        stride: int | tuple[int, ...] = 1, padding: str | int | tuple[int, ...] = "same",
        dilation: int | tuple[int, ...] = 1, data_format: str = "NHWC",
        weights_format: str = "YXIO", kernel: int | tuple[int, ...] | None = None,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """sum over taps and channels of x * weights [height, width, in, out], plus bias [out].

        padding: "same", "valid", "causal", or the zeros on both sides of height and width.
        `weights_format`: the order of height Y, width X, in I and out O. `kernel`: the height
        and width that the weights must have.
        """
        ...

    @op(convolution.conv, mask=_CONVOLVES, name="conv3d", samediff="conv3d", java=_JAVA,
        cases=(case((2, 4, 3, 2, 2), (2, 2, 2, 2, 2), (2,), padded=_X),
               case((2, 2, 5, 3, 3), (2, 2, 1, 2, 2), stride=(2, 1, 2), padding="valid",
                    data_format="NCDHW", padded={"x": (0, 2)})),
        raises=(wrong((2, 4, 3, 2, 2), (2, 2, 2, 3, 2), match="2 channels"),
                wrong((2, 4, 3, 2), (2, 2, 2, 2, 2), match="NDHWC has 5 axes")),
        differs="SameDiff refuses CAUSAL; here it pads before depth, height and width.")
    def conv3d(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *,
        stride: int | tuple[int, ...] = 1, padding: str | int | tuple[int, ...] = "same",
        dilation: int | tuple[int, ...] = 1, data_format: str = "NDHWC",
        kernel: int | tuple[int, ...] | None = None, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """sum over taps and channels of x * weights [depth, height, width, in, out], plus bias.

        Options as in `conv2d`.
        """
        ...

    @op(deconvolution.deconv, mask=transposes, name="deconv2d", samediff="deconv2d", java=_JAVA,
        cases=(case((2, 4, 3, 2), (3, 2, 3, 2), (3,), stride=(2, 1), padded=_X),
               case((2, 2, 3, 4), (2, 3, 3, 2), stride=(1, 2), padding=(0, 1), dilation=(2, 1),
                    data_format="NCHW", padded={"x": (0, 3)}),
               case((2, 4, 3, 2), (2, 2, 3, 2), stride=3, padding="valid", padded=_X),
               case((2, 4, 3, 2), (3, 2, 3, 2), padded=_X)),
        raises=(wrong((2, 4, 3, 2), (3, 2, 2, 3), match="3 channels of weights"),
                wrong((2, 4, 3, 2), (3, 2, 3, 2), padding="causal", match="padding must be"),
                wrong((2, 4, 3, 2), (3, 2, 3, 2), (2,), match=r"bias must have the shape \(3,\)")))
    def deconv2d(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *,
        stride: int | tuple[int, ...] = 1, padding: str | int | tuple[int, ...] = "same",
        dilation: int | tuple[int, ...] = 1, data_format: str = "NHWC",
        kernel: int | tuple[int, ...] | None = None, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The transpose of a convolution: every position spreads x * weights [height, width, out,
        in] over its window, and what overlaps is summed; plus bias [out].

        padding: "same" gives size * stride, "valid" (size - 1) * stride + extent, a count cuts as
        much of that off at both ends.
        """
        ...

    @op(deconvolution.deconv, mask=transposes, name="deconv3d", samediff="deconv3d", java=_JAVA,
        cases=(case((2, 3, 2, 2, 2), (2, 2, 1, 2, 2), (2,), stride=(2, 1, 2), padded=_X),
               case((2, 2, 3, 2, 2), (2, 1, 2, 2, 2), stride=(2, 1, 1), padding="valid",
                    data_format="NCDHW", padded={"x": (0, 2)})),
        raises=(wrong((2, 3, 2, 2, 2), (2, 2, 1, 2, 3), match="3 channels of weights"),))
    def deconv3d(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *,
        stride: int | tuple[int, ...] = 1, padding: str | int | tuple[int, ...] = "same",
        dilation: int | tuple[int, ...] = 1, data_format: str = "NDHWC",
        kernel: int | tuple[int, ...] | None = None, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """`deconv2d` with a depth, weights [depth, height, width, out, in]."""
        ...

    @op(convolution.depthwise_conv, mask=_CONVOLVES, samediff="depthWiseConv2d", java=_JAVA,
        cases=(case((2, 5, 3, 2), (3, 2, 2, 2), (4,), padded=_X),
               case((2, 2, 3, 5), (2, 2, 2, 1), stride=(1, 2), padding="valid", dilation=(2, 1),
                    data_format="NCHW", padded={"x": (0, 3)})),
        raises=(wrong((2, 5, 3, 2), (3, 2, 3, 2), match="2 channels"),
                wrong((2, 5, 3, 2), (3, 2, 2, 2), (2,), match=r"bias must have the shape \(4,\)")),
        differs=_TURNED)
    def depthwise_conv2d(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *,
        stride: int | tuple[int, ...] = 1, padding: str | int | tuple[int, ...] = "same",
        dilation: int | tuple[int, ...] = 1, data_format: str = "NHWC",
        kernel: int | tuple[int, ...] | None = None, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Every channel by itself with weights [height, width, in, m], plus bias [in * m].

        Channel c * m + j of the result is the j-th of channel c. Options as in `conv2d`.
        """
        ...

    @op(convolution.separable_conv, mask=_CONVOLVES, samediff="separableConv2d",
        java=("x, weights, point_weights, bias, **config", "x, weights, point_weights, **config"),
        cases=(case((2, 5, 3, 2), (3, 2, 2, 2), (1, 1, 4, 3), (3,), padded=_X),
               case((2, 1, 3, 5), (2, 2, 1, 2), (1, 1, 2, 2), stride=(1, 2), padding="valid",
                    data_format="NCHW", padded={"x": (0, 3)})),
        raises=(wrong((2, 5, 3, 2), (3, 2, 2, 2), (1, 1, 2, 3), match="4 channels"),
                wrong((2, 5, 3, 2), (3, 2, 2, 2), (2, 1, 4, 3), match="the kernel is 1")),

        differs=("With one channel in, SameDiff ignores the point weights or refuses the call.",
                 _TURNED))
    def separable_conv2d(
        self, x: VarLike, weights: VarLike, point_weights: VarLike | None = None,
        bias: VarLike | None = None, *,
        stride: int | tuple[int, ...] = 1, padding: str | int | tuple[int, ...] = "same",
        dilation: int | tuple[int, ...] = 1, data_format: str = "NHWC",
        kernel: int | tuple[int, ...] | None = None, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """`depthwise_conv2d`, then point by point with point_weights [1, 1, in * m, out]; plus
        bias [out]."""
        ...

    @op(patches.dilation2d, mask=windows(fills=False), samediff="dilation2D",
        java=("x, weights, stride, dilation, padding?same:valid",),
        cases=(case((2, 5, 4, 2), (2, 2, 2), padded=_X),
               case((2, 4, 5, 2), (2, 3, 2), stride=(1, 2), dilation=(2, 1), padding="valid",
                    padded={"x": (0, 2)})),
        raises=(wrong((2, 5, 4, 2), (2, 2, 3), match=r"weights must be \[height, width, 2\]"),),
        differs="SameDiff's method can't run: it takes two strides and rates where the op behind "
                "it wants four. Here there is a gradient as well.")
    def dilation2d(
        self, x: VarLike, weights: VarLike, *, stride: int | tuple[int, ...] = 1,
        padding: str | int | tuple[int, ...] = "same", dilation: int | tuple[int, ...] = 1,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """The morphological dilation: the greatest x + weights [height, width, channels] under
        each window of x [batch, height, width, channels]; nothing counts beyond the image."""
        ...

    @op(responses.local_response_normalization, mask=responds,
        samediff="localResponseNormalization", java=("x, **config",),
        cases=(case((2, 3, 2, 5), depth=1, padded=_X),
               case((2, 6, 4), depth=2, alpha=0.5, beta=0.5, bias=1.0, padded={"x": (0, 2)})),
        raises=(wrong((2, 3, 2, 5), depth=0, match="depth must be 1 or more"),
                wrong((2, 3, 2, 5), depth=1, alpha=0.0, bias=0.0, match="both 0")),
        differs=WRONG_GRADIENT)
    def local_response_normalization(
        self, x: VarLike, *, depth: int, alpha: float = 1e-4, beta: float = 0.75,
        bias: float = 2.0, masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """x / (bias + alpha * sum of x^2 over `depth` channels on both sides)^beta.

        Channels are the last axis; alpha is not divided by the size of the window. Krizhevsky,
        Sutskever, Hinton (2012), with their constants.
        """
        ...
