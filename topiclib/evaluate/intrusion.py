"""Intrusion tests of the topics by human coders: blind sheets that they fill in, and their scores.

Three tasks, all drawn by chance from everything that a topic has, not from its best: the odd word out, the odd passage
out (each within one language), and, across the languages, whether two passages speak of the same subject.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.compare.intervals import wilson_interval
from topiclib.evaluate import coding_sheets as blind

N_WORDS, N_PASSAGES = 5, 3

CHANCE_ACCURACY = {"words": 1 / (N_WORDS + 1), "passages": 1 / (N_PASSAGES + 1), "pairs": 0.5}

ALLOWED_ANSWERS = {"words": "123456", "passages": "1234", "pairs": "01"}

KEY_FILE = "key.csv"

INSTRUCTIONS = """Fill in the column "answer", alone; leave it empty where you cannot tell.
words     Five of the six words are of one subject. Which is not? 1 to 6
passages  Three of the four texts are on one subject. Which is not? 1 to 4
pairs     Are the Persian and the Arabic text on the same subject? 1 yes, 0 no

ستون answer را به‌تنهایی پر کنید؛ اگر نمی‌دانید خالی بگذارید.
words: پنج واژه از شش واژه از یک موضوع‌اند. کدام از آن نیست؟ ۱ تا ۶
passages: سه متن از چهار متن دربارهٔ یک موضوع است. کدام از آن نیست؟ ۱ تا ۴
pairs: آیا متن فارسی و متن عربی دربارهٔ یک موضوع‌اند؟ ۱ بله، ۰ خیر

املأ العمود answer وحدك، واتركه فارغا إن لم تعرف.
words: خمس من الكلمات الست من موضوع واحد. أيها ليست منه؟ 1 إلى 6
passages: ثلاثة من النصوص الأربعة عن موضوع واحد. أيها ليس منه؟ 1 إلى 4
pairs: هل النص الفارسي والنص العربي عن موضوع واحد؟ 1 نعم، 0 لا
"""

KEY_COLUMNS = ["item", "task", "lang", "topic", "right"]


def sample_items(
    tables: Mapping[str, pd.DataFrame], *, n_per_topic: int = 2, seed: int = 0
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Draw the items of all tasks.

    Parameters
    ----------
    tables
        Needs `passages`, `assignments` and `keywords`.
    per_topic
        Items a topic of the passages' and pairs' tasks; a topic's words in a language are one item.
    seed
        Of the draw.

    Returns
    -------
    sheets
        By task: "words" (item, lang, 1 to 6, answer: the odd one), "passages" (item, lang, 1 to 4, answer: the odd
        one), "pairs" (item, fa, ar, answer: 1 for the same subject, 0 for another). Items are in a random order.
    key
        One row an item: item, task, lang, topic, right (the answer by the model). For the researcher alone.

    Raises
    ------
    ValueError
        If there are fewer than two topics: there is nothing to be odd.

    Notes
    -----
    An odd word is among the first five of another topic, and not among the words of this one. Passages of an item are
    of different articles. Pairs are half of one topic and half of two (the distractors).
    Source: Chang et al. 2009, "Reading tea leaves: how humans interpret topic models"; Lau, Newman and Baldwin 2014.
    """
    random = np.random.default_rng(seed)
    texts = _passages_with_topic(tables)
    if texts["topic"].nunique() < 2:
        raise ValueError(f"the run has {texts['topic'].nunique()} topics: sheets need at least two")
    items = [_word_items(tables["keywords"], random)]
    items += [_passage_items(texts, random, lang=lang, per_topic=n_per_topic) for lang in schema.LANGUAGES]
    items.append(_pair_items(texts, random, per_topic=n_per_topic))
    rows = [row for part in items for row in part]
    rows = [rows[i] for i in random.permutation(len(rows))]
    sheets, key = {}, []
    for task in CHANCE_ACCURACY:
        mine = [row for row in rows if row["task"] == task]
        for number, row in enumerate(mine, start=1):
            row["item"] = f"{task}-{number:03}"
        key += [{name: row[name] for name in KEY_COLUMNS} for row in mine]
        if mine:
            columns = ["item", *(["lang"] if task != "pairs" else []), *mine[0]["shown"]]
            shown = [{"item": row["item"], "lang": row["lang"], **row["shown"]} for row in mine]
            sheets[task] = pd.DataFrame(shown)[columns].assign(answer="", note="")
    return sheets, pd.DataFrame(key, columns=KEY_COLUMNS)


def write_intrusion_sheets(
    sheets: Mapping[str, pd.DataFrame], key: pd.DataFrame, folder: str | Path, *, coders: int = 2
) -> list[Path]:
    """Write `TASK.coderN.csv` for each coder, `instructions.txt` and `key.csv`; return their paths, the key last.

    A sheet is a CSV with a mark that tells spreadsheets its encoding; each text in it is isolated right to left.

    Raises
    ------
    FileExistsError
        If one is there already: nobody's coding is overwritten.
    """
    texts = [*"123456", "fa", "ar"]
    return blind.write_sheets(sheets, key, folder, texts=texts, instructions=INSTRUCTIONS, coders=coders)


def read_intrusion_sheets(files: Sequence[str | Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read filled sheets, CSV as a spreadsheet saves it (commas, semicolons or tabs), and the key beside them.

    Returns
    -------
    key, answers
        The key, and (items, coders) the answers as text, NaN where there is none, in the key's order. Sheets with the
        same coderN in their names are one coder's.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file or the key is missing, an item is not in the key, an answer is none of those allowed, a coder
        answers an item twice, or nothing is answered.
    """
    paths = [Path(file) for file in files]
    folders = sorted({path.parent for path in paths})
    if len(folders) != 1 or not (folders[0] / KEY_FILE).is_file():
        raise FileNotFoundError(
            f"no {KEY_FILE} beside the sheets: name the filled sheets in the folder that has their key"
        )
    key = pd.read_csv(folders[0] / KEY_FILE, dtype=str, keep_default_na=False)
    return key, blind.read_sheets(paths, "answer", key.set_index("item")["task"].map(ALLOWED_ANSWERS))


def score_intrusion_sheets(key: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Score filled sheets: how often coders agree with the model, and with each other.

    Parameters
    ----------
    key, answers
        As `read_intrusion_sheets` returns them.

    Returns
    -------
    DataFrame
        One row a task and language, and the two halves of the pairs: task, lang, items (answered), coders, accuracy
        (mean over items of the part of coders who are right) with Wilson's 95 % interval low and high, chance, alpha
        (Krippendorff's) with alpha_low and alpha_high; NaN with one coder.
    """
    right = answers.eq(key["right"].to_numpy(), axis=0).where(answers.notna()).astype(float).mean(axis=1).to_numpy()
    name = key["task"].to_numpy(dtype=object)
    halves = np.where(key["right"] == "1", "pairs, one topic", "pairs, two topics")
    kinds = sorted(set(zip(key["task"], key["lang"], strict=True)))
    groups = [(task, lang, (name == task) & (key["lang"] == lang).to_numpy()) for task, lang in kinds]
    groups += [(half, "", (name == "pairs") & (halves == half)) for half in np.unique(halves)]
    rows = []
    for task, lang, inside in groups:
        inside = inside & ~np.isnan(right)
        if not inside.any():
            continue
        mean, n = right[inside].mean(), int(inside.sum())
        low, high = wilson_interval(np.array([mean]), n)
        coded = answers[inside].dropna(axis=1, how="all")
        alpha = blind.agreement(coded) if "," not in task else {}
        chance = CHANCE_ACCURACY[task.partition(",")[0]]
        row = [task, lang, n, coded.shape[1], float(mean), float(low[0]), float(high[0]), chance]
        rows.append([*row, *(alpha.get(value, float("nan")) for value in ("alpha", "low", "high"))])
    columns = ["task", "lang", "items", "coders", "accuracy", "low", "high", "chance"]
    return pd.DataFrame(rows, columns=[*columns, "alpha", "alpha_low", "alpha_high"])


def _passages_with_topic(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return text, doc_id, lang and topic of the body passages that have a topic."""
    known = tables["assignments"].query("topic >= 0")[["passage_id", "topic"]]
    texts = tables["passages"].merge(known, on="passage_id")
    return texts[texts["kind"] == "body"] if (texts["kind"] == "body").any() else texts


def _word_items(keywords: pd.DataFrame, random: np.random.Generator) -> list[dict]:
    items = []
    for lang, words in keywords.sort_values("rank").groupby("lang", sort=True):
        of = {topic: part["word"].tolist() for topic, part in words.groupby("topic", sort=True)}
        for topic, mine in of.items():
            others = [word for other, theirs in of.items() if other != topic for word in theirs[:N_WORDS]]
            odd = [word for word in others if word not in mine]
            if len(mine) >= N_WORDS and odd:
                items.append(_odd_one_out("words", lang, topic, mine[:N_WORDS], str(random.choice(odd)), random))
    return items


def _passage_items(texts: pd.DataFrame, random: np.random.Generator, *, lang: str, per_topic: int) -> list[dict]:
    texts = texts[texts["lang"] == lang]
    items = []
    for topic, mine in texts.groupby("topic", sort=True):
        others = texts[texts["topic"] != topic]
        for _ in range(per_topic):
            drawn = mine.iloc[random.permutation(len(mine))].drop_duplicates("doc_id")[:N_PASSAGES]
            odd = others[~others["doc_id"].isin(drawn["doc_id"])]
            if len(drawn) == N_PASSAGES and len(odd):
                chosen = odd["text"].iloc[random.integers(len(odd))]
                items.append(_odd_one_out("passages", lang, topic, drawn["text"].tolist(), chosen, random))
    return items


def _pair_items(texts: pd.DataFrame, random: np.random.Generator, *, per_topic: int) -> list[dict]:
    sides = {lang: dict(iter(texts[texts["lang"] == lang].groupby("topic"))) for lang in schema.LANGUAGES}
    shared = sorted(set(sides["fa"]) & set(sides["ar"]))
    items = []
    for topic in shared:
        elsewhere = [other for other in shared if other != topic]
        for other, right in [(topic, "1")] * per_topic + [(None, "0")] * per_topic * bool(elsewhere):
            second = random.choice(elsewhere) if other is None else other
            pair = [sides[lang][t] for lang, t in (("fa", topic), ("ar", second))]
            fa, ar = (part["text"].iloc[random.integers(len(part))] for part in pair)
            items.append({"task": "pairs", "lang": "", "topic": topic, "right": right, "shown": {"fa": fa, "ar": ar}})
    return items


def _odd_one_out(task: str, lang: str, topic: int, own: list[str], odd: str, random: np.random.Generator) -> dict:
    """Return an item that shows the topic's own and the odd one in a random order."""
    order = random.permutation(len(own) + 1)
    shown = {str(place): [*own, odd][i] for place, i in enumerate(order, start=1)}
    right = str(int(np.flatnonzero(order == len(own))[0]) + 1)
    return {"task": task, "lang": lang, "topic": topic, "right": right, "shown": shown}
