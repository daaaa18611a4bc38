"""What a language adds, told by the words that both languages write: names, loanwords, terms of one script.

Persian and Arabic share a script and thousands of words (مجلس, انتخاب, حکومت and حكومة). Which of them a passage has
tells its subject, and knows nothing of what the encoder adds for its language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from topiclib.text import analyze, fold

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_SUBJECTS = 16

N_COMPONENTS = 32
"""Directions in which the passages vary most, within languages: all that is looked at, and all that is moved."""

N_STARTS = 10

N_ITER = 60

TEMPERATURE = 4.0
"""How much less sure the first turns are than the last half of them: deterministic annealing."""

MAX_DF = 0.2
"""A word that more than a fifth of a language's passages have says nothing of a subject."""

MIN_SHARED_WORDS = 50

MIN_PASSAGES = 8 * N_SUBJECTS

_FEMININE_ENDING = re.compile("(?<=..)[هت]$")


def refine_with_shared_words(
    offsets: np.ndarray, rows: np.ndarray, index: np.ndarray, texts: Sequence[str]
) -> np.ndarray:
    """Refine what each language adds by a mixture of subjects that share of each language may differ in.

    Parameters
    ----------
    offsets
        (k, d), the start: what is subtracted from the rows of each language. Left as they are.
    rows, index, texts
        (n, d) rows as they came, (n,) the position in ``offsets`` of each one's language, n texts.

    Returns
    -------
    numpy.ndarray
        (k, d) float32; ``offsets`` itself where there are too few passages or shared words.

    Notes
    -----
    A passage of language l is on subject s with probability p(s | l). Its place in the first 32 principal directions
    is normal around m_s + o_l, all directions and subjects alike; a shared word w is in it at the rate r_lw t_sw, where
    r_lw is how often the language has the word at all: a false friend, or a word that one language likes, weighs no
    more than its unevenness over subjects. Fitted by expectation maximization from the start that is given, with
    deterministic annealing, from ten sets of subjects whose offsets are averaged. t is smoothed by half an
    occurrence (Jeffreys), p(s | l) by eight passages of the corpus's own p(s). No random choice is left.
    Cells alone cannot tell a language's subjects from its offset where a passage may be of either of two cells: the
    language that has more of one then fills it. Different p(s | l) can, and the words say which cell it is.

    Source: Dempster, Laird and Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm"; Ueda and
    Nakano 1998, "Deterministic annealing EM algorithm"; cognates as anchors between languages: Simard, Foster and
    Isabelle 1992, "Using cognates to align sentences in bilingual corpora".
    """
    from threadpoolctl import threadpool_limits

    present, index = np.unique(index, return_inverse=True)
    if len(rows) < MIN_PASSAGES or len(present) < 2:
        return offsets
    words = _shared_word_matrix(texts, index)
    if words.shape[1] < MIN_SHARED_WORDS:
        return offsets
    with threadpool_limits(1):  # sums in one order: the same offsets to the last bit, whatever the machine has to spare
        means = np.stack([rows[index == position].mean(axis=0) for position in range(len(present))])
        centered = (rows - means[index]).astype(float)
        directions = np.linalg.eigh(centered.T @ centered)[1][:, -N_COMPONENTS:]
        places, center = (rows - means.mean(axis=0)) @ directions, means.mean(axis=0)
        start = (offsets[present] - offsets[present].mean(axis=0)) @ directions
        found = np.mean([_fit_mixture(places, index, words, start, seed=seed) for seed in range(N_STARTS)], axis=0)
        moved = (found - (means - center) @ directions) @ directions.T
    refined = offsets.copy()
    refined[present] = means + moved
    return refined.astype(np.float32)


def _shared_word_matrix(texts: Sequence[str], index: np.ndarray) -> csr_matrix:
    """Return which passage has which of the words that every language has, (n, w): 0 or 1."""
    from scipy.sparse import csr_matrix

    found = [sorted({_FEMININE_ENDING.sub("", fold(word)) for word in analyze(text)}) for text in texts]
    sizes = np.bincount(index)
    counts = [Counter(chain.from_iterable(found[i] for i in np.flatnonzero(index == one))) for one in range(len(sizes))]
    everywhere = sorted(set.intersection(*map(set, counts)))
    kept = [word for word in everywhere if all(one[word] < MAX_DF * n for one, n in zip(counts, sizes, strict=True))]
    place = {word: position for position, word in enumerate(kept)}
    pairs = [(row, place[word]) for row, words in enumerate(found) for word in words if word in place]
    at = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return csr_matrix((np.ones(len(at)), (at[:, 0], at[:, 1])), (len(found), len(kept)))


def _fit_mixture(
    places: np.ndarray, index: np.ndarray, words: csr_matrix, start: np.ndarray, *, seed: int
) -> np.ndarray:
    """Fit the mixture and return what each language adds, (k, 32), but for what all of them share."""
    from scipy.special import softmax
    from sklearn.cluster import KMeans

    languages = np.eye(len(start))[index]  # (n, k)
    rates = np.asarray((words.T @ languages).T) / languages.sum(axis=0)[:, None]
    offsets, lift = start, np.zeros((N_SUBJECTS, words.shape[1]))
    shares = np.full((len(start), N_SUBJECTS), 1 / N_SUBJECTS)
    aligned = places - offsets[index]
    cells = KMeans(N_SUBJECTS, n_init=1, random_state=seed).fit(aligned)
    centers = cells.cluster_centers_
    variance = max(float(((aligned - centers[cells.labels_]) ** 2).mean()), 1e-9)  # nought where passages are all alike
    for turn in range(N_ITER):
        heat = 1 + (TEMPERATURE - 1) * max(0.0, 1 - 2 * turn / N_ITER)
        square = (aligned**2).sum(axis=1)[:, None] - 2 * aligned @ centers.T + (centers**2).sum(axis=1)
        likelihood = (words @ lift.T - square / (2 * variance)) / heat
        member = softmax(likelihood + np.log(shares)[index], axis=1)  # (n, subjects)
        counts = languages.T @ member  # (k, subjects)
        total = counts.sum(axis=0) + 1e-9
        shares = counts + N_SUBJECTS / 2 * total / total.sum() + 1e-9
        shares /= shares.sum(axis=1, keepdims=True)
        lift = np.log(((words.T @ member).T + 0.5) / (counts.T @ rates + 0.5))
        # Least squares of place = subject + language, the subjects eliminated, as in `topiclib.align`.
        sums = np.stack([(member * language[:, None]).T @ places for language in languages.T])  # (k, subjects, 32)
        left = np.diag(counts.sum(axis=1)) - counts / total @ counts.T
        right = sums.sum(axis=1) - counts / total @ sums.sum(axis=0)
        offsets = np.linalg.pinv(left) @ right
        centers = (sums.sum(axis=0) - counts.T @ offsets) / total[:, None]
        aligned = places - offsets[index]
        spread = (aligned**2).sum() - 2 * ((member.T @ aligned) * centers).sum() + (total[:, None] * centers**2).sum()
        variance = max(float(spread) / places.size, 1e-9)
    return offsets
