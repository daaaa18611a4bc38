"""A topic at a glance: its card, from the tables of a run alone."""

from collections.abc import Mapping

import pandas as pd

from topiclib import schema
from topiclib.runs.summary import LANGUAGE_NAMES

FRAMING_NOTE = (
    "The same topic is the same subject, not the same framing of it: read the quotes before you say who says what."
)


def summarize_topics(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put what the tables know of each topic into one row.

    Parameters
    ----------
    tables
        As `tabulate` returns them, or `Run.tables`; needs `documents`, `passages`, `assignments` and `topics`.

    Returns
    -------
    DataFrame
        One row a topic, outliers (-1) among them if they were kept: topic, size, label_fa, label_ar, share_fa, share_ar
        as in `topics`; `share`, of all passages; `lift_fa`, `lift_ar`, the share in the language over that in all
        passages (1: as much as everywhere, NaN without passages of the language); `similarity`, the mean cosine to the
        topic's centroid; `articles` and `outlets` that have it; `largest_outlet` and `largest_share`, its part of the
        topic's passages. An outlet without a name counts in no outlet.

    Notes
    -----
    A topic with one outlet, or a largest_share near 1, is that outlet's topic rather than a language's.
    """
    topics, passages = tables["topics"], tables["passages"]
    rows = tables["assignments"].merge(passages[["passage_id", "doc_id", "lang"]], on="passage_id")
    rows["source"] = rows["doc_id"].map(tables["documents"].set_index("doc_id")["source"]).fillna("")
    of_topic = rows.groupby("topic")
    cards = topics.set_index("topic").assign(
        share=of_topic.size() / len(rows), similarity=of_topic["similarity"].mean()
    )
    for lang in schema.LANGUAGES:
        has_any = (rows["lang"] == lang).any()
        cards[f"lift_{lang}"] = cards[f"share_{lang}"] / cards["share"] if has_any else float("nan")
    named = rows[rows["source"] != ""]
    by_outlet = named.groupby(["topic", "source"]).size().rename("n").reset_index()
    largest = by_outlet.sort_values(["n", "source"], ascending=[False, True])
    largest = largest.drop_duplicates("topic").set_index("topic")
    cards["articles"] = of_topic["doc_id"].nunique()
    cards["outlets"] = by_outlet.groupby("topic").size().reindex(cards.index, fill_value=0)
    cards["largest_outlet"] = largest["source"].reindex(cards.index, fill_value="")
    cards["largest_share"] = largest["n"].reindex(cards.index, fill_value=0) / cards["size"]
    return cards.reset_index()


def format_topic_card(tables: Mapping[str, pd.DataFrame], topic: int) -> str:
    """Return a topic's card as text to read: facts, then words and quotes of each language.

    Parameters
    ----------
    tables
        As in `summarize_topics`, and `keywords`, `quotes`.
    topic
        One of `tables["topics"]["topic"]`.

    Raises
    ------
    ValueError
        If there is no such topic; the message says which there are.

    Notes
    -----
    Lines in Persian or Arabic stand alone: most terminals order a mixed line wrongly.
    """
    cards = summarize_topics(tables).set_index("topic")
    if topic not in cards.index:
        known = ", ".join(map(str, cards.index))
        raise ValueError(f"there is no topic {topic}: expected one of {known}")
    facts = cards.loc[topic]
    outlets = f", {facts['outlets']} outlets" if facts["outlets"] else ""
    lines = [
        f"topic {topic}: {facts['size']} passages of {facts['articles']} articles{outlets}; "
        f"{facts['share']:.1%} of all passages; mean similarity {facts['similarity']:.2f}"
    ]
    if facts["outlets"]:
        part = f"{facts['largest_share']:.0%} of its passages"
        lines.append(f"its largest outlet, with {part}: {facts['largest_outlet']}")
    for lang in schema.LANGUAGES:
        lines += ["", *_language_lines(tables, topic, lang, facts)]
    return "\n".join([*lines, "", FRAMING_NOTE])


def _language_lines(tables: Mapping[str, pd.DataFrame], topic: int, lang: str, facts: pd.Series) -> list[str]:
    """Return a language's share and lift, its words, and its quotes with their ids, outlets and dates."""
    name = LANGUAGE_NAMES[lang]
    if not facts[f"share_{lang}"] > 0:
        return [f"{name}: no passage"]
    words, quotes = tables["keywords"], tables["quotes"]
    words = words[(words["topic"] == topic) & (words["lang"] == lang)].sort_values("rank")["word"]
    quotes = quotes[(quotes["kind"] == "topic") & (quotes["key"] == str(topic)) & (quotes["lang"] == lang)]
    passages = tables["passages"].set_index("passage_id")
    documents = tables["documents"].set_index("doc_id").reindex(columns=["source", "date"]).fillna("")
    share, lift = facts[f"share_{lang}"], facts[f"lift_{lang}"]
    lines = [f"{name}: {share:.1%} of all {name} passages, {lift:.2f} times the topic's share of all passages"]
    lines += ["، ".join(words)] if len(words) else []
    for passage_id in quotes["passage_id"]:
        source, date = documents.loc[passages.loc[passage_id, "doc_id"]]
        lines += [f"[{passage_id}] {' '.join(part for part in (date, source) if part)}".rstrip()]
        lines += [" ".join(passages.loc[passage_id, "text"].split())]
    return lines
