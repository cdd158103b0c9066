"""Every case of every op, every check."""

import pytest

import samediff_py  # noqa: F401
from samediff_py.ops.record import OPS
from samediff_py.testing import check_wrong, checks_of

CASES = [
    pytest.param(op, case, check, id=f"{op.name}-{i}-{check.__name__.removeprefix('check_')}")
    for op in OPS.values()
    for i, case in enumerate(op.cases)
    for check in checks_of(op, case)
]
WRONG = [
    pytest.param(op, wrong, id=f"{op.name}-{i}")
    for op in OPS.values()
    for i, wrong in enumerate(op.raises)
]


@pytest.mark.parametrize("op, case, check", CASES)
def test_case(op, case, check):
    check(op, case)


@pytest.mark.parametrize("op, wrong", WRONG)
def test_wrong_call(op, wrong):
    check_wrong(op, wrong)
