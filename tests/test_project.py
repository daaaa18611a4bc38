"""Consistency of the project files: dependencies, lock file, documentation, notebooks."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
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


def test_every_dependency_has_a_row_in_the_record_of_dependencies():
    rows = (ROOT / "docs" / "decisions" / "03-dependencies.md").read_text(encoding="utf-8").split("**Rejected.**")[0]
    first_cells = " ".join(line.split("|")[1] for line in rows.splitlines() if line.startswith("| "))
    words = set(re.findall(r"[\w-]+", first_cells.lower()))
    extras = [PROJECT["optional-dependencies"][extra] for extra in ("html", "hub", "scale", "dev")]
    required = names_and_bounds([*PROJECT["dependencies"], *(line for extra in extras for line in extra)])
    assert required.keys() - words == set()


def test_citation_names_the_project_and_its_license():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["title"].startswith(PROJECT["name"])
    assert citation["license"] == PROJECT["license"]
    assert citation["authors"] == PROJECT["authors"]
    assert all(reference["title"] and reference["authors"] for reference in citation["references"])


DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("file", sorted(DOCUMENTS), ids=lambda file: str(file.relative_to(ROOT)))
def test_links_of_documents_lead_to_files(file):
    links = re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (file.parent / link.partition("#")[0]).exists()]
    assert missing == []


def test_code_names_documents_that_exist():
    files = [file for folder in ("topiclib", "benchmarks", "figures") for file in (ROOT / folder).rglob("*.py")]
    named = {
        (file.name, name)
        for file in [*files, ROOT / "pyproject.toml", *ROOT.glob("*.md")]
        for name in re.findall(r"docs/[\w/-]+\.md", file.read_text(encoding="utf-8"))
    }
    assert named
    assert {(file, name) for file, name in named if not (ROOT / name).exists()} == set()


def test_documents_name_benchmarks_and_tests_that_exist():
    named = {
        (file.name, name)
        for file in DOCUMENTS
        for name in re.findall(r"\b(?:benchmarks|tests|tests_hub)/[\w/]+\.\w+", file.read_text(encoding="utf-8"))
    }
    assert named
    assert {(file, name) for file, name in named if not (ROOT / name).exists()} == set()


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


def test_built_files_are_complete(tmp_path):
    def files(folder: str) -> set[str]:
        found = (ROOT / folder).rglob("*")
        return {str(file.relative_to(ROOT)) for file in found if file.is_file() and "__pycache__" not in file.parts}

    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", tmp_path], cwd=ROOT, check=True, timeout=120)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == files("topiclib")
    assert "topiclib/py.typed" in names
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for folder in ("topiclib", "tests", "benchmarks", "docs", "figures", "notebooks"):
        assert files(folder) <= names
    assert names >= {
        "requirements.lock",
        "environment.yml",
        "CITATION.cff",
        "CONTRIBUTING.md",
        "Makefile",
        "pyproject.toml",
    }
    assert not any(name.startswith((".venv", ".git/", "runs/")) for name in names)


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
