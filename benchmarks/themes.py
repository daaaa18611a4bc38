"""Do the shipped themes find what others find, what the sample's writers meant, and what a reader marked in the seeds?

python benchmarks/themes.py [--data ../shared]

JSON lines: agreement with the silver labels (keyword matches by other patterns) of four corpora, by halves of the ids;
the disagreements that were read; the score fitted on half of the sample's gold and tested on the other half, with and
without the article around a passage and the meaning of it; the seeds; the speed.
"""

import argparse
import csv
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import topiclib as tl
from topiclib.themes import match, read_themes, score

HERE = Path(__file__).parent
SILVER = ("fars_fa.dev", "isna_fa", "ant_ar.dev", "saudinewsnet_ar.dev")
GOLD = ("jcpoa", "caucasus", "drones", "sanctions")
NAMES = {"drone": "drones"}
FEWEST = 20
REPEATS = 5  # of the timing, each with an empty memory of words


def main() -> None:
    """Print every part; those whose data is missing say so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared")
    data = parser.parse_args().data
    gold()
    with (HERE / "theme_disagreements.csv").open(encoding="utf-8") as stream:
        show("disagreements read, who was right", Counter(row["right"] for row in csv.DictReader(stream)))
    if (data / "seeds").is_dir():
        seeds(data / "seeds")
    else:
        show(f"{data / 'seeds'} is missing: no seeds", {})
    if missing := [name for name in SILVER if not (data / "data" / f"{name}.jsonl").is_file()]:
        show(f"{data / 'data'} has no {missing[0]}.jsonl: no silver, no speed", {})
    else:
        silver(data / "data")


def show(what: str, values: dict) -> None:
    """Print a JSON line."""
    print(json.dumps({"what": what, **{k: round(v, 3) if isinstance(v, float) else v for k, v in values.items()}}))


def is_even(name: str) -> bool:
    """Say whether an id is of the half on which choices are made."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 == 0


def rates(found: set, truth: set) -> dict[str, float]:
    """Return precision, recall and F1 of a set of finds."""
    both = len(found & truth)
    precision, recall = both / max(1, len(found)), both / max(1, len(truth))
    return {"truth": len(truth), "found": len(found), "precision": precision, "recall": recall,
            "f1": 2 * both / max(1, len(found) + len(truth))}  # fmt: skip


def silver(folder: Path) -> None:
    """Compare articles with a passage about a theme with those that hold the other patterns, and time the matching."""
    themes = read_themes()
    everything = []
    for name in SILVER:
        rows = [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
        documents = pd.DataFrame({"doc_id": [r["id"] for r in rows], "text": [r["text"] for r in rows]})
        passages = tl.make_passages(documents, keep="all")
        everything.append(passages)
        about = score(match(passages, themes), passages, themes).query("about").merge(passages, on="passage_id")
        for theme in GOLD:
            truth = {r["id"] for r in rows if theme in {NAMES.get(t, t) for t in r.get("themes", [])}}
            if len(truth) < FEWEST:
                continue
            found = set(about.loc[about["theme"] == theme, "doc_id"])
            halves = {"all": lambda i: True, "even": is_even, "odd": lambda i: not is_even(i)}
            for half, inside in halves.items():
                show(f"silver {name} {theme} {half}", rates(set(filter(inside, found)), set(filter(inside, truth))))
    passages = pd.concat(everything, ignore_index=True)
    wall, busy = np.array([timed(lambda: match(passages, themes)) for _ in range(REPEATS)]).T
    for clock, seconds in (("clock", wall), ("CPU", busy)):
        speed = len(passages) / seconds
        values = {"mean": speed.mean(), "least": speed.min(), "most": speed.max(), "load": os.getloadavg()[0]}
        show(f"{len(passages)} passages, nine themes, folding included: passages a {clock} second", values)


def timed(work: Callable) -> tuple[float, float]:
    """Return the seconds that work takes by the clock and on the processor."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


def gold() -> None:
    """Fit the score on one half of the sample's gold, test it on the other, and say what more evidence would add."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score

    table = evidence()
    fit, test = table[table["even"]], table[~table["even"]]
    for names in (["core", "supporting"], ["core", "supporting", "prototype"], ["core", "supporting", "description"],
                  ["core", "supporting", "article"], ["core", "supporting", "article", "prototype"]):  # fmt: skip
        model = LogisticRegression(C=10, max_iter=2000).fit(fit[names], fit["truth"])
        said = model.predict_proba(test[names])[:, 1]
        marks, truth = set(test.index[said >= 0.5]), set(test.index[test["truth"]])
        numbers = {"auc": roc_auc_score(test["truth"], said), "brier": brier_score_loss(test["truth"], said)}
        weights = dict(zip(["none", *names], [*model.intercept_, *model.coef_[0]], strict=True))
        show(
            f"gold, odd half: {' + '.join(names)}",
            {**rates(marks, truth), **numbers, **{k: float(v) for k, v in weights.items()}},
        )
    for theme in GOLD:
        part = test[test["theme"] == theme]
        show(f"gold, odd half: {theme}", rates(set(part.index[part["score"] >= 0.5]), set(part.index[part["truth"]])))
    bins = pd.cut(test["score"], [-1, 0, 0.5, 0.95, 1], labels=["no term", "named", "one core term", "more"])
    for name, part in test.groupby(bins, observed=True):
        show(
            f"gold, odd half, calibration: {name}",
            {"n": len(part), "score": float(part["score"].mean()), "true": float(part["truth"].mean())},
        )


def evidence() -> pd.DataFrame:
    """Return a row for each body passage of the sample and gold theme: what speaks for the theme, and the truth."""
    themes = {key: theme for key, theme in read_themes().items() if key in GOLD}
    marks = pd.read_json(Path(tl.__file__).parent / "sample" / "gold.jsonl", lines=True)
    passages = (
        tl.make_passages(tl.load_sample(), keep="all").query("start >= 0 and kind == 'body'").reset_index(drop=True)
    )
    descriptions = pd.DataFrame([(k, lang, t.description[lang]) for k, t in themes.items() for lang in ("fa", "ar")],
                                columns=["theme", "lang", "text"])  # fmt: skip
    vectors = tl.embed(passages, progress=False)
    alignment = tl.fit_alignment(vectors, passages["lang"])
    aligned = alignment.apply(vectors, passages["lang"])
    described = alignment.apply(tl.embed(descriptions, progress=False), descriptions["lang"])
    matches = match(passages, themes)
    scores = score(matches, passages, themes).set_index(["passage_id", "theme"])["score"]
    lang = passages.set_index("passage_id")["lang"]
    parts = []
    for key, theme in themes.items():
        mine = matches[matches["theme"] == key].drop_duplicates(["passage_id", "term"])
        minor = np.array(
            [t in theme.terms[lang[p]]["supporting"] for p, t in zip(mine["passage_id"], mine["term"], strict=True)]
        )
        frame = pd.DataFrame({"theme": key, "doc_id": passages["doc_id"]})
        for name, chosen in (("core", ~minor), ("supporting", minor)):
            frame[name] = passages["passage_id"].map(mine[chosen].groupby("passage_id").size()).fillna(0).to_numpy()
        named, others = frame["core"] > 0, frame.groupby("doc_id")["core"].transform("size") - 1
        frame["article"] = (named.groupby(frame["doc_id"]).transform("sum") - named) / others.clip(lower=1)
        sure = (frame["core"] >= 2).to_numpy()
        toward = aligned[sure].sum(axis=0) - np.where(sure[:, None], aligned, 0)  # without the passage itself
        frame["prototype"] = (aligned * toward).sum(axis=1) / np.linalg.norm(toward, axis=1)
        frame["description"] = (aligned @ described[(descriptions["theme"] == key).to_numpy()].T).max(axis=1)
        frame["score"] = [scores.get((p, key), 0.0) for p in passages["passage_id"]]
        frame["truth"] = [
            any(
                key in m.themes
                for m in marks[marks["id"] == row.doc_id].itertuples()
                if m.start < row.end and m.end > row.start
            )
            for row in passages.itertuples()
        ]
        parts.append(frame)
    table = pd.concat(parts, ignore_index=True)
    return table.assign(even=table["doc_id"].map(is_even))


def seeds(folder: Path) -> None:
    """Compare with the labels that a reader gave the seeds' passages before any program had seen them."""
    themes = read_themes()
    passages = tl.make_passages(tl.read_documents(folder))
    about = score(match(passages, themes), passages, themes).query("about").merge(passages, on="passage_id")
    found = set(zip(about["doc_id"], about["start"], about["theme"], strict=True))
    with (HERE / "seed_themes.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for standard in ("about", "about named"):
        truth = {(r["doc_id"], int(r["start"]), key) for r in rows for c in standard.split() for key in r[c].split()}
        for theme in [*themes, ""]:
            some = [{item for item in items if theme in ("", item[2])} for items in (found, truth)]
            show(f"seeds, {standard.replace(' ', ' or ')}: {theme or 'all themes'}", rates(*some))


if __name__ == "__main__":
    main()
