"""Read and validate theme files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from topiclib import schema
from topiclib.text import fold, normalize
from topiclib.themes.patterns import GAP, term_pattern
from topiclib.toml_file import read_toml

THEME_FILE = "themes.toml"  # in a run folder and in a bundle
DEFAULT_THEME_FILE = Path(__file__).with_name(THEME_FILE)
TERM_ROLES = ("core", "supporting", "ambiguous", "context", "except", "against")
AGAINST = "against"  # section of the contexts against that all themes share
EVIDENCE_ROLES = ("core", "ambiguous", "supporting")
LABEL_LANGUAGES = ("en", *schema.LANGUAGES)
MAX_TERM_LENGTH = 80

ThemeFiles: TypeAlias = str | Path | Sequence[str | Path]

# Refused, since terms are matched literally: a pattern would never match, or not mean what its author expects.
_REGEX_CHARACTERS = re.compile(r"[\\*?|^$(){}\[\]]")


@dataclass(frozen=True)
class Theme:
    """A theme: its labels and descriptions by language, and its terms by language and role.

    `against` has the contexts against that the themes of a file share, by name and language.
    """

    key: str
    label: dict[str, str]
    description: dict[str, str]
    terms: dict[str, dict[str, tuple[str, ...]]]
    notes: str = ""
    against: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def terms_against(self, lang: str) -> tuple[str, ...]:
        """Return the theme's own contexts against, and the shared ones of which it uses no word itself."""
        used = {fold(term) for role in (*EVIDENCE_ROLES, "context") for term in self.terms[lang][role]}
        shared = [terms[lang] for terms in self.against.values() if used.isdisjoint(map(fold, terms[lang]))]
        return tuple(dict.fromkeys([*self.terms[lang]["against"], *(term for terms in shared for term in terms)]))


def themes_for_manifest(themes: Mapping[str, Theme]) -> dict[str, Any]:
    """Return what a run records of its themes: labels and descriptions by key and language, and the theme file."""
    return {
        "themes": {key: theme.label for key, theme in themes.items()},
        "descriptions": {key: theme.description for key, theme in themes.items()},
        THEME_FILE: format_themes(themes),
    }


def read_themes(files: ThemeFiles | None = None) -> dict[str, Theme]:
    """Read theme files (TOML), by default the shipped one; return the themes by key, in file order.

    Parameters
    ----------
    files
        A file or several. A file with the line ``extends = "shipped"`` at its top adds its themes to the nine that ship
        with topiclib, after these; one with the key of a shipped theme replaces that theme.

    Raises
    ------
    ValueError
        If a file is not valid TOML or has no theme, two files have the same key or two themes the same term, or a theme
        has an unknown key, no English label, no core or ambiguous term, ambiguous terms without context, or a term that
        is empty, a pattern, too long, repeated or never found.
    """
    paths = _list_files(files)
    loaded = [_load_file(path) for path in paths]
    out: dict[str, Theme] = {}
    against: dict[str, dict[str, tuple[str, ...]]] = {}
    if any(extends for _, extends in loaded):
        shipped = _load_file(DEFAULT_THEME_FILE)[0]
        against = _parse_against(shipped.pop(AGAINST, {}), DEFAULT_THEME_FILE)
        out = _parse_themes(shipped, DEFAULT_THEME_FILE)
    origin: dict[str, Path] = {}
    for path, (raw, _) in zip(paths, loaded, strict=True):
        against |= _parse_against(raw.pop(AGAINST, {}), path)
        for key, theme in _parse_themes(raw, path).items():
            if other := origin.get(key):
                raise ValueError(f"{other} and {path} both have the theme {key}: rename it or remove it in one of them")
            origin[key], out[key] = path, theme
    _check_unique(out, origin)
    return {key: replace(theme, against=against) for key, theme in out.items()}


def list_theme_files(files: ThemeFiles | None) -> list[Path]:
    """Return the files that `read_themes` reads: also the shipped one, if a file extends it."""
    paths = _list_files(files)
    return [DEFAULT_THEME_FILE, *paths] if any(_load_file(path)[1] for path in paths) else paths


def _list_files(files: ThemeFiles | None) -> list[Path]:
    if files is None:
        return [DEFAULT_THEME_FILE]
    paths = [Path(file) for file in ([files] if isinstance(files, str | Path) else files)]
    if not paths:
        raise ValueError("no theme file was given: expected one or more, or None for the themes of topiclib")
    return paths


def _load_file(path: Path) -> tuple[dict[str, object], bool]:
    """Return the sections of a theme file, and whether it extends the shipped themes."""
    raw = read_toml(path, f"a theme file, such as a copy of {DEFAULT_THEME_FILE}")
    if not raw:
        raise ValueError(f"{path} has no theme: expected a section [my_theme] with label, description and terms")
    extends = raw.pop("extends", None)
    if extends not in (None, "shipped"):
        raise ValueError(f'{path}: extends is {extends!r}: expected extends = "shipped", the themes of topiclib')
    return raw, extends is not None


def _parse_against(raw: object, path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the contexts against that the themes of a file share, by name and language."""
    location = f"{path}, {AGAINST}"
    if not isinstance(raw, dict) or not all(isinstance(lists, dict) for lists in raw.values()):
        raise ValueError(f'{location} is {raw!r}: expected sections such as [against.sport] with fa = ["..."]')
    out: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, lists in raw.items():
        if unknown := sorted(set(lists) - set(schema.LANGUAGES)):
            raise ValueError(f"{location}.{name}{_unknown_key(unknown[0], ', '.join(schema.LANGUAGES))}")
        terms = {lang: {AGAINST: lists.get(lang, [])} for lang in schema.LANGUAGES}
        out[name] = {
            lang: _parse_terms(roles, lang, f"{location}.{name}, {lang}")[AGAINST] for lang, roles in terms.items()
        }
    return out


def _parse_themes(raw: Mapping[str, object], path: Path) -> dict[str, Theme]:
    return {key: _parse_theme(key, value, path) for key, value in raw.items()}


def _parse_theme(key: str, raw: object, path: Path) -> Theme:
    location = f"{path}, theme {key}"
    if not isinstance(raw, dict):
        raise ValueError(f"{location} is {type(raw).__name__}: expected [{key}] with label, description and terms")
    known = {"label", "description", "notes", *schema.LANGUAGES}
    if unknown := sorted(set(raw) - known):
        raise ValueError(f"{location}{_unknown_key(unknown[0], ', '.join(sorted(known)))}")
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


def _unknown_key(key: str, expected: str) -> str:
    """Return the end of an error; a line below the heading of a theme belongs to the theme."""
    expected = "it at the top of the file, before the first theme" if key == "extends" else expected
    return f" has the unknown key {key!r}: expected {expected}"


def _parse_labels(raw: object, location: str) -> dict[str, str]:
    """Check labels or descriptions by language."""
    if isinstance(raw, dict) and all(isinstance(text, str) and lang in LABEL_LANGUAGES for lang, text in raw.items()):
        return raw
    raise ValueError(f'{location} is {raw!r}: expected {{ en = "...", fa = "...", ar = "..." }}')


def _parse_terms(raw: object, lang: str, location: str) -> dict[str, tuple[str, ...]]:
    roles = f"lists named {', '.join(TERM_ROLES)}"
    if not isinstance(raw, dict):
        raise ValueError(f'{location} is {raw!r}: expected {roles}, such as {lang}.core = ["..."]')
    if unknown := sorted(set(raw) - set(TERM_ROLES)):
        raise ValueError(f"{location}{_unknown_key(unknown[0], roles)}")
    out: dict[str, tuple[str, ...]] = {}
    seen: dict[str, str] = {}
    for role in TERM_ROLES:
        values = raw.get(role, [])
        if not isinstance(values, list) or not all(isinstance(term, str) and fold(term).strip() for term in values):
            raise ValueError(f"{location}, {role}: expected a list of terms, none of them empty")
        for term in values:
            _check_term(term, lang, f"{location}, {role}")
            if role not in ("context", AGAINST):
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
    words = term.split()
    if GAP in (words[0], words[-1]):
        raise ValueError(f"{location}: the term {term!r} begins or ends with {GAP}: expected a word on either side")
    text = fold(normalize(" ".join(word for word in words if word != GAP), lang))
    if not re.search(r"\w", text) or not any(term_pattern(term, lang).find_spans(text)):
        raise ValueError(f"{location}: the term {term!r} can never be found in normalized text: remove it")


def _check_unique(themes: Mapping[str, Theme], origin: Mapping[str, Path]) -> None:
    """Check that no two themes have a term in common; `origin` has the files of the themes that are not shipped."""
    seen: dict[tuple[str, str], str] = {}
    for key, theme in themes.items():
        for lang, roles in theme.terms.items():
            for term in (term for role in EVIDENCE_ROLES for term in roles[role]):
                other = seen.setdefault((lang, fold(term)), key)
                if other != key:
                    where = " and ".join(dict.fromkeys(str(origin.get(name, "shipped")) for name in (other, key)))
                    change = "remove one" if other in origin else f"remove it, or add a theme {other} without it"
                    raise ValueError(f"{where}: the term {term!r} is in the themes {other} and {key}: {change}")


def format_themes(themes: Mapping[str, Theme]) -> str:
    """Return themes as the text of a theme file, which `read_themes` reads back as they are."""
    import tomli_w

    names = ("label", "description", "notes")
    against = {name: lists for theme in themes.values() for name, lists in theme.against.items()}
    sections = {key: {**{name: getattr(theme, name) for name in names}, **theme.terms} for key, theme in themes.items()}
    return tomli_w.dumps({**({AGAINST: against} if against else {}), **sections})
