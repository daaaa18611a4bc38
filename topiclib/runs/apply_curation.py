"""Apply a researcher's decisions about topics to a run folder: the one way, for a finished run and after a fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.runs import store
from topiclib.runs.combine import SHARED_TABLES
from topiclib.runs.tabulate import join_kinds, tabulate_topics
from topiclib.topics.assignment import compute_centroids
from topiclib.topics.curation import Curated, apply_curation, find_parts, needs_vectors, remember, restate
from topiclib.topics.curation_file import (
    CURATION_FILE,
    Curation,
    TopicDecision,
    format_curation,
    parse_name,
    read_curation,
)
from topiclib.topics.custom_words import CustomWords

# Quality tables that describe the topics as they were found.
DEPENDENT_TABLES = ("mixing", "recovery", "sensitivity", "stability")

N_QUOTE_CHARACTERS = 160
DRAFT_HEAD = """Decisions about the topics of the run {name}. Write them below the heading of a topic, then apply them:
topiclib curate {name} --apply THIS_FILE --out NEW_RUN. To undo one, delete its line and apply the file again.

name = {{en = "Sanctions and oil", fa = "تحریم و نفت", ar = "العقوبات والنفط"}}    in one language or more
merge_into = 5                      or: split = 2, or: drop = true, or: drop = true and reassign = true (to the nearest)
note = "..."  reason = "..."        kept, and listed in the methods section
Keep size and passages: by them a decision finds its topic in another fit.

In a section [corpus], which needs a new fit (topiclib fit ... --curation THIS_FILE):
stop_words = ["..."]  protect = ["names as they are"]  exclude_passages = ["article#3"]  lang = ["fa"]
"""


def words_of(manifest: Mapping[str, Any]) -> CustomWords:
    """Return the stop words and protected names that a run was fitted with."""
    corpus = manifest.get("corpus_decisions", {})
    return CustomWords(tuple(corpus.get("stop_words", ())), tuple(corpus.get("protect", ())))


def curate_folder(
    path: Path, curation: Curation, out: Path, *, read_space: Callable[[], np.ndarray], by_number: bool,
    cache_key: str,
) -> Curated:  # fmt: skip
    """Write a run folder with decisions applied to the topics of another, as they were found; return what was done.

    `read_space` returns the vectors of the modeled passages in which topics have centroids; it is called only if
    passages change their topic. `by_number` as `apply_curation` takes it.
    """
    manifest = store.read_manifest(path)
    documents, passages, assignments = (
        store.read_table(path, name) for name in ("documents", "passages", "assignments")
    )
    found, before = assignments["topic_found"].to_numpy(), assignments["topic"].to_numpy()
    ids, seed = assignments["passage_id"].tolist(), manifest["recipe"].get("seed", 0)
    space = read_space() if needs_vectors(curation) else None
    n_added = sum(extension["counts"]["passages"] for extension in manifest.get("extensions", ()))
    clustered = np.arange(len(ids)) < len(ids) - n_added  # added passages are the last, and move no centroid
    options: dict[str, Any] = {"by_number": by_number, "seed": seed, "clustered": clustered}
    curated = apply_curation(curation, ids, found, space, **options)
    topics, tables, arrays, entries = curated.topics, {}, {}, {}
    if (topics != before).any():
        space = read_space() if space is None else space
        rows_of_themes = {name: store.read_table(path, name).query("kind == 'theme'") for name in SHARED_TABLES}
        period, words = manifest["recipe"]["period"], words_of(manifest)
        topic_ids, arrays["centroids"] = _centroids(space[clustered], topics[clustered], found[clustered])
        kept = np.array(topic_ids) >= 0
        centroids = np.array(topic_ids)[kept], arrays["centroids"][kept]
        of_topics = tabulate_topics(documents, passages, topics, space, centroids=centroids, period=period, words=words)
        tables = join_kinds(of_topics, rows_of_themes)
        tables["assignments"] = tables["assignments"].assign(topic_found=found)
        by_passage, points = pd.Series(topics, index=ids), store.read_table(path, "points")
        tables["points"] = points.assign(topic=points["passage_id"].map(by_passage))
        entries = {"topic_ids": topic_ids, "counts": {**manifest["counts"], "topics": len(set(topics[topics >= 0]))}}
    names = pd.DataFrame(curated.names.values(), index=list(curated.names), columns=["en", "fa", "ar"])
    table = tables.get("topics", store.read_table(path, "topics"))
    tables["topics"] = table.assign(**{f"name_{lang}": table["topic"].map(names[lang]).fillna("") for lang in names})
    left_out = manifest.get("curation", {}).get("left_out", [])
    if (topics != found).any():
        had = {*store.table_names(manifest), *left_out}
        left_out = [name for name in DEPENDENT_TABLES if name in had]
    # Decisions about the corpus that wait for a fit stay in the file.
    fitted_with = manifest["corpus_decisions"]
    corpus = {key: values or tuple(fitted_with[key]) for key, values in curation.corpus.items()}
    labels = store.read_table(path, "topics")[["topic", "label_fa", "label_ar"]].values.tolist()
    # The words of topics as they were found: the tables of a curated run do not have those of topics that are gone.
    before_all = manifest.get("curation", {}).get("words") or {str(topic): words for topic, *words in labels}
    lists = {"decisions": curated.decisions, "not_applied": curated.not_applied, "left_out": left_out}
    entries |= {
        "curation": {**lists, "words": before_all},
        CURATION_FILE: format_curation(restate(curation, curated, ids, found, corpus)),
        "cache_key": cache_key,
    }
    store.rewrite_run(path, out, tables, arrays, entries, left_out=left_out)
    return curated


def extend_decisions(
    path: Path, manifest: Mapping[str, Any], assignments: pd.DataFrame, *, n_added: int
) -> dict[str, Any]:
    """Return the entries of a run with decisions to which passages were added, the last `n_added` of `assignments`."""
    if not (path / CURATION_FILE).is_file():
        return {}
    curation = read_curation(path / CURATION_FILE)
    found, topics = assignments["topic_found"], assignments["topic"]
    parts = find_parts(found, topics, curation)
    decisions = []
    for entry in manifest["curation"]["decisions"]:
        number, action, added = entry["found"], entry["action"], parts.tail(n_added)
        if action == "split":
            concerned = (found.tail(n_added) == number) & (added != number)
        else:
            concerned = (added == number) & (action in ("merge", "drop", "reassign"))
        decisions.append({**entry, "passages": entry["passages"] + int(concerned.sum())})
    file = format_curation(remember(curation, assignments["passage_id"], found.to_numpy(), parts.to_numpy()))
    return {"curation": {**manifest["curation"], "decisions": decisions}, CURATION_FILE: file}


def _centroids(space: np.ndarray, topics: np.ndarray, found: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Return the topics and their centroids; new articles next to that of a dropped topic get no topic either (-1)."""
    kept, centroids = compute_centroids(space, topics)
    dropped, of_dropped = compute_centroids(space, np.where(topics < 0, found, -1))
    return [*kept.tolist(), *[-1] * len(dropped)], np.concatenate([centroids, of_dropped])


def decisions_of(path: Path | None, tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> Curation:
    """Return the decisions that a run has (`path`: its folder), with a section for every topic as it was found."""
    if path is not None and (path / CURATION_FILE).is_file():
        return read_curation(path / CURATION_FILE)
    found, ids = (tables["assignments"][name] for name in ("topic_found", "passage_id"))
    corpus = {key: tuple(values) for key, values in manifest.get("corpus_decisions", {}).items()}
    named = Curation(_read_names(tables["topics"]))
    curated = Curated(found.to_numpy(), found.to_numpy(), found={topic: int(topic) for topic in named.topics})
    return restate(named, curated, ids.tolist(), found.to_numpy(), corpus)


def _read_names(topics: pd.DataFrame) -> dict[int | str, TopicDecision]:
    """Return the names that topics have without a file, which are labels of BERTopic."""
    named: dict[int | str, TopicDecision] = {}
    for topic, *names in topics[["topic", "name_en", "name_fa", "name_ar"]].itertuples(index=False):
        name = {lang: name for lang, name in zip(("en", "fa", "ar"), names, strict=True) if name}
        with suppress(ValueError):  # a label that no file may have, such as one of 100 characters
            named[topic] = TopicDecision(topic, name=parse_name(name, f"topic {topic}"))
    return named


def format_draft(
    tables: Mapping[str, pd.DataFrame], curation: Curation, name: str, *, include_text: bool = True
) -> str:
    """Return decisions about a run as a file of decisions, with each topic described in comments.

    `name` is that of the run folder; `include_text=False` leaves out the quotes.
    """
    names = ("topics", "keywords", "quotes", "passages", "topic_languages")
    topics, keywords, quotes, passages, languages = (tables[name] for name in names)
    words = keywords.groupby(["topic", "lang"])["word"].agg("، ".join)
    shares = languages.set_index(["topic", "lang"])["share"]
    quoted = quotes[quotes["kind"] == "topic"].groupby(["key", "lang"]).head(1)
    quoted = quoted.merge(passages[["passage_id", "text"]], on="passage_id").groupby("key")["text"].agg(list)
    comments: dict[int | str, list[str]] = {}
    for topic, size in topics[["topic", "size"]].itertuples(index=False):
        split = ", ".join(f"{shares.get((topic, lang), 0):.0%} {lang}" for lang in schema.LANGUAGES)
        lines = [f"Topic {topic}: {size} passages ({split})"]
        lines += [f"{lang}: {words[topic, lang]}" for lang in schema.LANGUAGES if (topic, lang) in words]
        lines += [f"“{text[:N_QUOTE_CHARACTERS]}”" for text in quoted.get(str(topic), []) if include_text]
        comments[topic] = lines
    return format_curation(curation, comments, DRAFT_HEAD.format(name=name))
