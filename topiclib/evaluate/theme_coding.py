"""Human coding of a theme: a blind stratified sample, and the accuracy and corrected shares estimated from it.

The machine's labels only make the estimates more precise: the sample has known inclusion probabilities, also for
passages without any term, so estimates are unbiased however wrong the machine is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from topiclib.compare.intervals import Z95
from topiclib.evaluate import coding_sheets
from topiclib.themes.scoring import find_deciding_terms

# Target share of each stratum in the sample. Strata by theme score: 0, below .5, below .95, and above.
STRATUM_SHARES = {"no term": 0.3, "named": 0.15, "about": 0.3, "surely": 0.25}

TERM_SHARE = 0.05  # of each term that decides alone, if terms are strata
MIN_STRONG_SCORE = 0.95

# A stratum with a single passage would have no variance.
MIN_PER_STRATUM = 2

# Each measure's numerator and denominator as functions of the human and machine labels (0 to 1).
MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "precision": lambda human, machine: (human * machine, machine),
    "recall": lambda human, machine: (human * machine, human),
    "f1": lambda human, machine: (2 * human * machine, human + machine),
    "corrected share": lambda human, machine: (human, np.ones(len(human))),
}

# Half a yes and half a no are added to the answers of each stratum (Jeffreys' prior), so that 0 of 22 has a variance.
PRIOR_COUNT = 0.5


def sample_for_coding(
    tables: Mapping[str, pd.DataFrame], theme: str, *, n: int = 150, by_term: bool = False, seed: int = 0
) -> pd.DataFrame:
    """Sample passages to be coded, stratified by language and score and spread over outlets.

    With `by_term`, passages about the theme in which one term alone was found are strata by that term, so that each
    term is checked (`topiclib themes review`).

    Returns
    -------
    DataFrame
        The key, not to be shown to coders, in random order: item, passage_id, lang, source, stratum, score, about,
        probability (of inclusion), population (passages in the stratum), text.
    """
    if n < 1:
        raise ValueError(f"n is {n}: expected at least one passage to code")
    frame = _sampling_frame(tables, theme)
    if by_term:
        deciding = frame["passage_id"].map(find_deciding_terms(tables, theme))
        frame["stratum"] = frame["stratum"].mask(deciding.notna(), "term: " + deciding.fillna(""))
    if frame.empty:
        raise ValueError("the run has no modeled passage: there is nothing to code")
    rng = np.random.default_rng(seed)
    samples = []
    for lang in sorted(frame["lang"].unique()):
        strata = dict(iter(frame[frame["lang"] == lang].groupby("stratum")))
        n_by_stratum = _allocate({name: len(rows) for name, rows in strata.items()}, n // frame["lang"].nunique())
        for name, rows in strata.items():
            # Systematic sampling of passages sorted by outlet: equal probabilities, and outlets in proportion.
            n_sampled, size = n_by_stratum[name], len(rows)
            ordered = rows.iloc[rng.permutation(size)].sort_values("source", kind="stable")
            positions = ((rng.random() + np.arange(n_sampled)) * size / n_sampled).astype(int)
            samples.append(ordered.iloc[positions].assign(probability=n_sampled / size, population=size))
    key = pd.concat(samples, ignore_index=True)
    key = key.iloc[rng.permutation(len(key))].reset_index(drop=True)
    key["item"] = [f"{theme}-{i:03}" for i in range(1, len(key) + 1)]
    columns = ["item", "passage_id", "lang", "source", "stratum", "score", "about", "probability", "population", "text"]
    return key[columns]


def _sampling_frame(tables: Mapping[str, pd.DataFrame], theme: str) -> pd.DataFrame:
    """Return the modeled passages with source, theme score, machine label and stratum."""
    passages = tables["passages"]
    frame = passages[passages["modeled"]] if "modeled" in passages else passages
    scores = tables["themes"][tables["themes"]["theme"] == theme].set_index("passage_id")["score"]
    frame = frame[["passage_id", "doc_id", "lang", "text"]].assign(
        source=frame["doc_id"].map(tables["documents"].set_index("doc_id")["source"]).fillna("").to_numpy(),
        score=scores.reindex(frame["passage_id"]).fillna(0.0).to_numpy(),
    )
    frame["about"] = frame["score"] >= 0.5
    frame["stratum"] = np.select(
        [frame["score"] == 0, ~frame["about"], frame["score"] < MIN_STRONG_SCORE],
        list(STRATUM_SHARES)[:3],
        default="surely",
    )
    return frame


def _allocate(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """Allocate n passages to strata by target share; what exceeds a stratum's size goes to the others."""
    out = {name: min(size, MIN_PER_STRATUM) for name, size in sizes.items()}
    while sum(out.values()) < min(n, sum(sizes.values())):
        not_full = [name for name in sizes if out[name] < sizes[name]]
        out[min(not_full, key=lambda name: (out[name] + 1) / STRATUM_SHARES.get(name, TERM_SHARE))] += 1
    return out


def write_theme_sheets(
    key: pd.DataFrame, folder: str | Path, *, theme: str, coders: int = 2, about: Mapping[str, str] | None = None
) -> list[Path]:
    """Write a sheet per coder (item, lang, text, about, note), instructions and the key (`coding_sheets.write_sheets`).

    `about` has the description of the theme by language, for the instructions; without it there are none. Coders fill
    column `about` with 1 or 0 (or yes, no, بله, خیر, نعم, لا), or leave it empty if they cannot tell.
    """
    templates = coding_sheets.INSTRUCTIONS["theme"] if about else {}
    instructions = [f"{(about or {}).get(lang, theme)}\n{text}\n" for lang, text in templates.items()]
    sheet = key[["item", "lang", "text"]].assign(about="", note="")
    return coding_sheets.write_sheets(
        {theme: sheet}, key.drop(columns="text"), folder,
        texts=["text"], instructions="\n".join(instructions), coders=coders, prefix=f"{theme}.",
    )  # fmt: skip


def read_theme_sheets(folder: str | Path, *, theme: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the key and the coders' answers (`coding_sheets.read_sheets`), as 1, 0 or NaN."""
    folder = Path(folder)
    sheets = sorted(folder.glob(f"{theme}.coder*.csv"))
    if not sheets or not (folder / f"{theme}.key.csv").is_file():
        raise FileNotFoundError(
            f"{folder} has no sheets of {theme}: expected {theme}.coder1.csv and {theme}.key.csv, in the folder that"
            " `topiclib themes sample` wrote (default: RUN-coding)"
        )
    key = pd.read_csv(folder / f"{theme}.key.csv", keep_default_na=False)
    return key, coding_sheets.read_sheets(sheets, "about", pd.Series("01", index=key["item"])).astype(float)


def rejected_passages(folder: str | Path, theme: str) -> set[str]:
    """Return the passages that a coder called not about a theme; none if the folder has no sheets that are filled."""
    if not (Path(folder) / f"{theme}.key.csv").is_file():
        return set()
    try:
        key, answers = read_theme_sheets(folder, theme=theme)
    except (FileNotFoundError, ValueError):  # not filled yet
        return set()
    return set(key["passage_id"][(answers == 0).any(axis=1).to_numpy()])


def score_theme_sheets(key: pd.DataFrame, answers: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """Estimate the accuracy of the machine's labels and the corrected share, by language and over all passages.

    Parameters
    ----------
    key, answers
        As `read_theme_sheets` returns them. The human label is the mean over coders (.5 if two disagree).

    Returns
    -------
    frame, agreement
        lang, measure (precision, recall, f1, machine share, corrected share), value, low, high (95 %, design-based), n
        (passages coded), needed (passages to code for ± .05; NaN for the machine's share). Measures that depend on a
        stratum without coded passages (`uncoded_strata`) are NaN. Agreement is that of `coding_sheets.agreement`.

    Notes
    -----
    Shares are of passages. The corrected share is the machine's share plus the weighted mean of human minus machine
    labels: the difference estimator of survey sampling, also known as design-based supervised learning and as
    prediction-powered inference.

    References
    ----------
    Egami et al. 2023, NeurIPS; Angelopoulos et al. 2023, Science 382.
    """
    data = key.assign(human=answers.mean(axis=1).to_numpy(), machine=key["about"].astype(str).eq("True").astype(float))
    coded = data[data["human"].notna()]
    rows = []
    for lang in [*sorted(data["lang"].unique()), "all"]:
        sample, of_lang = (data, coded) if lang == "all" else (x[x["lang"] == lang] for x in (data, coded))
        rows += [(lang, *row) for row in _estimate_measures(of_lang, sample)] if len(of_lang) else []
    columns = ["lang", "measure", "value", "low", "high", "n", "needed"]
    return pd.DataFrame(rows, columns=columns), coding_sheets.agreement(answers)


def uncoded_strata(key: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Return the strata without any coded passage: lang, stratum, population."""
    coded = answers.notna().any(axis=1).to_numpy()
    by_stratum = key.assign(coded=coded).groupby(["lang", "stratum"], sort=True)
    strata = by_stratum.agg(coded=("coded", "any"), population=("population", "first")).reset_index()
    return strata.loc[~strata["coded"], ["lang", "stratum", "population"]].reset_index(drop=True)


def _estimate_measures(coded: pd.DataFrame, sample: pd.DataFrame) -> list[tuple]:
    """Return measure, value, low, high, n and needed, from the coded passages of a sample."""
    strata = [coded["lang"], coded["stratum"]]
    n_coded = coded.groupby(strata)["item"].transform("size").to_numpy()  # passages left empty count as not sampled
    population = coded["population"].to_numpy(dtype=float)
    codes = coded.groupby(strata).ngroup().to_numpy()
    human, machine = coded["human"].to_numpy(), coded["machine"].to_numpy()
    sizes = sample.drop_duplicates(["lang", "stratum"])
    has_coded = pd.MultiIndex.from_frame(sizes[["lang", "stratum"]]).isin(list(zip(*strata, strict=True)))
    share = float((sizes["population"] * sizes["machine"]).sum() / float(sizes["population"].sum()))
    rows: list[tuple] = []
    for name, measure in MEASURES.items():
        # Precision depends only on the strata that the machine labels as about the theme.
        needed = (sizes["machine"] == 1).to_numpy() if name == "precision" else np.ones(len(sizes), dtype=bool)
        if has_coded[needed].all():
            rows.append((name, *_ratio(measure, human, machine, population / n_coded, codes, population)))
        else:
            rows.append((name, np.nan, np.nan, np.nan, len(coded), np.nan))
    return [*rows, ("machine share", share, np.nan, np.nan, len(coded), np.nan)]


def _ratio(
    numerator_denominator: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    human: np.ndarray, machine: np.ndarray, weight: np.ndarray, codes: np.ndarray, population: np.ndarray,
) -> tuple[float, float, float, int, float]:  # fmt: skip
    """Estimate a ratio of totals from a stratified sample: value, low, high, n, n needed for ± .05.

    Without the prior counts, a stratum with equal answers would have no variance, and one with few yeses too little
    (Brown, Cai and DasGupta 2001, Statistical Science 16).
    """
    from scipy.stats import t

    numerator, denominator = numerator_denominator(human, machine)
    n, total = len(weight), float(weight @ denominator)
    if total == 0:
        return np.nan, np.nan, np.nan, n, np.nan
    value = center = float(weight @ numerator) / total
    mean, variance = _smoothed_moments(human, codes)
    if not 0 < value < 1:  # the logit needs a center within
        numerator, denominator = numerator_denominator(mean, machine)
        total = float(weight @ denominator)
        center = float(weight @ numerator) / total
    # Linearized ratio: the derivative of numerator - center * denominator with respect to the human label.
    yes, no = numerator_denominator(np.ones(n), machine), numerator_denominator(np.zeros(n), machine)
    slope = (yes[0] - center * yes[1]) - (no[0] - center * no[1])
    _, first, size = np.unique(codes, return_index=True, return_counts=True)
    sizes = population[first]
    std_error = float((sizes**2 * (1 - size / sizes) * slope[first] ** 2 * variance[first]).sum()) ** 0.5 / total
    if std_error == 0:  # every relevant passage was coded
        return value, value, value, n, np.nan
    needed = np.ceil(n * (Z95 * std_error / 0.05) ** 2)
    half = t.ppf(0.975, max(1, n - len(size))) * std_error / (center * (1 - center))
    low, high = 1 / (1 + np.exp(-(np.log(center / (1 - center)) + np.array([-half, half]))))
    return value, min(float(low), value), max(float(high), value), n, needed


def _smoothed_moments(human: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each answer, the mean of its stratum and the variance of that mean, with `PRIOR_COUNT` added."""
    n = np.bincount(codes)[codes] + 2 * PRIOR_COUNT
    mean = (np.bincount(codes, human)[codes] + PRIOR_COUNT) / n
    squares = np.bincount(codes, (human - mean) ** 2)[codes] + PRIOR_COUNT * (mean**2 + (1 - mean) ** 2)
    return mean, squares / n**2
