"""Intrusion tests of topics by human coders: blind sheets to fill in, and their scores.

Three tasks: word intrusion and passage intrusion, each within one language, and whether two passages in different
languages are on the same subject. Passages are sampled from the whole topic, not from its most typical ones.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.compare.intervals import wilson_interval
from topiclib.evaluate import coding_sheets

N_WORDS, N_PASSAGES = 5, 3

CHANCE_ACCURACY = {"words": 1 / (N_WORDS + 1), "passages": 1 / (N_PASSAGES + 1), "pairs": 0.5}

ALLOWED_ANSWERS = {"words": "123456", "passages": "1234", "pairs": "01"}

KEY_FILE = "key.csv"

KEY_COLUMNS = ["item", "task", "lang", "topic", "right"]


def sample_items(
    tables: Mapping[str, pd.DataFrame], *, n_per_topic: int = 2, seed: int = 0
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Sample the items of all tasks.

    Parameters
    ----------
    tables
        Needs `passages`, `assignments` and `keywords`.
    n_per_topic
        Items per topic in tasks "passages" and "pairs"; in "words" a topic has one item for each language.

    Returns
    -------
    sheets
        By task: "words" (item, lang, 1 to 6, answer, note; the answer is the intruder), "passages" (item, lang, 1 to 4,
        answer, note), "pairs" (item, fa, ar, answer, note; 1 for the same subject, 0 for another). In random order.
    key
        One row per item: item, task, lang, topic, right (the model's answer). Not to be shown to coders.

    Notes
    -----
    An intruding word is among the first five of another topic, and not among the words of this one. The passages of an
    item are of different articles. Half of the pairs are from one topic, half from two.

    References
    ----------
    Chang et al. 2009, "Reading tea leaves: how humans interpret topic models"; Lau, Newman and Baldwin 2014.
    """
    rng = np.random.default_rng(seed)
    texts = _passages_with_topic(tables)
    if texts["topic"].nunique() < 2:
        raise ValueError(f"the run has {texts['topic'].nunique()} topics: sheets need at least two")
    items = _word_items(tables["keywords"], rng)
    for lang in schema.LANGUAGES:
        items += _passage_items(texts, rng, lang=lang, n_per_topic=n_per_topic)
    items += _pair_items(texts, rng, n_per_topic=n_per_topic)
    items = [items[i] for i in rng.permutation(len(items))]
    sheets, key = {}, []
    for task in CHANCE_ACCURACY:
        of_task = [item for item in items if item["task"] == task]
        rows = []
        for number, item in enumerate(of_task, start=1):
            item["item"] = f"{task}-{number:03}"
            language = {} if task == "pairs" else {"lang": item["lang"]}
            rows.append({"item": item["item"], **language, **item.pop("shown"), "answer": "", "note": ""})
        key += of_task
        if rows:
            sheets[task] = pd.DataFrame(rows)
    return sheets, pd.DataFrame(key, columns=KEY_COLUMNS)


def write_intrusion_sheets(
    sheets: Mapping[str, pd.DataFrame], key: pd.DataFrame, folder: str | Path, *, coders: int = 2
) -> list[Path]:
    """Write `TASK.coderN.csv` for each coder, `instructions.txt` and `key.csv` (`coding_sheets.write_sheets`)."""
    instructions = coding_sheets.INSTRUCTIONS["intrusion"]
    texts = [*"123456", "fa", "ar"]
    return coding_sheets.write_sheets(sheets, key, folder, texts=texts, instructions=instructions, coders=coders)


def read_intrusion_sheets(files: Sequence[str | Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read filled sheets, as CSV with commas, semicolons or tabs, and the key in the same folder.

    Returns
    -------
    key, answers
        The key; and the answers, as `coding_sheets.read_sheets` returns them.
    """
    paths = [Path(file) for file in files]
    folders = sorted({path.parent for path in paths})
    if len(folders) != 1 or not (folders[0] / KEY_FILE).is_file():
        raise FileNotFoundError(
            f"no {KEY_FILE} beside the sheets: pass filled sheets that are in one folder, with their key"
        )
    key = pd.read_csv(folders[0] / KEY_FILE, dtype=str, keep_default_na=False)
    return key, coding_sheets.read_sheets(paths, "answer", key.set_index("item")["task"].map(ALLOWED_ANSWERS))


def score_intrusion_sheets(key: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Score the key and answers of `read_intrusion_sheets`: agreement of coders with the model and with each other.

    Returns
    -------
    DataFrame
        One row for each task and language, and for pairs of one and of two topics: task, lang, items (answered),
        coders, accuracy (mean over items of the share of coders who agree with the model) with Wilson's 95 % interval
        low and high, chance, Krippendorff's alpha with alpha_low and alpha_high (NaN with one coder).
    """
    right = answers.eq(key["right"].to_numpy(), axis=0).where(answers.notna()).astype(float).mean(axis=1).to_numpy()
    tasks = key["task"].to_numpy(dtype=object)
    halves = np.where(key["right"] == "1", "pairs, one topic", "pairs, two topics")
    pairs = sorted(set(zip(key["task"], key["lang"], strict=True)))
    groups = [(task, lang, (tasks == task) & (key["lang"] == lang).to_numpy()) for task, lang in pairs]
    groups += [(half, "", (tasks == "pairs") & (halves == half)) for half in np.unique(halves)]
    rows = []
    for task, lang, mask in groups:
        answered = mask & ~np.isnan(right)
        if not answered.any():
            continue
        mean, n = right[answered].mean(), int(answered.sum())
        low, high = wilson_interval(mean, n)
        coded = answers[answered].dropna(axis=1, how="all")
        alpha = coding_sheets.agreement(coded) if "," not in task else {}
        chance = CHANCE_ACCURACY[task.partition(",")[0]]
        scores = [task, lang, n, coded.shape[1], float(mean), float(low), float(high), chance]
        rows.append([*scores, *(alpha.get(name, float("nan")) for name in ("alpha", "low", "high"))])
    columns = ["task", "lang", "items", "coders", "accuracy", "low", "high", "chance"]
    return pd.DataFrame(rows, columns=[*columns, "alpha", "alpha_low", "alpha_high"])


def _passages_with_topic(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the body passages that have a topic, with the topic."""
    topics = tables["assignments"].query("topic >= 0")[["passage_id", "topic"]]
    texts = tables["passages"].merge(topics, on="passage_id")
    return texts[texts["kind"] == "body"] if (texts["kind"] == "body").any() else texts


def _word_items(keywords: pd.DataFrame, rng: np.random.Generator) -> list[dict]:
    items = []
    for lang, words in keywords.sort_values("rank").groupby("lang", sort=True):
        by_topic = {topic: rows["word"].tolist() for topic, rows in words.groupby("topic", sort=True)}
        for topic, own in by_topic.items():
            others = [word for other in by_topic if other != topic for word in by_topic[other][:N_WORDS]]
            intruders = [word for word in others if word not in own]
            if len(own) >= N_WORDS and intruders:
                items.append(_odd_one_out("words", lang, topic, own[:N_WORDS], str(rng.choice(intruders)), rng))
    return items


def _passage_items(texts: pd.DataFrame, rng: np.random.Generator, *, lang: str, n_per_topic: int) -> list[dict]:
    texts = texts[texts["lang"] == lang]
    items = []
    for topic, in_topic in texts.groupby("topic", sort=True):
        others = texts[texts["topic"] != topic]
        for _ in range(n_per_topic):
            own = in_topic.iloc[rng.permutation(len(in_topic))].drop_duplicates("doc_id")[:N_PASSAGES]
            intruders = others[~others["doc_id"].isin(own["doc_id"])]
            if len(own) == N_PASSAGES and len(intruders):
                intruder = intruders["text"].iloc[rng.integers(len(intruders))]
                items.append(_odd_one_out("passages", lang, topic, own["text"].tolist(), intruder, rng))
    return items


def _pair_items(texts: pd.DataFrame, rng: np.random.Generator, *, n_per_topic: int) -> list[dict]:
    sides = {lang: dict(iter(texts[texts["lang"] == lang].groupby("topic"))) for lang in schema.LANGUAGES}
    shared = sorted(set(sides["fa"]) & set(sides["ar"]))
    items = []
    for topic in shared:
        others = [other for other in shared if other != topic]
        for right in "1" * n_per_topic + "0" * n_per_topic * bool(others):
            second = topic if right == "1" else rng.choice(others)
            pair = sides["fa"][topic], sides["ar"][second]
            fa, ar = (side["text"].iloc[rng.integers(len(side))] for side in pair)
            items.append({"task": "pairs", "lang": "", "topic": topic, "right": right, "shown": {"fa": fa, "ar": ar}})
    return items


def _odd_one_out(task: str, lang: str, topic: int, own: list[str], odd: str, rng: np.random.Generator) -> dict:
    """Return an item that shows the topic's own texts and the odd one in random order."""
    order = rng.permutation(len(own) + 1)
    shown = {str(number): [*own, odd][i] for number, i in enumerate(order, start=1)}
    right = str(int(np.flatnonzero(order == len(own))[0]) + 1)
    return {"task": task, "lang": lang, "topic": topic, "right": right, "shown": shown}
