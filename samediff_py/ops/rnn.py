"""`sd.rnn`: recurrent layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..kernels import cells, recurrent
from ..kernels import sru as sru_kernels
from .define import Namespace, Spec, case, op, wrong
from .differences import NO_GRADIENT, WRONG_GRADIENT
from .java import composite, read_call
from .rules import one_step, recurs

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import VarLike

_BTF = case((2, 5, 3), (3, 8), (2, 8), (8,), data_format="NTS", padded={"x": (0, 1)})
_UNBOUNDED = case((2, 5, 3), (3, 8), (2, 8), (8,), (6,), (2, 2), data_format="NTS",
                  gate_activation="SOFTPLUS", cell_activation="RELU", output_activation="RELU",
                  return_last_c=True, padded={"x": (0, 1), "c_last": (0, None)})
_LENGTHS = Spec((2,), "integer", high=7)
_ROWS = {"x": (0, None), "c_last": (0, None)}
_STEPS = {"x": (0, 1), "c_last": (0, 1)}


class RNNOps(Namespace):
    """Recurrent layers. Padded steps hold the state."""

    @op(recurrent.lstm_layer, samediff="lstmLayer",
        mask=recurs(states=("c_last", "y_last"), lengths=("max_ts_length",)),
        java=("x, c_last, y_last, max_ts_length, **weights, **config", "x, **weights, **config"),
        cases=(_BTF, _UNBOUNDED,
               case((2, 5, 3), (2, 3, 8), (2, 2, 8), (2, 8), (2, 6), (2, 2, 2), (2, 2, 2), _LENGTHS,
                    data_format="NTS", direction="BIDIR_CONCAT", return_last_h=True,
                    return_last_c=True, padded={"x": (0, 1), "c_last": (1, None),
                                                "y_last": (1, None), "max_ts_length": (0, None)}),
               case((5, 2, 3), (3, 8), (2, 8), direction="BWD", padded={"x": (1, 0)})),
        raises=(wrong((5, 2, 3), (4, 8), (2, 8), match="lstm_layer"),
                wrong((5, 2, 3), (3, 8), (2, 8), gate_activation="ELU", match="not supported")),
        differs="SameDiff confuses the two initial states if both are given, and cellAct with "
                "outAct; its BWD with lengths reads the padding, and its gradient is wrong with "
                "states or lengths. Here every argument means what its name says, and backward "
                "layers begin at the last real step.")
    def lstm_layer(
        self, x: VarLike, weights: VarLike, recurrent_weights: VarLike,
        bias: VarLike | None = None, peephole_weights: VarLike | None = None,
        c_last: VarLike | None = None, y_last: VarLike | None = None,
        max_ts_length: VarLike | None = None, *,
        data_format: str = "TNS", direction: str = "FWD", gate_activation: str = "SIGMOID",
        cell_activation: str = "TANH", output_activation: str = "TANH", cell_clip: float = 0.0,
        return_full_sequence: bool = True, return_last_h: bool = False,
        return_last_c: bool = False, masked: bool = True, name: str | None = None,
    ) -> Any:
        """Long short-term memory over a sequence (Hochreiter, Schmidhuber 1997).

        x is [time, batch, in] (TNS), [batch, time, in] (NTS) or [batch, in, time] (NST); weights
        [in, 4n], recurrent weights [n, 4n], bias [4n] with the blocks input, forget, candidate,
        output; a leading axis of 2 for both directions. Returns what is asked for: the sequence,
        the last h, the last c. The last state is the one after the last real step.
        `max_ts_length` [batch]: what lies behind that many steps is not looked at, and gives 0;
        no step at all gives a last state of 0. A mask needs no such lengths.
        """
        ...

    @composite("lstmLayer")
    def _lstm_layer_in_java(self, *args: Any, name: Any = None) -> tuple[SDVariable, ...]:
        """`lstm_layer` in Java's order, which gives a list of outputs even where it is one."""
        record, values = read_call((RNNOps.lstm_layer.op,), args)  # type: ignore[attr-defined]
        outs = self._builder.emit(record, {**values, "name": name or values["name"]})
        return outs if isinstance(outs, tuple) else (outs,)

    @op(recurrent.lstm_block, samediff="lstmblock",
        mask=recurs(states=("c_last", "y_last"), lengths=("max_ts_length",), sequences=True),
        java=("max_ts_length, x, c_last, y_last, **weights, **config", "x, **weights, **config"),
        cases=(case((2, 5, 3), (5, 8), (8,), (2, 2), (2, 2), (2,), (2,), (2,), _LENGTHS,
                    data_format="NTS", peep_hole=True, forget_bias=0.5, clipping_cell_value=0.3,
                    padded={"x": (0, 1), "c_last": (0, None), "y_last": (0, None),
                            "max_ts_length": (0, None)}),
               case((5, 2, 3), (5, 8), (8,), padded={"x": (1, 0)})),
        raises=(wrong((5, 2, 3), (5, 8), (8,), data_format="T2NS", match="T2NS"),
                wrong((5, 2, 3), (5, 8), (8,), (2, 2), (2, 2), (2,), (2,), (2,), (5, 2, 3),
                      match="max_ts_length")),
        differs=("SameDiff takes x and maxTSLength only in each other's place, ignores the "
                 "length and returns the input gate. Here the documented order holds, steps from "
                 "the length on give 0, and all seven outputs are returned, y last.", NO_GRADIENT))
    def lstm_block(
        self, x: VarLike, weights: VarLike, bias: VarLike, c_last: VarLike | None = None,
        y_last: VarLike | None = None, input_peephole_weights: VarLike | None = None,
        forget_peephole_weights: VarLike | None = None,
        output_peephole_weights: VarLike | None = None, max_ts_length: VarLike | None = None, *,
        data_format: str = "TNS", peep_hole: bool = False, forget_bias: float = 0.0,
        clipping_cell_value: float = 0.0, masked: bool = True, name: str | None = None,
    ) -> tuple[SDVariable, ...]:
        """`lstm_cell` over a sequence: i, c, f, o, z, h, y at every step, laid out as x.

        x is [time, batch, in] (TNS), [batch, time, in] (NTS) or [batch, in, time] (NST).
        `max_ts_length`, one number or [batch]: steps from it on give 0.
        """
        ...

    @op(cells.lstm_cell, mask=one_step("c_last", "y_last"), samediff="lstmCell",
        java=("x, c_last, y_last, **weights, **config",),
        cases=(case((4, 3), (4, 2), (4, 2), (5, 8), (8,),
                    padded={"x": (0, None), "c_last": (0, None), "y_last": (0, None)}),
               case((2, 5, 3), (2, 5, 2), (2, 5, 2), (5, 8), (8,), (2,), (2,), (2,), peep_hole=True,
                    forget_bias=0.5, clipping_cell_value=0.3,
                    padded={"x": (0, 1), "c_last": (0, 1), "y_last": (0, 1)})),
        raises=(wrong((4, 3), (4, 2), (4, 2), (5, 8), (8,), peep_hole=True, match="all three"),),
        differs=("SameDiff demands peephole weights even without `peep_hole`.", NO_GRADIENT))
    def lstm_cell(
        self, x: VarLike, c_last: VarLike, y_last: VarLike, weights: VarLike, bias: VarLike,
        input_peephole_weights: VarLike | None = None,
        forget_peephole_weights: VarLike | None = None,
        output_peephole_weights: VarLike | None = None, *, peep_hole: bool = False,
        forget_bias: float = 0.0, clipping_cell_value: float = 0.0, name: str | None = None,
    ) -> tuple[SDVariable, ...]:
        """One step of an LSTM: i, c, f, o, z, h = tanh(c), y = o * h (Gers, Schmidhuber 2000).

        x [batch, in], states [batch, n]; weights [in + n, 4n] and bias [4n] with the columns i, z,
        f, o; c = i * z + f * c_last, within the clipping value if that is above 0. With
        `peep_hole` i and f see the old c, o the new one, by the peephole weights [n].
        """
        ...

    @op(recurrent.gru, mask=recurs(states=("h_last",)), samediff="gru",
        cases=(case((2, 5, 3), (2, 2), (3, 6), (2, 6), (6,), data_format="NTS",
                    padded={"x": (0, 1), "h_last": (0, None)}),
               case((5, 2, 3), (2, 2), (3, 6), (2, 6), direction="BWD",
                    padded={"x": (1, 0), "h_last": (0, None)}),
               case((2, 5, 3), (2, 2, 2), (2, 3, 6), (2, 2, 6), data_format="NTS",
                    direction="BIDIR_CONCAT", padded={"x": (0, 1), "h_last": (1, None)})),
        differs=WRONG_GRADIENT)
    def gru(
        self, x: VarLike, h_last: VarLike, input_weights: VarLike, recurrent_weights: VarLike,
        bias: VarLike | None = None, *, data_format: str = "TNS", direction: str = "FWD",
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """Gated recurrent unit over a sequence (Cho et al. 2014), reset gate behind the product.

        x is [time, batch, in] (TNS), [batch, time, in] (NTS) or [batch, in, time] (NST); weights
        [in, 3n] and [n, 3n], bias [3n] with the blocks reset, update, candidate; h_last [batch, n].
        Gives h at every step. Directions as for `lstm_layer`: FWD, BWD, or BIDIR_SUM, BIDIR_CONCAT
        and BIDIR_EXTRA_DIM, for which every array but x has a leading axis of 2.
        """
        ...

    @op(cells.gru_cell, mask=one_step("h_last"), samediff="gruCell",
        java=("x, h_last, **weights",),
        cases=(case((4, 3), (4, 2), (5, 4), (5, 2), (4,), (2,),
                    padded={"x": (0, None), "h_last": (0, None)}),
               case((2, 5, 3), (2, 5, 2), (5, 4), (5, 2),
                    padded={"x": (0, 1), "h_last": (0, 1)})),
        raises=(wrong((4, 3), (4, 2), (4, 4), (5, 2), match="gru_cell"),),
        differs=("SameDiff demands the biases, and refuses a single feature or unit.", NO_GRADIENT))
    def gru_cell(
        self, x: VarLike, h_last: VarLike, ru_weight: VarLike, c_weight: VarLike,
        ru_bias: VarLike | None = None, c_bias: VarLike | None = None, *, name: str | None = None,
    ) -> tuple[SDVariable, SDVariable, SDVariable, SDVariable]:
        """One step of a GRU (Cho et al. 2014): r, u, c, h = u * h_last + (1 - u) * c.

        x [batch, in], h_last [batch, n]; ru_weight [in + n, 2n] with the columns r, u, c_weight
        [in + n, n]. Other than in `gru`, r acts on h_last before the product.
        """
        ...

    @op(sru_kernels.sru, samediff="sru",
        mask=recurs(states=("initial_c", "dropout_mask"), sequences=True, layout="NST",
                    highway=True),
        java=("x, initial_c, dropout_mask, **weights", "x, initial_c, **weights"),
        cases=(case((2, 3, 5), (2, 3), (9, 3), (6,), Spec((2, 3), "probability"),
                    padded={"x": (0, 2), "initial_c": (0, None), "dropout_mask": (0, None)}),
               case((2, 3, 4), (2, 3), (9, 3), (6,))),
        raises=(wrong((2, 3, 5), (2, 3), (3, 9), (6,), match="sru"),),
        differs="SameDiff always throws. Here it returns h and c.")
    def sru(
        self, x: VarLike, initial_c: VarLike, weights: VarLike, bias: VarLike,
        dropout_mask: VarLike | None = None, *, masked: bool = True, name: str | None = None,
    ) -> tuple[SDVariable, SDVariable]:
        """Simple recurrent unit over a sequence (Lei et al. 2017): h and c [batch, n, time].

        x [batch, n, time], initial_c [batch, n]; weights [3n, n] and bias [2n] are those of
        `sru_cell`, the weights transposed. `dropout_mask` [batch, n] multiplies x at every step.
        """
        ...

    @op(sru_kernels.sru_cell, mask=one_step("c_last", highway=True), samediff="sruCell",
        java=("x, c_last, **weights",),
        cases=(case((4, 3), (4, 3), (3, 9), (6,), padded=_ROWS),
               case((2, 5, 3), (2, 5, 3), (3, 9), (6,), padded=_STEPS)),
        raises=(wrong((4, 3), (4, 3), (9, 3), (6,), match="sru_cell"),),
        differs="SameDiff always throws. Here it returns h and c.")
    def sru_cell(
        self, x: VarLike, c_last: VarLike, weights: VarLike, bias: VarLike, *,
        name: str | None = None,
    ) -> tuple[SDVariable, SDVariable]:
        """One step of a simple recurrent unit: h = r tanh(c) + (1 - r) x, c = f c_last + (1 - f) z.

        x and c_last [batch, n]; z, f, r = x @ weights [n, 3n]; f and r with bias [2n] and sigmoid.
        """
        ...
