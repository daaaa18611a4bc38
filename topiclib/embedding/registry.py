"""Encoders by name: the bundled one, and any sentence-transformers model.

>>> from topiclib.embedding.registry import encoder
>>> encoder("e5-small").dim
384
"""

from functools import cache
from pathlib import Path

from topiclib.embedding.e5 import E5SmallEncoder
from topiclib.embedding.encoder import Encoder
from topiclib.embedding.sentence_transformer import MODEL_ALIASES, SentenceTransformerEncoder

_load_bundled = cache(E5SmallEncoder)


def encoder(name: str | Path) -> Encoder:
    """Return the encoder with a given name.

    Parameters
    ----------
    name
        "e5-small" (bundled), a short name (`MODEL_ALIASES`), a name on the Hugging Face hub ("BAAI/bge-m3"), or the
        folder of a sentence-transformers model. To choose a revision or a device, use `SentenceTransformerEncoder`.

    Raises
    ------
    ValueError
        If the name is unknown; the message lists the known ones.
    ModuleNotFoundError
        If the extra `hub` is needed and not installed.
    """
    text = str(name)
    if text == "e5-small":
        return _load_bundled()
    if text in MODEL_ALIASES:
        return SentenceTransformerEncoder(MODEL_ALIASES[text])
    if (text and Path(text).is_dir()) or (text.count("/") == 1 and all(text.split("/"))):
        return SentenceTransformerEncoder(text)
    known = ", ".join(["e5-small", *MODEL_ALIASES])
    raise ValueError(f"Unknown encoder {text!r}: expected {known}, a hub name such as BAAI/bge-m3, or a folder")


def load_run_encoder(name: str, identity: str, override: str | Path | Encoder | None = None) -> Encoder:
    """Return the encoder that a run was made with.

    A run folder may come from anyone, and its recipe may name any local folder or any model on the hub. So only
    "e5-small" and the short names (`MODEL_ALIASES`) are loaded automatically; the caller has to pass any other.

    Parameters
    ----------
    name, identity
        The encoder's name in the run's recipe, and its identity in the manifest.
    override
        An encoder, or a name for `encoder`; None: the one that the run names.

    Raises
    ------
    ValueError
        If the run names a model that is not loaded automatically, or the encoder's identity is not the run's.
    """
    if override is None and name != "e5-small" and name not in MODEL_ALIASES:
        raise ValueError(
            f"the run's encoder {name[:100]!r} is not one of topiclib's own, and is not loaded automatically, because "
            "a run folder may come from anyone: pass it (encoder=..., --encoder) if you trust it"
        )
    chosen = name if override is None else override
    chosen = encoder(chosen) if isinstance(chosen, str | Path) else chosen
    if chosen.identity != identity:
        raise ValueError(f"the run was made with {identity}, but the encoder is {chosen.identity}: pass the same one")
    return chosen
