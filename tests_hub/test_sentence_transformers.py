"""The encoder of the extra [hub] on a real model, real torch and real processes: `make test-hub`."""

from __future__ import annotations

import multiprocessing
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from topiclib.embedding.cache import cache_info
from topiclib.embedding.embed import embed
from topiclib.embedding.encoder import Encoder
from topiclib.embedding.registry import encoder
from topiclib.embedding.sentence_transformer import SentenceTransformerEncoder

TEXTS = ["Nuclear talks resume in Vienna.", "The talks in Vienna start again.", "The home side won the cup.", ""]


@pytest.fixture(scope="module")
def small(folder: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(folder, device="cpu")


def test_vectors_are_those_of_the_model(small: SentenceTransformerEncoder, folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    vectors = small.encode(TEXTS)
    assert isinstance(small, Encoder) and vectors.shape == (4, small.dim) == (4, 384) and vectors.dtype == np.float32
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    direct = SentenceTransformer(str(folder), device="cpu").encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(vectors, direct, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.7 > 0.3 > vectors[0] @ vectors[2]
    assert small.encode([]).shape == (0, 384)


def test_prefix_goes_before_every_text(folder: Path, small: SentenceTransformerEncoder) -> None:
    prefixed = SentenceTransformerEncoder(folder, device="cpu", prefix="query: ")
    expected = small.encode(["query: " + text for text in TEXTS])
    np.testing.assert_allclose(prefixed.encode(TEXTS), expected, atol=1e-6)
    assert prefixed.identity != small.identity


def test_family_is_recognized_by_the_name_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "my-e5-model").symlink_to(folder, target_is_directory=True)
    assert SentenceTransformerEncoder(tmp_path / "my-e5-model").prefix == "query: "


def test_two_devices_are_two_processes(folder: Path, small: SentenceTransformerEncoder) -> None:
    two = SentenceTransformerEncoder(folder, device=["cpu", "cpu"])
    texts = [f"{text} {number}" for number in range(20) for text in TEXTS]
    np.testing.assert_allclose(two.encode(texts), small.encode(texts), atol=1e-5)
    assert two._pool is not None and len(two._pool["processes"]) == 2
    running = {process.pid for process in multiprocessing.active_children()}
    assert {process.pid for process in two._pool["processes"]} <= running
    two.close()
    assert not running & {process.pid for process in multiprocessing.active_children()}
    assert two.identity == small.identity, "devices do not change the identity"


def test_identity_depends_on_the_weights(folder: Path, small: SentenceTransformerEncoder, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / folder.name))
    assert SentenceTransformerEncoder(copy, device="cpu").identity == small.identity
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"\0\0\0\0")
    assert SentenceTransformerEncoder(copy, device="cpu").identity != small.identity


@pytest.mark.parametrize("revision", [None, "v1", "0123456789abcdef0123456789abcdef01234567"])
def test_hub_name_is_identified_by_its_commit(
    hub_name: str, revision: str | None, small: SentenceTransformerEncoder
) -> None:
    model = SentenceTransformerEncoder(hub_name, revision=revision, device="cpu")
    assert "0123456789abcdef" in model.identity
    np.testing.assert_allclose(model.encode(TEXTS), small.encode(TEXTS), atol=1e-6)


@pytest.mark.parametrize(("name", "revision"), [("owner/nothing", None), ("owner/small", "v2")])
def test_message_names_a_missing_model(hub_name: str, name: str, revision: str | None) -> None:
    with pytest.raises(OSError, match=f"The encoder {name}.* is neither a folder nor available from the hub"):
        SentenceTransformerEncoder(name, revision=revision, device="cpu").encode(TEXTS)


def test_truncated_texts_give_a_warning(small: SentenceTransformerEncoder) -> None:
    with pytest.warns(UserWarning, match="reads 256 tokens, and truncated 1 longer texts"):
        small.encode(["short", "long " * 500])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small.encode(["a" * 300, "short"])


def test_through_the_cache(folder: Path, tmp_path: Path) -> None:
    model = encoder(folder)
    passages = pd.DataFrame({"text": [*TEXTS, TEXTS[0]]})
    vectors = embed(passages, encoder=model, cache=tmp_path, progress=False)
    assert cache_info(tmp_path)["encoders"] == {model.identity: 4}
    model.encode = lambda texts: pytest.fail("a cached text was embedded again")  # type: ignore[method-assign]
    assert embed(passages, encoder=model, cache=tmp_path, progress=False).tobytes() == vectors.tobytes()
