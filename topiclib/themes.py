"""A theme file to matches and scores: what the researcher asks of the corpus, found in both languages by the same rule.

The plain version: lexicon evidence alone. A score is no probability and is not calibrated.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from topiclib import schema
from topiclib.text import fold, fold_with_offsets

SHIPPED = Path(__file__).with_name("themes.toml")
SUPPORTING_WEIGHT = 0.5

# Before a word: Arabic conjunctions, prepositions and the article. After it: Persian plurals, Arabic possessives.
_BEFORE = {"fa": "", "ar": "(?:[وف]?(?:[بكل]?(?:ال)?|لل))"}
_BEFORE_ARTICLE = "(?:[وف]?(?:[بك]?ال|لل))"
_AFTER = {"fa": r"(?:\s?ها(?:ی|یی|یش|یشان|یمان)?)?", "ar": "(?:ها|هم|هما|ه|نا)?"}


@dataclass(frozen=True)
class Theme:
    """A theme as its file gives it: labels and descriptions by language, and per language the terms of each role."""

    key: str
    label: dict[str, str]
    description: dict[str, str]
    terms: dict[str, dict[str, tuple[str, ...]]]
    notes: str = ""


def read_themes(path: str | Path | None = None) -> dict[str, Theme]:
    """Read a theme file (TOML), or the shipped one.

    Returns
    -------
    dict
        Themes by key, in the file's order.

    Raises
    ------
    FileNotFoundError, ValueError
        If it is not there, no TOML, or a theme has an unknown key, no label, an empty term, or a term that another
        theme has.
    """
    path = SHIPPED if path is None else Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} does not exist: --themes needs a theme file; copy the shipped one ({SHIPPED.name}) to begin"
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no theme file: {error}") from error
    if not raw:
        raise ValueError(f"{path} has no theme: expected [a_theme] with label, description and terms")
    themes = {key: _theme(key, value, path) for key, value in raw.items()}
    _check_unique(themes, path)
    return themes


def match(passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Find the themes' terms in the passages, each passage in its own language.

    Returns
    -------
    DataFrame
        Table `matches`, in the order of the passages; start and end point into the passage's text.
    """
    schema.require(passages, ["passage_id", "lang", "text"], door="match")
    rows = []
    finders = {(key, lang): _finder(theme, lang) for key, theme in themes.items() for lang in schema.LANGUAGES}
    for passage_id, lang, text in zip(passages["passage_id"], passages["lang"], passages["text"], strict=True):
        if lang not in schema.LANGUAGES:
            continue
        folded, offsets = fold_with_offsets(text)
        for key in themes:
            for term, start, end in finders[key, lang](folded):
                rows.append((passage_id, key, term, offsets[start], offsets[end - 1] + 1))
    columns = list(schema.table("matches").columns)
    return schema.conform(pd.DataFrame(rows, columns=columns), "matches") if rows else schema.empty("matches")


def score(matches: pd.DataFrame, passages: pd.DataFrame, themes: Mapping[str, Theme]) -> pd.DataFrame:
    """Score each passage for each theme that has a term in it.

    With w = (core terms) + (supporting terms) / 2, each distinct term counted once, the score is 1 - 2^-w. A passage
    is *about* the theme from .5 on: one core term, or two supporting ones. It is evidence counted, not a probability.

    Returns
    -------
    DataFrame
        Table `themes`: a row for each passage and theme with at least one match.
    """
    if matches.empty:
        return schema.empty("themes")
    langs = passages.set_index("passage_id")["lang"]
    distinct = matches[["passage_id", "theme", "term"]].drop_duplicates()
    weights = [
        1.0 if term in themes[theme].terms[langs[passage]]["core"] else SUPPORTING_WEIGHT
        for passage, theme, term in distinct.itertuples(index=False)
    ]
    total = distinct.assign(weight=weights).groupby(["passage_id", "theme"], sort=False)["weight"].sum().reset_index()
    total["score"] = 1 - 0.5 ** total["weight"]
    return schema.conform(total.assign(about=total["score"] >= 0.5), "themes")


def _theme(key: str, raw: object, path: Path) -> Theme:
    place = f"{path}, theme {key}"
    if not isinstance(raw, dict):
        raise ValueError(f"{place} is {type(raw).__name__}: expected [{key}] with label, description and terms")
    known = {"label", "description", "notes", *schema.LANGUAGES}
    if unknown := sorted(set(raw) - known):
        raise ValueError(f"{place} has the unknown key {unknown[0]!r}: expected {', '.join(sorted(known))}")
    terms = {lang: _terms(raw.get(lang, {}), f"{place}, {lang}") for lang in schema.LANGUAGES}
    if not any(terms[lang]["core"] for lang in schema.LANGUAGES):
        raise ValueError(f"{place} has no core term in any language: nothing could be found")
    label = raw.get("label", {})
    if not isinstance(label, dict) or not label.get("en"):
        raise ValueError(f'{place} has no label: expected label = {{ en = "...", fa = "...", ar = "..." }}')
    return Theme(key, label, raw.get("description", {}), terms, raw.get("notes", ""))


def _terms(raw: object, place: str) -> dict[str, tuple[str, ...]]:
    roles = ("core", "supporting", "except")
    if not isinstance(raw, dict) or set(raw) - set(roles):
        raise ValueError(f"{place}: expected lists named {', '.join(roles)}")
    out = {}
    for role in roles:
        values = raw.get(role, [])
        if not isinstance(values, list) or not all(isinstance(term, str) and fold(term).strip() for term in values):
            raise ValueError(f"{place}, {role}: expected a list of terms, none of them empty")
        out[role] = tuple(values)
    return out


def _check_unique(themes: Mapping[str, Theme], path: Path) -> None:
    seen: dict[tuple[str, str], str] = {}
    for key, theme in themes.items():
        for lang, roles in theme.terms.items():
            for term in (*roles["core"], *roles["supporting"]):
                other = seen.setdefault((lang, fold(term)), key)
                if other != key:
                    raise ValueError(
                        f"{path}: the term {term!r} is in the themes {other} and {key}: a term belongs to one theme"
                    )


@cache
def _pattern(term: str, lang: str) -> str:
    """Return the regular expression of a term in folded text: no nested repeats, so it cannot backtrack for long."""
    words = [r"\s?".join(map(re.escape, filter(None, map(fold, word.split("\u200c"))))) for word in term.split()]
    body = r"\s+".join(words)
    before = _BEFORE[lang]
    if lang == "ar" and body.startswith("ال"):
        before, body = _BEFORE_ARTICLE, body[2:]
    return rf"(?<!\w){before}{body}{_AFTER[lang]}(?!\w)"


def _alternation(terms: Sequence[str], lang: str) -> re.Pattern[str] | None:
    if not terms:
        return None
    # The longest first, so that a term inside a longer one does not take its place.
    ordered = sorted(range(len(terms)), key=lambda i: -len(terms[i]))
    return re.compile("|".join(f"(?P<t{i}>{_pattern(terms[i], lang)})" for i in ordered))


def _finder(theme: Theme, lang: str):
    """Return a function from folded text to (term, start, end) of each match outside the excepted phrases."""
    roles = theme.terms[lang]
    terms = (*roles["core"], *roles["supporting"])
    find, skip = _alternation(terms, lang), _alternation(roles["except"], lang)

    def finder(folded: str) -> list[tuple[str, int, int]]:
        if find is None:
            return []
        hidden = [found.span() for found in skip.finditer(folded)] if skip else []
        return [
            (terms[int(found.lastgroup[1:])], *found.span())
            for found in find.finditer(folded)
            if found.lastgroup and not any(start < found.end() and found.start() < end for start, end in hidden)
        ]

    return finder
