"""The whole battery for one op, with a text that says what fails."""

from __future__ import annotations

import inspect
from typing import Any

from ..foundation.errors import GraphError, SameDiffError
from ..ops.record import Op
from ..own.op import UserOp
from .battery import checks_of
from .plain import check_wrong


def check(op: UserOp[..., Any] | Op) -> None:
    """Raises `AssertionError` where an op of your own breaks a promise; silent where it keeps all.

    For each of its `cases`: shapes with open dims are those that run; gradients are slopes; and,
    where an input is padded, a batch gives each example what it gets alone, whatever stands in the
    padding, however much there is of it, whoever else is in the batch. Each of its `raises` fails
    with the message that is asked for. A case is small and runs a few seconds.

    >>> import jax.numpy as jnp
    >>> import samediff_py
    >>> from samediff_py.testing import case, check
    >>> padded = case((2, 5, 3), axis=1, padded={"x": (0, 1)})
    >>> @samediff_py.op(mask="reduces", cases=[padded])
    ... def spread(x, axis: int, *, where=None):
    ...     top = jnp.max(x, axis, where=where, initial=-jnp.inf)
    ...     return top - jnp.min(x, axis, where=where, initial=jnp.inf)
    >>> check(spread)
    >>> @samediff_py.op(mask="pointwise", cases=[padded])
    ... def centred(x, axis: int):
    ...     return x - jnp.mean(x, axis, keepdims=True)
    >>> check(centred)
    Traceback (most recent call last):
    AssertionError: centred, case 0, definition: A batch gives each example what it gets alone: ...
    """
    record = op.op if isinstance(op, UserOp) else op
    if not record.cases:
        raise GraphError(f"{record.title} has no cases: @op(cases=[case((2, 5, 3), ...)])")
    if record.rule.family != "opaque" and not any(case.padded for case in record.cases):
        raise GraphError(
            f'no case of {record.title} is padded, so nothing tests its mask rule: padded={{"x": '
            "(0, 1)} says that x has examples along axis 0 and padding along axis 1"
        )
    for number, case in enumerate(record.cases):
        for test in checks_of(record, case):
            what = f"case {number}, {test.__name__.removeprefix('check_')}: {_said(test)}"
            _run(record.title, what, test, record, case)
    for number, wrong in enumerate(record.raises):
        _run(record.title, f"raises {number}: {_said(check_wrong)}", check_wrong, record, wrong)


def _said(test: Any) -> str:
    return (inspect.getdoc(test) or "").splitlines()[0]


def _run(title: str, what: str, test: Any, *given: Any) -> None:
    try:
        test(*given)
    except (AssertionError, SameDiffError) as error:
        raise AssertionError(f"{title}, {what}\n{error}") from error
