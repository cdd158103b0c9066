"""What numpy and scipy say of every op: functions of the op's parameters, by name.

They are written as the textbook has it, loops where it has loops, and share nothing with the
kernels. A parameter that a reference lacks is one that no case of the op sets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import groupby, product
from typing import Any

import numpy as np
from scipy import special

Reference = Callable[..., Any]


# Reductions.


def over(function: Callable[..., Any], prepare=lambda x: x) -> Reference:
    """A reduction of numpy, of `prepare(x)`."""
    return lambda x, axis=None, keepdims=False: function(prepare(x), axis=axis, keepdims=keepdims)


def between(function: Callable[..., Any]) -> Reference:
    """A reduction of two arrays: `function(x, y, sum over the axes)`."""

    def reference(x, y, axis=None, keepdims=False):
        return function(x, y, lambda z: np.sum(z, axis=axis, keepdims=keepdims))

    return reference


def spread(root: Callable[[Any], Any]) -> Reference:
    def reference(x, axis=None, bias_corrected=True, keepdims=False):
        n = x.size if axis is None else np.prod([x.shape[a] for a in np.atleast_1d(axis)])
        ddof = 1 if bias_corrected and n > 1 else 0
        return root(np.var(x, axis=axis, ddof=ddof, keepdims=keepdims))

    return reference


def norm_p(x, axis=None, *, p, keepdims=False):
    return np.sum(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1 / p)


def arg(function: Callable[..., Any]) -> Reference:
    return lambda x, axis=None, keepdims=False: function(x, axis=axis, keepdims=keepdims)


def moments(x, axis=None, keepdims=False):
    return np.mean(x, axis, keepdims=keepdims), np.var(x, axis, keepdims=keepdims)


def index_of(order: int) -> Reference:
    """Where the condition holds for the first (or, backwards, for the last) time."""

    def one(row, holds):
        return next((i for i in range(len(row))[::order] if holds(row[i])), -1)

    def reference(x, condition, axis=None):
        test = {"greater_than": np.greater, "less_than": np.less}[condition.kind]
        x, axis = (x.ravel(), 0) if axis is None else (x, axis)
        return np.apply_along_axis(one, axis, x, lambda v: test(v, condition.value))

    return reference


def entropy(x, axis=None, keepdims=False):
    return -np.sum(special.xlogy(x, x), axis=axis, keepdims=keepdims)


# Scans.


def scan(function: Callable[..., Any], start: float) -> Reference:
    def reference(x, axis=None, exclusive=False, reverse=False):
        turned = np.flip(x, axis) if reverse else x
        result = function(turned, axis=axis)
        if exclusive:
            result = np.delete(np.insert(result, 0, start, axis=axis), -1, axis=axis)
        return np.flip(result, axis) if reverse else result

    return reference


# Products.


def mmul(x, y, transpose_x=False, transpose_y=False, transpose_z=False):
    x, y = (a.swapaxes(-1, -2) if t else a for a, t in ((x, transpose_x), (y, transpose_y)))
    z = x @ y
    return z.swapaxes(-1, -2) if transpose_z else z


def linear(x, weights, bias=0.0):
    return np.einsum("...k,kn->...n", x, weights) + bias


# Moves.


def pad(x, padding, mode="constant", value=0.0):
    more = {"constant_values": value} if mode == "constant" else {}
    return np.pad(x, padding, mode, **more)


def one_hot(indices, depth, axis=-1, on=1.0, off=0.0, dtype="float32"):
    hot = np.expand_dims(indices, axis) == np.moveaxis(
        np.broadcast_to(np.arange(depth), (*indices.shape, depth)), -1, axis
    )
    return np.where(hot, on, off).astype(dtype)


def rotated(left: bool) -> Reference:
    """Bits of a number as text, turned round."""

    def one(number, shift, bits):
        text = format(int(number) % 2**bits, f"0{bits}b")
        shift = int(shift) if left else bits - int(shift)
        value = int(text[shift:] + text[:shift], 2)
        return value - 2**bits if value >= 2 ** (bits - 1) else value

    def reference(x, shift):
        x, shift = np.broadcast_arrays(x, shift)
        return np.vectorize(one)(x, shift, x.dtype.itemsize * 8)

    return reference


# Matrices and tables.


def eye(rows, cols=None, dtype="float32", batch_shape=()):
    (rows,), (cols,) = rows, rows if cols == (-1,) else cols
    return np.broadcast_to(np.eye(rows, cols, dtype=dtype), (*batch_shape, rows, cols))


def set_diag(x, diagonal):
    x = x.copy()
    for i in range(diagonal.shape[-1]):
        x[..., i, i] = diagonal[..., i]
    return x


def confusion_matrix(labels, predictions, weights=1, num_classes=None):
    table = np.zeros((num_classes, num_classes))
    items = np.broadcast_arrays(labels, predictions, weights)
    for label, prediction, weight in zip(*map(np.ravel, items), strict=True):
        table[label, prediction] += weight
    return table


# Normalisation.


def layer_norm(x, gain, bias=0.0, axis=-1, epsilon=0.0):
    mean, variance = moments(x, axis, keepdims=True)
    return gain * (x - mean) / np.sqrt(variance + epsilon) + bias


def batch_norm(x, mean, variance, gamma=1.0, beta=0.0, axis=-1, epsilon=1e-5):
    assert axis in (-1, x.ndim - 1)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def batch_norm_layer(x, running_mean, running_variance, gamma=1.0, beta=0.0, axis=-1,
                     epsilon=1e-5, momentum=0.99):  # fmt: skip
    mean, variance = moments(x, tuple(range(x.ndim - 1)))
    mixed = [
        momentum * old + (1 - momentum) * new
        for old, new in ((running_mean, mean), (running_variance, variance))
    ]
    return batch_norm(x, mean, variance, gamma, beta, axis, epsilon), *mixed


def standardize(x, axis):
    return (x - np.mean(x, axis, keepdims=True)) / np.std(x, axis, keepdims=True)


def where(condition, x, y, by_rows=False):
    condition = condition.reshape(-1, *[1] * (x.ndim - 1)) if by_rows else condition
    return np.where(condition, x, y)


def clip_by_norm(x, clip_value, axis=None):
    norm = np.sqrt(np.sum(x**2, axis, keepdims=True))
    return np.where(norm > clip_value, x * clip_value / norm, x)


def clip_by_avg_norm(x, clip_value, axis=None):
    norm = np.sqrt(np.sum(x**2, axis, keepdims=True)) / np.sum(np.ones_like(x), axis, keepdims=True)
    return np.where(norm > clip_value, x * clip_value / norm, x)


# Attention: loops over examples, heads and queries.


def attend(queries, keys, values, scaled, causal, shown=True):
    """[time, features] each: the result and the weights [query, key]; `shown` says of each key."""
    scores = np.array([[query @ key for key in keys] for query in queries])
    scores = scores / np.sqrt(queries.shape[1]) if scaled else scores
    if causal:
        scores = np.where(np.tri(*scores.shape, dtype=bool), scores, -np.inf)
    scores = np.where(shown, scores, -np.inf)
    weights = special.softmax(scores, axis=1) if np.any(shown) else np.zeros(scores.shape)
    return weights @ values, weights


def attention(queries, keys, values, heads=1, scaled=True, causal=False, with_weights=False):
    results, weights = [], []
    for example in zip(queries, keys, values, strict=True):
        split = zip(*(np.split(x, heads, axis=1) for x in example), strict=True)
        pairs = [attend(*head, scaled, causal) for head in split]
        results.append(np.concatenate([result for result, _ in pairs], axis=1))
        weights.append([weight for _, weight in pairs])
    return (np.array(results), np.array(weights)) if with_weights else np.array(results)


def dot_product_attention(
    queries, keys, values, key_mask=None, scaled=True, with_weights=False, causal=False
):
    lead = queries.shape[:-2]
    shown = np.ones((len(keys), keys.shape[-1])) if key_mask is None else key_mask
    pairs = [
        attend(queries[at].T, keys[at].T, values[at].T, scaled, causal, shown[at[0]] >= 1)
        for at in np.ndindex(*lead)
    ]
    result, weights = (np.array([p[i].T for p in pairs]) for i in (0, 1))
    result = result.reshape(*lead, *result.shape[1:])
    return (result, weights.reshape(*lead, *weights.shape[1:])) if with_weights else result


def multi_head(queries, keys, values, query_weights, key_weights, value_weights, output_weights,
               key_mask=None, scaled=True, with_weights=False, causal=False):  # fmt: skip
    pairs = ((queries, query_weights), (keys, key_weights), (values, value_weights))
    projected = [np.einsum("bft,hpf->bhpt", x, w) for x, w in pairs]
    result, weights = dot_product_attention(*projected, key_mask, scaled, True, causal)
    joined = result.reshape(len(result), -1, result.shape[-1])
    out = np.einsum("bpt,po->bot", joined, output_weights)
    return (out, weights) if with_weights else out


# Windows: loops over the places of the window.


def windows(size, kernel, stride, padding, dilation):
    """Positions under each window; those outside of the axis are None."""
    reach = (kernel - 1) * dilation + 1
    if padding == "same":
        count = -(-size // stride)
        before = int(((count - 1) * stride + reach - size) / 2)
    else:
        before, after = {"causal": (reach - 1, 0), "valid": (0, 0)}.get(padding, (padding, padding))
        count = (size + before + after - reach) // stride + 1
    taps = [[j * stride + k * dilation - before for k in range(kernel)] for j in range(count)]
    return [[p if 0 <= p < size else None for p in window] for window in taps]


def conv1d(x, weights, bias=0.0, stride=1, padding="same", dilation=1, data_format="NWC"):
    x = x.swapaxes(1, 2) if data_format == "NCW" else x
    places = windows(x.shape[1], len(weights), stride, padding, dilation)
    out = np.stack(
        [
            sum(x[:, p] @ weights[k] for k, p in enumerate(window) if p is not None)
            for window in places
        ],
        axis=1,
    ) + bias  # fmt: skip
    return out.swapaxes(1, 2) if data_format == "NCW" else out


def pooling(function: Callable[..., Any]) -> Reference:
    """A pooling by a function over the real taps of a window."""

    def reference(x, kernel, stride=None, padding="valid", dilation=1, data_format="NWC", **more):
        x = x.swapaxes(1, 2) if data_format == "NCW" else x
        places = windows(x.shape[1], kernel, stride or kernel, padding, dilation)
        real = ([p for p in window if p is not None] for window in places)
        out = np.stack([function(x[:, taps], **more) for taps in real], axis=1)
        return out.swapaxes(1, 2) if data_format == "NCW" else out

    return reference


# Losses: a formula for each item, and a reduction.


def loss(items: Callable[..., Any]) -> Reference:
    def reference(labels, predictions, weights=1.0, reduction="mean", **more):
        each = items(labels, predictions, **more)
        weights = np.broadcast_to(weights, each.shape)
        each = each * weights
        divisors = {"sum": 1, "mean": np.sum(weights != 0), "mean_by_weight": np.sum(weights)}
        return each if reduction == "none" else np.sum(each) / divisors[reduction]

    return reference


def huber(y, p, delta=1.0):
    error = np.abs(y - p)
    return np.where(error <= delta, error**2 / 2, delta * error - delta**2 / 2)


def log_loss(y, p, epsilon=1e-7):
    return -(y * np.log(p + epsilon) + (1 - y) * np.log(1 - p + epsilon))


def log_poisson(y, p, full=False):
    stirling = y * np.log(y) - y + np.log(2 * np.pi * y) / 2 if full else 0
    return np.exp(p) - y * p + stirling


def sigmoid_cross_entropy(y, p, label_smoothing=0.0):
    return log_loss(y * (1 - label_smoothing) + label_smoothing / 2, special.expit(p), 0.0)


def softmax_cross_entropy(y, p, label_smoothing=0.0):
    y = y * (1 - label_smoothing) + label_smoothing / y.shape[-1]
    return -np.sum(y * special.log_softmax(p, axis=-1), axis=-1)


def sparse_softmax_cross_entropy(y, p):
    return -np.take_along_axis(special.log_softmax(p, axis=-1), y[..., None], -1)[..., 0]


def weighted_cross_entropy(labels, logits, pos_weight, weights=1.0, reduction="mean"):
    def items(y, x):
        return -(pos_weight * y * special.log_expit(x) + (1 - y) * special.log_expit(-x))

    return loss(items)(labels, logits, weights, reduction)


def cosine_distance(y, p, axis=-1):
    return 1 - np.sum(y * p, axis=axis, keepdims=True)


def pairwise(y, p):
    errors = (p - y).reshape(len(p), -1)
    n = errors.shape[1]
    pairs = [(d[i] - d[j]) ** 2 for d in errors for i in range(n) for j in range(i)]
    return 2 * np.mean(np.array(pairs).reshape(len(p), -1), axis=1, keepdims=True)


def ctc_loss(labels, logits, label_lengths, logit_lengths, blank_index=0, reduction="mean"):
    """A sum over every way to write the labels down, frame by frame."""
    examples = zip(labels, logits, label_lengths, logit_lengths, strict=True)
    each = np.array([_ctc(y[:n], x[:frames], blank_index) for y, x, n, frames in examples])
    return {"none": each, "sum": np.sum(each), "mean": np.mean(each)}[reduction]


def _ctc(labels, logits, blank):
    total = 0.0
    for path in product(range(logits.shape[1]), repeat=len(logits)):
        runs = [letter for letter, _ in groupby(path) if letter != blank]
        if runs == list(labels):
            total += np.exp(sum(logits[t, letter] for t, letter in enumerate(path)))
    return -np.log(total)


# Recurrence: a loop over the steps.


LSTM_ACTIVATIONS = {
    "TANH": np.tanh,
    "RELU": lambda x: np.maximum(x, 0),
    "SIGMOID": special.expit,
    "HARD_SIGMOID": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "SOFTSIGN": lambda x: x / (1 + np.abs(x)),
    "SOFTPLUS": lambda x: np.logaddexp(x, 0),
}


def lstm(steps, length, backward, acts, clip, weights, recurrent_weights, bias, peephole, c, h):
    """One example in one direction, [time, in]: all h, the last h, the last c."""
    gate, block, output = (LSTM_ACTIVATIONS[name] for name in acts)
    at_i, at_f, at_o = np.split(peephole, 3)
    sequence = np.zeros((len(steps), len(h)))
    for t in range(length)[:: -1 if backward else 1]:
        i, f, z, o = np.split(steps[t] @ weights + h @ recurrent_weights + bias, 4)
        c = gate(f + at_f * c) * c + gate(i + at_i * c) * block(z)
        c = np.clip(c, -clip, clip) if clip else c
        sequence[t] = h = gate(o + at_o * c) * output(c)
    return sequence, h * (length > 0), c * (length > 0)


def lstm_layer(
    x, weights, recurrent_weights, bias=None, peephole_weights=None, c_last=None, y_last=None,
    max_ts_length=None, data_format="TNS", direction="FWD", gate_activation="SIGMOID",
    cell_activation="TANH", output_activation="TANH", cell_clip=0.0, return_full_sequence=True,
    return_last_h=False, return_last_c=False,
):  # fmt: skip
    order = {"NTS": (1, 0, 2), "NST": (2, 0, 1)}.get(data_format, (0, 1, 2))
    steps, both = x.transpose(order), direction.startswith("BIDIR")
    (time, batch), n = steps.shape[:2], recurrent_weights.shape[-2]
    lengths = [time] * batch if max_ts_length is None else np.minimum(max_ts_length, time)
    shapes = (4 * n,), (3 * n,), (batch, n), (batch, n)
    given = [weights, recurrent_weights]
    for array, shape in zip((bias, peephole_weights, c_last, y_last), shapes, strict=True):
        given.append(np.zeros((2,) * both + shape) if array is None else array)
    acts, runs = (gate_activation, cell_activation, output_activation), []
    for number, backward in enumerate((False, True) if both else (direction == "BWD",)):
        *arrays, c, h = (array[number] if both else array for array in given)
        rows = [
            lstm(steps[:, b], int(lengths[b]), backward, acts, cell_clip, *arrays, c[b], h[b])
            for b in range(batch)
        ]
        runs.append(
            [
                np.stack(parts, axis)
                for parts, axis in zip(zip(*rows, strict=True), (1, 0, 0), strict=True)
            ]
        )
    sequences, h, c = zip(*runs, strict=True)
    sequence = {
        "BIDIR_SUM": sum, "BIDIR_EXTRA_DIM": lambda both: np.stack(both, 1),
        "BIDIR_CONCAT": lambda both: np.concatenate(both, -1),
    }.get(direction, lambda one: one[0])(sequences)  # fmt: skip
    if sequence.ndim == 3:
        sequence = sequence.transpose(np.argsort(order))
    h, c = (np.stack(states) if both else states[0] for states in (h, c))
    wanted = return_full_sequence, return_last_h, return_last_c
    return tuple(y for y, want in zip((sequence, h, c), wanted, strict=True) if want)


def gru(x, h_last, input_weights, recurrent_weights, bias=0.0, data_format="TNS", direction="FWD"):
    def one(steps, h, weights, recurrent, bias):
        sequence = []
        for step in steps:
            ar, au, ac = np.split(step @ weights + bias, 3, axis=1)
            gr, gu, gc = np.split(h @ recurrent, 3, axis=1)
            r, u = special.expit(ar + gr), special.expit(au + gu)
            h = u * h + (1 - u) * np.tanh(ac + r * gc)
            sequence.append(h)
        return np.array(sequence)

    steps = x.swapaxes(0, 1) if data_format == "NTS" else x
    if direction == "BIDIR_CONCAT":
        own = [(h_last[d], input_weights[d], recurrent_weights[d], bias) for d in (0, 1)]
        found = np.concatenate([one(steps, *own[0]), one(steps[::-1], *own[1])[::-1]], -1)
    elif direction == "BWD":
        found = one(steps[::-1], h_last, input_weights, recurrent_weights, bias)[::-1]
    else:
        found = one(steps, h_last, input_weights, recurrent_weights, bias)
    return found.swapaxes(0, 1) if data_format == "NTS" else found


REFERENCES: dict[str, Reference] = {
    # Comparisons and logic.
    "eq": lambda x, y: x == y,
    "neq": lambda x, y: x != y,
    "gt": lambda x, y: x > y,
    "gte": lambda x, y: x >= y,
    "lt": lambda x, y: x < y,
    "lte": lambda x, y: x <= y,
    "where": where,
    "and": lambda x, y: x & y,
    "or": lambda x, y: x | y,
    "xor": lambda x, y: x ^ y,
    "not": lambda x: ~x,
    "is_nan": np.isnan,
    "is_finite": np.isfinite,
    "is_infinite": np.isinf,
    # Arithmetic.
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "rsub": lambda x, y: y - x,
    "rdiv": lambda x, y: y / x,
    "floor_div": lambda x, y: np.floor(x / y),
    "floor_mod": lambda x, y: x - y * np.floor(x / y),
    "mod": lambda x, y: x - y * np.floor(x / y),
    "pow": lambda x, y: x**y,
    "squared_difference": lambda x, y: (x - y) ** 2,
    "maximum": lambda x, y: np.where(x > y, x, y),
    "minimum": lambda x, y: np.where(x < y, x, y),
    "atan2": lambda y, x: np.arctan2(y, x),
    "abs": np.abs,
    "neg": lambda x: -x,
    "square": lambda x: x * x,
    "cube": lambda x: x**3,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": lambda x, base=np.e: np.log(x) / np.log(base),
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": lambda x: 1 / x,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5),
    "step": lambda x, value=0.0: np.where(x > value, 1.0, 0.0),
    "erf": special.erf,
    "erfc": special.erfc,
    "clip_by_value": lambda x, low, high: np.clip(x, low, high),
    "bitwise_and": lambda x, y: x & y,
    "bitwise_or": lambda x, y: x | y,
    "bitwise_xor": lambda x, y: x ^ y,
    "bits_hamming_distance": lambda x, y: sum(int(b).bit_count() for b in np.ravel(x ^ y)),
    "left_shift": lambda x, shift: x << shift,
    "right_shift": lambda x, shift: x >> shift,
    "left_shift_cyclic": rotated(left=True),
    "right_shift_cyclic": rotated(left=False),
    "merge_add": lambda xs: sum(xs),
    "merge_avg": lambda xs: np.mean(xs, axis=0),
    "merge_max": lambda xs: reduce(np.maximum, xs),
    "merge_max_index": lambda xs, dtype="int32": np.argmax(xs, axis=0).astype(dtype),
    # Activations.
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x, cutoff=0.0: np.minimum(np.maximum(x, cutoff), 6),
    "leaky_relu": lambda x, alpha=0.01: np.where(x >= 0, x, alpha * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "gelu": lambda x: x * special.expit(1.702 * x),
    "precise_gelu": lambda x: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    "swish": lambda x: x * special.expit(x),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "sigmoid": special.expit,
    "log_sigmoid": special.log_expit,
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "tanh": np.tanh,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "rectified_tanh": lambda x: np.maximum(np.tanh(x), 0),
    "rational_tanh": lambda x: (
        1.7159 * np.sign(x) * (1 - 1 / np.polyval([1.41645, 0, 1, 1, 1], np.abs(2 * x / 3)))
    ),
    # Reductions and scans.
    "sum": over(np.sum),
    "mean": over(np.mean),
    "max": over(np.max),
    "min": over(np.min),
    "prod": over(np.prod),
    "any": over(np.any),
    "all": over(np.all),
    "argmax": arg(np.argmax),
    "argmin": arg(np.argmin),
    "iamax": arg(lambda x, **how: np.argmax(np.abs(x), **how)),
    "iamin": arg(lambda x, **how: np.argmin(np.abs(x), **how)),
    "first_index": index_of(1),
    "last_index": index_of(-1),
    "standard_deviation": spread(np.sqrt),
    "variance": spread(lambda x: x),
    "norm1": over(np.sum, np.abs),
    "norm2": lambda x, axis=None, keepdims=False: norm_p(x, axis, p=2, keepdims=keepdims),
    "norm_p": norm_p,
    "norm_max": over(np.max, np.abs),
    "squared_norm": over(np.sum, np.square),
    "reduce_amax": over(np.max, np.abs),
    "reduce_amin": over(np.min, np.abs),
    "reduce_amean": over(np.mean, np.abs),
    "asum": over(np.sum, np.abs),
    "count_valid": over(np.sum, np.ones_like),
    "count_non_zero": over(np.sum, lambda x: x != 0),
    "count_zero": over(np.sum, lambda x: x == 0),
    "zero_fraction": lambda x: np.mean(x == 0),
    "log_sum_exp": over(special.logsumexp),
    "entropy": entropy,
    "shannon_entropy": lambda x, axis=None, keepdims=False: entropy(x, axis, keepdims) / np.log(2),
    "log_entropy": lambda x, axis=None, keepdims=False: np.log(entropy(x, axis, keepdims)),
    "moments": moments,
    "first_valid": lambda x, axis=1: np.take(x, 0, axis),
    "last_valid": lambda x, axis=1: np.take(x, -1, axis),
    "cosine_similarity": between(lambda x, y, s: s(x * y) / (np.sqrt(s(x**2)) * np.sqrt(s(y**2)))),
    "cosine_distance_between": between(
        lambda x, y, s: 1 - s(x * y) / (np.sqrt(s(x**2)) * np.sqrt(s(y**2)))
    ),
    "euclidean_distance": between(lambda x, y, s: np.sqrt(s((x - y) ** 2))),
    "manhattan_distance": between(lambda x, y, s: s(np.abs(x - y))),
    "hamming_distance": between(lambda x, y, s: s(x != y) / s(np.ones_like(x * y, float))),
    "jaccard_distance": between(lambda x, y, s: 1 - s(np.minimum(x, y)) / s(np.maximum(x, y))),
    "cumsum": scan(np.cumsum, 0),
    "cumprod": scan(np.cumprod, 1),
    "is_non_decreasing": lambda x: np.all(np.diff(x.ravel()) >= 0),
    "is_strictly_increasing": lambda x: np.all(np.diff(x.ravel()) > 0),
    "is_max": lambda x: np.arange(x.size).reshape(x.shape) == np.argmax(x),
    # Products.
    "mmul": mmul,
    "tensordot": lambda x, y, axes: np.tensordot(x, y, axes),
    "einsum": lambda operands, equation: np.einsum(equation, *operands),
    "linear": linear,
    "bias_add": lambda x, bias, nchw=False: x + (bias[:, None] if nchw else bias),
    "cross": lambda x, y: np.cross(x, y),
    "trace": lambda x: np.trace(x, axis1=-2, axis2=-1),
    "matrix_determinant": lambda x: np.linalg.det(x),
    "matrix_inverse": lambda x: np.linalg.inv(x),
    # Moves.
    "reshape": lambda x, shape: x.reshape(shape),
    "permute": lambda x, axes=None: x.transpose(axes),
    "transpose": lambda x: x.T,
    "expand_dims": lambda x, axis: np.expand_dims(x, axis),
    "squeeze": lambda x, axis=None: np.squeeze(x, axis),
    "concat": lambda xs, axis=0: np.concatenate(xs, axis),
    "stack": lambda xs, axis=0: np.stack(xs, axis),
    "tile": lambda x, repeats: np.tile(x, repeats),
    "repeat": lambda x, repeats, axis: np.repeat(x, repeats, axis),
    "reverse": lambda x, axis: np.flip(x, axis),
    "roll": lambda x, shift, axis: np.roll(x, shift, axis),
    "pad": pad,
    "getitem": lambda x, index: x[index],
    "gather": lambda x, indices, axis=0: np.take(x, indices, axis),
    "embedding": lambda table, ids: table[ids],
    "one_hot": one_hot,
    "confusion_matrix": confusion_matrix,
    "meshgrid": lambda xs, cartesian=True: np.meshgrid(*xs, indexing="xy" if cartesian else "ij"),
    "eye": eye,
    "set_diag": set_diag,
    "diag_part": lambda x: np.einsum("ijij->ij", x) if x.ndim == 4 else np.diagonal(x),
    "diag": lambda x: np.diag(x.ravel()).reshape(x.shape * 2),
    # Types, creation, masks.
    "cast": lambda x, dtype: x.astype(dtype),
    "identity": lambda x: x,
    "zeros_like": lambda x: np.zeros_like(x),
    "ones_like": lambda x: np.ones_like(x),
    "zeros": lambda shape, dtype="float32": np.zeros(shape, dtype),
    "ones": lambda shape, dtype="float32": np.ones(shape, dtype),
    "arange": lambda stop, dtype="int32": np.arange(stop, dtype=dtype),
    "with_mask": lambda x, valid: x,
    "fill_padding": lambda x, value=0.0: x,
    "drop_mask": lambda x: x,
    "positions": lambda x, axis=1: np.indices(x.shape[: axis + 1])[axis],
    "dropout": lambda x, rate: x,  # in inference
    # Normalisation.
    "softmax": lambda x, axis=-1: special.softmax(x, axis),
    "log_softmax": lambda x, axis=-1: special.log_softmax(x, axis),
    "layer_norm": layer_norm,
    "batch_norm": batch_norm,
    "_batch_norm_layer": batch_norm_layer,
    "normalize_moments": lambda counts, means, variances, shift=0.0: (
        means / counts + shift,
        variances / counts - (means / counts) ** 2,
    ),
    "standardize": standardize,
    "clip_by_norm": clip_by_norm,
    "clip_by_avg_norm": clip_by_avg_norm,
    # Attention, windows, recurrence.
    "attention": attention,
    "dot_product_attention": dot_product_attention,
    "multi_head_dot_product_attention": multi_head,
    "conv1d": conv1d,
    "max_pooling1d": pooling(lambda taps: taps.max(axis=1)),
    "avg_pooling1d": pooling(lambda taps: taps.mean(axis=1)),
    "pnorm_pooling1d": pooling(lambda taps, p=2.0: norm_p(taps, 1, p=p)),
    "lstm_layer": lstm_layer,
    "gru": gru,
    # Losses.
    "absolute_difference": loss(lambda y, p: np.abs(y - p)),
    "mean_squared_error": loss(lambda y, p: (y - p) ** 2),
    "hinge_loss": loss(lambda y, p: np.maximum(0, 1 - (2 * y - 1) * p)),
    "huber_loss": loss(huber),
    "log_loss": loss(log_loss),
    "log_poisson": loss(log_poisson),
    "sigmoid_cross_entropy": loss(sigmoid_cross_entropy),
    "softmax_cross_entropy": loss(softmax_cross_entropy),
    "sparse_softmax_cross_entropy": loss(sparse_softmax_cross_entropy),
    "weighted_cross_entropy_with_logits": weighted_cross_entropy,
    "cosine_distance": loss(cosine_distance),
    "mean_pairwise_squared_error": loss(pairwise),
    "ctc_loss": ctc_loss,
    "l2_loss": lambda x: np.sum(x**2) / 2,
    # As many results as the values say.
    "argwhere": lambda condition: np.argwhere(condition),
    "partition": lambda x, partitions, index: x[partitions == index],
}
