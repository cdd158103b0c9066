"""Every case of every op gives what numpy and scipy give."""

import pytest
from golden_calls import NAMESPACES, records
from ops.references import REFERENCES

import samediff_py  # noqa: F401
from samediff_py.ops.record import OPS
from samediff_py.testing import check_reference

CASES = [
    pytest.param(op, case, id=f"{op.name}-{i}")
    for op in OPS.values()
    if op.name in REFERENCES
    for i, case in enumerate(op.cases)
]


@pytest.mark.parametrize("op, case", CASES)
def test_case(op, case):
    check_reference(op, case, REFERENCES[op.name])


def test_every_op_has_a_reference():
    """One of these, or recorded answers of SameDiff."""
    recorded = {record["method"] for namespace in NAMESPACES for record in records(namespace)}
    missing = [name for name in OPS if name not in REFERENCES]
    assert [name for name in missing if OPS[name].samediff not in recorded] == []
