"""Two outlets on one theme, on one page: coverage, shares, trend, words and quotes."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from topiclib import compare, schema
from topiclib.corpus.time_window import TimeWindowSpec, month_of
from topiclib.evaluate.theme_coding import coding_folder, rejected_passages
from topiclib.report.article_shares import wide_article_shares
from topiclib.report.notebook_table import show
from topiclib.runs.apply_curation import words_of
from topiclib.text import fold
from topiclib.themes.quotes import find_theme_quotes, to_text

N_WORDS = 15  # listed for each outlet and language
MIN_ABS_Z = 1.96
MAX_MONTHS = 24  # a longer trend is given by year, to fit on the page
GENERIC_NAME_WORDS = {"news", "agency", "press", "daily", "online", "خبرگزاری", "روزنامه", "وكالة", "صحيفة", "جريدة"}
_LATIN = str.maketrans(dict(zip("بپتثجچحخدذرزژسشصضطظغفقکكگلمنو", "bptθjčhxdδrzžsšsdtzγfqkkglmnw", strict=True)))
_DIGRAPHS = {"sh": "š", "kh": "x", "ch": "č", "zh": "ž", "gh": "γ", "th": "θ", "dh": "d", "ou": "w"}


@dataclass(frozen=True)
class OutletComparison:
    """Two outlets on one theme: tables `coverage`, `shares`, `difference`, `trend`, `words`, `quotes`, and `notes`."""

    title: str
    coverage: pd.DataFrame
    shares: pd.DataFrame
    difference: pd.DataFrame
    trend: pd.DataFrame
    words: pd.DataFrame
    quotes: pd.DataFrame
    notes: list[str]

    def _sections(self) -> dict[str, pd.DataFrame]:
        names = ("coverage", "shares", "difference", "trend", "words")
        return {name: table for name in names if len(table := getattr(self, name))}

    def __str__(self) -> str:
        parts = [self.title]
        for name, table in self._sections().items():
            parts.append(f"{name.capitalize()}\n{table.round(3).to_string(index=False, na_rep='-')}")
        if len(self.quotes):
            parts.append("Quotes\n" + to_text(self.quotes))
        return "\n\n".join([*parts, *self.notes])

    def _repr_html_(self) -> str:
        columns = ["source", "date", "title", "text"]
        tables = {**self._sections(), "quotes": self.quotes[columns]}
        percent = ["share", "low", "high", "difference", *self.trend.columns[1:]]
        sections = [
            f"<h4>{name.capitalize()}</h4>{show(table, percent=[c for c in table if c in percent]).to_html()}"
            for name, table in tables.items()
        ]
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return f"<h3>{html.escape(self.title)}</h3>{''.join(sections)}{notes}"


def compare_outlets(
    run: Any, theme: str, first: str, second: str, *, period: TimeWindowSpec = "overlap", n_quotes: int = 3
) -> OutletComparison:
    """Compare what two outlets write about one theme.

    Parameters
    ----------
    run
        Result of `run` or `open_run`.
    theme
        Key of the theme.
    first, second
        Names of the outlets, as in column `source` of `documents`.
    period
        Period of the shares and their difference: "overlap" (the months in which both have articles), "all", or a
        first and last month. The trend has every month; coverage, words and quotes are from all articles.
    n_quotes
        Number of passages to quote for each outlet and language, those with the highest scores first.

    Returns
    -------
    OutletComparison
        Its tables are attributes; notebooks show them on one page, and `print` does so in a terminal.

        * coverage: for each outlet, the number of articles and passages, how many of each are about the theme, the
          number of reprinted articles, and the first and last month.
        * shares, difference: from `compare.shares` and `compare.differences`; the difference is first minus second.
        * trend: the share and the number of articles of each outlet by month, or by year if there are more than 24
          months.
        * words: the words that distinguish the outlets in passages about the theme, by language
          (`compare.word_contrasts`, |z| of at least 1.96). Words of the outlets' own names are left out; `notes` lists
          them.
        * quotes: from `themes.quotes.find_theme_quotes`.

    Raises
    ------
    ValueError
        If the run has no such outlet or theme, both outlets are the same, or one has no article that counts in shares.
    """
    tables, outlets = run.tables, [first, second]
    documents = tables["documents"]
    known = sorted(set(documents["source"]) - {""})
    if unknown := [name for name in outlets if name not in known]:
        raise ValueError(f"there is no outlet {unknown[0]!r}: expected two of {', '.join(known)}")
    if first == second:
        raise ValueError(f"both outlets are {first!r}: expected two different ones")
    wide = wide_article_shares(run)
    if theme not in wide:
        raise ValueError(f"the run has no theme {theme!r}: expected one of {', '.join(wide)}")
    wide = wide.loc[wide.index.isin(documents.loc[documents["source"].isin(outlets), "doc_id"]), [theme]]
    if missing := [name for name in outlets if name not in set(documents.set_index("doc_id")["source"][wide.index])]:
        raise ValueError(f"{missing[0]} has no article that counts in shares: compare outlets that have some")
    linked = compare.link_article_reprints(documents, tables["passages"]).set_index("doc_id").loc[wide.index]
    linked = linked.reset_index()
    difference = compare.differences(wide, linked, kind="theme", by="source", period=period)
    counted = tuple(difference["period"][0].split(" to ")) if difference["period"][0] != "all" else "all"
    counted = (counted[0], counted[-1]) if counted != "all" else counted
    shares = compare.shares(wide, linked, kind="theme", by="source", period=counted)
    n_left_out = linked["source"].value_counts() - shares.set_index("level")["n"]
    sizes = linked["source"].value_counts()
    outside = ", ".join(f"{n_left_out[name]} of {sizes[name]} articles of {name}" for name in outlets)
    notes = [
        f"Shares and difference: {difference['period'][0]} (not in it: {outside}; period 'all' takes all). Coverage, "
        "trend, words and quotes: all articles."
    ]
    reasons = compare.levels_without_interval(linked, by="source", period=counted)
    notes += [f"No interval for {row.level}: {row.reason}." for row in reasons.itertuples()]

    about = tables["themes"].query("theme == @theme and about").rename(columns={"theme": "key"})
    passages = tables["passages"][tables["passages"]["doc_id"].isin(wide.index)]
    sides = linked.set_index("doc_id")["source"]
    names = {word for row in linked.filter(regex="^(source|name|label)").drop_duplicates().to_numpy() for word in row}
    words, left_out = _words_apart(passages, about, sides, names, run)
    if left_out:
        notes.append(f"Words of the outlets' own names, left out: {', '.join(left_out)}.")
    if words.empty:
        notes.append(
            "No words set them apart (|z| of 1.96): no language in common, or too few passages about the theme."
        )
    path = getattr(run, "path", None)
    rejected = rejected_passages(coding_folder(path), theme) if path else set()
    quotes = [
        find_theme_quotes({**tables, "passages": passages[passages["doc_id"].map(sides) == name]}, theme, lang,
                          n=n_quotes, rejected=rejected)
        for name in outlets for lang in schema.LANGUAGES if n_quotes
    ]  # fmt: skip
    label = run.manifest.get("themes", {}).get(theme, {}).get("en", theme)
    columns = ["level", "n", "share", "low", "high", "any_share"]
    return OutletComparison(
        title=f"{label}: {first} and {second}",
        coverage=_coverage(linked, passages, about, outlets),
        shares=shares.set_index("level").loc[outlets].reset_index()[columns].rename(columns={"level": "outlet"}),
        difference=_orient(difference, first)[["side_a", "side_b", "period", "difference", "low", "high", "p"]],
        trend=_trend(wide, linked, outlets),
        words=words,
        quotes=pd.concat(quotes, ignore_index=True) if quotes else find_theme_quotes(tables, theme, "fa").iloc[:0],
        notes=notes,
    )


def _coverage(documents: pd.DataFrame, passages: pd.DataFrame, about: pd.DataFrame, outlets: list[str]) -> pd.DataFrame:
    """Return a row for each outlet: its numbers of articles and passages, and how many are about the theme."""
    on_theme = passages[passages["passage_id"].isin(about["passage_id"])]
    rows = []
    for name in outlets:
        own = documents[documents["source"] == name]
        n_passages, n_about = (int(part["doc_id"].isin(own["doc_id"]).sum()) for part in (passages, on_theme))
        n_articles, months = own["doc_id"].isin(on_theme["doc_id"]).sum(), month_of(own)[lambda month: month != ""]
        dates = (months.min(), months.max()) if len(months) else ("", "")
        n_reprints = int((own["reprint_of"] != own["doc_id"]).sum())
        rows.append((name, len(own), n_articles, n_passages, n_about, n_reprints, *dates))
    columns = ["outlet", "articles", "with_theme", "passages", "about_theme", "reprints", "first", "last"]
    return pd.DataFrame(rows, columns=columns)


def _trend(article_shares: pd.DataFrame, documents: pd.DataFrame, outlets: list[str]) -> pd.DataFrame:
    """Return the outlets' shares and numbers of articles side by side, by month, or by year if there are many."""
    rows = compare.timeline(article_shares, documents, kind="theme")
    if rows["period"].nunique() > MAX_MONTHS:
        rows["period"] = rows["period"].str.slice(0, 4)
    by = rows.assign(total=rows["share"] * rows["n"]).groupby(["period", "level"])[["total", "n"]].sum().unstack()
    n = by["n"].reindex(columns=outlets).fillna(0).astype(int)
    trend = (by["total"].reindex(columns=outlets) / n).join(n.add_prefix("n "))
    return trend.rename_axis(columns=None).reset_index()


def _orient(difference: pd.DataFrame, first: str) -> pd.DataFrame:
    """Return the difference as first minus second."""
    if difference["side_a"][0] == first:
        return difference
    flipped = difference.rename(columns={"side_a": "side_b", "side_b": "side_a", "low": "high", "high": "low"})
    return flipped.assign(**{name: -flipped[name] for name in ("difference", "low", "high")})


def _words_apart(
    passages: pd.DataFrame, about: pd.DataFrame, sides: pd.Series, names: set[Any], run: Any
) -> tuple[pd.DataFrame, list[str]]:
    """Return the words that distinguish the outlets in passages about the theme, and the words of names left out."""
    rows = compare.word_contrasts(passages, about, sides, words=words_of(run.manifest))
    parts = [part for name in names for part in re.findall(r"[^\W\d_]+", fold(str(name)).lower())]
    own = {_consonants(part) for part in parts if part not in GENERIC_NAME_WORDS} - {""}
    is_own = rows["word"].map(lambda word: fold(word).lower() in parts or _consonants(word) in own).astype(bool)
    left_out, rows = sorted(rows.loc[is_own, "word"]), rows[~is_own]
    rows = rows[rows["z"].abs() >= MIN_ABS_Z]
    rows = rows.assign(outlet=rows["right"].where(rows["z"] > 0, rows["left"]))
    rows = rows.groupby(["lang", "outlet"], sort=False).head(N_WORDS).sort_values(["lang", "outlet"], kind="stable")
    return rows[["lang", "outlet", "word", "n_left", "n_right", "z"]].rename(
        columns={"n_left": f"n {sides.min()}", "n_right": f"n {sides.max()}"}
    ), left_out


def _consonants(word: str) -> str:
    """Return a name's consonants in Latin letters, so that Fars matches فارس and Okaz عكاظ; "" if fewer than two."""
    word = re.sub(r"^(al|ال)[-_]?", "", word.lower())
    for pair, sign in _DIGRAPHS.items():
        word = word.replace(pair, sign)
    found = "".join(letter for letter in word.translate(_LATIN) if letter in "bptjčxdrzžsšγfqkglmnwθδ")
    found = found.translate(str.maketrans("θδq", "tdk"))
    return found if len(found) > 1 else ""
