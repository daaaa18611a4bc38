"""Embed passages through a cache (first version: no cache yet)."""
from topiclib import encoders


def embed(passages, *, encoder="e5-small", cache=None, progress=True):
    model = encoders.encoder(encoder) if isinstance(encoder, str) else encoder
    return model.encode(list(passages["text"]))
