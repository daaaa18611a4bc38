"""The theme file: read, and checked so that a mistake in it is named before any work is done."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from topiclib import schema
from topiclib.text import fold, normalize

DEFAULT_THEME_FILE = Path(__file__).with_name("themes.toml")

TERM_ROLES = ("core", "supporting", "ambiguous", "context", "except")

EVIDENCE_ROLES = (
    "core",
    "ambiguous",
    "supporting",
)  # the roles whose terms are evidence; the first of equals is reported

LABEL_LANGUAGES = ("en", *schema.LANGUAGES)

MAX_TERM_LENGTH = 80  # letters of a term

# A term is words, not a pattern: one with these could match without end, or not mean what its writer thinks.
_REGEX_CHARACTERS = re.compile(r"[\\*?|^$(){}\[\]]")


@dataclass(frozen=True)
class Theme:
    """A theme as its file gives it: labels and descriptions by language, and per language the terms of each role."""

    key: str
    label: dict[str, str]
    description: dict[str, str]
    terms: dict[str, dict[str, tuple[str, ...]]]
    notes: str = ""


def themes_for_manifest(themes: Mapping[str, Theme]) -> dict[str, dict[str, dict[str, str]]]:
    """Return what a manifest keeps of themes: their labels and descriptions, by key and language."""
    every = themes.items()
    return {"themes": {key: t.label for key, t in every}, "descriptions": {key: t.description for key, t in every}}


def read_themes(path: str | Path | None = None) -> dict[str, Theme]:
    """Read a theme file (TOML), or the shipped one.

    Returns
    -------
    dict
        Themes by key, in the file's order.

    Raises
    ------
    FileNotFoundError, ValueError
        If it is not there, no TOML, or a theme has an unknown key, no label, no core term, an ambiguous term without
        any context, or a term that is empty, a pattern, written twice, in another theme, or never to be found.
    """
    path = DEFAULT_THEME_FILE if path is None else Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} does not exist: --themes needs a theme file; copy the shipped one ({DEFAULT_THEME_FILE.name}) to begin"
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is no theme file: {error}") from error
    if not raw:
        raise ValueError(f"{path} has no theme: expected [a_theme] with label, description and terms")
    themes = {key: _parse_theme(key, value, path) for key, value in raw.items()}
    _check_unique(themes, path)
    return themes


def _parse_theme(key: str, raw: object, path: Path) -> Theme:
    place = f"{path}, theme {key}"
    if not isinstance(raw, dict):
        raise ValueError(f"{place} is {type(raw).__name__}: expected [{key}] with label, description and terms")
    known = {"label", "description", "notes", *schema.LANGUAGES}
    if unknown := sorted(set(raw) - known):
        raise ValueError(f"{place} has the unknown key {unknown[0]!r}: expected {', '.join(sorted(known))}")
    terms = {lang: _parse_terms(raw.get(lang, {}), lang, f"{place}, {lang}") for lang in schema.LANGUAGES}
    if not any(terms[lang][role] for lang in schema.LANGUAGES for role in ("core", "ambiguous")):
        raise ValueError(f"{place} has no core term in any language: nothing could be found")
    label = _parse_labels(raw.get("label", {}), f"{place}, label")
    if not label.get("en"):
        raise ValueError(f'{place} has no label: expected label = {{ en = "...", fa = "...", ar = "..." }}')
    notes = raw.get("notes", "")
    if not isinstance(notes, str):
        raise ValueError(f"{place}, notes is {type(notes).__name__}: expected text")
    return Theme(key, label, _parse_labels(raw.get("description", {}), f"{place}, description"), terms, notes)


def _parse_labels(raw: object, place: str) -> dict[str, str]:
    """Return labels or descriptions by language."""
    if isinstance(raw, dict) and all(isinstance(text, str) and lang in LABEL_LANGUAGES for lang, text in raw.items()):
        return raw
    raise ValueError(f'{place} is {raw!r}: expected {{ en = "...", fa = "...", ar = "..." }}')


def _parse_terms(raw: object, lang: str, place: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(raw, dict) or set(raw) - set(TERM_ROLES):
        unknown = f" has the unknown key {sorted(set(raw) - set(TERM_ROLES))[0]!r}" if isinstance(raw, dict) else ""
        raise ValueError(f"{place}{unknown}: expected lists named {', '.join(TERM_ROLES)}")
    out: dict[str, tuple[str, ...]] = {}
    seen: dict[str, str] = {}
    for role in TERM_ROLES:
        values = raw.get(role, [])
        if not isinstance(values, list) or not all(isinstance(term, str) and fold(term).strip() for term in values):
            raise ValueError(f"{place}, {role}: expected a list of terms, none of them empty")
        for term in values:
            _check_term(term, lang, f"{place}, {role}")
            if role != "context":
                if other := seen.get(fold(term)):
                    raise ValueError(f"{place}: the term {term!r} is there twice ({other} and {role}): keep one")
                seen[fold(term)] = role
        out[role] = tuple(values)
    if out["ambiguous"] and not out["context"]:
        raise ValueError(f"{place}: ambiguous terms need a list named context, of words one of which must stand near")
    return out


def _check_term(term: str, lang: str, place: str) -> None:
    """Check that a term is plain words that the matcher can find in a prepared text."""
    from topiclib.themes.patterns import term_pattern

    if found := _REGEX_CHARACTERS.search(term):
        raise ValueError(f"{place}: the term {term!r} has {found[0]!r}: a term is plain words, not a pattern")
    if len(term) > MAX_TERM_LENGTH:
        raise ValueError(
            f"{place}: the term {term[:40]!r}... has {len(term)} letters: expected at most {MAX_TERM_LENGTH}"
        )
    if not re.search(r"\w", fold(term)) or not any(term_pattern(term, lang).spans(fold(normalize(term, lang)))):
        raise ValueError(f"{place}: the term {term!r} can never be found in a text as topiclib prepares it")


def _check_unique(themes: Mapping[str, Theme], path: Path) -> None:
    seen: dict[tuple[str, str], str] = {}
    for key, theme in themes.items():
        for lang, roles in theme.terms.items():
            for term in (term for role in EVIDENCE_ROLES for term in roles[role]):
                other = seen.setdefault((lang, fold(term)), key)
                if other != key:
                    raise ValueError(
                        f"{path}: the term {term!r} is in the themes {other} and {key}: a term belongs to one theme"
                    )
