"""The commands `topiclib themes ...`: check a theme file; read, compare and validate themes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import topiclib as tl
from topiclib.cli.command import CODERS, RUN, SEED, argument, takes, write_csv

# Columns of the documents that do not define groups to compare.
NOT_COMPARABLE = ("doc_id", "title", "text", "url", "date", "dropped", "reprint_of")

THEME = argument("--theme", required=True, metavar="KEY", help="key of a theme, such as jcpoa")
ONLY_THEME = argument("--theme", metavar="KEY", help="only this theme (default: all)")
CSV = argument("--csv", metavar="FILE", help="write the table for a spreadsheet, and do not print it")
PERIOD_HELP = "months to compare: overlap (in which both groups have articles), all, or 2015-07/2016-01"


@takes(argument("files", nargs="*", metavar="FILE", help="one or more theme files (default: the shipped one)"))
def check(files: list[Path]) -> None:
    """Validate theme files and summarize their themes.

    Example: topiclib themes check mine.toml
    """
    from topiclib.themes.theme_file import TERM_ROLES

    for key, theme in tl.read_themes(files or None).items():
        print(f"{key}: {theme.label['en']}")
        for lang in tl.schema.LANGUAGES:
            print("   ", f"{lang}:", ", ".join(f"{len(theme.terms[lang][role])} {role}" for role in TERM_ROLES))
        missing = [f"{field} in {lang}" for lang in tl.schema.LANGUAGES for field in ("label", "description")
                   if not getattr(theme, field).get(lang)]  # fmt: skip
        missing += [f"terms in {lang}" for lang in tl.schema.LANGUAGES if not any(theme.terms[lang].values())]
        if missing:
            print("    missing:", ", ".join(missing))


@takes(
    RUN,
    argument("files", nargs="+", metavar="FILE", help="one or more theme files"),
    argument("--out", metavar="DIR", help="folder of the new run (default: RUN is replaced)"),
)
def apply(run: Path, files: list[Path], out: Path | None) -> None:
    """Score other themes on a finished run, without fitting its topics again.

    The tables of themes are made again; topics, quotes of topics and vectors stay.
    The quality tables recovery and sensitivity depend on the themes and are left
    out. A file whose first line is extends = "shipped" adds to the shipped themes.

    Example: topiclib themes apply runs/mine mine.toml --out runs/mine2
    """
    from topiclib.runs.summary import format_summary

    before = tl.open_run(run).tables["themes"].query("about")
    result = tl.apply_themes(run, files, out=out)
    print(format_summary(result.tables, result.manifest), f"\nRun folder: {out or run}", sep="\n")
    after = result.tables["themes"].query("about")
    old, new = (set(zip(table["theme"], table["passage_id"], strict=True)) for table in (before, after))
    for theme in sorted({key for key, _ in old ^ new}):
        gained, lost = (sum(key == theme for key, _ in pairs) for pairs in (new - old, old - new))
        print(f"{theme}: {gained} passages gained, {lost} lost")


@takes(RUN, THEME)
def draft(run: Path, theme: str) -> None:
    """Suggest terms of a theme: distinctive words of the passages about it.

    Example: topiclib themes draft runs/mine --theme jcpoa
    """
    from topiclib.themes.suggest_terms import MIN_PASSAGES, suggest_terms

    table = suggest_terms(_open_run(run, theme).tables, theme)
    if table.empty:
        print(f"No passage of {run} is about {theme}: there are no terms to suggest.")
        return
    print("Distinctive words of passages about the theme; copy those that belong to it:")
    for lang in tl.schema.LANGUAGES:
        print(f"\n[{theme}.{lang}]")
        words = table[table["lang"] == lang]
        if words.empty:
            print(f"no further distinctive word in at least {MIN_PASSAGES} passages")
        for row in words.itertuples():
            print(f"{row.word}\n    in {row.inside} passages of the theme, {row.outside} others, z {row.z:.1f}")


@takes(
    RUN,
    THEME,
    argument("--candidates", type=int, default=0, metavar="N", help="also N passages per language without a term"),
    SEED,
)
def review(run: Path, theme: str, candidates: int, seed: int) -> None:
    """Show what each term of a theme decides, with examples, and passages the terms may miss.

    Candidates are nearest by meaning, and need the vectors of the run. Change the
    theme file accordingly; `topiclib themes apply` shows what that changes.

    Example: topiclib themes review runs/mine --theme drones --candidates 5
    """
    table = tl.review_theme(_open_run(run, theme), theme, n_candidates=candidates, seed=seed)
    for row in table[table["n"] > 0].itertuples():
        what = f"in {row.n} passages, alone in {row.decides} about the theme" if row.term else "without a term"
        print(f"{row.lang}, {row.role}: {what}", *([row.term] if row.term else []), sep="\n    ")
        print(*(f"        {example}" for example in row.examples), sep="\n")
    if unused := int((table["n"] == 0).sum()):
        print(f"{unused} terms were not found in any passage.")


@takes(
    RUN,
    THEME,
    argument("-n", type=int, default=150, help="passages to code"),
    argument("--by-term", action="store_true", help="strata by the term that decides alone, as `review` lists them"),
    CODERS,
    SEED,
    argument("--out", metavar="DIR", help="folder for the sheets (default: RUN-coding)"),
)
def sample(run: Path, theme: str, n: int, by_term: bool, coders: int, seed: int, out: Path | None) -> None:
    """Write coding sheets for a theme, without the scores; instructions; and a key.

    Example: topiclib themes sample runs/mine --theme jcpoa -n 150
    """
    from topiclib.evaluate import theme_coding

    if coders < 1:
        raise ValueError(f"--coders {coders}: expected at least 1")
    opened = _open_run(run, theme)
    key = theme_coding.sample_for_coding(opened.tables, theme, n=n, by_term=by_term, seed=seed)
    out = out or run.parent / f"{run.name}-coding"
    description = opened.manifest.get("descriptions", {}).get(theme)
    files = theme_coding.write_theme_sheets(key, out, theme=theme, coders=coders, about=description)
    print(*files, sep="\n")
    if len(key) != n:
        strata = len(key.drop_duplicates(["lang", "stratum"]))
        larger = f"each of the {strata} strata (language and certainty) has at least {theme_coding.MIN_PER_STRATUM}"
        smaller = "both languages get the same number, or all passages that there are"
        print(f"{len(key)} passages, not {n}: {larger if len(key) > n else smaller}.")
    print("Give each coder one sheet and the instructions, but not the key: it has the scores.")


@takes(argument("folder", metavar="DIR", help="the folder that `topiclib themes sample` wrote"), THEME)
def score(folder: Path, theme: str) -> None:
    """Compute precision, recall, agreement and the corrected share from completed sheets.

    Example: topiclib themes score runs/mine-coding --theme jcpoa
    """
    from topiclib.evaluate import theme_coding

    key, answers = theme_coding.read_theme_sheets(folder, theme=theme)
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


@takes(
    RUN,
    THEME,
    argument("-n", type=int, default=10, help="passages per language"),
    argument("--lang", choices=["fa", "ar"], help="passages of one language (default: both)"),
    CSV,
    argument("--markdown", metavar="FILE", help="write the passages as Markdown, and do not print them"),
)
def quotes(run: Path, theme: str, n: int, lang: str | None, csv: Path | None, markdown: Path | None) -> None:
    """Print the highest-scoring passages about a theme, with their sources and terms.

    Example: topiclib themes quotes runs/mine --theme jcpoa -n 5 --lang fa
    """
    import pandas as pd

    from topiclib.evaluate.theme_coding import rejected_passages
    from topiclib.themes.quotes import find_theme_quotes, to_markdown, to_text

    tables, langs = _open_run(run, theme).tables, [lang] if lang else tl.schema.LANGUAGES
    no = rejected_passages(run.parent / f"{run.name}-coding", theme)
    tables_by_lang = [find_theme_quotes(tables, theme, lang, n=n, rejected=no) for lang in langs]
    table = pd.concat(tables_by_lang, ignore_index=True)
    if markdown:
        markdown.write_text(to_markdown(table), encoding="utf-8")
        print(markdown)
    if csv:
        write_csv(table, csv)
    if not csv and not markdown:
        print(to_text(table), end="")


@takes(
    RUN,
    argument("--by", default="source", metavar="COLUMN", help="column of documents or outlets to compare"),
    ONLY_THEME,
    argument("--weights", default="article", help="article, outlet, month, or a column of sampling weights"),
    argument("--period", default="overlap", help=PERIOD_HELP),
    CSV,
)
def differences(run: Path, by: str, theme: str | None, weights: str, period: str, csv: Path | None) -> None:
    """Compare theme shares of outlets, languages or other groups of articles, with intervals.

    Example: topiclib themes differences runs/mine --by lang --weights outlet
    """
    from topiclib.compare.differences import NO_COMMON_MONTH
    from topiclib.report.article_shares import wide_article_shares

    opened = _open_run(run, theme)
    tables, article_shares = opened.tables, wide_article_shares(opened)
    if by not in tables["documents"]:
        columns = ", ".join(name for name in tables["documents"] if name not in NOT_COMPARABLE)
        raise ValueError(f"--by {by}: the documents have no such column: expected one of {columns}")
    documents = tl.compare.link_article_reprints(tables["documents"], tables["passages"])
    settings = {"by": by, "weights": weights, "period": period}
    table = tl.compare.differences(article_shares, documents, kind="theme", **settings)
    n_tests = int(table["p"].count())
    if theme:
        table = table[table["key"] == theme]
    if table.empty:
        print(f"There is nothing to compare: {by} has fewer than two groups, or no theme was found.")
        return
    compared = table[table["period"] != NO_COMMON_MONTH].sort_values(["q", "p", "key"])
    compared = compared.drop(columns=["kind", "by", "limit"])  # a limit is of topics
    _print_or_write(compared, csv)
    documents = documents[documents["doc_id"].isin(article_shares.index)]
    for note in _comparison_notes(table, documents, settings, n_tests):
        print(note)


def _comparison_notes(table: Any, documents: Any, settings: dict[str, str], n_tests: int) -> Iterator[str]:
    """Yield notes on the time window, the tests, and missing pairs and intervals."""
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
        for row in tl.compare.levels_without_interval(documents, **{**settings, "period": "all"}).itertuples():
            hint = "; --weights outlet gives all outlets the same weight" if "effective" in row.reason else ""
            yield f"No interval for {row.level}: {row.reason}{hint}."


@takes(
    RUN,
    THEME,
    argument("--outlets", required=True, metavar="A,B", help="the two outlets, separated by a comma"),
    argument("--period", default="overlap", help=PERIOD_HELP),
    argument("-n", type=int, default=3, help="quotes of each outlet and language"),
)
def compare(run: Path, theme: str, outlets: str, period: str, n: int) -> None:
    """Compare two outlets on one theme: coverage, shares, trend, words and quotes.

    Example: topiclib themes compare runs/mine --theme jcpoa --outlets irna,wam
    """
    pair = [name.strip() for name in outlets.split(",")]
    if len(pair) != 2:
        raise ValueError(f"--outlets {outlets}: expected two names, separated by a comma")
    if n < 0:
        raise ValueError(f"-n {n}: expected 0 or more quotes")
    print(tl.compare_outlets(_open_run(run, theme), theme, *pair, period=period, n_quotes=n))


@takes(RUN, ONLY_THEME, CSV)
def topics(run: Path, theme: str | None, csv: Path | None) -> None:
    """Count the passages of each theme in each topic.

    Example: topiclib themes topics runs/mine --theme jcpoa
    """
    tables = _open_run(run, theme).tables
    names = tables["topics"].set_index("topic")[["name_en", "name_fa", "name_ar", "label_fa", "label_ar"]]
    names = names.loc[:, (names != "").any()]
    table = tl.compare.theme_topic_table(tables["assignments"], tables["themes"]).join(names, on="topic")
    if theme:
        table = table[table["theme"] == theme]
    _print_or_write(table, csv)
    print("n: passages of the topic about the theme; part_of_topic: n / size; part_of_theme: n / all about the theme.")


@takes(RUN, ONLY_THEME, CSV)
def together(run: Path, theme: str | None, csv: Path | None) -> None:
    """Compute how often two themes are in the same passage.

    Example: topiclib themes together runs/mine --csv pairs.csv
    """
    tables = _open_run(run, theme).tables
    table = tl.compare.theme_cooccurrence(tables["themes"], tables["passages"].query("modeled"))
    if theme:
        table = table[table[["first", "second"]].eq(theme).any(axis=1)]
    _print_or_write(table.sort_values(["low", "lift"], ascending=False), csv)
    print("lift: passages about both themes, divided by the number expected by chance; 95 % interval over articles.")


def _open_run(path: Path, theme: str | None) -> tl.Run:
    """Open a run, which must have the theme."""
    run = tl.open_run(path)
    themes = run.manifest.get("themes", {})
    if theme is not None and theme not in themes:
        raise ValueError(f"{path} has no theme {theme!r}: expected one of {', '.join(themes)}")
    return run


def _print_or_write(table: Any, csv: Path | None) -> None:
    if table.empty:
        print("Nothing to list: no theme, or too few passages about one.")
    elif not csv:
        print(table.round(3).to_string(index=False, na_rep="-"))
    if csv:
        write_csv(table, csv)


COMMANDS = (
    "read, check and compare themes",
    check, apply, draft, review, sample, score, quotes, differences, compare, topics, together,
)  # fmt: skip
