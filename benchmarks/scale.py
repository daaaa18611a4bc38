"""Time and peak memory of each stage at 10^3, 10^4 and 10^5 passages (10^6 for assignment and tables), and exponents.

python benchmarks/scale.py --data ../shared/data [--sizes 1000,10000,100000] [--bertopic] [--curve] [--png scale.png]

Each number is that of a process of its own: seconds by the clock, of CPU, and its peak of memory from when the clock
starts, with what it was given; `base` is that of a process which only imports. The articles are real ones; past them
(8,074 articles, 31,975 passages) they are repeated with a third of their words changed for others of the same article,
and their vectors with noise (a third of a vector's length, cosine .95): so a corpus has as many subjects however large
it is. Vectors are embedded once (`--real` passages, through `--cache`), not within any clock; 10^6 rows are noise
around the real ones, and their texts, for the tables, the real ones again. What is loaded once (dictionaries) is loaded
before the clock starts. Embedding is measured on 300 and 1,000 passages; its other rows are extrapolated by the rate,
and say so. `run` is `topiclib.run(..., partition_bytes=)` in one process, with vectors that are given, not embedded;
`themes` is a second run of a corpus, with a changed theme file.
`--stages dask --sizes 3000`: all of it, with the embedding, on two workers of Dask.
--bertopic: BERTopic's defaults beside ours at the largest size. --curve: topics found in 1,000, 3,000, 10,000, ... of
the real passages, the others placed: adjusted Rand index with the fit of all, and that of two seeds of the whole.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import topiclib as tl

FILES = ("labelled_news_fa_ar.dev", "fars_fa.dev", "isna_fa", "ant_ar.dev", "saudinewsnet_ar.dev")
STAGES = ("prepare", "embed", "fit", "place", "tables", "run", "themes")
ALLOWED = {"prepare": 1.02, "place": 1.05, "fit": 1.3}
CHANGED, NOISE = 0.35, 0.33
CLOCKS = ("seconds", "cpu")
EMBEDDED, PLACED, TIMED = 10_000, 1_000_000, (300, 1_000)


def main() -> int:
    """Print one JSON line per measurement, then the exponents."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder with the files")
    parser.add_argument("--sizes", default="1000,10000,100000", help="passages")
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--real", type=int, default=EMBEDDED, help="real passages that are embedded")
    parser.add_argument("--cache", type=Path, help="of the embedding")
    parser.add_argument("--work", type=Path, help="keep what is made here, for the next time")
    parser.add_argument("--bertopic", action="store_true", help="also BERTopic's defaults at the largest size")
    parser.add_argument("--curve", action="store_true", help="how well topics of a sample stand for those of all")
    parser.add_argument("--n-topics", type=int, help="for --curve: so many topics at each size")
    parser.add_argument("--png", type=Path, help="draw the times and peaks into this file")
    parser.add_argument("--also", type=Path, help="JSON lines of an earlier run, to plot and fit with the new ones")
    parser.add_argument("--one", nargs=2, metavar=("STAGE", "N"), help="one measurement in this process")
    options = parser.parse_args()
    missing = [name for name in FILES if not (options.data / f"{name}.jsonl").is_file()]
    if missing:
        print(f"{', '.join(missing)} missing in {options.data}: name the folder with --data", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        if options.one:
            print(json.dumps(measure(options.one[0], int(options.one[1]), work)))
            return 0
        make_real(options.data, options.real, options.cache, work)
        if options.curve:
            curve(work, options.n_topics)
            return 0
        sizes = [int(size) for size in options.sizes.split(",")]
        wanted = [(stage, n) for stage in filter(None, options.stages.split(",")) for n in sizes_of(stage, sizes)]
        wanted += [("bertopic", max(sizes))] if options.bertopic else []
        for _, n in wanted:
            make_corpus(n, work)
        lines = [one(stage, n, work, options.data) for stage, n in [("base", 0), *wanted]]
        lines += extrapolated(lines, sizes)
        if options.also:
            lines += [line for line in map(json.loads, options.also.read_text().splitlines()) if "seconds" in line]
        exponents(lines)
        if options.png:
            picture(lines, options.png)
    return 0


def sizes_of(stage: str, sizes: list[int]) -> list[int]:
    """Return the sizes at which a stage is measured: embedding at few, assignment and tables also at 10^6."""
    if stage == "embed":
        return list(TIMED)
    return [*sizes, PLACED] if stage in ("place", "tables") else sizes


def extrapolated(lines: list[dict], sizes: list[int]) -> list[dict]:
    """Print and return the time of embedding at larger sizes, extrapolated from the largest measured."""
    last = [line for line in lines if line["stage"] == "embed"][-1:]
    more = [
        {**line, "n": n, "extrapolated_from": line["n"], **{k: round(line[k] * n / line["n"], 1) for k in CLOCKS}}
        for line in last
        for n in sizes
        if n > line["n"]
    ]
    for line in more:
        print(json.dumps(line), flush=True)
    return more


def make_real(data: Path, n: int, cache: Path | None, work: Path) -> None:
    """Write the real articles, their passages in a fixed random order, and the vectors of the first n."""
    if (work / f"real-{n}.npy").is_file():
        return
    parts = [tl.read_documents(data / f"{name}.jsonl") for name in FILES]
    parts = [part.assign(doc_id=name + ":" + part["doc_id"]) for name, part in zip(FILES, parts, strict=True)]
    documents = pd.concat(parts, ignore_index=True)[["doc_id", "title", "text", "lang", "date", "source"]]
    documents.to_parquet(work / "real-documents.parquet")
    from topiclib.corpus.passages import add_outlet_and_month

    passages = add_outlet_and_month(tl.make_passages(documents), documents)
    order = np.random.default_rng(0).permutation(len(passages))
    passages = passages.iloc[order].reset_index(drop=True)
    passages.to_parquet(work / "real-passages.parquet")
    np.save(work / f"real-{n}.npy", tl.embed(passages.iloc[:n], cache=cache))


def make_corpus(n: int, work: Path) -> None:
    """Write articles of about n passages, and n passages with vectors; the real ones first, then varied ones."""
    if (work / f"vectors-{n}.npy").is_file():
        return
    random = np.random.default_rng(n)
    vectors = np.load(sorted(work.glob("real-*.npy"))[-1])
    real = pd.read_parquet(work / "real-passages.parquet")
    rows = np.arange(n) % len(vectors)
    again = np.flatnonzero(np.arange(n) >= len(vectors))
    made = vectors[rows]
    for some in np.array_split(again, max(1, len(again) // 10_000)):  # in parts: memory stays flat
        noise = random.standard_normal((len(some), made.shape[1])).astype(np.float32)
        made[some] += NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        made[some] /= np.linalg.norm(made[some], axis=1, keepdims=True)
    np.save(work / f"vectors-{n}.npy", made)
    if n == PLACED:
        return
    passages = real.iloc[rows].reset_index(drop=True)
    passages["passage_id"] = [f"{name}/{row}" for row, name in enumerate(passages["passage_id"])]
    passages["doc_id"] = passages["passage_id"].str.partition("#")[0] + passages["passage_id"].str.partition("/")[2]
    passages.loc[again, "text"] = [varied(text, random) for text in passages["text"].iloc[again]]
    passages.to_parquet(work / f"passages-{n}.parquet")
    documents = pd.read_parquet(work / "real-documents.parquet")
    documents = documents.iloc[np.random.default_rng(1).permutation(len(documents))]
    each = len(real) / len(documents)
    chosen = documents.iloc[np.arange(round(n / each)) % len(documents)].reset_index(drop=True)
    later = chosen.index >= len(documents)
    chosen.loc[later, "text"] = [varied(text, random) for text in chosen.loc[later, "text"]]
    chosen.loc[later, "title"] = ""
    chosen["doc_id"] = [f"{name}/{row}" for row, name in enumerate(chosen["doc_id"])]
    chosen.to_parquet(work / f"documents-{n}.parquet", row_group_size=2_000)


def varied(text: str, random: np.random.Generator) -> str:
    """Return the text with a third of its words replaced by others of it, so that it is not a reprint."""
    lines = [line.split(" ") for line in text.split("\n")]
    words = [word for line in lines for word in line]
    change, other = random.random(len(words)) < CHANGED, random.integers(0, len(words), len(words))
    turn = iter(range(len(words)))
    return "\n".join(" ".join(words[other[i]] if change[i := next(turn)] else w for w in line) for line in lines)


def one(stage: str, n: int, work: Path, data: Path) -> dict:
    """Measure a stage in a process of its own, print it and return it."""
    command = [sys.executable, __file__, "--data", str(data), "--work", str(work), "--one", stage, str(n)]
    line = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1])
    print(json.dumps(line), flush=True)
    return line


def measure(stage: str, n: int, work: Path) -> dict:
    """Run one stage. What all fits import is imported before timing starts."""
    import bertopic as _loaded  # noqa: F401
    import umap as _also_loaded  # noqa: F401

    do = {"base": lambda n, work: lambda: {}} | {
        name: globals()[f"do_{name}"] for name in (*STAGES, "bertopic", "dask")
    }
    work_of = do[stage](n, work)
    if Path("/proc/self/clear_refs").is_file():
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    start, cpu = time.perf_counter(), time.process_time()
    found = work_of()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = peak_mb()
    return {"stage": stage, "n": n, "seconds": round(seconds, 3), "cpu": round(cpu, 3), "peak_mb": round(peak), **found}


def peak_mb() -> float:
    """Return the peak of this process; on Linux, `ru_maxrss` starts at the value of the parent process."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def do_prepare(n: int, work: Path):
    """Read articles and write passages, both Parquet, by partition; reprints are found across all of them."""
    from topiclib.corpus.sample import sample_paths
    from topiclib.runs.executor import Executor
    from topiclib.runs.partitions import PARTITION_BYTES
    from topiclib.runs.pipeline import StageTimer, prepare
    from topiclib.runs.spec import RunSpec
    from topiclib.runs.workspace import Workspace
    from topiclib.text import DEFAULT_LEXICON

    def write_passages(paths: list[Path]) -> dict:
        spec = RunSpec(paths, tl.Recipe(), None, None, False, DEFAULT_LEXICON, PARTITION_BYTES)
        with tempfile.TemporaryDirectory() as out:
            kept, parts = Workspace(out), spec.make_partitions()
            return {"passages": prepare(spec, kept, Executor(None, parts), StageTimer(False, kept)).n_passages}

    write_passages(sample_paths())
    return lambda: write_passages([work / f"documents-{n}.parquet"])


def do_embed(n: int, work: Path):
    """Embed with an empty cache, in one process on all available cores."""
    passages = pd.read_parquet(work / f"passages-{n}.parquet")
    tl.encoder("e5-small").encode(["warm"])

    def act() -> dict:
        with tempfile.TemporaryDirectory() as cache:
            tl.embed(passages, cache=cache, progress=False)
        return {}

    return act


def load(n: int, work: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return passages and aligned vectors."""
    passages = pd.read_parquet(work / f"passages-{n}.parquet")
    return passages, tl.align(passages, np.load(work / f"vectors-{n}.npy"), use_text=False)


def do_fit(n: int, work: Path):
    """Fit with topiclib's defaults."""
    import bertopic  # noqa: F401  # before the clock starts, as for BERTopic alone

    passages, aligned = load(n, work)
    return lambda: {"topics": len(set(tl.fit(passages, aligned).topics_))}


def do_bertopic(n: int, work: Path):
    """Fit with BERTopic's defaults, on the same vectors."""
    passages, aligned = load(n, work)
    from bertopic import BERTopic

    def act() -> dict:
        model = BERTopic(language="multilingual").fit(passages["text"].tolist(), aligned)
        return {"topics": len(set(model.topics_)), "outliers": round(float(np.mean(np.array(model.topics_) < 0)), 3)}

    return act


def do_place(n: int, work: Path):
    """Align vectors and assign each to the nearest of 30 centroids, partition by partition from the file."""
    from topiclib.embedding.alignment import fit_alignment
    from topiclib.topics.assignment import nearest_centroid
    from topiclib.topics.fit import make_projection
    from topiclib.topics.recipe import Recipe

    rows = np.load(work / f"vectors-{n}.npy", mmap_mode="r")
    real = pd.read_parquet(work / "real-passages.parquet", columns=["lang"])["lang"].to_numpy()
    lang = real[np.arange(n) % int(sorted(work.glob("real-*.npy"))[-1].stem.split("-")[1])]
    alignment = fit_alignment(pd.DataFrame({"lang": lang[:1000]}), rows[:1000], use_text=False)
    means = make_projection(Recipe()).transform(alignment.apply(rows[:30], lang[:30]))

    def act() -> dict:
        sizes = np.zeros(30, int)
        for start in range(0, n, 10_000):
            part = slice(start, start + 10_000)
            space = make_projection(Recipe()).transform(alignment.apply(rows[part], lang[part]))
            sizes += np.bincount(nearest_centroid(space, np.arange(30), means)[0], minlength=30)
        return {"largest": int(sizes.max())}

    return act


def do_tables(n: int, work: Path):
    """Match themes, count words and add up, part by part from the files: 30 topics, articles of 4 passages."""
    from topiclib.runs import steps
    from topiclib.runs.combine import theme_tables, topic_tables
    from topiclib.runs.executor import Executor
    from topiclib.runs.workspace import Workspace
    from topiclib.themes import read_themes
    from topiclib.topics.custom_words import NO_CUSTOM_WORDS

    made = tempfile.TemporaryDirectory()
    kept, vectors = Workspace(made.name), np.load(work / f"vectors-{n}.npy", mmap_mode="r")
    real = pd.read_parquet(work / "real-passages.parquet")
    real = real.iloc[: int(sorted(work.glob("real-*.npy"))[-1].stem.split("-")[1])]
    model = tl.fit_alignment(real[:1000], vectors[:1000], use_text=False), np.arange(30), vectors[:30]
    parts = range(-(-n // 5_000))
    for part in parts:
        rows = np.arange(5_000 * part, min(5_000 * part + 5_000, n))
        passages = real.iloc[rows % len(real)].reset_index(drop=True)
        passages["doc_id"] = [f"a{row // 4}" for row in rows]
        passages["passage_id"] = [f"a{row // 4}#{row % 4}" for row in rows]
        documents = passages.drop_duplicates("doc_id")[["doc_id", "source", "lang"]].assign(
            date=passages["period"], title="", section="", url="", dropped=""
        )
        topics = pd.DataFrame({"passage_id": passages["passage_id"], "topic": rows % 30})
        for name, frame in (("documents", documents), ("passages", passages), ("assignments", topics)):
            kept.get_or_make(f"{name}/{part}", frame.copy)
        kept.get_or_make_array(f"vectors/{part}", lambda rows=rows: np.array(vectors[rows]))
    del passages, real, documents, topics
    themes, recipe, none = read_themes(), tl.Recipe(), pd.Series(dtype="int64")

    def act() -> dict:
        space = partial(steps.cluster_space, alignment=model[0], recipe=recipe)
        words, executor = {"words": NO_CUSTOM_WORDS}, Executor(None, [[]] * len(parts))
        given = {"read_space": space, "centroids": model[1:], "topics": range(30), **words}
        candidates = [steps.tabulate_topics(kept, part, none, **given) for part in parts]
        quotes = [steps.tabulate_themes(kept, part, themes=themes) for part in parts]
        tables = topic_tables(kept, executor, candidates, centroids=model[1:], period="overlap", **words)
        of_themes = theme_tables(kept, executor, quotes, themes=themes, period="overlap", **words)
        made.cleanup()
        return {"shares": len(tables["shares"]) + len(of_themes["shares"])}

    return act


class GivenVectors:
    """An encoder that hands out stored vectors, one after the other, whatever the texts."""

    identity = "given vectors"

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors, self.dim, self.given = vectors, vectors.shape[1], 0

    def encode(self, texts) -> np.ndarray:
        rows = np.arange(self.given, self.given + len(texts)) % len(self.vectors)
        self.given += len(texts)
        return self.vectors[rows]


def do_run(n: int, work: Path):
    """Make the whole run folder, one partition after the other, with vectors that are given."""
    from topiclib.runs.partitions import PARTITION_BYTES

    encoder = GivenVectors(np.load(work / f"vectors-{n}.npy", mmap_mode="r"))

    def act() -> dict:
        with tempfile.TemporaryDirectory() as out:
            given = {"encoder": encoder, "cache": f"{out}/cache", "partition_bytes": PARTITION_BYTES}
            facts = tl.run(work / f"documents-{n}.parquet", out=f"{out}/run", progress=False, **given).manifest
        return {name: facts[name] for name in ("counts", "n_partitions", "stages")}

    return act


def do_themes(n: int, work: Path):
    """Run a corpus a second time, with a changed theme file and vectors that are given."""
    from topiclib.themes.theme_file import DEFAULT_THEME_FILE

    encoder, made = GivenVectors(np.load(work / f"vectors-{n}.npy", mmap_mode="r")), tempfile.TemporaryDirectory()
    given = {"encoder": encoder, "cache": f"{made.name}/cache", "out": f"{made.name}/run", "progress": False}
    tl.run(work / f"documents-{n}.parquet", **given)
    changed = Path(made.name, "changed.toml")
    changed.write_text(DEFAULT_THEME_FILE.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")

    def act() -> dict:
        with made:
            return {"stages": tl.run(work / f"documents-{n}.parquet", themes=changed, **given).manifest["stages"]}

    return act


def do_dask(n: int, work: Path):
    """Make the whole run folder with two Dask workers, including embedding with an empty cache."""
    from distributed import Client, LocalCluster

    made = Path(tempfile.mkdtemp())
    pd.read_parquet(work / f"documents-{n}.parquet").to_parquet(made / "in.parquet", row_group_size=100)
    client = Client(LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))

    def act() -> dict:
        given = {"out": made / "run", "cache": made / "cache.sqlite", "partition_bytes": 500_000, "progress": False}
        facts = tl.run(made / "in.parquet", client=client, **given).manifest
        workers = [round(mb) for mb in client.run(peak_mb).values()]
        shutil.rmtree(made)
        return {"workers_mb": workers, **{name: facts[name] for name in ("counts", "n_partitions", "stages")}}

    return act


def exponents(lines: list[dict]) -> None:
    """Print the slope of log seconds (CPU) over log n, by least squares, for each stage with two sizes or more."""
    for stage in dict.fromkeys(line["stage"] for line in lines):
        mine = [line for line in lines if line["stage"] == stage and line["n"] and "extrapolated_from" not in line]
        if len(mine) > 1:
            n = np.log([line["n"] for line in mine])
            slopes = {k: float(np.polyfit(n, np.log([line[k] for line in mine]), 1)[0]) for k in CLOCKS}
            slopes = {k: round(slope, 3) for k, slope in slopes.items()}
            print(json.dumps({"stage": stage, "exponent": slopes, "allowed": ALLOWED.get(stage)}))


def curve(work: Path, n_topics: int | None) -> None:
    """Print how similar the topics of a sample, with the rest assigned to them, are to those of all passages."""
    from sklearn.metrics import adjusted_rand_score as ari

    from topiclib.topics.assignment import compute_centroids, nearest_centroid
    from topiclib.topics.fit import cluster_passages, make_projection
    from topiclib.topics.sampling import sample_if_large

    def recipe(seed: int) -> tl.Recipe:
        return tl.Recipe(seed=seed, n_topics=n_topics)

    vectors = np.load(sorted(work.glob("real-*.npy"))[-1])
    passages = pd.read_parquet(work / "real-passages.parquet").iloc[: len(vectors)]
    aligned = tl.align(passages, vectors, use_text=False)
    space = make_projection(tl.Recipe()).transform(aligned)
    whole = [cluster_passages(passages, aligned, recipe(seed)) for seed in range(3)]
    line = {"n": len(vectors), "topics": [len(set(found.tolist())) for found in whole]}
    again = nearest_centroid(space, *compute_centroids(space, whole[0]))[0]
    line |= {
        "ari": [round(ari(whole[0], other), 3) for other in whole[1:]],
        "placed_again": round(ari(whole[0], again), 3),
    }
    print(json.dumps(line), flush=True)
    for size in (n for n in (1_000, 3_000, 10_000, 30_000, 100_000) if n < len(vectors)):
        got, all_placed, numbers = [], [], []
        for seed in range(3):
            rows = sample_if_large(passages, max_size=size, seed=seed)
            found = cluster_passages(passages.iloc[rows], aligned[rows], recipe(seed))
            placed = nearest_centroid(space, *compute_centroids(space[rows], found))[0]
            all_placed.append(round(ari(whole[0], placed), 3))
            placed[rows] = found  # as in a run
            got.append(round(ari(whole[0], placed), 3))
            numbers.append(len(set(found.tolist())))
        line = {"sample": size, "topics": numbers, "ari": got, "mean": round(float(np.mean(got)), 3)}
        line = {**line, "sd": round(float(np.std(got, ddof=1)), 3), "ari_if_all_are_placed": all_placed}
        print(json.dumps(line), flush=True)


def picture(lines: list[dict], file: Path) -> None:
    """Draw seconds and peak memory over the number of passages."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), constrained_layout=True)
    for stage in dict.fromkeys(line["stage"] for line in lines if line["n"]):
        mine = [line for line in lines if line["stage"] == stage]
        for axis, name in zip(axes, ("seconds", "peak_mb"), strict=True):
            style = "o--" if any("extrapolated_from" in line for line in mine) else "o-"
            axis.plot([line["n"] for line in mine], [line[name] for line in mine], style, label=stage)
    for axis, name in zip(axes, ("seconds", "peak memory, MB"), strict=True):
        axis.set(xscale="log", yscale="log", xlabel="passages", ylabel=name)
    axes[1].legend(loc="upper left")
    figure.savefig(file, dpi=150)


if __name__ == "__main__":
    sys.exit(main())
