"""The user's own line: from a file, from a notebook cell, through the library's callers."""

import re
from pathlib import Path

import pytest

from samediff_py import SameDiff
from samediff_py.foundation.errors import GraphError
from samediff_py.foundation.source import user_source


def here(text: str) -> str:
    """How a line of this file is shown."""
    lines = Path(__file__).read_text().splitlines()
    (number,) = [i for i, line in enumerate(lines, 1) if line.strip() == text]
    return f"{Path(__file__)}, line {number}: {text}"


def test_a_line_of_a_file():
    sd = SameDiff.create()
    y = sd.placeholder("x", ("batch", 3)).sum()
    assert str(y.source) == here('y = sd.placeholder("x", ("batch", 3)).sum()')
    assert y.source.short == str(y.source).replace(f"{Path(__file__).parent}/", "")


def test_every_way_to_a_node_leads_to_the_users_line():
    sd = SameDiff.create()
    x = sd.placeholder("x", (2, 3))
    first, second = 1.0 - x, x @ x.T
    assert str(first.source) == str(second.source) == here("first, second = 1.0 - x, x @ x.T")
    with sd.name_scope("block"):
        parts = [sd.nn.relu(row) for row in x]
    assert {str(part.source) for part in parts} == {here("parts = [sd.nn.relu(row) for row in x]")}
    made = sd.nn().relu("java", x)
    assert str(made.source) == here('made = sd.nn().relu("java", x)')


def test_callers_in_between_are_no_users():
    """A sort of the standard library calls back, and the line is still the user's."""
    sd = SameDiff.create()
    x = sd.placeholder("x", (2, 3))
    made = list(map(sd.nn.relu, [x]))
    assert str(made[0].source) == here("made = list(map(sd.nn.relu, [x]))")
    with pytest.raises(GraphError) as caught, sd.name_scope("a"):
        sd.var("w w", (2,))
    assert str(caught.value).endswith(here('sd.var("w w", (2,))'))


def test_programs_that_ship_with_the_package_are_users():
    code = compile("found = f()", str(_package() / "examples" / "shown.py"), "exec")
    namespace = {"f": user_source}
    exec(code, namespace)
    assert Path(namespace["found"].file).name == "shown.py"


def _package() -> Path:
    import samediff_py

    return Path(samediff_py.__file__).parent


def test_text_that_was_never_a_file():
    namespace = {"sd": SameDiff.create()}
    exec(compile('x = sd.placeholder("x", (2,))', "<string>", "exec"), namespace)
    assert str(namespace["x"].source) == "<string>, line 1"


@pytest.fixture
def shell():
    """A notebook's shell, in this process."""
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell
    before = interactive.instance() if interactive.initialized() else None
    yield interactive.instance()
    if before is None:
        interactive.clear_instance()


def run(shell, cell: str):
    return shell.run_cell(cell, store_history=True)


def test_a_notebook_cell(shell):
    assert run(shell, "from samediff_py import SameDiff\nsd = SameDiff.create()").success
    assert run(shell, "x = sd.placeholder('x', ('batch', 3))\ny = x + 1").success
    number = shell.execution_count - 1
    assert str(shell.user_ns["y"].source) == f"Cell In[{number}], line 2: y = x + 1"
    assert shell.user_ns["y"].source.short == f"Cell In[{number}], line 2: y = x + 1"


def test_errors_and_plans_of_a_notebook(shell):
    run(shell, "from samediff_py import SameDiff\nsd = SameDiff.create()")
    run(shell, "x = sd.placeholder('x', ('batch', 'time'), mask='m')\n\nd = x.drop_mask()")
    made = shell.execution_count - 1
    failed = run(shell, "import numpy as np\nsd.output({'x': np.ones((1, 2))}, d)").error_in_exec
    text = str(failed)
    assert f"declared at Cell In[{made}], line 1: x = sd.placeholder(" in text
    assert text.endswith(f"at Cell In[{made + 1}], line 2: sd.output({{'x': np.ones((1, 2))}}, d)")
    plan, why = (shell.user_ns["sd"].mask_plan("drop_mask"), shell.user_ns["sd"].explain_mask("x"))
    assert f"drop_mask, Cell In[{made}], line 3: d = x.drop_mask()" in plan
    assert f"at Cell In[{made}], line 1: x = sd.placeholder(" in why
    assert not re.search(r"ipython|/tmp", text + plan + why)
