"""`sd.rnn`: recurrent layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..kernels import recurrent
from .define import Namespace, case, op, wrong
from .rules import recurs

if TYPE_CHECKING:
    from ..variable import SDVariable
    from .types import VarLike

_BTF = case((2, 5, 3), (3, 8), (2, 8), (8,), data_format="NTS", padded={"x": (0, 1)})


class RNNOps(Namespace):
    """Recurrent layers. Padded steps hold the state."""

    @op(recurrent.lstm_layer, mask=recurs(states=("c_last", "y_last")), samediff="lstmLayer",
        cases=(_BTF,
               case((2, 5, 3), (2, 3, 8), (2, 2, 8), data_format="NTS", direction="BIDIR_CONCAT",
                    return_last_h=True, return_last_c=True, padded={"x": (0, 1)}),
               case((5, 2, 3), (3, 8), (2, 8), direction="BWD", padded={"x": (1, 0)})),
        raises=(wrong((5, 2, 3), (4, 8), (2, 8), match="lstm_layer"),))
    def lstm_layer(
        self, x: VarLike, weights: VarLike, recurrent_weights: VarLike,
        bias: VarLike | None = None, peephole_weights: VarLike | None = None,
        c_last: VarLike | None = None, y_last: VarLike | None = None, *,
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
        """
        ...

    @op(recurrent.gru, mask=recurs(states=("h_last",)), samediff="gru",
        cases=(case((2, 5, 3), (2, 2), (3, 6), (2, 6), (6,), data_format="NTS",
                    padded={"x": (0, 1), "h_last": (0, None)}),
               case((5, 2, 3), (2, 2), (3, 6), (2, 6),
                    padded={"x": (1, 0), "h_last": (0, None)})))
    def gru(
        self, x: VarLike, h_last: VarLike, input_weights: VarLike, recurrent_weights: VarLike,
        bias: VarLike | None = None, *, data_format: str = "TNS", masked: bool = True,
        name: str | None = None,
    ) -> SDVariable:
        """Gated recurrent unit over a sequence (Cho et al. 2014), reset gate behind the product.

        x is [time, batch, in] (TNS) or [batch, time, in] (NTS); weights [in, 3n] and [n, 3n], bias
        [3n] with the blocks reset, update, candidate. Gives h at every step.
        """
        ...
