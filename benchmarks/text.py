"""Compare `topiclib.text` with other libraries that do the same tasks.

    python benchmarks/text.py --data ../shared/data

Rules were chosen on rows whose id has an even SHA-256; everything is counted on the odd ones unless a row says "all".
Libraries that are not installed are reported as such. To compare (some are GPL: never dependencies):
`pip install py3langid pycld2 pysbd hazm python-negar parsivar shekar`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import random
import re
import textwrap
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from topiclib.corpus.passages import make_passages, split_passages
from topiclib.text import Lexicon, analyze, clean, identify_language, normalize, split_sentences
from topiclib.text.paragraphs import restore_paragraphs

ZWNJ = "\u200c"
SENTENCES = "sib200_fa_ar_en.traindev"
TO_ARABIC_KEYS, TO_PERSIAN_KEYS = str.maketrans("یک", "يك"), str.maketrans("يك", "یک")


def read(data: Path, name: str) -> list[dict]:
    path = data / f"{name}.jsonl"
    if not path.exists():
        raise SystemExit(f"{path} is missing: give the folder that holds it with --data.")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def is_odd(row_id: str) -> bool:
    return int(hashlib.sha256(row_id.encode()).hexdigest(), 16) % 2 == 1


def libraries(makers: dict[str, Callable[[], Callable]]) -> dict[str, Callable | None]:
    """Return each library's function; None where the library is not installed or fails to load."""
    made: dict[str, Callable | None] = {}
    for name, maker in makers.items():
        try:
            made[name] = maker()
        except Exception as error:  # a foreign library may fail in any way: the table says so and goes on
            print(f"  ({name}: {type(error).__name__}: {str(error)[:70]})")
            made[name] = None
    return made


def table(title: str, rows: list[tuple]) -> None:
    print(f"\n{title}")
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


# --- language ---------------------------------------------------------------------------------------------------------


def language_rows(data: Path) -> list[tuple[str, str, str]]:
    """Return (id, language, text): sentences, the openings of news articles, and their headlines."""
    rows = []
    for name in ("sib200_fa_ar_en.traindev", "ntrex_segments_fa_ar_en.dev", "tico19_fa_ar_en"):
        for row in read(data, name):
            rows.append((row["id"], row["lang"] if row["lang"] in ("fa", "ar") else "other", row["text"]))
    for name in ("isna_fa", "fars_fa.dev", "ant_ar.dev", "saudinewsnet_ar.dev"):
        for row in read(data, name):
            headline, _, body = row["text"].partition("\n")
            rows += [(row["id"], row["lang"], headline), (row["id"], row["lang"], body.replace("\n", " ")[:250])]
    for row in read(data, "ntrex_other_languages.dev"):
        rows.append((row["id"], "fa" if row["lang"] == "prs" else "other", row["text"]))
    return [row for row in rows if row[2].strip()]


def _py3langid() -> Callable:
    module = importlib.import_module("py3langid")
    return lambda text: {"fa": "fa", "ar": "ar"}.get(module.classify(text)[0], "other")


def _pycld2() -> Callable:
    module = importlib.import_module("pycld2")
    return lambda text: {"fa": "fa", "ar": "ar"}.get(module.detect(text.encode("utf-8", "ignore"))[2][0][1], "other")


def measure_language(data: Path) -> None:
    tools = {"topiclib": identify_language, **libraries({"pycld2": _pycld2, "py3langid": _py3langid})}
    rows = [row for row in language_rows(data) if is_odd(row[0])]
    swapped = [(i, lang, text.translate(TO_ARABIC_KEYS if lang == "fa" else TO_PERSIAN_KEYS)) for i, lang, text in rows]
    jobs = {
        "50-300 characters": [row for row in rows if 50 <= len(row[2]) <= 300],
        "under 50": [row for row in rows if len(row[2]) < 50],
        "cut at 45": [(i, lang, text[:45].rsplit(" ", 1)[0]) for i, lang, text in rows if len(text) >= 50],
        "the other's ي/ك, 50-300": [row for row in swapped if 50 <= len(row[2]) <= 300 and row[1] != "other"],
    }
    out: list[tuple] = [("job", "language", "n", *tools)]
    for job, cases in jobs.items():
        for lang in ("fa", "ar", "other"):
            texts = [text for _, row_lang, text in cases if row_lang == lang]
            if texts:
                right = [sum(tool(text) == lang for text in texts) if tool else None for tool in tools.values()]
                shares = ["not installed" if n is None else f"{100 * n / len(texts):.2f}" for n in right]
                out.append((job, lang, len(texts), *shares))
    table("Language, % right", out)


# --- lost half-spaces -------------------------------------------------------------------------------------------------


def places(text: str) -> tuple[set[int], set[int]]:
    """Return after which letters (counted without anything else) a half-space stands, and after which a space."""
    half, space, letters = set(), set(), 0
    for char in text:
        if char == ZWNJ:
            half.add(letters)
        elif char.isspace():
            space.add(letters)
        elif char.isalpha():
            letters += 1
    return half - space, space


def repair_score(repair: Callable[[str], str], texts: Iterable[str]) -> tuple[str, str, str, int]:
    right = wrong = missed = joined = 0
    for text in texts:
        half, space = places(text)
        found, spaces_left = places(repair(text.replace(ZWNJ, "")))
        right, wrong, missed = right + len(half & found), wrong + len(found - half), missed + len(half - found)
        joined += len(space - spaces_left)
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    return f"{2 * precision * recall / max(1e-9, precision + recall):.3f}", f"{precision:.3f}", f"{recall:.3f}", joined


def measure_half_spaces(data: Path) -> None:
    def hazm() -> Callable:
        return importlib.import_module("hazm").Normalizer().normalize

    def negar() -> Callable:
        editor = importlib.import_module("negar.virastar").PersianEditor
        return lambda text: editor(text).cleanup()

    def parsivar() -> Callable:
        return importlib.import_module("parsivar").Normalizer().normalize

    def shekar() -> Callable:
        return importlib.import_module("shekar").Normalizer()

    learnt = Lexicon.from_texts(row["text"] for row in read(data, "tico19_fa_ar_en") if row["lang"] == "fa")
    tools = {
        "topiclib": lambda text: normalize(text, "fa"),
        "topiclib, forms learnt from TICO": lambda text: normalize(text, "fa", learnt),
        **libraries({"negar": negar, "hazm": hazm, "shekar": shekar, "parsivar": parsivar}),
    }
    out: list[tuple] = [("every half-space deleted", "F1", "precision", "recall", "spaces lost")]
    for name in ("fars_fa.dev", "isna_fa", "labelled_news_fa_ar.dev", "ntrex_docs_fa_ar_en.dev", SENTENCES):
        rows = [row for row in read(data, name) if row["lang"] == "fa"]
        texts = {row["id"]: normalize(clean(row["text"]), "fa", None) for row in rows}
        if name != SENTENCES:  # a document that has few half-spaces says nothing about where they belong
            texts = {i: text for i, text in texts.items() if text.count(ZWNJ) >= max(5, 0.03 * len(text.split()))}
        for part, ids in (("odd rows", list(filter(is_odd, texts))), ("all rows", list(texts))):
            for tool, repair in tools.items():
                result = repair_score(repair, map(texts.get, ids)) if repair else ("not installed", "", "", "")
                out.append((f"{name}: {tool}, {part} ({len(ids)})", *result))
    table("Lost half-spaces", out)


# --- sentences --------------------------------------------------------------------------------------------------------


def boundaries(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    counts = [0]
    for char in text:
        counts.append(counts[-1] + (not char.isspace()))
    return {counts[end] for _, end in spans}


def found_in(text: str, parts: Iterable[str]) -> list[tuple[int, int]]:
    spans, start = [], 0
    for part in parts:
        start = max(text.find(part.strip(), start), start)
        spans.append((start, start + len(part.strip())))
        start = spans[-1][1]
    return spans


def measure_sentences(data: Path) -> None:
    def simplemma() -> Callable:
        module = importlib.import_module("simplemma")
        return lambda text, lang: found_in(text, module.split_sentences(text))

    def pysbd() -> Callable:
        module = importlib.import_module("pysbd")
        tools = {lang: module.Segmenter(language=lang, clean=False) for lang in ("fa", "ar")}
        return lambda text, lang: found_in(text, tools[lang].segment(text))

    tools = {"topiclib": split_sentences, **libraries({"simplemma": simplemma, "pysbd": pysbd})}
    out: list[tuple] = [("NTREX documents, segments joined by a space", "documents", *tools)]
    rows = read(data, "ntrex_segments_fa_ar_en.dev")
    for lang in ("fa", "ar"):
        for which in ("odd", "all"):
            for marked in (False, True):
                documents: dict[str, list[str]] = defaultdict(list)
                for row in rows:
                    if row["lang"] == lang and (which == "all" or is_odd(row["doc_id"])):
                        documents[row["doc_id"]].append(row["text"].strip())
                scores = [
                    boundary_score(tool, documents.values(), lang, marked=marked) if tool else "not installed"
                    for tool in tools.values()
                ]
                label = "of boundaries with a mark" if marked else "of all boundaries"
                out.append((f"{lang}, {which}: F1 {label}", len(documents), *scores))
    table("Sentence boundaries (many segments are headlines without a full stop)", out)


def boundary_score(tool: Callable, documents: Iterable[list[str]], lang: str, *, marked: bool) -> str:
    right = wrong = missed = 0
    for segments in documents:
        text = " ".join(segments)
        ends, unmarked, length = set(), set(), 0
        for segment in segments:
            length += len(re.sub(r"\s", "", segment))
            ends.add(length)
            if marked and segment[-1] not in ".!?؟…\"'»”)":
                unmarked.add(length)
        found = boundaries(text, tool(text, lang))
        right += len((ends - unmarked) & found)
        wrong += len(found - ends)
        missed += len(ends - unmarked - found)
    return f"{2 * right / (2 * right + wrong + missed):.4f}"


# --- words kept -------------------------------------------------------------------------------------------------------

# Lines that stand around or between the paragraphs of an article, with the same meaning in both languages.
FURNITURE = {
    "none": ("", ""),
    "a line about wages": ("تمامی حقوق این کارگران باید پرداخت شود", "جميع حقوق هؤلاء العمال يجب أن تدفع"),
    "a sentence": ("نمایندگان در جلسه یارانه نان را بررسی کردند", "بحث النواب في جلسة أمس دعم الخبز في المدن"),
    "photo": ("عکس: دیدار وزیران در تهران", "صورة: لقاء الوزراء في طهران"),
    "photo credit": ("دیدار وزیران در تالار شهر (رویترز)", "لقاء الوزراء في قاعة المدينة (رويترز)"),
    "copyright": ("کلیه حقوق مادی و معنوی این سایت محفوظ است", "جميع الحقوق محفوظة لموقع الأخبار"),
    "more to read": ("بیشتر بخوانید: خبر دیگر روز", "اقرأ أيضا: خبر آخر من اليوم"),
    "heading": ("در آستانه امضای معاهده", "على أعتاب توقيع المعاهدة"),
    "hashtags": ("#برجام_نه #تحریم @kanal t.me/kanal", "#الاتفاق_النووي #العقوبات @qanat t.me/qanat"),
}
LAYOUTS = {
    "one sentence a line": lambda lines: lines,
    "without full stops": lambda lines: [line.rstrip(".؟!") for line in lines],
    "wrapped at 68": lambda lines: [part for line in lines for part in textwrap.wrap(line, 68)],
}


def measure_words(data: Path) -> None:
    """Print the share of the words of the NTREX documents (translations) that passages keep, not of what was added."""
    documents: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in read(data, "ntrex_segments_fa_ar_en.dev"):
        documents[row["lang"], row["doc_id"]].append(row["text"].strip())
    out: list[tuple] = [("added after each second sentence", "layout", "fa %", "ar %")]
    for name, lines in FURNITURE.items():
        for layout, arrange in LAYOUTS.items():
            kept = []
            for lang, line in zip(("fa", "ar"), lines, strict=True):
                own = [segments for key, segments in documents.items() if key[0] == lang]
                texts = [
                    "\n".join(arrange([x for i, s in enumerate(doc) for x in (s, line)[: 1 + i % 2]])) for doc in own
                ]
                passages = make_passages(pd.DataFrame({"text": texts}), keep="all")
                passages = passages[~passages["modeled"] & (passages["reprint_of"] == "")]
                lost = sum(word not in line.split() for text in passages["text"] for word in text.split())
                kept.append(f"{100 - 100 * lost / sum(len(s.split()) for doc in own for s in doc):.2f}")
            out.append((name, layout, *kept))
    table("Words kept of parallel documents", out)


# --- reprints ---------------------------------------------------------------------------------------------------------


def reprint(text: str, kind: str, lang: str) -> str:
    words = text.split(" ")
    if kind == "re-spelled":
        keys = TO_ARABIC_KEYS if lang == "fa" else TO_PERSIAN_KEYS
        return text.translate(keys).translate(str.maketrans("أإآ", "ااا"))
    if kind == "half-spaces lost":
        return text.replace(ZWNJ, " ")
    if kind == "cut short":
        return " ".join(words[: len(words) * 6 // 10])
    if kind == "every 12th word gone":
        return " ".join(word for place, word in enumerate(words) if place % 12 or not place)
    if kind == "framed, one paragraph":
        opening, end = ("به گزارش خبرگزاری ما، ", "انتهای پیام") if lang == "fa" else ("وكالات - ", "المصدر: وكالات")
        return f"{opening}{text.replace(chr(10), ' ')}\n{end}"
    return text


def measure_reprints(data: Path) -> None:
    kinds = ("the same", "re-spelled", "half-spaces lost", "cut short", "every 12th word gone", "framed, one paragraph")
    rows = [row for name in ("fars_fa.dev", "ant_ar.dev") for row in read(data, name) if is_odd(row["id"])]
    rows = [row for row in rows if len(row["text"].split()) > 100]
    random.Random(0).shuffle(rows)
    originals = [row for lang in ("fa", "ar") for row in [row for row in rows if row["lang"] == lang][:150]]
    out: list[tuple] = [("kind", "reprints", "found %", "unrelated pairs joined")]
    for kind in kinds:
        texts = {f"{number}": row["text"] for number, row in enumerate(originals)}
        texts |= {f"{number}~": reprint(row["text"], kind, row["lang"]) for number, row in enumerate(originals)}
        passages = make_passages(pd.DataFrame({"doc_id": list(texts), "text": list(texts.values())}), keep="all")
        joined = passages[passages["reprint_of"] != ""]
        kept = joined["reprint_of"].str.rsplit("#", n=1).str[0].str.strip("~")
        pairs = set(zip(joined["doc_id"].str.strip("~"), kept, strict=True))
        right = len({a for a, b in pairs if a == b})
        out.append((kind, len(originals), f"{100 * right / len(originals):.1f}", sum(a != b for a, b in pairs)))
    table("Reprints of news articles (Fars and ANT, odd rows)", out)


# --- speed ------------------------------------------------------------------------------------------------------------


def measure_speed(data: Path) -> None:
    """Prepare whole articles on one core; no article is in the caches, as in a first run.

    The reference, counting the words of the same articles in a dictionary, runs in turn with the preparation: on a
    machine that does other work too, the ratio of the two says more than passages per second.
    """
    texts = [row["text"] for name in ("fars_fa.dev", "ant_ar.dev") for row in read(data, name)[:800]]
    random.Random(0).shuffle(texts)
    steps: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    passages = words = 0
    analyze(normalize("گرم کردن", "fa")), identify_language("سفر"), analyze("الكتاب")  # reads the dictionaries

    def timed(step: str, function: Callable, *arguments: object) -> object:
        start = time.process_time()
        result = function(*arguments)
        steps[step] += time.process_time() - start
        return result

    for text in texts:
        timed("reference", count_words, text, counts)
        lang = timed("identify", identify_language, text)
        text = timed("split", restore_paragraphs, text)
        for piece in timed("split", split_passages, text, lang, 120):
            passage = timed("clean", clean, text[piece.start : piece.end])
            lang = timed("identify", identify_language, passage)
            passage = timed("normalize", normalize, passage, lang)
            timed("analyze", analyze, passage)
            passages, words = passages + 1, words + len(passage.split())
    out: list[tuple] = [("step", "microseconds a passage")]
    out += [(step, f"{1e6 * seconds / passages:.0f}") for step, seconds in steps.items()]
    reference = steps.pop("reference")
    seconds = sum(steps.values())
    out.append(("all", f"{passages / seconds:,.0f} passages/s ({passages} passages of {words / passages:.0f} words)"))
    out.append(("all / reference", f"{seconds / reference:.1f} times as long as counting the same words"))
    table("Preparation on one core, caches filling as it goes", out)


def count_words(text: str, counts: Counter[str]) -> None:
    for word in text.split():
        counts[word] += 1


JOBS = {
    "language": measure_language,
    "half-spaces": measure_half_spaces,
    "sentences": measure_sentences,
    "words": measure_words,
    "reprints": measure_reprints,
    "speed": measure_speed,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the test corpora")
    parser.add_argument("--only", choices=JOBS, nargs="*", default=list(JOBS))
    arguments = parser.parse_args()
    for job in arguments.only:
        JOBS[job](arguments.data)


if __name__ == "__main__":
    main()
