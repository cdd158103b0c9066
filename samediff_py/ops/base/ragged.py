"""Results whose number depends on values. They are padded to as many as there could be, masked,
and cut to size when they are returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...foundation.errors import GraphError
from ...kernels import ragged as kernels
from ..define import Namespace, Spec, case, op, wrong
from ..java import Name, composite
from ..rules import ragged, ragged_places

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import VarLike


class Ragged(Namespace):
    """As many results as the values say."""

    @op(kernels.argwhere, mask=ragged_places("condition"), samediff="where", internal=1,
        cases=(case(Spec((2, 5), "boolean"), padded={"condition": (0, 1)}, gradient=False),
               case(Spec((3, 2, 2), "integer", high=2), gradient=False)))
    def argwhere(self, condition: VarLike, *, name: str | None = None) -> SDVariable:
        """Where the condition is true (not 0): one row of places an element, in row-major order.

        [found, rank], where `found` depends on the values.
        """
        ...

    @op(kernels.partition, mask=ragged, internal=1,
        cases=(case((2, 5, 3), Spec((2, 5), "integer", high=2), index=1,
                    padded={"x": (0, 1), "partitions": (0, 1)}),
               case((4, 3), Spec((4,), "integer", high=2), index=0)),
        raises=(wrong((4, 3), Spec((3,), "integer"), index=0, match="reshape|partition"),))
    def partition(
        self, x: VarLike, partitions: VarLike, *, index: int, name: str | None = None
    ) -> SDVariable:
        """The slices of x whose number in `partitions` is `index`, in their order: [found, ...]."""
        ...

    @composite("dynamicPartition",
        differs="SameDiff throws for x of rank 3 with a vector of partitions.")
    def dynamic_partition(
        self, x: VarLike, partitions: VarLike, num_partitions: int, *, name: Name = None
    ) -> tuple[SDVariable, ...]:
        """x sorted into `num_partitions` parts, each of its own length, by the numbers in
        `partitions`, whose shape x begins with (SameDiff's dynamic_partition).

        Slices whose number is not below `num_partitions` are in none of them.
        """
        if num_partitions < 1:
            raise GraphError(f"dynamic_partition: {num_partitions} parts; there must be one")
        parts = range(num_partitions)
        names = [f"{name}:{i}" if i else name for i in parts] if isinstance(name, str) else name
        return tuple(
            self.partition(x, partitions, index=i, name=names[i] if names else None) for i in parts
        )
