"""Write a run folder from any BERTopic model, such as one whose topics were merged or named by hand."""

from __future__ import annotations

import dataclasses
import platform
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from topiclib.corpus.flow import count_flow
from topiclib.corpus.rules import learn_rules
from topiclib.embedding.registry import encoder as load_encoder
from topiclib.embedding.registry import encoder_name
from topiclib.runs import store
from topiclib.runs.pipeline import Run, describe_run, open_run
from topiclib.runs.spec import RunSpec
from topiclib.runs.tabulate import tabulate
from topiclib.text import DEFAULT_LEXICON, Lexicon
from topiclib.topics.assignment import compute_centroids
from topiclib.topics.fit import make_projection
from topiclib.topics.recipe import Recipe

if TYPE_CHECKING:
    from bertopic import BERTopic

    from topiclib.embedding.alignment import Alignment
    from topiclib.embedding.encoder import Encoder
    from topiclib.themes.theme_file import ThemeFiles


def save_run(
    model: BERTopic, documents: pd.DataFrame, passages: pd.DataFrame, aligned: np.ndarray,
    alignment: Alignment | None = None, *, out: str | Path, recipe: Recipe | None = None,
    encoder: str | Path | Encoder | None = None, themes: ThemeFiles | None = None, lexicon: Lexicon = DEFAULT_LEXICON,
) -> Run:  # fmt: skip
    """Write a BERTopic model and its corpus as a run folder, for figures, report, map and new articles.

    Parameters
    ----------
    model
        A fitted model, also after BERTopic's `merge_topics`, `reduce_topics`, `update_topics` or `set_topic_labels`:
        ``model.topics_[i]`` is the topic of the i-th modeled passage. Labels of `set_topic_labels` are the names of
        the topics, in each language of a figure.
    documents, passages, aligned
        As `tabulate` takes them.
    alignment
        The one that gave `aligned` (`fit_alignment`). Without it new articles cannot be assigned to the topics.
    out
        The run folder; an existing run is replaced.
    recipe
        The settings with which the model was fitted, as far as they are known. Default: `Recipe()`.
    encoder, themes, lexicon
        As `run` takes them.

    Raises
    ------
    FileExistsError, ValueError
        If `out` has other files in it, or the numbers of modeled passages, vectors and topics differ.
    """
    recipe = recipe or Recipe()
    if encoder is not None:
        recipe = dataclasses.replace(recipe, encoder=encoder_name(encoder))
    spec = RunSpec(documents, recipe, themes, None, False, lexicon)
    out, fingerprint = store.check_output_folder(out), spec.fingerprint([documents])
    tables = tabulate(model, documents, passages, aligned, themes=spec.theme_definitions, recipe=recipe)
    tables["flow"] = count_flow(documents, tables["passages"])
    topics = sorted(set(model.topics_))
    if model.custom_labels_ and len(model.custom_labels_) != len(topics):
        n = f"{len(model.custom_labels_)} labels for {len(topics)} topics"
        warnings.warn(f"the model has {n}, which were set before its topics changed: set them again", stacklevel=2)
    elif model.custom_labels_:
        # BERTopic fills in its own name ("1_word_word") for topics that the user has not named.
        labels = zip(topics, model.custom_labels_, strict=True)
        given = {topic: label for topic, label in labels if label != model.topic_labels_.get(topic)}
        for column in ("name_en", "name_fa", "name_ar"):
            tables["topics"][column] = tables["topics"]["topic"].map(given).fillna("")
    space = make_projection(recipe).transform(aligned)
    topic_ids, centroids = compute_centroids(space, np.asarray(model.topics_))
    arrays = {"centroids": centroids} | ({"offsets": alignment.offsets} if alignment else {})
    entries = describe_run(spec, documents, len(space), topic_ids, alignment)
    entries |= {"encoder": load_encoder(recipe.encoder if encoder is None else encoder).identity, "saved_model": True}
    if steps := getattr(model.hdbscan_model, "steps_", None):  # fitted by `topiclib.fit`
        entries["topic_steps"] = steps | {"guided": int(bool(model.seed_topic_list))}
    entries["rules"] = learn_rules(documents).to_dict()
    entries |= {"cache_key": store.hash_values(model.topics_), "stages": [], "platform": platform.platform()}
    store.write_run(out, tables, arrays, {**fingerprint, **entries})
    return open_run(out)
