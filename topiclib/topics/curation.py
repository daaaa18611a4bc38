"""Apply a researcher's decisions to the topics of a fit, and find their topics in another fit.

Decisions name topics by their number in the fit for which the file was written (`topiclib.topics.curation_file`). In
another fit, topics are found by passages that the file remembers of each, so that no decision goes to a topic that is
another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.topics.assignment import assign_outliers, compute_centroids, nearest_centroid
from topiclib.topics.curation_file import CORPUS_KEYS, Curation, TopicDecision

# A decision is applied if the overlap (Jaccard) of its topic with one of the fit is larger: then no other topic of
# either fit can have as much of it. This, and the number of passages that are remembered of a topic, were chosen on ten
# seeds and reported on ten others (docs/experiments/curation.md).
MIN_OVERLAP = 0.5
N_REMEMBERED = 100


@dataclass
class Curated:
    """What `apply_curation` did.

    `topics` (n,), the new ones, and `parts`, those after splits and before merges; `names` by topic and language;
    `found`, the topic of each section of the file, before merges; `decisions`, as they were applied, and `not_applied`,
    as dicts for a manifest, which `describe_decision` puts into words.
    """

    topics: np.ndarray
    parts: np.ndarray
    names: dict[int, Mapping[str, str]] = field(default_factory=dict)
    found: dict[int | str, int] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    not_applied: list[dict[str, Any]] = field(default_factory=list)


def restate(
    curation: Curation, curated: Curated, passage_ids: Sequence[str], topics: np.ndarray,
    corpus: Mapping[str, tuple[str, ...]],
) -> Curation:  # fmt: skip
    """Return the decisions that were applied, with the numbers, sizes and some passages of all topics of this fit.

    `topics` are those as they were found.
    """
    new_number = curated.found
    decisions = {new_number[d.topic]: d for d in curation.topics.values() if d.topic in new_number}
    split_from = {part: entry["found"] for entry in curated.decisions for part in entry.get("parts", ())}
    merged = {entry["found"] for entry in curated.decisions if entry["action"] == "merge"}
    sections: dict[int | str, TopicDecision] = {}
    for number in sorted({*np.unique(topics[topics >= 0]).tolist(), *split_from}):
        decision, parent = decisions.get(number, TopicDecision(number)), split_from.get(number, number)
        target = decision.merge_into if number in merged else None
        sections[number] = replace(
            decision,
            topic=number,
            merge_into=None if target is None else new_number.get(target, target),
            split=decision.split if number in split_from else None,
            part_of=None if parent == number else parent,
        )
    stated = Curation(sections, {key: corpus.get(key, ()) for key in CORPUS_KEYS})
    return remember(stated, passage_ids, topics, curated.parts)


def remember(curation: Curation, passage_ids: Sequence[str], topics: np.ndarray, parts: np.ndarray) -> Curation:
    """Return decisions about the topics of a fit with the size and some passages of each.

    Passages are chosen by a hash of their ids: evenly, and the same ones in every fit that has them.
    """
    ids = np.asarray(passage_ids, dtype=object)
    order = np.argsort(pd.util.hash_array(ids), kind="stable")
    sections: dict[int | str, TopicDecision] = {}
    for number, decision in curation.topics.items():
        members = ids[order][((topics if decision.part_of is None else parts) == number)[order]]
        sections[number] = replace(decision, size=len(members), passages=tuple(members[:N_REMEMBERED]))
    return replace(curation, topics=sections, n_passages=len(topics))


def measure_overlaps(
    decisions: Iterable[TopicDecision], n_passages: int, passage_ids: Sequence[str], topics: np.ndarray
) -> pd.DataFrame:
    """Estimate the overlap (Jaccard) of each decision's topic (rows) with each topic of another fit, without -1.

    Passages that the file remembers stand for all of their topic; those that the corpus does not have any more are
    left out. Of a topic that the file does not know, its share of all passages says how large it may be, so that two
    topics which are one in this fit are not taken for one of them.
    """
    topic_of = pd.Series(topics, index=pd.Index(passage_ids, dtype=object))
    counts, sizes = {}, {}
    for decision in decisions:
        found = topic_of.reindex(decision.passages).dropna()
        if len(found):
            weight = max(decision.size, len(decision.passages)) / len(decision.passages)
            counts[decision.topic] = found.astype(int).value_counts() * weight
            sizes[decision.topic] = len(found) * weight
    columns = np.unique(topics[topics >= 0])
    shared = pd.DataFrame(counts).T.reindex(columns=columns).fillna(0.0)
    growth = len(topics) / n_passages if n_passages else np.inf
    in_fit = topic_of.value_counts().reindex(columns) / growth
    total = shared.sum().clip(lower=in_fit)
    union = np.add.outer(pd.Series(sizes, dtype=float).to_numpy(), total.to_numpy()) - shared
    return shared / union


def find_topics(
    decisions: Iterable[TopicDecision], n_passages: int, passage_ids: Sequence[str], topics: np.ndarray, *,
    min_overlap: float = MIN_OVERLAP,
) -> tuple[dict[int | str, tuple[int, float]], dict[int | str, str]]:  # fmt: skip
    """Find the topics of decisions in another fit by their remembered passages.

    Returns, by topic of the file, the topic of the fit and the overlap of the two (above `min_overlap`), and for the
    others why not.
    """
    decisions = [decision for decision in decisions if decision.passages]
    overlaps = measure_overlaps(decisions, n_passages, passage_ids, topics)
    known, found, missing = set(passage_ids), {}, {}
    for decision in decisions:
        topic, n = decision.topic, len(known.intersection(decision.passages))
        if topic not in overlaps.index or overlaps.columns.empty or 2 * n < len(decision.passages):
            missing[topic] = f"{n} of its {len(decision.passages)} remembered passages are in this corpus"
            continue
        best, overlap = int(overlaps.loc[topic].idxmax()), float(overlaps.loc[topic].max())
        if overlap > min_overlap:
            found[topic] = best, round(overlap, 4)
        else:
            missing[topic] = f"no topic is like it (the closest, {best}, overlaps by {overlap:.2f} of 1)"
    taken: dict[int, list[int | str]] = {}
    for topic, (best, _) in found.items():
        taken.setdefault(best, []).append(topic)
    for best, rivals in taken.items():
        for topic in rivals if len(rivals) > 1 else ():
            others = ", ".join(str(rival) for rival in rivals if rival != topic)
            missing[topic] = f"it would be topic {best}, and so would {others}"
            del found[topic]
    return found, missing


def find_parts(found: pd.Series, topics: pd.Series, curation: Curation) -> pd.Series:
    """Return the topic of each passage after splits and before merges, to which its decisions belong.

    `found` and `topics` are those of table `assignments`, `curation` the file of that run. Of a split topic it is the
    part that is, or became, the passage's topic; the first, if several were merged.
    """
    became: dict[tuple[Any, Any], Any] = {}
    for topic, decision in curation.topics.items():
        target, dropped = follow_merges(topic, curation.topics)
        whole = topic if decision.part_of is None else decision.part_of
        became.setdefault((whole, schema.OUTLIER_TOPIC if dropped else target), topic)
    pairs = zip(found, topics, strict=True)
    return pd.Series([became.get(pair, pair[0]) for pair in pairs], index=topics.index, dtype=int)


def follow_merges(topic: int | str, decisions: Mapping[int | str, TopicDecision]) -> tuple[int | str, bool]:
    """Return the topic at the end of a chain of merges, and whether that is dropped."""
    while topic in decisions and (further := decisions[topic].merge_into) is not None:
        topic = further
    return topic, topic in decisions and decisions[topic].drop


def needs_vectors(curation: Curation) -> bool:
    """Return whether `apply_curation` needs the vectors of the passages."""
    return any(decision.split or decision.reassign for decision in curation.topics.values())


def apply_curation(
    curation: Curation, passage_ids: Sequence[str], topics: np.ndarray, space: np.ndarray | None = None, *,
    by_number: bool = False, seed: int = 0, clustered: np.ndarray | None = None,
) -> Curated:  # fmt: skip
    """Apply decisions to the topics of a fit: splits first, then merges, then dropped topics.

    A topic keeps its number; the largest part of a split one has it too, and the others get new numbers.

    Parameters
    ----------
    passage_ids, topics, space
        The ids of n passages, their topics as they were found, and vectors (n, d) in which topics have centroids; None
        unless `needs_vectors(curation)`.
    by_number
        If the file remembers no passages at all, trust its numbers. Otherwise a topic of which it remembers none is
        found by its number only if all the others have theirs.
    seed
        Of the k-means that splits a topic.
    clustered
        (n,) False for passages that were added to the fit later: they follow the others, and change none of them. None:
        no passage was added.
    """
    if needs_vectors(curation) and space is None:
        raise ValueError("a split, and a dropped topic with reassign, need the vectors of the passages")
    clustered = np.ones(len(topics), dtype=bool) if clustered is None else clustered
    application = _Application(curation, list(passage_ids), np.array(topics), clustered, by_number=by_number)
    application.split_topics(space, seed)
    application.merge_topics()
    application.drop_topics(space)
    application.name_topics()
    return application.out


class _Application:
    """The steps of `apply_curation`, what each did (`out`), and why topics of the file are not in the fit."""

    def __init__(
        self, curation: Curation, passages: list[str], topics: np.ndarray, clustered: np.ndarray, *, by_number: bool
    ) -> None:
        self.clustered = clustered
        self.source, self.decisions, self.where, self.passages = (
            curation.source,
            curation.topics,
            curation.where,
            passages,
        )
        self.present = np.unique(topics[topics >= 0]).tolist()
        self.out = Curated(topics, topics)
        sections = [decision for decision in self.decisions.values() if decision.part_of is None]
        remembered = [decision for decision in sections if decision.passages]
        self.overlaps, self.missing = find_topics(sections, curation.n_passages, passages, topics)
        known = set(passages)
        if remembered and not any(known.intersection(decision.passages) for decision in remembered):
            why = "none of the passages that it remembers is in this one"
            raise ValueError(f"{curation.source} is of another corpus: {why}")
        same_numbers = all(self.overlaps.get(decision.topic, (-1, 0))[0] == decision.topic for decision in remembered)
        same_fit = same_numbers and all(overlap > 0.99 for _, overlap in self.overlaps.values())
        self.trusts_numbers = same_fit if remembered else by_number
        self.out.found = {topic: found for topic, (found, _) in self.overlaps.items()}
        for decision in sections:
            if decision.actions and not decision.passages:
                self.find_by_number(decision.topic)

    def find_by_number(self, topic: int | str) -> int | None:
        """Return the topic of the fit with this number; None if nothing says that it is the same topic."""
        if topic in self.out.found or topic in self.missing:
            return self.out.found.get(topic)
        if not self.trusts_numbers:
            self.missing[topic] = "the file remembers none of its passages (`topiclib curate RUN` writes them)"
            return None
        if topic not in self.present:
            named_by = next(d.topic for d in self.decisions.values() if topic in (d.topic, d.merge_into))
            where = self.where(named_by, "merge_into").replace(f"topic {named_by}", f"topic {topic}")
            raise ValueError(f"{where}: there is no such topic: expected one of {_join(self.present)}")
        self.out.found[topic] = int(topic)
        return int(topic)

    def find_rows(self, decision: TopicDecision) -> np.ndarray | None:
        """Return where the topic of a decision is; if nowhere, list all that was decided about it, once."""
        if decision.topic in self.out.found:
            return self.out.parts == self.out.found[decision.topic]
        if not any(entry["topic"] == decision.topic for entry in self.out.not_applied):
            not_split = f"topic {decision.part_of} was not split"
            for action in decision.actions:
                self.skip(decision, action, self.missing.get(decision.topic, not_split))
        return None

    def skip(self, decision: TopicDecision, action: str, why: str) -> None:
        self.out.not_applied.append({"topic": decision.topic, "action": action, "why": why})

    def record(self, decision: TopicDecision, action: str, passages: int, **details: Any) -> None:
        found, overlap = self.out.found[decision.topic], self.overlaps.get(decision.topic, (0, 1.0))[1]
        entry = {"topic": decision.topic, "found": found, "overlap": overlap, "action": action, **details}
        self.out.decisions.append({**entry, "reason": decision.reason, "passages": passages})

    def split_topics(self, space: np.ndarray | None, seed: int) -> None:
        """Split topics, and find the parts that have a section."""
        labels = self.out.parts = self.out.parts.copy()
        for decision in self.decisions.values():
            if not decision.split or space is None or (in_topic := self.find_rows(decision)) is None:
                continue
            found, rows = self.out.found[decision.topic], np.flatnonzero(in_topic)
            parts = _split(space[rows], decision.split, seed, self.clustered[rows])
            if len(np.unique(parts)) < decision.split:
                why = f"its {len(rows)} passages do not differ enough for {decision.split} parts"
                self.skip(decision, "split", why)
                continue
            sections = [part for part in self.decisions.values() if part.part_of == decision.topic]
            known, missing = find_topics(sections, 0, [self.passages[row] for row in rows], parts)
            # The largest of the parts that have no section keeps the number, and the name, of the topic.
            first = min(set(parts.tolist()) - {part for part, _ in known.values()}, default=0)
            others = sorted(set(parts.tolist()) - {first})
            start = max(int(labels.max()), *self.present) + 1
            numbers = {first: found, **{part: start + i for i, part in enumerate(others)}}
            labels[rows] = [numbers[part] for part in parts.tolist()]
            self.missing |= missing
            self.overlaps |= {topic: (numbers[part], overlap) for topic, (part, overlap) in known.items()}
            self.out.found |= {topic: numbers[part] for topic, (part, _) in known.items()}
            for section in sections:
                if isinstance(section.topic, str):  # the parts are numbered from the largest
                    self.out.found[section.topic] = numbers[int(section.topic.partition(".")[2]) - 1]
                elif not section.passages and self.trusts_numbers and section.topic in numbers.values():
                    self.out.found[section.topic] = section.topic
                elif section.topic not in self.out.found:
                    self.missing.setdefault(section.topic, f"the parts are {_join(numbers.values())}")
            moved = int((labels[rows] != found).sum())
            self.record(decision, "split", moved, parts=sorted(numbers.values()))
        self.out.topics = labels.copy()

    def merge_topics(self) -> None:
        """Merge topics; of a chain of merges, all into the last."""
        for decision in self.decisions.values():
            if decision.merge_into is None or (rows := self.find_rows(decision)) is None:
                continue
            target, _ = follow_merges(decision.topic, self.decisions)
            if (into := self.find_by_number(target)) is None:
                self.skip(decision, "merge", f"topic {target} was not found: {self.missing[target]}")
            else:
                self.out.topics[rows] = into
                self.record(decision, "merge", int(rows.sum()), into=into)

    def drop_topics(self, space: np.ndarray | None) -> None:
        """Drop topics, and give their passages the nearest other topic where this was decided."""
        reassigned = np.zeros(len(self.passages), dtype=bool)
        for decision in self.decisions.values():
            if decision.drop and (rows := self.find_rows(decision)) is not None:
                self.out.topics[rows] = schema.OUTLIER_TOPIC
                reassigned |= rows & decision.reassign
                self.record(decision, "reassign" if decision.reassign else "drop", int(rows.sum()))
        if self.present and (self.out.topics < 0).all():
            raise ValueError(f"{self.source}: every topic is dropped: keep at least one")
        if space is not None and reassigned.any():
            for rows in (reassigned & self.clustered, reassigned & ~self.clustered):  # added passages follow the others
                centroids = compute_centroids(space[self.clustered], self.out.topics[self.clustered])
                if rows.any():
                    self.out.topics[rows] = nearest_centroid(space[rows], *centroids)[0]

    def name_topics(self) -> None:
        """Collect names and notes, and sort what was recorded by topic."""
        for decision in self.decisions.values():
            if not (decision.name or decision.note) or self.find_rows(decision) is None:
                continue
            gone = "dropped" if decision.drop else "merged into another" if decision.merge_into is not None else ""
            if decision.name and gone:
                self.skip(decision, "name", f"the topic is {gone}")
            elif decision.name:
                self.out.names[self.out.found[decision.topic]] = decision.name
                self.record(decision, "name", 0, name=dict(decision.name))
            if decision.note:
                self.record(decision, "note", 0, note=decision.note)
        for entries in (self.out.decisions, self.out.not_applied):
            entries.sort(key=lambda entry: [*map(int, str(entry["topic"]).split("."))])


def _split(vectors: np.ndarray, n_parts: int, seed: int, clustered: np.ndarray) -> np.ndarray:
    """Return the part of each row, numbered from the largest; fewer parts if the rows do not differ.

    The parts are found by k-means in the `clustered` rows; others get the part with the nearest centroid.
    """
    from sklearn.cluster import KMeans

    fitted, parts = vectors[clustered], np.full(len(vectors), -1)
    if len(np.unique(fitted, axis=0)) < n_parts:
        return np.zeros(len(vectors), dtype=int)
    found = KMeans(n_parts, n_init=10, random_state=seed).fit_predict(fitted)
    parts[clustered] = np.argsort(np.argsort(-np.bincount(found), kind="stable"))[found]
    return assign_outliers(vectors, parts, ~clustered)


def _join(topics: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(topics))) or "none"


def describe_decision(entry: Mapping[str, Any]) -> str:
    """Return an entry of `decisions` or `not_applied` in words."""
    topic, action, n = entry["topic"], entry["action"], entry.get("passages", 0)
    if "why" in entry:
        return f"Topic {topic}: {action} was not applied, {entry['why']}."
    moved = schema.plural(n, "passage")
    done = {
        "split": lambda: f"was split by k-means into {_join(entry['parts'])} ({moved} got a new number)",
        "merge": lambda: f"was merged into {entry['into']} ({moved})",
        "drop": lambda: f"was dropped ({moved} without a topic)",
        "reassign": lambda: f"was dropped ({moved} got the nearest other topic)",
        "name": lambda: "was named " + " / ".join(entry["name"].values()),
        "note": lambda: f"has the note: {entry['note']}",
    }[action]()
    where = f"Topic {entry['found']}" + (f" ({topic} in the file)" if entry["found"] != topic else "")
    reason = f" Reason: {entry['reason'].rstrip('.')}." if entry["reason"] and action != "note" else ""
    return " ".join(f"{where} {done.rstrip('.')}.{reason}".split())  # a reason may have several lines
