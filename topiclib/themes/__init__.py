"""Themes: researcher-defined subjects, found in both languages by lists of terms and scored per passage."""

from __future__ import annotations

from topiclib.themes.matching import match_themes
from topiclib.themes.scoring import score_themes
from topiclib.themes.theme_file import DEFAULT_THEME_FILE, Theme, read_themes, themes_for_manifest

__all__ = ["DEFAULT_THEME_FILE", "Theme", "match_themes", "read_themes", "score_themes", "themes_for_manifest"]
