"""Read and validate theme files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from topiclib import schema
from topiclib.text import fold, normalize
from topiclib.themes.patterns import term_pattern

DEFAULT_THEME_FILE = Path(__file__).with_name("themes.toml")
TERM_ROLES = ("core", "supporting", "ambiguous", "context", "except")
EVIDENCE_ROLES = ("core", "ambiguous", "supporting")
LABEL_LANGUAGES = ("en", *schema.LANGUAGES)
MAX_TERM_LENGTH = 80

# Refused, since terms are matched literally: a pattern would never match, or not mean what its author expects.
_REGEX_CHARACTERS = re.compile(r"[\\*?|^$(){}\[\]]")


@dataclass(frozen=True)
class Theme:
    """A theme: its labels and descriptions by language, and its terms by language and role."""

    key: str
    label: dict[str, str]
    description: dict[str, str]
    terms: dict[str, dict[str, tuple[str, ...]]]
    notes: str = ""


def themes_for_manifest(themes: Mapping[str, Theme]) -> dict[str, dict[str, dict[str, str]]]:
    """Return the manifest entries of themes: their labels and descriptions, by key and language."""
    return {
        "themes": {key: theme.label for key, theme in themes.items()},
        "descriptions": {key: theme.description for key, theme in themes.items()},
    }


def read_themes(path: str | Path | None = None) -> dict[str, Theme]:
    """Read a theme file (TOML), by default the bundled one.

    Returns
    -------
    dict
        Themes by key, in file order.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If it is not valid TOML or has no theme, or a theme has an unknown key, no English label, no core or ambiguous
        term, ambiguous terms without context, or a term that is empty, a pattern, too long, repeated or never found.
    """
    path = DEFAULT_THEME_FILE if path is None else Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: expected a theme file, such as a copy of {DEFAULT_THEME_FILE}")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not a valid theme file: {error}") from error
    if not raw:
        raise ValueError(f"{path} has no theme: expected a section [my_theme] with label, description and terms")
    themes = {key: _parse_theme(key, value, path) for key, value in raw.items()}
    _check_unique(themes, path)
    return themes


def _parse_theme(key: str, raw: object, path: Path) -> Theme:
    location = f"{path}, theme {key}"
    if not isinstance(raw, dict):
        raise ValueError(f"{location} is {type(raw).__name__}: expected [{key}] with label, description and terms")
    known = {"label", "description", "notes", *schema.LANGUAGES}
    if unknown := sorted(set(raw) - known):
        raise ValueError(f"{location} has the unknown key {unknown[0]!r}: expected {', '.join(sorted(known))}")
    terms = {lang: _parse_terms(raw.get(lang, {}), lang, f"{location}, {lang}") for lang in schema.LANGUAGES}
    if not any(terms[lang][role] for lang in schema.LANGUAGES for role in ("core", "ambiguous")):
        raise ValueError(f"{location} has no core or ambiguous term in any language: add at least one")
    label = _parse_labels(raw.get("label", {}), f"{location}, label")
    if not label.get("en"):
        raise ValueError(f'{location} has no English label: expected label = {{ en = "...", fa = "...", ar = "..." }}')
    notes = raw.get("notes", "")
    if not isinstance(notes, str):
        raise ValueError(f"{location}, notes is {type(notes).__name__}: expected text")
    return Theme(key, label, _parse_labels(raw.get("description", {}), f"{location}, description"), terms, notes)


def _parse_labels(raw: object, location: str) -> dict[str, str]:
    """Check labels or descriptions by language."""
    if isinstance(raw, dict) and all(isinstance(text, str) and lang in LABEL_LANGUAGES for lang, text in raw.items()):
        return raw
    raise ValueError(f'{location} is {raw!r}: expected {{ en = "...", fa = "...", ar = "..." }}')


def _parse_terms(raw: object, lang: str, location: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(raw, dict) or set(raw) - set(TERM_ROLES):
        unknown = f" has the unknown key {sorted(set(raw) - set(TERM_ROLES))[0]!r}" if isinstance(raw, dict) else ""
        raise ValueError(f"{location}{unknown}: expected lists named {', '.join(TERM_ROLES)}")
    out: dict[str, tuple[str, ...]] = {}
    seen: dict[str, str] = {}
    for role in TERM_ROLES:
        values = raw.get(role, [])
        if not isinstance(values, list) or not all(isinstance(term, str) and fold(term).strip() for term in values):
            raise ValueError(f"{location}, {role}: expected a list of terms, none of them empty")
        for term in values:
            _check_term(term, lang, f"{location}, {role}")
            if role != "context":
                if other := seen.get(fold(term)):
                    raise ValueError(f"{location}: the term {term!r} appears twice ({other} and {role}): remove one")
                seen[fold(term)] = role
        out[role] = tuple(values)
    if out["ambiguous"] and not out["context"]:
        raise ValueError(f"{location}: ambiguous terms count only next to a context word: add a list named context")
    return out


def _check_term(term: str, lang: str, location: str) -> None:
    """Check that a term is plain words and can be found in normalized text."""
    if match := _REGEX_CHARACTERS.search(term):
        raise ValueError(f"{location}: the term {term!r} has {match[0]!r}: expected plain words, not a pattern")
    if len(term) > MAX_TERM_LENGTH:
        raise ValueError(f"{location}: the term {term[:40]!r}... has {len(term)} characters, over {MAX_TERM_LENGTH}")
    if not re.search(r"\w", fold(term)) or not any(term_pattern(term, lang).find_spans(fold(normalize(term, lang)))):
        raise ValueError(f"{location}: the term {term!r} can never be found in normalized text: remove it")


def _check_unique(themes: Mapping[str, Theme], path: Path) -> None:
    seen: dict[tuple[str, str], str] = {}
    for key, theme in themes.items():
        for lang, roles in theme.terms.items():
            for term in (term for role in EVIDENCE_ROLES for term in roles[role]):
                other = seen.setdefault((lang, fold(term)), key)
                if other != key:
                    raise ValueError(f"{path}: the term {term!r} is in the themes {other} and {key}: remove one")
