"""Configs and weights of `sd.rnn`. Weights are variables or arrays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from .struct import Struct, member


class RnnDataFormat(Enum):
    """The axes of a sequence: time T, batch N, features S."""

    TNS = "TNS"
    NST = "NST"
    NTS = "NTS"


class LSTMDataFormat(Enum):
    """The axes of a sequence: time T, batch N, features S; T2NS has the directions behind time."""

    TNS = "TNS"
    NTS = "NTS"
    NST = "NST"
    T2NS = "T2NS"


class LSTMDirectionMode(Enum):
    """Forward, backward, or both: their sequences summed, concatenated or stacked."""

    FWD = "FWD"
    BWD = "BWD"
    BIDIR_SUM = "BIDIR_SUM"
    BIDIR_CONCAT = "BIDIR_CONCAT"
    BIDIR_EXTRA_DIM = "BIDIR_EXTRA_DIM"


class LSTMActivations(Enum):
    """SameDiff's names. AFFINE, LEAKY_RELU, THRESHHOLD_RELU, SCALED_TAHN and ELU lack a parameter
    that the config has no field for, and are refused, as there."""

    TANH = "TANH"
    RELU = "RELU"
    SIGMOID = "SIGMOID"
    AFFINE = "AFFINE"
    LEAKY_RELU = "LEAKY_RELU"
    THRESHHOLD_RELU = "THRESHHOLD_RELU"
    SCALED_TAHN = "SCALED_TAHN"
    HARD_SIGMOID = "HARD_SIGMOID"
    ELU = "ELU"
    SOFTSIGN = "SOFTSIGN"
    SOFTPLUS = "SOFTPLUS"


@dataclass(frozen=True)
class LSTMConfiguration(Struct):
    """Options of `lstmCell` and `lstmblock`; a cell of one step has no data format."""

    optional = frozenset({"data_format"})

    dataFormat: RnnDataFormat | str = RnnDataFormat.TNS
    peepHole: bool = False
    forgetBias: float = 0.0
    clippingCellValue: float = 0.0

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        return {
            "data_format": member(RnnDataFormat, self.dataFormat, "dataFormat").name,
            "peep_hole": self.peepHole,
            "forget_bias": self.forgetBias,
            "clipping_cell_value": self.clippingCellValue,
        }


@dataclass(frozen=True)
class LSTMLayerConfig(Struct):
    """Options of `lstmLayer`. cellAct is that of the candidate, outAct that of the output."""

    lstmdataformat: LSTMDataFormat | str = LSTMDataFormat.TNS
    directionMode: LSTMDirectionMode | str = LSTMDirectionMode.FWD
    gateAct: LSTMActivations | str = LSTMActivations.SIGMOID
    cellAct: LSTMActivations | str = LSTMActivations.TANH
    outAct: LSTMActivations | str = LSTMActivations.TANH
    retFullSequence: bool = True
    retLastH: bool = False
    retLastC: bool = False
    cellClip: float = 0.0

    def parameters(self) -> dict[str, Any]:
        """Its fields by the op's parameter names."""
        acts = {"gate": self.gateAct, "cell": self.cellAct, "output": self.outAct}
        return {
            "data_format": member(LSTMDataFormat, self.lstmdataformat, "lstmdataformat").name,
            "direction": member(LSTMDirectionMode, self.directionMode, "directionMode").name,
            **{f"{k}_activation": member(LSTMActivations, a, k).name for k, a in acts.items()},
            "return_full_sequence": self.retFullSequence,
            "return_last_h": self.retLastH,
            "return_last_c": self.retLastC,
            "cell_clip": self.cellClip,
        }


@dataclass(frozen=True, eq=False)
class GRUWeights(Struct):
    """ruWeight [in + n, 2n], cWeight [in + n, n], ruBias [2n], cBias [n]."""

    ruWeight: Any
    cWeight: Any
    ruBias: Any = None
    cBias: Any = None

    def parameters(self) -> dict[str, Any]:
        """Its fields by the op's parameter names."""
        return {
            "ru_weight": self.ruWeight,
            "c_weight": self.cWeight,
            "ru_bias": self.ruBias,
            "c_bias": self.cBias,
        }


@dataclass(frozen=True, eq=False)
class SRUWeights(Struct):
    """weights [3n, n] for `sru`, [n, 3n] for `sruCell`; bias [2n]."""

    weights: Any
    bias: Any

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        return {"weights": self.weights, "bias": self.bias}


@dataclass(frozen=True, eq=False)
class LSTMWeights(Struct):
    """weights [in + n, 4n], bias [4n], and three peephole weights [n]."""

    weights: Any
    bias: Any
    inputPeepholeWeights: Any = None
    forgetPeepholeWeights: Any = None
    outputPeepholeWeights: Any = None

    def parameters(self) -> dict[str, Any]:
        """Its fields by the ops' parameter names."""
        return {
            "weights": self.weights,
            "bias": self.bias,
            "input_peephole_weights": self.inputPeepholeWeights,
            "forget_peephole_weights": self.forgetPeepholeWeights,
            "output_peephole_weights": self.outputPeepholeWeights,
        }


@dataclass(frozen=True, eq=False)
class LSTMLayerWeights(Struct):
    """weights [in, 4n], rWeights [n, 4n], bias [4n], peepholeWeights [3n]; for both directions
    with a leading axis of 2."""

    weights: Any
    rWeights: Any
    bias: Any = None
    peepholeWeights: Any = None

    def parameters(self) -> dict[str, Any]:
        """Its fields by the op's parameter names."""
        return {
            "weights": self.weights,
            "recurrent_weights": self.rWeights,
            "bias": self.bias,
            "peephole_weights": self.peepholeWeights,
        }
