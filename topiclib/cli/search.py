"""The commands `topiclib find` and `topiclib concordance`: passages by themes and words, and words in context."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import topiclib as tl
from topiclib.cli.command import RUN, argument, split_commas, takes, write_csv

if TYPE_CHECKING:
    import pandas as pd

LANG = argument("--lang", choices=["fa", "ar"], help="only this language")
LIMIT = argument("-n", type=int, default=20, help="number to print")
CSV = argument("--csv", metavar="FILE", help="write all for a spreadsheet, and print none")


@takes(
    RUN,
    argument("--themes", type=split_commas, default="", metavar="KEY,...", help="about all these themes"),
    argument("--topics", type=split_commas, default="", metavar="N,...", help="in one of these topics"),
    argument("--either", action="store_true", help="one of the themes or topics is enough"),
    argument("--text", default="", metavar="WORDS", help='word word, "two words", a | b, -without; in any spelling'),
    LANG,
    argument("--source", type=split_commas, default="", metavar="NAME,...", help="only these outlets"),
    argument("--period", default="all", metavar="PERIOD", help="all, or months such as 2015-07/2016-01"),
    LIMIT,
    CSV,
)
def find(
    run: Path, themes: list[str], topics: list[str], either: bool, text: str, lang: str | None, source: list[str],
    period: str, n: int, csv: Path | None,
) -> None:  # fmt: skip
    """Find the passages that are about themes, in topics, or contain words.

    Example: topiclib find runs/mine --themes drones,sanctions --lang fa
    """
    if wrong := [topic for topic in topics if not topic.lstrip("-").isdecimal()]:
        raise ValueError(f"--topics has {wrong[0]!r}: expected numbers of topics, such as 0,3")
    numbers = [int(topic) for topic in topics]
    found = tl.find(
        tl.open_run(run), themes=themes, topics=numbers, text=text, lang=lang, source=source, period=period,
        either=either,
    )  # fmt: skip
    for row in [] if csv else found.head(n).itertuples():
        topic = "no topic" if row.topic == tl.schema.OUTLIER_TOPIC else f"topic {row.topic}"
        print(" · ".join(filter(None, [row.passage_id, row.lang, row.date, topic, row.themes])))
        print(*filter(None, [row.source, row.title]), sep="\n")
        print(textwrap.indent(textwrap.fill(row.text, 76, break_on_hyphens=False), "    "), end="\n\n")
    _print_count(found, "passage", "doc_id", "article", n, csv)


@takes(
    RUN,
    argument("text", metavar="TEXT", nargs="?", default="", help="a word or phrase, in any spelling; a | b: either"),
    argument("--theme", metavar="KEY", help="the terms of a theme instead of TEXT"),
    argument("--width", type=int, default=8, metavar="N", help="words before and after"),
    LANG,
    argument("--sort", choices=["after", "before", "date"], default="after", help="by the words after or before it"),
    LIMIT,
    CSV,
)
def concordance(
    run: Path, text: str, theme: str | None, width: int, lang: str | None, sort: str, n: int, csv: Path | None
) -> None:
    """List each occurrence of a word with the words around it.

    Example: topiclib concordance runs/mine تحریم --width 6 --sort before
    """
    lines = tl.concordance(tl.open_run(run), text, theme=theme, width=width, lang=lang, sort=sort)
    for row in [] if csv else lines.head(n).itertuples():
        print(f"{row.before} [{row.keyword}] {row.after}\n    {' · '.join(filter(None, [row.passage_id, row.date]))}")
    _print_count(lines, "line", "passage_id", "passage", n, csv)


def _print_count(table: pd.DataFrame, row: str, column: str, group: str, n: int, csv: Path | None) -> None:
    """Print how many rows there are, in how many groups, and how to see the rest; write them all to `csv`, if given."""
    count = f"{tl.schema.plural(len(table), row)} in {tl.schema.plural(table[column].nunique(), group)}"
    print(count if csv or len(table) <= n else f"{count}; the first {n} are shown (-n, --csv FILE: more)")
    if csv:
        write_csv(table, csv)
