"""`topiclib themes ...`: a theme file looked at, a theme read, compared and checked by people."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOT_COMPARABLE = (
    "doc_id",
    "title",
    "text",
    "url",
    "date",
    "dropped",
    "reprint_of",
)  # columns that nothing is compared by

DEFAULTS = {"by": "source", "weights": "article", "period": "overlap", "coders": 2, "seed": 0}

ACTION_OPTIONS = {  # what each action makes use of
    "check": "",
    "draft": "theme",
    "sample": "theme n coders seed out",
    "score": "theme",
    "quotes": "theme n lang csv markdown",
    "differences": "theme by weights period csv",
    "topics": "theme csv",
    "together": "theme csv",
}

THEMES_DESCRIPTION = """Work on themes.

  check FILE                        read a theme file and say what it holds, or what is wrong with it
  draft RUN --theme X               propose terms: words that stand out in the passages about X
  sample RUN --theme X -n 150       write blind sheets for people to code, instructions and their key
  score DIR --theme X               precision, recall, agreement and the corrected share, from filled sheets
  quotes RUN --theme X -n 10        the surest passages about X, with document, date, outlet and terms
                                    (--lang fa|ar, --csv FILE, --markdown FILE)
  differences RUN --by COLUMN       differences of the themes' shares between outlets, languages or another
                                    column of the documents or outlets, with intervals (--weights, --period)
  topics RUN                        which topics carry which themes (or --theme X alone)
  together RUN                      themes that stand in one passage more often than by chance (or with X alone)

--csv FILE writes the table of quotes, differences, topics or together.
"""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    about = "check a theme file; read, compare and validate themes"
    themes = commands.add_parser("themes", help=about, description=THEMES_DESCRIPTION)
    themes.add_argument("action", choices=[*_ACTIONS])
    themes.add_argument(
        "path", type=Path, nargs="?", metavar="FILE|RUN|DIR", help="check without FILE: the shipped one"
    )
    themes.add_argument("--theme", metavar="KEY", help="a theme's key, such as jcpoa")
    themes.add_argument("-n", type=int, help="passages to code (default: 150), or quotes a language (10)")
    themes.add_argument("--lang", choices=["fa", "ar"], help="quotes of one language (default: both)")
    themes.add_argument("--by", metavar="COLUMN", help="what is compared (default: source)")
    themes.add_argument("--weights", help="article, outlet, month, or a column of sampling weights")
    themes.add_argument(
        "--period",
        help="of differences: overlap, the months in which both sides have articles; all; or months such as "
        "2015-07/2016-01 (default: overlap)",
    )
    themes.add_argument("--csv", type=Path, metavar="FILE", help="write the table")
    themes.add_argument("--markdown", type=Path, metavar="FILE", help="write quotes as Markdown")
    themes.add_argument("--coders", type=int, help="sheets to write, one a coder (default: 2)")
    themes.add_argument("--seed", type=int, help="of the sample (default: 0)")
    themes.add_argument("--out", type=Path, metavar="DIR", help="where the sheets go (default: RUN-coding)")
    themes.set_defaults(do=_run_action, **DEFAULTS)


def _run_action(options: argparse.Namespace) -> int:
    for name in ("theme", "n", "lang", "csv", "markdown", "out", *DEFAULTS):
        if name not in ACTION_OPTIONS[options.action].split() and getattr(options, name) != DEFAULTS.get(name):
            takes = ", ".join(
                f"-{other}" if other == "n" else f"--{other}" for other in ACTION_OPTIONS[options.action].split()
            )
            given = "-n" if name == "n" else f"--{name}"
            raise ValueError(f"themes {options.action} has no use for {given}: it takes {takes or 'a file alone'}")
    if options.action != "check":
        if options.path is None:
            raise ValueError(f"themes {options.action} needs a folder: a run, or for score the sheets")
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
        missing = [f"{part} in {lang}" for lang in LANGUAGES for part in ("label", "description")
                   if not getattr(theme, part).get(lang)]  # fmt: skip
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
        print(f"No passage of {options.path} is about {options.theme}: there is nothing to propose terms from.")
        return 0
    print("Words that stand out in passages about the theme; take over what belongs to it:")
    for lang in LANGUAGES:
        print(f"\n[{options.theme}.{lang}]")
        part = table[table["lang"] == lang]
        if part.empty:
            print(f"no further word stands out in {MIN_PASSAGES} passages or more")
        for row in part.itertuples():
            print(f"{row.word}    in {row.inside} passages of the theme, {row.outside} others, z {row.z:.1f}")
    return 0


def _sample(options: argparse.Namespace) -> int:
    from topiclib.evaluate import theme_coding as coding
    from topiclib.runs import store

    _check_theme(options)
    n = 150 if options.n is None else options.n
    if options.coders < 1:
        raise ValueError(f"--coders {options.coders}: expected at least one")
    key = coding.sample_for_coding(store.read_tables(options.path), options.theme, n=n, seed=options.seed)
    out = options.out or options.path.parent / f"{options.path.name}-coding"
    about = store.read_manifest(options.path).get("descriptions", {}).get(options.theme)
    print(*coding.write_theme_sheets(key, out, theme=options.theme, coders=options.coders, about=about), sep="\n")
    if len(key) != n:
        strata = len(key.drop_duplicates(["lang", "stratum"]))
        print(f"{len(key)} passages, not {n}: {_explain_sample_size(len(key), n, strata)}.")
    print("Give each coder one sheet and the instructions, and nobody the key: it holds the scores.")
    return 0


def _explain_sample_size(drawn: int, n: int, strata: int) -> str:
    """Say why not as many passages were drawn as were asked for."""
    from topiclib.evaluate.theme_coding import MIN_PER_STRATUM

    if drawn > n:
        return f"each of the {strata} strata (language, and how sure the terms are) gets at least {MIN_PER_STRATUM}"
    return "each language gets the same number, and no more than it has"


def _score(options: argparse.Namespace) -> int:
    from topiclib.evaluate import theme_coding as coding

    key, answers = coding.read_theme_sheets(options.path, theme=options.theme)
    table, agreement = coding.score_theme_sheets(key, answers)
    needed = [f"{n:.0f}" if n == n else "-" for n in table["needed"]]
    print(table.round(3).assign(needed=needed).to_string(index=False, na_rep="-"))
    print("Shares are of passages; the corrected share is the one to report. n: passages coded; needed: how many for")
    print("a 95 % interval of about plus or minus .05.")
    if agreement:
        print("Krippendorff's alpha {alpha:.3f} ({low:.3f} to {high:.3f}), {units} passages".format(**agreement))
    elif answers.shape[1] > 1:
        print("No passage was coded by two people: there is no agreement to tell.")
    for row in coding.uncoded_strata(key, answers).itertuples():
        what = f"the {row.population} passages of {row.lang}, {row.stratum}"
        print(f"Nobody coded any of {what}: measures that need them are -.")
    for coder, given in answers.items():
        if given.nunique() == 1 and given.isna().any():
            print(f"{coder} answered {given.max():.0f} alone and left {given.isna().sum()} empty: empty is not 0.")
    return 0


def _quotes(options: argparse.Namespace) -> int:
    import pandas as pd

    from topiclib.runs import store
    from topiclib.schema import LANGUAGES
    from topiclib.themes.quotes import find_theme_quotes, to_markdown

    _check_theme(options)
    tables, n = store.read_tables(options.path), 10 if options.n is None else options.n
    langs = [options.lang] if options.lang else LANGUAGES
    found = pd.concat([find_theme_quotes(tables, options.theme, lang, n=n) for lang in langs], ignore_index=True)
    if options.markdown:
        options.markdown.write_text(to_markdown(found), encoding="utf-8")
        print(options.markdown)
    if options.csv:
        write_csv(found, options.csv)
    if not options.csv and not options.markdown:
        print(to_markdown(found), end="")
    return 0


def _differences(options: argparse.Namespace) -> int:
    from topiclib import compare
    from topiclib.compare.differences import NO_COMMON_MONTH

    tables, values = _article_theme_shares(options)
    if options.by not in tables["documents"]:
        columns = ", ".join(name for name in tables["documents"] if name not in NOT_COMPARABLE)
        raise ValueError(f"--by {options.by}: the documents have no such column; they have {columns}")
    documents = compare.link_article_reprints(tables["documents"], tables["passages"])
    asked = {"by": options.by, "weights": options.weights, "period": options.period}
    table = compare.differences(values, documents, kind="theme", **asked)
    shown = table[table["key"] == options.theme] if options.theme else table
    if shown.empty:
        print(f"{options.by} has fewer than two sides, or no theme was found: there is nothing to compare.")
        return 0
    apart = shown["period"] == NO_COMMON_MONTH
    _print_or_write(shown[~apart].sort_values(["q", "p", "key"]).drop(columns=["kind", "by"]), options)
    for line in _comparison_notes(
        shown, documents[documents["doc_id"].isin(values.index)], asked, int(table["p"].count())
    ):
        print(line)
    return 0


def _comparison_notes(table: Any, documents: Any, asked: dict[str, str], tests: int) -> Iterator[str]:
    """Say which articles the differences are of, and why some have no interval or were left out."""
    from topiclib import compare
    from topiclib.compare.differences import NO_COMMON_MONTH

    pairs = table.drop_duplicates(["side_a", "side_b"])
    apart = pairs["period"] == NO_COMMON_MONTH
    told = set(pairs["period"][~apart])
    if len(pairs) == 1 and told != {"all"}:
        n = int(pairs[["n_a", "n_b"]].sum(axis=1).iloc[0])
        yield f"Period: {told.pop()}, {n} of {len(documents)} articles (--period all: all of them)."
    elif told != {"all"}:
        yield "Period: the months in which both sides of a pair have articles (--period all: all articles)."
    if table["q"].notna().any():
        yield f"q: p after Benjamini-Hochberg over the {tests} differences of all themes that have one."
    if apart.any():
        yield f"Left out: {apart.sum()} of {len(pairs)} pairs, which have no month in common."
    if table["low"][table["difference"].notna()].isna().any():
        for row in compare.levels_without_interval(documents, **{**asked, "period": "all"}).itertuples():
            hint = "; --weights outlet counts outlets alike" if "worth" in row.reason else ""
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
    print("part_of_topic: of the topic's passages (size), those about the theme (n); part_of_theme: of the theme's.")
    return 0


def _cooccurrence(options: argparse.Namespace) -> int:
    from topiclib import compare
    from topiclib.runs import store

    passages = store.read_table(options.path, "passages").query("modeled")
    table = compare.theme_cooccurrence(store.read_table(options.path, "themes"), passages)
    if options.theme:
        _check_theme(options)
        table = table[table[["first", "second"]].eq(options.theme).any(axis=1)]
    _print_or_write(table.sort_values(["low", "lift"], ascending=False), options)
    print("lift: how often both stand in one passage, against how often they would by chance (expected); 95 % interval")
    print("over articles.")
    return 0


def _check_theme(options: argparse.Namespace) -> None:
    from topiclib.runs import store

    known = store.read_manifest(options.path).get("themes", {})
    if options.theme not in known:
        raise ValueError(f"{options.path} has no theme {options.theme!r}: it has {', '.join(known)}")


def _article_theme_shares(options: argparse.Namespace) -> tuple[Any, Any]:
    """Return a run's tables, and which part of each article's passages is about each theme."""
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
        print("No passage was found that is about a theme.")
    elif not options.csv:
        print(table.round(3).to_string(index=False, na_rep="-"))
    if options.csv:
        write_csv(table, options.csv)


def write_csv(table: Any, path: Path) -> None:
    from topiclib.report.export import escape_formulas

    escape_formulas(table).to_csv(path, index=False, encoding="utf-8-sig")  # with a mark, for Excel
    print(path)


_ACTIONS = {
    **{"check": _check, "draft": _suggest_terms, "sample": _sample, "score": _score, "quotes": _quotes},
    **{"differences": _differences, "topics": _topics, "together": _cooccurrence},
}
