"""Write a run's report: one HTML page with limits, figures, themes, topics, quotes and the methods section."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from topiclib import draw, schema
from topiclib.draw import style
from topiclib.draw.labels import shorten
from topiclib.report.methods import Manifest, Tables, methods
from topiclib.report.templates import render
from topiclib.runs import store
from topiclib.runs.summary import LANGUAGE_NAMES, caveats

MAX_QUOTE_CHARS = 280  # long enough to judge a passage by, short enough to count as a quotation
N_QUOTES = 2  # per topic or theme, and language
N_WORDS = 8  # per topic and language

# Figures in the order of the page, with heading and caption.
FIGURE_CAPTIONS = {
    "theme_shares": ("Themes by outlet", "Compare outlets first: a language is a property of outlets, not a cause."),
    "theme_timeline": ("Themes over time", "A line breaks where there are no articles."),
    "language_balance": ("Topics by language", "The same topic is not the same framing."),
    "topics_by_theme": ("Topics and themes", "The share of each topic's passages that is about each theme."),
    "validity": (
        "Validity",
        "How much of a planted difference is recovered, across languages and in one; how far the languages mix; each "
        "difference under other settings. Do not report a difference whose sign changes.",
    ),
    "topic_map": ("Map of the topics", "Points close together are similar; distances between groups mean nothing."),
    "coverage": ("Coverage of the corpus", "A comparison is only as good as its coverage."),
}


def write_report(run: str | Path, file: str | Path, *, n_quotes: int = N_QUOTES) -> Path:
    """Write a run's report as one HTML page without scripts that needs no network.

    Parameters
    ----------
    run
        A run folder.
    file
        The HTML file; its folder must exist.
    n_quotes
        Passages to quote per topic or theme and language, each shortened to 280 characters; 0 for none.

    Raises
    ------
    FileNotFoundError, ValueError
        If `run` is not a run folder or is damaged, or if the file's folder does not exist.
    """
    tables, manifest, file = store.read_tables(run), store.read_manifest(run), Path(file)
    if not file.parent.is_dir():
        raise FileNotFoundError(f"{file.parent} does not exist: create the folder for the report first")
    file.write_text(_render(tables, manifest, n_quotes), encoding="utf-8", errors="replace")
    return file


def _render(tables: Tables, manifest: Manifest, n_quotes: int) -> str:
    counts, keywords = manifest["counts"], tables["keywords"][tables["keywords"]["rank"] <= N_WORDS]
    shares = tables["shares"][tables["shares"]["kind"] == "theme"]
    by_outlet = (shares["by"] == "source").any()
    shares = shares[shares["by"] == ("source" if by_outlet else "lang")]
    return render(
        "report/report.html.jinja",
        title=f"{counts['articles']:,} articles, {counts['topics']} topics",
        manifest=manifest,
        caveats=caveats(tables, manifest),
        figures=_figures(tables, manifest),
        languages={lang: LANGUAGE_NAMES[lang] for lang in schema.LANGUAGES},
        by_outlet=by_outlet,
        shares=shares.sort_values("share", ascending=False, kind="stable"),
        topics=tables["topics"][["topic", "size"]].itertuples(index=False),
        topic_languages=tables["topic_languages"].set_index(["topic", "lang"])["share"],
        words=keywords.groupby(["topic", "lang"])["word"].agg("، ".join),
        quotes=_quotes(tables, n_quotes),
        methods=methods(tables, manifest),
    )


def _figures(tables: Tables, manifest: Manifest) -> Iterator[tuple[str, str, str, str]]:
    """Yield the name, heading, caption and PNG (in base64) of each figure whose tables the run has."""
    for name, (heading, caption) in FIGURE_CAPTIONS.items():
        needed = draw.FIGURES[name].tables
        if set(needed) <= set(tables) and not all(tables[table].empty for table in needed):
            stream = io.BytesIO()
            with style.context("page"):
                figure = draw.draw_figure(name, {**tables, "manifest": manifest})
                figure.savefig(stream, format="png", dpi=180, metadata={"Software": None})
                plt.close(figure)
            yield name, heading, caption, base64.b64encode(stream.getvalue()).decode()


def _quotes(tables: Tables, n_quotes: int) -> dict[tuple[str, str], list[Any]]:
    """Return the quotes of each topic and theme, by ("topic" or "theme", key), as rows with their sources."""
    rows = tables["quotes"].groupby(["kind", "key", "lang"], sort=False).head(n_quotes)
    rows = rows[["kind", "key", "lang", "passage_id"]].merge(
        tables["passages"][["passage_id", "doc_id", "text"]], on="passage_id"
    )
    rows = rows.merge(tables["documents"][["doc_id", "source", "date", "url"]], on="doc_id")
    rows["text"] = [shorten(text, MAX_QUOTE_CHARS, ellipsis="\u00a0…", counted=False) for text in rows["text"]]
    return {key: list(group.itertuples()) for key, group in rows.groupby(["kind", "key"], sort=False)}
