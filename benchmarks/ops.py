"""What an op costs: lines of code (declaration, cases and kernel; docstrings and comments apart),
and the time to add it to a graph.

    python benchmarks/ops.py
"""

from __future__ import annotations

import ast
import io
import statistics
import time
import tokenize
from collections.abc import Iterable
from pathlib import Path

import samediff_py
from samediff_py import SameDiff
from samediff_py.ops.record import OPS
from samediff_py.testing import cases

PACKAGE = Path(samediff_py.__file__).parent
FRAME = {"define.py", "java.py", "site.py", "types.py", "axes.py", "functions.py", "user.py"}
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def code_lines(path: Path) -> int:
    """Lines that hold code."""
    text = path.read_text()
    docs = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }  # fmt: skip
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    held = {
        line
        for token in tokens
        if token.type not in _NO_CODE and token.string
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(held - docs)


def total(files: Iterable[Path]) -> int:
    return sum(map(code_lines, files))


def build_seconds(name: str) -> float:
    """Adding the op to a graph, of shapes that no inference has met before."""
    op = OPS[name]
    sd, one = SameDiff.create(), op.cases[0]
    operands = {
        i.slot: sd.placeholder(i.name, i.shape, i.dtype("float32"))
        for i in cases.inputs_of(op, one)
    }
    start = time.perf_counter()
    sd.emit(op, cases.call_values(op, one, operands))
    return time.perf_counter() - start


def main() -> None:
    names = [name for name in OPS if OPS[name].cases]
    declared = [p for p in (PACKAGE / "ops").rglob("*.py")
                if p.name not in FRAME and "rules" not in p.parts]  # fmt: skip
    ours, kernels = total(declared), total((PACKAGE / "kernels").rglob("*.py"))
    rules = total((PACKAGE / "ops" / "rules").glob("*.py"))
    print(f"{len(names)} ops, {sum(len(OPS[n].cases) for n in names)} cases")
    print(f"lines of code: {ours} declarations and cases, {kernels} kernels, {rules} rules")
    print(f"an op: {ours / len(names):.1f} + {kernels / len(names):.1f} lines")
    first = [build_seconds(name) for name in names]
    again = [build_seconds(name) for name in names]
    for title, times in (("unseen", first), ("seen before", again)):
        median, mean = statistics.median(times) * 1e3, statistics.mean(times) * 1e3
        print(f"build, {title}: median {median:.2f} ms, mean {mean:.2f} ms an op")


if __name__ == "__main__":
    main()
