"""Encoders by name: the bundled one, and any sentence-transformers model."""

from functools import cache
from pathlib import Path

from topiclib.embedding.e5 import E5SmallEncoder
from topiclib.embedding.encoder import Encoder
from topiclib.embedding.sentence_transformer import MODEL_ALIASES, SentenceTransformerEncoder

_load_bundled = cache(E5SmallEncoder)


def encoder(name: str | Path | Encoder) -> Encoder:
    """Return the encoder of that name; an encoder is returned as it is.

    Parameters
    ----------
    name
        "e5-small" (bundled), a short name (`MODEL_ALIASES`), a name on the Hugging Face hub ("BAAI/bge-m3"), or the
        folder of a sentence-transformers model (extra `hub`). To choose a revision or a device, use
        `SentenceTransformerEncoder`.

    Examples
    --------
    >>> encoder("e5-small").dim
    384
    """
    if isinstance(name, Encoder):
        return name
    if not isinstance(name, str | Path):
        raise TypeError(f"encoder is {type(name)}: expected a name, or an object with encode, dim and identity")
    text = str(name)
    if text == "e5-small":
        return _load_bundled()
    if text in MODEL_ALIASES:
        return SentenceTransformerEncoder(MODEL_ALIASES[text])
    if (text and Path(text).is_dir()) or (text.count("/") == 1 and all(text.split("/"))):
        return SentenceTransformerEncoder(text)
    known = ", ".join(["e5-small", *MODEL_ALIASES])
    raise ValueError(f"Unknown encoder {text!r}: expected {known}, a hub name such as BAAI/bge-m3, or a folder")


def encoder_name(chosen: str | Path | Encoder) -> str:
    """Return what a recipe records of an encoder: its name, or the identity of an object."""
    if isinstance(chosen, str | Path):
        return str(chosen)
    identity = encoder(chosen).identity
    # The projection before clustering (`wccn`) is chosen by this name, so the bundled encoder keeps it.
    return "e5-small" if identity == E5SmallEncoder.identity else identity


def check_run_encoder(name: str) -> str:
    """Return the encoder's name in a run's recipe; raise ValueError unless it is "e5-small" or in `MODEL_ALIASES`.

    A run folder may come from anyone, and its recipe may name any local folder or any model on the hub.
    """
    if name != "e5-small" and name not in MODEL_ALIASES:
        raise ValueError(
            f"the run's encoder {name[:100]!r} is not one of topiclib's own, and is not loaded automatically, because "
            "a run folder may come from anyone: pass it (encoder=..., --encoder) if you trust it"
        )
    return name


def load_run_encoder(name: str, identity: str, override: str | Path | Encoder | None = None) -> Encoder:
    """Return the encoder that a run was made with, by its name in the recipe and its identity in the manifest.

    One that is not topiclib's own has to be passed as `override`, an encoder or a name for `encoder`.
    """
    chosen = encoder(check_run_encoder(name) if override is None else override)
    if chosen.identity != identity:
        raise ValueError(f"the run was made with {identity}, but the encoder is {chosen.identity}: pass the same one")
    return chosen
