"""Compare two runs: topics matched by the passages that both have, shares, and the inputs and settings that differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from topiclib.evaluate.agreement import ARI, MIN_MATCH_JACCARD, compare_topics, match_topics, topic_overlaps
from topiclib.runs.pipeline import Run, open_run
from topiclib.runs.summary import INDENT, lines_to_html, list_decisions
from topiclib.themes.theme_file import THEME_FILE, read_themes

if TYPE_CHECKING:
    from pathlib import Path

CHANGES = ("same", "changed", "split", "joined", "disappeared", "appeared")
# A topic with fewer of its passages in both runs than this says nothing about topics of the other run.
MIN_COMMON_SHARE = 0.1
# Entries of the manifest that are results, or hashes of what is compared otherwise.
NOT_COMPARED = (
    "format", "files", "checksum", "cache_key", "stages", "topic_ids", "topic_steps", "texts_sha256",
    "theme_file", "curation", "curation_file", "corpus_decisions", "n_partitions", "partition_bytes",
)  # fmt: skip
HEADINGS = {
    "topic_a": "A",
    "topic_b": "B",
    "n_a": "passages of A",
    "n_b": "of B",
    "n_both": "in both",
    "jaccard": "overlap",
}
MAX_LINES, MAX_LENGTH = 12, 60  # settings of a section, and letters of a value, in the terminal


@dataclass(frozen=True)
class RunDiff:
    """Two runs side by side, A and B, as `diff` returns them. The terminal and Jupyter show the same lines.

    Attributes
    ----------
    topics
        One row per pair of related topics: `change`, `topic_a`, `topic_b`, their passages `n_a` and `n_b`, those in
        both topics (`n_both`; of a topic without a pair, those in both runs), `jaccard` (of the passages that both
        runs have) and the names or else words, `words_a` and `words_b`.
        "same": matched one to one with a Jaccard similarity of at least .5, and not one of several parts. Otherwise,
        with a majority meaning more
        than half of the passages that both runs have: "changed", the majority of each is in the other; "split", the
        majority of B's topic is from A's; "joined", the majority of A's topic is in B's. Topics without such a pair,
        and those of which fewer than a tenth is in both runs, have "disappeared" from A or "appeared" in B.
    passages
        By language, the modeled passages `in_both` runs, those of them in the `same_topic`, and those `only_a` and
        `only_b` has. Passages with the same id but another text are counted as `other_text` and not compared.
    shares
        The shares of themes, and of topics that are the same, at each level in both runs: `share_a`, `share_b` with
        intervals, `change`, and `beyond`: whether the intervals do not overlap (missing where a run has none). Runs
        with articles in common are not independent, so this is no test.
    settings
        What differs in recipe, decisions about topics, inputs, counts, versions, encoder and terms of themes:
        `section`, `name`, `a`, `b`.
    agreement
        As `topiclib.evaluate.agreement.compare_topics` returns it, over the passages that both runs have.
    """

    a: Run
    b: Run
    topics: pd.DataFrame
    passages: pd.DataFrame
    shares: pd.DataFrame
    settings: pd.DataFrame
    agreement: dict[str, Any]

    def __repr__(self) -> str:
        return format_diff(self)

    def _repr_html_(self) -> str:
        return lines_to_html(format_diff(self))


def diff(a: Run | str | Path, b: Run | str | Path) -> RunDiff:
    """Compare two runs, or their folders: such as two fits of a corpus, or of a corpus before and after it grew.

    Raises
    ------
    FileNotFoundError, ValueError
        If a folder is not a run or is damaged, or the two have no passage in common.

    References
    ----------
    Hennig 2007, "Cluster-wise assessment of cluster stability" (Jaccard similarity of .5).

    Examples
    --------
    >>> tl.diff("runs/march", "runs/april").topics.query("change != 'same'")  # doctest: +SKIP
    """
    a, b = (run if isinstance(run, Run) else open_run(run) for run in (a, b))
    both = _join_passages(a, b)
    common = both[both["where"] == "both"]
    if common.empty:
        n = (both["where"] == "other text").sum()
        why = f"{n} ids are the same, but not their texts" if n else "no id is the same"
        raise ValueError(f"{a.path} and {b.path} have no passage in common ({why}): expected runs of one corpus")
    of_both = common[["topic_a", "topic_b"]].astype(int)
    topics = relate_topics(of_both, *(run.topics.query("topic >= 0").set_index("topic")["size"] for run in (a, b)))
    for side, run in (("a", a), ("b", b)):
        topics[f"words_{side}"] = topics[f"topic_{side}"].map(_describe_topics(run.topics)).fillna("")
    matched = topics[topics["change"] == "same"].set_index("topic_b")["topic_a"]
    is_same = (of_both["topic_a"] >= 0) & (of_both["topic_b"].map(matched).fillna(-1) == of_both["topic_a"])
    both.loc[common.index[is_same], "same_topic"] = "same_topic"
    names = {"both": "in_both", "left": "only_a", "right": "only_b", "other text": "other_text"}
    counts = [pd.crosstab(both["lang"], both["where"].map(names)), both["same_topic"].groupby(both["lang"]).count()]
    columns = ["in_both", "same_topic", "only_a", "only_b", "other_text"]
    passages = pd.concat(counts, axis=1).reindex(columns=columns).fillna(0).astype(int)
    return RunDiff(
        a, b, topics, passages.reset_index(),
        _compare_shares(a.shares, b.shares, matched), _compare_settings(a, b),
        compare_topics(of_both["topic_a"].to_numpy(), of_both["topic_b"].to_numpy(), common["lang"]),
    )  # fmt: skip


def _describe_topics(topics: pd.DataFrame) -> pd.Series:
    """Return the names of topics that people gave them, or else their words, by topic."""
    topics = topics.set_index("topic")
    names, words = (
        topics[columns].apply(lambda row: " · ".join(filter(None, row)), axis=1)
        for columns in (["name_en", "name_fa", "name_ar"], ["label_fa", "label_ar"])
    )
    return names.where(names != "", words)


def _join_passages(a: Run, b: Run) -> pd.DataFrame:
    """Return the modeled passages of both runs: id, language, `topic_a`, `topic_b`, and `where` they are."""
    frames = [run.passages[["passage_id", "lang", "text"]].merge(run.assignments) for run in (a, b)]
    both = frames[0].merge(frames[1], on="passage_id", how="outer", suffixes=("_a", "_b"), indicator="where")
    is_other = (both["where"] == "both") & (both["text_a"] != both["text_b"])
    where = both["where"].astype("object").mask(is_other, "other text")
    return both.assign(where=where, lang=both["lang_a"].fillna(both["lang_b"]))


def relate_topics(common: pd.DataFrame, sizes_a: pd.Series, sizes_b: pd.Series) -> pd.DataFrame:
    """Return table `topics` of `RunDiff` without labels, from `topic_a` and `topic_b` of the passages of both runs.

    The sizes are those of the topics in all passages of each run, without -1.
    """
    sides, sizes = ("topic_a", "topic_b"), (sizes_a, sizes_b)
    n_common = [common[side].value_counts() for side in sides]
    overlaps = topic_overlaps(common["topic_a"].to_numpy(), common["topic_b"].to_numpy())
    jaccard = overlaps.stack().rename_axis(sides).rename("jaccard")
    rows = common.value_counts(list(sides)).rename("n_both").reset_index().join(jaccard, sides)
    known = [n[n >= MIN_COMMON_SHARE * size.reindex(n.index)].index for n, size in zip(n_common, sizes, strict=True)]
    rows = rows[rows["topic_a"].isin(known[0]) & rows["topic_b"].isin(known[1])]
    pairs = match_topics(overlaps)
    same = pairs[pairs["jaccard"] >= MIN_MATCH_JACCARD].rename(columns={"topic": "topic_a", "other": "topic_b"})
    is_same = rows[list(sides)].merge(same, "left")["jaccard"].notna().to_numpy()
    stays, comes = (2 * rows["n_both"] > rows[side].map(n) for side, n in zip(sides, n_common, strict=True))
    rows["change"] = np.select([is_same, stays & comes, comes, stays], CHANGES[:4], default="")
    rows = rows[rows["change"] != ""]
    # The largest of several parts is a part too, not the same.
    is_split, is_joined = (
        (rows["change"] == "same") & rows[side].isin(rows.loc[rows["change"] == change, side])
        for side, change in zip(sides, ("split", "joined"), strict=True)
    )
    named = np.select([is_split & is_joined, is_split, is_joined], ["changed", "split", "joined"], rows["change"])
    rows = rows.assign(change=named)
    for side, size, n, change in zip(sides, sizes, n_common, CHANGES[4:], strict=True):
        lone = size.index[~size.index.isin(rows[side])]
        alone = {side: lone, "change": change, "n_both": n.reindex(lone, fill_value=0).to_numpy()}
        rows = pd.concat([rows, pd.DataFrame(alone)], ignore_index=True)
    for side, size in zip(sides, sizes, strict=True):
        rows[side] = rows[side].astype("Int64")
        rows[side.replace("topic", "n")] = rows[side].map(size).astype("Int64")
    rows["change"] = pd.Categorical(rows["change"], CHANGES)
    columns = ["change", *sides, "n_a", "n_b", "n_both", "jaccard"]
    return rows.sort_values(columns[:3], ignore_index=True)[columns].astype({"change": "str", "n_both": "int64"})


def _compare_shares(a: pd.DataFrame, b: pd.DataFrame, matched: pd.Series) -> pd.DataFrame:
    """Return table `shares` of `RunDiff`; `matched` gives A's topic for those of B that are the same."""
    names = {str(topic_b): str(topic_a) for topic_b, topic_a in matched.items()}
    is_topic = b["kind"] == "topic"
    b = b.assign(key=b["key"].where(~is_topic, b["key"].map(names))).dropna(subset=["key"])
    keys, values = ["kind", "key", "by", "level"], ["n", "share", "low", "high"]
    frame = a[keys + values].merge(b[keys + values], on=keys, suffixes=("_a", "_b"))
    known = frame[["low_a", "low_b"]].notna().all(axis=1)
    beyond = (frame["low_a"] > frame["high_b"]) | (frame["low_b"] > frame["high_a"])
    return frame.assign(change=frame["share_b"] - frame["share_a"], beyond=beyond.astype("boolean").where(known))


def _compare_settings(a: Run, b: Run) -> pd.DataFrame:
    """Return table `settings` of `RunDiff`."""
    entries = [dict(_iter_settings(run)) for run in (a, b)]
    names = dict.fromkeys([*entries[0], *entries[1]])
    rows = [(*name, *(values.get(name, "") for values in entries)) for name in names]
    rows += _changed_terms(a, b)
    frame = pd.DataFrame(rows, columns=["section", "name", "a", "b"])
    return frame[frame["a"] != frame["b"]].reset_index(drop=True)


def _flatten(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and text of every value in an entry of a manifest, nested names joined with spaces."""
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        value = {item.get("name", str(i)): item for i, item in enumerate(value, 1)}
    if isinstance(value, Mapping) and "sha256" in value:  # a file
        value = value["sha256"][:12]
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key != "stages":
                yield from _flatten(item, f"{name} {key}".strip())
    elif value not in (None, "", []):  # as good as absent
        value = f"{value:g}" if isinstance(value, float) else value
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _iter_settings(run: Run) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield section, name and value of every setting in the manifest."""
    for decision in list_decisions(run.manifest):
        yield ("decision", decision), "yes"
    for section, value in run.manifest.items():
        if section not in NOT_COMPARED:
            for name, item in _flatten(value):
                yield (section, name or section), item[:12] if section.endswith("sha256") else item


def _changed_terms(a: Run, b: Run) -> Iterator[tuple[str, str, str, str]]:
    """Yield rows of `settings`: for a theme, language and role the terms that only A has, and those that only B has."""
    files = [run.path / THEME_FILE for run in (a, b)]
    if not all(file.is_file() for file in files):  # runs of early versions have none
        return
    terms: dict[str, list[Sequence[str]]] = {}
    for side, file in enumerate(files):
        for key, theme in read_themes(file).items():
            for lang, roles in theme.terms.items():
                for role, words in roles.items():
                    terms.setdefault(f"{key} {lang} {role}", [(), ()])[side] = words
    for name, (of_a, of_b) in terms.items():
        only_a, only_b = (term for term in of_a if term not in of_b), (term for term in of_b if term not in of_a)
        yield "terms", name, "، ".join(only_a), "، ".join(only_b)


def _sections(result: RunDiff) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the title and the table of each section of a summary."""
    yield f"A: {result.a}\nB: {result.b}", result.passages
    found, n_same = "{n_topics} topics in A, {n_topics_refit} in B", (result.topics["change"] == "same").sum()
    share = result.passages["same_topic"].sum() / max(1, result.passages["in_both"].sum())
    title = f"{found}, {n_same} the same; {share:.1%} of the passages in both are in the same topic; {ARI}"
    yield title.format(**result.agreement), result.topics
    shares, largest = result.shares, "no share is in both runs"
    judged, beyond = shares["beyond"].notna().sum(), shares[shares["beyond"].fillna(False)]
    without = f"; {len(shares) - judged} have no interval in A or B" if judged < len(shares) else ""
    if len(shares):
        row = shares.loc[shares["change"].abs().idxmax()]
        largest = f"the largest change is {100 * row.change:+.1f} points ({row.kind} {row.key}, {row.level})"
    yield f"shares beyond their intervals: {len(beyond)} of {judged}{without}; {largest}", beyond.drop(columns="beyond")
    yield f"settings and versions that differ: {len(result.settings) or 'none'}", result.settings


def format_diff(result: RunDiff) -> str:
    """Return a comparison as lines for a terminal, words from right to left on lines of their own."""
    lines: list[str] = []
    for title, frame in _sections(result):
        lines += ["", title]
        if "section" in frame:
            lines += _format_settings(frame)
        elif len(frame):
            words = [name for name in ("words_a", "words_b") if name in frame]
            cells = frame.drop(columns=words).rename(columns=HEADINGS)
            cells = cells.astype(object).map(lambda value: f"{value:.3f}" if isinstance(value, float) else value)
            numbers = cells.where(frame.drop(columns=words).notna().to_numpy(), "–").to_string(index=False)
            header, *rows = numbers.split("\n")
            lines.append(header)
            for row, line in zip(frame.to_dict("records"), rows, strict=True):
                # Of A, and of B if they differ.
                lines += [line, *(INDENT + text for text in dict.fromkeys(row[name] for name in words) if text)]
    return "\n".join(lines[1:])


def _format_settings(settings: pd.DataFrame) -> list[str]:
    """Return a line for each setting that differs, at most `MAX_LINES` for a section."""
    lines: list[str] = []
    for section, rows in settings.groupby("section", sort=False):
        if section == "decision":
            sides = np.where(rows["a"] != "", "A", "B")
            lines += [f"only in {side}: {name}" for side, name in zip(sides, rows["name"], strict=True)]
            continue
        for name, *values in rows.head(MAX_LINES)[["name", "a", "b"]].itertuples(index=False):
            a, b = (value if len(value) <= MAX_LENGTH else f"{value[:MAX_LENGTH]}…" for value in values)
            title = section if name == section else f"{section} {name}"
            if all(value.isascii() for value in values):
                lines.append(f"{title:<32}  {a or '–':>16}  {b or '–':>16}")
            else:
                lines += [title, INDENT + (a or "–"), INDENT + (b or "–")]
        if len(rows) > MAX_LINES:
            lines.append(f"{section}: {len(rows) - MAX_LINES} more differ (tl.diff(a, b).settings has all)")
    return lines
