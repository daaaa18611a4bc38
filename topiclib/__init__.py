"""topiclib: what Persian and Arabic news talk about, together and apart.

The public names load their rooms when they are first used: `import topiclib` itself loads no heavy module.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_ROOMS = {
    "Alignment": "align",
    "Recipe": "fit",
    "Run": "pipeline",
    "align": "align",
    "embed": "embed",
    "encoder": "encoders",
    "explore": "explore",
    "fit": "fit",
    "fit_alignment": "align",
    "load_sample": "corpus",
    "make_passages": "passages",
    "open_run": "pipeline",
    "place": "pipeline",
    "quality": "quality",
    "read_documents": "corpus",
    "read_themes": "themes",
    "run": "pipeline",
    "search_topics": "search",
    "show": "show",
    "stability": "stability",
    "tabulate": "tables",
}
_MODULES = ("compare", "draw", "measure", "schema", "style", "text")

__all__ = [
    "Alignment",
    "Recipe",
    "Run",
    "align",
    "compare",
    "draw",
    "embed",
    "encoder",
    "explore",
    "fit",
    "fit_alignment",
    "load_sample",
    "make_passages",
    "measure",
    "open_run",
    "place",
    "quality",
    "read_documents",
    "read_themes",
    "run",
    "schema",
    "search_topics",
    "show",
    "stability",
    "style",
    "tabulate",
    "text",
]

if TYPE_CHECKING:
    from topiclib import compare, draw, measure, schema, style, text
    from topiclib.align import Alignment, align, fit_alignment
    from topiclib.corpus import load_sample, read_documents
    from topiclib.embed import embed
    from topiclib.encoders import encoder
    from topiclib.explore import explore
    from topiclib.fit import Recipe, fit
    from topiclib.passages import make_passages
    from topiclib.pipeline import Run, open_run, place, run
    from topiclib.quality import quality
    from topiclib.search import search_topics
    from topiclib.show import show
    from topiclib.stability import stability
    from topiclib.tables import tabulate
    from topiclib.themes import read_themes


class _Package(ModuleType):
    """Three functions are named as the rooms that they live in (align, embed, fit): importing the room must not hide
    the function.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _ROOMS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        value = getattr(importlib.import_module(f"topiclib.{_ROOMS[name]}"), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return importlib.import_module(f"topiclib.{name}")
    raise AttributeError(f"topiclib has no {name!r}: it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
