"""Hostile input (long lines, NUL bytes, lone surrogates, masses of marks) raises no error and does not hang."""

import pytest

from topiclib.corpus.passages import split_passages
from topiclib.text import analyze, clean, detect_voice, fold, identify_language, normalize, parse_date, split_sentences

LONG = 400_000

HOSTILE = {
    "one word": "ا" * LONG,
    "one line": "گفت که این است " * (LONG // 15),
    "NUL bytes": "متن\x00 این" * 1000,
    "lone surrogates": "متن \ud800\udfff این است " * 1000,
    "combining marks": "ا" + "\u0651\u064e\u0655" * 10_000,
    "override": "\u202eمتن abc\u202c" * 1000,
    "dots": "." * LONG + "x",
    "quotes": '"' * LONG + "x",
    "opening quotes": "« " * LONG,
    "spaces": " " * LONG + "<",
    "line breaks": "\n" * LONG + '="<',
    "angles": "<" * LONG,
    "broken tags": 'img src="' * 20_000,
    "half-spaces": "\u200c" * LONG + "ا",
    "sign-offs": "انتهای پیام " * 20_000 + " " * LONG,
    "separate endings": "ه ای " * 50_000,
    "emoji": "🙂🏽‍♀️" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_every_function_copes_with_hostile_text(text: str) -> None:
    lang = identify_language(text)
    cleaned = clean(text)
    for code in ("fa", "ar", lang):
        prepared = normalize(cleaned, code)
        assert normalize(prepared, code) == prepared
        assert not any("\ud800" <= char <= "\udfff" or char in "\x00\u202e" for char in prepared)
    assert all(start < end for start, end in split_sentences(text, lang))
    assert all(span.end <= len(text) for span in split_passages(text, lang, 120))
    assert isinstance(fold(text), str)
    assert all(analyze(cleaned[:LONG]))
    assert detect_voice(text) in ("own", "quoted", "relayed")
    assert parse_date(text) == ""
