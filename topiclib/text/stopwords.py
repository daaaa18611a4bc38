"""Words that say nothing of what a text is about: general ones from `stopwordsiso`, and what news adds to them."""

import functools
import tomllib
from pathlib import Path

from topiclib.text.letters import ZWNJ

_FILE = Path(__file__).with_name("words.toml")

LISTS = {name: frozenset(words.split()) for name, words in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()}
"""The words that this project wrote down itself: the lists of `words.toml`, by name."""

PROPER_NAMES = LISTS["names"]

_TO_PERSIAN = str.maketrans("يك", "یک")


@functools.cache
def stop_words(lang: str) -> frozenset[str]:
    """Return the stop words of a language ("fa", "ar", "en"), without half-spaces."""
    import stopwordsiso

    news = {"fa": LISTS["persian_news"], "ar": LISTS["arabic_news"]}.get(lang, frozenset())
    words = {word.replace(ZWNJ, "") for word in news | stopwordsiso.stopwords(lang)}
    if lang == "fa":
        words |= {word.translate(_TO_PERSIAN) for word in words}
    return frozenset(words) - PROPER_NAMES - LISTS["content"]
