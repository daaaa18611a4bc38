"""The public interface: its names, and that importing it loads no heavy package."""

import ast
import inspect
import subprocess
import sys
import types
from pathlib import Path

import pytest

import topiclib as tl

STUB = ast.parse(Path(tl.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
NAMES = [(node.module, name) for node in STUB.body if isinstance(node, ast.ImportFrom) for name in node.names]
HEAVY = [
    "numpy", "pandas", "bertopic", "umap", "hdbscan", "sklearn", "matplotlib", "onnxruntime", "tokenizers", "pyarrow",
    "torch",
]  # fmt: skip


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_each_public_name_is_listed_once():
    listed = [name.asname for _, name in NAMES]
    assert listed == [name.name for _, name in NAMES]  # a type checker takes only "import x as x" for public
    assert sorted(listed) == sorted(set(listed)) == sorted(tl.__all__)
    assert set(tl.__all__) <= set(dir(tl))


@pytest.mark.parametrize(("module", "name"), [(module, name.name) for module, name in NAMES])
def test_a_public_name_is_what_its_module_defines(module, name):
    value = getattr(tl, name)
    if isinstance(value, types.ModuleType):
        assert value.__name__ == ".".join(filter(None, ["topiclib", module, name]))
    else:
        assert value.__module__.startswith(f"topiclib.{module}")
        assert inspect.getdoc(value)


def test_import_loads_no_heavy_module():
    assert run_python(f"import sys, topiclib; print([m for m in {HEAVY!r} if m in sys.modules])").strip() == "[]"


@pytest.mark.parametrize(
    "code",
    [
        "import topiclib.explore",
        "from topiclib.explore import write_map",
        "from topiclib import *",
    ],
)
def test_the_subpackage_explore_does_not_shadow_the_function(code):
    output = run_python(f"import topiclib as tl\n{code}\nprint(callable(tl.explore), tl.explore.__module__)")
    assert output.split() == ["True", "topiclib.explore.widget"]


def test_an_unknown_name_is_an_error_that_suggests_a_similar_one():
    with pytest.raises(AttributeError, match="read_articles"):
        tl.read_articles  # noqa: B018
    code = "import topiclib\ntopiclib.read_document"
    error = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr
    assert error.splitlines()[-1].endswith("Did you mean: 'read_documents'?")


def test_tab_completion_in_jupyter():
    from IPython.core.completer import provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_cell("import topiclib as tl")
    with provisionalcompleter():
        found = {completion.text.lstrip(".") for completion in shell.Completer.completions("tl.", 3)}
    assert set(tl.__all__) <= found


def test_a_type_checker_knows_the_public_names(tmp_path):
    code = [f"tl.{name}" for name in tl.__all__] + ["tl.missing", "reveal_type(tl.explore)", "reveal_type(tl.Recipe())"]
    (tmp_path / "names.py").write_text("import topiclib as tl\n" + "\n".join(code), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", "names.py"]
    output = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path).stdout
    errors = [line for line in output.splitlines() if "error:" in line]
    assert len(errors) == 1 and '"missing"' in errors[0], output
    assert "DocumentMap" in output and "topiclib.topics.recipe.Recipe" in output
