"""The order of the folders: each imports only those above it, and no files import each other in a circle."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "topiclib"
ORDER = (
    "schema", "atomic", "progress", "toml_file", "text", "corpus", "embedding", "themes", "topics", "compare",
    "evaluate", "draw", "runs", "report", "explore", "cli",
)  # fmt: skip
"""From files to figures. `topiclib/__init__.py` names all of them and is imported by none of them but `cli`."""


def imported_modules(file: Path, root: Path = ROOT) -> set[str]:
    """Every module that a file imports, those inside functions too; imports for type checking alone are left out."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    package, found = file.relative_to(root).with_suffix("").parts[:-1], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


FILES = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in sorted(PACKAGE.rglob("*.py"))}
MODULES = {name.removesuffix(".__init__"): file for name, file in FILES.items()}


@pytest.mark.parametrize("folder", ORDER)
def test_a_folder_imports_only_those_above_it(folder):
    allowed = {"schema", folder} if folder == "draw" else set(ORDER[: ORDER.index(folder) + 1])
    files = [file for name, file in MODULES.items() if name.split(".")[1:2] == [folder]]
    assert files
    for file in files:
        used = {name.split(".")[1] for name in imported_modules(file) if name.startswith("topiclib.")} & set(ORDER)
        assert used <= allowed, f"{file.relative_to(ROOT)} imports {sorted(used - allowed)}"


def test_every_folder_has_its_place_in_the_order():
    assert {entry.stem for entry in PACKAGE.iterdir() if entry.name[0] not in "_." and entry.suffix != ".typed"} == set(
        ORDER
    )


def test_no_files_import_each_other_in_a_circle():
    faces = {name for name, file in MODULES.items() if file.name == "__init__.py"}
    graph = {name: (imported_modules(file) & MODULES.keys()) - {name} - faces for name, file in MODULES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_an_import_inside_a_function_counts(tmp_path):
    file = tmp_path / "topiclib" / "text" / "x.py"
    file.parent.mkdir(parents=True)
    file.write_text("def f():\n    from ..draw import topic_map\n    import bertopic.vectorizers\n")
    assert {"topiclib.draw", "bertopic.vectorizers"} <= imported_modules(file, tmp_path)


def test_nothing_is_unpickled_or_evaluated():
    for name, file in MODULES.items():
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        assert not {"eval", "exec"} & calls, name
        assert not {"pickle", "joblib", "dill", "cloudpickle"} & imported_modules(file), name
