"""Topic models of bilingual Persian-Arabic news: topics that span both languages, themes, and comparisons of shares.

Public names are imported lazily, on first use: `import topiclib` alone loads nothing heavy.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Public functions and classes, and the modules that define them.
_FUNCTIONS = {
    "Alignment": "embedding.alignment", "Recipe": "topics.recipe", "Run": "runs.pipeline",
    "align": "embedding.alignment", "assign_topics": "runs.pipeline", "embed": "embedding.embed",
    "encoder": "embedding.registry", "explore": "explore", "fit": "topics.fit",
    "fit_alignment": "embedding.alignment", "inspect": "corpus.inspection",
    "load_sample": "corpus.sample", "make_passages": "corpus.passages",
    "open_run": "runs.pipeline", "quality": "evaluate.quality", "read_documents": "corpus.documents",
    "read_themes": "themes", "run": "runs.pipeline", "search_topics": "evaluate.topic_search",
    "show": "report.notebook_table", "stability": "evaluate.stability", "tabulate": "runs.tables",
}  # fmt: skip
_MODULES = {name: name for name in ("compare", "draw", "evaluate", "schema", "text")} | {"style": "draw.style"}

__all__ = [
    "Alignment", "Recipe", "Run", "align", "assign_topics", "compare", "draw", "embed", "encoder", "evaluate",
    "explore", "fit", "fit_alignment", "inspect", "load_sample", "make_passages", "open_run", "quality",
    "read_documents", "read_themes", "run", "schema", "search_topics", "show", "stability", "style", "tabulate", "text",
]  # fmt: skip

if TYPE_CHECKING:
    from topiclib import compare, draw, evaluate, schema, text
    from topiclib.corpus.documents import read_documents
    from topiclib.corpus.inspection import inspect
    from topiclib.corpus.passages import make_passages
    from topiclib.corpus.sample import load_sample
    from topiclib.draw import style
    from topiclib.embedding.alignment import Alignment, align, fit_alignment
    from topiclib.embedding.embed import embed
    from topiclib.embedding.registry import encoder
    from topiclib.evaluate.quality import quality
    from topiclib.evaluate.stability import stability
    from topiclib.evaluate.topic_search import search_topics
    from topiclib.explore import explore
    from topiclib.report.notebook_table import show
    from topiclib.runs.pipeline import Run, assign_topics, open_run, run
    from topiclib.runs.tables import tabulate
    from topiclib.themes import read_themes
    from topiclib.topics.fit import fit
    from topiclib.topics.recipe import Recipe


class _Package(ModuleType):
    """Keep `tl.explore` the function: importing the subpackage `topiclib.explore` would replace it by the module."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _FUNCTIONS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        value = getattr(importlib.import_module(f"topiclib.{_FUNCTIONS[name]}"), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return importlib.import_module(f"topiclib.{_MODULES[name]}")
    raise AttributeError(f"module 'topiclib' has no attribute {name!r}: expected one of {', '.join(__all__)}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
