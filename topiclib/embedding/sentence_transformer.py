"""Encode with any sentence-transformers model (the extra `hub`)."""

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

# Multilingual models that read Persian and Arabic, by short names. Any other goes by its name on the hub.
MODEL_ALIASES = {
    "bge-m3": "BAAI/bge-m3",
    "e5-base": "intfloat/multilingual-e5-base",
    "e5-large": "intfloat/multilingual-e5-large",
    "labse": "sentence-transformers/LaBSE",
    "paraphrase-multilingual": "sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
}

BACKENDS = ("torch", "onnx", "openvino")

# The first pattern that is found in the model's name gives what goes before every text where both sides are alike, as
# in clustering (the models' cards). bge and gte want an instruction before search queries alone.
MODEL_PREFIXES = {
    r"e5.*instruct": "Instruct: Identify the topic or theme of the given news articles\nQuery: ",
    r"\be5\b": "query: ",
    r"nomic-embed": "clustering: ",
    r"\bbge\b|\bgte\b|labse|paraphrase-multilingual": "",
}


def find_prefix(name: str) -> str:
    """Return what the model's family wants before every text, "" where it wants nothing or is not known.

    >>> find_prefix("intfloat/multilingual-e5-large"), find_prefix("BAAI/bge-m3")
    ('query: ', '')
    """
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1].lower()
    return next((prefix for pattern, prefix in MODEL_PREFIXES.items() if re.search(pattern, last)), "")


class SentenceTransformerEncoder:
    """Encode with a model of sentence-transformers, from the hub or from a folder.

    The model is loaded when it is first needed. Its identity holds the name with the hub's commit, or the hash of the
    folder's files, so that other weights never meet the same cached vectors.

    Parameters
    ----------
    name
        A name on the hub, or a folder.
    revision
        Branch, tag or commit on the hub.
    device
        "cpu", "cuda", "cuda:1", "mps", or several in a list: then sentence-transformers' pool runs a process on each.
        None: all CUDA devices, else what torch finds.
    prefix
        What goes before every text; None: what the family wants (`find_prefix`).
    backend
        "torch", "onnx" or "openvino".
    trust_remote_code
        Let the model run code of its own; some need it. Without it its weights are read from safetensors alone, except
        for the models that topiclib names (`MODEL_ALIASES`), not all of which are published so.

    Raises
    ------
    ModuleNotFoundError
        The extra is not installed; the message has the line that installs it.

    Source: Reimers and Gurevych 2019, Sentence-BERT; https://sbert.net.
    """

    def __init__(
        self,
        name: str | Path,
        *,
        revision: str | None = None,
        device: str | Sequence[str] | None = None,
        prefix: str | None = None,
        backend: str = "torch",
        trust_remote_code: bool = False,
    ):
        if importlib.util.find_spec("sentence_transformers") is None:
            raise ModuleNotFoundError(f"The encoder {name} needs sentence-transformers: {INSTALL_HINT}")
        if backend not in BACKENDS:
            raise ValueError(f"backend is {backend!r}: expected one of {', '.join(BACKENDS)}")
        self.name, self.revision, self.backend = str(name), revision, backend
        self.prefix = find_prefix(self.name) if prefix is None else prefix
        self._device, self._trust = device, trust_remote_code
        self._stop_pool: Callable[[], Any] | None = None

    @cached_property
    def identity(self) -> str:
        """Name, weights, prefix, backend and length limit: all that the vectors depend on."""
        parts = [self._weights, self.backend, str(self._model.max_seq_length), repr(self.prefix)]
        return f"sentence-transformers/{Path(self.name).name}/" + "/".join(parts)

    @cached_property
    def dim(self) -> int:
        """Return the length of a vector."""
        return self._model.encode([""], convert_to_numpy=True, show_progress_bar=False).shape[1]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 unit rows (n, dim), row i for texts[i]; warn where the model's limit cuts a text short."""
        check_texts(texts)
        if not texts:
            return np.empty((0, self.dim), np.float32)
        prefixed = [self.prefix + text for text in texts]
        self._warn_of_cuts(prefixed)
        rows = self._model.encode(
            prefixed, pool=self._pool, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.ascontiguousarray(rows, np.float32)

    def close(self) -> None:
        """End the processes on several devices, if there are any; otherwise they end with the encoder."""
        if self._stop_pool is not None:
            self._stop_pool()
            del self._pool

    @cached_property
    def _devices(self) -> list[str]:
        """Return the devices to use; none: torch's own choice."""
        if self._device is not None:
            return [self._device] if isinstance(self._device, str) else list(self._device)
        import torch

        return [f"cuda:{number}" for number in range(torch.cuda.device_count())]

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import SentenceTransformer

        device = self._devices[0] if self._devices else None
        options: dict[str, Any] = {"revision": self.revision, "device": device, "trust_remote_code": self._trust}
        local = Path(self.name).is_dir()
        if self.backend == "torch" and not self._trust and (local or self.name not in MODEL_ALIASES.values()):
            options["model_kwargs"] = {"use_safetensors": True}
        try:
            return SentenceTransformer(self.name, backend=self.backend, **options)
        except OSError as error:
            at = f" at revision {self.revision}" if self.revision else ""
            line = str(error).strip().splitlines()[0]
            why = "cannot be read" if local else "is no folder, nor to be had from the hub"
            raise OSError(f"The encoder {self.name}{at} {why}: {line}") from error
        except Exception as error:
            line = next(iter(str(error).strip().splitlines()), "")
            if type(error).__name__ == "UnpicklingError":  # torch takes tensors from a pickle, and stops at all else
                line = "a file is a pickle of more than numbers"
            elif not isinstance(error, ValueError):  # which code of its own is, where it is not trusted
                raise
            raise ValueError(f"The encoder {self.name} is not loaded: {line}") from error

    @cached_property
    def _pool(self) -> dict | None:
        if len(self._devices) < 2:
            return None
        pool = self._model.start_multi_process_pool(target_devices=self._devices)
        self._stop_pool = weakref.finalize(self, self._model.stop_multi_process_pool, pool)
        return pool

    @cached_property
    def _weights(self) -> str:
        if Path(self.name).is_dir():
            return hash_folder(Path(self.name))
        from huggingface_hub import try_to_load_from_cache

        _ = self._model  # in the hub's cache from here on, in a folder that is named by its commit
        path = try_to_load_from_cache(self.name, "config.json", revision=self.revision)
        commit = Path(path).parent.name if isinstance(path, str) else self.revision or ""
        if not re.fullmatch("[0-9a-f]{40}", commit):
            raise ValueError(
                f"Which commit of {self.name} this is cannot be told: name it with revision=, all 40 digits"
            )
        return commit

    def _warn_of_cuts(self, texts: list[str]) -> None:
        limit, tokenizer = self._model.max_seq_length, self._model.tokenizer
        # a token is a character at least: shorter texts need no look
        long = [text for text in texts if limit is not None and len(text) + 2 > limit]
        if not long or not callable(tokenizer):
            return
        lengths = map(len, tokenizer(long, truncation=False, verbose=False)["input_ids"])
        cut = sum(length > limit for length in lengths)
        if cut:
            advice = "make shorter passages (max_words), or use e5-small, which reads them whole"
            warnings.warn(f"{self.name} reads {limit} tokens, and cut {cut} longer texts: {advice}.", stacklevel=3)


def hash_folder(folder: Path) -> str:
    """Return 16 hexadecimal digits that stand for the names and contents of all files in a folder."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()}\0{content}\0".encode())
    return total.hexdigest()[:16]
