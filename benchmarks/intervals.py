"""How often do 95 % intervals of a share, and of a difference of shares, cover the truth where outlets differ?

python benchmarks/intervals.py [--draws 2000]

Each corpus is drawn anew: outlets have shares of their own (beta, with the mean and the correlation of two articles of
one outlet, their likeness, that are named), days within an outlet too; sizes are log-normal with the spread that is
named (0: equal). One JSON line a kind of corpus: coverage of each method. The method was chosen on the first settings
(the second were seen before its last part was settled). `percentile` resamples outlets, then days, then articles;
`t` is the cluster-robust variance with k - 1 degrees of freedom; `topiclib` is what it gives, for outlets and for the
days of one; `difference` is that of two such corpora.
"""

import argparse
import json
from collections.abc import Callable
from itertools import product

import numpy as np
from scipy.stats import t

from topiclib.compare import FEWEST_OUTLETS, cluster_estimate, difference_interval

RESAMPLES = 300
ARTICLES = 60
PER_DAY = 3
DAY = 0.05  # correlation within a day, over that within the outlet
SETTINGS = (  # outlets; shares and likeness; spread of sizes
    ("chosen on", (5, 8, 15), ((0.05, 0.05), (0.1, 0.05), (0.1, 0.2), (0.3, 0.02), (0.3, 0.1)), (0, 0.8)),
    ("reported on", (6, 10, 25), ((0.07, 0.03), (0.07, 0.12), (0.15, 0.2), (0.2, 0.06), (0.4, 0.15)), (0.3, 1.0)),
)


def main() -> None:
    """Print a line for each corpus."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2000)
    draws = parser.parse_args().draws
    for name, outlets, kinds, spreads in SETTINGS:
        for k, (mean, likeness), spread in product(outlets, kinds, spreads):
            show(name, (k, mean, likeness, spread), draws)


def show(name: str, setting: tuple[int, float, float, float], draws: int) -> None:
    """Print the coverage of every method on one kind of corpus."""
    random, mean = np.random.default_rng(20261122), setting[1]
    hits: dict[str, list[bool]] = {}
    for draw in range(draws):
        one, two = (corpus(random, *setting) for _ in range(2))
        tries: dict[str, Callable] = {"t": linear, "topiclib": ours}
        if draw < draws / 2:
            tries["percentile"] = lambda *data: percentile(random, *data)
        for method, interval in tries.items():
            low, high = interval(*one)
            hits.setdefault(method, []).append(low <= mean <= high)
        low, high = difference_interval(cluster_estimate(*one[:2]), cluster_estimate(*two[:2]))[1:3]
        hits.setdefault("difference", []).append(low <= 0 <= high)
        chosen = one[1] == 0  # one outlet: its own share is the truth, its days are what was drawn
        if len(np.unique(one[2][chosen])) >= FEWEST_OUTLETS:
            hits.setdefault("one outlet, days", []).append(one_outlet(one, chosen))
    row = {method: round(float(np.mean(values)), 3) for method, values in hits.items()}
    facts = dict(zip(("outlets", "share", "likeness", "spread"), setting, strict=True))
    print(json.dumps({"settings": name, **facts, **row}), flush=True)


def corpus(random: np.random.Generator, outlets: int, mean: float, likeness: float, spread: float) -> tuple:
    """Return for each article: theme or not, outlet, day, and the outlet's own share."""
    n = np.full(outlets, ARTICLES)
    if spread:
        n = np.maximum(5, random.lognormal(np.log(ARTICLES), spread, outlets).astype(int))
    own = beta(random, np.full(outlets, mean), likeness)
    outlet = np.repeat(np.arange(outlets), n)
    day = np.concatenate([random.integers(0, max(2, size // PER_DAY), size) for size in n])
    days, codes = np.unique(outlet * 10_000 + day, return_inverse=True)
    of_day = beta(random, np.clip(own[days // 10_000], 1e-4, 1 - 1e-4), DAY)
    return (random.random(len(outlet)) < of_day[codes]).astype(float), outlet, codes, own[outlet]


def beta(random: np.random.Generator, mean: np.ndarray, likeness: float) -> np.ndarray:
    """Draw shares with the mean, and with the correlation of two articles that have the same share."""
    size = (1 - likeness) / likeness
    return random.beta(mean * size, (1 - mean) * size)


def ours(x: np.ndarray, outlet: np.ndarray, day: np.ndarray, own: np.ndarray) -> tuple[float, float]:
    """Return the interval that topiclib gives."""
    return cluster_estimate(x, outlet)[3:5]


def one_outlet(data: tuple, chosen: np.ndarray) -> bool:
    """Say whether an outlet's interval over its days covers the outlet's own share."""
    x, _, day, own = (values[chosen] for values in data)
    low, high = cluster_estimate(x, day)[3:5]
    return bool(low <= own[0] <= high)


def linear(x: np.ndarray, outlet: np.ndarray, day: np.ndarray, own: np.ndarray) -> tuple[float, float]:
    """Return mean and t times the linearised cluster error."""
    k, mean = outlet.max() + 1, x.mean()
    error = np.sqrt(k / (k - 1) * (np.bincount(outlet, x - mean) ** 2).sum()) / len(x)
    return mean - t.ppf(0.975, k - 1) * error, mean + t.ppf(0.975, k - 1) * error


def percentile(
    random: np.random.Generator, x: np.ndarray, outlet: np.ndarray, day: np.ndarray, own: np.ndarray
) -> tuple[float, float]:
    """Return the middle 95 % when outlets, then days, then articles are drawn with replacement."""
    found, size = [], []
    for one in range(outlet.max() + 1):
        _, codes = np.unique(day[outlet == one], return_inverse=True)
        n = np.bincount(codes)
        days = random.multinomial(len(n), np.full(len(n), 1 / len(n)), size=RESAMPLES) * n
        found.append(random.binomial(days, np.bincount(codes, x[outlet == one]) / n).sum(axis=1))
        size.append(days.sum(axis=1))
    outlets = random.integers(0, len(found), (RESAMPLES, len(found)))
    draws = random.integers(0, RESAMPLES, outlets.shape)
    means = np.stack(found)[outlets, draws].sum(axis=1) / np.stack(size)[outlets, draws].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return low, high


if __name__ == "__main__":
    main()
