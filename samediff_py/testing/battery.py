"""The battery: what must hold for every case of every op, each a small check.

A check takes an op and one of its cases and raises `AssertionError` with a clear text. Some hold
the op against itself and numpy; the others are the library's promise: padding changes no answer.
They run in double precision, so that tolerances are tight.
"""

from __future__ import annotations

from collections.abc import Callable

from ..ops.cases import Case
from ..ops.record import Op
from .padding import (
    COUNTS_PADDING,
    check_amount,
    check_company,
    check_content,
    check_definition,
    check_length,
    check_poison,
    check_rounding,
)
from .plain import check_gradient, check_shapes, check_wrong

Check = Callable[[Op, Case], None]

NOT_ALONE = {
    **dict.fromkeys(COUNTS_PADDING, "padding counts, by definition"),
    "with_mask": "what is missing is said by data, which the plain op does not see",
    "argwhere": "rows are numbered as they stand in the batch",
    "non_max_suppression": "the boxes of a batch compete with each other",
}
"""Ops that mean something else without masks, and why."""


def checks_of(op: Op, case: Case) -> list[Check]:
    """The checks that say something about this case."""
    checks: list[Check] = [check_shapes]
    if case.gradient:
        checks.append(check_gradient)
    if not case.padded:
        return checks
    if op.name not in NOT_ALONE:
        checks.append(check_definition)
    if op.name != "drop_mask":
        checks += [check_content, check_poison]
    if op.name not in COUNTS_PADDING:
        checks.append(check_amount)
    if op.rule.family in ("moves", "windows"):
        checks.append(check_length)
    if op.rule.family != "pointwise" and op.name != "with_mask":
        checks.append(check_rounding)
    return [*checks, check_company]


def check_op(op: Op) -> None:
    """The whole battery for one op, e.g. one that a user has declared."""
    for case in op.cases:
        for check in checks_of(op, case):
            check(op, case)
    for wrong in op.raises:
        check_wrong(op, wrong)
