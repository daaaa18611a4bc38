"""Text reuse: pairs of passages of different articles that look like one text or its translation.

A minister's sentence in three outlets is one statement, not three. The table is meant to be checked by reading: similar
passages may still be different sentences, above all across languages.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from topiclib import schema

N_NEIGHBORS = 4

# Shorter passages are mostly headings.
MIN_WORDS = 8

BLOCK_SIZE = 1024

_COLUMNS = ["passage_a", "passage_b", "doc_a", "doc_b", "lang_a", "lang_b", "cosine", "margin"]


def find_text_reuse(passages: pd.DataFrame, aligned: np.ndarray, *, min_margin: float = 0.08) -> pd.DataFrame:
    """Find pairs of passages of different articles that are unusually similar, within and across languages.

    Parameters
    ----------
    passages
        n rows with `passage_id`, `doc_id`, `lang` and `text`.
    aligned
        (n, d) unit rows, row i belongs to passages.iloc[i].
    min_margin
        Pairs with a smaller margin are left out. The default is not calibrated: read the table from the top.

    Returns
    -------
    DataFrame
        passage_a, passage_b, doc_a, doc_b, lang_a, lang_b, cosine, margin; each pair once, mutual nearest neighbors
        only, the largest margin first. Passages of fewer than eight words are left out.

    Notes
    -----
    The margin is the cosine of a pair minus the mean cosine of both to their four nearest passages of other articles
    in the other's language (each other included). The cosine alone tells little: all passages on one event are close.

    References
    ----------
    Artetxe and Schwenk 2019, "Margin-based Parallel Corpus Mining" (ACL). Here the margin is a difference, not a
    ratio, because cosines of aligned vectors lie around zero.
    """
    schema.require_columns(passages, ["passage_id", "doc_id", "lang", "text"], caller="find_text_reuse")
    if len(aligned) != len(passages):
        raise ValueError(f"aligned has {len(aligned)} rows but passages has {len(passages)}: pass one per passage")
    words = passages["text"].str.split().str.len().to_numpy()
    used = np.flatnonzero((words >= MIN_WORDS) & passages["lang"].isin(schema.LANGUAGES).to_numpy())
    passage_ids, doc_ids, lang = (passages[column].to_numpy()[used] for column in ("passage_id", "doc_id", "lang"))
    vectors, docs = np.asarray(aligned, dtype=np.float32)[used], pd.factorize(doc_ids)[0]
    pairs = []
    for a, b in (("fa", "fa"), ("ar", "ar"), ("fa", "ar")):
        left, right = np.flatnonzero(lang == a), np.flatnonzero(lang == b)
        if not len(left) or not len(right):
            continue
        mean_left, best_left = _nearest_other_article(vectors, docs, left, right)
        mean_right, best_right = _nearest_other_article(vectors, docs, right, left)
        for row, column in enumerate(best_left):
            i, j = left[row], right[column]
            if column < 0 or best_right[column] < 0 or left[best_right[column]] != i or (a == b and i > j):
                continue
            cosine = float(vectors[i] @ vectors[j])
            margin = cosine - float((mean_left[row] + mean_right[column]) / 2)
            if margin >= min_margin:
                pairs.append((passage_ids[i], passage_ids[j], doc_ids[i], doc_ids[j], a, b, cosine, margin))
    frame = pd.DataFrame(pairs, columns=_COLUMNS)
    return frame.sort_values(["margin", "passage_a"], ascending=[False, True]).reset_index(drop=True)


def _nearest_other_article(
    vectors: np.ndarray, docs: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each left row's mean cosine to its nearest right rows, and the index of the nearest (-1: none)."""
    mean, best = np.zeros(len(left)), np.full(len(left), -1)
    k = min(N_NEIGHBORS, len(right))
    for start in range(0, len(left), BLOCK_SIZE):
        block = slice(start, start + BLOCK_SIZE)
        cosine = vectors[left[block]] @ vectors[right].T
        cosine[docs[left[block]][:, None] == docs[right][None, :]] = -1.0
        top = np.partition(cosine, -k, axis=1)[:, -k:]
        mean[block] = np.maximum(np.where(top > -1, top, 0).sum(1) / np.maximum(1, (top > -1).sum(1)), 1e-6)
        best[block] = np.where(cosine.max(axis=1) > -1, cosine.argmax(axis=1), -1)
    return mean, best
