"""Activations and their derivatives, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...kernels import activations
from ..define import Namespace, case, op, wrong
from ..differences import INTEGERS, NO_GRADIENT, NO_INTEGERS
from ..rules import (
    decomposes,
    pointwise,
    pointwise_first,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike

_ONE = case((2, 5, 3), padded={"x": (0, 1)})
_ALONE = case((4,))
_ALPHA = "Integers give floating point; SameDiff cuts alpha to an integer."


class Activations(Namespace):
    """Activations and their derivatives, element by element."""

    @op(activations.relu, mask=pointwise, samediff="relu", cases=(_ONE, _ALONE),
        differs="Below the cutoff it gives 0, as SameDiff documents, and not the cutoff.")
    def relu(self, x: VarLike, cutoff: float = 0.0, *, name: str | None = None) -> SDVariable:
        """x where x > cutoff, else 0."""
        ...

    @op(activations.relu6, mask=pointwise, samediff="relu6", cases=(_ONE, _ALONE),
        differs="NaN stays NaN, which SameDiff makes 6; its gradient ignores the cutoff.")
    def relu6(self, x: VarLike, cutoff: float = 0.0, *, name: str | None = None) -> SDVariable:
        """min(max(x, cutoff), 6)."""
        ...

    @op(activations.leaky_relu, mask=pointwise, samediff="leakyRelu", cases=(_ONE, _ALONE),
        differs=_ALPHA)
    def leaky_relu(self, x: VarLike, alpha: float = 0.01, *, name: str | None = None) -> SDVariable:
        """x where x >= 0, else alpha * x."""
        ...

    @op(activations.elu, mask=pointwise, samediff="elu", cases=(_ONE, _ALONE), differs=INTEGERS)
    def elu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x where x > 0, else e^x - 1."""
        ...

    @op(activations.selu, mask=pointwise, samediff="selu", cases=(_ONE, _ALONE), differs=INTEGERS)
    def selu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1.0507 * (x where x > 0, else 1.6733 * (e^x - 1)) (Klambauer et al. 2017)."""
        ...

    @op(activations.gelu, mask=pointwise, samediff="gelu", cases=(_ONE, _ALONE), differs=INTEGERS)
    def gelu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x * sigmoid(1.702 x), SameDiff's form (Hendrycks, Gimpel 2016)."""
        ...

    @op(activations.precise_gelu, mask=pointwise, samediff="preciseGelu", cases=(_ONE, _ALONE),
        differs=("SameDiff cubes the factor 0.044715 too, and is off by up to 0.034.", INTEGERS))
    def precise_gelu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))."""
        ...

    @op(activations.swish, mask=pointwise, samediff="swish", cases=(_ONE, _ALONE), differs=INTEGERS)
    def swish(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x * sigmoid(x)."""
        ...

    @op(activations.softplus, mask=pointwise, samediff="softplus", cases=(_ONE, _ALONE),
        differs=("SameDiff overflows to infinity far above 0, where this is x.", INTEGERS))
    def softplus(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """ln(1 + e^x)."""
        ...

    @op(activations.softsign, mask=pointwise, samediff="softsign", cases=(_ONE, _ALONE),
        differs=INTEGERS)
    def softsign(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x / (1 + |x|)."""
        ...

    @op(activations.sigmoid, mask=pointwise, samediff="sigmoid", cases=(_ONE, _ALONE),
        differs=INTEGERS)
    def sigmoid(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 / (1 + e^-x)."""
        ...

    @op(activations.log_sigmoid, mask=pointwise, samediff="logSigmoid", cases=(_ONE, _ALONE),
        differs=("SameDiff gives -infinity far below 0, where this is x.", INTEGERS))
    def log_sigmoid(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """ln(sigmoid(x))."""
        ...

    @op(activations.hard_sigmoid, mask=pointwise, samediff="hardSigmoid", cases=(_ONE, _ALONE),
        differs=INTEGERS)
    def hard_sigmoid(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """min(max(0.2 x + 0.5, 0), 1)."""
        ...

    @op(activations.tanh, mask=pointwise, samediff="tanh", cases=(_ONE, _ALONE), differs=INTEGERS)
    def tanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The hyperbolic tangent."""
        ...

    @op(activations.hard_tanh, mask=pointwise, samediff="hardTanh", cases=(_ONE, _ALONE),
        differs=NO_INTEGERS)
    def hard_tanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """min(max(x, -1), 1)."""
        ...

    @op(activations.crelu, mask=decomposes(x=1), samediff="cReLU",
        cases=(_ONE, case((4,)), case((2, 3))), differs=NO_INTEGERS)
    def crelu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """max(x, 0) beside max(-x, 0): twice as many along the last axis (Shang et al. 2016)."""
        ...

    @op(activations.prelu, mask=pointwise_first, samediff="prelu",
        java=("x, alpha, *shared_axes",),
        cases=(case((2, 5, 3), (1, 3), shared_axes=(1,), padded={"x": (0, 1)}),
               case((2, 3, 4), (3,), shared_axes=(2,)), case((4, 3), (3,))),
        raises=(wrong((2, 3), (3,), shared_axes=(0,), match="batch axis"),
                wrong((2, 5, 3), (3,), match="shared_axes")))
    def prelu(
        self, x: VarLike, alpha: VarLike, shared_axes: Sequence[int] = (), *,
        name: str | None = None,
    ) -> SDVariable:
        """x where x >= 0, else alpha * x, with a slope for each element (He et al. 2015).

        alpha has the shape of x without axis 0, the batch, and 1 along the shared axes of x.
        """
        ...


    @op(activations.sigmoid_derivative, mask=pointwise, samediff="sigmoidDerivative",
        cases=(case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "wrt": (0, 1)}),
               case((4,), (4,))), differs=NO_GRADIENT)
    def sigmoid_derivative(
        self, x: VarLike, wrt: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """wrt * s * (1 - s), s = sigmoid(x): the gradient at x of what has the gradient wrt at s.
        """
        ...

    @op(activations.hard_tanh_derivative, mask=pointwise, samediff="hardTanhDerivative",
        cases=(_ONE, _ALONE), differs=("SameDiff's gradient is 1 instead of 0.", NO_INTEGERS))
    def hard_tanh_derivative(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 where -1 <= x <= 1, else 0."""
        ...

    @op(activations.leaky_relu_derivative, mask=pointwise, samediff="leakyReluDerivative",
        cases=(_ONE, case((4,), alpha=0.3)), differs=(_ALPHA, NO_GRADIENT))
    def leaky_relu_derivative(
        self, x: VarLike, alpha: float = 0.01, *, name: str | None = None
    ) -> SDVariable:
        """1 where x >= 0, else alpha."""
        ...

    @op(activations.softsign_derivative, mask=pointwise, samediff="softsignDerivative",
        cases=(_ONE, _ALONE), differs=("SameDiff's gradient is 0.", INTEGERS))
    def softsign_derivative(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 / (1 + |x|)^2."""
        ...
