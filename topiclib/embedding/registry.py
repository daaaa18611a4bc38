"""Encoders: texts -> unit vectors. One is bundled; any model of sentence-transformers can take its place.

>>> from topiclib.embedding.registry import encoder
>>> encoder("e5-small").dim
384
"""

from functools import cache
from pathlib import Path

from topiclib.embedding.e5 import E5SmallEncoder
from topiclib.embedding.encoder import Encoder
from topiclib.embedding.sentence_transformer import MODEL_ALIASES, SentenceTransformerEncoder


def encoder(name: str | Path) -> Encoder:
    """Return the encoder of that name.

    Parameters
    ----------
    name
        "e5-small" (bundled), a short name (`MODEL_ALIASES`), a name on the hub with its owner ("BAAI/bge-m3"), or the
        folder of a sentence-transformers model. For a revision or a device, make a `SentenceTransformerEncoder`.

    Raises
    ------
    ValueError
        Nothing goes by that name; the message lists what does.
    ModuleNotFoundError
        The extra `hub` is wanted and not installed; the message has the line that installs it.
    """
    text = str(name)
    if text == "e5-small":
        return _load_bundled()
    if text in MODEL_ALIASES:
        return SentenceTransformerEncoder(MODEL_ALIASES[text])
    if (text and Path(text).is_dir()) or (text.count("/") == 1 and all(text.split("/"))):
        return SentenceTransformerEncoder(text)
    known = ", ".join(["e5-small", *MODEL_ALIASES])
    raise ValueError(f"No encoder goes by {text!r}: expected {known}, a hub name such as BAAI/bge-m3, or a folder")


def load_run_encoder(name: str, identity: str, override: str | Path | Encoder | None = None) -> Encoder:
    """Return the encoder that a run was made with.

    A run folder may come from anybody, and what its recipe names may be any folder here or any model on the hub. On its
    word alone only "e5-small" and the short names (`MODEL_ALIASES`) are loaded; any other is for the caller to give.

    Parameters
    ----------
    name, identity
        What the run's recipe names, and the identity that its manifest records.
    given
        The encoder, or its name for `encoder`; None: the one that the run names.

    Raises
    ------
    ValueError
        The run names another model and none is given, or the encoder is another than the run's.
    """
    if override is None and name != "e5-small" and name not in MODEL_ALIASES:
        raise ValueError(
            f"the run names the encoder {name[:100]!r}, which may be anybody's and is not loaded on a run's word: "
            "give it yourself (encoder=..., --encoder) if you trust it"
        )
    override = name if override is None else override
    chosen = encoder(override) if isinstance(override, str | Path) else override
    if chosen.identity != identity:
        raise ValueError(f"the run was made with {identity}, but here is {chosen.identity}: install the same encoder")
    return chosen


@cache
def _load_bundled() -> E5SmallEncoder:
    """Load the bundled model once a process."""
    return E5SmallEncoder()
