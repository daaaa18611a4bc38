"""Tables for figures: random numbers, and Persian and Arabic words that are hard to typeset."""

import numpy as np
import pandas as pd

from topiclib import schema

# (Persian label, Arabic label, Persian words, Arabic words) with ZWNJ, diacritics, mixed scripts, dollar signs,
# brackets, and a long label.
SUBJECTS = [
    ("برجام، غنی‌سازی", "الاتفاق النووي",
     "برجام غنی‌سازی سانتریفیوژ هسته‌ای مذاکره وین", "النووي التخصيب المفاوضات فيينا الاتفاق"),
    ("پهپاد", "الطائرات المُسيَّرة",
     "پهپاد پهپادی شاهد حمله پدافند", "المُسيَّرة المسيّرات هجوم الدفاع شاهد"),
    ("COVID-19 در ایران", "لقاح COVID-19",
     "واکسن کرونا COVID-19 بیمارستان همه‌گیری", "لقاح كورونا الوباء المستشفيات COVID-19"),
    ("نفت ۸۰$ و اوپک+", "النفط بـ 80$ وأوبك+",
     "نفت اوپک+ بشکه صادرات $80", "النفط أوبك+ برميل الصادرات 80$"),
    ("قره‌باغ و قفقاز جنوبی", "قره باغ وجنوب القوقاز",
     "قره‌باغ ارمنستان آذربایجان باکو ایروان", "قره باغ أرمينيا أذربيجان باكو يريفان"),
    ("تحریم‌های بانکی", "العقوبات",
     "تحریم‌ها خزانه‌داری بانک FATF لغو", "العقوبات الخزانة المصارف رفع FATF"),
    ("زلزله", "الزلزال",
     "زلزله امداد آواربرداری هلال‌احمر", "الزلزال الإغاثة الإنقاذ الهلال"),
    ("لیگ برتر", "الدوري",
     "لیگ تیم مربی گل پرسپولیس", "الدوري الفريق المدرب هدف الهلال"),
    ("آب و خشک‌سالی", "المياه والجفاف",
     "آب سد خشک‌سالی دریاچه بارش", "المياه السدود الجفاف الأمطار"),
    ("رمان (۱۴۰۲) و سینما", "السينما والرواية",
     "فیلم جشنواره کارگردان رمان", "الفيلم المهرجان المخرج الرواية"),
]  # fmt: skip
THEMES = {
    "jcpoa": {"en": "JCPOA", "fa": "برجام", "ar": "الاتفاق النووي"},
    "caucasus": {"en": "South Caucasus", "fa": "قفقاز جنوبی", "ar": "جنوب القوقاز"},
    "drones": {"en": "Drones", "fa": "پهپادها", "ar": "الطائرات المسيّرة"},
    "sanctions": {"en": "Sanctions", "fa": "تحریم‌ها", "ar": "العقوبات"},
}
OUTLETS = {
    "fa": ["خبرگزاری سپیده", "روزنامهٔ کرانه", "Rooznegar (روزنگار)", "پیک شمال‌غرب", "Ṣadā-yi Ḥāl"],
    "ar": ["صحيفة المنارة", "وكالة الأُفُق", "Al-Midan", "مجلّة الرصيف"],
}
MONTHS = [f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13)]


def make_tables(
    *, topics: int = 10, languages: tuple[str, ...] = ("fa", "ar"), size: int = 60, seed: int = 7
) -> dict[str, pd.DataFrame]:
    """Return all tables that the figures read, with topics of about `size` passages."""
    rng = np.random.default_rng(seed)
    outlets = [(name, lang) for lang in languages for name in OUTLETS[lang]]
    documents = pd.DataFrame(
        [(f"d{i}", "", "", lang, str(rng.choice([*MONTHS[:9], *MONTHS[12:], ""])), name, "", "", "")
         for i in range(topics * size // 3) for name, lang in [outlets[int(rng.integers(len(outlets)))]]],
        columns=["doc_id", "title", "text", "lang", "date", "source", "section", "url", "dropped"],
    )  # fmt: skip
    centers = rng.normal(0, 6, (max(topics, 1), 2))
    rows = []
    for topic in range(topics):
        for _ in range(max(3, int(size * 1.6 / (1 + topic * 0.25)))):
            document = documents.iloc[int(rng.integers(len(documents)))]
            position = centers[topic] + rng.normal(0, 0.8, 2)
            label = topic if rng.random() > 0.06 else -1
            rows.append((f"{document.doc_id}#{len(rows)}", document.doc_id, document.lang, *position, label))
    flat = pd.DataFrame(rows, columns=["passage_id", "doc_id", "lang", "x", "y", "topic"])
    tables = {
        "documents": documents,
        "passages": flat[["passage_id", "doc_id", "lang"]],
        "points": flat[["passage_id", "x", "y", "topic"]],
        "assignments": flat[["passage_id", "topic"]].assign(similarity=0.5),
        "topics": _topics(flat, languages),
        "keywords": _keywords(topics, languages, rng),
    }
    return tables | _theme_tables(flat, documents, languages, rng) | _quality_tables(topics, languages, rng)


def _topics(flat: pd.DataFrame, languages: tuple[str, ...]) -> pd.DataFrame:
    clustered = flat[flat["topic"] >= 0]
    rows = []
    for topic, passages in clustered.groupby("topic"):
        fa, ar, *_ = SUBJECTS[topic % len(SUBJECTS)]
        shares = [
            float((passages["lang"] == code).sum() / max((flat["lang"] == code).sum(), 1)) for code in ("fa", "ar")
        ]
        names = ("", "", "")
        rows.append(
            (topic, len(passages), *names, fa if "fa" in languages else "", ar if "ar" in languages else "", *shares)
        )
    return pd.DataFrame(rows, columns=list(schema.TABLES["topics"].columns))


def _keywords(topics: int, languages: tuple[str, ...], rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for topic in range(topics):
        for code, text in zip(("fa", "ar"), SUBJECTS[topic % len(SUBJECTS)][2:], strict=True):
            weights = sorted(rng.uniform(0.02, 0.4, len(text.split())), reverse=True)
            words = text.split() if code in languages else []
            rows += [(topic, code, rank + 1, word, weights[rank]) for rank, word in enumerate(words)]
    return pd.DataFrame(rows, columns=list(schema.TABLES["keywords"].columns))


def _theme_tables(
    flat: pd.DataFrame, documents: pd.DataFrame, languages: tuple[str, ...], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    themes, shares, timeline = [], [], []
    dates = documents[documents["date"] != ""]
    for i, theme in enumerate(THEMES if len(flat) else ()):
        about = (flat["topic"] % len(THEMES) == i) & (rng.random(len(flat)) < 0.8)
        themes += [(name, theme, True, 0.9) for name in flat.loc[about, "passage_id"]]
        for by, column in (("source", "source"), ("lang", "lang")):
            for level, articles in documents.groupby(column):
                share = float(rng.beta(2, 9))
                has_interval = by == "lang" or level in OUTLETS["fa"]
                interval = (max(share - 0.05, 0), share + 0.06) if has_interval else (np.nan, np.nan)
                shares.append(("theme", theme, by, level, len(articles), share, *interval, share, *interval))
        for (code, month), articles in dates.groupby(["lang", "date"]):
            share = float(rng.beta(2, 8))
            timeline.append(
                ("theme", theme, "lang", code, month, len(articles), share, max(share - 0.07, 0), share + 0.08)
            )
    coverage = dates.groupby(["source", "date"]).size().reset_index(name="n").rename(columns={"date": "period"})
    return {
        "themes": pd.DataFrame(themes, columns=list(schema.TABLES["themes"].columns)),
        "shares": pd.DataFrame(shares, columns=list(schema.TABLES["shares"].columns)),
        "timeline": pd.DataFrame(timeline, columns=list(schema.TABLES["timeline"].columns)),
        "coverage": coverage[["source", "period", "n"]],
    }


def _quality_tables(topics: int, languages: tuple[str, ...], rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return the tables of the quality and stability checks, and contrasting words."""
    planted = np.repeat([0.0, 0.3, 0.7], 5 if topics else 0)
    draws = pd.DataFrame({"larger_in": "fa", "planted": planted, "resample": np.arange(len(planted)) % 5})
    for column, recovered in (("recovered", 0.95), ("recovered_within", 0.97)):
        draws[column] = draws["planted"] * recovered + rng.normal(0, 0.03, len(draws))
    mixing = [("same_language", "before", 0.95, 0.5), ("same_language", "after", 0.55, 0.5),
              ("one_language", "before", 1.0, 0.0), ("one_language", "after", 0.03, 0.0)]  # fmt: skip
    names = [("theme", key) for key in (*THEMES, "key_without_a_label")] + [("topic", str(i)) for i in range(topics)]
    contrasts = [
        (f"{kind} {key}", kind, key, 120 - 3 * i % 90, 3 * i % 90, middle, middle - 0.09, middle + 0.06, 0.97)
        for i, (kind, key) in enumerate(names) for middle in [float(rng.normal(0, 0.1))]
    ] + [("topic 999", "topic", "999", 0, 120, *[np.nan] * 4)]  # fmt: skip
    words = [
        (theme, code, OUTLETS[code][0], OUTLETS[code][1], word, float(rng.normal(0, 4)))
        for theme in ("jcpoa", "sanctions") for code in languages
        for subject in SUBJECTS for word in subject[2 + ("fa", "ar").index(code)].split()
    ]  # fmt: skip
    columns = list(schema.TABLES["sensitivity"].columns)
    return {
        "recovery": draws,
        "mixing": pd.DataFrame(mixing if topics else [], columns=["measure", "stage", "value", "chance"]),
        "sensitivity": pd.DataFrame(contrasts if topics else [], columns=columns),
        "contrasts": pd.DataFrame(
            words if topics else [], columns=["key", "lang", "left", "right", "word", "z"]
        ).drop_duplicates(["key", "lang", "word"]),
    }
