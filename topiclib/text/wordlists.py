"""The words that this project wrote down itself: the lists of `words.toml`, by name."""

import tomllib
from pathlib import Path

_FILE = Path(__file__).with_name("words.toml")
LISTS = {name: frozenset(words.split()) for name, words in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()}
