"""Extend a run with new articles, which are assigned to its topics: a study that continues month by month."""

from __future__ import annotations

import os
import platform
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from topiclib import compare, schema
from topiclib.corpus.documents import hash_texts, read_documents, resolve_duplicates, to_documents
from topiclib.corpus.flow import count_flow
from topiclib.corpus.outlets import join_sources, outlet_key
from topiclib.corpus.passages import exclude_passages, mark_reprints, segment_documents
from topiclib.corpus.reprints import find_reprints
from topiclib.corpus.rules import CorpusRules
from topiclib.embedding.alignment import Alignment
from topiclib.embedding.registry import load_run_encoder
from topiclib.runs import store
from topiclib.runs.apply_curation import extend_decisions, words_of
from topiclib.runs.pipeline import (
    Run,
    StageTimer,
    describe_run,
    nearest_topics,
    open_run,
    open_to_change,
    read_centroids,
    require_assignable,
)
from topiclib.runs.spec import Corpus, RunSpec
from topiclib.runs.summary import EXTENSION_COUNTS
from topiclib.runs.tabulate import join_kinds, tabulate_themes, tabulate_topics
from topiclib.text import DEFAULT_LEXICON, Lexicon
from topiclib.themes.theme_file import THEME_FILE
from topiclib.topics.assignment import compute_centroids

if TYPE_CHECKING:
    from topiclib.embedding.encoder import Encoder

# A passage is far from every topic if its similarity to the nearest centroid is below this quantile of the passages of
# the fit in its language, each compared with the centroids of the other articles: compared with centroids to which they
# contribute, they are so much closer that a fifth of new passages on the same subjects would be far
# (benchmarks/far_passages.py).
FAR_QUANTILE = 0.05
# A new point of the map is the mean of so many nearest points, which stay where they are.
N_POINTS = 5


def extend(
    run: Run | str | Path, corpus: Corpus, *, out: str | Path, sources: str | Path | None = None,
    metadata: str | Path | None = None, skip_bad: bool = False, encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None, lexicon: Lexicon = DEFAULT_LEXICON, progress: bool = True,
) -> Run:  # fmt: skip
    """Add new articles to a finished run, and write the result as a new run.

    The articles are prepared by the rules of the run (recipe, boilerplate, spellings of outlets), and their passages
    get the topic with the nearest centroid. Topics, decisions about them, earlier passages, alignment and themes stay.
    Keywords, quotes, shares and timelines are computed again from all articles.

    Parameters
    ----------
    run
        A run, or its folder; also one that was extended before. It is not changed.
    corpus, sources, metadata, skip_bad, lexicon
        As `topiclib.run` takes them. The lexicon must be the run's.
    out
        Folder of the new run.
    encoder
        As `assign_topics` takes it.
    cache, progress
        As `topiclib.run` takes them. Earlier passages whose vectors are not cached are embedded again.

    Returns
    -------
    Run
        The new run. The last entry of `extensions` in its manifest has the inputs, numbers and versions of this
        extension; table `candidates` has the added passages that are far from every topic.

    Raises
    ------
    FileNotFoundError, FileExistsError, ValueError
        If an input cannot be used, the run is damaged or has no alignment, or no passage would be added; then nothing
        is written.

    Notes
    -----
    An article with the id and text of an earlier one is skipped; one with its outlet and text is a duplicate, as in any
    run. An article with the id of another gets a new id. Passages that reprint earlier ones are marked. Articles in a
    language that the run does not have are left out.

    A passage is far from every topic if the cosine to the nearest centroid is below the 5th percentile of the passages
    of the fit in its language, each compared with centroids without its own article: so are about 5 % of new passages
    on the same subjects. Quality tables describe the fit, and are left out.
    """
    run, out = open_to_change(run, out)
    if out == Path(os.path.realpath(run.path)):
        raise ValueError(f"{out} is the run to extend, which is not changed: choose another folder for the new run")
    require_assignable(run, lexicon)
    if not (run.path / THEME_FILE).is_file():
        raise FileNotFoundError(f"{run.path} has no {THEME_FILE}, as runs of earlier versions: fit the corpus again")
    spec = RunSpec(corpus, run.recipe, run.path / THEME_FILE, sources, skip_bad, lexicon, None, metadata)
    fingerprint = spec.fingerprint(spec.make_partitions())
    encoder = load_run_encoder(run.recipe.encoder, run.manifest["encoder"], encoder)
    languages, earlier = run.manifest["alignment"]["languages"], run.manifest.get("extensions", [])
    topic_ids, vectors = read_centroids(run)
    centroids = topic_ids[topic_ids >= 0], vectors[topic_ids >= 0]
    timer = StageTimer(progress)
    with timer.stage("reading"):
        is_frame = isinstance(corpus, pd.DataFrame)
        read = to_documents(corpus) if is_frame else read_documents(corpus, metadata=metadata, skip_bad=skip_bad)
        added, counts = _select_articles(run.documents, read, languages)
        added = added if sources is None else join_sources(added, Path(sources))
        documents = pd.concat([run.documents, added], ignore_index=True)
    with timer.stage("segmenting"):
        passages = _add_passages(run, added, lexicon)
        modeled = passages[passages["modeled"]].reset_index(drop=True)
        is_new = ~modeled["passage_id"].isin(run.assignments["passage_id"])
        if not is_new.any():
            why = counts | {"in neither Persian nor Arabic": (added["lang"] == "other").sum()}
            reasons = ", ".join(f"{n} {what}" for what, n in why.items() if n and what not in EXTENSION_COUNTS)
            articles = schema.plural(len(read), "article")
            raise ValueError(f"no passage to add from {articles}" + (f" ({reasons})" if reasons else ""))
    with timer.stage("assigning"):
        nearest, space = nearest_topics(run, modeled, encoder=encoder, cache=cache, progress=progress)
        new = nearest[is_new].assign(topic_found=_topics_found(run.assignments, nearest, space, is_new.to_numpy()))
        new["similarity"] = new["similarity"].mask(new["topic"] == schema.OUTLIER_TOPIC, 0.0)  # of a dropped topic
        assignments = pd.concat([run.assignments, new], ignore_index=True)
        if earlier:
            far_similarity = earlier[0]["far_similarity"]
        else:
            old = run.assignments.set_index("passage_id").loc[modeled.loc[~is_new, "passage_id"]]
            labels = old["topic"].where(old["topic"] >= 0, old["topic_found"])  # dropped topics have centroids too
            far_similarity = far_thresholds(modeled[~is_new], labels.to_numpy(), space[~is_new])
        is_far = is_new & (nearest["similarity"] < modeled["lang"].map(far_similarity))
    with timer.stage("tabulating"):
        topics = assignments.set_index("passage_id")["topic"].reindex(modeled["passage_id"]).to_numpy()
        options: dict[str, Any] = {"period": run.recipe.period, "words": words_of(run.manifest)}
        of_topics = tabulate_topics(documents, passages, topics, space, centroids=centroids, **options)
        of_topics["assignments"] = assignments
        names = run.topics.set_index("topic")[["name_en", "name_fa", "name_ar"]]
        of_topics["topics"] = of_topics["topics"].drop(columns=list(names)).join(names, "topic")
        tables = join_kinds(of_topics, tabulate_themes(documents, passages, spec.theme_definitions, **options))
        far = nearest[is_far].assign(**modeled.loc[is_far, ["doc_id", "lang", "text"]]).sort_values("similarity")
        before = [run.tables["candidates"]] if "candidates" in run.tables else []
        tables |= {
            "passages": passages,
            "coverage": compare.coverage(documents),
            "flow": count_flow(documents, passages),
            "points": _add_points(run.points, modeled, space, topics, is_new.to_numpy()),
            "candidates": pd.concat([*before, far]).sort_values("similarity", kind="stable"),
        }
    counts |= {
        "articles": int((added["dropped"] == "").sum()),
        "passages": int(is_new.sum()),
        "reprints": int((passages["reprint_of"] != "").sum() - (run.passages["reprint_of"] != "").sum()),
        "far": int(is_far.sum()),
    }
    optional = {name for name, table in schema.TABLES.items() if table.description.startswith("optional")}
    left_out = sorted(optional.intersection(run.tables).difference(tables))
    extension = {
        "counts": counts,
        "far_similarity": far_similarity,
        "left_out": left_out,
        **{name: fingerprint[name] for name in ("inputs", "sources", "metadata", "skip_bad", "versions")},
        "platform": platform.platform(),
        "stages": timer.stages,
    }
    alignment = Alignment.from_arrays(store.read_array(run.path, "offsets"), run.manifest["alignment"])
    modeled_languages = run.manifest["corpus_decisions"]["lang"]
    entries = {
        **describe_run(spec, documents, len(modeled), centroids[0], alignment, modeled_languages),
        "topic_ids": run.manifest["topic_ids"],  # those of dropped topics included
        "extensions": [*earlier, extension],
        **extend_decisions(run.path, run.manifest, assignments, n_added=int(is_new.sum())),
        "cache_key": store.hash_values([run.manifest.get("cache_key"), fingerprint]),
    }
    # In two chunks: columns of the user's own may have another type in the new articles.
    in_chunks = {**tables, "documents": lambda: iter([run.documents, added])}
    return open_run(store.rewrite_run(run.path, out, in_chunks, {}, entries, left_out=left_out))


def _select_articles(old: pd.DataFrame, new: pd.DataFrame, languages: list[str]) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the articles that the run does not have, with unique ids and reasons to drop them, and counts."""
    spelled = {outlet_key(name): name for name in old["source"]}
    new = new.assign(source=[spelled.get(outlet_key(name), name) for name in new["source"]])
    columns = ["doc_id", "source", "text", "dropped"]
    both = pd.concat([frame[columns].assign(text=hash_texts(frame["text"])) for frame in (old, new)], ignore_index=True)
    # An article that got another id in an earlier extension ("x~2") is recognized by the one it came with.
    keys = pd.MultiIndex.from_arrays([both["doc_id"].str.replace(r"~\d+$", "", regex=True), both["text"]])
    is_known = keys[len(old) :].isin(keys[: len(old)])
    ids, dropped = resolve_duplicates(both[np.append(np.ones(len(old), dtype=bool), ~is_known)].reset_index(drop=True))
    added = new[~is_known].assign(doc_id=ids[len(old) :], dropped=dropped[len(old) :].to_numpy())
    lacking = (added["dropped"] == "") & added["lang"].isin(set(schema.LANGUAGES) - set(languages))
    added["dropped"] = added["dropped"].mask(lacking, "a language that the run does not have")
    reasons = added.loc[added["dropped"] != "", "dropped"].str.split(":").str[0]
    counts = {
        "read": len(new),
        "in the run already": int(is_known.sum()),
        "renamed": int((added["doc_id"] != new.loc[~is_known, "doc_id"]).sum()),
        **Counter(reasons),
    }
    return added.reset_index(drop=True), counts


def _add_passages(run: Run, added: pd.DataFrame, lexicon: Lexicon) -> pd.DataFrame:
    """Return the passages of a run and of added articles, of which those that reprint any are marked."""
    rules = CorpusRules.from_dict(run.manifest["rules"])
    segments = segment_documents(added, max_words=run.recipe.max_words, lexicon=lexicon, rules=rules)
    old, dates = run.passages, run.documents.set_index("doc_id")["date"]
    dated = pd.concat([old.assign(date=old["doc_id"].map(dates)), segments], ignore_index=True)
    originals = old.set_index("passage_id")["reprint_of"]
    new_ids, reprint_of = set(segments["passage_id"]), {}
    for reprint, original in find_reprints(dated, earlier=set(old["doc_id"])).items():
        if reprint in new_ids:
            reprint_of[reprint] = originals.get(original, "") or original
    excluded, languages = run.manifest["corpus_decisions"]["exclude_passages"], run.manifest["alignment"]["languages"]
    only = languages if set(schema.LANGUAGES) - set(languages) else ()  # as a fit with lang = [...]
    new = exclude_passages(mark_reprints(segments.drop(columns="date"), reprint_of), added, excluded, only)
    n_reprints = old["passage_id"].map(Counter(reprint_of.values())).fillna(0).astype("int64")
    return pd.concat([old.assign(n_reprints=old["n_reprints"] + n_reprints), new], ignore_index=True)


def _topics_found(old: pd.DataFrame, nearest: pd.DataFrame, space: np.ndarray, is_new: np.ndarray) -> np.ndarray:
    """Return for each new passage the nearest of the topics, as they were found, that its topic consists of.

    Without decisions of a curation file, these are the same.
    """
    rows = pd.Index(nearest["passage_id"]).get_indexer(old["passage_id"])
    found, means = compute_centroids(space[rows], old["topic_found"].to_numpy())
    consists_of = pd.crosstab(old["topic"], old["topic_found"]).reindex(columns=found, fill_value=0) > 0
    allowed = consists_of.loc[nearest.loc[is_new, "topic"]].to_numpy()
    return found[np.where(allowed, space[is_new] @ means.T, -np.inf).argmax(axis=1)]


def far_thresholds(passages: pd.DataFrame, topics: np.ndarray, space: np.ndarray) -> dict[str, float]:
    """Return for each language the similarity below which a passage is far from every topic (`FAR_QUANTILE`).

    `passages` needs `doc_id` and `lang`; `topics` (n,) and `space` (n, d) as for `tabulate_topics`.
    """
    topic_ids, centroids = compute_centroids(space, topics)
    cosines, rows_of = space @ centroids.T, passages.groupby("doc_id").indices
    sums = {topic: space[topics == topic].sum(axis=0) for topic in topic_ids.tolist()}
    for (doc_id, topic), own in passages.groupby(["doc_id", topics]).indices.items():
        if topic in sums:
            others, rows = sums[topic] - space[own].sum(axis=0), rows_of[doc_id]
            similarity = space[rows] @ (others / max(float(np.linalg.norm(others)), 1e-12))
            cosines[rows, np.searchsorted(topic_ids, topic)] = similarity
    return pd.Series(cosines.max(axis=1)).groupby(passages["lang"].to_numpy()).quantile(FAR_QUANTILE).to_dict()


def _add_points(
    points: pd.DataFrame, modeled: pd.DataFrame, space: np.ndarray, topics: np.ndarray, is_new: np.ndarray
) -> pd.DataFrame:
    """Return table `points` with a point for each new passage: the mean of those of the most similar passages."""
    from sklearn.neighbors import NearestNeighbors

    rows = pd.Index(modeled["passage_id"]).get_indexer(points["passage_id"])
    search = NearestNeighbors(n_neighbors=min(N_POINTS, len(rows)), metric="cosine").fit(space[rows])
    nearest = search.kneighbors(space[is_new], return_distance=False)
    x, y = points[["x", "y"]].to_numpy()[nearest].mean(axis=1).T
    new = pd.DataFrame({"passage_id": modeled.loc[is_new, "passage_id"], "x": x, "y": y, "topic": topics[is_new]})
    return pd.concat([points, new], ignore_index=True)
