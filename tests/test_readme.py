"""The README: its commands are one line each and are what CI runs, and its programs run."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README, CI = ROOT / "README.md", ROOT / ".ci" / "run"
TEXT = README.read_text(encoding="utf-8")

# The same programs on fewer sentences.
SMALLER = {
    "corpus()": "corpus(held_out=40, size=240, longest=16)",
    "text.train * 4": "text.train",
    "epochs=5": "epochs=1",
}


def blocks(language: str) -> list[tuple[int, str]]:
    """What stands between fences, and the line where it begins."""
    found = re.finditer(rf"^```{language}\n(.*?)^```$", TEXT, re.S | re.M)
    return [(TEXT.count("\n", 0, match.start(1)), match[1]) for match in found]


def commands() -> list[str]:
    return [block for _, block in blocks("sh")]


def test_two_commands_of_one_line_that_start_from_nothing():
    assert [command.count("\n") for command in commands()] == [1, 1]
    job, tests = (command.strip() for command in commands())
    for command in (job, tests):
        assert command.startswith("python3 -m venv .venv && .venv/bin/python -m pip install ")
    assert job.endswith(" && .venv/bin/python -m samediff_py.examples.language_model")
    assert tests.endswith(" && .venv/bin/python -m pytest") and '".[test]"' in tests


def test_ci_runs_the_test_command():
    (pattern,) = re.findall(r"grep -E '(.+?)' README\.md", CI.read_text())
    assert re.findall(pattern, TEXT, re.M) == [commands()[1].strip()]
    assert os.access(CI, os.X_OK)


@pytest.mark.parametrize("status", [0, 3])
def test_ci_prints_the_closing_line_and_hands_on_the_status(tmp_path, status):
    (tmp_path / ".ci").mkdir()
    shutil.copy(CI, tmp_path / ".ci" / "run")
    command = f"python3 -m venv --help > help && ls -a && echo 5 passed; exit {status} # -m pytest"
    (tmp_path / "README.md").write_text(f"```sh\n{command}\n```\n")
    (tmp_path / ".venv").mkdir()
    done = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    assert done.stdout.endswith("\nclosing line: 5 passed\n")
    assert ".venv" not in done.stdout.splitlines() and not (tmp_path / "help").exists()


@pytest.mark.slow
def test_the_programs_run_and_the_error_reads_as_shown(capsys):
    names: dict[str, object] = {"__name__": "readme"}
    text = dict.fromkeys(SMALLER, 0)
    for line, block in blocks("python"):
        for whole, small in SMALLER.items():
            text[whole] += block.count(whole)
            block = block.replace(whole, small)
        exec(compile("\n" * line + block, str(README), "exec"), names)
    assert set(text.values()) == {1}, "what is made smaller stands in the README once"
    printed = capsys.readouterr().out
    shown = [block for _, block in blocks("text") if block.startswith("sparse_softmax")]
    assert len(shown) == 1
    for line in shown[0].splitlines():
        assert line in printed or " at " in line, line
