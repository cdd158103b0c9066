"""Every case of every op gives what numpy and scipy give."""

import pytest
from ops.references import REFERENCES

import samediff_py  # noqa: F401
from samediff_py.ops.define import OPS
from samediff_py.testing import check_reference

# Held against recorded answers, or numbers that are drawn.
ELSEWHERE: dict[str, str] = {}

CASES = [
    pytest.param(op, case, id=f"{op.name}-{i}")
    for op in OPS.values()
    if op.name in REFERENCES
    for i, case in enumerate(op.cases)
]


@pytest.mark.parametrize("op, case", CASES)
def test_case(op, case):
    check_reference(op, case, REFERENCES[op.name])


def test_every_op_has_a_reference_or_a_reason():
    missing = set(OPS) - set(REFERENCES) - set(ELSEWHERE)
    assert not missing, f"ops without a reference: {', '.join(sorted(missing))}"
