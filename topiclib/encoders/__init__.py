"""Encoders: texts -> unit vectors. The bundled one, or any sentence-transformers model."""

from topiclib.encoders.e5 import BundledE5


def encoder(name):
    if name == "e5-small":
        return BundledE5()
    raise ValueError(name)
