"""Half-spaces are restored where a document shows that it lost them, and nowhere else."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib import make_passages
from topiclib.text import DEFAULT_LEXICON, normalize

Z = "\u200c"
LOST = "مردم میگویند که {} و گروههای دیگر نمیدانند"
KEPT = "مردم می_گویند که {} و گروه_های دیگر این را نمی_دانند".replace("_", Z)

# Words that look like a stem and an ending: whole words, their plurals and adjectives, and names.
WHOLE = """
میدان میزان میلیون میراث تنها انتها بهتر بیشتر آنها اینکه باکتری دکتر
مادر کشور برجام کوبا لاوروف درباره خانه همه همین رایزنی پاکستان
افغانستان زمستان آلمان پیمان خواهان
میدانی میزانی میهمانی میزبانی میزبانند متهمان حاکمان معلمان مترجمان قهرمان درنهایت
تنهاست تنهایند آنهاست هایی هایش کلانتری پیشگاه پژوهشگاه دانشگاه زیارتگاه کردهای
بیجار بیرجند بهبهان بهروز کاسترو پیترو آنتونی آندره آنروا علیخانی علیزاده علیپور چالداران تکریم شبهات
میرسلیم بیرامی ایرانشهر پیشخوان شعبده گرانیت باختران بیانجامد بیدارند راهداری بخشدار پرچمدار پیشبرد فیها
"""


@pytest.mark.parametrize("word", WHOLE.split())
def test_whole_words_and_names_are_unchanged(word: str) -> None:
    for text in (word, LOST, KEPT):
        assert word in normalize(text.format(word), "fa").split()


# Also written as one word: repaired only where the document has lost its half-spaces.
EITHER = {
    "مهمترین": "مهم_ترین",
    "سریعتر": "سریع_تر",
    "همزمان": "هم_زمان",
    "گفتوگو": "گفت_وگو",
    "دستشان": "دست_شان",
    "علیرغم": "علی_رغم",
    "پیامرسان": "پیام_رسان",
    "کتابنویس": "کتاب_نویس",
    "بیکیفیت": "بی_کیفیت",
    "همانگونه": "همان_گونه",
    "بینالملل": "بین_الملل",
    "بینهایت": "بی_نهایت",
}


@pytest.mark.parametrize(("joined", "separate"), EITHER.items())
def test_the_document_decides_on_words_that_are_also_written_as_one(joined: str, separate: str) -> None:
    separate = separate.replace("_", Z)
    assert separate in normalize(LOST.format(joined), "fa").split()
    assert joined in normalize(KEPT.format(joined), "fa").split()
    assert normalize(joined, "fa") == joined  # a headline shows nothing


@pytest.mark.parametrize(
    ("joined", "separate"),
    [("میکنند", "می_کنند"), ("گروههای", "گروه_های"), ("رسیدهاند", "رسیده_اند"), ("سرمایهگذاری", "سرمایه_گذاری")],
)
def test_words_never_written_as_one_are_repaired_in_any_document(joined: str, separate: str) -> None:
    for text in ("{}", LOST, KEPT):
        assert separate.replace("_", Z) in normalize(text.format(joined), "fa").split()


def test_a_sentence_of_fifteen_words_without_a_half_space_has_lost_them() -> None:
    sentence = "رئیس دولت دیروز در تهران گفت که مهمترین خبر این هفته سفر همزمان دو وزیر به وین است"
    assert normalize(sentence, "fa") == sentence.replace("مهمترین", f"مهم{Z}ترین").replace("همزمان", f"هم{Z}زمان")
    shorter = sentence.removeprefix("رئیس دولت دیروز در تهران ")
    assert normalize(shorter, "fa") == shorter


def test_passages_follow_their_document_and_no_other() -> None:
    sentence = "بزرگترین خبر امروز سفر همزمان رئیس و مهمترین وزیر دولت به تهران است. "
    lost, kept = (sentence * 4 + "\n" + text.format("ما") for text in (LOST, KEPT))
    frame = pd.DataFrame({"doc_id": ["lost", "kept"], "text": [lost, kept]})
    together = make_passages(frame, max_words=30)
    alone = pd.concat([make_passages(frame[frame["doc_id"] == doc_id], max_words=30) for doc_id in frame["doc_id"]])
    assert together["text"].tolist() == alone["text"].tolist()
    first = together.groupby("doc_id")["text"].first()
    assert f"هم{Z}زمان" in first["lost"]
    assert "همزمان" in first["kept"]
    assert DEFAULT_LEXICON.repair("همزمان میکنند") == f"هم{Z}زمان می{Z}کنند", "another document must not decide"


def test_words_separated_by_a_space_are_not_joined() -> None:
    text = "این می تواند در آن کشور ها به ما و به او که ای کاش"
    assert normalize(text, "fa") == text


def test_spaces_that_replaced_every_half_space_are_joined() -> None:
    text = "او می رود و می آید و نمی گوید که تحریم ها می ماند"
    assert normalize(text, "fa") == "او می_رود و می_آید و نمی_گوید که تحریم_ها می_ماند".replace("_", Z)


def test_a_name_after_a_spaced_verb_prefix_is_not_joined() -> None:
    text = "او می رود و می آید و نمی گوید که خانم می با دولت می ماند"
    assert normalize(text, "fa") == "او می_رود و می_آید و نمی_گوید که خانم می با دولت می_ماند".replace("_", Z)


words = st.sampled_from([*WHOLE.split(), *EITHER, "میکند", "گروهها", f"می{Z}شود", f"خانه{Z}ها", "می", "رود", "ها", "و"])


@settings(max_examples=200)
@given(st.lists(words, max_size=12).map(" ".join))
def test_repairing_twice_changes_nothing(text: str) -> None:
    once = normalize(text, "fa")
    assert normalize(once, "fa") == once
