"""A researcher's decisions about topics and corpus, kept in a file (`curation.toml`): read it, check it, write it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from topiclib import schema
from topiclib.toml_file import read_toml
from topiclib.topics.custom_words import CustomWords

CURATION_FILE = "curation.toml"  # in a run folder and in a bundle
CORPUS_KEYS = ("stop_words", "protect", "exclude_passages", "lang")
MAX_NAME_LENGTH, MAX_TEXT_LENGTH, MAX_PARTS = 80, 2000, 20

_NUMBER = "0|[1-9][0-9]{0,8}"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class TopicDecision:
    """What was decided about a topic, and how to find the topic in another fit: its size and some of its passages.

    `topic` is the number of the topic. The second largest part of topic 3 is "3.2": it gets a number of its own only
    when the split is applied.
    """

    topic: int | str
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
        """The actions to apply, in order, such as ["split", "name"]; empty if nothing was decided."""
        drop = "reassign" if self.reassign else "drop"
        done = {"split": self.split, drop: self.drop, "merge": self.merge_into is not None}
        return [action for action, value in (done | {"name": self.name, "note": self.note}).items() if value]


_Locate = Callable[..., str]  # file, line and section of a key for a message, as `_locate` returns them
_DECISION_KEYS = tuple(key for key in TopicDecision.__dataclass_fields__ if key != "topic")
# Keys that the list beside the map edits; all others are kept as they are in the file.
EDITED_KEYS = ("name", "merge_into", "drop", "reassign", "note", "reason")


@dataclass(frozen=True)
class Curation:
    """The decisions of a file: `topics`, by number, and `corpus`, which only a new fit applies.

    `n_passages` is the number of modeled passages of the fit for which the file was written, or 0 if the file does not
    give it. `lines` maps sections and keys to their lines in the file, such as {"topics.3": 7, "topics.3.name": 8}.
    """

    topics: Mapping[int | str, TopicDecision] = field(default_factory=dict)
    corpus: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(CORPUS_KEYS, ()))
    n_passages: int = 0
    source: str = CURATION_FILE  # for messages
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def where(self, topic: int | str, key: str = "") -> str:
        """Return file, line and topic for a message."""
        return _locate(self.source, self.lines, f"topics.{topic}", key)

    @property
    def words(self) -> CustomWords:
        """The stop words and protected names."""
        return CustomWords(self.corpus["stop_words"], self.corpus["protect"])


def read_curation(file: str | Path) -> Curation:
    """Read and check a file of decisions; raise ValueError with one line that names file, line number and topic."""
    path = Path(file)
    raw = read_toml(path, "a file of decisions, as `topiclib curate RUN` writes it")
    return parse_curation(raw, str(path), path.read_text(encoding="utf-8-sig"))


def parse_curation(raw: Mapping[str, Any], source: str = CURATION_FILE, text: str = "") -> Curation:
    """Check the content of a file of decisions; raise ValueError as `read_curation` does.

    `source` (the name of the file) and `text` (its content, for line numbers) are used in messages only.
    """
    lines = _find_lines(text)
    locate = partial(_locate, source, lines)
    _check_keys(raw, ("topics", "corpus", "n_passages"), partial(locate, ""))
    for key in ("topics", "corpus"):
        _expect(isinstance(raw.get(key, {}), dict), locate("", key, f": {key}"), raw.get(key), f"a section [{key}...]")
    topics: dict[int | str, TopicDecision] = {}
    for number, values in raw.get("topics", {}).items():
        section = f"topics.{number}"
        if number == str(schema.OUTLIER_TOPIC):
            why = "these passages have no topic, so there is nothing to decide"
            raise ValueError(f"{locate(section)}: {why}: remove the section")
        if not re.fullmatch(_NUMBER, number):
            where = locate("", section)
            raise ValueError(f"{where}: [{section}] is no topic: expected its number, such as [topics.3]")
        _expect(isinstance(values, dict), locate(section), values, f"a section [{section}]")
        parts = {key: value for key, value in values.items() if re.fullmatch(_NUMBER, key) and isinstance(value, dict)}
        own = {key: value for key, value in values.items() if key not in parts}
        first = parts.pop("1", {})  # the largest part, which keeps the number of the topic
        _check_keys(first, ("name", "note", "reason"), partial(locate, f"{section}.1"))
        for key in first.keys() & own.keys():
            raise ValueError(f"{locate(f'{section}.1', key)}: topic {number} has {key} too: remove one of them")
        topics[int(number)] = _parse_decision(int(number), own | first, partial(locate, section))
        for rank, value in parts.items():
            if not 2 <= int(rank) <= (topics[int(number)].split or 0):
                expected = f"expected split = {rank} or more in [{section}]"
                raise ValueError(f"{locate(f'{section}.{rank}')}: topic {number} has no such part: {expected}")
            at = partial(locate, f"{section}.{rank}")
            topics[f"{number}.{rank}"] = _parse_decision(f"{number}.{rank}", {**value, "part_of": int(number)}, at)
    n_passages = raw.get("n_passages", 0)
    _expect(_is_count(n_passages), locate("", "n_passages", ": n_passages"), n_passages, "a number of passages")
    corpus = _parse_corpus(raw.get("corpus", {}), partial(locate, "corpus"))
    curation = Curation(topics, corpus, n_passages, source, lines)
    for decision in topics.values():
        _check_references(decision, curation)
    return curation


def _find_lines(text: str) -> dict[str, int]:
    """Return the first line of each section and key of a TOML file."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        if heading := re.match(r"\s*\[([^][]+)\]\s*(#|$)", line):
            section = re.sub(r"[\s\"']", "", heading[1])
            lines.setdefault(section, number)
        elif key := re.match(r"\s*([\w.-]+)\s*=", line):
            lines.setdefault(f"{section}.{key[1]}".strip("."), number)
    return lines


def _locate(source: str, lines: Mapping[str, int], section: str, key: str = "", more: str = "") -> str:
    """Return the start of a message: file, line (of the key, else of the section), section, and `more`."""
    line = lines.get(f"{section}.{key}".strip("."), lines.get(section))
    title = f"[{section}]" if section == "corpus" else section.replace("topics.", "topic ")
    return ", ".join(filter(None, [source, f"line {line}" if line else "", title])) + more


def require_passages(curation: Curation) -> None:
    """Check that the file lists passages of every topic that a decision names, by which another fit can find it."""
    known = {decision.topic for decision in curation.topics.values() if decision.passages}
    for decision in curation.topics.values():
        for topic in (decision.topic, decision.merge_into) if decision.actions else ():
            section = curation.topics.get(topic) if topic is not None else None
            if topic is not None and topic not in known and not (section and section.part_of is not None):
                why = "a fit finds topics by passages that the file remembers, and it has none of"
                of_known = f"topic {topic}: expected one of {', '.join(map(str, sorted(map(int, known))))}"
                remedy = (
                    of_known if known else f"any: fit without it, then topiclib curate RUN --apply {curation.source}"
                )
                raise ValueError(f"{curation.where(decision.topic)}: {why} {remedy}")


def _parse_decision(topic: int | str, values: Mapping[str, Any], locate: _Locate) -> TopicDecision:
    _check_keys(values, _DECISION_KEYS, locate)
    for key in _KINDS.keys() & values.keys():
        is_valid, expected = _KINDS[key]
        _expect(is_valid(values[key]), locate(key, f": {key}"), values[key], expected)
    passages = _parse_list(values.get("passages", []), locate("passages", ": passages"))
    name = parse_name(values["name"], locate("name", ": name")) if "name" in values else {}
    decision = TopicDecision(topic, **{**values, "name": name, "passages": passages})
    exclusive = [key for key in ("split", "drop", "merge_into") if values.get(key, False) is not False]
    if len(exclusive) > 1:
        one, other = exclusive[:2]
        raise ValueError(f"{locate(other)}: {one} and {other} contradict each other: remove one of them")
    if decision.reassign and not decision.drop:
        raise ValueError(
            f"{locate('reassign')}: reassign says where the passages of a dropped topic go: add drop = true"
        )
    if decision.part_of is not None and decision.split:
        raise ValueError(
            f"{locate('split')}: a part cannot be split again: give topic {decision.part_of} a higher split"
        )
    return decision


def _check_references(decision: TopicDecision, curation: Curation) -> None:
    """Check merge_into and part_of, which name other topics."""
    topics, topic, whole = curation.topics, decision.topic, decision.part_of
    if whole is not None and not getattr(topics.get(whole), "split", None):
        where = curation.where(topic, "part_of")
        raise ValueError(f"{where} is part_of {whole}, but topic {whole} has no split: add it")
    if isinstance(topic, str) and (parts := [d.topic for d in topics.values() if d.part_of == whole and d.passages]):
        raise ValueError(
            f"{curation.where(topic)}: the parts of topic {whole} have sections: decide in {_headings(parts)}"
        )
    chain = [topic]
    while (target := getattr(topics.get(chain[-1]), "merge_into", None)) is not None:
        chain.append(target)
        if target in chain[:-1]:
            circle = " into ".join(map(str, chain[chain.index(target) :]))
            raise ValueError(f"{curation.where(topic, 'merge_into')}: a circle of merges, {circle}: remove one of them")
    into = topics.get(chain[1]) if len(chain) > 1 else None
    if into and (into.drop or into.split):
        what = f"merge_into = {into.topic}, but topic {into.topic} is {'dropped' if into.drop else 'split'}"
        raise ValueError(f"{curation.where(topic, 'merge_into')}: {what}: remove one of both")


def _headings(topics: Iterable[int | str]) -> str:
    return ", ".join(f"[topics.{topic}]" for topic in topics)


def parse_name(raw: Any, where: str) -> dict[str, str]:
    """Check the names of a topic by language; raise ValueError as `read_curation` does."""
    languages = ("en", *schema.LANGUAGES)
    _expect(isinstance(raw, dict) and len(raw) > 0, where, raw, 'such as {en = "...", fa = "...", ar = "..."}')
    _check_keys(raw, languages, lambda _: where)
    for lang, name in raw.items():
        _expect(isinstance(name, str), f"{where}.{lang}", name, "a text")
        if not re.search(r"\w", name):
            raise ValueError(f"{where}.{lang} is empty: write a name, or remove it")
        if len(name) > MAX_NAME_LENGTH:
            raise ValueError(f"{where}.{lang} has {len(name):,} characters: expected at most {MAX_NAME_LENGTH}")
        if control := _CONTROL.search(name):
            raise ValueError(f"{where}.{lang} has the control character {control[0]!a}: write one line of plain text")
    return {lang: " ".join(raw[lang].split()) for lang in languages if lang in raw}


def _parse_corpus(raw: Mapping[str, Any], locate: _Locate) -> dict[str, tuple[str, ...]]:
    _check_keys(raw, CORPUS_KEYS, locate)
    out = {key: _parse_list(raw.get(key, []), locate(key, f": {key}")) for key in CORPUS_KEYS}
    if other := set(out["lang"]) - set(schema.LANGUAGES):
        expected = " or ".join(map(repr, schema.LANGUAGES))
        raise ValueError(f"{locate('lang')}: lang has {min(other)!r}: expected {expected}")
    if both := set(out["stop_words"]) & set(out["protect"]):
        raise ValueError(f"{locate('protect')}: {min(both)!r} is both in stop_words and in protect: remove one")
    for key in ("stop_words", "protect"):
        for word in out[key]:
            single = key == "protect" or " " not in word or word.startswith("عبد ")
            if not single or len(word) > MAX_NAME_LENGTH or not re.search(r"[^\W\d_]", word):
                expected = "words of letters" if single else "single words, each in quotes of its own"
                raise ValueError(f"{locate(key)}: {key} has {word[:MAX_NAME_LENGTH]!r}: expected {expected}")
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


# For each key of a decision: a check of its value, and what a message says was expected.
_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("drop", "reassign"), (lambda value: isinstance(value, bool), "true or false")),
    **dict.fromkeys(("merge_into", "part_of"), (_is_count, "a topic number")),
    "size": (_is_count, "a number of passages"),
    "split": (
        lambda value: _is_count(value) and 2 <= value <= MAX_PARTS, f"a number of parts from 2 to {MAX_PARTS}",
    ),
    **dict.fromkeys(("note", "reason"), (
        lambda value: isinstance(value, str) and len(value) <= MAX_TEXT_LENGTH,
        f"a text of at most {MAX_TEXT_LENGTH} characters",
    )),
}  # fmt: skip


def _check_keys(raw: Mapping[str, Any], known: Sequence[str], locate: _Locate) -> None:
    for key in raw:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
            raise ValueError(f"{locate(key)} has the unknown key {key[:60]!r}: {hint}")


def format_curation(
    curation: Curation, comments: Mapping[int | str, Iterable[str]] | None = None, head: str = ""
) -> str:
    """Return decisions as the text of a file, which `read_curation` reads back as they are.

    `comments` are the comment lines above the section of each topic, `head` those at the top of the file.
    """
    lines = [f"# {_one_line(line)}".rstrip() for line in head.splitlines()]
    lines += [f"n_passages = {curation.n_passages}"] if curation.n_passages else []
    if corpus := {key: values for key, values in curation.corpus.items() if values}:
        lines += ["", "[corpus]", *(f"{key} = {_to_toml(values)}" for key, values in corpus.items())]
    for topic, decision in curation.topics.items():
        lines += ["", *(f"# {_one_line(line)}" for line in (comments or {}).get(topic, ())), f"[topics.{topic}]"]
        keys = [key for key in _DECISION_KEYS if key != "part_of" or isinstance(topic, int)]
        values = {key: getattr(decision, key) for key in keys}
        is_set = {key: value for key, value in values.items() if value or (value == 0 and value is not False)}
        lines += [f"{key} = {_to_toml(value)}" for key, value in is_set.items() if key != "size" or value]
    return "\n".join(lines) + "\n"


def list_decisions(curation: Curation) -> dict[str, dict[str, Any]]:
    """Return the decisions that the list beside the map edits, by topic number; topics without any are left out."""
    sections = tomllib.loads(format_curation(curation)).get("topics", {})
    edited = {topic: {key: d[key] for key in EDITED_KEYS if key in d} for topic, d in sections.items()}
    return {topic: decision for topic, decision in edited.items() if decision}


def replace_decisions(curation: Curation, decisions: Mapping[str, Mapping[str, Any]]) -> Curation:
    """Replace all that `list_decisions` returns by `decisions`; raise ValueError as `read_curation` does."""
    raw = tomllib.loads(format_curation(curation))
    sections = raw.get("topics", {})
    if unknown := sorted(set(decisions) - set(sections)):
        expected = f"expected one of {', '.join(sections)}" if sections else "the run has none"
        raise ValueError(f"{curation.source}, topic {unknown[0]}: there is no such topic: {expected}")
    for topic, section in sections.items():
        kept = {key: value for key, value in section.items() if key not in EDITED_KEYS}
        _check_keys(decisions.get(topic, {}), EDITED_KEYS, partial(curation.where, topic))
        sections[topic] = {**kept, **decisions.get(topic, {})}
    return parse_curation(raw, curation.source)


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
