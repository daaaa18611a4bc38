"""Statements that are relayed: pairs of passages of different articles that look like one text or its translation.

A minister's sentence that three outlets carry is one statement, not three. The table is to be read by people: what
looks alike may still be another sentence, above all across languages.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from topiclib import schema

N_NEIGHBORS = 4

FEWEST_WORDS = 8

BLOCK_SIZE = 1024

_COLUMNS = ["passage_a", "passage_b", "doc_a", "doc_b", "lang_a", "lang_b", "cosine", "margin"]


def find_text_reuse(passages: pd.DataFrame, aligned: np.ndarray, *, min_margin: float = 0.08) -> pd.DataFrame:
    """Find pairs of passages of different articles that stand out as alike, within and across languages.

    The margin of a pair is its cosine minus the mean cosine of both to their four nearest passages in the other's
    language (each other included): how much closer they are to each other than to the rest. Cosines alone do not
    separate them, since all passages on one event are close. The threshold is not calibrated: read the table from the
    top.

    Parameters
    ----------
    passages
        The n passages that were embedded, with `passage_id`, `doc_id`, `lang` and `text`.
    aligned
        (n, d) unit rows, row i belongs to passages.iloc[i].
    margin
        The smallest margin of a pair in the table.

    Returns
    -------
    DataFrame
        passage_a, passage_b, doc_a, doc_b, lang_a, lang_b, cosine, margin; each pair once, mutual nearest neighbors
        only, the largest margin first. Passages of fewer than eight words (headings) are left out.

    Raises
    ------
    ValueError
        If there are not as many vectors as passages.

    Source: Artetxe and Schwenk 2019, "Margin-based Parallel Corpus Mining" (ACL); a difference in place of their
    ratio, since cosines of aligned vectors lie around zero.
    """
    schema.require_columns(passages, ["passage_id", "doc_id", "lang", "text"], caller="reuse")
    if len(aligned) != len(passages):
        raise ValueError(
            f"vectors has {len(aligned)} rows but passages has {len(passages)}: give those of these passages"
        )
    words = passages["text"].str.split().str.len().to_numpy()
    used = np.flatnonzero((words >= FEWEST_WORDS) & passages["lang"].isin(schema.LANGUAGES).to_numpy())
    part, rows = passages.iloc[used].reset_index(drop=True), np.asarray(aligned, dtype=np.float32)[used]
    codes, docs = part["lang"].to_numpy(), pd.factorize(part["doc_id"])[0]
    pairs: list[tuple[Any, ...]] = []
    for a, b in (("fa", "fa"), ("ar", "ar"), ("fa", "ar")):
        left, right = np.flatnonzero(codes == a), np.flatnonzero(codes == b)
        for i, j, cosine, value in _mutual_nearest(rows, docs, left, right):
            if value >= min_margin and (a != b or i < j):
                pairs.append(
                    (*_pair_of(part, "passage_id", i, j), *_pair_of(part, "doc_id", i, j), a, b, cosine, value)
                )
    frame = pd.DataFrame(pairs, columns=_COLUMNS)
    return frame.sort_values(["margin", "passage_a"], ascending=[False, True]).reset_index(drop=True)


def _pair_of(part: pd.DataFrame, column: str, i: int, j: int) -> tuple[str, str]:
    return part[column].iloc[i], part[column].iloc[j]


def _mutual_nearest(rows: np.ndarray, docs: np.ndarray, left: np.ndarray, right: np.ndarray):
    """Yield pairs that are each other's nearest, none of one article: row, row, cosine, margin."""
    if not len(left) or not len(right):
        return
    near_left, best_left = _nearest_other_article(rows, docs, left, right)
    near_right, best_right = _nearest_other_article(rows, docs, right, left)
    back = {int(right[i]): int(left[j]) for i, j in enumerate(best_right) if j >= 0}
    for i, j in enumerate(best_left):
        if j >= 0 and back.get(int(right[j])) == int(left[i]):
            cosine = float(rows[left[i]] @ rows[right[j]])
            yield int(left[i]), int(right[j]), cosine, cosine - float((near_left[i] + near_right[j]) / 2)


def _nearest_other_article(
    rows: np.ndarray, docs: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each left row's mean cosine to its nearest right rows, and the place of the very nearest (-1: none)."""
    mean, best = np.zeros(len(left)), np.full(len(left), -1)
    k = min(N_NEIGHBORS, len(right))
    for start in range(0, len(left), BLOCK_SIZE):
        some = left[start : start + BLOCK_SIZE]
        cosine = rows[some] @ rows[right].T
        cosine[docs[some][:, None] == docs[right][None, :]] = -1.0
        top = np.partition(cosine, -k, axis=1)[:, -k:]
        mean[start : start + BLOCK_SIZE] = np.maximum(
            np.where(top > -1, top, 0).sum(1) / np.maximum(1, (top > -1).sum(1)), 1e-6
        )
        place = cosine.argmax(axis=1)
        best[start : start + BLOCK_SIZE] = np.where(cosine.max(axis=1) > -1, place, -1)
    return mean, best
