"""Compare the shipped themes with other methods, with the sample's plan and with a reader's labels of the seeds.

python benchmarks/themes.py [--data ../shared/data]   (the seeds are looked for in ../shared/seeds, beside it)

JSON lines: agreement with the silver labels (keyword matches by other patterns) of four corpora, by halves of the ids;
the disagreements that were read; the score fitted on half of the sample's gold and tested on the other half, with and
without the article around a passage and the meaning of it (its constants and calibration: `calibration.py`); the
lexicon against BERTopic's zero-shot and guided topics; the seeds; the speed.
"""

import argparse
import csv
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Collection
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from calibration import (
    GOLD,
    body_passages,
    human,
    is_even,
    labeled_passages,
    match_labels,
    meant,
    rates,
    report,
    rows,
    show,
)  # fmt: skip

import topiclib as tl
from topiclib.themes import match_themes, read_themes, score_themes
from topiclib.topics.assignment import nearest_centroid
from topiclib.topics.seeding import THEME_MODES, theme_options, topic_themes

HERE = Path(__file__).parent
SILVER = ("fars_fa.dev", "isna_fa", "ant_ar.dev", "saudinewsnet_ar.dev")
NAMES = {"drone": "drones"}
FEWEST = 20
PRESS = ("fars_fa.dev", "saudinewsnet_ar.dev")
ARTICLES = 400  # of each of these, those whose ids have the smallest SHA-256
LIMITS = (0.08, 0.1, 0.15, 0.2, 0.25)
REPEATS = 5  # of the timing, each with an empty memory of words


def main() -> None:
    """Print every part, or that its data is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data")
    data = parser.parse_args().data
    gold()
    modes("sample, odd half, passages", *sample())
    with (HERE / "theme_disagreements.csv").open(encoding="utf-8") as stream:
        show("disagreements read, who was right", Counter(row["right"] for row in csv.DictReader(stream)))
    if (folder := data.parent / "seeds").is_dir():
        seeds(folder)
    else:
        show(f"{folder} is missing: no seeds", {})
    if missing := [name for name in SILVER if not (data / f"{name}.jsonl").is_file()]:
        show(f"{data} has no {missing[0]}.jsonl: no silver, no press, no speed", {})
    else:
        labels(data)
        modes("press, odd half, articles", *press(data))
        silver(data)


def silver(folder: Path) -> None:
    """Compare articles with a passage about a theme with those that hold the other patterns, and time the matching."""
    themes = read_themes()
    everything = []
    for name in SILVER:
        rows = [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
        documents = pd.DataFrame({"doc_id": [r["id"] for r in rows], "text": [r["text"] for r in rows]})
        passages = tl.make_passages(documents, keep="all")
        everything.append(passages)
        about = (
            score_themes(match_themes(passages, themes), passages, themes)
            .query("about")
            .merge(passages, on="passage_id")
        )
        for theme in GOLD:
            truth = {r["id"] for r in rows if theme in {NAMES.get(t, t) for t in r.get("themes", [])}}
            if len(truth) < FEWEST:
                continue
            found = set(about.loc[about["theme"] == theme, "doc_id"])
            halves = {"all": lambda i: True, "even": is_even, "odd": lambda i: not is_even(i)}
            for half, inside in halves.items():
                show(f"silver {name} {theme} {half}", rates(set(filter(inside, found)), set(filter(inside, truth))))
    passages = pd.concat(everything, ignore_index=True)
    wall, busy = np.array([timed(lambda: match_themes(passages, themes)) for _ in range(REPEATS)]).T
    for clock, seconds in (("clock", wall), ("CPU", busy)):
        speed = len(passages) / seconds
        values = {"mean": speed.mean(), "least": speed.min(), "most": speed.max(), "load": os.getloadavg()[0]}
        show(f"{len(passages)} passages, nine themes, folding included: passages a {clock} second", values)


Finds = set[tuple[str, str]]


def labels(data: Path) -> None:
    """Compare the score with a plain keyword list, zero-shot and a classifier, on the odd half of labeled passages."""
    from sklearn.linear_model import LogisticRegression

    passages, table = labeled_passages(data)
    themes = read_themes()
    matches = match_themes(passages, themes)
    about = score_themes(matches, passages, themes).query("about")
    report("lexicon", table, set(zip(about["passage_id"], about["theme"], strict=True)))
    report("keyword list (any term)", table, set(zip(matches["passage_id"], matches["theme"], strict=True)))
    vectors = tl.embed(passages, progress=False)
    alignment = tl.fit_alignment(passages, vectors)
    aligned = alignment.apply(vectors, passages["lang"])
    zero = theme_options(themes, alignment)["embedding_model"].fixed_vectors
    best, top = nearest_centroid(aligned, np.array(list(zero)), np.stack(list(zero.values())))
    near = zip(passages["passage_id"][top >= LIMITS[2]], best[top >= LIMITS[2]], strict=True)
    report(f"zero-shot, limit {LIMITS[2]}", table, set(near))
    rows_of = table.set_index("passage_id").loc[passages["passage_id"]]
    found = set()
    for key in GOLD:
        even, truth = rows_of["even"].to_numpy(dtype=bool), human(rows_of, key).to_numpy() >= 0.5
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=2000).fit(aligned[even], truth[even])
        found |= {(p, key) for p in passages["passage_id"][model.predict(aligned)]}
    report("classifier on the vectors, fitted on the even half", table, found)


def sample() -> tuple[pd.DataFrame, str, Finds]:
    """Return the sample's modeled body passages, and which passage is about which theme."""
    passages = body_passages().query("modeled").reset_index(drop=True)
    return passages, "passage_id", {(p, key) for key in GOLD for p in passages["passage_id"][meant(passages, key)]}


def press(folder: Path) -> tuple[pd.DataFrame, str, Finds]:
    """Return passages of Persian and Arabic articles, and which article has which theme's pattern."""
    rows = []
    for name in PRESS:
        lines = [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
        rows += sorted(lines, key=lambda row: hashlib.sha256(row["id"].encode()).hexdigest())[:ARTICLES]
    documents = pd.DataFrame({"doc_id": [r["id"] for r in rows], "text": [r["text"] for r in rows]})
    return tl.make_passages(documents), "doc_id", {(r["id"], NAMES.get(t, t)) for r in rows for t in r["themes"]}


def modes(name: str, passages: pd.DataFrame, unit: str, truth: Finds) -> None:
    """Compare the lexicon, zero-shot and guided topics on odd ids; print what zero-shot limits do to the even ones."""
    themes, even = read_themes(), passages["doc_id"].map(is_even).to_numpy()
    vectors = tl.embed(passages, progress=False)
    alignment = tl.fit_alignment(passages, vectors)
    aligned = alignment.apply(vectors, passages["lang"])

    def finds(named: list[str] | np.ndarray, half: np.ndarray) -> Finds:
        return {pair for pair, inside in zip(zip(passages[unit], named, strict=True), half, strict=True) if inside}

    def score(found: Finds, half: np.ndarray, keys: Collection[str]) -> dict[str, float]:
        inside = set(passages[unit][half])
        return rates(*({(u, key) for u, key in some if u in inside and key in keys} for some in (found, truth)))

    about = (
        score_themes(match_themes(passages, themes), passages, themes).query("about").merge(passages, on="passage_id")
    )
    ways = {"lexicon": [set(zip(about[unit], about["theme"], strict=True))]}
    for mode, seed in product(THEME_MODES, range(REPEATS)):
        recipe = tl.Recipe(seed=seed)
        model = tl.fit(passages, aligned, recipe, themes=themes, mode=mode, alignment=alignment)
        keys = topic_themes(model, aligned)
        ways.setdefault(mode, []).append(finds([keys.get(topic, "") for topic in model.topics_], ~even))
    for (way, tries), keys in product(ways.items(), [*([key] for key in GOLD), GOLD]):
        rows = pd.DataFrame([score(found, ~even, keys) for found in tries])
        spread = {"f1 least": rows["f1"].min(), "f1 most": rows["f1"].max()}
        show(f"{name}: {way}, {keys[0] if len(keys) == 1 else 'all four'}", {**rows.mean(), **spread})
    rows = theme_options(themes, alignment)["embedding_model"].fixed_vectors
    best, top = nearest_centroid(aligned, np.array(list(rows)), np.stack(list(rows.values())))
    for limit in LIMITS:
        found = finds(np.where(top >= limit, best, ""), even)
        show(f"{name.replace('odd', 'even')}: zero-shot limit {limit}", score(found, even, GOLD))


def timed(work: Callable) -> tuple[float, float]:
    """Return the wall and CPU seconds that work takes."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


def gold() -> None:
    """Fit the score on one half of the sample's gold, test it on the other, and print what more evidence would add."""
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


def evidence() -> pd.DataFrame:
    """Return a row for each body passage of the sample and gold theme: the evidence for the theme, and the truth."""
    themes = {key: theme for key, theme in read_themes().items() if key in GOLD}
    passages = body_passages()
    descriptions = pd.DataFrame([(k, lang, t.description[lang]) for k, t in themes.items() for lang in ("fa", "ar")],
                                columns=["theme", "lang", "text"])  # fmt: skip
    vectors = tl.embed(passages, progress=False)
    alignment = tl.fit_alignment(passages, vectors)
    aligned = alignment.apply(vectors, passages["lang"])
    described = alignment.apply(tl.embed(descriptions, progress=False), descriptions["lang"])
    parts = []
    for key, theme in themes.items():
        frame = rows(passages, key, theme)
        named, others = frame["core"] > 0, frame.groupby("doc_id")["core"].transform("size") - 1
        frame["article"] = (named.groupby(frame["doc_id"]).transform("sum") - named) / others.clip(lower=1)
        sure = (frame["core"] >= 2).to_numpy()
        toward = aligned[sure].sum(axis=0) - np.where(sure[:, None], aligned, 0)  # without the passage itself
        frame["prototype"] = (aligned * toward).sum(axis=1) / np.linalg.norm(toward, axis=1)
        frame["description"] = (aligned @ described[(descriptions["theme"] == key).to_numpy()].T).max(axis=1)
        parts.append(frame)
    table = pd.concat(parts, ignore_index=True)
    return table.assign(even=table["doc_id"].map(is_even))


def seeds(folder: Path) -> None:
    """Compare with the labels that a reader gave the seeds' passages before any program was run on them."""
    themes = read_themes()
    passages = tl.make_passages(tl.read_documents(folder))
    about = score_themes(match_themes(passages, themes), passages, themes).query("about")
    found = set(zip(about["passage_id"], about["theme"], strict=True))
    labels = match_labels(passages, pd.read_csv(HERE / "seed_themes.csv", dtype={"doc_id": str}).fillna(""))
    for standard in ("about", "about named"):
        truth = {(r["passage_id"], key) for _, r in labels.iterrows() for c in standard.split() for key in r[c].split()}
        for theme in [*themes, ""]:
            some = [{item for item in items if theme in ("", item[1])} for items in (found, truth)]
            show(f"seeds, {standard.replace(' ', ' or ')}: {theme or 'all themes'}", rates(*some))


if __name__ == "__main__":
    main()
