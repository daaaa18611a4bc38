"""A topic at a glance: its card, from the tables of a run alone."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from topiclib import schema


def full_cards(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put what the tables know of each topic into one row.

    The same topic in two languages, or at two outlets, is the same subject: it is not the same framing of it.

    Parameters
    ----------
    tables
        As `tabulate` returns them, or `Run.tables`; needs `documents`, `passages`, `assignments` and `topics`.

    Returns
    -------
    DataFrame
        One row a topic, outliers (-1) among them if they were kept: topic, size, label_fa, label_ar, share_fa, share_ar
        as in `topics`; `share`, of all passages; `lift_fa`, `lift_ar`, the share in the language over that in all
        passages (1: as much as everywhere, NaN without passages of the language); `strength`, the mean cosine to the
        topic's centroid;
        `articles` and `outlets` that have it; `largest_outlet` and `largest_share`, its part of the topic's passages.
        An outlet without a name counts in no outlet.

    Notes
    -----
    A topic with one outlet, or a largest_share near 1, is that outlet's topic rather than a language's.
    """
    topics, passages = tables["topics"], tables["passages"]
    rows = tables["assignments"].merge(passages[["passage_id", "doc_id", "lang"]], on="passage_id")
    rows["source"] = rows["doc_id"].map(tables["documents"].set_index("doc_id")["source"]).fillna("")
    of_topic = rows.groupby("topic")
    cards = topics.set_index("topic").assign(share=of_topic.size() / len(rows), strength=of_topic["strength"].mean())
    for lang in schema.LANGUAGES:
        has_any = (rows["lang"] == lang).any()
        cards[f"lift_{lang}"] = cards[f"share_{lang}"] / cards["share"] if has_any else float("nan")
    named = rows[rows["source"] != ""]
    by_outlet = named.groupby(["topic", "source"]).size().rename("n").reset_index()
    largest = (
        by_outlet.sort_values(["n", "source"], ascending=[False, True]).drop_duplicates("topic").set_index("topic")
    )
    cards["articles"] = of_topic["doc_id"].nunique()
    cards["outlets"] = by_outlet.groupby("topic").size().reindex(cards.index, fill_value=0)
    cards["largest_outlet"] = largest["source"].reindex(cards.index, fill_value="")
    cards["largest_share"] = largest["n"].reindex(cards.index, fill_value=0) / cards["size"]
    return cards.reset_index()
