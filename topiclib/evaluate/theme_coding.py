"""What people say of a theme: a blind sample that they code, and the shares that follow from it.

The published number is the people's, helped by the machine: the sample is drawn by known probabilities, also among
passages without any term, so what is estimated from it is right on average however wrong the machine is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from topiclib.evaluate import coding_sheets as blind

# By the theme score: none, named in passing, one core term, more. The part of the sample that each is to get.
STRATUM_SHARES = {"no term": 0.3, "named": 0.15, "about": 0.3, "surely": 0.25}

MIN_STRONG_SCORE = 0.95

MIN_PER_STRATUM = 2  # of a stratum, so that its variance can be seen

# By what people say and what the machine says, each from 0 to 1: what is counted, and of what.
MEASURES: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "precision": lambda said, machine: (said * machine, machine),
    "recall": lambda said, machine: (said * machine, said),
    "f1": lambda said, machine: (2 * said * machine, said + machine),
    "corrected share": lambda said, machine: (said, np.ones(len(said))),
}

INSTRUCTIONS = {
    "en": 'Is the passage about this? In the column "about" write 1 if it is, 0 if it is not or names it in passing;\n'
    "leave it empty where you cannot tell. Work alone.",
    "fa": "آیا متن دربارهٔ این موضوع است؟ در ستون about بنویسید ۱ اگر هست، ۰ اگر نیست یا تنها به آن اشاره می‌کند؛\n"
    "اگر نمی‌دانید خالی بگذارید. به‌تنهایی کار کنید.",
    "ar": "هل النص عن هذا الموضوع؟ اكتب في العمود about 1 إن كان كذلك، و0 إن لم يكن أو كان يذكره عرضا فقط؛\n"
    "واتركه فارغا إن لم تعرف. اعمل وحدك.",
}

PRIOR_COUNT = 0.5  # yes and as many no added to a stratum's answers, for its variance: none seen in 22 is not none


def sample_for_coding(tables: Mapping[str, pd.DataFrame], theme: str, *, n: int = 150, seed: int = 0) -> pd.DataFrame:
    """Draw passages to be coded, stratified by language and score and spread over outlets.

    Returns
    -------
    DataFrame
        The key, to be kept from the coders, in a random order: item, passage_id, lang, source, stratum, score, about,
        probability (of inclusion), population (passages of the stratum), text.

    Raises
    ------
    ValueError
        If n is not positive or there is no passage.
    """
    if n < 1:
        raise ValueError(f"n is {n}: expected at least one passage to code")
    frame = _sampling_frame(tables, theme)
    if frame.empty:
        raise ValueError("the run has no modeled passage: there is nothing to code")
    random = np.random.default_rng(seed)
    parts = []
    for lang in sorted(frame["lang"].unique()):
        strata = dict(iter(frame[frame["lang"] == lang].groupby("stratum")))
        wanted = _allocate({name: len(part) for name, part in strata.items()}, n // frame["lang"].nunique())
        for name, part in strata.items():
            # Systematic, over passages sorted by outlet: each outlet gets its part, each passage the same probability.
            order = part.iloc[random.permutation(len(part))].sort_values("source", kind="stable")
            places = ((random.random() + np.arange(wanted[name])) * len(part) / wanted[name]).astype(int)
            parts.append(order.iloc[places].assign(probability=wanted[name] / len(part), population=len(part)))
    key = pd.concat(parts, ignore_index=True)
    key = key.iloc[random.permutation(len(key))].reset_index(drop=True)
    key.insert(0, "item", [f"{theme}-{i:03}" for i in range(1, len(key) + 1)])
    return key[
        ["item", "passage_id", "lang", "source", "stratum", "score", "about", "probability", "population", "text"]
    ]


def _sampling_frame(tables: Mapping[str, pd.DataFrame], theme: str) -> pd.DataFrame:
    passages = tables["passages"]
    frame = passages[passages["modeled"]] if "modeled" in passages else passages
    found = tables["themes"][tables["themes"]["theme"] == theme].set_index("passage_id")["score"]
    frame = frame[["passage_id", "doc_id", "lang", "text"]].assign(
        source=frame["doc_id"].map(tables["documents"].set_index("doc_id")["source"]).fillna("").to_numpy(),
        score=frame["passage_id"].map(found).fillna(0.0).to_numpy(),
    )
    frame["about"] = frame["score"] >= 0.5
    frame["stratum"] = np.select(
        [frame["score"] == 0, ~frame["about"], frame["score"] < MIN_STRONG_SCORE],
        list(STRATUM_SHARES)[:3],
        default="surely",
    )
    return frame


def _allocate(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """Share n among strata by what they are to get; what a small stratum cannot give goes to the others."""
    out = {name: min(size, MIN_PER_STRATUM) for name, size in sizes.items()}
    while sum(out.values()) < min(n, sum(sizes.values())):
        open_ones = [name for name in sizes if out[name] < sizes[name]]
        out[min(open_ones, key=lambda name: (out[name] + 1) / STRATUM_SHARES[name])] += 1
    return out


def write_theme_sheets(
    key: pd.DataFrame, folder: str | Path, *, theme: str, coders: int = 2, about: Mapping[str, str] | None = None
) -> list[Path]:
    """Write one sheet a coder (item, lang, text, about, note), the coders' instructions with what the theme is `about`
    (by language, as the theme file describes it; none without), and the key; return their paths, the key last.

    A sheet is a CSV that spreadsheets read; each text is marked right to left. `about` is to be filled with 1 or 0 (or
    yes, no, بله, خیر, نعم, لا), or left empty by a coder who cannot say.

    Raises
    ------
    FileExistsError
        If a sheet is there already: nobody's coding is overwritten.
    """
    instructions = [f"{about.get(lang, theme)}\n{text}\n" for lang, text in INSTRUCTIONS.items()] if about else []
    sheet = key[["item", "lang", "text"]].assign(about="", note="")
    return blind.write_sheets(
        {theme: sheet}, key.drop(columns="text"), folder,
        texts=["text"], instructions="\n".join(instructions), coders=coders, prefix=f"{theme}.",
    )  # fmt: skip


def read_theme_sheets(folder: str | Path, *, theme: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the key and the coders' answers: (items, coders), 1, 0 or NaN, indexed by item.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing, an item is unknown or answered twice, an answer is not allowed, or nothing is answered.
    """
    folder = Path(folder)
    sheets = sorted(folder.glob(f"{theme}.coder*.csv"))
    if not sheets or not (folder / f"{theme}.key.csv").is_file():
        raise FileNotFoundError(
            f"{folder} has no sheets of {theme}: expected {theme}.coder1.csv and {theme}.key.csv, in the folder that"
            " `topiclib themes sample` named (RUN-coding, unless --out said otherwise)"
        )
    key = pd.read_csv(folder / f"{theme}.key.csv", keep_default_na=False)
    return key, blind.read_sheets(sheets, "about", pd.Series("01", index=key["item"])).astype(float)


def score_theme_sheets(key: pd.DataFrame, answers: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """Say how right the machine is and what the share is, by language and together.

    Parameters
    ----------
    key, answers
        As `read_theme_sheets` returns them. The coders' mean is taken as what people say (half, where two disagree).

    Returns
    -------
    frame, agreement
        lang, measure (precision, recall, f1, machine share, corrected share), value, low, high, n (passages coded),
        needed (passages to code for ± .05; NaN for the machine's share). Intervals are design-based. What hangs on a
        stratum of which nothing is coded (`uncoded_strata`) is NaN. Agreement is Krippendorff's alpha (empty where no passage
        was coded by two people).

    Notes
    -----
    The corrected share is the machine's share plus the weighted mean of what the people say less what it says: the
    difference estimator of survey sampling, used for machine labels as design-based supervised learning (Egami et al.
    2023, NeurIPS) and prediction-powered inference (Angelopoulos et al. 2023, Science 382). Shares are of passages.
    """
    data = key.assign(said=answers.mean(axis=1).to_numpy(), machine=key["about"].astype(str).eq("True").astype(float))
    coded = data[data["said"].notna()]
    rows = []
    for lang in [*sorted(data["lang"].unique()), "all"]:
        part = coded if lang == "all" else coded[coded["lang"] == lang]
        whole = data if lang == "all" else data[data["lang"] == lang]
        rows += [(lang, *row) for row in _estimate_measures(part, whole)] if len(part) else []
    columns = ["lang", "measure", "value", "low", "high", "n", "needed"]
    return pd.DataFrame(rows, columns=columns), blind.agreement(answers)


def uncoded_strata(key: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Return the strata of which nobody coded a passage: lang, stratum, population."""
    coded = answers.notna().any(axis=1).to_numpy()
    strata = key.assign(coded=coded).groupby(["lang", "stratum"], sort=True)
    some = strata.agg(coded=("coded", "any"), population=("population", "first")).reset_index()
    return some.loc[~some["coded"], ["lang", "stratum", "population"]].reset_index(drop=True)


def _estimate_measures(coded: pd.DataFrame, sample: pd.DataFrame) -> list[tuple]:
    strata = [coded["lang"], coded["stratum"]]
    taken = coded.groupby(strata)["item"].transform("size").to_numpy()  # passages left empty are taken as not drawn
    population = coded["population"].to_numpy(dtype=float)
    codes = coded.groupby(strata).ngroup().to_numpy()
    said, machine = coded["said"].to_numpy(), coded["machine"].to_numpy()
    sizes = sample.drop_duplicates(["lang", "stratum"])
    known = pd.MultiIndex.from_frame(sizes[["lang", "stratum"]]).isin(list(zip(*strata, strict=True)))
    n_all = float(sizes["population"].sum())
    share = float((sizes["population"] * sizes["machine"]).sum() / n_all)
    rows: list[tuple] = []
    for name, of in MEASURES.items():
        counts = (sizes["machine"] == 1).to_numpy() if name == "precision" else np.ones(len(sizes), dtype=bool)
        if known[counts].all():
            rows.append((name, *_ratio(of, said, machine, population / taken, codes, population)))
        else:  # what people would say of a stratum that nobody coded, nobody knows
            rows.append((name, np.nan, np.nan, np.nan, len(coded), np.nan))
    return [*rows, ("machine share", share, np.nan, np.nan, len(coded), np.nan)]


def _ratio(
    numerator_denominator: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    human: np.ndarray, machine: np.ndarray, weight: np.ndarray, codes: np.ndarray, population: np.ndarray,
) -> tuple[float, float, float, int, float]:  # fmt: skip
    """Estimate a ratio of totals from a stratified sample: value, low, high, n, n needed for ± .05.

    A stratum whose answers are all alike would have no variance, and one with few yes too little: so that of its
    answers is taken with half a yes and half a no more, as Jeffreys' prior does. Source: Brown, Cai and DasGupta 2001,
    "Interval Estimation for a Binomial Proportion", Statistical Science 16.
    """
    from scipy.stats import t

    from topiclib.compare.intervals import Z95

    above, below = numerator_denominator(human, machine)
    n, total = len(weight), float(weight @ below)
    if total == 0:
        return np.nan, np.nan, np.nan, n, np.nan
    value = center = float(weight @ above) / total
    mean, spread = _smoothed_moments(human, codes)
    if not 0 < value < 1:  # an interval on the logit scale needs a center within
        above, below = numerator_denominator(mean, machine)
        total = float(weight @ below)
        center = float(weight @ above) / total
    yes, no = numerator_denominator(np.ones(n), machine), numerator_denominator(np.zeros(n), machine)
    slope = (yes[0] - center * yes[1]) - (no[0] - center * no[1])  # of what is counted, less its part, on the answer
    _, first, size = np.unique(codes, return_index=True, return_counts=True)
    whole = population[first]
    error = float((whole**2 * (1 - size / whole) * slope[first] ** 2 * spread[first]).sum()) ** 0.5 / total
    if error == 0:  # all that counts was coded
        return value, value, value, n, np.nan
    needed = np.ceil(n * (Z95 * error / 0.05) ** 2)
    half = t.ppf(0.975, max(1, n - len(size))) * error / (center * (1 - center))
    low, high = 1 / (1 + np.exp(-(np.log(center / (1 - center)) + np.array([-half, half]))))
    return value, min(float(low), value), max(float(high), value), n, needed


def _smoothed_moments(said: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each answer, the mean of its stratum's and the variance of that mean, with those `PRIOR_COUNT` added."""
    mean, spread = np.empty(len(said)), np.empty(len(said))
    for code in np.unique(codes):
        mine = said[codes == code]
        n = len(mine) + 2 * PRIOR_COUNT
        p = (mine.sum() + PRIOR_COUNT) / n
        mean[codes == code] = p
        spread[codes == code] = (((mine - p) ** 2).sum() + PRIOR_COUNT * (p**2 + (1 - p) ** 2)) / n**2
    return mean, spread
