"""The architecture, read from the imports: floors, no cycles, short files, docstrings."""

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import samediff_py
from samediff_py import SameDiff
from samediff_py.ops.define import Namespace

ROOT = Path(samediff_py.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# From the lowest to the highest; a module imports from its own floor and from those below it.
FLOORS = (
    ("foundation", "configs", "weightinit"),
    ("kernels",),
    ("ir",),
    ("ops.site", "ops.rules", "ops.axes", "ops.types"),
    ("ops.cases", "ops.record", "ops.java", "ops.call", "ops.define"),
    ("ops", "variable", "java_variable"),
    ("own", "rules"),
    ("passes",),
    ("compile",),
    ("build",),
    ("data",),
    ("inference", "display"),
    ("train", "evaluation", "verify"),
    ("java_graph",),
    ("inspection",),
    ("samediff",),
    ("", "examples", "testing", "reference"),  # "" is the package's own surface
)
# What a floor takes from outside, where that is limited.
OUTSIDE = {
    "kernels": {"jax", "numpy", "optax"},
    "ir": set(),
    "ops": {"jax", "numpy"},
    "passes": {"jax", "numpy"},
    "display": {"jax", "numpy"},
}
LONGEST = 500
LONGEST_NAMESPACE = 850  # a declaration is a row of a table


def module_of(path: Path) -> str:
    """`ops.rules.moves`; the package itself is the empty name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """All imports that run, wherever they stand: those for type checkers only do not."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        yield from statements(node)


def imports(module: str) -> Iterator[str]:
    """Full names; those of the package begin with a dot."""
    for node in statements(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = base_of(node, module)
            if base[:1] == ["samediff_py"]:
                names = (".".join([*base[1:], alias.name]) for alias in node.names)
                yield from ("." + (n if n in MODULES else ".".join(base[1:])) for n in names)
            else:
                yield ".".join(base)


def base_of(node: ast.ImportFrom, module: str) -> list[str]:
    """The module that is imported from, written out."""
    named = (node.module or "").split(".") if node.module else []
    if not node.level:
        return named
    here = ["samediff_py", *filter(None, module.split("."))]
    depth = node.level - (MODULES[module].name == "__init__.py")
    return here[: len(here) - depth] + named


INSIDE = {m: {name[1:] for name in imports(m) if name.startswith(".")} for m in MODULES}


def floor_of(module: str) -> int:
    """By the longest entry that the module lies in."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        for number, floor in enumerate(FLOORS):
            if prefix in floor:
                return number
    raise AssertionError(f"{module} is on no floor; add it to FLOORS")


def test_no_module_imports_from_a_higher_floor():
    wrong = {
        f"{module} imports {other}"
        for module, others in INSIDE.items()
        for other in others
        if floor_of(other) > floor_of(module)
    }
    assert not wrong


def test_every_entry_of_the_floors_is_there():
    entries = {entry for floor in FLOORS for entry in floor}
    assert not [e for e in entries if not any(f"{m}.".startswith(f"{e}.") for m in MODULES)]


def test_there_are_no_circles_of_packages():
    edges: dict[str, set[str]] = {}
    for module, others in INSIDE.items():
        top = module.split(".")[0]
        edges.setdefault(top, set()).update({other.split(".")[0] for other in others} - {top})
    assert list(TopologicalSorter(edges).static_order())


def test_there_are_no_import_cycles():
    """A package is an ancestor of its modules, and imports them: that is no cycle by itself."""
    edges = {m: {o for o in others if not m.startswith(f"{o}.")} for m, others in INSIDE.items()}
    assert list(TopologicalSorter(edges).static_order())


@pytest.mark.parametrize("floor", OUTSIDE)
def test_what_a_floor_takes_from_outside(floor):
    mine = [m for m in MODULES if m.split(".")[0] == floor]
    found = {name.split(".")[0] for m in mine for name in imports(m) if not name.startswith(".")}
    assert found - set(sys.stdlib_module_names) <= OUTSIDE[floor]


def test_the_reader_of_imports_sees_what_there_is():
    """Else the tests above would pass on nothing."""
    assert (
        "ir.graph" in INSIDE["passes.prune"] and "ops.rules.stacking" in INSIDE["ops.rules.moves"]
    )
    assert "variable" not in INSIDE["ops.base"], "an import for type checkers does not run"
    assert "samediff" in INSIDE[""] and floor_of("ops.rules.moves") < floor_of("ops.nn")


def is_namespace(path: Path) -> bool:
    return path.parent == ROOT / "ops" and "(Namespace)" in path.read_text()


def test_files_are_short():
    allowed = {p: LONGEST_NAMESPACE if is_namespace(p) else LONGEST for p in FILES}
    lengths = {path: len(path.read_text().splitlines()) for path in FILES}
    assert not {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > allowed[p]}


def test_every_file_says_what_it_is():
    silent = [
        m for m, path in MODULES.items() if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def surface() -> Iterator[tuple[str, object]]:
    """What users call: the package's names, the namespaces, their methods and properties."""
    found = {name: getattr(samediff_py, name) for name in vars(samediff_py) if name[0] != "_"}
    own = {n: v for n, v in found.items() if getattr(v, "__module__", "").startswith("samediff_py")}
    spaces = {
        type(s).__name__: type(s) for s in vars(SameDiff()).values() if isinstance(s, Namespace)
    }
    for name, thing in (own | spaces).items():
        yield name, thing
        members = inspect.getmembers_static(thing) if inspect.isclass(thing) else []
        for member, value in members:
            if member[0] != "_" and (callable(value) or isinstance(value, property | classmethod)):
                yield f"{name}.{member}", value


def test_the_whole_surface_is_documented():
    things = dict(surface())
    assert {"SameDiff.fit", "SDVariable.mean", "NNOps.attention", "TrainingConfig"} <= set(things)
    assert not [name for name, thing in things.items() if not inspect.getdoc(thing)]


def test_importing_changes_nothing_and_stays_light():
    code = (
        "import sys, jax, jax.numpy\n"
        "before = set(sys.modules), jax.config.jax_enable_x64\n"
        "import samediff_py\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before[0]}\n"
        "heavy = new & {'optax', 'matplotlib', 'scipy', 'pandas', 'flax', 'IPython', 'pytest'}\n"
        "assert not heavy, heavy\n"
        "assert jax.config.jax_enable_x64 == before[1]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT.parent)
