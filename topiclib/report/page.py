"""Write a run's report: one HTML page with what was found, figures, themes, topics, limits and methods."""

import base64
import io
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from topiclib import draw
from topiclib.draw import style
from topiclib.evaluate.theme_coding import describe_checks, without_rejected
from topiclib.report.methods import Manifest, Tables, methods
from topiclib.report.templates import check_output_file, render
from topiclib.runs import store
from topiclib.runs.summary import LANGUAGE_NAMES, caveats, list_decisions
from topiclib.schema import plural, topic_label
from topiclib.themes.quotes import cut_after_sentence

MAX_QUOTE_CHARS = 280  # long enough to judge a passage by, short enough to count as a quotation
N_QUOTES = 2  # per topic or theme, and language
N_WORDS = 8  # per topic and language
N_FINDINGS = 5  # topics named for a difference beyond their detection limit

FIGURE_CAPTIONS = tomllib.loads(Path(__file__).with_name("captions.toml").read_text(encoding="utf-8"))


def write_report(run: str | Path, file: str | Path, *, n_quotes: int = N_QUOTES) -> Path:
    """Write the report of a run folder as one HTML page that has no scripts and needs no network.

    Parameters
    ----------
    run
        A run folder.
    file
        Where to write the page.
    n_quotes
        Number of passages to quote per topic or theme and language, each shortened to 280 characters.

    Returns
    -------
    Path
        The file that was written.
    """
    tables, manifest = store.read_tables(run), store.read_manifest(run)
    file = check_output_file(file, "the report")
    tables["quotes"] = without_rejected(tables["quotes"], run)
    checks = describe_checks(run, tables, manifest["themes"])
    file.write_text(_render(tables, manifest, n_quotes, checks), encoding="utf-8", errors="replace")
    return file


def _render(tables: Tables, manifest: Manifest, n_quotes: int, checks: Sequence[str] = ()) -> str:
    counts, keywords = manifest["counts"], tables["keywords"][tables["keywords"]["rank"] <= N_WORDS]
    shares = tables["shares"][tables["shares"]["kind"] == "theme"]
    by_outlet = (shares["by"] == "source").any()
    shares = shares[shares["by"] == ("source" if by_outlet else "lang")]
    return render(
        "report/report.html.jinja",
        title=f"{plural(counts['articles'], 'article')}, {plural(counts['topics'], 'topic')}",
        manifest=manifest,
        caveats=caveats(tables, manifest),
        figures=list(_figures(tables, manifest)),
        findings=_findings(tables, manifest),
        languages=LANGUAGE_NAMES,
        by_outlet=by_outlet,
        shares=shares.sort_values("share", ascending=False, kind="stable"),
        topics=tables["topics"].to_dict("records"),
        topic_label=topic_label,
        decisions=list_decisions(manifest),
        topic_languages=tables["topic_languages"].set_index(["topic", "lang"])["share"],
        words=keywords.groupby(["topic", "lang"])["word"].agg("، ".join),
        quotes=_quotes(tables, n_quotes),
        checks=checks,
        methods=methods(tables, manifest, checks=checks),
    )


def _findings(tables: Tables, manifest: Manifest) -> list[str]:
    """Return sentences on what was found: themes, topics, and the largest differences beyond their detection limits."""
    shares, labels = tables["shares"], {key: label["en"] for key, label in manifest["themes"].items()}
    lines = []
    for lang, name in LANGUAGE_NAMES.items():
        own = shares[(shares["kind"] == "theme") & (shares["level"] == lang) & (shares["share"] > 0)]
        own = own.nlargest(3, "share")
        if len(own):
            parts = ", ".join(f"{labels.get(row.key, row.key)} ({row.share:.1%})" for row in own.itertuples())
            lines.append(f"The largest themes in the {plural(own['n'].max(), f'{name} article')} compared: {parts}.")
    topics = tables["topics"].query("topic >= 0")
    size = topics["size"]
    if len(topics):
        lines.append(
            f"{plural(len(topics), 'topic')} of {size.min()} to {size.max()} passages (median {size.median():g})."
        )
    if "sensitivity" not in tables:
        return [
            *lines,
            "Differences of topics between the languages were not checked against a detection limit (--quality).",
        ]
    limits = tables["sensitivity"].dropna(subset="limit").query("kind == 'topic'").set_index("key")["limit"]
    topics = topics.assign(
        limit=topics["topic"].astype(str).map(limits), difference=topics["share_fa"] - topics["share_ar"]
    )
    beyond = topics[topics["difference"].abs() > topics["limit"]]
    for row in beyond.sort_values("difference", key=abs, ascending=False).head(N_FINDINGS).itertuples():
        more = LANGUAGE_NAMES["fa" if row.difference > 0 else "ar"]
        name = row.name_en or f"topic {row.topic}"
        points = f"{100 * abs(row.difference):.0f} percentage points more of the {more} passages"
        lines.append(f"{name}: {points} (detection limit {100 * row.limit:.0f}).")
    return lines if len(beyond) else [*lines, "No topic differs between the languages beyond its detection limit."]


def _figures(tables: Tables, manifest: Manifest) -> Iterator[tuple[str, str, str, str]]:
    """Yield the name, heading, caption and PNG (in base64) of each figure whose tables the run has."""
    for name, texts in FIGURE_CAPTIONS.items():
        needed = draw.FIGURES[name].tables
        if set(needed) <= set(tables) and not all(tables[table].empty for table in needed):
            stream = io.BytesIO()
            with style.context("page"):
                figure = draw.draw_figure(name, {**tables, "manifest": manifest})
                figure.savefig(stream, format="png", dpi=180, metadata={"Software": None})
                plt.close(figure)
            yield name, texts["heading"], texts["caption"], base64.b64encode(stream.getvalue()).decode()


def _quotes(tables: Tables, n_quotes: int) -> dict[tuple[str, str], list[Any]]:
    """Return the quotes of each topic and theme, by ("topic" or "theme", key), as rows with their sources."""
    rows = tables["quotes"].groupby(["kind", "key", "lang"], sort=False).head(n_quotes)
    rows = rows[["kind", "key", "lang", "passage_id"]].merge(
        tables["passages"][["passage_id", "doc_id", "text"]], on="passage_id"
    )
    rows = rows.merge(tables["documents"][["doc_id", "source", "date", "url"]], on="doc_id")
    rows["text"] = [
        cut_after_sentence(text, lang, MAX_QUOTE_CHARS) for text, lang in zip(rows["text"], rows["lang"], strict=True)
    ]
    return {key: list(group.itertuples()) for key, group in rows.groupby(["kind", "key"], sort=False)}
