"""Refine the alignment with words that all languages share: names, loanwords and other cognates.

Persian and Arabic share a script and thousands of words (مجلس, انتخاب, حکومت and حكومة). Which of them a passage
contains depends on its subject, not on how the encoder represents its language.
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
N_COMPONENTS = 32  # within-language principal components: beyond them, noise (docs/decisions/07-alignment.md)
N_STARTS = 10  # fits whose offsets are averaged, as each depends on its k-means start
N_ITER = 60
TEMPERATURE = 4.0  # annealing starts here and ends at 1 after half the iterations; without it, offsets hardly move
MAX_DF = 0.2  # as in CountVectorizer, per language: a word in every fifth passage says little about the subject
MIN_SHARED_WORDS = 50
MIN_PASSAGES = 8 * N_SUBJECTS

# Arabic ة and what Persian writes for it, ت or ه (حكومة, حکومت): dropped, so that both spellings are one word.
_FEMININE_ENDING = re.compile("(?<=..)[هت]$")


def refine_with_shared_words(
    offsets: np.ndarray, rows: np.ndarray, index: np.ndarray, texts: Sequence[str]
) -> np.ndarray:
    """Refine the language offsets with a mixture model whose subject proportions may differ between languages.

    Parameters
    ----------
    offsets
        (k, d), the start: what is subtracted from the rows of each language. Not modified.
    rows, index, texts
        (n, d) vectors before alignment, (n,) row of ``offsets`` for the language of each, n texts.

    Returns
    -------
    numpy.ndarray
        (k, d) float32; ``offsets`` itself where there are too few passages or shared words.

    Notes
    -----
    A passage of language l has subject s with probability p(s | l). Its coordinates in the first 32 principal
    components are normal around m_s + o_l, with one variance for all components and subjects. A shared word w occurs in
    it at the rate r_lw t_sw, where r_lw is the word's overall rate in the language: a false friend, or a word that one
    language uses more, counts only as far as it is uneven over subjects. The model is fitted by expectation
    maximization from ``offsets``, with deterministic annealing, for ten sets of starting subjects, whose offsets are
    averaged. t is smoothed by half an occurrence (Jeffreys' prior), p(s | l) by eight passages distributed as in the
    whole corpus. All seeds are fixed.

    Clusters alone cannot tell a language's subjects from its offset where a passage may belong to either of two
    clusters: the language that has more of one then fills it. A separate p(s | l) for each language can, and the shared
    words indicate which cluster it is.

    References
    ----------
    Dempster, Laird and Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm".
    Ueda and Nakano 1998, "Deterministic annealing EM algorithm".
    Simard, Foster and Isabelle 1992, "Using cognates to align sentences in bilingual corpora".
    """
    from threadpoolctl import threadpool_limits

    present, index = np.unique(index, return_inverse=True)
    if len(rows) < MIN_PASSAGES or len(present) < 2:
        return offsets
    words = _shared_word_matrix(texts, index)
    if words.shape[1] < MIN_SHARED_WORDS:
        return offsets
    refined = offsets.copy()
    with threadpool_limits(1):  # one order of summation: equal offsets to the last bit on any number of cores
        means = np.stack([rows[index == language].mean(axis=0) for language in range(len(present))])
        center = means.mean(axis=0)
        centered = (rows - means[index]).astype(float)
        components = np.linalg.eigh(centered.T @ centered)[1][:, -N_COMPONENTS:]
        coordinates = (rows - center) @ components
        start = (offsets[present] - offsets[present].mean(axis=0)) @ components
        fits = [_fit_mixture(coordinates, index, words, start, seed=seed) for seed in range(N_STARTS)]
        refined[present] = means + (np.mean(fits, axis=0) - (means - center) @ components) @ components.T
    return refined.astype(np.float32)


def _shared_word_matrix(texts: Sequence[str], index: np.ndarray) -> csr_matrix:
    """Return an (n, w) matrix, 1 where a passage contains one of the w words that all languages share."""
    from scipy.sparse import csr_matrix

    words = [sorted({_FEMININE_ENDING.sub("", fold(word)) for word in analyze(text)}) for text in texts]
    sizes = np.bincount(index)
    counts = [Counter(chain.from_iterable(words[i] for i in np.flatnonzero(index == k))) for k in range(len(sizes))]
    limits = list(zip(counts, MAX_DF * sizes, strict=True))
    shared = sorted(set.intersection(*map(set, counts)))
    shared = [word for word in shared if all(count[word] < limit for count, limit in limits)]
    columns = {word: column for column, word in enumerate(shared)}
    pairs = [(row, columns[word]) for row, found in enumerate(words) for word in found if word in columns]
    nonzero = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return csr_matrix((np.ones(len(nonzero)), (nonzero[:, 0], nonzero[:, 1])), (len(texts), len(shared)))


def _fit_mixture(
    coordinates: np.ndarray, index: np.ndarray, words: csr_matrix, start: np.ndarray, *, seed: int
) -> np.ndarray:
    """Fit the mixture and return the offset of each language, (k, 32), up to a shift common to all."""
    from scipy.special import softmax
    from sklearn.cluster import KMeans

    languages = np.eye(len(start))[index]  # (n, k)
    word_rates = np.asarray((words.T @ languages).T) / languages.sum(axis=0)[:, None]
    offsets, log_rate_ratio = start, np.zeros((N_SUBJECTS, words.shape[1]))
    proportions = np.full((len(start), N_SUBJECTS), 1 / N_SUBJECTS)
    aligned = coordinates - offsets[index]
    kmeans = KMeans(N_SUBJECTS, n_init=1, random_state=seed).fit(aligned)
    centers = kmeans.cluster_centers_
    # At least 1e-9, here and in the loop: it would be 0 if all passages were equal.
    variance = max(float(((aligned - centers[kmeans.labels_]) ** 2).mean()), 1e-9)
    for iteration in range(N_ITER):
        temperature = 1 + (TEMPERATURE - 1) * max(0.0, 1 - 2 * iteration / N_ITER)
        distances = (aligned**2).sum(axis=1)[:, None] - 2 * aligned @ centers.T + (centers**2).sum(axis=1)
        # Proportions are added after the division: only the evidence of the passage itself is annealed.
        log_likelihood = (words @ log_rate_ratio.T - distances / (2 * variance)) / temperature
        responsibilities = softmax(log_likelihood + np.log(proportions)[index], axis=1)  # (n, subjects)
        counts = languages.T @ responsibilities  # (k, subjects)
        total = counts.sum(axis=0) + 1e-9
        proportions = counts + N_SUBJECTS / 2 * total / total.sum() + 1e-9
        proportions /= proportions.sum(axis=1, keepdims=True)
        log_rate_ratio = np.log(((words.T @ responsibilities).T + 0.5) / (counts.T @ word_rates + 0.5))
        # Least squares of coordinates = subject + language, with the subjects eliminated as in `alignment`.
        sums = np.stack([(responsibilities * language[:, None]).T @ coordinates for language in languages.T])
        left = np.diag(counts.sum(axis=1)) - counts / total @ counts.T
        right = sums.sum(axis=1) - counts / total @ sums.sum(axis=0)
        offsets = np.linalg.pinv(left) @ right
        centers = (sums.sum(axis=0) - counts.T @ offsets) / total[:, None]
        aligned = coordinates - offsets[index]
        cross_term = ((responsibilities.T @ aligned) * centers).sum()
        squares = (aligned**2).sum() - 2 * cross_term + (total[:, None] * centers**2).sum()
        variance = max(float(squares) / coordinates.size, 1e-9)
    return offsets
