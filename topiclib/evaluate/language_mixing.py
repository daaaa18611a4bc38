"""Does a topic hold one language or both?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from topiclib.topics.language_split import _check_lengths
from topiclib.topics.neighbors import exact_neighbors


def one_language_share(
    topics: Iterable[int], lang: Iterable[str], *, purity: float = 0.95, n_permutations: int = 20
) -> dict[str, float]:
    """Return the part of the passages that are in topics of one language, and what chance would give.

    Parameters
    ----------
    topics, lang
        n topic numbers and n language codes, in the same order; outliers (-1) are left out.
    purity
        A topic is of one language if one language has at least this part of its passages.
    permutations
        Times that the languages are shuffled over the passages, topics kept, for ``chance``.

    Returns
    -------
    dict
        ``share`` and ``chance``, both in 0..1; 1 and 1 for a corpus of one language, NaN where there is no topic.

    Notes
    -----
    Share = sum of the sizes of the topics with max_l p(l | t) >= purity, over the sum of all sizes. A subject that one
    language alone has *should* be such a topic: read this beside the share recovery.
    Source: cluster purity (Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", 16.3); the
    chance level is a permutation baseline.
    """
    found, codes = _check_lengths(topics, lang)
    found, codes = found[found >= 0], codes[found >= 0]
    if not len(found):
        return {"share": float("nan"), "chance": float("nan")}
    _, topic = np.unique(found, return_inverse=True)
    _, code = np.unique(codes, return_inverse=True)

    def part(languages: np.ndarray) -> float:
        counts = np.zeros((topic.max() + 1, code.max() + 1))
        np.add.at(counts, (topic, languages), 1)
        sizes = counts.sum(axis=1)
        return float(sizes[counts.max(axis=1) >= purity * sizes].sum() / len(topic))

    random = np.random.default_rng(0)
    chance = [part(random.permutation(code)) for _ in range(n_permutations)]
    return {"share": part(code), "chance": float(np.mean(chance)) if chance else float("nan")}


def neighbor_mixing(vectors: np.ndarray, lang: Iterable[str], *, n_neighbors: int = 15) -> dict[str, float]:
    """Return the part of each passage's nearest neighbors that have its language, and what chance would give.

    Parameters
    ----------
    vectors
        (n, d) unit rows; neighbors are by cosine, exact, the passage itself left out.
    lang
        n language codes.

    Returns
    -------
    dict
        ``same`` (0..1) and ``chance`` = sum_l n_l (n_l - 1) / (n (n - 1)), the expectation over all permutations of the
        languages. ``same`` near ``chance`` means that neighborhoods do not know the language.

    Notes
    -----
    Source: the k-nearest-neighbor view of batch mixing (Büttner et al. 2019, kBET), as a plain share.
    """
    codes = np.asarray(list(lang), dtype=object).astype(str)
    rows = np.asarray(vectors, dtype=np.float32)
    if len(rows) != len(codes) or len(rows) < 2:
        raise ValueError(f"{len(rows)} vectors and {len(codes)} languages: expected the same number, at least two.")
    nearest = exact_neighbors(rows, min(n_neighbors, len(rows) - 1) + 1)[0][:, 1:]
    same = (codes[nearest] == codes[:, None]).mean()
    sizes = np.unique(codes, return_counts=True)[1]
    chance = (sizes * (sizes - 1)).sum() / (len(rows) * (len(rows) - 1))
    return {"same": float(same), "chance": float(chance)}


def mixing(stages: Mapping[str, tuple[np.ndarray, Iterable[int]]], lang: Iterable[str]) -> pd.DataFrame:
    """Tell how far passages and topics know the language, before and after alignment.

    Parameters
    ----------
    stages
        For each stage, such as "before" and "after": the vectors (n, d) and the n topics found in them.
    lang
        n language codes.

    Returns
    -------
    pandas.DataFrame
        ``measure``, ``stage``, ``value``, ``chance``, all in 0..1: "same_language", the part of a passage's 15 nearest
        that has its language (`neighbor_mixing`), and "one_language", the part of the passages in topics of one
        language (`one_language_share`).
    """
    codes, rows = list(lang), []
    for stage, (vectors, topics) in stages.items():
        near, alone = neighbor_mixing(vectors, codes), one_language_share(topics, codes)
        rows.append(("same_language", stage, near["same"], near["chance"]))
        rows.append(("one_language", stage, alone["share"], alone["chance"]))
    return pd.DataFrame(rows, columns=["measure", "stage", "value", "chance"])
