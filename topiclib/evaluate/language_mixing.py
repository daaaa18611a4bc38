"""Mixing of languages in topics and among nearest neighbors, with the values expected by chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from topiclib.topics.language_split import _check_lengths
from topiclib.topics.neighbors import exact_neighbors


def one_language_share(
    topics: Iterable[int], lang: Iterable[str], *, purity: float = 0.95, n_permutations: int = 20
) -> dict[str, float]:
    """Return the share of passages in topics of one language, and the share expected by chance.

    Parameters
    ----------
    topics, lang
        n topic numbers and n language codes, in the same order; outliers (-1) are left out.
    purity
        A topic is of one language if one language has at least this share of its passages.
    n_permutations
        Number of permutations of the languages over the passages, for `chance`.

    Returns
    -------
    dict
        `share` and `chance`, both in 0..1; 1 and 1 for a corpus of one language, NaN without topics.

    Notes
    -----
    The share is the sum of the sizes of the topics with max_l p(l | t) >= purity, over the sum of all sizes. A subject
    that only one language covers *should* be such a topic: read it together with `share_recovery`.

    References
    ----------
    Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", 16.3 (cluster purity).
    """
    ids, codes = _check_lengths(topics, lang)
    ids, codes = ids[ids >= 0], codes[ids >= 0]
    if not len(ids):
        return {"share": float("nan"), "chance": float("nan")}
    _, topic = np.unique(ids, return_inverse=True)
    languages, code = np.unique(codes, return_inverse=True)
    shape = (topic.max() + 1, len(languages))

    def pure_share(code: np.ndarray) -> float:
        counts = np.bincount(topic * shape[1] + code, minlength=shape[0] * shape[1]).reshape(shape)
        sizes = counts.sum(axis=1)
        return float(sizes[counts.max(axis=1) >= purity * sizes].sum() / len(ids))

    rng = np.random.default_rng(0)
    chance = np.mean([pure_share(rng.permutation(code)) for _ in range(n_permutations)])
    return {"share": pure_share(code), "chance": float(chance)}


def neighbor_mixing(vectors: np.ndarray, lang: Iterable[str], *, n_neighbors: int = 15) -> dict[str, float]:
    """Return the share of a passage's nearest neighbors in its own language, and the share expected by chance.

    Parameters
    ----------
    vectors, lang
        (n, d) unit rows, and n language codes.
    n_neighbors
        Number of exact nearest neighbors by cosine, the passage itself excluded.

    Returns
    -------
    dict
        `same` (0..1) and `chance` = sum_l n_l (n_l - 1) / (n (n - 1)), the expectation over all permutations of the
        languages. `same` near `chance` means that neighbors do not depend on the language.

    References
    ----------
    Büttner et al. 2019 (kBET: batch mixing among k nearest neighbors; here as a share).
    """
    codes = np.asarray(list(lang), dtype=object).astype(str)
    vectors = np.asarray(vectors, dtype=np.float32)
    if (n := len(vectors)) != len(codes) or n < 2:
        raise ValueError(f"{n} vectors and {len(codes)} languages: expected the same number, at least two")
    nearest = exact_neighbors(vectors, min(n_neighbors, n - 1) + 1)[0][:, 1:]
    same = (codes[nearest] == codes[:, None]).mean()
    sizes = np.unique(codes, return_counts=True)[1]
    chance = (sizes * (sizes - 1)).sum() / (n * (n - 1))
    return {"same": float(same), "chance": float(chance)}


def mixing(stages: Mapping[str, tuple[np.ndarray, Iterable[int]]], lang: Iterable[str]) -> pd.DataFrame:
    """Return how far passages and topics are separated by language, before and after alignment.

    Parameters
    ----------
    stages
        For each stage, such as "before" and "after": the vectors (n, d) and their n topics.
    lang
        n language codes.

    Returns
    -------
    pandas.DataFrame
        `measure`, `stage`, `value` and `chance` (0..1). Measures are "same_language", the share of a passage's 15
        nearest neighbors in its language (`neighbor_mixing`), and "one_language", the share of passages in topics of
        one language (`one_language_share`).
    """
    codes, rows = list(lang), []
    for stage, (vectors, topics) in stages.items():
        neighbors, one_language = neighbor_mixing(vectors, codes), one_language_share(topics, codes)
        rows.append(("same_language", stage, neighbors["same"], neighbors["chance"]))
        rows.append(("one_language", stage, one_language["share"], one_language["chance"]))
    return pd.DataFrame(rows, columns=["measure", "stage", "value", "chance"])
