"""Passages to vectors, and vectors to aligned vectors."""
