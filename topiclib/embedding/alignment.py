"""Remove the language component from the vectors, and keep differences in subject matter.

Multilingual encoders place each language in a region of its own, so that clusters of the raw vectors are languages.
Subtracting each language's mean corrects that, but removes real differences too: where one language writes more about
sport, its mean *is* more about sport. The default estimates how the languages differ *within the same subject*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.embedding.encoder import check_texts
from topiclib.embedding.shared_words import refine_with_shared_words

ALIGNMENT_METHODS = ("balanced", "means", "none")

# k of k-means in each round; a cluster stands for a subject. Coarse to fine, because any single k can leave every
# cluster with one language, and then nothing can be compared (docs/decisions/07-alignment.md).
N_CLUSTERS = (4, 8, 8, 16, 16, 24, 40, 40, 40)
N_KMEANS_RUNS = 3  # in each round, from different starts: their average is less noisy than one
MIN_PASSAGES = 3  # of a language, for it to be aligned
MIN_PASSAGES_IN_CLUSTER = 2  # of a language in a cluster, for it to be compared there
MIN_PASSAGES_PER_CLUSTER = 8  # on average; limits k in a small corpus
MAX_SAMPLE_SIZE = 5_000  # "balanced" is fitted on a sample of a larger corpus


@dataclass(frozen=True)
class Alignment:
    """The vector to subtract from the embeddings of each language.

    Attributes
    ----------
    languages
        The k language codes, sorted.
    offsets
        (k, d) float32; row i belongs to ``languages[i]``. A row of zeros leaves that language as it is.
    method
        One of `ALIGNMENT_METHODS`, by which the offsets were estimated.
    uses_words
        Whether "balanced" was refined with the words that the languages share; not with too few passages or words.
    """

    languages: tuple[str, ...]
    offsets: np.ndarray
    method: str = "balanced"
    uses_words: bool = False

    def apply(self, vectors: np.ndarray, lang: Sequence[str]) -> np.ndarray:
        """Subtract the offset of each row's language, and return float32 rows (n, d) of unit length in the same order.

        Parameters
        ----------
        vectors
            (n, d), finite, no row of zeros. Not modified. A unit row whose offset is zero is returned unchanged.
        lang
            n language codes, each of them in the fitted corpus.
        """
        rows, codes = _check_inputs(vectors, lang)
        unknown = sorted(set(codes.tolist()) - set(self.languages))
        if unknown:
            raise ValueError(
                f"lang has {unknown}, but the alignment was fitted on {list(self.languages)}: "
                "drop those passages, or fit a new alignment with them"
            )
        if rows.shape[1] != self.offsets.shape[1]:
            raise ValueError(
                f"vectors have {rows.shape[1]} dimensions but the alignment has {self.offsets.shape[1]}: "
                "embed with the encoder that the alignment was fitted on"
            )
        return _subtract_offsets(rows, np.array([self.languages.index(code) for code in codes]), self.offsets)

    def to_arrays(self) -> tuple[np.ndarray, dict]:
        """Return the offsets, for an npy file, and the other attributes as a dict, for JSON."""
        attributes = {"languages": list(self.languages), "method": self.method, "uses_words": self.uses_words}
        return self.offsets, attributes

    @classmethod
    def from_arrays(cls, offsets: np.ndarray, metadata: Mapping) -> Alignment:
        """Rebuild an alignment from what `to_arrays` returned; ValueError unless each language has one offset."""
        offsets = np.asarray(offsets, dtype=np.float32)
        languages = tuple(str(code) for code in metadata["languages"])
        if offsets.ndim != 2 or len(offsets) != len(languages):
            message = f"offsets has shape {offsets.shape} for {len(languages)} languages: expected one row per language"
            raise ValueError(f"{message}; take the npy and the JSON file from the same run")
        return cls(languages, offsets, str(metadata["method"]), bool(metadata.get("uses_words", False)))


def align(
    passages: pd.DataFrame, vectors: np.ndarray, *, method: str = "balanced", use_text: bool = True
) -> np.ndarray:
    """Fit an alignment on the vectors of passages and apply it to them.

    Parameters are those of `fit_alignment`; the result is that of `Alignment.apply`.
    """
    alignment = fit_alignment(passages, vectors, method=method, use_text=use_text)
    return alignment.apply(vectors, passages["lang"])


def fit_alignment(
    passages: pd.DataFrame, vectors: np.ndarray, *, method: str = "balanced", use_text: bool = True
) -> Alignment:
    """Estimate the language component of the vectors of a corpus.

    Parameters
    ----------
    passages
        n rows with `lang`, a language code, and `text`.
    vectors
        (n, d), row i the embedding of passages.iloc[i]; finite, no row of zeros. Not modified.
    method
        ``"balanced"``: how the languages differ within subjects (see Notes). ``"means"``: the mean of each language,
        which removes real differences too. ``"none"``: zero, so that nothing is removed.
    use_text
        Refine "balanced" with the words that all languages share (`shared_words`), which keeps more of a real
        difference. False: use the vectors alone; `text` is not needed then, nor with the other methods.

    Returns
    -------
    Alignment
        One offset per language. They are zero if fewer than two languages have three passages. Otherwise a language
        with fewer than three gets the mean of all passages.

    Notes
    -----
    "balanced" starts from each language's mean. Then, nine times, coarse to fine, it finds subjects by k-means on the
    aligned unit rows, fits row = subject + language by least squares in the subjects where two languages have at least
    two passages each, and adds the language effects to the offsets. For two languages their difference is the average
    over subjects of mean(fa) - mean(ar), weighted by n_fa * n_ar / (n_fa + n_ar), half to each side. About a third of a
    real difference is still removed. With the texts, from 128 passages and 50 shared words on, `shared_words` restores
    most of it. All seeds are fixed: the same rows in the same order give the same offsets.

    References
    ----------
    Mundlak 1978, "On the pooling of time series and cross section data" (the within estimator of a two-way
    fixed-effects model).
    Korsunsky et al. 2019, "Fast, sensitive and accurate integration of single-cell data with Harmony" (subjects
    re-estimated in each round).
    """
    if method not in ALIGNMENT_METHODS:
        raise ValueError(f"method is {method!r}, expected one of {list(ALIGNMENT_METHODS)}")
    schema.require_columns(passages, ["lang"], caller="align(passages, vectors)")
    if use_text := use_text and method == "balanced":
        schema.require_columns(passages, ["text"], caller="align(passages, vectors) without use_text=False")
        check_texts(texts := passages["text"].tolist())
    rows, codes = _check_inputs(vectors, passages["lang"])
    languages, index, counts = np.unique(codes, return_inverse=True, return_counts=True)
    offsets = np.zeros((len(languages), rows.shape[1]), dtype=np.float32)
    large, uses_words = np.flatnonzero(counts >= MIN_PASSAGES), False
    if method != "none" and len(large) > 1:
        offsets = _language_means(rows, index, counts)
        if method == "balanced":
            sample = _systematic_sample(index)
            sample = sample[np.isin(index[sample], large)]
            offsets = _fit_balanced(rows[sample], index[sample], offsets)
            if use_text:
                balanced = offsets
                offsets = refine_with_shared_words(offsets, rows[sample], index[sample], [texts[i] for i in sample])
                uses_words = offsets is not balanced
    return Alignment(tuple(str(code) for code in languages), offsets, method, uses_words)


def _check_inputs(vectors: np.ndarray, lang: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors as (n, d) float32 and the languages as (n,) strings; raise ValueError if they are invalid."""
    rows = np.asarray(vectors, dtype=np.float32)
    codes = np.asarray(list(lang), dtype=object)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValueError(f"vectors has shape {rows.shape}, expected (n, d) with at least one row: embed the passages")
    if len(rows) != len(codes):
        raise ValueError(f"vectors has {len(rows)} rows for {len(codes)} passages: expected one row for each")
    invalid = [code for code in codes if not isinstance(code, str) or not code]
    if invalid:
        raise ValueError(f"lang contains {invalid[0]!r}, expected language codes such as 'fa' and 'ar'")
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1) | ~rows.any(axis=1))
    if len(bad):
        message = f"{len(bad)} rows of vectors are zero, NaN or infinite, the first at row {bad[0]}"
        raise ValueError(f"{message}: embed those passages again")
    return rows, codes.astype(str)


def _subtract_offsets(rows: np.ndarray, index: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Subtract each row's offset and scale to unit length."""
    shifted = rows - offsets[index]
    length = np.linalg.norm(shifted, axis=1, keepdims=True)
    # A row that equals its offset would have no direction left: it keeps its own.
    shifted = np.where(length < 1e-6, rows, shifted)
    length = np.linalg.norm(shifted, axis=1, keepdims=True)
    # Rows of unit length are not divided, so that a zero offset changes no bit.
    return np.where(np.abs(length - 1) < 1e-6, shifted, shifted / length).astype(np.float32)


def _language_means(rows: np.ndarray, index: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the mean row of each language; a language with too few rows gets the mean of all."""
    overall = rows.mean(axis=0)
    means = [rows[index == i].mean(axis=0) if count >= MIN_PASSAGES else overall for i, count in enumerate(counts)]
    return np.stack(means).astype(np.float32)


def _systematic_sample(index: np.ndarray) -> np.ndarray:
    """Return the sorted positions of at most `MAX_SAMPLE_SIZE` rows, evenly spaced within each language."""
    # Not evenly over the corpus: where languages alternate, every second row would be in one language.
    by_language = np.argsort(index, kind="stable")
    chosen = np.unique(np.linspace(0, len(index) - 1, min(len(index), MAX_SAMPLE_SIZE)).astype(np.intp))
    return np.sort(by_language[chosen])


def _fit_balanced(rows: np.ndarray, index: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Add the language effects within subjects to the offsets, round after round."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the fits are so short that synchronizing threads makes them ten times slower
        for n_clusters in N_CLUSTERS:
            n_clusters = max(1, min(n_clusters, len(rows) // MIN_PASSAGES_PER_CLUSTER))
            aligned = _subtract_offsets(rows, index, offsets)
            kmeans = [KMeans(n_clusters, n_init=1, random_state=seed) for seed in range(N_KMEANS_RUNS)]
            subjects = np.stack([model.fit_predict(aligned) for model in kmeans])
            # Not on the unit rows: offsets are subtracted before scaling, and effects measured after it overshoot.
            effects = _language_effects(rows - offsets[index], index, subjects, len(offsets))
            offsets = offsets + effects.astype(np.float32)
    return offsets


def _language_effects(rows: np.ndarray, index: np.ndarray, subjects: np.ndarray, n_languages: int) -> np.ndarray:
    """Solve rows = subject + language by least squares for the language effects, (k, d), which sum to zero.

    `subjects` is (p, n): p partitions of the rows into subjects, whose equations are summed.
    """
    # Eliminating the subjects leaves the normal equations of the languages: each subject, with counts n (k,) and sums
    # s (k, d) by language, adds diag(n) - n n' / N on the left and s - n s_total / N on the right. The left side is
    # singular, as a shift of all languages changes nothing; the pseudo-inverse picks the solution that sums to zero.
    left = np.zeros((n_languages, n_languages))
    right = np.zeros((n_languages, rows.shape[1]))
    for partition, subject in ((p, s) for p in subjects for s in np.unique(p)):
        inside = partition == subject
        enough = np.bincount(index[inside], minlength=n_languages) >= MIN_PASSAGES_IN_CLUSTER
        compared = inside & enough[index]
        counts = np.bincount(index[compared], minlength=n_languages).astype(float)
        if (counts > 0).sum() < 2:
            continue
        sums = np.stack([rows[compared & (index == language)].sum(axis=0) for language in range(n_languages)])
        left += np.diag(counts) - np.outer(counts, counts) / counts.sum()
        right += sums - np.outer(counts, sums.sum(axis=0)) / counts.sum()
    return np.linalg.pinv(left) @ right
