"""Verify a run: refit it from its folder and compare the topics with the stored ones.

The same versions on the same machine give identical tables. Another machine may add floating-point numbers in another
order, which can move a borderline passage to another topic; the comparison shows how many move, and how shares change.
"""

import platform
from pathlib import Path
from typing import Any

import numpy as np

from topiclib.embedding.encoder import Encoder
from topiclib.evaluate.agreement import ARI, compare_topics
from topiclib.runs import store
from topiclib.runs.pipeline import aligned_vectors, fitted_passages, open_run
from topiclib.runs.spec import package_versions
from topiclib.topics.fit import cluster_passages


def verify_refit(
    path: str | Path, *, encoder: str | Path | Encoder | None = None,
    cache: str | Path | None = None, progress: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """Embed, align and cluster the passages stored in a run again, and compare the topics.

    Parameters
    ----------
    path
        A run folder.
    encoder, cache, progress
        As `topiclib.assign_topics` and `topiclib.embed` take them. Cached vectors are not computed again: pass an empty
        cache to verify the encoder too.

    Returns
    -------
    dict
        ``n_passages``; the entries of `topiclib.evaluate.agreement.compare_topics`; ``max_offset_change``, the largest
        change of an alignment offset; ``versions``, the versions that differ: name -> (then, now).

    References
    ----------
    Hubert and Arabie 1985 (adjusted Rand index); Kuhn 1955 (one-to-one matching); Hennig 2007 (threshold of .5).
    """
    run = open_run(path)
    if run.manifest.get("saved_model"):
        raise ValueError(f"{path} was saved from a model (save_run): its topics cannot be fitted again from its recipe")
    if run.manifest.get("extensions"):
        what = "its later articles were assigned to topics, not clustered"
        raise ValueError(f"{path} was extended: {what}: refit the run that was extended")
    recipe = run.recipe  # fails on fields of another version before the tables are read
    passages, assignments = fitted_passages(run), run.assignments
    if passages["passage_id"].tolist() != assignments["passage_id"].tolist():
        raise ValueError(f"{path}: modeled passages and assignments differ, see `topiclib check {path}`")
    aligned, alignment = aligned_vectors(run, passages, encoder=encoder, cache=cache, progress=progress, fit_again=True)
    refit = cluster_passages(passages, aligned, recipe)
    now = {**package_versions(), "platform": platform.platform()}
    then = {**run.manifest["versions"], "platform": run.manifest["platform"]}
    return {
        "n_passages": len(passages),
        **compare_topics(assignments["topic_found"].to_numpy(), refit, passages["lang"]),
        "max_offset_change": float(np.abs(alignment.offsets - store.read_array(path, "offsets")).max(initial=0)),
        "versions": {name: (then[name], now[name]) for name in now if then.get(name, now[name]) != now[name]},
    }


def format_refit(result: dict[str, Any]) -> str:
    """Return the result of `verify_refit` as lines for a terminal."""
    topic, lang = result["max_share_change_at"]
    change = f"shares     the largest change is {100 * result['max_share_change']:.2f} points"
    lines = [
        f"topics     {result['n_topics']} then, {result['n_topics_refit']} now; {result['n_matched']} found again",
        f"passages   {result['same_topic_share']:.2%} of {result['n_passages']} in the same topic; "
        + ARI.format(**result),
        change + (f" (topic {topic}, {lang})" if result["max_share_change"] else ""),
        f"alignment  the largest change is {result['max_offset_change']:.1e}",
    ]
    lines += [f"versions   {name}: {then} then, {now} now" for name, (then, now) in result["versions"].items()]
    return "\n".join(lines)
