"""What several modules use: characters, and a cache of functions of words."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

MAX_CACHED_LENGTH = 60  # what is longer is not a word

# The zero-width non-joiner, which separates affixes in Persian: می‌رود.
ZWNJ = "\u200c"

# For character classes: what else nearly all passages consist of. A search for other characters is faster than the work
# that it spares.
COMMON = " \\na-zA-Z0-9.،؛:؟!?()«»\"'/%٪\\[\\]–-"

# For `str.translate`: Persian and Arabic digits to ASCII.
WESTERN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


class WordCache(dict[str, T]):
    """A bounded cache of a function of a word; `functools.lru_cache` takes twice as long."""

    def __init__(self, function: Callable[[str], T], max_size: int) -> None:
        super().__init__()
        self._function, self._max_size = function, max_size

    def __missing__(self, word: str) -> T:
        if len(self) >= self._max_size:
            self.clear()
        value = self._function(word)
        return self.setdefault(word, value) if len(word) < MAX_CACHED_LENGTH else value
