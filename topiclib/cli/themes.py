"""The command `topiclib themes`: check a theme file; read, compare and validate themes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Columns of the documents that do not define groups to compare; left out of the error message.
NOT_COMPARABLE = ("doc_id", "title", "text", "url", "date", "dropped", "reprint_of")

DEFAULTS = {"by": "source", "weights": "article", "period": "overlap", "coders": 2, "seed": 0}

# The options of each action.
ACTION_OPTIONS = {
    "check": "",
    "draft": "theme",
    "sample": "theme n coders seed out",
    "score": "theme",
    "quotes": "theme n lang csv markdown",
    "differences": "theme by weights period csv",
    "topics": "theme csv",
    "together": "theme csv",
}

THEMES_DESCRIPTION = """Work with themes.

  check FILE                        validate a theme file and summarize its content
  draft RUN --theme X               suggest terms: distinctive words of the passages about X
  sample RUN --theme X -n 150       write coding sheets without the scores, instructions and a key
  score DIR --theme X               precision, recall, agreement and the corrected share, from completed sheets
  quotes RUN --theme X -n 10        the highest-scoring passages about X, with article id, date, outlet and terms
                                    (--lang fa|ar, --csv FILE, --markdown FILE)
  differences RUN --by COLUMN       differences of theme shares between outlets, languages or the values of another
                                    column of the documents or outlets, with intervals (--weights, --period)
  topics RUN                        themes by topic (--theme X: only X)
  together RUN                      co-occurrence of themes in passages (--theme X: only pairs with X)

--csv FILE writes the table of quotes, differences, topics or together.
"""


def add_command(commands: Any) -> None:
    """Add the command to the command line."""
    summary = "check a theme file; read, compare and validate themes"
    themes = commands.add_parser("themes", help=summary, description=THEMES_DESCRIPTION)
    option = themes.add_argument
    option("action", choices=[*_ACTIONS])
    option("path", type=Path, nargs="?", metavar="FILE|RUN|DIR", help="default of check: the bundled theme file")
    option("--theme", metavar="KEY", help="key of a theme, such as jcpoa")
    option("-n", type=int, help="passages to code (default: 150), or quotes per language (default: 10)")
    option("--lang", choices=["fa", "ar"], help="quotes of one language (default: both)")
    option("--by", metavar="COLUMN", help="column whose values are compared (default: source)")
    option("--weights", help="article (default), outlet, month, or a column of sampling weights")
    window = "months to compare: overlap (those in which both groups have articles; default), all, or 2015-07/2016-01"
    option("--period", help=window)
    option("--csv", type=Path, metavar="FILE", help="write the table")
    option("--markdown", type=Path, metavar="FILE", help="write quotes as Markdown")
    option("--coders", type=int, help="number of sheets, one per coder (default: 2)")
    option("--seed", type=int, help="random seed of the sample (default: 0)")
    option("--out", type=Path, metavar="DIR", help="folder for the sheets (default: RUN-coding)")
    themes.set_defaults(do=_run_action, **DEFAULTS)


def _run_action(options: argparse.Namespace) -> int:
    flags = {name: "-n" if name == "n" else f"--{name}" for name in ACTION_OPTIONS[options.action].split()}
    for name in ("theme", "n", "lang", "csv", "markdown", "out", *DEFAULTS):
        if name not in flags and getattr(options, name) != DEFAULTS.get(name):
            flag, expected = "-n" if name == "n" else f"--{name}", ", ".join(flags.values()) or "only a file"
            raise ValueError(f"themes {options.action} does not use {flag}: expected {expected}")
    if options.action != "check":
        if options.path is None:
            raise ValueError(f"themes {options.action} needs a folder: a run, or the sheets for score")
        if not options.theme and options.action not in ("differences", "topics", "together"):
            raise ValueError(f"themes {options.action} needs --theme KEY, such as --theme jcpoa")
    return _ACTIONS[options.action](options)


def _check(options: argparse.Namespace) -> int:
    from topiclib.schema import LANGUAGES
    from topiclib.themes import read_themes
    from topiclib.themes.theme_file import TERM_ROLES

    for key, theme in read_themes(options.path).items():
        print(f"{key}: {theme.label['en']}")
        for lang in LANGUAGES:
            print("   ", f"{lang}:", ", ".join(f"{len(theme.terms[lang][role])} {role}" for role in TERM_ROLES))
        missing = [f"{field} in {lang}" for lang in LANGUAGES for field in ("label", "description")
                   if not getattr(theme, field).get(lang)]  # fmt: skip
        missing += [f"terms in {lang}" for lang in LANGUAGES if not any(theme.terms[lang].values())]
        if missing:
            print("    missing:", ", ".join(missing))
    return 0


def _suggest_terms(options: argparse.Namespace) -> int:
    from topiclib.runs import store
    from topiclib.schema import LANGUAGES
    from topiclib.themes.suggest_terms import MIN_PASSAGES, suggest_terms

    _check_theme(options)
    table = suggest_terms(store.read_tables(options.path), options.theme)
    if table.empty:
        print(f"No passage of {options.path} is about {options.theme}: there are no terms to suggest.")
        return 0
    print("Distinctive words of passages about the theme; copy those that belong to it:")
    for lang in LANGUAGES:
        print(f"\n[{options.theme}.{lang}]")
        words = table[table["lang"] == lang]
        if words.empty:
            print(f"no further distinctive word in at least {MIN_PASSAGES} passages")
        for row in words.itertuples():
            print(f"{row.word}    in {row.inside} passages of the theme, {row.outside} others, z {row.z:.1f}")
    return 0


def _sample(options: argparse.Namespace) -> int:
    from topiclib.evaluate import theme_coding
    from topiclib.runs import store

    _check_theme(options)
    n = 150 if options.n is None else options.n
    if options.coders < 1:
        raise ValueError(f"--coders {options.coders}: expected at least 1")
    key = theme_coding.sample_for_coding(store.read_tables(options.path), options.theme, n=n, seed=options.seed)
    out = options.out or options.path.parent / f"{options.path.name}-coding"
    description = store.read_manifest(options.path).get("descriptions", {}).get(options.theme)
    files = theme_coding.write_theme_sheets(key, out, theme=options.theme, coders=options.coders, about=description)
    print(*files, sep="\n")
    if len(key) != n:
        strata = len(key.drop_duplicates(["lang", "stratum"]))
        larger = f"each of the {strata} strata (language and certainty) has at least {theme_coding.MIN_PER_STRATUM}"
        smaller = "both languages get the same number, or all passages that there are"
        print(f"{len(key)} passages, not {n}: {larger if len(key) > n else smaller}.")
    print("Give each coder one sheet and the instructions, but not the key: it has the scores.")
    return 0


def _score(options: argparse.Namespace) -> int:
    from topiclib.evaluate import theme_coding

    key, answers = theme_coding.read_theme_sheets(options.path, theme=options.theme)
    table, agreement = theme_coding.score_theme_sheets(key, answers)
    needed = [f"{n:.0f}" if n == n else "-" for n in table["needed"]]
    print(table.round(3).assign(needed=needed).to_string(index=False, na_rep="-"))
    print("Shares are of passages; report the corrected share. n: passages coded; needed: passages to code for a 95 %")
    print("interval of about plus or minus .05.")
    if agreement:
        print("Krippendorff's alpha {alpha:.3f} ({low:.3f} to {high:.3f}), {units} passages".format(**agreement))
    elif answers.shape[1] > 1:
        print("No passage was coded by two people, so agreement cannot be computed.")
    for row in theme_coding.uncoded_strata(key, answers).itertuples():
        stratum = f"{row.lang}, {row.stratum} ({row.population} passages)"
        print(f"No passage of {stratum} was coded: measures that need it are shown as -.")
    for coder, codes in answers.items():
        if codes.nunique() == 1 and codes.isna().any():
            print(f"{coder} only answered {codes.max():.0f} and left {codes.isna().sum()} cells empty: empty is not 0.")
    return 0


def _quotes(options: argparse.Namespace) -> int:
    import pandas as pd

    from topiclib.runs import store
    from topiclib.schema import LANGUAGES
    from topiclib.themes.quotes import find_theme_quotes, to_markdown

    _check_theme(options)
    tables, n = store.read_tables(options.path), 10 if options.n is None else options.n
    langs = [options.lang] if options.lang else LANGUAGES
    quotes = pd.concat([find_theme_quotes(tables, options.theme, lang, n=n) for lang in langs], ignore_index=True)
    if options.markdown:
        options.markdown.write_text(to_markdown(quotes), encoding="utf-8")
        print(options.markdown)
    if options.csv:
        write_csv(quotes, options.csv)
    if not options.csv and not options.markdown:
        print(to_markdown(quotes), end="")
    return 0


def _differences(options: argparse.Namespace) -> int:
    from topiclib import compare
    from topiclib.compare.differences import NO_COMMON_MONTH

    tables, article_shares = _article_theme_shares(options)
    if options.by not in tables["documents"]:
        columns = ", ".join(name for name in tables["documents"] if name not in NOT_COMPARABLE)
        raise ValueError(f"--by {options.by}: the documents have no such column: expected one of {columns}")
    documents = compare.link_article_reprints(tables["documents"], tables["passages"])
    settings = {"by": options.by, "weights": options.weights, "period": options.period}
    table = compare.differences(article_shares, documents, kind="theme", **settings)
    n_tests = int(table["p"].count())
    if options.theme:
        table = table[table["key"] == options.theme]
    if table.empty:
        print(f"There is nothing to compare: {options.by} has fewer than two groups, or no theme was found.")
        return 0
    compared = table[table["period"] != NO_COMMON_MONTH].sort_values(["q", "p", "key"]).drop(columns=["kind", "by"])
    _print_or_write(compared, options)
    documents = documents[documents["doc_id"].isin(article_shares.index)]
    for note in _comparison_notes(table, documents, settings, n_tests):
        print(note)
    return 0


def _comparison_notes(table: Any, documents: Any, settings: dict[str, str], n_tests: int) -> Iterator[str]:
    """Yield notes on the time window, the tests, left-out pairs and missing intervals."""
    from topiclib import compare
    from topiclib.compare.differences import NO_COMMON_MONTH

    pairs = table.drop_duplicates(["side_a", "side_b"])
    is_disjoint = pairs["period"] == NO_COMMON_MONTH
    periods = set(pairs["period"][~is_disjoint])
    if len(pairs) == 1 and periods != {"all"}:
        n = int(pairs[["n_a", "n_b"]].sum(axis=1).iloc[0])
        yield f"Period: {periods.pop()}, {n} of {len(documents)} articles (--period all: all articles)."
    elif periods != {"all"}:
        yield "Period: the months in which both groups of a pair have articles (--period all: all articles)."
    if table["q"].notna().any():
        yield f"q: p adjusted (Benjamini-Hochberg) for {n_tests} differences of all themes."
    if is_disjoint.any():
        yield f"Left out: {is_disjoint.sum()} of {len(pairs)} pairs, which have no month in common."
    if table["low"][table["difference"].notna()].isna().any():
        for row in compare.levels_without_interval(documents, **{**settings, "period": "all"}).itertuples():
            hint = "; --weights outlet gives all outlets the same weight" if "effective" in row.reason else ""
            yield f"No interval for {row.level}: {row.reason}{hint}."


def _topics(options: argparse.Namespace) -> int:
    from topiclib import compare
    from topiclib.runs import store

    tables = {name: store.read_table(options.path, name) for name in ("assignments", "themes", "topics")}
    names = tables["topics"].set_index("topic")[["label_fa", "label_ar"]]
    table = compare.theme_topic_table(tables["assignments"], tables["themes"]).join(names, on="topic")
    if options.theme:
        _check_theme(options)
        table = table[table["theme"] == options.theme]
    _print_or_write(table, options)
    print("n: passages of the topic about the theme; part_of_topic: n / size; part_of_theme: n / all about the theme.")
    return 0


def _cooccurrence(options: argparse.Namespace) -> int:
    from topiclib import compare
    from topiclib.runs import store

    themes, passages = (store.read_table(options.path, name) for name in ("themes", "passages"))
    table = compare.theme_cooccurrence(themes, passages.query("modeled"))
    if options.theme:
        _check_theme(options)
        table = table[table[["first", "second"]].eq(options.theme).any(axis=1)]
    _print_or_write(table.sort_values(["low", "lift"], ascending=False), options)
    print("lift: passages about both themes, divided by the number expected by chance; 95 % interval over articles.")
    return 0


def _check_theme(options: argparse.Namespace) -> None:
    from topiclib.runs import store

    themes = store.read_manifest(options.path).get("themes", {})
    if options.theme not in themes:
        raise ValueError(f"{options.path} has no theme {options.theme!r}: expected one of {', '.join(themes)}")


def _article_theme_shares(options: argparse.Namespace) -> tuple[Any, Any]:
    """Return the tables of a run, and the share of each article's passages about each theme."""
    from topiclib import compare
    from topiclib.runs import store
    from topiclib.runs.tables import counted_passages

    if options.theme:
        _check_theme(options)
    tables = store.read_tables(options.path)
    about = tables["themes"].query("about").rename(columns={"theme": "key"})
    return tables, compare.compute_article_shares(counted_passages(tables["passages"]), about)


def _print_or_write(table: Any, options: argparse.Namespace) -> None:
    if table.empty:
        print("Nothing to list: no theme, or too few passages about one.")
    elif not options.csv:
        print(table.round(3).to_string(index=False, na_rep="-"))
    if options.csv:
        write_csv(table, options.csv)


def write_csv(table: Any, path: Path) -> None:
    from topiclib.report.export import escape_formulas

    escape_formulas(table).to_csv(path, index=False, encoding="utf-8-sig")  # Excel needs the byte order mark
    print(path)


_ACTIONS = {
    **{"check": _check, "draft": _suggest_terms, "sample": _sample, "score": _score, "quotes": _quotes},
    **{"differences": _differences, "topics": _topics, "together": _cooccurrence},
}
