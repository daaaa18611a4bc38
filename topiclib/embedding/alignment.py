"""Take the language out of the vectors, and leave the difference in what is talked about.

Multilingual encoders put a language's passages in a region of their own, so clusters of the raw vectors are the
languages. Subtracting each language's mean mends that, and erases real difference with it: where one side writes more
about sport, its mean *is* more about sport. The default here estimates what a language adds *at the same subject*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from topiclib.embedding.shared_words import refine_with_shared_words

ALIGNMENT_METHODS = ("balanced", "means", "none")

N_CLUSTERS = (4, 8, 8, 16, 16, 24, 40, 40, 40)
"""Subjects (k-means clusters) within which the languages are compared, round by round; fewer in a small corpus.

Of several sizes, coarse to fine: any one alone can leave every cluster with one language, and nothing to compare.
"""

N_KMEANS_RUNS = 3
"""Times that subjects are found in each round, from different starts: their average has less noise than one."""

MIN_PASSAGES = 3
"""Passages that a language needs in the corpus before it is aligned."""

MIN_PASSAGES_IN_CLUSTER = 2
"""Passages that a language needs in a subject before it is compared there."""

MIN_PASSAGES_PER_CLUSTER = 8

MAX_SAMPLE_SIZE = 5_000
"""Passages, evenly spaced over each language, on which subjects are found; all of a smaller corpus is used."""


@dataclass(frozen=True)
class Alignment:
    """What to subtract from the vectors of each language.

    Attributes
    ----------
    languages
        The k language codes, sorted.
    offsets
        (k, d) float32; row i belongs to ``languages[i]``. A row of zeros leaves that language as it is.
    method
        One of `ALIGNMENT_METHODS`.
    """

    languages: tuple[str, ...]
    offsets: np.ndarray
    method: str = "balanced"

    def apply(self, vectors: np.ndarray, lang: Sequence[str]) -> np.ndarray:
        """Subtract the offset of each row's language and scale the rows to unit length.

        Parameters
        ----------
        vectors
            (n, d), finite, no row of zeros. Left as it is.
        lang
            n language codes, row order as in ``vectors``.

        Returns
        -------
        numpy.ndarray
            (n, d) float32 unit rows in the same order; rows whose offset is zero and whose length is one are unchanged.

        Raises
        ------
        ValueError
            If lengths or dimensions do not fit, a value is not finite, or a language was not in the fitted corpus.
        """
        rows, codes = _check_inputs(vectors, lang)
        unknown = sorted(set(codes.tolist()) - set(self.languages))
        if unknown:
            raise ValueError(
                f"lang has {unknown}, but this alignment knows {list(self.languages)}: "
                "drop those passages or fit a new alignment with them."
            )
        if rows.shape[1] != self.offsets.shape[1]:
            raise ValueError(
                f"vectors have {rows.shape[1]} dimensions but the alignment has {self.offsets.shape[1]}: "
                "embed with the encoder that the alignment was fitted on."
            )
        positions = {code: position for position, code in enumerate(self.languages)}
        index = np.array([positions[code] for code in codes], dtype=np.intp)
        return _subtract_offsets(rows, index, self.offsets)

    def to_arrays(self) -> tuple[np.ndarray, dict]:
        """Split into what goes to an npy file (the offsets) and what goes to JSON (a dict of plain values)."""
        return self.offsets, {"languages": list(self.languages), "method": self.method}

    @classmethod
    def from_arrays(cls, offsets: np.ndarray, metadata: Mapping) -> Alignment:
        """Put together what `to_arrays` split.

        Raises
        ------
        ValueError
            If the number of offsets is not the number of languages.
        """
        offsets = np.asarray(offsets, dtype=np.float32)
        languages = tuple(str(code) for code in metadata["languages"])
        if offsets.ndim != 2 or len(offsets) != len(languages):
            raise ValueError(
                f"offsets has shape {offsets.shape} for {len(languages)} languages: expected one row a language; "
                "the npy and the JSON file are not from the same run."
            )
        return cls(languages, offsets, str(metadata["method"]))


def align(
    vectors: np.ndarray,
    lang: Sequence[str],
    *,
    method: str = "balanced",
    texts: Sequence[str] | None = None,
) -> np.ndarray:
    """Fit an alignment on the vectors and apply it to them.

    Parameters, errors and method as in `fit_alignment`; the result as in `Alignment.apply`.
    """
    return fit_alignment(vectors, lang, method=method, texts=texts).apply(vectors, lang)


def fit_alignment(
    vectors: np.ndarray,
    lang: Sequence[str],
    *,
    method: str = "balanced",
    texts: Sequence[str] | None = None,
) -> Alignment:
    """Estimate what each language adds to the vectors of a corpus.

    Parameters
    ----------
    vectors
        (n, d), row i the embedding of passage i; finite, no row of zeros. Left as it is.
    lang
        n language codes, row order as in ``vectors``.
    method
        ``"balanced"``: the languages' difference within subjects (see Notes). ``"means"``: the mean of each language,
        which takes real difference out too. ``"none"``: nothing.
    texts
        n texts of the passages, row order as in ``vectors``. With them "balanced" is refined by the words that both
        languages write (`shared_words`), and keeps more of a real difference; None: by the vectors alone.

    Returns
    -------
    Alignment
        One offset a language. A corpus in which fewer than two languages have three passages has nothing to align:
        its offsets are zero. A language with fewer than three passages beside aligned ones gets the mean of all.

    Raises
    ------
    ValueError
        If the lengths differ, there is no row, a value is not finite, a row is zero, or the method is unknown.

    Notes
    -----
    Balanced: start from each language's mean. Then, nine times, coarse to fine: find subjects by k-means on the
    aligned unit rows and fit row = subject + language by least squares, in the subjects where two languages have at
    least two passages; add the language part to the offsets. With two languages that is the average over subjects of
    mean(fa) - mean(ar), weighted by n_fa * n_ar / (n_fa + n_ar), half to each side. That still takes about a third of
    a real difference out. With ``texts`` `shared_words` gives most of it back, from 128 passages and 50 words on
    that all languages write.
    No random choice is left: the same rows in the same order give the same offsets.

    Source: the within estimator of a two-way fixed-effects model (Mundlak 1978, "On the pooling of time series and
    cross section data"), with subjects re-estimated as in Harmony (Korsunsky et al. 2019, "Fast, sensitive and
    accurate integration of single-cell data with Harmony").
    """
    rows, codes = _check_inputs(vectors, lang)
    if texts is not None and len(texts := list(texts)) != len(rows):
        raise ValueError(f"texts has {len(texts)} rows but vectors has {len(rows)}: pass the text of each passage.")
    if method not in ALIGNMENT_METHODS:
        raise ValueError(f"method is {method!r}, expected one of {list(ALIGNMENT_METHODS)}.")
    languages, index, counts = np.unique(codes, return_inverse=True, return_counts=True)
    offsets = np.zeros((len(languages), rows.shape[1]), dtype=np.float32)
    large = np.flatnonzero(counts >= MIN_PASSAGES)
    if method != "none" and len(large) > 1:
        offsets = _language_means(rows, index, counts)
        if method == "balanced":
            sample = _systematic_sample(index)
            sample = sample[np.isin(index[sample], large)]
            offsets = _fit_balanced(rows[sample], index[sample], offsets)
            if texts is not None:
                offsets = refine_with_shared_words(offsets, rows[sample], index[sample], [texts[i] for i in sample])
    return Alignment(tuple(str(code) for code in languages), offsets, method)


def _check_inputs(vectors: np.ndarray, lang: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors as (n, d) float32 and the languages as (n,) strings, or say what is wrong with them."""
    rows = np.asarray(vectors, dtype=np.float32)
    codes = np.asarray(list(lang), dtype=object)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValueError(f"vectors has shape {rows.shape}, expected (n, d) with at least one row: embed the passages.")
    if len(rows) != len(codes):
        raise ValueError(
            f"vectors has {len(rows)} rows but lang has {len(codes)}: "
            "pass the lang column of the passages that you embedded."
        )
    wrong = [code for code in codes if not isinstance(code, str) or not code]
    if wrong:
        raise ValueError(f"lang has {wrong[0]!r} among its values, expected language codes such as 'fa' and 'ar'.")
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1) | ~rows.any(axis=1))
    if len(bad):
        raise ValueError(
            f"{len(bad)} rows of vectors are zero, NaN or infinite, the first is row {bad[0]}: "
            "embed those passages again."
        )
    return rows, codes.astype(str)


def _subtract_offsets(rows: np.ndarray, index: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Subtract offsets[index] from the rows and scale to unit length; never divide by nought."""
    shifted = rows - offsets[index]
    length = np.linalg.norm(shifted, axis=1, keepdims=True)
    # A passage that equals its language's offset has no direction left: it keeps the one that it came with.
    shifted = np.where(length < 1e-6, rows, shifted)
    length = np.linalg.norm(shifted, axis=1, keepdims=True)
    return np.where(np.abs(length - 1) < 1e-6, shifted, shifted / length).astype(np.float32)


def _language_means(rows: np.ndarray, index: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Average the rows of each language; a language with too few of them gets the average of all."""
    overall = rows.mean(axis=0)
    means = [rows[index == i].mean(axis=0) if count >= MIN_PASSAGES else overall for i, count in enumerate(counts)]
    return np.stack(means).astype(np.float32)


def _systematic_sample(index: np.ndarray) -> np.ndarray:
    """Return the sorted positions of at most `MAX_SAMPLE_SIZE` rows, evenly spaced over those of each language.

    Not over all rows: where languages take turns, every second row is of one language.
    """
    by_language = np.argsort(index, kind="stable")
    chosen = np.unique(np.linspace(0, len(index) - 1, min(len(index), MAX_SAMPLE_SIZE)).astype(np.intp))
    return np.sort(by_language[chosen])


def _fit_balanced(rows: np.ndarray, index: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Move the offsets by the languages' difference within subjects, round after round."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    for cells in N_CLUSTERS:
        cells = max(1, min(cells, len(rows) // MIN_PASSAGES_PER_CLUSTER))
        aligned = _subtract_offsets(rows, index, offsets)
        with threadpool_limits(1):  # many short fits: threads that wait for one another cost ten times what they bring
            subjects = np.stack(
                [
                    KMeans(n_clusters=cells, n_init=1, random_state=start).fit_predict(aligned)
                    for start in range(N_KMEANS_RUNS)
                ]
            )
        # Compared before they are scaled to unit length: offsets are subtracted from rows of that scale.
        offsets = offsets + _language_effects(rows - offsets[index], index, subjects, len(offsets)).astype(np.float32)
    return offsets


def _language_effects(rows: np.ndarray, index: np.ndarray, subjects: np.ndarray, languages: int) -> np.ndarray:
    """Solve rows = subject + language by least squares for the language part, (k, d), which sums to nought.

    Eliminating the subjects leaves the normal equations of the languages alone: for each subject with counts n (k,)
    and sums s (k, d), add diag(n) - n n' / N on the left and s - n s_total / N on the right. `subjects` is (p, n), p
    partitions of the rows into subjects, all of which count.
    """
    left = np.zeros((languages, languages))
    right = np.zeros((languages, rows.shape[1]))
    for partition, subject in ((p, s) for p in subjects for s in np.unique(p)):
        inside = partition == subject
        present = np.bincount(index[inside], minlength=languages)
        compared = inside & (present >= MIN_PASSAGES_IN_CLUSTER)[index]
        counts = np.bincount(index[compared], minlength=languages).astype(float)
        if (counts > 0).sum() < 2:
            continue
        sums = np.stack([rows[compared & (index == position)].sum(axis=0) for position in range(languages)])
        left += np.diag(counts) - np.outer(counts, counts) / counts.sum()
        right += sums - np.outer(counts, sums.sum(axis=0)) / counts.sum()
    return np.linalg.pinv(left) @ right
