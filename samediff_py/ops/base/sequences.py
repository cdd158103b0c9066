"""Sequences of which each has a length of its own, given as numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...foundation.errors import GraphError
from ...kernels import sequences
from ..define import Namespace, Spec, case, op, wrong
from ..rules import counts_off, turns_rows
from .counts import greatest

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axis, DTypeLike, ShapeLike, VarLike


def _positions(values: dict[str, Any], fold: Callable[[Any], Any]) -> dict[str, Any]:
    """At least as many as the greatest length, where the lengths are constants."""
    most = values["max_len"]
    most = fold(most) if hasattr(most, "dtype") else most
    try:
        longest = greatest(fold, [values["lengths"]])
    except GraphError as error:
        if most is None:
            raise GraphError(
                f"sequence_mask: {error}\nor say how many positions there are: max_len=.."
            ) from None
        return values | {"max_len": most}
    most = max(most, longest) if isinstance(most, int) else most
    return values | {"max_len": longest if most is None else most}


class Sequences(Namespace):
    """Sequences of which each has a length of its own, given as numbers."""

    @op(sequences.sequence_mask, mask=counts_off, samediff="sequenceMask", complete=_positions,
        java=("lengths, max_len, dtype", "lengths, dtype"),
        cases=(case(Spec((2, 5), "integer"), max_len=(3,), padded={"lengths": (0, 1)},
                    gradient=False),
               case(Spec((4,), "integer"), max_len=(4,), dtype="float32", gradient=False)),
        raises=(wrong((4,), max_len=(4,), match="lengths must be integers"),),
        differs="With `max_len` a variable, the mask is wrong there unless every length is below "
                "it. Lengths that are no constants need `max_len`, and must not be above it.")
    def sequence_mask(
        self, lengths: VarLike, max_len: int | str | ShapeLike | None = None,
        dtype: DTypeLike = "bool", *, name: str | None = None,
    ) -> SDVariable:
        """1 (true) for the first `lengths` [...] of `max_len` positions, else 0: [..., max_len].

        `max_len` may be the name of a dim. Constant lengths raise it to the greatest of them.
        """
        ...

    @op(sequences.reverse_sequence, mask=turns_rows, samediff="reverseSequence",
        java=("x, seq_lengths", "x, seq_lengths, seq_dim, batch_dim"),
        cases=(case((2, 5, 3), Spec((2,), "integer", high=7), seq_dim=1,
                    padded={"x": (0, 1), "seq_lengths": (0, None)}),
               case((4, 3), Spec((3,), "integer", high=5), seq_dim=0, batch_dim=1)),
        raises=(wrong((4, 3), Spec((3,), "integer"), match="one number for each of the 4"),
                wrong((4, 3), Spec((4,), "integer"), seq_dim=0, match="both axis 0")))
    def reverse_sequence(
        self, x: VarLike, seq_lengths: VarLike, *, seq_dim: Axis = -1, batch_dim: Axis = 0,
        name: str | None = None,
    ) -> SDVariable:
        """The first `seq_lengths[i]` elements along `seq_dim` reversed, for each i of `batch_dim`.

        Those behind stay where they are. A length beyond the end of a row counts as its own.
        """
        ...
