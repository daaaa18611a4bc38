"""Measure the coverage of 95 % intervals of shares and their differences where outlets differ.

python benchmarks/intervals.py [--draws 2000] [--settings "reported on"] [--part outlets|time]

outlets: each corpus is drawn anew; outlets have shares of their own (beta, with the mean and the correlation of two
articles of one outlet, their likeness, that are named), days within an outlet too; sizes are log-normal with the
spread that is named (0: equal). `topiclib` is what it gives for a language, `interval` how often it gives one (outlets
worth three equal ones); `difference` is that of two such corpora, `unlike` that of one and one of another setting;
`t` is the cluster-robust variance with k - 1 degrees of freedom; `percentile` resamples outlets, days and articles.
time: one outlet, whose days have shares of their own (likeness) that run on from day to day (carry), with log-normally
many articles a day; `interval` is how often there is an interval. One JSON line a setting, with the rate of coverage,
then how many settings are within .93 to .97, and how many surely (two standard errors) too narrow or too wide.

The method was chosen on "chosen on" and "seen" with other seeds; "reported on" was not seen before it was reported.
"held out" was written down before it was run, for changes made after that: other numbers of outlets, articles and days,
other days. It is run with --draws 8000, so that a rate is known to half a point (two standard errors). "short" is one
outlet of one to ten days.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy.stats import beta as beta_law
from scipy.stats import norm, t

from topiclib.compare import choose_clusters, cluster_estimate, difference_interval

RESAMPLES = 300
BAND = (0.93, 0.97)
SIZES = (60, 3, 0.05)  # articles of an outlet (median), of one day, and their correlation over that within the outlet
OUTLETS = {  # outlets; shares and likeness; spread of sizes, and sizes
    "chosen on": (
        (5, 8, 15),
        ((0.05, 0.05), (0.1, 0.05), (0.1, 0.2), (0.3, 0.02), (0.3, 0.1)),
        ((0, *SIZES), (0.8, *SIZES)),
    ),
    "seen": (
        (6, 10, 25),
        ((0.07, 0.03), (0.07, 0.12), (0.15, 0.2), (0.2, 0.06), (0.4, 0.15)),
        ((0.3, *SIZES), (1.0, *SIZES)),
    ),
    "reported on": (
        (5, 7, 12, 20),
        ((0.04, 0.04), (0.08, 0.08), (0.12, 0.15), (0.25, 0.04), (0.5, 0.1)),
        ((0.1, *SIZES), (0.6, *SIZES)),
    ),
    "held out": (
        (5, 6, 9, 16),
        ((0.05, 0.1), (0.09, 0.04), (0.17, 0.12), (0.22, 0.03), (0.35, 0.08)),
        ((0.2, 40, 2, 0.03), (0.7, 100, 5, 0.1)),
    ),
}
TIME = {  # days; articles a day; spread of them; shares; likeness and carry
    "chosen on": ((7, 20, 60, 200), (2, 8), (0, 1.0), (0.1, 0.3), ((0, 0), (0.1, 0), (0.1, 0.5), (0.1, 0.8))),
    "reported on": (
        (10, 30, 90, 250),
        (2.5, 5),
        (0.6, 1.8),
        (0.08, 0.25),
        ((0, 0), (0.05, 0), (0.1, 0.4), (0.15, 0.6)),
    ),
    "held out": (
        (14, 40, 120, 365),
        (1.5, 6),
        (0.4, 1.2),
        (0.06, 0.2),
        ((0, 0), (0.08, 0.2), (0.12, 0.5), (0.08, 0.7)),
    ),
    "short": ((1, 2, 3, 5, 7, 10), (2, 8), (0.5,), (0.1, 0.3), ((0, 0), (0.05, 0.3), (0.1, 0.5), (0.15, 0.6))),
}
SEEDS = {"chosen on": 20261122, "seen": 20261122, "reported on": 20261125, "held out": 20261201, "short": 20261201}
Corpus = tuple[np.ndarray, np.ndarray, np.ndarray]


def main() -> None:
    """Print a line for each kind of corpus."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--settings", choices=[*SEEDS])
    parser.add_argument("--part", choices=["outlets", "time"])
    options = parser.parse_args()
    for name in [options.settings] if options.settings else SEEDS:
        random = np.random.default_rng(SEEDS[name])
        if options.part != "time" and name in OUTLETS:
            settings = list(product(*OUTLETS[name]))
            others = random.permutation(len(settings))
            rows = (
                outlets(random, one, settings[other], options.draws)
                for one, other in zip(settings, others, strict=True)
            )
            show(f"outlets, {name}", rows, options.draws)
        if options.part != "outlets" and name in TIME:
            rows = (one_outlet(random, setting, options.draws) for setting in product(*TIME[name]))
            show(f"time, {name}", rows, options.draws)


def show(name: str, rows: Iterator[tuple[dict, dict]], draws: int) -> None:
    """Print the rates of coverage of each setting, then how many are close to nominal."""
    rates: dict[str, list[float]] = {}
    for facts, found in rows:
        print(
            json.dumps({"settings": name, **facts, **{k: round(v, 3) for k, v in found.items() if v == v}}), flush=True
        )
        for method, rate in found.items():
            if method not in ("interval", "expected", "width"):
                rates.setdefault(method, []).append(rate)
    for method, each in rates.items():
        rate = np.array([r for r in each if r == r])
        drawn = min(RESAMPLES, draws // 10) if method == "percentile" else draws
        error = 2 * np.sqrt(rate * (1 - rate) / drawn)
        counts = {
            "of": len(rate),
            "within": int(((rate >= BAND[0]) & (rate <= BAND[1])).sum()),
            "too narrow": int((rate < BAND[0]).sum()),
            "surely too narrow": int((rate + error < BAND[0]).sum()),
            "too wide": int((rate > BAND[1]).sum()),
            "surely too wide": int((rate - error > BAND[1]).sum()),
        }
        spread = {
            "least": round(float(rate.min()), 3),
            "mean": round(float(rate.mean()), 3),
            "most": round(float(rate.max()), 3),
        }
        print(json.dumps({"all settings": name, "method": method, **counts, **spread, "draws": drawn}), flush=True)


def outlets(random: np.random.Generator, setting: tuple, other: tuple, draws: int) -> tuple[dict, dict]:
    """Return a kind of corpus, and how often each method covers its share, or its difference from another's."""
    k, (mean, likeness), sizes = setting
    hits: dict[str, list[bool]] = {}
    for draw in range(draws):
        one, two, three = (corpus(random, *some) for some in (setting, setting, other))
        low, high = linear(*one)
        hits.setdefault("t", []).append(low <= mean <= high)
        if draw < min(RESAMPLES, draws // 10):
            low, high = percentile(random, *one)
            hits.setdefault("percentile", []).append(low <= mean <= high)
        found = [cluster_estimate(x, codes) for x, codes, _ in (one, two, three)]
        honest = [not choose_clusters(codes, days, np.ones(len(x)))[1] for x, codes, days in (one, two, three)]
        hits.setdefault("interval", []).append(honest[0])
        if honest[0]:
            hits.setdefault("topiclib", []).append(found[0].low <= mean <= found[0].high)
        for name, i, truth in (("difference", 1, 0.0), ("unlike", 2, mean - other[1][0])):
            if honest[0] and honest[i]:
                low, high = difference_interval(found[0], found[i])[1:3]
                hits.setdefault(name, []).append(low <= truth <= high)
    facts = {"outlets": k, "share": mean, "likeness": likeness, "sizes": sizes, "unlike": list(other)}
    return {"of": facts}, {method: float(np.mean(values)) for method, values in hits.items()}


def corpus(random: np.random.Generator, k: int, kind: tuple[float, float], sizes: tuple) -> Corpus:
    """Return for each article: theme or not, outlet, day."""
    (mean, likeness), (spread, articles, per_day, alike) = kind, sizes
    n = np.full(k, articles)
    if spread:
        n = np.maximum(5, random.lognormal(np.log(articles), spread, k).astype(int))
    own = beta(random, np.full(k, mean), likeness)
    outlet = np.repeat(np.arange(k), n)
    day = (random.random(len(outlet)) * np.maximum(2, n // per_day)[outlet]).astype(int)
    days, codes = np.unique(outlet * 10_000 + day, return_inverse=True)
    of_day = beta(random, np.clip(own[days // 10_000], 1e-4, 1 - 1e-4), alike)
    return (random.random(len(outlet)) < of_day[codes]).astype(float), outlet, codes


def beta(random: np.random.Generator, mean: np.ndarray, likeness: float) -> np.ndarray:
    """Draw shares with the mean, and with the correlation of two articles that have the same share."""
    size = (1 - likeness) / likeness
    return random.beta(mean * size, (1 - mean) * size)


def linear(x: np.ndarray, outlet: np.ndarray, day: np.ndarray) -> tuple[float, float]:
    """Return mean and t times the linearized cluster error."""
    k, mean = outlet.max() + 1, x.mean()
    error = np.sqrt(k / (k - 1) * (np.bincount(outlet, x - mean) ** 2).sum()) / len(x)
    return mean - t.ppf(0.975, k - 1) * error, mean + t.ppf(0.975, k - 1) * error


def percentile(random: np.random.Generator, x: np.ndarray, outlet: np.ndarray, day: np.ndarray) -> tuple[float, float]:
    """Return the middle 95 % of resampling outlets, then days, then articles with replacement."""
    found, size = [], []
    for one in range(outlet.max() + 1):
        _, codes = np.unique(day[outlet == one], return_inverse=True)
        n = np.bincount(codes)
        days = random.multinomial(len(n), np.full(len(n), 1 / len(n)), size=RESAMPLES) * n
        found.append(random.binomial(days, np.bincount(codes, x[outlet == one]) / n).sum(axis=1))
        size.append(days.sum(axis=1))
    drawn = random.integers(0, len(found), (RESAMPLES, len(found)))
    draws = random.integers(0, RESAMPLES, drawn.shape)
    means = np.stack(found)[drawn, draws].sum(axis=1) / np.stack(size)[drawn, draws].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return low, high


def one_outlet(random: np.random.Generator, setting: tuple, draws: int) -> tuple[dict, dict]:
    """Return a kind of outlet, and how often its interval covers its share."""
    days, per_day, spread, mean, (likeness, carry) = setting
    steps = random.normal(size=(draws, days))
    for day in range(1, days):
        steps[:, day] = carry * steps[:, day - 1] + np.sqrt(1 - carry**2) * steps[:, day]
    shares = np.full((draws, days), mean)
    if likeness:
        size, places = (1 - likeness) / likeness, np.linspace(0.0005, 0.9995, 2000)
        table = beta_law.ppf(places, mean * size, (1 - mean) * size)
        shares = np.clip(np.interp(norm.cdf(steps), places, table * mean / table.mean()), 0, 1)
    counts = random.poisson(per_day * np.exp(random.normal(-(spread**2) / 2, spread, (draws, days))))
    hits: list[tuple[float, float]] = []
    for n, share in zip(counts, shares, strict=True):
        if n.sum():
            when = np.repeat(np.arange(days, dtype=float), n)
            blocks, reason = choose_clusters(np.full(len(when), "a"), when, np.ones(len(when)))
            if not reason:
                x = (random.random(len(when)) < np.repeat(share, n)).astype(float)
                estimate = cluster_estimate(x, blocks)
                hits.append((float(estimate.low <= mean <= estimate.high), estimate.high - estimate.low))
    covered, width = np.array(hits or [(np.nan, np.nan)]).T
    facts = {"days": days, "a day": per_day, "spread": spread, "share": mean, "likeness": likeness, "carry": carry}
    few = float(counts.sum(axis=1).mean()) * mean
    return {"of": facts}, {
        "one outlet": float(covered.mean()),
        "interval": len(hits) / draws,
        "width": float(width.mean()),
        "expected": few,
    }


if __name__ == "__main__":
    main()
