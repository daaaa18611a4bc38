"""Encode with any sentence-transformers model (needs the extra `hub`)."""

import hashlib
import importlib.util
import re
import warnings
import weakref
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from topiclib.embedding.encoder import check_texts

INSTALL_HINT = "pip install 'topiclib[hub]'"

# Multilingual models that cover Persian and Arabic. Others are given by their names on the hub.
MODEL_ALIASES = {
    "bge-m3": "BAAI/bge-m3",
    "e5-base": "intfloat/multilingual-e5-base",
    "e5-large": "intfloat/multilingual-e5-large",
    "e5-large-instruct": "intfloat/multilingual-e5-large-instruct",
    "labse": "sentence-transformers/LaBSE",
    "paraphrase-multilingual": "sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
}

BACKENDS = ("torch", "onnx", "openvino")

# Pattern of the model's name -> prefix of every text, from the model cards, for symmetric tasks such as clustering; the
# first match counts. bge and gte take an instruction only before search queries; the one of e5-large-instruct is that
# of MTEB's clustering of news.
MODEL_PREFIXES = {
    r"e5.*instruct": "Instruct: Identify the topic or theme of the given news articles\nQuery: ",
    r"\be5\b": "query: ",
    r"nomic-embed": "clustering: ",
    r"\bbge\b|\bgte\b|labse|paraphrase-multilingual": "",
}


def find_prefix(name: str) -> str:
    """Return the prefix of every text that the model family expects, "" if none or unknown.

    >>> find_prefix("intfloat/multilingual-e5-large"), find_prefix("BAAI/bge-m3")
    ('query: ', '')
    """
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1].lower()
    return next((prefix for pattern, prefix in MODEL_PREFIXES.items() if re.search(pattern, last)), "")


class SentenceTransformerEncoder:
    """Encode with a sentence-transformers model, from the hub or from a folder.

    The model is loaded when first needed. Its identity contains the hub's commit or the hash of the folder's files, so
    that different weights never share cached vectors.

    Parameters
    ----------
    name
        A name on the hub, or a folder.
    revision
        Branch, tag or commit on the hub.
    device
        "cpu", "cuda", "cuda:1", "mps", or a list of several, with one process for each (sentence-transformers' pool).
        None: all CUDA devices, otherwise torch's default.
    prefix
        Prepended to every text; None: the one of the model family (`find_prefix`). "e5-large-instruct" and its
        instruction have not been run by topiclib's authors, who have measured "e5-small" alone.
    backend
        "torch", "onnx" or "openvino".
    trust_remote_code
        Allow the model to run its own code; some need it. Otherwise weights are read only from safetensors, except for
        `MODEL_ALIASES`, some of which are not published in that format.

    References
    ----------
    Reimers and Gurevych 2019, "Sentence-BERT"; https://sbert.net.
    """

    def __init__(
        self, name: str | Path, *, revision: str | None = None, device: str | Sequence[str] | None = None,
        prefix: str | None = None, backend: str = "torch", trust_remote_code: bool = False,
    ):  # fmt: skip
        if importlib.util.find_spec("sentence_transformers") is None:
            raise ModuleNotFoundError(f"The encoder {name} needs sentence-transformers: {INSTALL_HINT}")
        if backend not in BACKENDS:
            raise ValueError(f"backend is {backend!r}: expected one of {', '.join(BACKENDS)}")
        self.name, self.revision, self.backend = str(name), revision, backend
        self.prefix = find_prefix(self.name) if prefix is None else prefix
        self._device, self._trust_remote_code = device, trust_remote_code
        self._stop_pool: Callable[[], Any] | None = None

    @cached_property
    def identity(self) -> str:
        """Name, weights, prefix, backend and length limit: everything that the vectors depend on."""
        parts = [self._weights_id, self.backend, str(self._model.max_seq_length), repr(self.prefix)]
        return f"sentence-transformers/{Path(self.name).name}/" + "/".join(parts)

    @cached_property
    def dim(self) -> int:
        """Length of a vector."""
        return self._model.encode([""], convert_to_numpy=True, show_progress_bar=False).shape[1]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 unit rows (n, dim), row i for texts[i]; warn if the model truncates texts."""
        check_texts(texts)
        if not texts:
            return np.empty((0, self.dim), np.float32)
        prefixed = [self.prefix + text for text in texts]
        self._warn_about_truncation(prefixed)
        rows = self._model.encode(
            prefixed, pool=self._pool, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.ascontiguousarray(rows, np.float32)

    def close(self) -> None:
        """Stop the processes of several devices now, rather than when the encoder is deleted."""
        if self._stop_pool is not None:
            self._stop_pool()
            del self._pool

    @cached_property
    def _devices(self) -> list[str]:
        """Return the devices to use; empty: torch's default."""
        if self._device is not None:
            return [self._device] if isinstance(self._device, str) else list(self._device)
        import torch

        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import SentenceTransformer

        device, trust = self._devices[0] if self._devices else None, self._trust_remote_code
        options: dict[str, Any] = {"revision": self.revision, "device": device, "trust_remote_code": trust}
        local = Path(self.name).is_dir()
        # Other formats are pickles, which may run code when they are loaded.
        if self.backend == "torch" and not trust and (local or self.name not in MODEL_ALIASES.values()):
            options["model_kwargs"] = {"use_safetensors": True}
        try:
            return SentenceTransformer(self.name, backend=self.backend, **options)
        except OSError as error:
            revision = f" at revision {self.revision}" if self.revision else ""
            reason = "cannot be read" if local else "is neither a folder nor available from the hub"
            line = str(error).strip().splitlines()[0]
            raise OSError(f"The encoder {self.name}{revision} {reason}: {line}") from error
        except Exception as error:
            line = next(iter(str(error).strip().splitlines()), "")
            if type(error).__name__ == "UnpicklingError":  # torch reads tensors from a pickle, and rejects all else
                line = "a file is a pickle that contains more than tensors"
            elif not isinstance(error, ValueError):  # a ValueError names the custom code that is not trusted
                raise
            raise ValueError(f"The encoder {self.name} cannot be loaded: {line}") from error

    @cached_property
    def _pool(self) -> dict | None:
        if len(self._devices) < 2:
            return None
        pool = self._model.start_multi_process_pool(target_devices=self._devices)
        self._stop_pool = weakref.finalize(self, self._model.stop_multi_process_pool, pool)
        return pool

    @cached_property
    def _weights_id(self) -> str:
        if Path(self.name).is_dir():
            return hash_folder(Path(self.name))
        from huggingface_hub import try_to_load_from_cache

        _ = self._model  # downloads it into the hub's cache, to a folder named after the commit
        path = try_to_load_from_cache(self.name, "config.json", revision=self.revision)
        commit = Path(path).parent.name if isinstance(path, str) else self.revision or ""
        if not re.fullmatch("[0-9a-f]{40}", commit):
            raise ValueError(f"Cannot determine the commit of {self.name}: pass all its 40 digits as revision=")
        return commit

    def _warn_about_truncation(self, texts: list[str]) -> None:
        limit, tokenizer = self._model.max_seq_length, self._model.tokenizer
        # A token has at least one character: shorter texts need not be tokenized.
        long = [text for text in texts if limit is not None and len(text) + 2 > limit]
        if not long or not callable(tokenizer):
            return
        lengths = map(len, tokenizer(long, truncation=False, verbose=False)["input_ids"])
        truncated = sum(length > limit for length in lengths)
        if truncated:
            advice = "make shorter passages (max_words), or use e5-small, which does not truncate"
            message = f"{self.name} reads {limit} tokens, and truncated {truncated} longer texts: {advice}"
            warnings.warn(message, stacklevel=3)


def hash_folder(folder: Path) -> str:
    """Return a hash (16 hexadecimal digits) of the names and contents of all files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\0".encode())
    return digest.hexdigest()[:16]
