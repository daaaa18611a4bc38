"""Consistency of the project files: dependencies, lock file, notebooks."""

import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def names_and_bounds(lines: list[str]) -> dict[str, str]:
    pairs = (re.match(r"([A-Za-z0-9_.-]+)(?:\[.*\])?(.*)", line).groups() for line in lines)
    return {name.lower().replace("_", "-"): bounds.strip() for name, bounds in pairs}


def test_conda_environment_has_the_dependencies_of_the_project():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(item["pip"] for item in environment if isinstance(item, dict))
    lines = [item for item in environment if isinstance(item, str) and not item.startswith(("python=", "pip"))]
    dependencies = names_and_bounds(lines + [item for item in pip if not item.startswith("--")])
    assert dependencies == names_and_bounds(PROJECT["dependencies"])
    assert "python=3.12" in environment
    assert "--editable ." in pip


def test_lock_has_every_dependency_within_its_bounds():
    from packaging.specifiers import SpecifierSet

    locked = dict(re.findall(r"^([a-z0-9.-]+)==([^ \\;]+)", LOCK, flags=re.M))
    required = names_and_bounds(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"])
    for name, bounds in required.items():
        assert name in locked, f"{name} is not in requirements.lock: run `make lock`"
        assert locked[name] in SpecifierSet(bounds), f"{name}=={locked[name]} is not {bounds}: run `make lock`"


def test_lock_has_hashes_no_heavy_package_and_no_index():
    packages = re.findall(r"^[a-z0-9.-]+==.*?(?=^[a-z0-9.-]+==|\Z)", LOCK, flags=re.M | re.S)
    assert len(packages) > 50
    assert all("--hash=sha256:" in package for package in packages)
    assert not re.search(r"^(torch|sentence-transformers|transformers|nvidia-.*)==", LOCK, flags=re.M)
    assert "://" not in LOCK
    assert "--index" not in LOCK


def test_no_file_contains_a_registry_host_or_a_local_path():
    hosts = re.compile(
        "py" + r"pi\.org|python" + r"hosted|registry\.np" + r"mjs|deb\.deb" + r"ian\.org|conda\.anaconda"
    )
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        if not file.is_file() or (parts[0].startswith(".") and parts[0] != ".ci") or parts[0] in ("runs",):
            continue
        if (
            file.suffix in {".py", ".md", ".toml", ".yml", ".lock", ".txt", ".ipynb", ".json", ""}
            and "__pycache__" not in parts
        ):
            text = file.read_text(encoding="utf-8", errors="replace")
            assert not hosts.search(text), file
            assert not re.search(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot)/", text), file


@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda file: file.stem)
def test_notebooks_are_stored_without_output(notebook):
    book = nbformat.read(notebook, as_version=4)
    nbformat.validate(book)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
