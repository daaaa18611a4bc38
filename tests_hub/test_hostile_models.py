"""A model folder may come from anyone: nothing is unpickled, no code is run, and the error is one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from topiclib.embedding.sentence_transformer import SentenceTransformerEncoder


class Bomb:
    """A pickle that creates a file when it is loaded."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


def edit(file: Path, change: Callable) -> None:
    values = json.loads(file.read_text())
    change(values)
    file.write_text(json.dumps(values))


def bin_beside(at: Path, bomb: dict) -> None:
    torch.save(bomb, at / "pytorch_model.bin")


def bin_alone(at: Path, bomb: dict) -> None:
    bin_beside(at, bomb)
    (at / "model.safetensors").unlink()


def bin_of_a_layer(at: Path, bomb: dict) -> None:
    layer = {"idx": 9, "name": "9", "path": "9_Dense", "type": "sentence_transformers.models.Dense"}
    edit(at / "modules.json", lambda modules: modules.append(layer))
    (at / "9_Dense").mkdir()
    shape = {"in_features": 384, "out_features": 384, "bias": True, "activation_function": "torch.nn.Tanh"}
    (at / "9_Dense" / "config.json").write_text(json.dumps(shape))
    torch.save(bomb, at / "9_Dense" / "pytorch_model.bin")


def another_file_of_weights(at: Path, bomb: dict) -> None:
    torch.save(bomb, at.parent / "x.bin")
    edit(at / "config.json", lambda config: config.update(transformers_weights="../x.bin"))


def class_of_another_package(at: Path, bomb: dict) -> None:
    """`joblib.numpy_pickle` has a function `load`, which unpickles."""
    torch.save(bomb, at / "x.pkl")
    edit(at / "modules.json", lambda modules: modules[1].update(type="joblib.numpy_pickle", path="x.pkl"))


def code_of_its_own(at: Path, bomb: dict) -> None:
    (at / "own.py").write_text(f"open({str(bomb['x'].marker)!r}, 'w')\nclass Model: pass\nclass Config: pass\n")
    own = {"AutoModel": "own.Model", "AutoConfig": "own.Config"}
    edit(at / "config.json", lambda config: config.update(auto_map=own, model_type="own"))


@pytest.mark.parametrize(
    ("plant", "line"),
    [
        (bin_beside, None),
        (bin_alone, "cannot be read: .*model.safetensors"),
        (bin_of_a_layer, "cannot be loaded: a file is a pickle that contains more than tensors"),
        (another_file_of_weights, "cannot be loaded: .*x.bin"),
        (class_of_another_package, "cannot be loaded: .*joblib.numpy_pickle"),
        (code_of_its_own, "cannot be loaded: .*custom code"),
    ],
)
def test_planted_code_is_not_run(folder: Path, tmp_path: Path, plant: Callable, line: str | None) -> None:
    marker = tmp_path / "opened"
    at = Path(shutil.copytree(folder, tmp_path / "model"))
    plant(at, {"x": Bomb(marker)})
    model = SentenceTransformerEncoder(at, device="cpu")
    if line is None:
        assert model.encode(["x"]).shape == (1, 384)
    else:
        with pytest.raises((OSError, ValueError), match=line) as error:
            model.encode(["x"])
        assert "\n" not in str(error.value)
    assert not marker.exists()
