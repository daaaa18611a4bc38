"""Themes: what the researcher asks of the corpus, found in both languages by one rule and scored by one measure."""

from __future__ import annotations

from topiclib.themes.matching import match
from topiclib.themes.scoring import score
from topiclib.themes.theme_file import SHIPPED, Theme, read_themes, told

__all__ = ["SHIPPED", "Theme", "match", "read_themes", "score", "told"]
