"""Topic cards: one topic's size, languages, outlets, keywords and quotes, from a run's tables."""

from collections.abc import Mapping

import pandas as pd

from topiclib import schema
from topiclib.runs.summary import LANGUAGE_NAMES

FRAMING_NOTE = (
    "The same topic is the same subject, not the same framing of it: read the quotes before you compare positions."
)


def summarize_topics(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Summarize each topic in one row.

    Parameters
    ----------
    tables
        From `tabulate` or `Run.tables`; needs `documents`, `passages`, `assignments` and `topics`.

    Returns
    -------
    DataFrame
        One row per topic, including outliers (-1) if they were kept. Columns topic, size, label_fa, label_ar, share_fa
        and share_ar as in `topics`; `share` of all passages; `lift_fa` and `lift_ar`, the share within the language
        divided by `share` (NaN without passages in that language); `similarity`, the mean cosine to the topic's
        centroid; `articles` and `outlets`, their numbers; `largest_outlet` and `largest_share`, the outlet with the
        most of the topic's passages and its share of them. Articles without an outlet count toward none.

    Notes
    -----
    A topic with one outlet, or a largest_share near 1, belongs to that outlet rather than to a language.
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


def format_topic_card(tables: Mapping[str, pd.DataFrame], topic: int) -> str:
    """Format a topic as plain text: size and outlets, then keywords and quotes of each language.

    Parameters
    ----------
    tables
        As in `summarize_topics`, plus `keywords` and `quotes`.
    topic
        A value of `tables["topics"]["topic"]`.

    Raises
    ------
    ValueError
        If the topic does not exist; the message lists those that do.

    Notes
    -----
    Persian and Arabic text is on lines of its own: most terminals misplace the parts of a mixed line.
    """
    cards = summarize_topics(tables).set_index("topic")
    if topic not in cards.index:
        raise ValueError(f"there is no topic {topic}: expected one of {', '.join(map(str, cards.index))}")
    card = cards.loc[topic]
    outlets = f", {card['outlets']} outlets" if card["outlets"] else ""
    lines = [
        f"topic {topic}: {card['size']} passages of {card['articles']} articles{outlets}; "
        f"{card['share']:.1%} of all passages; mean similarity {card['similarity']:.2f}"
    ]
    if card["outlets"]:
        lines.append(f"largest outlet, with {card['largest_share']:.0%} of the passages: {card['largest_outlet']}")
    for lang in schema.LANGUAGES:
        lines += ["", *_language_lines(tables, topic, lang, card)]
    return "\n".join([*lines, "", FRAMING_NOTE])


def _language_lines(tables: Mapping[str, pd.DataFrame], topic: int, lang: str, card: pd.Series) -> list[str]:
    """Format one language: share and lift, keywords, and quotes with their ids, dates and outlets."""
    name = LANGUAGE_NAMES[lang]
    if not card[f"share_{lang}"] > 0:
        return [f"{name}: no passage"]
    words, quotes = tables["keywords"], tables["quotes"]
    words = words[(words["topic"] == topic) & (words["lang"] == lang)].sort_values("rank")["word"]
    quotes = quotes[(quotes["kind"] == "topic") & (quotes["key"] == str(topic)) & (quotes["lang"] == lang)]
    passages = tables["passages"].set_index("passage_id")
    documents = tables["documents"].set_index("doc_id").reindex(columns=["source", "date"]).fillna("")
    share, lift = card[f"share_{lang}"], card[f"lift_{lang}"]
    lines = [f"{name}: {share:.1%} of all {name} passages, {lift:.2f} times the topic's share of all passages"]
    lines += ["، ".join(words)] if len(words) else []
    for passage_id in quotes["passage_id"]:
        source, date = documents.loc[passages.loc[passage_id, "doc_id"]]
        lines += [f"[{passage_id}] {' '.join(part for part in (date, source) if part)}".rstrip()]
        lines += [" ".join(passages.loc[passage_id, "text"].split())]
    return lines
