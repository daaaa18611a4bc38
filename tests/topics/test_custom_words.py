"""A researcher's own stop words and protected names, in keywords and contrasts."""

import numpy as np
import pandas as pd
import pytest

from topiclib.compare.contrasts import word_contrasts
from topiclib.topics.custom_words import CustomWords
from topiclib.topics.keywords import count_words, rank_keywords


def keywords(texts: list[str], lang: str, **words: tuple[str, ...]) -> set[str]:
    custom = CustomWords(**words)
    passages = pd.DataFrame({"text": texts, "lang": lang, "doc_id": [f"d{i}" for i in range(len(texts))]})
    counts = count_words(passages, np.zeros(len(texts), dtype=int), custom)
    return set(rank_keywords(*counts, custom)["word"])


@pytest.mark.parametrize(
    ("lang", "stop_word", "texts", "left"),
    [
        ("fa", "دولت", ["دولت‌ها نفت", "دولت نفت"], {"نفت"}),
        ("fa", "دولت‌ها", ["دولت نفت", "دولت‌ها نفت"], {"نفت"}),
        ("ar", "الشركة", ["الشركات والنفط", "شركة النفط"], {"نفط"}),
        ("ar", "شركات", ["الشركات والنفط", "شركة النفط"], {"نفط"}),
        ("ar", "دولت", ["الدول والنفط"], {"دول", "نفط"}),  # a Persian word, that Arabic could read as another one
    ],
)
def test_a_stop_word_goes_in_all_its_forms_and_takes_no_other_word_with_it(lang, stop_word, texts, left):
    assert left < keywords(texts, lang) or left == keywords(texts, lang)
    assert keywords(texts, lang, stop_words=(stop_word,)) == left


@pytest.mark.parametrize(
    ("lang", "name", "text"),
    [
        ("ar", "حزب الله", "وقال حزب الله إن لحزب الله موقفا"),
        ("fa", "قره باغ", "جنگ قره‌باغ و قره باغ"),
        ("fa", "قره‌باغ", "جنگ قره باغ بود"),
        ("fa", "مدرسی", "مدرسی به تهران رفت"),
        ("ar", "بدر", "زار بدر المدينة"),
        ("fa", "حزب الله", "حزب الله لبنان"),
    ],
)
def test_a_protected_name_is_one_word_as_it_is_written(lang, name, text):
    found = keywords([text], lang, protect=(name,))
    assert name in found
    assert not set(name.replace("\u200c", " ").split()) & (found - {name})


def test_a_longer_name_wins_and_the_rest_of_the_text_stays():
    text = "سپاه پاسداران انقلاب و سپاه در تهران"
    found = keywords([text], "fa", protect=("سپاه", "سپاه پاسداران"))
    assert {"سپاه", "سپاه پاسداران", "انقلاب", "تهران"} <= found and "پاسداران" not in found
    assert keywords([text], "fa") == keywords([text], "fa", protect=("چیز دیگر",))


def test_contrasts_have_neither_stop_words_nor_halves_of_names():
    texts = ["حزب الله نفت دولت", "حزب الله گاز دولت"]
    rows = [(f"p{side}{i}", f"d{side}", "fa", texts[side]) for side in (0, 1) for i in range(6)]
    passages = pd.DataFrame(rows, columns=["passage_id", "doc_id", "lang", "text"])
    labels = passages[["passage_id"]].assign(key="oil")
    sides = pd.Series({"d0": "A", "d1": "B"})
    words = CustomWords(stop_words=("دولت",), protect=("حزب الله",))
    assert set(word_contrasts(passages, labels, sides, words=words)["word"]) == {"حزب الله", "نفت", "گاز"}
