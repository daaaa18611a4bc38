"""Measure time, memory and topic quality of a fit against BERTopic's defaults.

python benchmarks/fit.py --data ../shared/data [--n 10000] [--rounds 3]

Passages: labelled news, SIB-200 (each sentence in one language only), TICO-19, Fars; embedded and aligned before the
clock starts. Both get the same aligned vectors. A round is one fit of each, in turn: "warm" rounds in one process that
has fitted both before, "fresh" ones in a process of its own each, whose fit compiles and loads what it needs (imports
are before the clock), and whose peak of memory is its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scale import peak_mb
from scores import nmi, pair_f1

import topiclib as tl
from topiclib.evaluate import coherence, one_language_share
from topiclib.text import tokenize
from topiclib.topics.assignment import compute_centroids, nearest_centroid
from topiclib.topics.keywords import extract_keywords

SIB, TICO = "sib200_fa_ar_en.traindev.jsonl", "tico19_fa_ar_en.jsonl"
NEWS, FARS = "labelled_news_fa_ar.dev.jsonl", "fars_fa.dev.jsonl"


def main() -> int:
    """Print one JSON line per fit, and one of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder with the files")
    parser.add_argument("--n", type=int, default=10_000, help="passages")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path, help="of the embedding")
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "SEED", "DIR"), help="one fit of what DIR has")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(fresh_here(options.one[0], int(options.one[1]), Path(options.one[2]))))
        return 0
    missing = [name for name in (SIB, TICO, NEWS, FARS) if not (options.data / name).is_file()]
    if missing:
        print(f"{', '.join(missing)} missing in {options.data}: name the folder with --data", file=sys.stderr)
        return 2
    passages, aligned = prepare(options.data, options.n, options.cache)
    for find in METHODS.values():
        find(passages, aligned, 0)  # to be warm
    rounds: dict[str, dict[str, list[dict]]] = {"warm": {name: [] for name in METHODS}}
    for seed in range(options.rounds):
        for name, find in METHODS.items():
            topics, line = timed(find, passages, aligned, seed)
            rounds["warm"][name].append(line)
            line = {"method": name, "start": "warm", "seed": seed, **line}
            print(json.dumps(line | worth(topics, passages, aligned)), flush=True)
    rounds["fresh"] = {name: [] for name in METHODS}
    with tempfile.TemporaryDirectory() as folder:
        passages[["text", "lang"]].to_parquet(Path(folder) / "passages.parquet")
        np.save(Path(folder) / "aligned.npy", aligned)
        for seed in range(options.rounds):
            for name in METHODS:
                rounds["fresh"][name].append(fresh(name, seed, folder))
                print(
                    json.dumps({"method": name, "start": "fresh", "seed": seed, **rounds["fresh"][name][-1]}),
                    flush=True,
                )
        peaks = {"neither": fresh("neither", 0, folder)["peak_mb"]}
    peaks |= {name: float(np.mean([line["peak_mb"] for line in lines])) for name, lines in rounds["fresh"].items()}
    print(json.dumps({"passages": len(passages), **ratios(rounds), "peak_mb": peaks}))
    return 0


def ratios(rounds: dict[str, dict[str, list[dict]]]) -> dict[str, dict]:
    """Return how many times longer BERTopic took: mean over mean, and each round, in wall and CPU seconds."""
    found: dict[str, dict] = {}
    for start, lines in rounds.items():
        for what in ("seconds", "cpu_seconds"):
            theirs, mine = (np.array([line[what] for line in lines[name]]) for name in ("bertopic", "ours"))
            each = (theirs / mine).round(1).tolist()
            found[f"{start}_{what}"] = {"ratio": round(float(theirs.mean() / mine.mean()), 2), "rounds": each}
    return found


def timed(find: Callable, passages: pd.DataFrame, aligned: np.ndarray, seed: int) -> tuple[np.ndarray, dict]:
    """Return topics, wall seconds, and CPU seconds of all threads, which depend less on the machine's load."""
    start, of_cpu = time.perf_counter(), time.process_time()
    topics = find(passages, aligned, seed)
    taken = time.perf_counter() - start, time.process_time() - of_cpu
    return topics, {"seconds": round(taken[0], 2), "cpu_seconds": round(taken[1], 2)}


def prepare(data: Path, n: int, cache: Path | None) -> tuple[pd.DataFrame, np.ndarray]:
    """Return n passages with `label` ("" for none) and their aligned vectors."""
    read = {name: pd.read_json(data / name, lines=True, dtype=False) for name in (SIB, TICO, NEWS, FARS)}
    sib, tico = (read[name][read[name]["lang"].isin(["fa", "ar"])] for name in (SIB, TICO))
    number = sib["pair_id"].str.extract(r"(\d+)$")[0].astype(int)
    news, fars = (tl.make_passages(tl.read_documents(data / name)) for name in (NEWS, FARS))
    sections = read[NEWS].set_index(read[NEWS]["id"].astype(str))["label"]
    parts = [
        news.assign(label="news " + news["doc_id"].map(sections).astype(str)),
        sib[(sib["lang"] == "fa") == (number % 2 == 0)].assign(label=lambda rows: "sib " + rows["label"]),
        tico.assign(label=""),
        fars.assign(label=""),
    ]
    passages = pd.concat([part[["text", "lang", "label"]] for part in parts], ignore_index=True).iloc[:n]
    vectors = tl.embed(passages, cache=cache)
    return passages, tl.align(passages, vectors, use_text=False)


def ours(passages: pd.DataFrame, aligned: np.ndarray, seed: int) -> np.ndarray:
    """Fit with topiclib's defaults."""
    return np.asarray(tl.fit(passages, aligned, tl.Recipe(seed=seed)).topics_)


def bertopic(passages: pd.DataFrame, aligned: np.ndarray, seed: int) -> np.ndarray:
    """Fit with BERTopic's defaults: UMAP without a seed, and therefore on all cores."""
    from bertopic import BERTopic

    return np.asarray(BERTopic(language="multilingual").fit(passages["text"].tolist(), aligned.copy()).topics_)


def worth(topics: np.ndarray, passages: pd.DataFrame, aligned: np.ndarray) -> dict[str, float]:
    """Score topics; outliers go to the nearest centroid first, so that all passages count in both."""
    outliers = topics < 0
    topics = np.where(outliers, nearest_centroid(aligned, *compute_centroids(aligned, topics))[0], topics)
    known = (passages["label"] != "").to_numpy()
    label, lang = passages["label"][known], passages["lang"][known]
    bags = {
        code: [[word for _, word in tokenize(text)] for text in passages["text"][passages["lang"] == code]]
        for code in ("fa", "ar")
    }
    scores = {
        "pair_f1": pair_f1(topics[known], label, lang),
        "nmi": nmi(topics[known], label),
        "npmi": coherence(extract_keywords(passages, topics), bags)["npmi"].mean(),
        "one_language": one_language_share(topics, passages["lang"])["share"],
        "outliers": outliers.mean(),
    }
    return {"topics": len(set(topics.tolist()))} | {name: round(float(value), 3) for name, value in scores.items()}


METHODS = {"ours": ours, "bertopic": bertopic}


def fresh(name: str, seed: int, folder: str) -> dict:
    """Return time and peak memory of a process that only runs one fit."""
    asked = [sys.executable, __file__, "--one", name, str(seed), folder]
    return json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def fresh_here(name: str, seed: int, folder: Path) -> dict:
    """Make one fit ("neither": none, but import what both import); return its time and this process's peak in MB."""
    import bertopic as _loaded  # noqa: F401
    import umap as _also_loaded  # noqa: F401

    passages = pd.read_parquet(folder / "passages.parquet")
    aligned = np.load(folder / "aligned.npy", allow_pickle=False)
    line = timed(METHODS.get(name, lambda *_: np.zeros(0)), passages, aligned, seed)[1]
    return {**line, "peak_mb": round(peak_mb())}


if __name__ == "__main__":
    sys.exit(main())
