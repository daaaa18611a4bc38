"""Learn from a corpus which lines are boilerplate: short lines that many articles of one outlet share.

Counting (`count_lines`, one frame of documents) and deciding (`combine_counts`, the whole corpus) are separate, so that
a corpus in partitions gives the same rules as one frame. A run keeps its rules, for articles that are assigned later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.corpus.columns import iter_cells
from topiclib.corpus.outlets import outlet_key
from topiclib.text.line_kinds import MAX_LINE_LENGTH, line_key, line_spans
from topiclib.text.paragraphs import restore_paragraphs

# A line is boilerplate if this share of an outlet's articles have it, and at least this many. In the 19 outlets of four
# real corpora nothing above both is part of an article (docs/decisions/05-passages.md).
MIN_SHARE = 0.05
MIN_ARTICLES = 5

_HASH_OF_ARTICLES = pd.util.hash_array(np.array([""], dtype=object))[0]


@dataclass(frozen=True)
class CorpusRules:
    """The boilerplate of each outlet, learned from a corpus: the lines to leave out (as `line_key` returns them).

    `boilerplate` maps an outlet (its `outlet_key`; "" where unknown) to its lines, and each line to the number of
    articles that have it, the most common first.
    """

    boilerplate: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def lines_of(self, source: str) -> Mapping[str, int]:
        """Return the boilerplate lines of an outlet."""
        return self.boilerplate.get(outlet_key(source), {})

    def to_dict(self) -> dict[str, Any]:
        """Return the rules as JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> CorpusRules:
        """Return the rules that `to_dict` wrote; raise a ValueError if the values are none."""
        try:
            lines = {str(s): {str(k): int(n) for k, n in found.items()} for s, found in values["boilerplate"].items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"corpus rules are damaged ({error!r}): expected {{'boilerplate': {{...}}}}") from error
        return cls(lines)


NO_RULES = CorpusRules()


def learn_rules(documents: pd.DataFrame) -> CorpusRules:
    """Learn the rules of a corpus from its documents: `text`, and `title`, `source` and `dropped` if known."""
    return combine_counts([count_lines(documents)])


def count_lines(documents: pd.DataFrame) -> pd.DataFrame:
    """Count, for each outlet, the articles that have a line: columns `source`, `line_hash`, `n` and `line`.

    `line`, its `line_key`, is "" where the line is too rare to be boilerplate: what 5 % of an outlet's articles share,
    5 % of those in some partition share, which names it. The row with the hash of "" counts all articles of the outlet.
    """
    schema.require_columns(documents, ["text"], caller="count_lines")
    counts: Counter[tuple[str, str]] = Counter()
    for source, title, text, dropped in iter_cells(documents, "source", "title", "text", "dropped"):
        if dropped:
            continue
        lines = [text[start:end] for start, end in line_spans(restore_paragraphs(text))] + [title] * bool(title.strip())
        # A line alone is an article, however often it is repeated with another number.
        keys = {line_key(line) for line in lines if len(line) <= MAX_LINE_LENGTH} if len(lines) > 1 else set()
        counts.update((outlet_key(source), key) for key in keys | {""})
    frame = pd.DataFrame([(*pair, n) for pair, n in counts.items()], columns=["source", "line", "n"], dtype="object")
    frame["line_hash"] = pd.util.hash_array(frame["line"].to_numpy())
    frame["n"] = frame["n"].astype("int64")
    articles = frame[frame["line"] == ""].set_index("source")["n"].reindex(frame["source"]).to_numpy()
    return frame.assign(line=frame["line"].where(frame["n"] >= MIN_SHARE * articles, ""))


def combine_counts(counts: Iterable[pd.DataFrame]) -> CorpusRules:
    """Return the rules of a corpus from the counts of all its partitions (`count_lines`)."""
    frame = pd.concat(counts, ignore_index=True)
    line_of = frame[frame["line"] != ""].drop_duplicates("line_hash").set_index("line_hash")["line"]
    n = frame.groupby(["source", "line_hash"])["n"].sum().reset_index()
    n["line"] = n["line_hash"].map(line_of)  # missing for the number of articles, which has the hash of ""
    articles = n[n["line_hash"] == _HASH_OF_ARTICLES].set_index("source")["n"].reindex(n["source"]).to_numpy()
    shared = n[n["line"].notna() & (n["n"] >= np.maximum(MIN_ARTICLES, MIN_SHARE * articles))]
    shared = shared.sort_values(["source", "n", "line"], ascending=[True, False, True])
    return CorpusRules(
        {source: dict(zip(rows["line"], rows["n"].tolist(), strict=True)) for source, rows in shared.groupby("source")}
    )


def common_boilerplate(documents: pd.DataFrame, passages: pd.DataFrame, *, n: int = 3) -> pd.DataFrame:
    """Return the `n` most common boilerplate lines of each outlet: source, line, n (articles), share of articles."""
    rows = passages[passages["kind"] == "boilerplate"].merge(documents[["doc_id", "source"]], on="doc_id")
    counts = _count_repetitions(rows, "source", "doc_id").query("key != ''")
    counts = counts[counts["n"] >= MIN_ARTICLES].sort_values(["source", "n", "key"], ascending=[True, False, True])
    sizes = documents.loc[documents["dropped"] == "", "source"].value_counts()
    counts["share"] = counts["n"] / sizes.reindex(counts["source"]).to_numpy()
    return counts.groupby("source").head(n)[["source", "line", "n", "share"]].reset_index(drop=True)


def repeated_line_topics(passages: pd.DataFrame, assignments: pd.DataFrame) -> pd.DataFrame:
    """Return the topics of which half the passages or more are the same line: topic, line, n, size (passages)."""
    rows = assignments.merge(passages[["passage_id", "text"]], on="passage_id").query("topic >= 0")
    sizes = rows["topic"].value_counts()
    counts = _count_repetitions(rows[rows["text"].str.len() <= MAX_LINE_LENGTH], "topic", "passage_id")
    counts["size"] = counts["topic"].map(sizes)
    return counts[(counts["n"] > 1) & (2 * counts["n"] >= counts["size"])].drop(columns="key").reset_index(drop=True)


def _count_repetitions(rows: pd.DataFrame, group: str, unit: str) -> pd.DataFrame:
    """Count the units (articles, passages) of each group that have the same text."""
    rows = rows.assign(key=rows["text"].map(line_key))
    return rows.groupby([group, "key"]).agg(line=("text", "first"), n=(unit, "nunique")).reset_index()


def describe_repetition(
    documents: pd.DataFrame, passages: pd.DataFrame, assignments: pd.DataFrame | None = None
) -> list[str]:
    """Describe in one sentence each the boilerplate of outlets (at most three), and topics made of one line."""
    notes = []
    outlets = list(common_boilerplate(documents, passages).groupby("source", sort=False))
    for source, rows in sorted(outlets, key=lambda pair: -pair[1]["n"].max())[:3]:
        lines = ", ".join(f"{row.line} ({row.share:.0%} of the articles)" for row in rows.itertuples())
        notes.append(f"Left out as boilerplate of {source or 'unknown outlets'}: {lines}.")
    if len(outlets) > 3:
        notes.append(f"{len(outlets) - 3} more outlets have boilerplate lines in {MIN_ARTICLES} articles or more.")
    if assignments is not None:
        for row in repeated_line_topics(passages, assignments).itertuples():
            notes.append(f"Topic {row.topic} is one repeated line, in {row.n} of its {row.size} passages: {row.line}")
    return notes
