"""A researcher's decisions about topics, kept in a file (`curation.toml`): read it, check it, apply it to topics.

Decisions name topics by their number in the fit for which the file was written. In another fit, topics are found by
passages that the file remembers of each (`find_topics`), so that no decision goes to a topic that is another one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.topics.assignment import assign_outliers
from topiclib.topics.custom_words import CustomWords

CURATION_FILE = "curation.toml"  # in a run folder and in a bundle
CORPUS_KEYS = ("stop_words", "protect", "exclude_passages", "lang")
MAX_NAME_LENGTH, MAX_TEXT_LENGTH, MAX_PARTS = 80, 2000, 20

# A decision is applied if the overlap (Jaccard) of its topic with one of the fit is at least this. Chosen on ten seeds,
# reported on ten others: docs/experiments/curation.md.
MIN_OVERLAP = 0.5
# Passages that are remembered of a topic.
N_REMEMBERED = 40

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class TopicDecision:
    """What was decided about a topic, and how to find the topic in another fit: its size, and some of its passages."""

    topic: int
    name: Mapping[str, str] = field(default_factory=dict)
    merge_into: int | None = None
    split: int | None = None
    drop: bool = False
    reassign: bool = False
    part_of: int | None = None
    note: str = ""
    reason: str = ""
    size: int = 0
    passages: tuple[str, ...] = ()

    @property
    def actions(self) -> list[str]:
        """What is to be done, in order, such as ["split", "name"]; empty if nothing was decided."""
        action = (
            "reassign" if self.reassign else "drop" if self.drop else "merge" if self.merge_into is not None else ""
        )
        done = {"split": self.split, action: action, "name": self.name, "note": self.note}
        return [name for name, value in done.items() if value]


_DECISION_KEYS = tuple(key for key in TopicDecision.__dataclass_fields__ if key != "topic")


@dataclass(frozen=True)
class Curation:
    """The decisions of a file: `topics` by number, and those about the corpus, which a fit applies (`corpus`).

    `n_passages` is the number of modeled passages of the fit for which the file was written, 0 if it does not say.
    """

    topics: Mapping[int, TopicDecision] = field(default_factory=dict)
    corpus: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(CORPUS_KEYS, ()))
    n_passages: int = 0

    @property
    def words(self) -> CustomWords:
        """The stop words and protected names."""
        return CustomWords(self.corpus["stop_words"], self.corpus["protect"])


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
    found: dict[int, int] = field(default_factory=dict)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    not_applied: list[dict[str, Any]] = field(default_factory=list)


def read_curation(file: str | Path) -> Curation:
    """Read and check a file of decisions.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If it is not valid TOML, has an unknown key or a value of another kind, a name that is empty or longer than 80
        characters, decisions that contradict each other, or a circle of merges. The message is one line, and names the
        topic.
    """
    path = Path(file)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise FileNotFoundError(f"{path} {what}: expected a file of decisions, as `topiclib curate RUN` writes it")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from error
    return parse_curation(raw, str(path))


def parse_curation(raw: Mapping[str, Any], source: str = CURATION_FILE) -> Curation:
    """Check the content of a file of decisions (`source` in messages); raise ValueError as `read_curation` does."""
    _check_keys(raw, ("topics", "corpus", "n_passages"), source)
    for key in ("topics", "corpus"):
        _expect(isinstance(raw.get(key, {}), dict), f"{source}: {key}", raw.get(key), f"a section [{key}...]")
    topics = {}
    for number, values in raw.get("topics", {}).items():
        where = f"{source}, topic {number}"
        if number == str(schema.OUTLIER_TOPIC):
            raise ValueError(
                f"{where}: these passages have no topic, so there is nothing to decide: remove the section"
            )
        if not re.fullmatch("0|[1-9][0-9]{0,8}", number):
            raise ValueError(f"{source}: [topics.{number}] is no topic: expected its number, such as [topics.3]")
        _expect(isinstance(values, dict), where, values, f"a section [topics.{number}]")
        topics[int(number)] = _parse_decision(int(number), values, where)
    n_passages = raw.get("n_passages", 0)
    _expect(_is_count(n_passages), f"{source}: n_passages", n_passages, "a number of passages")
    curation = Curation(topics, _parse_corpus(raw.get("corpus", {}), f"{source}, [corpus]"), n_passages)
    for decision in topics.values():
        _check_references(decision, topics, f"{source}, topic {decision.topic}")
    return curation


def _parse_decision(topic: int, values: Mapping[str, Any], where: str) -> TopicDecision:
    _check_keys(values, _DECISION_KEYS, where)
    for key in ("drop", "reassign"):
        _expect(isinstance(values.get(key, False), bool), f"{where}: {key}", values.get(key), "true or false")
    for key in ("merge_into", "part_of"):
        _expect(key not in values or _is_count(values[key]), f"{where}: {key}", values.get(key), "a topic number")
    _expect(_is_count(values.get("size", 0)), f"{where}: size", values.get("size"), "a number of passages")
    parts = values.get("split", 2)
    is_number = _is_count(parts) and 2 <= parts <= MAX_PARTS
    _expect(is_number, f"{where}: split", parts, f"a number of parts from 2 to {MAX_PARTS}")
    for key in ("note", "reason"):
        text = values.get(key, "")
        is_short = isinstance(text, str) and len(text) <= MAX_TEXT_LENGTH
        _expect(is_short, f"{where}: {key}", text, f"a text of at most {MAX_TEXT_LENGTH} characters")
    passages = _parse_list(values.get("passages", []), f"{where}: passages")
    name = _parse_name(values["name"], f"{where}: name") if "name" in values else {}
    decision = TopicDecision(topic, **{**values, "name": name, "passages": passages})
    exclusive = [key for key, value in (("split", decision.split), ("drop", decision.drop)) if value]
    exclusive += ["merge_into"] if decision.merge_into is not None else []
    if len(exclusive) > 1:
        raise ValueError(f"{where}: {exclusive[0]} and {exclusive[1]} contradict each other: remove one of them")
    if decision.reassign and not decision.drop:
        raise ValueError(f"{where}: reassign says where the passages of a dropped topic go: add drop = true")
    if decision.part_of is not None and decision.split:
        raise ValueError(f"{where}: a part cannot be split again: give topic {decision.part_of} a higher split")
    return decision


def _check_references(decision: TopicDecision, topics: Mapping[int, TopicDecision], where: str) -> None:
    """Check merge_into and part_of, which name other topics."""
    if decision.part_of is not None and not getattr(topics.get(decision.part_of), "split", None):
        raise ValueError(f"{where} is part_of {decision.part_of}, but topic {decision.part_of} has no split: add it")
    chain = [decision.topic]
    while (target := getattr(topics.get(chain[-1]), "merge_into", None)) is not None:
        chain.append(target)
        if target in chain[:-1]:
            circle = " into ".join(map(str, chain[chain.index(target) :]))
            raise ValueError(f"{where}: a circle of merges, {circle}: remove one of them")
    target = topics.get(chain[1]) if len(chain) > 1 else None
    if target and (target.drop or target.split):
        what = "dropped" if target.drop else "split"
        raise ValueError(
            f"{where}: merge_into = {target.topic}, but topic {target.topic} is {what}: remove one of both"
        )


def _parse_name(raw: Any, where: str) -> dict[str, str]:
    languages = ("en", *schema.LANGUAGES)
    _expect(isinstance(raw, dict) and len(raw) > 0, where, raw, 'such as {en = "...", fa = "...", ar = "..."}')
    _check_keys(raw, languages, where)
    for lang, name in raw.items():
        _expect(isinstance(name, str), f"{where}.{lang}", name, "a text")
        if not re.search(r"\w", name):
            raise ValueError(f"{where}.{lang} is empty: write a name, or remove it")
        if len(name) > MAX_NAME_LENGTH:
            raise ValueError(f"{where}.{lang} has {len(name):,} characters: expected at most {MAX_NAME_LENGTH}")
        if control := _CONTROL.search(name):
            raise ValueError(f"{where}.{lang} has the control character {control[0]!a}: write one line of plain text")
    return {lang: " ".join(raw[lang].split()) for lang in languages if lang in raw}


def _parse_corpus(raw: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    _check_keys(raw, CORPUS_KEYS, where)
    out = {key: _parse_list(raw.get(key, []), f"{where}: {key}") for key in CORPUS_KEYS}
    if other := set(out["lang"]) - set(schema.LANGUAGES):
        raise ValueError(f"{where}: lang has {min(other)!r}: expected {' or '.join(map(repr, schema.LANGUAGES))}")
    if both := set(out["stop_words"]) & set(out["protect"]):
        raise ValueError(f"{where}: {min(both)!r} is both in stop_words and in protect: remove one")
    for key in ("stop_words", "protect"):
        for word in out[key]:
            if len(word) > MAX_NAME_LENGTH or not re.search(r"[^\W\d_]", word):
                raise ValueError(f"{where}: {key} has {word[:MAX_NAME_LENGTH]!r}: expected words of letters")
    for word in out["stop_words"]:
        if " " in word and not word.startswith("عبد "):
            raise ValueError(f"{where}: stop_words has {word!r}: expected single words, each in quotes of its own")
    return out


def _parse_list(raw: Any, where: str) -> tuple[str, ...]:
    texts = isinstance(raw, list) and all(isinstance(item, str) and item.strip() for item in raw)
    _expect(texts, where, raw, 'a list of texts, none of them empty: ["...", "..."]')
    return tuple(dict.fromkeys(" ".join(item.split()) for item in raw))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _expect(is_valid: bool, where: str, value: Any, expected: str) -> None:
    if not is_valid:
        shown = repr(value)
        raise ValueError(f"{where} is {shown if len(shown) < 60 else shown[:60] + '...'}: expected {expected}")


def _check_keys(raw: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in raw:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
            raise ValueError(f"{where} has the unknown key {key[:60]!r}: {hint}")


def format_curation(curation: Curation, comments: Mapping[int, Iterable[str]] | None = None, head: str = "") -> str:
    """Return decisions as the text of a file, which `read_curation` reads back as they are.

    `comments` are lines above the section of a topic, `head` those at the top.
    """
    lines = [f"# {_one_line(line)}".rstrip() for line in head.splitlines()]
    lines += [f"n_passages = {curation.n_passages}"] if curation.n_passages else []
    if corpus := {key: values for key, values in curation.corpus.items() if values}:
        lines += ["", "[corpus]", *(f"{key} = {_to_toml(values)}" for key, values in corpus.items())]
    for topic, decision in curation.topics.items():
        lines += ["", *(f"# {_one_line(line)}" for line in (comments or {}).get(topic, ())), f"[topics.{topic}]"]
        values = {key: getattr(decision, key) for key in _DECISION_KEYS}
        is_set = {key: value for key, value in values.items() if value or (value == 0 and value is not False)}
        lines += [f"{key} = {_to_toml(value)}" for key, value in is_set.items() if key != "size" or value]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text)


def _to_toml(value: Any) -> str:
    """Return a value as TOML on one line."""
    import tomli_w

    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_to_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_to_toml, value)) + "]"
    return tomli_w.dumps({"key": value}).removeprefix("key = ").strip()


def restate(
    curation: Curation, curated: Curated, passage_ids: Sequence[str], topics: np.ndarray,
    corpus: Mapping[str, tuple[str, ...]],
) -> Curation:  # fmt: skip
    """Return the decisions that were applied, with the numbers, sizes and some passages of all topics of this fit.

    `topics` are those as they were found. Passages are chosen by a hash of their ids: evenly, and the same ones in
    every fit that has them.
    """
    order = np.argsort(pd.util.hash_array(np.asarray(passage_ids, dtype=object)), kind="stable")
    ids = np.asarray(passage_ids, dtype=object)[order]
    new_number = curated.found
    decisions = {new_number[d.topic]: d for d in curation.topics.values() if d.topic in new_number}
    split_from = {part: entry["found"] for entry in curated.decisions for part in entry.get("parts", ())}
    sections = {}
    for number in sorted({*np.unique(topics[topics >= 0]).tolist(), *split_from}):
        decision, parent = decisions.get(number, TopicDecision(number)), split_from.get(number, number)
        members = ids[((topics if parent == number else curated.parts) == number)[order]]
        target = decision.merge_into
        sections[number] = TopicDecision(
            number,
            name=decision.name,
            merge_into=None if target is None else new_number.get(target, target),
            split=decision.split if number in split_from else None,
            drop=decision.drop,
            reassign=decision.reassign,
            part_of=None if parent == number else parent,
            note=decision.note,
            reason=decision.reason,
            size=len(members),
            passages=tuple(members[:N_REMEMBERED]),
        )
    applied = {(entry["found"], entry["action"]) for entry in curated.decisions}
    for number, decision in sections.items():
        if decision.merge_into is not None and (number, "merge") not in applied:
            sections[number] = replace(decision, merge_into=None)
    return Curation(sections, {key: corpus.get(key, ()) for key in CORPUS_KEYS}, len(topics))


def measure_overlaps(
    decisions: Iterable[TopicDecision], n_passages: int, passage_ids: Sequence[str], topics: np.ndarray
) -> pd.DataFrame:
    """Estimate the overlap (Jaccard) of each decision's topic, as it was found, with each topic of another fit.

    Passages that the file remembers stand for all of their topic; those that the corpus does not have any more are
    left out. Of a topic that the file does not know, its share of all passages says how large it may be, so that two
    topics which are one in this fit are not taken for one of them.

    Returns
    -------
    DataFrame
        Topics of the file (rows) that have passages in the corpus by topics of the fit, without -1.
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
) -> tuple[dict[int, tuple[int, float]], dict[int, str]]:  # fmt: skip
    """Find the topics of decisions in another fit by their remembered passages.

    Returns
    -------
    found
        Topic of the file -> topic of the fit, and the overlap of the two, at least `min_overlap`.
    missing
        Topic of the file -> why it was not found, for the others that have passages.
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
        if overlap >= min_overlap:
            found[topic] = best, round(overlap, 4)
        else:
            missing[topic] = f"no topic is like it (the closest, {best}, overlaps by {overlap:.2f} of 1)"
    taken: dict[int, list[int]] = {}
    for topic, (best, _) in found.items():
        taken.setdefault(best, []).append(topic)
    for best, rivals in taken.items():
        for topic in rivals if len(rivals) > 1 else ():
            others = ", ".join(str(rival) for rival in rivals if rival != topic)
            missing[topic] = f"it would be topic {best}, and so would {others}"
            del found[topic]
    return found, missing


def needs_vectors(curation: Curation) -> bool:
    """Return whether `apply_curation` needs the vectors of the passages."""
    return any(decision.split or decision.reassign for decision in curation.topics.values())


def apply_curation(
    curation: Curation, passage_ids: Sequence[str], topics: np.ndarray, space: np.ndarray | None = None, *,
    by_number: bool = False, seed: int = 0,
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

    Raises
    ------
    ValueError
        If the file is of another corpus, a number that is trusted is no topic, or no topic would be left.
    """
    passages, labels = list(passage_ids), np.array(topics)
    sections = [decision for decision in curation.topics.values() if decision.part_of is None]
    located = _locate(curation, sections, passages, labels, by_number=by_number)
    out = Curated(labels, labels, found={topic: found for topic, (found, _) in located.found.items()})
    record = _Recorder(out, located)
    next_number = int(labels.max(initial=-1)) + 1
    for decision in sections:
        if not decision.split or not record.is_found(decision):
            continue
        found, rows = out.found[decision.topic], np.flatnonzero(labels == out.found[decision.topic])
        parts = _split(space[rows], decision.split, seed) if space is not None else np.zeros(len(rows), dtype=int)
        if len(np.unique(parts)) < decision.split:
            record.skip(decision, "split", f"its {len(rows)} passages do not differ enough for {decision.split} parts")
            continue
        of_parts = [part for part in curation.topics.values() if part.part_of == decision.topic]
        in_rows = [passages[row] for row in rows]
        known, located_parts = find_topics(of_parts, 0, in_rows, parts)
        # The part with the number, and the name, of the topic is the largest of those that have no section.
        named = {part for part, _ in known.values()}
        first = min(set(parts.tolist()) - named, default=0)
        numbers = {first: found}
        for part in sorted(set(parts.tolist()) - {first}):
            numbers[part], next_number = next_number, next_number + 1
        labels[rows] = [numbers[part] for part in parts.tolist()]
        located.missing.update(located_parts)
        out.found |= {topic: numbers[part] for topic, (part, _) in known.items()}
        located.found.update({topic: (numbers[part], overlap) for topic, (part, overlap) in known.items()})
        for part_decision in of_parts:
            if not part_decision.passages:
                if located.trusted and part_decision.topic in numbers.values():
                    out.found[part_decision.topic] = part_decision.topic
                else:
                    located.missing[part_decision.topic] = f"the parts are {_join(numbers.values())}"
        moved = int((labels[rows] != found).sum())
        record.add(decision, "split", moved, parts=sorted(numbers.values()))
    for decision in curation.topics.values():
        if decision.part_of is not None and decision.actions:
            located.missing.setdefault(decision.topic, f"topic {decision.part_of} was not split")
    out.parts = before = labels.copy()
    for decision in curation.topics.values():
        if decision.merge_into is None or not record.is_found(decision):
            continue
        end = decision
        while end.merge_into is not None:
            target = end.merge_into
            end = curation.topics.get(target, TopicDecision(target))
        into = out.found[target] if target in out.found else located.by_number(target)
        if into is None:
            record.skip(decision, "merge", f"topic {target}, into which it is merged: {located.missing[target]}")
            continue
        rows = before == out.found[decision.topic]
        labels[rows] = into
        record.add(decision, "merge", int(rows.sum()), into=into)
    reassigned = np.zeros(len(labels), dtype=bool)
    for decision in curation.topics.values():
        if decision.drop and record.is_found(decision):
            rows = before == out.found[decision.topic]
            labels[rows] = schema.OUTLIER_TOPIC
            reassigned |= rows & decision.reassign
            record.add(decision, "reassign" if decision.reassign else "drop", int(rows.sum()))
    if (labels < 0).all() and len(labels):
        raise ValueError("the decisions drop every topic: keep at least one")
    if reassigned.any() and space is not None:
        out.topics = labels = assign_outliers(space, labels, reassigned)
    for decision in curation.topics.values():
        if decision.name and record.is_found(decision):
            if decision.merge_into is not None or decision.drop:
                record.skip(decision, "name", "the topic is " + ("dropped" if decision.drop else "merged into another"))
            else:
                out.names[out.found[decision.topic]] = decision.name
                record.add(decision, "name", 0, name=dict(decision.name))
        if decision.note and record.is_found(decision):
            record.add(decision, "note", 0, note=decision.note)
    for entries in (out.decisions, out.not_applied):
        entries.sort(key=lambda entry: entry["topic"])
    return out


@dataclass
class _Located:
    """Where the topics of a file are in a fit, and why others are not."""

    found: dict[int, tuple[int, float]]
    missing: dict[int, str]
    trusted: bool  # whether a topic of which no passages are remembered is the one with its number
    present: list[int]

    def by_number(self, topic: int) -> int | None:
        """Return the topic with this number, or None if that is not certain."""
        if topic in self.missing:
            return None
        if self.trusted and topic in self.present:
            return topic
        if self.trusted:
            raise ValueError(f"there is no topic {topic}: expected one of {_join(self.present)}")
        self.missing[topic] = "the file remembers none of its passages (`topiclib curate RUN` writes them)"
        return None


def _locate(
    curation: Curation, sections: list[TopicDecision], passages: list[str], labels: np.ndarray, *, by_number: bool
) -> _Located:
    """Find the topics of the file, parts of splits aside."""
    found, missing = find_topics(sections, curation.n_passages, passages, labels)
    remembered = [decision for decision in sections if decision.passages]
    known = set(passages)
    if remembered and not any(known.intersection(decision.passages) for decision in remembered):
        raise ValueError("the file is of another corpus: none of the passages that it remembers is in this one")
    same_fit = all(found.get(decision.topic, (-1, 0))[0] == decision.topic for decision in remembered)
    same_fit = same_fit and all(overlap > 0.99 for _, overlap in found.values())
    trusted = same_fit if remembered else by_number
    located = _Located(found, missing, trusted, np.unique(labels[labels >= 0]).tolist())
    for decision in sections:
        if decision.actions and not decision.passages and (number := located.by_number(decision.topic)) is not None:
            found[decision.topic] = number, 1.0
    return located


@dataclass
class _Recorder:
    """Record what was decided, and what was done."""

    out: Curated
    located: _Located

    def is_found(self, decision: TopicDecision) -> bool:
        """Return whether the topic is in the fit; if not, all of its decisions are listed, once."""
        if decision.topic in self.out.found:
            return True
        if not any(entry["topic"] == decision.topic for entry in self.out.not_applied):
            for action in decision.actions:
                self.skip(decision, action, self.located.missing[decision.topic])
        return False

    def skip(self, decision: TopicDecision, action: str, why: str) -> None:
        self.out.not_applied.append({"topic": decision.topic, "action": action, "why": why})

    def add(self, decision: TopicDecision, action: str, passages: int, **details: Any) -> None:
        found, overlap = self.out.found[decision.topic], self.located.found.get(decision.topic, (0, 1.0))[1]
        entry = {"topic": decision.topic, "found": found, "overlap": overlap, "action": action, **details}
        self.out.decisions.append({**entry, "reason": decision.reason, "passages": passages})


def _split(vectors: np.ndarray, n_parts: int, seed: int) -> np.ndarray:
    """Return the part of each row by k-means, numbered from the largest; fewer parts if the rows do not differ."""
    from sklearn.cluster import KMeans

    if len(np.unique(vectors, axis=0)) < n_parts:
        return np.zeros(len(vectors), dtype=int)
    parts = KMeans(n_parts, n_init=10, random_state=seed).fit_predict(vectors)
    return np.argsort(np.argsort(-np.bincount(parts), kind="stable"))[parts]


def _join(topics: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(topics))) or "none"


def describe_decision(entry: Mapping[str, Any]) -> str:
    """Return an entry of `decisions` or `not_applied` in words."""
    topic, action, n = entry["topic"], entry["action"], entry.get("passages", 0)
    if "why" in entry:
        return f"Topic {topic}: {action} was not applied, {entry['why']}."
    moved = f"{n:,} passage{'s' if n != 1 else ''}"
    done = {
        "split": lambda: f"was split into {_join(entry['parts'])} ({moved} got a new number)",
        "merge": lambda: f"was merged into {entry['into']} ({moved})",
        "drop": lambda: f"was dropped ({moved} without a topic)",
        "reassign": lambda: f"was dropped ({moved} got the nearest other topic)",
        "name": lambda: "was named " + " / ".join(entry["name"].values()),
        "note": lambda: f"has the note: {entry['note']}",
    }[action]()
    where = f"Topic {entry['found']}" + (f" ({topic} in the file)" if entry["found"] != topic else "")
    reason = f" Reason: {entry['reason']}" if entry["reason"] and action != "note" else ""
    return f"{where} {done.rstrip('.')}.{reason.rstrip('.')}{'.' if reason else ''}"
