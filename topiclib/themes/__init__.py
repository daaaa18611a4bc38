"""Themes: what the researcher asks of the corpus, found in both languages by one rule and scored by one measure."""

from __future__ import annotations

from topiclib.themes.file import SHIPPED, Theme, names, read_themes
from topiclib.themes.matching import match
from topiclib.themes.scoring import score

__all__ = ["SHIPPED", "Theme", "match", "names", "read_themes", "score"]
