"""`sd.nn`: activations, softmax, layers, attention, normalisation, dropout, pooling over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, overload

from ..foundation.errors import GraphError
from ..kernels import activations, dropout, indexing, normalization, orders, random
from ..kernels import attention as attention_kernels
from ..kernels import batch_norm as batch_norm_kernels
from . import axes
from .base import BaseOps
from .define import Namespace, Spec, case, op, wrong
from .java import composite
from .rules import (
    attends,
    attends_by_head,
    contracts,
    decomposes,
    normalises,
    normalises_all,
    normalises_batch,
    picks,
    pointwise,
    pointwise_first,
)
from .rules import orders as ordered

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import Axes, Axis, VarLike

_ONE = case((2, 5, 3), padded={"x": (0, 1)})
_ALONE = case((4,))
_OVER_TIME = case((2, 5, 3), axis=1, padded={"x": (0, 1)})
_OVER_LAST = case((4, 3), axis=-1)
_QKV = {"queries": (0, 1), "keys": (0, 1), "values": (0, 1)}
_QKV_LAST = {"queries": (0, 2), "keys": (0, 2), "values": (0, 2)}
_KEPT = case((2, 5, 3), keep_probability=0.5, padded={"x": (0, 1)})
_ALL_KEPT = case((4,), keep_probability=1.0)
_NO_PROBABILITY = wrong((4,), keep_probability=1.5, match="probability")
_MASKED = Spec((2, 5), "boolean")
_NO_KEY = (
    "A query without any key gets 0; SameDiff gives it weights over keys that are masked. The mask "
    "of keys may be boolean or integer."
)


def _whole_k(values: dict[str, Any], fold: Callable[[Any], Any]) -> dict[str, Any]:
    """k as the whole number that Java's double means."""
    k = values["k"]
    return values | {"k": int(k) if isinstance(k, float) and k.is_integer() else k}


class NNOps(Namespace):
    """Neural network ops."""

    # Activations.

    @op(activations.relu, mask=pointwise, samediff="relu", cases=(_ONE, _ALONE),
        differs="Below the cutoff it gives 0, as SameDiff documents, and not the cutoff.")
    def relu(self, x: VarLike, cutoff: float = 0.0, *, name: str | None = None) -> SDVariable:
        """x where x > cutoff, else 0."""
        ...

    @op(activations.relu6, mask=pointwise, samediff="relu6", cases=(_ONE, _ALONE),
        differs="NaN stays NaN, which SameDiff makes 6; the gradient minds the cutoff.")
    def relu6(self, x: VarLike, cutoff: float = 0.0, *, name: str | None = None) -> SDVariable:
        """min(max(x, cutoff), 6)."""
        ...

    @op(activations.leaky_relu, mask=pointwise, samediff="leakyRelu", cases=(_ONE, _ALONE),
        differs="Integers give floating point; SameDiff cuts alpha to an integer.")
    def leaky_relu(self, x: VarLike, alpha: float = 0.01, *, name: str | None = None) -> SDVariable:
        """x where x >= 0, else alpha * x."""
        ...

    @op(activations.elu, mask=pointwise, samediff="elu", cases=(_ONE, _ALONE))
    def elu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x where x > 0, else e^x - 1."""
        ...

    @op(activations.selu, mask=pointwise, samediff="selu", cases=(_ONE, _ALONE))
    def selu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1.0507 * (x where x > 0, else 1.6733 * (e^x - 1)) (Klambauer et al. 2017)."""
        ...

    @op(activations.gelu, mask=pointwise, samediff="gelu", cases=(_ONE, _ALONE))
    def gelu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x * sigmoid(1.702 x), SameDiff's form (Hendrycks, Gimpel 2016)."""
        ...

    @op(activations.precise_gelu, mask=pointwise, samediff="preciseGelu", cases=(_ONE, _ALONE),
        differs="SameDiff cubes the factor 0.044715 too, and is off by up to 0.034.")
    def precise_gelu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))."""
        ...

    @op(activations.swish, mask=pointwise, samediff="swish", cases=(_ONE, _ALONE))
    def swish(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x * sigmoid(x)."""
        ...

    @op(activations.softplus, mask=pointwise, samediff="softplus", cases=(_ONE, _ALONE),
        differs="x far above 0, where SameDiff overflows to infinity.")
    def softplus(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """ln(1 + e^x)."""
        ...

    @op(activations.softsign, mask=pointwise, samediff="softsign", cases=(_ONE, _ALONE))
    def softsign(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """x / (1 + |x|)."""
        ...

    @op(activations.sigmoid, mask=pointwise, samediff="sigmoid", cases=(_ONE, _ALONE))
    def sigmoid(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 / (1 + e^-x)."""
        ...

    @op(activations.log_sigmoid, mask=pointwise, samediff="logSigmoid", cases=(_ONE, _ALONE),
        differs="x far below 0, where SameDiff gives -infinity.")
    def log_sigmoid(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """ln(sigmoid(x))."""
        ...

    @op(activations.hard_sigmoid, mask=pointwise, samediff="hardSigmoid", cases=(_ONE, _ALONE))
    def hard_sigmoid(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """min(max(0.2 x + 0.5, 0), 1)."""
        ...

    @op(activations.tanh, mask=pointwise, samediff="tanh", cases=(_ONE, _ALONE))
    def tanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """The hyperbolic tangent."""
        ...

    @op(activations.hard_tanh, mask=pointwise, samediff="hardTanh", cases=(_ONE, _ALONE))
    def hard_tanh(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """min(max(x, -1), 1)."""
        ...

    @op(activations.crelu, mask=decomposes(x=1), samediff="cReLU",
        cases=(_ONE, case((4,)), case((2, 3))))
    def crelu(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """max(x, 0) beside max(-x, 0): twice as many along the last axis (Shang et al. 2016)."""
        ...

    @op(activations.prelu, mask=pointwise_first, samediff="prelu",
        java=("x, alpha, *shared_axes",),
        cases=(case((2, 5, 3), (1, 3), shared_axes=(1,), padded={"x": (0, 1)}),
               case((2, 3, 4), (3,), shared_axes=(2,)), case((4, 3), (3,))),
        raises=(wrong((2, 3), (3,), shared_axes=(0,), match="batch axis"),))
    def prelu(
        self, x: VarLike, alpha: VarLike, shared_axes: Sequence[int] = (), *,
        name: str | None = None,
    ) -> SDVariable:
        """x where x >= 0, else alpha * x, with a slope for each element (He et al. 2015).

        alpha has the shape of x without axis 0, the batch, and 1 along the shared axes of x.
        """
        ...

    # Derivatives of activations.

    @op(activations.sigmoid_derivative, mask=pointwise, samediff="sigmoidDerivative",
        cases=(case((2, 5, 3), (2, 5, 3), padded={"x": (0, 1), "wrt": (0, 1)}),
               case((4,), (4,))))
    def sigmoid_derivative(
        self, x: VarLike, wrt: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """wrt * s * (1 - s), s = sigmoid(x): the gradient at x of what has the gradient wrt at s.
        """
        ...

    @op(activations.hard_tanh_derivative, mask=pointwise, samediff="hardTanhDerivative",
        cases=(_ONE, _ALONE), differs="Its gradient is 0; SameDiff gives 1.")
    def hard_tanh_derivative(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 where -1 <= x <= 1, else 0."""
        ...

    @op(activations.leaky_relu_derivative, mask=pointwise, samediff="leakyReluDerivative",
        cases=(_ONE, case((4,), alpha=0.3)),
        differs="Integers give floating point; SameDiff cuts alpha to an integer.")
    def leaky_relu_derivative(
        self, x: VarLike, alpha: float = 0.01, *, name: str | None = None
    ) -> SDVariable:
        """1 where x >= 0, else alpha."""
        ...

    @op(activations.softsign_derivative, mask=pointwise, samediff="softsignDerivative",
        cases=(_ONE, _ALONE), differs="SameDiff gives 0 for its gradient.")
    def softsign_derivative(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """1 / (1 + |x|)^2."""
        ...

    # Softmax and normalisation.

    @op(normalization.softmax, mask=normalises(), samediff="softmax",
        cases=(_OVER_TIME, _OVER_LAST), raises=(wrong((2, 3), axis=4, match="axis 4"),),
        differs="SameDiff gives NaN for rows of float64 far below 0.")
    def softmax(
        self, x: VarLike, axis: Axis = -1, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """e^x / sum of e^x along `axis`."""
        ...

    @op(normalization.log_softmax, mask=normalises(), samediff="logSoftmax",
        cases=(_OVER_TIME, _OVER_LAST))
    def log_softmax(
        self, x: VarLike, axis: Axis = -1, *, masked: bool = True, name: str | None = None
    ) -> SDVariable:
        """x - ln of the sum of e^x along `axis`."""
        ...

    @op(activations.softmax_derivative, mask=normalises_all(), samediff="softmaxDerivative",
        cases=(case((2, 5, 3), (2, 5, 3), axis=1, padded={"x": (0, 1), "wrt": (0, 1)}),
               case((4, 3), (4, 3), axis=-1)))
    def softmax_derivative(
        self, x: VarLike, wrt: VarLike, axis: Axis = -1, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """s * (wrt - sum(s * wrt)), s = softmax(x) along `axis`: the gradient at x of what has the
        gradient wrt at s."""
        ...

    @op(orders.top_k, mask=ordered, samediff="topK", complete=_whole_k, java=("x, k, _", "x, k"),
        cases=(case((2, 5), k=3, padded={"x": (0, 1)}),
               case((2, 3, 5), k=2, padded={"x": (0, 2)}),
               case((2, 5, 4), k=2, padded={"x": (0, 1)}), case((4,), k=4)),
        raises=(wrong((2, 3), k=4, match="k=4"), wrong((2, 3), k=0, match="from 1 on")),
        differs="SameDiff always takes k as 1, or skips elements that are equal.")
    def top_k(
        self, x: VarLike, k: int | float, *, masked: bool = True, name: str | None = None
    ) -> tuple[SDVariable, SDVariable]:
        """The k largest elements of the last axis, largest first, and their places (int32).

        The first of equals comes first. A padded row with fewer gives as many as it has.
        """
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
               case((4, 3), (3,), Spec((3,), "positive"), axis=1)))
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

    # Pooling over a whole axis.

    def global_pooling(
        self, x: VarLike, pooling: str = "avg", *, axis: Axis = 1, p: float = 2.0,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """One value per row from all real positions along `axis`: "avg", "sum", "max", "pnorm" or
        "last" (the last real position). An empty row gives 0."""
        base = BaseOps(self._builder)
        if pooling == "pnorm":
            return base.norm_p(x, axis, p=p, masked=masked, name=name)
        ops = {"avg": base.mean, "sum": base.sum, "max": base.max, "last": base.last_valid}
        if pooling not in ops:
            raise GraphError(f"pooling is one of {', '.join([*ops, 'pnorm'])}, not {pooling!r}")
        return ops[pooling](x, axis, masked=masked, name=name)

    @composite("pad")
    def pad(
        self, x: SDVariable, padding: Any, mode: Any = "constant", value: float = 0.0, *,
        name: str | None = None,
    ) -> SDVariable:
        """`sd.pad`: `padding[i]` = (before, after) slots more along axis i, as numbers or as an
        integer variable that is known. The value may stand in the place of the mode."""
        if isinstance(mode, int | float):
            mode, value = "constant", mode
        text = mode.name if isinstance(mode, Enum) else mode
        base = BaseOps(self._builder)
        return base.pad(x, padding, mode=text.lower(), value=value, name=name)

    # Layers.

    @op(activations.linear, mask=contracts(axes.linear), samediff="linear",
        cases=(case((2, 5, 3), (3, 4), (4,), padded={"x": (0, 1)}), case((4, 3), (3, 2))),
        raises=(wrong((2, 3), (4, 2), match="linear"),))
    def linear(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """x @ weights + bias, over the last axis of x."""
        ...

    @op(activations.relu_layer, mask=contracts(axes.linear), samediff="reluLayer",
        cases=(case((2, 5, 3), (3, 4), (4,), padded={"x": (0, 1)}), case((4, 3), (3, 2))),
        raises=(wrong((2, 3), (4, 2), match="relu_layer"),))
    def relu_layer(
        self, x: VarLike, weights: VarLike, bias: VarLike | None = None, *, masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """max(x @ weights + bias, 0), over the last axis of x."""
        ...

    @op(activations.bias_add, mask=pointwise_first, samediff="biasAdd",
        cases=(case((2, 5, 3), (3,), padded={"x": (0, 1)}), case((2, 3, 4), (3,), nchw=True)))
    def bias_add(
        self, x: VarLike, bias: VarLike, *, nchw: bool = False, name: str | None = None
    ) -> SDVariable:
        """x + bias along the last axis, or along axis 1 with `nchw`."""
        ...

    @op(indexing.embedding, mask=picks("table", "ids", None),
        java=("table, ids", "table, ids, _"),
        cases=(case((4, 3), Spec((2, 5), "integer"), padded={"ids": (0, 1)}),
               case((4, 3), Spec((6,), "integer"))))
    def embedding(
        self, table: VarLike, ids: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """The rows of the table that the ids name: [.., features]. Padded ids read no row."""
        ...

    @op(dropout.dropout_kept, mask=pointwise, name="dropout_kept", samediff="dropout",
        cases=(_KEPT, _ALL_KEPT), raises=(_NO_PROBABILITY,),
        differs="SameDiff drops in inference too. Here inference multiplies by the probability "
                "of keeping, which is what training gives in the mean.")
    def _dropout_kept(
        self, x: VarLike, keep_probability: float, *, name: str | None = None
    ) -> SDVariable:
        """In training x with `keep_probability`, else 0, not rescaled; x times it in inference.

        `dropout` in Java's spelling (Srivastava et al. 2014).
        """
        ...

    @op(dropout.dropout_inverted, mask=pointwise, samediff="dropoutInverted",
        cases=(_KEPT, _ALL_KEPT), raises=(_NO_PROBABILITY,),
        differs="SameDiff drops in inference too, and gives rubbish for float64.")
    def dropout_inverted(
        self, x: VarLike, keep_probability: float, *, name: str | None = None
    ) -> SDVariable:
        """In training x / keep_probability, or 0 with 1 - keep_probability; x in inference.

        `dropout` by the probability of keeping. With a probability of 0 nothing is kept, ever.
        """
        ...

    @op(random.dropout, mask=pointwise,
        cases=(case((2, 5, 3), rate=0.5, padded={"x": (0, 1)}), case((4,), rate=0.0)))
    def dropout(self, x: VarLike, rate: float, *, name: str | None = None) -> SDVariable:
        """In training x / (1 - rate), or 0 with probability `rate`; x in inference.

        The numbers drawn depend on the seed, the name and the position, not on the padding.
        """
        ...

    # Attention.

    @overload
    def attention(
        self, queries: VarLike, keys: VarLike, values: VarLike, *, heads: int = ...,
        scaled: bool = ..., causal: bool = ..., with_weights: Literal[False] = ...,
        masked: bool = ..., name: str | None = ...,
    ) -> SDVariable: ...

    @overload
    def attention(
        self, queries: VarLike, keys: VarLike, values: VarLike, *, heads: int = ...,
        scaled: bool = ..., causal: bool = ..., with_weights: Literal[True],
        masked: bool = ..., name: str | None = ...,
    ) -> tuple[SDVariable, SDVariable]: ...

    @op(attention_kernels.attention, mask=attends,
        cases=(case((2, 5, 4), (2, 5, 4), (2, 5, 4), heads=2, padded=_QKV),
               case((2, 5, 4), (2, 5, 4), (2, 5, 4), causal=True, padded=_QKV),
               case((2, 3, 4), (2, 4, 4), (2, 4, 6), with_weights=True)),
        raises=(wrong((2, 5, 4), (2, 5, 4), (2, 5, 4), heads=3, match="heads"),))
    def attention(
        self, queries: VarLike, keys: VarLike, values: VarLike, *, heads: int = 1,
        scaled: bool = True, causal: bool = False, with_weights: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> Any:
        """softmax(Q K^T / sqrt(f)) V, apart for each head, on [batch, time, features].

        The features are split evenly among the heads; f is the size of one. The result is [batch,
        query, features]; `with_weights` adds the weights [batch, heads, query, key] (Vaswani et
        al. 2017). `causal`: a query sees no later key.
        """
        ...

    @op(attention_kernels.dot_product_attention, mask=attends_by_head,
        samediff="dotProductAttention",
        cases=(case((2, 3, 5), (2, 3, 5), (2, 4, 5), padded=_QKV_LAST),
               case((2, 3, 5), (2, 3, 5), (2, 4, 5), _MASKED, scaled=False,
                    padded={**_QKV_LAST, "key_mask": (0, 1)}),
               case((2, 2, 3, 5), (2, 2, 3, 4), (2, 2, 4, 4), with_weights=True)),
        raises=(wrong((2, 3, 5), (2, 3, 5), (2, 4, 5), (2, 1, 5), match="key_mask"),),
        differs=_NO_KEY)
    def dot_product_attention(
        self, queries: VarLike, keys: VarLike, values: VarLike,
        key_mask: VarLike | None = None, *, scaled: bool = True, with_weights: bool = False,
        causal: bool = False, masked: bool = True, name: str | None = None,
    ) -> Any:
        """values @ softmax(keys^T queries / sqrt(f)), in SameDiff's order: time last.

        queries [batch, (heads,) f, query], keys [batch, (heads,) f, key], values [batch, (heads,)
        v, key] give [batch, (heads,) v, query]. With `with_weights` also the weights [batch,
        (heads,) key, query], which sum to 1 over the axis labelled `key`. `key_mask` [batch, key]:
        keys where it is 0 are not looked at; padded keys never are, and need none.
        """
        ...

    @op(attention_kernels.multi_head_dot_product_attention, mask=attends_by_head,
        samediff="multiHeadDotProductAttention",
        cases=(case((2, 3, 5), (2, 3, 5), (2, 3, 5), (2, 2, 3), (2, 2, 3), (2, 2, 3), (4, 3),
                    padded=_QKV_LAST),
               case((2, 3, 5), (2, 3, 5), (2, 3, 5), (2, 2, 3), (2, 2, 3), (2, 2, 3), (4, 3),
                    _MASKED, with_weights=True)),
        differs=_NO_KEY)
    def multi_head_dot_product_attention(
        self, queries: VarLike, keys: VarLike, values: VarLike, query_weights: VarLike,
        key_weights: VarLike, value_weights: VarLike, output_weights: VarLike,
        key_mask: VarLike | None = None, *, scaled: bool = True, with_weights: bool = False,
        causal: bool = False, masked: bool = True, name: str | None = None,
    ) -> Any:
        """Attention with projections by head, in SameDiff's order: time last.

        queries [batch, f, query], keys and values [batch, f, key]; query, key and value weights
        [heads, head size, f]; output weights [heads * head size, out]. The result is [batch, out,
        query], the weights [batch, heads, key, query]. `key_mask` as in `dot_product_attention`.
        """
        ...
