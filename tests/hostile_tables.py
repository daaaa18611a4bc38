"""Tables of a small run with HTML and scripts in titles and texts."""

import pandas as pd

from topiclib import schema

HOSTILE = "<script>window.hurt = 1</script><img src=x onerror='window.hurt=1'> </script> برجام & <b>"
TEXTS = [
    ("fa", "a", "مذاکرات برجام در وین از سر گرفته شد و تحریم‌ها لغو می‌شود."),
    ("ar", "b", "قال المتحدث إن البرنامج النووي الإيراني سلميّ."),
    ("fa", "a", "😀 بارش باران در شمال کشور؛ برجام در متن نیست."),
    ("ar", "c", "المسيّرات فوق المدينة </script><script>window.hurt = 1</script>"),
    ("fa", "c", "گل دقیقه نود تیم ملی را به جام برد."),
    ("ar", "b", "ارتفعت أسعار القمح في السوق العالمية."),
]


def hand_made_tables() -> dict[str, pd.DataFrame]:
    """Return six passages of three articles, with two topics and one theme; a title and a text contain HTML."""
    ids = [f"{doc}#{i}" for i, (_, doc, _) in enumerate(TEXTS)]
    passages = pd.DataFrame({"passage_id": ids, "lang": [t[0] for t in TEXTS], "doc_id": [t[1] for t in TEXTS]})
    passages = passages.assign(text=[t[2] for t in TEXTS], position=range(len(ids)), kind="body", voice="own")
    passages = passages.assign(start=0, end=5, n_reprints=[2, 0, 0, 0, 0, 0], reprint_of="", modeled=True)
    documents = pd.DataFrame({"doc_id": ["a", "b", "c"], "title": ["برجام در وین", HOSTILE, "=1+1"]})
    documents = documents.assign(
        text="متن کامل که نباید بیرون برود", lang=["fa", "ar", "fa"], date=["2022-03-05", "2023", ""],
        source=["روزنامهٔ کرانه", "@صحيفة", ""], section="", dropped="", summary="خلاصهٔ محرمانه",
        url=["https://example.org/a", "javascript:window.hurt=1", ""],
    )  # fmt: skip
    start = TEXTS[2][2].index("برجام")
    matches = [(ids[0], "jcpoa", "برجام", 8, 13), (ids[2], "jcpoa", "برجام", start, start + 5)]
    tables = {
        "documents": documents,
        "passages": passages,
        "points": pd.DataFrame(
            {"passage_id": ids, "x": [0, 1, 2, 0, 1, 2], "y": [0, 0, 0, 3, 3, 3], "topic": [0, 0, 0, 1, 1, 1]}
        ),
        "topics": pd.DataFrame(
            {
                "topic": [0, 1],
                "size": [3, 3],
                "name_en": ["", HOSTILE],
                "name_fa": "",
                "name_ar": "",
                "label_fa": ["برجام، وین", "گل"],
                "label_ar": ["نووي", "سوق"],
            }
        ).assign(share_fa=0.5, share_ar=0.5),
        "assignments": pd.DataFrame(
            {"passage_id": ids, "topic": [0, 0, 0, 1, 1, 1], "similarity": 0.9, "topic_found": [0, 0, 0, 1, 1, 1]}
        ),
        "keywords": pd.DataFrame(
            {"topic": [0, 1], "lang": ["fa", "ar"], "rank": 1, "word": ["برجام", HOSTILE], "weight": 1.0}
        ),
        "quotes": pd.DataFrame(
            {"kind": "topic", "key": ["0", "1"], "lang": ["fa", "ar"], "passage_id": [ids[0], ids[3]], "score": 1.0}
        ),
        "topic_languages": pd.DataFrame({"topic": [0, 1], "lang": ["fa", "ar"], "share": 1.0, "entropy": 0.0}),
        "matches": pd.DataFrame(matches, columns=list(schema.get_table("matches").columns)),
        "themes": pd.DataFrame(
            {"passage_id": [ids[0], ids[2]], "theme": "jcpoa", "about": [True, True], "score": [0.5, 0.5]}
        ),
    }
    return {name: schema.conform(frame, name) for name, frame in tables.items()}
