"""Encoder names, prefixes, and the message for a missing extra (tests_hub has those that need torch)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from counting_encoder import CountingEncoder

from topiclib.embedding.e5 import E5SmallEncoder
from topiclib.embedding.registry import encoder, encoder_name
from topiclib.embedding.sentence_transformer import MODEL_ALIASES, SentenceTransformerEncoder, find_prefix, hash_folder

without_extra = pytest.mark.skipif(
    importlib.util.find_spec("sentence_transformers") is not None, reason="the extra [hub] is installed here"
)


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("intfloat/multilingual-e5-small", "query: "),
        ("intfloat/multilingual-e5-large-instruct", "Instruct: "),
        ("intfloat/e5-base-v2", "query: "),
        ("/models/me5/multilingual-e5-base/", "query: "),
        ("BAAI/bge-m3", ""),
        ("Alibaba-NLP/gte-multilingual-base", ""),
        ("sentence-transformers/LaBSE", ""),
        ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", ""),
        ("nomic-ai/nomic-embed-text-v2-moe", "clustering: "),
        ("someone/made5of-this", ""),
    ],
)
def test_prefix_of_the_family(name: str, prefix: str) -> None:
    found = find_prefix(name)
    assert found.startswith(prefix) and bool(found) == bool(prefix)


class RecordingModel:
    """A model that records the texts it gets."""

    max_seq_length, tokenizer = None, None

    def encode(self, texts: list[str], **options: object) -> np.ndarray:
        self.texts = list(texts)
        return np.eye(len(texts), 4, dtype=np.float32)


def test_every_text_gets_the_instruction_of_the_named_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    model = encoder("e5-large-instruct")
    assert isinstance(model, SentenceTransformerEncoder)
    assert model.name == "intfloat/multilingual-e5-large-instruct"
    model.__dict__.update(_model=RecordingModel(), _pool=None)
    model.encode(["آب", "مياه"])
    instruction = "Instruct: Identify the topic or theme of the given news articles\nQuery: "
    assert model._model.texts == [f"{instruction}آب", f"{instruction}مياه"]
    plain = encoder("e5-large")
    assert isinstance(plain, SentenceTransformerEncoder) and plain.prefix == "query: "


def test_aliases_are_names_on_the_hub() -> None:
    assert all(name.count("/") == 1 for name in MODEL_ALIASES.values())
    assert isinstance(encoder("e5-small"), E5SmallEncoder)


@pytest.mark.parametrize("name", ["e5-smal", "", "a/b/c", "no/such/folder"])
def test_unknown_name_lists_known_names(name: str) -> None:
    with pytest.raises(ValueError, match=r"expected e5-small, bge-m3, .*BAAI/bge-m3"):
        encoder(name)


def test_an_encoder_is_returned_as_it_is_and_other_objects_raise() -> None:
    model = CountingEncoder()
    assert encoder(model) is model and encoder_name(model) == model.identity
    assert [encoder_name(named) for named in ("bge-m3", Path("a"), E5SmallEncoder())] == ["bge-m3", "a", "e5-small"]
    with pytest.raises(TypeError, match="int'>: expected a name, or an object with encode, dim and identity"):
        encoder(3)


@without_extra
@pytest.mark.parametrize("name", ["bge-m3", "owner/model", "folder"])
def test_message_for_a_missing_extra_has_the_install_command(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'topiclib\[hub\]'"):
        encoder(name)


def test_unknown_backend_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    with pytest.raises(ValueError, match="expected one of torch, onnx, openvino"):
        SentenceTransformerEncoder("owner/model", backend="tensorflow")


def test_hash_of_a_folder_depends_on_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    seen = {hash_folder(tmp_path)}
    (tmp_path / "a").write_text("2")
    seen.add(hash_folder(tmp_path))
    (tmp_path / "a").rename(tmp_path / "b")
    seen.add(hash_folder(tmp_path))
    assert len(seen) == 3
