"""The reference page of all ops is what the ops say, and so is `help`."""

import inspect
import re

import pytest

from samediff_py import SameDiff, SDVariable
from samediff_py.foundation.declined import declined
from samediff_py.ops.base import BaseOps
from samediff_py.ops.define import Namespace
from samediff_py.ops.record import OPS
from samediff_py.reference import PAGE, page


@pytest.fixture(scope="module")
def text():
    return page()


def test_the_page_is_not_stale(text):
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    assert fresh, "the page is not what the ops say: run python -m samediff_py.reference"


def test_every_op_is_on_the_page_once(text):
    calls = re.findall(r"```python\n(\S+?)\(", text)
    assert len(calls) == len(set(calls))
    spaces = {f"sd.{n}": s for n, s in vars(SameDiff.create()).items() if isinstance(s, Namespace)}
    for place, kind in {"sd": BaseOps, **{n: type(s) for n, s in spaces.items()}}.items():
        section = text.partition(f"\n## {place}\n")[2].partition("\n## ")[0]
        names = {name for base in kind.__mro__ for name in vars(base) if name[0] != "_"}
        assert names == set(re.findall(rf"^### {place}\.(\S+)$", section, re.MULTILINE))


def test_every_link_leads_to_a_heading(text):
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    links = set(re.findall(r"\]\(#([^)]*)\)", text))
    assert len(links) > 100 and links <= anchors, sorted(links - anchors)


def test_what_is_declined_and_what_differs_is_listed(text):
    assert all(f"`{name}`" in text for name in declined())
    table = text.partition("## Where answers differ")[2]
    told = {one for op in OPS.values() for one in op.differs}
    told |= {*BaseOps.batch_mmul.differs, *SDVariable.get.differs}  # no ops
    assert all(one.replace("|", "\\|") in table for one in told)


@pytest.mark.parametrize("method", [SameDiff.standard_deviation, SDVariable.std])
def test_help_says_what_it_computes_what_padding_does_and_the_name_in_samediff(method):
    first, *rest = (inspect.getdoc(method) or "").split("\n\n")
    assert first == method.op.doc
    assert "Padding: Padded slots do not count; an empty row gives 0." in rest
    assert any(line.startswith("In SameDiff: standardDeviation, called with (") for line in rest)


def test_the_record_keeps_the_docstring_as_it_is_written():
    assert not [op.name for op in OPS.values() if "Padding: " in op.doc]
