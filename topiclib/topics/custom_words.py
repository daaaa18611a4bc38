"""The researcher's own stop words, and names that are never split or lemmatized."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from topiclib import schema
from topiclib.text import fold_with_offsets, normalize
from topiclib.text.arabic_words import ARTICLE
from topiclib.text.letters import ZWNJ
from topiclib.text.tokens import Token, shown_words, tokenize
from topiclib.themes.patterns import TermPattern, term_pattern


@dataclass(frozen=True)
class CustomWords:
    """Stop words and protected names that are added to those of topiclib; of one run, as its `curation.toml` has them.

    A stop word is left out of the keywords and contrasts in all its forms. A protected name, of one word or several, is
    counted and shown as it is written here, with whatever proclitics and suffixes it has in the text.
    """

    stop_words: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()

    def tokenize(self, text: str, lang: str) -> list[Token]:
        """Return the words of a text as `topiclib.text.tokenize` does, with each protected name as one of them."""
        if not self.protect:
            return tokenize(text)
        folded, offsets = fold_with_offsets(text)
        named: list[Token] = []
        rest = list(text)
        for name, pattern in self._patterns.get(lang, ()):
            for start, end in pattern.find_spans(folded):
                first, last = offsets[start], offsets[end - 1] + 1
                if "\0" not in rest[first:last]:  # part of a longer name
                    rest[first:last] = ["\0"] * (last - first)
                    named.append((name, name))
        return tokenize("".join(rest)) + named if named else tokenize(text)

    def shown_words(self, forms: Mapping[str, Mapping[str, int]], lang: str) -> dict[str, str]:
        """Return the word that each lemma is shown as (`topiclib.text.tokens.shown_words`), each name as itself."""
        return shown_words(forms, lang) | {name: name for name in self.protect if name in forms}

    def find_stopped(self, forms: Mapping[str, Mapping[str, int]], shown_as: Mapping[str, str]) -> set[str]:
        """Return the shown words that are stop words: as a lemma, or in any form that the corpus has of it."""
        # By the forms of the corpus, since each language would read a word that stands alone in its own way.
        return {word for lemma, word in shown_as.items() if self._stop_words.intersection([lemma, word, *forms[lemma]])}

    @cached_property
    def _patterns(self) -> dict[str, list[tuple[str, TermPattern]]]:
        longest_first = sorted(self.protect, key=lambda name: (-len(name), name))
        return {
            # With half-spaces, which may be written as spaces or omitted, the pattern finds all spellings of a name.
            "fa": [(name, term_pattern(normalize(name, "fa").replace(" ", ZWNJ), "fa")) for name in longest_first],
            "ar": [(name, term_pattern(normalize(name, "ar"), "ar")) for name in longest_first],
        }

    @cached_property
    def _stop_words(self) -> frozenset[str]:
        written = {normalize(word, lang) for word in self.stop_words for lang in schema.LANGUAGES}
        return frozenset(written | {ARTICLE.sub("", word) for word in written})


NO_CUSTOM_WORDS = CustomWords()
