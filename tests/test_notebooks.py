"""Notebooks run from top to bottom, say what they promise, and are committed without outputs."""

import os
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@cache
def executed(path: Path) -> str:
    """All that the notebook prints and shows, as text. An error of a cell is raised here."""
    notebook = read(path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XLA_FLAGS": ""}
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute(env=environment)
    outputs = [out for cell in code_cells(notebook) for out in cell.outputs]
    return "\n".join(out.get("text") or out["data"]["text/plain"] for out in outputs)


def test_there_are_notebooks():
    assert NOTEBOOKS


@each_notebook
def test_committed_without_outputs(path):
    cells = code_cells(read(path))
    assert cells and not [cell.id for cell in cells if cell.outputs or cell.execution_count]


@each_notebook
@pytest.mark.slow
def test_runs(path):
    assert executed(path)


@pytest.mark.slow
def test_start_here_keeps_its_promises():
    text = executed(ROOT / "notebooks" / "01_start_here.ipynb")
    baseline, model = map(float, re.findall(r"is right in (\S+)%", text))
    assert model > 2 * baseline
    assert re.findall(r"(\d+) of \d+ guesses changed", text) == ["0", "0", "0"]
    assert "'tokens' declares the mask 'tokens_mask', and an array was fed without it" in text
    padded = {n: (float(a), float(b)) for n, a, b in re.findall(
        r"(\d+) padding tokens: sound (\S+)%, broken (\S+)%", text)}  # fmt: skip
    assert list(padded) == ["0", "1", "3", "50"]
    sound, broken = zip(*padded.values(), strict=True)
    assert set(sound) == {broken[0]} and broken[3] < broken[1] < broken[0]
    assert broken[3] < 0.6 * sound[3]
    assert "Padding changes nothing" in text
    assert "Padding leaks" in text and "first into 'encoder/attention'" in text
