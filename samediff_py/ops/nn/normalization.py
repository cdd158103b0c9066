"""Softmax, layer and batch normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...foundation.errors import GraphError
from ...kernels import activations, normalization
from ...kernels import batch_norm as batch_norm_kernels
from ..define import Namespace, Spec, case, op, wrong
from ..differences import INTEGERS, NO_GRADIENT
from ..rules import (
    normalises,
    normalises_all,
    normalises_batch,
    pointwise_first,
)

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, Axis, VarLike

_OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})
_OVER_LAST = case((4, 3), axis=-1)


class Normalization(Namespace):
    """Softmax, layer and batch normalisation."""

    @op(normalization.softmax, mask=normalises(), samediff="softmax",
        cases=(_OVER_TIME, _OVER_LAST), raises=(wrong((2, 3), axis=4, match="axis 4"),),
        differs=("SameDiff gives NaN for rows of float64 far below 0.", INTEGERS))
    def softmax(
        self, x: VarLike, axis: Axis = -1, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """e^x / sum of e^x along `axis`."""
        ...

    @op(normalization.log_softmax, mask=normalises(), samediff="logSoftmax",
        cases=(_OVER_TIME, _OVER_LAST),
        differs=("SameDiff has no gradient where an axis is given.", INTEGERS))
    def log_softmax(
        self, x: VarLike, axis: Axis = -1, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """x - ln of the sum of e^x along `axis`."""
        ...

    @op(activations.softmax_derivative, mask=normalises_all(), samediff="softmaxDerivative",
        cases=(case((2, 5, 3), (2, 5, 3), axis=1, padded={"x": (0, 1), "wrt": (0, 1)}),
               case((4, 3), (4, 3), axis=-1)), differs=NO_GRADIENT)
    def softmax_derivative(
        self, x: VarLike, wrt: VarLike, axis: Axis = -1, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """s * (wrt - sum(s * wrt)), s = softmax(x) along `axis`: the gradient at x of what has the
        gradient wrt at s."""
        ...


    @op(normalization.layer_norm, mask=normalises(), samediff="layerNorm",
        java=("x, gain, bias, channels_first, *axis", "x, gain, channels_first, *axis"),
        cases=(case((2, 5, 3), (3,), (3,), axis=2, padded={"x": (0, 1)}),
               case((2, 5, 3), (3,), axis=(1, 2), epsilon=1e-3, padded={"x": (0, 1)}),
               case((4, 3), (3,), (3,), axis=1)))
    def layer_norm(
        self, x: VarLike, gain: VarLike, bias: VarLike | None = None, *, axis: Axes = -1,
        epsilon: float = 0.0, channels_first: bool = False, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """gain * (x - mean) / sqrt(variance + epsilon) + bias, statistics over `axis` (Ba et al.).

        `gain` and `bias` lie along the last axis, or along axis 1 with `channels_first`.
        """
        ...

    @op(normalization.batch_norm, mask=pointwise_first, name="batch_norm",
        samediff="batchNorm",
        cases=(case((2, 5, 3), (3,), Spec((3,), "positive"), (3,), (3,), axis=2,
                    padded={"x": (0, 1)}),
               case((4, 3), (3,), Spec((3,), "positive"), axis=1)),
        differs=("SameDiff refuses parameters of another type than that of x.", NO_GRADIENT))
    def _batch_norm(
        self, x: VarLike, mean: VarLike, variance: VarLike, gamma: VarLike | None = None,
        beta: VarLike | None = None, *, axis: Axes = -1, epsilon: float = 1e-5,
        name: str | None = None,
    ) -> SDVariable:
        """gamma * (x - mean) / sqrt(variance + epsilon) + beta, with given statistics."""
        ...

    @op(batch_norm_kernels.batch_norm_layer, mask=normalises_batch,
        cases=(case((2, 5, 3), (3,), Spec((3,), "positive"), (3,), (3,), axis=2,
                    padded={"x": (0, 1)}),
               case((4, 3), (3,), Spec((3,), "positive"), axis=1)))
    def _batch_norm_layer(
        self, x: VarLike, running_mean: VarLike, running_variance: VarLike,
        gamma: VarLike | None = None, beta: VarLike | None = None, *, axis: Axis = -1,
        epsilon: float = 1e-5, momentum: float = 0.99, masked: bool = True,
        name: str | None = None,
    ) -> tuple[SDVariable, SDVariable, SDVariable]:
        """The result, and the running statistics after this batch."""
        ...

    def batch_norm(
        self, x: SDVariable, mean: VarLike | None = None, variance: VarLike | None = None,
        gamma: VarLike | None = None, beta: VarLike | None = None, *, axis: Axes = -1,
        epsilon: float = 1e-5, momentum: float = 0.99, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """gamma * (x - mean) / sqrt(variance + epsilon) + beta (Ioffe, Szegedy 2015).

        With `mean` and `variance` given it is SameDiff's op, pointwise. Without them it takes the
        batch's own in training, over real positions only, and running ones in inference; these
        are variables `<name>/running_mean` and `<name>/running_variance` that training updates:
        running * momentum + batch * (1 - momentum).
        """
        if (mean is None) != (variance is None):
            raise GraphError("batch_norm takes both mean and variance, or neither")
        if mean is not None and variance is not None:
            return self._batch_norm(
                x, mean, variance, gamma, beta, axis=axis, epsilon=epsilon, name=name
            )
        if not isinstance(axis, int | str):
            raise GraphError("batch_norm with running statistics takes one axis")
        return self._with_running_statistics(
            x, gamma, beta, axis, epsilon=epsilon, momentum=momentum, masked=masked, name=name
        )

    def _with_running_statistics(
        self, x: SDVariable, gamma: VarLike | None, beta: VarLike | None, axis: Axis, *,
        name: str | None, **options: Any,
    ) -> SDVariable:
        builder = self._builder
        with builder.atomic():
            stem = builder.free_name(name or "batch_norm")
            size = x.shape[builder.axis_of(x, axis)]
            mean = builder.variable(f"{stem}/running_mean", (size,), "zeros", x.dtype, False)
            variance = builder.variable(f"{stem}/running_variance", (size,), "ones", x.dtype, False)
            result, new_mean, new_variance = self._batch_norm_layer(
                x, mean, variance, gamma, beta, axis=axis, name=stem, **options
            )
            builder.update(mean.name, new_mean.name)
            builder.update(variance.name, new_variance.name)
        return result
