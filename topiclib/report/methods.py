"""Write the methods section of a paper with a run's own numbers, and what was and was not validated."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from topiclib import schema
from topiclib.embedding.alignment import MIN_PASSAGES
from topiclib.report.templates import render
from topiclib.runs.summary import LANGUAGE_NAMES, caveats, describe_detection, describe_time_window, list_decisions

Tables = Mapping[str, pd.DataFrame]
Manifest = Mapping[str, Any]


def methods(tables: Tables, manifest: Manifest) -> str:
    """Return a methods section in Markdown; every number in it comes from the run's tables and manifest."""
    documents, passages, topics, themes = (tables[name] for name in ("documents", "passages", "topics", "themes"))
    used = documents[(documents["dropped"] == "") & documents["lang"].isin(schema.LANGUAGES)]
    extensions = manifest.get("extensions", [])
    modeled = passages["passage_id"][passages["modeled"]]
    sizes = topics[topics["topic"] >= 0].set_index("topic")["size"]
    largest = tables["topic_languages"].groupby("topic")["share"].max().reindex(sizes.index)
    return render(
        "report/methods.md.jinja",
        tables=tables,
        manifest=manifest,
        recipe=manifest["recipe"],
        articles={name: used[used["lang"] == lang] for lang, name in LANGUAGE_NAMES.items()},
        dates=sorted(date for date in used["date"] if date),
        n_undated=(used["date"] == "").sum(),
        n_dropped=(documents["dropped"] != "").sum(),
        kinds=passages[passages["modeled"]]["kind"].value_counts(),
        n_reprints=(passages["reprint_of"] != "").sum(),
        sizes=sizes,
        n_modeled=len(tables["assignments"]) - sum(added["counts"]["passages"] for added in extensions),
        extensions=extensions,
        several_languages=(passages[passages["modeled"]]["lang"].value_counts() >= MIN_PASSAGES).sum() > 1,
        n_without_topic=topics["size"].sum() - sizes.sum(),
        n_about=themes[themes["about"]]["theme"].value_counts(),
        n_about_reprints=themes[themes["about"] & ~themes["passage_id"].isin(modeled)]["theme"].value_counts(),
        one_language_share=sizes[largest >= 0.95].sum() / max(1, sizes.sum()),
        time_window=describe_time_window(manifest),
        detection=describe_detection(tables),
        caveats=caveats(tables, manifest),
        decisions=[line.replace("<", "&lt;") for line in list_decisions(manifest)],  # Markdown may have HTML
        named=topics[topics[["name_en", "name_fa", "name_ar"]].ne("").any(axis=1)]["topic"].tolist(),
    )
