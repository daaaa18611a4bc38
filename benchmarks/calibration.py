"""Fit the constants of the theme score, and measure how well the score is calibrated.

python benchmarks/calibration.py

The rule: logistic regression (C 10) of "its writer meant the passage to be about the theme" on the numbers of distinct
core and supporting terms, on the body passages of the sample whose article's id has an even SHA-256, four themes. It
is fitted again here, and what `topiclib.themes.scoring` holds is tested on the other half: Brier score (and that of
saying the base rate of the fitted half of every passage), what is true of each score, and each theme and language.
JSON lines; exits with 1 where the constants are no longer what the rule gives.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import topiclib as tl
from topiclib.themes import match_themes, read_themes, scoring

GOLD = ("jcpoa", "caucasus", "drones", "sanctions")
ROLES = ("core", "supporting")
NAMES = ("INTERCEPT", "CORE_COEF", "SUPPORTING_COEF")
CLOSE = 0.005  # the constants are written with two decimals
BINS = {"no term": -1, "named": 0, "one core term or two supporting": 0.5, "more": 0.95}


def main() -> None:
    """Print the constants as fitted and as shipped, then the reliability of those that are shipped."""
    table = gold_table()
    fitted, shipped = fit(table[table["even"]]), {name: getattr(scoring, name) for name in NAMES}
    same = all(abs(fitted[name] - shipped[name]) <= CLOSE for name in NAMES)
    show("constants, fitted on the even half", {name: round(value, 2) for name, value in fitted.items()})
    show("constants, shipped", {**shipped, "as fitted": same})
    table = table.assign(score=said(table, shipped))
    reliability(table[~table["even"]], float(table.loc[table["even"], "truth"].mean()))
    if not same:
        sys.exit(1)


def show(what: str, values: dict) -> None:
    """Print a JSON line."""
    print(json.dumps({"what": what, **{k: round(v, 3) if isinstance(v, float) else v for k, v in values.items()}}))


def is_even(name: str) -> bool:
    """Return whether an id is in the half on which choices are made."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 == 0


def rates(found: set, truth: set) -> dict[str, float]:
    """Return precision, recall and F1 of a set of matches."""
    both = len(found & truth)
    precision, recall = both / max(1, len(found)), both / max(1, len(truth))
    return {"truth": len(truth), "found": len(found), "precision": precision, "recall": recall,
            "f1": 2 * both / max(1, len(found) + len(truth))}  # fmt: skip


def fit(table: pd.DataFrame) -> dict[str, float]:
    """Return the log-odds of the rule."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10, max_iter=2000).fit(table[list(ROLES)], table["truth"])
    return dict(zip(NAMES, map(float, [*model.intercept_, *model.coef_[0]]), strict=True))


def said(table: pd.DataFrame, constants: dict[str, float]) -> np.ndarray:
    """Return the score of each row; also where there is no term, of which table `themes` has no row."""
    none, *weights = (constants[name] for name in NAMES)
    return 1 / (1 + np.exp(-(none + table[list(ROLES)].to_numpy() @ weights)))


def reliability(test: pd.DataFrame, base: float) -> None:
    """Print how the score performs on rows that it was not fitted on."""
    for name, part in [("all", test), *test.groupby("theme"), *test.groupby("lang")]:
        truth = part["truth"].astype(float)
        found = rates(set(part.index[part["score"] >= 0.5]), set(part.index[part["truth"]]))
        brier = {
            "brier": float(((part["score"] - truth) ** 2).mean()),
            "of the base rate": float(((base - truth) ** 2).mean()),
        }
        show(f"odd half: {name}", {"n": len(part), **found, **brier})
    named = np.where(test[list(ROLES)].any(axis=1), test["score"], 0.0)
    for name, part in test.groupby(pd.cut(named, [*BINS.values(), 1], labels=list(BINS)), observed=True):
        show(f"odd half, calibration: {name}",
             {"n": len(part), "score": float(part["score"].mean()), "true": float(part["truth"].mean())})  # fmt: skip


def gold_table() -> pd.DataFrame:
    """Return a row for each body passage of the sample and gold theme: its distinct terms by role, and the truth."""
    passages = body_passages()
    themes = {key: theme for key, theme in read_themes().items() if key in GOLD}
    table = pd.concat([rows(passages, key, theme) for key, theme in themes.items()], ignore_index=True)
    return table.assign(even=table["doc_id"].map(is_even))


def rows(passages: pd.DataFrame, key: str, theme: tl.themes.Theme) -> pd.DataFrame:
    """Return the rows of one theme, in the order of the passages."""
    lang = passages.set_index("passage_id")["lang"]
    hits = match_themes(passages, {key: theme}).drop_duplicates(["passage_id", "term"])
    minor = np.array(
        [t in theme.terms[lang[p]]["supporting"] for p, t in zip(hits["passage_id"], hits["term"], strict=True)]
    )
    frame = passages[["passage_id", "doc_id", "lang"]].assign(theme=key, truth=meant(passages, key))
    for role, chosen in zip(ROLES, (~minor, minor), strict=True):
        frame[role] = frame["passage_id"].map(hits[chosen].groupby("passage_id").size()).fillna(0)
    return frame


def body_passages() -> pd.DataFrame:
    """Return the passages of the sample that have gold labels."""
    return tl.make_passages(tl.load_sample(), keep="all").query("start >= 0 and kind == 'body'").reset_index(drop=True)


def meant(passages: pd.DataFrame, key: str) -> list[bool]:
    """Return for each passage whether its writer meant it, or a paragraph in it, to be about a theme."""
    labels = pd.read_json(Path(tl.__file__).parent / "corpus" / "sample" / "gold.jsonl", lines=True)
    found = match_labels(
        passages, labels[[key in themes for themes in labels["themes"]]].rename(columns={"id": "doc_id"})
    )
    return passages["passage_id"].isin(found["passage_id"]).tolist()


def match_labels(passages: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each passage and label that belong together, whatever the passages are.

    Both have `doc_id`, `start` and `end`, offsets in the text as it was read. They belong together if they share at
    least half of the shorter one.
    """
    pairs = passages[["passage_id", "doc_id", "start", "end"]].merge(labels, on="doc_id", suffixes=("", "_label"))
    shared = pairs[["end", "end_label"]].min(axis=1) - pairs[["start", "start_label"]].max(axis=1)
    shorter = np.minimum(pairs["end"] - pairs["start"], pairs["end_label"] - pairs["start_label"])
    return pairs[(shared > 0) & (2 * shared >= shorter)].reset_index(drop=True)


if __name__ == "__main__":
    main()
