"""Write a run's report: one HTML page with limits, figures, themes, topics, quotes and the methods section."""

import base64
import io
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from topiclib import draw, schema
from topiclib.draw import style
from topiclib.draw.labels import shorten
from topiclib.report import fonts
from topiclib.report.methods import Manifest, Tables, methods
from topiclib.runs import store
from topiclib.runs.summary import LANGUAGE_NAMES, caveats

CSS_FILE = Path(__file__).with_name("report.css")

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

# Text is escaped; if an escape were ever missed, the page could still run no script and contact no host.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'"
)


def write_report(run: str | Path, file: str | Path, *, n_quotes: int = N_QUOTES) -> Path:
    """Write a run's report as one HTML page, without scripts, that needs no network.

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
    file.write_text("".join(_render(tables, manifest, n_quotes)), encoding="utf-8", errors="replace")
    return file


def _render(tables: Tables, manifest: Manifest, n_quotes: int) -> Iterator[str]:
    counts = manifest["counts"]
    title = f"{counts['articles']:,} articles, {counts['topics']} topics"
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">'
    yield f'<title>{title}</title><link rel="icon" href="data:,">'
    yield f"<style>{fonts.font_face_css()}{CSS_FILE.read_text(encoding='utf-8')}</style></head><body><main>"
    yield f"<h1>What the articles talk about</h1><p class=lead>{title}, {counts['passages']:,} passages.</p>"
    if manifest.get("synthetic"):
        yield "<p class=notice>The articles are synthetic: written for topiclib, not published by anyone.</p>"
    yield _section("What this cannot show", "limits", _list(_caveats(tables, manifest)))
    for name, (heading, caption) in FIGURE_CAPTIONS.items():
        if picture := _figure(name, tables, manifest, heading):
            yield _section(heading, name, f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>")
    yield _section("Themes", "themes", "".join(_theme_cards(tables, manifest, n_quotes)))
    yield _section("Topics", "topics", f"<div class=cards>{''.join(_topic_cards(tables, n_quotes))}</div>")
    yield _section("Methods", "methods", f"<pre>{escape(methods(tables, manifest))}</pre>")
    yield "</main></body></html>\n"


def _caveats(tables: Tables, manifest: Manifest) -> list[str]:
    lines = caveats(tables, manifest)
    if manifest.get("period", {}).get("first"):
        lines = [*lines, "Quotes are from all articles, including those outside the period of the shares."]
    return [
        *lines,
        "The same topic is not the same framing: passages of one topic share a subject and may still disagree.",
        "A theme's score is computed from terms. Nothing in the run shows that people checked it on this corpus.",
    ]


def _figure(name: str, tables: Tables, manifest: Manifest, heading: str) -> str:
    """Return a figure as an inline PNG, or "" if the run lacks a table for it."""
    needed = draw.FIGURES[name].tables
    if not set(needed) <= set(tables) or all(tables[table].empty for table in needed):
        return ""
    stream = io.BytesIO()
    with style.context("page"):
        figure = draw.draw_figure(name, tables, manifest)
        figure.savefig(stream, format="png", dpi=180, metadata={"Software": None})
        plt.close(figure)
    return f'<img alt="{escape(heading)}" src="data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}">'


def _theme_cards(tables: Tables, manifest: Manifest, n_quotes: int) -> Iterator[str]:
    shares = tables["shares"][tables["shares"]["kind"] == "theme"]
    by, header = ("source", "outlet") if (shares["by"] == "source").any() else ("lang", "language")
    shares = shares[shares["by"] == by]
    for key, label in manifest["themes"].items():
        names = "".join(_rtl_element(label[lang], lang, "b") for lang in schema.LANGUAGES if label.get(lang))
        rows = shares[shares["key"] == key].sort_values("share", ascending=False, kind="stable")
        table = f"<tr><th>{header}</th><td>articles</td><td>share</td><td>95 % interval</td></tr>"
        for row in rows.itertuples():
            interval = "–" if pd.isna(row.low) else f"{row.low:.0%} – {row.high:.0%}"
            cells = f"<td>{row.n}</td><td>{row.share:.0%}</td><td>{interval}</td>"
            name = LANGUAGE_NAMES.get(row.level, row.level) if by == "lang" else row.level
            table += f"<tr><th><bdi>{escape(name)}</bdi></th>{cells}</tr>"
        yield f"<article><h3>{escape(label['en'])}</h3><p class=names>{names}</p>"
        yield f"<div class=scroll><table>{table}</table></div>{''.join(_quotes('theme', key, tables, n_quotes))}"
        yield "</article>"


def _topic_cards(tables: Tables, n_quotes: int) -> Iterator[str]:
    words = tables["keywords"][tables["keywords"]["rank"] <= N_WORDS].groupby(["topic", "lang"])["word"].agg("، ".join)
    by_language = tables["topic_languages"].set_index(["topic", "lang"])["share"]
    for topic, size in tables["topics"][["topic", "size"]].itertuples(index=False):
        shares = {lang: float(by_language.get((topic, lang), 0.0)) for lang in schema.LANGUAGES}
        bar = "".join(f'<i class={lang} style="flex:{share:.4f}"></i>' for lang, share in shares.items())
        shares_text = ", ".join(f"{LANGUAGE_NAMES[lang]} {share:.0%}" for lang, share in shares.items())
        yield f"<article><h3>{'No topic' if topic < 0 else f'Topic {topic}'} <small>{size:,} passages</small></h3>"
        yield f'<div class=bar role=img aria-label="{shares_text}">{bar}</div>'
        yield f"<p class=language-shares>{shares_text}</p>"
        langs = [lang for lang in schema.LANGUAGES if (topic, lang) in words.index]
        yield "".join(_rtl_element(words[topic, lang], lang, "p") for lang in langs)
        yield "".join(_quotes("topic", str(topic), tables, n_quotes)) + "</article>"


def _quotes(kind: str, key: str, tables: Tables, max_quotes: int) -> Iterator[str]:
    quotes = tables["quotes"][(tables["quotes"]["kind"] == kind) & (tables["quotes"]["key"] == key)]
    quotes = quotes.groupby("lang", sort=False).head(max_quotes)[["passage_id", "lang"]]
    rows = quotes.merge(tables["passages"][["passage_id", "doc_id", "text"]], on="passage_id")
    rows = rows.merge(tables["documents"][["doc_id", "source", "date", "url"]], on="doc_id")
    for row in rows.itertuples():
        source = " · ".join(f"<bdi>{escape(part)}</bdi>" for part in (row.source, row.date) if part)
        if row.url.lower().startswith(("http://", "https://")):
            source += f' · <a href="{escape(row.url)}" rel="noreferrer">↗</a>'
        text = shorten(row.text, MAX_QUOTE_CHARS, ellipsis="\u00a0…", counted=False)
        yield f"<blockquote lang={row.lang} dir=rtl>{escape(text)}<footer>{source}</footer></blockquote>"


def _rtl_element(text: str, lang: str, tag: str) -> str:
    return f"<{tag} lang={lang} dir=rtl class={lang}>{escape(text)}</{tag}>"


def _section(title: str, name: str, content: str) -> str:
    return f"<section id={name}><h2>{escape(title)}</h2>{content}</section>"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
