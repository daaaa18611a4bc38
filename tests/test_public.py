"""The public interface: its names, and that importing it loads no heavy package."""

import subprocess
import sys

import pytest

import topiclib as tl

EXPORTS = [
    "Alignment", "Recipe", "Run", "align", "assign_topics", "compare", "draw", "embed", "encoder", "evaluate",
    "explore", "fit", "fit_alignment", "inspect", "load_sample", "make_passages", "open_run", "quality",
    "read_documents", "read_themes", "run", "schema", "search_topics", "show", "stability", "style", "tabulate", "text",
]  # fmt: skip
HEAVY = [
    "numpy", "pandas", "bertopic", "umap", "hdbscan", "sklearn", "matplotlib", "onnxruntime", "tokenizers", "pyarrow",
    "torch",
]  # fmt: skip


def test_exports():
    assert sorted(tl.__all__) == EXPORTS


def test_every_export_exists_and_is_in_dir():
    assert [name for name in tl.__all__ if not hasattr(tl, name)] == []
    assert set(tl.__all__) <= set(dir(tl))


def test_import_loads_no_heavy_module():
    code = f"import sys, topiclib; print([m for m in {HEAVY!r} if m in sys.modules])"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"


def test_the_subpackage_explore_does_not_shadow_the_function():
    code = "import topiclib as tl, topiclib.explore; print(callable(tl.explore), tl.explore.__module__)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.split() == ["True", "topiclib.explore.widget"]


def test_an_unknown_name_raises_and_lists_the_exports():
    with pytest.raises(AttributeError, match="read_documents"):
        tl.read_articles  # noqa: B018
