"""Elements by a test: where it holds, how often, and other values there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...configs import Condition
from ...kernels import conditions
from ..define import Namespace, Spec, case, op, wrong
from ..differences import KEPT, NO_GRADIENT
from ..rules import chooses, creates, pointwise, reduces

if TYPE_CHECKING:
    from ...variable import SDVariable
    from ..types import Axes, VarLike

_ABOVE = Condition("greater_than", 0.2)
_FOUND = case((2, 5, 3), condition=_ABOVE, padded={"x": (0, 1)}, gradient=False)
_FOUND_ALONE = case((4,), condition=Condition("abs_less_than", 0.5), gradient=False)
_UNKNOWN = wrong((2, 3), y=1.0, condition=Condition("bigger"), match="no condition")
_NOT_KNOWN = wrong((2, 3), condition=Condition("bigger"), match="no condition")
_COMPARED = ("SameDiff ignores the tolerance of `epsEquals(value, eps)`, and `absEquals` compares "
             "x, not |x|.")
_ROWS = case(Spec((4,), "boolean"), (4, 3), (4, 3), by_rows=True,
             padded=dict.fromkeys(("condition", "x", "y"), (0, None)))  # fmt: skip


def _ordered(values: dict[str, Any], _: Any) -> dict[str, Any]:
    """SameDiff's order is (x, y, condition), which types alone can tell from Python's."""
    first, second, third = (values[name] for name in ("condition", "x", "y"))
    if str(getattr(first, "dtype", "")) == "bool" or str(getattr(third, "dtype", "")) != "bool":
        return values
    return {**values, "condition": third, "x": first, "y": second, "by_rows": True}


class Conditions(Namespace):
    """Elements by a test: where it holds, how often, and other values there."""

    @op(conditions.where, mask=chooses, samediff="where", complete=_ordered,
        java=("x, y, condition, by_rows=True",),
        cases=(case(Spec((2, 5, 1), "boolean"), (2, 5, 3), (3,),
                    padded={"condition": (0, 1), "x": (0, 1)}),
               _ROWS, case(Spec((4,), "boolean"), (4,), (4,))),
        raises=(wrong((4,), (4,), (4,), match="must be bool"),),
        differs=("SameDiff broadcasts nothing but a vector of conditions over rows.", NO_GRADIENT))
    def where(
        self, condition: VarLike, x: VarLike, y: VarLike, *, by_rows: bool = False,
        name: str | None = None,
    ) -> SDVariable:
        """x where the condition is true, else y, with numpy's broadcasting.

        `by_rows`: a condition that is a vector lies along the first axis; so it does in SameDiff's
        order, `sd.where(x, y, condition)`.
        """
        ...

    @op(conditions.where_numpy, mask=pointwise, samediff="whereNumpy",
        cases=(case((2, 5, 3), (3,), Spec((2, 5, 1), "integer", high=2),
                    padded={"x": (0, 1), "condition": (0, 1)}),
               case((4,), (4,), Spec((4,), "boolean"))),
        differs="SameDiff's always throws; here it is numpy's `where`, and a condition may be "
                "numbers, of which those that are not 0 are true.")
    def where_numpy(
        self, x: VarLike, y: VarLike, condition: VarLike, *, name: str | None = None
    ) -> SDVariable:
        """x where the condition is not 0, else y, with numpy's broadcasting."""
        ...

    @op(conditions.matches, mask=pointwise, samediff="matchCondition",
        cases=(_FOUND, _FOUND_ALONE), raises=(_NOT_KNOWN,), differs=_COMPARED)
    def match_condition(
        self, x: VarLike, condition: Condition, *, name: str | None = None
    ) -> SDVariable:
        """True where the condition holds: `sd.match_condition(x, Condition("is_nan"))`."""
        ...

    @op(conditions.match_count, mask=reduces(counts=True), samediff="matchConditionCount",
        java=("x, condition, *axis", "x, condition, keepdims, *axis"),
        cases=(case((2, 5, 3), condition=_ABOVE, axis=1, padded={"x": (0, 1)}, gradient=False),
               case((4, 3), condition=_ABOVE, axis=None, keepdims=True, gradient=False)),
        raises=(_NOT_KNOWN,), differs=(_COMPARED, KEPT))
    def match_condition_count(
        self, x: VarLike, condition: Condition, axis: Axes = None, *, keepdims: bool = False,
        masked: bool = True, name: str | None = None,
    ) -> SDVariable:
        """For how many elements along `axis` the condition holds."""
        ...

    @op(conditions.replace_where, mask=pointwise, samediff="replaceWhere",
        cases=(case((2, 5, 3), (3,), condition=_ABOVE, padded={"x": (0, 1)}),
               case((4,), y=7.0, condition=Condition("less_than", 0.0))), raises=(_UNKNOWN,),
        differs="SameDiff puts -1 for `isFinite`, nothing for `notFinite`, and `absEquals` "
                "compares x, not |x|; its gradient of y is that of x.")
    def replace_where(
        self, x: VarLike, y: VarLike, condition: Condition, *, name: str | None = None
    ) -> SDVariable:
        """y where x meets the condition, else x."""
        ...

    @op(conditions.is_numeric_tensor, mask=creates, samediff="isNumericTensor",
        cases=(case((2, 3), gradient=False), case(Spec((4,), "boolean"), gradient=False)),
        differs="SameDiff refuses booleans; here the answer is false.")
    def is_numeric_tensor(self, x: VarLike, *, name: str | None = None) -> SDVariable:
        """Whether x holds numbers, and not booleans."""
        ...
