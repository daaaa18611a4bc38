"""What parallel text says a language adds to a vector, believed where a corpus's own difference may be of subjects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

KNOWN = {"e5-small": "parallel_e5_small.npy"}
"""Encoders measured on parallel text (benchmarks/crosslingual_focus.py, on TICO-19, CC0), and their file."""
LANGUAGES = ("fa", "ar")
"""What the rows of the file belong to."""
FEWEST = 3
AGREEMENT = 0.25
"""Cosine that the corpus's difference must have with the parallel one. Of unrelated vectors in 384 dimensions it is
within .15 of nought; SIB has .97, news of other outlets and years .5: less means rows of another encoder."""
STYLE = np.geomspace(1e-3, 2, 60)
PREVALENCE = np.concatenate([[0], np.geomspace(1e-3, 5, 40)])


def drawn_to_parallel(
    offsets: np.ndarray, rows: np.ndarray, index: np.ndarray, languages: Sequence[str], *, encoder: str | None
) -> np.ndarray:
    """Replace by parallel text's what of the offsets may be a difference in subjects.

    Parameters
    ----------
    offsets
        (k, d), estimated from the corpus. Left as they are.
    rows, index
        (n, d) rows as they came, and (n,) the position in ``languages`` of each one's.
    languages
        k codes. Those that are not in `LANGUAGES`, or have fewer than three rows, keep their offset.
    encoder
        What the rows were embedded with; one that is not in `KNOWN`, or with another d, has no parallel text.

    Returns
    -------
    numpy.ndarray
        (k, d) float32, the mean over the languages as it was; ``offsets`` itself where parallel text has no say.

    Notes
    -----
    With two languages, r = (corpus's difference) - (parallel text's) holds three things: another prevalence of
    subjects, which is real and must not be taken out; sampling noise; and the style of these outlets, which must. The
    first two lie where passages of one language differ among themselves, style anywhere: along the eigenvectors of
    the covariance within languages, eigenvalues e_i, r_i ~ N(0, a e_i + (1/n_fa + 1/n_ar) e_i + t). The corpus says
    what a and t are (greatest likelihood on a grid), and of each r_i the posterior mean of its style is kept:
    t / (a e_i + (1/n_fa + 1/n_ar) e_i + t). Where outlets differ much from parallel text in every direction, nearly
    all of r stays; where they differ little, and as subjects do, nearly none.

    Source: empirical Bayes (Efron and Morris 1973, "Stein's estimation rule and its competitors").
    """
    known = parallel_offsets(encoder, offsets.shape[1])
    counts = np.bincount(index, minlength=len(languages))
    here = [i for i, code in enumerate(languages) if code in known and counts[i] >= FEWEST]
    if len(here) < 2:
        return offsets
    middle = offsets[here].mean(axis=0)
    found, prior = offsets[here] - middle, np.stack([known[languages[i]] for i in here])
    prior -= prior.mean(axis=0)
    if (found * prior).sum() < AGREEMENT * np.linalg.norm(found) * np.linalg.norm(prior):
        return offsets
    values, directions = _within(rows, index, here)
    rest = (found - prior) @ directions
    kept = _style_kept(2 * (rest**2).sum(axis=0) / (len(here) - 1), values, values * 2 * (1 / counts[here]).mean())
    drawn = offsets.copy()
    drawn[here] = middle + prior + (rest * kept) @ directions.T
    return drawn


def parallel_offsets(encoder: str | None, dimensions: int) -> dict[str, np.ndarray]:
    """Return the mean row of each language over the same sentences, (d,); empty where that was not measured."""
    if encoder not in KNOWN:
        return {}
    means = np.load(Path(__file__).parent / KNOWN[encoder], allow_pickle=False)
    return dict(zip(LANGUAGES, means, strict=True)) if means.shape[1] == dimensions else {}


def _within(rows: np.ndarray, index: np.ndarray, languages: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues (d,) and eigenvectors (d, d), in columns, of the covariance within languages."""
    centred = np.concatenate([rows[index == i] - rows[index == i].mean(axis=0) for i in languages])
    values, directions = np.linalg.eigh(centred.T.astype(float) @ centred / len(centred))
    return np.maximum(values, 0), directions


def _style_kept(squares: np.ndarray, values: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the part of each direction's difference that is style, (d,), after fitting how large style is."""
    style = STYLE[:, None, None] * max(squares.mean(), 1e-12)
    variance = PREVALENCE[:, None] * values + noise + style  # (styles, prevalences, d)
    likelihood = -(np.log(variance) + squares / variance).sum(axis=2)
    best = np.unravel_index(likelihood.argmax(), likelihood.shape)
    return style[best[0], 0] / variance[best]
