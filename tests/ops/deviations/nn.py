"""The right answers where SameDiff's sd.nn gives none, a wrong one, or another by design."""

import numpy as np
from ops.references import dot_product_attention, multi_head
from scipy import special


def _norm(x, mean, variance, gamma, beta):
    mean, variance, gamma, beta = (p.reshape(1, -1, *[1] * (x.ndim - 2))
                                   for p in (mean, variance, gamma, beta))  # fmt: skip
    return (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta


def _masked(scaled):
    return lambda q, k, v, mask: dot_product_attention(q, k, v, mask, scaled)


def _multi_head(scaled):
    return lambda *arrays: multi_head(*arrays, scaled=scaled)


def top(k):
    """The first of equals first."""

    def reference(x):
        places = np.argsort(-x, axis=-1, kind="stable")[..., :k]
        return np.take_along_axis(x, places, -1), places

    return reference


def _precise_gelu(x):
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def _relu(cutoff):
    return lambda x: np.where(x < cutoff, 0, x)


def _relu6(cutoff):
    return lambda x: np.minimum(np.maximum(x, cutoff), 6)


RIGHT = {
    "nn.elu/4": lambda x: np.where(x > 0, x, np.expm1(x)),
    "nn.gelu/4": lambda x: x * special.expit(1.702 * x),
    "nn.hardSigmoid/4": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "nn.hardTanh/4": lambda x: np.clip(x, -1, 1),
    "nn.hardTanhDerivative/4": lambda x: np.abs(x) <= 1,
    "nn.logSigmoid/1": special.log_expit,
    "nn.logSigmoid/4": lambda x: special.log_expit(x.astype(float)),
    "nn.selu/4": lambda x: (
        1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))
    ),
    "nn.sigmoid/4": special.expit,
    "nn.softplus/1": lambda x: np.logaddexp(x, 0),
    "nn.softplus/4": lambda x: np.logaddexp(x, 0),
    "nn.softsign/4": lambda x: x / (1 + np.abs(x)),
    "nn.softsignDerivative/4": lambda x: 1 / (1 + np.abs(x)) ** 2,
    "nn.swish/4": lambda x: x * special.expit(x),
    "nn.tanh/4": np.tanh,
    "nn.cReLU/5": lambda x: np.maximum(np.concatenate([x, -x], -1), 0),
    "nn.softmax/9": lambda x: special.softmax(x, -1),
    "nn.softmax/16": lambda x: special.softmax(x, 1),
    "nn.logSoftmax/16": lambda x: special.log_softmax(x, 1),
    **{f"nn.preciseGelu/{i}": _precise_gelu for i in range(5)},
    "nn.relu/2": _relu(0.4),
    "nn.relu/3": _relu(0.4),
    "nn.relu/4": _relu(-0.7),
    "nn.relu/5": _relu(-0.7),
    "nn.relu6/1": _relu6(0.0),
    "nn.relu6/3": _relu6(0.4),
    "nn.relu6/5": _relu6(-0.7),
    "nn.leakyRelu/10": lambda x: np.where(x >= 0, x, 0.01 * x),
    "nn.leakyReluDerivative/6": lambda x: np.where(x >= 0, 1, 0.01),
    "nn.biasAdd/8": np.add,
    "nn.linear/5": np.matmul,
    "nn.reluLayer/3": lambda x, w: np.maximum(x @ w, 0),
    "nn.batchNorm/18": _norm,
    "nn.dotProductAttention/3": _masked(True),
    "nn.dotProductAttention/7": _masked(False),
    "nn.dotProductAttention/8": _masked(True),
    "nn.dotProductAttention/15": _masked(True),
    "nn.dotProductAttention/18": _masked(True),
    "nn.dotProductAttention/19": _masked(True),
    "nn.multiHeadDotProductAttention/3": _multi_head(True),
    "nn.multiHeadDotProductAttention/7": _multi_head(False),
    "nn.topK/1": top(3),
    "nn.topK/2": top(4),
    "nn.topK/3": top(2),
    "nn.topK/8": top(2),
    "nn.dropoutInverted/5": lambda x: x,  # in inference
}

RAISES = {}
