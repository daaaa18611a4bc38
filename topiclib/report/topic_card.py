"""Topic cards: one topic's size, languages, outlets, keywords and quotes, from a run's tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from topiclib import schema
from topiclib.report.templates import render
from topiclib.runs.summary import LANGUAGE_NAMES
from topiclib.topics.curation import describe_decision

FRAMING_NOTE = (
    "The same topic is the same subject, not the same framing of it: read the quotes before you compare positions."
)


def summarize_topics(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Summarize each topic in one row, including outliers (-1) if they were kept.

    Returns
    -------
    DataFrame
        Columns topic, size, names, labels, share_fa and share_ar as in `topics`; `share` of all passages; `lift_fa` and
        `lift_ar`, the share within the language divided by `share` (NaN without passages in that language);
        `similarity`, the mean cosine to the topic's centroid; `articles` and `outlets`, their numbers; `largest_outlet`
        and `largest_share`, the outlet with the most of the topic's passages and its share of them (near 1, the topic
        belongs to that outlet rather than to a language). Articles without an outlet count toward none.
    """
    rows = tables["assignments"].merge(tables["passages"][["passage_id", "doc_id", "lang"]], on="passage_id")
    rows["source"] = rows["doc_id"].map(tables["documents"].set_index("doc_id")["source"]).fillna("")
    by_topic = rows.groupby("topic")
    cards = tables["topics"].set_index("topic").assign(share=by_topic.size() / len(rows))
    cards["similarity"] = by_topic["similarity"].mean()
    for lang in schema.LANGUAGES:
        has_any = (rows["lang"] == lang).any()
        cards[f"lift_{lang}"] = cards[f"share_{lang}"] / cards["share"] if has_any else float("nan")
    by_outlet = rows[rows["source"] != ""].groupby(["topic", "source"]).size().rename("n").reset_index()
    largest = by_outlet.sort_values(["n", "source"], ascending=[False, True])
    largest = largest.drop_duplicates("topic").set_index("topic")
    cards["articles"] = by_topic["doc_id"].nunique()
    cards["outlets"] = by_outlet.groupby("topic").size().reindex(cards.index, fill_value=0)
    cards["largest_outlet"] = largest["source"].reindex(cards.index, fill_value="")
    cards["largest_share"] = largest["n"].reindex(cards.index, fill_value=0) / cards["size"]
    return cards.reset_index()


def format_topic_card(tables: Mapping[str, pd.DataFrame], topic: int, manifest: Mapping[str, Any] | None = None) -> str:
    """Format a topic as plain text: size and outlets, then keywords and quotes of each language.

    Persian and Arabic text is on lines of its own: most terminals misplace the parts of a mixed line. With the manifest
    of a run, decisions about the topic are added, and one that was merged or dropped is described as it was found. A
    topic that does not exist raises ValueError with those that do.
    """
    curation = (manifest or {}).get("curation", {})
    about = [d for d in curation.get("decisions", ()) if topic in (d["found"], d.get("into"))]
    decisions = [describe_decision(entry) for entry in about]
    cards = summarize_topics(tables).set_index("topic")
    if topic not in cards.index:
        if any(entry["found"] == topic for entry in about):
            return _format_gone(tables, topic, decisions, curation.get("words", {}).get(str(topic), ()))
        raise ValueError(f"there is no topic {topic}: expected one of {', '.join(map(str, cards.index))}")
    keywords, quotes = tables["keywords"], tables["quotes"]
    quotes = quotes[(quotes["kind"] == "topic") & (quotes["key"] == str(topic))]
    quotes = quotes[["lang", "passage_id"]].merge(tables["passages"][["passage_id", "doc_id", "text"]])
    documents = tables["documents"].reindex(columns=["doc_id", "date", "source"]).fillna("")
    return render(
        "report/topic_card.txt.jinja",
        topic=topic,
        card=cards.loc[topic],
        languages=LANGUAGE_NAMES,
        words=keywords[keywords["topic"] == topic].sort_values("rank").groupby("lang")["word"].agg("، ".join),
        quotes=quotes.merge(documents, on="doc_id"),
        note="\n".join([*decisions, *[""] * bool(decisions), FRAMING_NOTE]),
    )


def _format_gone(tables: Mapping[str, pd.DataFrame], topic: int, decisions: Sequence[str], words: Sequence[str]) -> str:
    """Describe a topic that was merged or dropped: words and size as it was found, why, and where its passages are."""
    rows = tables["assignments"].query("topic_found == @topic")
    lines = [f"topic {topic}, as it was found: {schema.plural(len(rows), 'passage')}", *filter(None, words), *decisions]
    names = tables["topics"].set_index("topic", drop=False)
    lines.append("Its passages are now in:" if len(rows) else "It was a part of a topic that was split.")
    for number, n in rows["topic"].value_counts().items():
        label = "no topic" if number < 0 else f"topic {number}"
        lines.append(f"{label} ({n})")
        if number >= 0 and (text := schema.topic_label(names.loc[number]).partition(" · ")[2]):
            lines.append(text)
    return "\n".join(lines)
