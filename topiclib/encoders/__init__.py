"""Encoders: texts -> unit vectors. One is bundled; any model of sentence-transformers can take its place.

>>> from topiclib.encoders import encoder
>>> encoder("e5-small").dim
384
"""

from functools import cache
from pathlib import Path

from topiclib.encoders.e5 import BundledE5
from topiclib.encoders.hub import SentenceTransformerEncoder
from topiclib.encoders.protocol import Encoder, check_texts

__all__ = ["HUB_NAMES", "BundledE5", "Encoder", "SentenceTransformerEncoder", "check_texts", "encoder"]

# Multilingual models that read Persian and Arabic, by short names. Any other goes by its name on the hub.
HUB_NAMES = {
    "bge-m3": "BAAI/bge-m3",
    "e5-base": "intfloat/multilingual-e5-base",
    "e5-large": "intfloat/multilingual-e5-large",
    "labse": "sentence-transformers/LaBSE",
    "paraphrase-multilingual": "sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
}


def encoder(name: str | Path) -> Encoder:
    """Return the encoder of that name.

    Parameters
    ----------
    name
        "e5-small" (bundled), a short name (`HUB_NAMES`), a name on the hub with its owner ("BAAI/bge-m3"), or the
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
        return _bundled()
    if text in HUB_NAMES:
        return SentenceTransformerEncoder(HUB_NAMES[text])
    if (text and Path(text).is_dir()) or (text.count("/") == 1 and all(text.split("/"))):
        return SentenceTransformerEncoder(text)
    known = ", ".join(["e5-small", *HUB_NAMES])
    raise ValueError(f"No encoder goes by {text!r}: expected {known}, a hub name such as BAAI/bge-m3, or a folder")


@cache
def _bundled() -> BundledE5:
    """Load the bundled model once a process."""
    return BundledE5()
