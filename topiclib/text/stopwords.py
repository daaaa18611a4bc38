"""Stop words: the lists of `stopwordsiso`, with words of news style added and names and content words removed."""

import functools
import tomllib
from pathlib import Path

from topiclib.text.letters import ZWNJ

_FILE = Path(__file__).with_name("word_lists.toml")

WORD_LISTS = {name: frozenset(words.split()) for name, words in tomllib.loads(_FILE.read_text("utf-8")).items()}
PROPER_NAMES = WORD_LISTS["names"]

_TO_PERSIAN = str.maketrans("يك", "یک")


def any_word(name: str) -> str:
    """Return a pattern for any word of a list."""
    return f"(?:{'|'.join(sorted(WORD_LISTS[name]))})"


@functools.cache
def stop_words(lang: str) -> frozenset[str]:
    """Return the stop words of a language ("fa", "ar", "en"), without half-spaces."""
    import stopwordsiso

    news = {"fa": WORD_LISTS["persian_news"], "ar": WORD_LISTS["arabic_news"]}.get(lang, frozenset())
    words = {word.replace(ZWNJ, "") for word in news | stopwordsiso.stopwords(lang)}
    if lang == "fa":
        words |= {word.translate(_TO_PERSIAN) for word in words}
    return frozenset(words) - PROPER_NAMES - WORD_LISTS["content"]


def is_language_code(code: str) -> bool:
    """Return whether a code is the ISO 639-1 code of a language (one of those with stop words)."""
    import stopwordsiso

    return code in stopwordsiso.langs()
