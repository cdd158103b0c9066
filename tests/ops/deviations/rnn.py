"""The right answers where SameDiff's sd.rnn gives none, a wrong one, or another by design."""

from functools import partial

import numpy as np
from golden_calls import records, unanswered
from ops.references import lstm_layer
from scipy.special import expit

_CONFIG = {
    "lstmdataformat": "data_format",
    "directionMode": "direction",
    "gateAct": "gate_activation",
    "cellAct": "cell_activation",
    "outAct": "output_activation",
    "cellClip": "cell_clip",
    "retFullSequence": "return_full_sequence",
    "retLastH": "return_last_h",
    "retLastC": "return_last_c",
}
_WEIGHTS = {
    "weights": "weights",
    "rWeights": "recurrent_weights",
    "bias": "bias",
    "peepholeWeights": "peephole_weights",
}


def _layer(record, *arrays):
    """`lstmLayer` as its arguments are documented."""
    *inputs, weights, config = record["args"]
    given = {_CONFIG[name]: value for name, value in config["fields"].items()}
    given |= {_WEIGHTS[name]: arrays[at["in"]] for name, at in weights["fields"].items()}
    names = ("x", "c_last", "y_last", "max_ts_length")[: len(inputs)]
    given |= {n: arrays[at["in"]] for n, at in zip(names, inputs, strict=True) if at is not None}
    return lstm_layer(**given)


def lstm_cell(x, c, y, weights, bias, peepholes=(0.0, 0.0, 0.0), forget_bias=0.0, clip=0.0):
    i, z, f, o = np.split(np.concatenate([x, y], 1) @ weights + bias, 4, axis=1)
    i, f, z = expit(i + c * peepholes[0]), expit(f + forget_bias + c * peepholes[1]), np.tanh(z)
    c = f * c + i * z
    c = np.clip(c, -clip, clip) if clip else c
    o, h = expit(o + c * peepholes[2]), np.tanh(c)
    return i, c, f, o, z, h, o * h


def lstm_block(length, x, c, y, weights, bias, **options):
    """All seven outputs [time, batch, n] of as many steps; 0 behind them."""
    steps = []
    for step in x:
        outs = lstm_cell(step, c, y, weights, bias, **options)
        c, y = outs[1], outs[-1]
        steps.append([out * (len(steps) < length) for out in outs])
    return tuple(map(np.array, zip(*steps, strict=True)))


def _gru_cell(x, h, ru, c_weight):
    r, u = np.split(expit(np.concatenate([x, h], 1) @ ru), 2, axis=1)
    c = np.tanh(np.concatenate([x, r * h], 1) @ c_weight)
    return r, u, c, u * h + (1 - u) * c


def sru_cell(x, c, weights, bias):
    z, f, r = np.split(x @ weights, 3, axis=1)
    n = x.shape[1]
    f, r = expit(f + bias[:n]), expit(r + bias[n:])
    c = f * c + (1 - f) * z
    return r * np.tanh(c) + (1 - r) * x, c


def _sru(x, c, mask, weights, bias):
    outs = []
    for t in range(x.shape[2]):
        h, c = sru_cell(x[..., t] * mask, c, weights.T, bias)
        outs.append((h, c))
    return tuple(np.stack(out, -1) for out in zip(*outs, strict=True))


RIGHT = {
    **{
        record["id"]: partial(_layer, record)
        for record in records("rnn")
        if record["method"] == "lstmLayer" and unanswered(record)
    },
    "rnn.gruCell/3": _gru_cell,
    "rnn.lstmCell/6": lstm_cell,
    "rnn.lstmblock/14": lambda *arrays: lstm_block(*arrays[:6]),
    "rnn.sru/0": _sru,
    "rnn.sruCell/0": sru_cell,
}
del RIGHT["rnn.lstmLayer/112"]

RAISES = {
    "rnn.lstmLayer/112": "LEAKY_RELU",
    # x and the length change places, as only SameDiff's own mistake has it.
    **{f"rnn.lstmblock/{i}": "three axes" for i in range(14)},
}
