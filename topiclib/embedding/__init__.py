"""Embed passages as vectors, and align the vectors of different languages."""
