"""Fit a run again from its own folder, and say how far the topics found here are from those that it holds.

The same versions on the same machine give the same tables to the byte. Another machine adds in another order, which may
put a passage at a border into the next topic: this says how many, and whether any share that is reported moves.
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from topiclib.embedding.encoder import Encoder
from topiclib.evaluate.agreement import pairwise_ari, topic_overlaps
from topiclib.runs import store
from topiclib.runs.pipeline import aligned_vectors, fitted_passages, open_run
from topiclib.topics.fit import cluster_passages

MIN_MATCH_JACCARD = 0.5
"""Jaccard overlap from which a topic counts as the same: below it, more of the two is apart than together (Hennig)."""


def verify_refit(
    path: str | Path,
    *,
    encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Embed, align and cut a run's passages again, from the run folder alone, and compare.

    Parameters
    ----------
    path
        A run folder.
    encoder
        As `topiclib.place` takes it.
    cache, progress
        As `topiclib.embed` takes them. Vectors that are in the cache are not embedded again: give an empty one to have
        the encoder tested too.

    Returns
    -------
    dict
        ``passages``, their number; ``topics``, ``topics_again``; ``matched``, the topics that come back (one to one, an
        overlap of .5 or more); ``ari``, the adjusted Rand index; ``same``, the share of passages in the topic that
        theirs is matched to; ``moved``, the largest change of a topic's share of the passages of a language (0..1), and
        ``moved_where``, its topic and language; ``offsets``, the largest change in an alignment offset; ``package_versions``,
        what was another version then: name -> (then, now).

    Raises
    ------
    FileNotFoundError, ValueError
        If the folder is no run, it is damaged, or the encoder is not given or another than the run's.

    Source: Hubert and Arabie 1985 (adjusted Rand index); Kuhn 1955 (one-to-one matching); Hennig 2007 (the .5).
    """
    run = open_run(path)
    recipe = run.recipe  # one that is not known here is told before the tables are read
    passages, assignments = fitted_passages(run), run.tables["assignments"]
    if passages["passage_id"].tolist() != assignments["passage_id"].tolist():
        raise ValueError(f"{path} has other passages than assignments: see `topiclib check {path}`")
    aligned, alignment = aligned_vectors(run, passages, encoder=encoder, cache=cache, progress=progress, fit_again=True)
    again = cluster_passages(passages, aligned, recipe)
    return {
        "passages": len(passages),
        **compare_topics(assignments["topic"].to_numpy(), again, passages["lang"]),
        "offsets": float(np.abs(alignment.offsets - store.read_array(path, "offsets")).max(initial=0)),
        "versions": _changed_versions(run.manifest),
    }


def compare_topics(topics: np.ndarray, again: np.ndarray, lang: pd.Series) -> dict[str, Any]:
    """Match the topics of two fits of the same n passages, (n,) each, one to one, and say how far they agree.

    Returns what `verify_refit` does under ``topics``, ``topics_again``, ``matched``, ``ari``, ``same``, ``moved`` and
    ``moved_where``.
    """
    from scipy.optimize import linear_sum_assignment

    overlaps = topic_overlaps(topics, again)
    values = overlaps.to_numpy()
    first, second = linear_sum_assignment(-values)
    names = {overlaps.columns[j]: overlaps.index[i] for i, j in zip(first, second, strict=True) if values[i, j] > 0}
    named = np.array([-1 if topic < 0 else names.get(topic, -2) for topic in again])
    then, now = (pd.crosstab(values, lang.to_numpy(), normalize="columns") for values in (topics, named))
    change = (now.reindex(then.index, fill_value=0.0) - then).abs().stack()
    where = change.idxmax()
    return {
        "topics": len(overlaps.index), "topics_again": len(overlaps.columns),
        "matched": int((values[first, second] >= MIN_MATCH_JACCARD).sum()), "ari": pairwise_ari([topics, again])["mean"],
        "same": float((topics == named).mean()), "moved": float(change.max()),
        "moved_where": (int(where[0]), str(where[1])),
    }  # fmt: skip


def format_refit(found: dict[str, Any]) -> str:
    """Return what `verify_refit` found as lines for a terminal."""
    topic, lang = found["moved_where"]
    lines = [
        f"topics     {found['topics']} then, {found['topics_again']} now; {found['matched']} come back",
        f"passages   {found['same']:.2%} of {found['passages']} in the same topic; "
        f"adjusted Rand index {found['ari']:.4f}",
        f"shares     the largest change is {100 * found['moved']:.2f} points"
        + (f" (topic {topic}, {lang})" if found["moved"] else ""),
        f"alignment  the largest change is {found['offsets']:.1e}",
    ]
    lines += [f"then {then}, now {now}: {name}" for name, (then, now) in found["versions"].items()]
    return "\n".join(lines)


def _changed_versions(manifest: dict[str, Any]) -> dict[str, tuple[str, str]]:
    from topiclib.runs.spec import package_versions

    now = {**package_versions(), "platform": platform.platform()}
    then = {**manifest["versions"], "platform": manifest["platform"]}
    return {name: (then[name], now[name]) for name in now if name in then and then[name] != now[name]}
