"""Aligned vectors to a BERTopic model: cluster models, sampling, keywords."""
