"""What people say of a theme: a blind sample that they code, and the shares that follow from it.

The published number is the people's, helped by the machine: the sample is drawn by known probabilities, also among
passages without any term, so what is estimated from it is right on average however wrong the machine is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from topiclib import blind
from topiclib.measure.reliability import krippendorff_alpha

# By the theme score: none, named in passing, one core term, more. The part of the sample that each is to get.
STRATA = {"no term": 0.3, "named": 0.15, "about": 0.3, "surely": 0.25}
SURELY = 0.95
FEWEST = 2  # of a stratum, so that its variance can be seen


def draw_sample(tables: Mapping[str, pd.DataFrame], theme: str, *, n: int = 150, seed: int = 0) -> pd.DataFrame:
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
    frame = _population(tables, theme)
    if frame.empty:
        raise ValueError("the run has no modelled passage: there is nothing to code")
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


def _population(tables: Mapping[str, pd.DataFrame], theme: str) -> pd.DataFrame:
    passages = tables["passages"]
    frame = passages[passages["modelled"]] if "modelled" in passages else passages
    found = tables["themes"][tables["themes"]["theme"] == theme].set_index("passage_id")["score"]
    frame = frame[["passage_id", "doc_id", "lang", "text"]].assign(
        source=frame["doc_id"].map(tables["documents"].set_index("doc_id")["source"]).fillna("").to_numpy(),
        score=frame["passage_id"].map(found).fillna(0.0).to_numpy(),
    )
    frame["about"] = frame["score"] >= 0.5
    frame["stratum"] = np.select(
        [frame["score"] == 0, ~frame["about"], frame["score"] < SURELY], list(STRATA)[:3], default="surely"
    )
    return frame


def _allocate(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """Share n among strata by what they are to get; what a small stratum cannot give goes to the others."""
    out = {name: min(size, FEWEST) for name, size in sizes.items()}
    while sum(out.values()) < min(n, sum(sizes.values())):
        open_ones = [name for name in sizes if out[name] < sizes[name]]
        out[min(open_ones, key=lambda name: (out[name] + 1) / STRATA[name])] += 1
    return out


def write_sheets(key: pd.DataFrame, folder: str | Path, *, theme: str, coders: int = 2) -> list[Path]:
    """Write one sheet a coder (item, lang, text, about, note) and the key; return their paths, the key last.

    A sheet is a CSV that spreadsheets read; each text is marked right to left. `about` is to be filled with 1 or 0 (or
    yes, no, بله, خیر, نعم, لا), or left empty by a coder who cannot say.

    Raises
    ------
    FileExistsError
        If a sheet is there already: nobody's coding is overwritten.
    """
    folder = Path(folder)
    paths = [folder / f"{theme}.coder{i}.csv" for i in range(1, coders + 1)]
    sheet = key[["item", "lang", "text"]].assign(about="", note="")
    blind.write_all(dict.fromkeys(paths, sheet), ["text"], beside=[folder / f"{theme}.key.csv"])
    key.drop(columns="text").to_csv(folder / f"{theme}.key.csv", index=False, encoding="utf-8")
    return [*paths, folder / f"{theme}.key.csv"]


def read_sheets(folder: str | Path, *, theme: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the key and the coders' answers: (items, coders), 1, 0 or NaN, indexed by item.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing, an item is unknown or answered twice, or an answer is none of those allowed.
    """
    folder = Path(folder)
    sheets = sorted(folder.glob(f"{theme}.coder*.csv"))
    if not sheets or not (folder / f"{theme}.key.csv").is_file():
        raise FileNotFoundError(
            f"{folder} has no sheets of {theme}: expected {theme}.coder1.csv and {theme}.key.csv, in the folder that"
            " `topiclib themes sample` named (RUN-coding, unless --out said otherwise)"
        )
    key = pd.read_csv(folder / f"{theme}.key.csv", keep_default_na=False)
    allowed = dict.fromkeys(key["item"], "01")
    said = {path: blind.read_answers(path, "about", allowed).astype(float) for path in sheets}
    answers = {path.name.removeprefix(f"{theme}.").removesuffix(".csv"): column for path, column in said.items()}
    return key, pd.DataFrame(answers).reindex(key["item"])


def score_sheets(key: pd.DataFrame, answers: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """Say how right the machine is and what the share is, by language and together.

    Parameters
    ----------
    key, answers
        As `read_sheets` returns them. The coders' mean is taken as what people say (half, where two disagree).

    Returns
    -------
    frame, agreement
        lang, measure (precision, recall, f1, machine share, corrected share), value, low, high, n (passages coded),
        needed (passages to code for ± .05; NaN for the machine's share). Intervals are design-based. Agreement is
        Krippendorff's alpha (empty with one coder).

    Raises
    ------
    ValueError
        If nothing is coded.

    Notes
    -----
    The corrected share is the machine's share plus the weighted mean of what the people say less what it says: the
    difference estimator of survey sampling, used for machine labels as design-based supervised learning (Egami et al.
    2023, NeurIPS) and prediction-powered inference (Angelopoulos et al. 2023, Science 382). Shares are of passages.
    """
    data = key.assign(said=answers.mean(axis=1).to_numpy(), machine=key["about"].astype(str).eq("True").astype(float))
    coded = data[data["said"].notna()]
    if coded.empty:
        raise ValueError("no passage is coded: fill the column about of the sheets with 1 or 0")
    rows = []
    for lang in [*sorted(data["lang"].unique()), "all"]:
        part = coded if lang == "all" else coded[coded["lang"] == lang]
        whole = data if lang == "all" else data[data["lang"] == lang]
        rows += [(lang, *row) for row in _measures(part, whole)] if len(part) else []
    columns = ["lang", "measure", "value", "low", "high", "n", "needed"]
    return pd.DataFrame(rows, columns=columns), krippendorff_alpha(answers) if answers.shape[1] > 1 else {}


def _measures(part: pd.DataFrame, whole: pd.DataFrame) -> list[tuple]:
    strata = [part["lang"], part["stratum"]]
    taken = part.groupby(strata)["item"].transform("size").to_numpy()  # passages left empty are taken as not drawn
    population = part["population"].to_numpy(dtype=float)
    weight = population / taken
    codes = part.groupby(strata).ngroup().to_numpy()
    said, machine = part["said"].to_numpy(), part["machine"].to_numpy()
    sizes = whole.drop_duplicates(["lang", "stratum"])
    n_all = float(sizes["population"].sum())
    share = float((sizes["population"] * sizes["machine"]).sum() / n_all)
    one = np.ones(len(part))
    rows = []
    for name, above, below in (
        ("precision", said * machine, machine),
        ("recall", said * machine, said),
        ("f1", 2 * said * machine, said + machine),
        ("corrected share", said, one),
    ):
        rows.append((name, *_ratio(above, below, weight, codes, population)))
    return [*rows, ("machine share", share, np.nan, np.nan, len(part), np.nan)]


def _ratio(
    above: np.ndarray, below: np.ndarray, weight: np.ndarray, codes: np.ndarray, population: np.ndarray
) -> tuple[float, float, float, int, float]:
    """Estimate a ratio of totals from a stratified sample: value, low, high, n, n needed for ± .05."""
    from scipy.stats import t

    from topiclib.compare.intervals import Z95, wilson

    n, total = len(weight), float(weight @ below)
    if total == 0:
        return np.nan, np.nan, np.nan, n, np.nan
    value = float(weight @ above) / total
    rest, variance = above - value * below, 0.0
    for code in np.unique(codes):
        u, size = rest[codes == code], population[codes == code][0]
        if len(u) > 1:
            variance += size**2 * (1 - len(u) / size) * u.var(ddof=1) / len(u)
    error = variance**0.5 / total
    needed = np.ceil(n * (Z95 * error / 0.05) ** 2) if error else np.nan
    if error == 0 or not 0 < value < 1:
        worth = max(1.0, float((weight @ below) ** 2 / (weight**2 @ below**2)))
        low, high = wilson(np.array([min(1.0, max(0.0, value))]), worth)
        return value, float(low[0]), float(high[0]), n, needed
    half = t.ppf(0.975, max(1, n - len(np.unique(codes)))) * error / (value * (1 - value))
    low, high = 1 / (1 + np.exp(-(np.log(value / (1 - value)) + np.array([-half, half]))))
    return value, float(low), float(high), n, needed


def passage_estimates(themes: pd.DataFrame, key: pd.DataFrame, answers: pd.DataFrame, *, theme: str) -> pd.Series:
    """Return, for each passage that is about the theme or was coded, the label corrected by its inclusion probability.

    Their mean over any group of passages (others count nought) is an unbiased, if noisy, share of that group: machine
    + (said - machine) / probability. Source: Egami et al. 2023.
    """
    machine = themes[(themes["theme"] == theme) & themes["about"]].set_index("passage_id")["about"].astype(float)
    said = pd.Series(answers.mean(axis=1).to_numpy(), index=key["passage_id"]).dropna()
    probability = key.set_index("passage_id")["probability"].reindex(said.index)
    guessed = machine.reindex(said.index).fillna(0.0)
    return (
        machine.reindex(machine.index.union(said.index)).fillna(0.0).add((said - guessed) / probability, fill_value=0.0)
    )
