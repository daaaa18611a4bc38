"""Fit the constants of the theme score on labeled passages, and measure on the other half how well it does.

python benchmarks/calibration.py [--data ../shared/data]

`theme_labels.csv` has the keys, offsets and labels of 380 passages, four themes: two independent labelings by language
models, made blind (a: about, p: in passing, o: another sense, -: nothing; one letter each). The rule: logistic
regression (C 1) of "about" on what `topiclib.themes.scoring` counts, on passages with a term of the theme whose
article's id has an even SHA-256; where the labelings differ, half of each. The intercept is then moved by the log odds
of `CUT`. JSON lines; exits with 1 where the constants are no longer what the rule gives.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import topiclib as tl
from topiclib.themes import match_themes, read_themes, score_themes, scoring

GOLD = ("jcpoa", "caucasus", "drones", "sanctions")
ROLES = ("core", "supporting")
CUT = 0.3  # .5 has F1 .81 and .86 (even half, cross-validated; seeds), .4 .80 and .90, .3 .79 and .93
CLOSE = 0.005  # the constants are written with two decimals
HERE = Path(__file__).parent
DRAWS = 1000


def main() -> None:
    """Print the constants as fitted and as shipped, agreement of the labelings, and rates on the odd half."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data")
    passages, labels = labeled_passages(parser.parse_args().data)
    table = evidence_table(passages, labels)
    fitted, shipped = fit(table[table["even"]]), {"intercept": scoring.INTERCEPT, **scoring.COEFFICIENTS}
    same = all(abs(fitted[name] - shipped[name]) <= CLOSE for name in shipped)
    show("constants, fitted on the even half", {name: round(value, 2) for name, value in fitted.items()})
    show("constants, shipped", {**shipped, "as fitted": same})
    for theme in GOLD:
        show(f"agreement of the labelings: {theme}", kappa(labels[theme]))
    themes = read_themes()
    about = score_themes(match_themes(passages, themes), passages, themes).query("about")
    report("lexicon", labels, set(zip(about["passage_id"], about["theme"], strict=True)))
    if not same:
        sys.exit(1)


def labeled_passages(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the labeled passages, and their labels with `passage_id` and `even`."""
    labels = pd.read_csv(HERE / "theme_labels.csv", dtype=str).astype({"start": int, "end": int})
    labels["doc_id"] = labels["file"] + "/" + labels["id"]
    texts = {}
    for file, rows_of_file in labels.groupby("file"):
        ids = set(rows_of_file["id"])
        for line in (data / f"{file}.jsonl").open(encoding="utf-8"):
            row = json.loads(line)
            if str(row["id"]) in ids:
                texts[f"{file}/{row['id']}"] = row["text"]
    documents = pd.DataFrame({"doc_id": list(texts), "text": list(texts.values())})
    passages = tl.make_passages(documents, keep="all")
    both = passages[["passage_id", "doc_id", "start", "end"]].merge(labels, on=["doc_id", "start", "end"])
    both = both.drop_duplicates("passage_id").assign(even=both["id"].map(is_even))
    if len(both) < len(labels):
        show("labeled passages that are cut otherwise today, left out", {"n": len(labels) - len(both)})
    return passages[passages["passage_id"].isin(both["passage_id"])].reset_index(drop=True), both


def human(labels: pd.DataFrame, theme: str) -> pd.Series:
    """Return the share of the two labelings that call each passage about a theme."""
    return labels[theme].str.count("a") / 2


def evidence_table(passages: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return what the score counts, for passages with a term of a theme, and the labels."""
    themes = {key: theme for key, theme in read_themes().items() if key in GOLD}
    table = scoring.count_evidence(match_themes(passages, themes), passages, themes)
    truth = pd.concat([labels[["passage_id", "even"]].assign(theme=key, truth=human(labels, key)) for key in GOLD])
    return table.merge(truth, on=["passage_id", "theme"])


def fit(table: pd.DataFrame) -> dict[str, float]:
    """Return the constants that the rule gives."""
    from sklearn.linear_model import LogisticRegression

    names = list(scoring.COEFFICIENTS)
    twice = pd.concat([table.assign(about=1, weight=table["truth"]), table.assign(about=0, weight=1 - table["truth"])])
    twice = twice[twice["weight"] > 0]
    model = LogisticRegression(C=1, max_iter=3000).fit(twice[names], twice["about"], twice["weight"])
    intercept = float(model.intercept_[0]) - float(np.log(CUT / (1 - CUT)))
    return {"intercept": intercept, **dict(zip(names, map(float, model.coef_[0]), strict=True))}


def kappa(codes: pd.Series) -> dict[str, float]:
    """Return Cohen's kappa of "about" and of all four codes."""
    from sklearn.metrics import cohen_kappa_score

    first, second = codes.str[0], codes.str[1]
    of_about, of_codes = cohen_kappa_score(first == "a", second == "a"), cohen_kappa_score(first, second)
    return {"n": len(codes), "about (first)": int((first == "a").sum()), "kappa": float(of_about),
            "kappa of the codes": float(of_codes)}  # fmt: skip


def report(way: str, labels: pd.DataFrame, found: set) -> None:
    """Print precision, recall and F1 on the odd half with bootstrap intervals over articles, by theme and language."""
    half = labels[~labels["even"]].reset_index(drop=True)
    said = np.array([[(p, key) in found for key in GOLD] for p in half["passage_id"]], dtype=float)
    truth = np.column_stack([human(half, key) for key in GOLD])
    rng = np.random.default_rng(0)
    draws = [rng.integers(len(half), size=len(half)) for _ in range(DRAWS)]
    recalls = {}
    for lang in ("all", "fa", "ar"):
        inside = np.ones(len(half), bool) if lang == "all" else (half["lang"] == lang).to_numpy()
        for name, columns in {"all four": slice(None), **{key: [i] for i, key in enumerate(GOLD)}}.items():
            values = np.array([strict_rates(*(x[rows][inside[rows]][:, columns] for x in (said, truth)))
                               for rows in [np.arange(len(half)), *draws]])  # fmt: skip
            low, high = np.nanpercentile(values[1:], [2.5, 97.5], axis=0)
            numbers = {k: float(v) for k, v in zip(("precision", "recall", "f1"), values[0], strict=True)}
            show(f"odd half, {way}: {name}, {lang}", {"about": float(truth[inside][:, columns].sum()), **numbers,
                 "f1 low": float(low[2]), "f1 high": float(high[2])})  # fmt: skip
            recalls[lang, name] = values[:, 1]
    for name in ("all four", *GOLD):
        difference = recalls["fa", name] - recalls["ar", name]
        low, high = np.nanpercentile(difference[1:], [2.5, 97.5])
        show(f"odd half, {way}: recall in Persian less recall in Arabic, {name}",
             {"difference": float(difference[0]), "low": float(low), "high": float(high)})  # fmt: skip


def strict_rates(said: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Return precision, recall and F1 against "about"; NaN where there is nothing to compare."""
    both, n_said, n_true = (said * truth).sum(), said.sum(), truth.sum()
    return tuple(a / b if b else np.nan for a, b in ((both, n_said), (both, n_true), (2 * both, n_said + n_true)))


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
