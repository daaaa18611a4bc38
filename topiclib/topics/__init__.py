"""Fit a BERTopic model to aligned vectors: cluster models, sampling, keywords."""
