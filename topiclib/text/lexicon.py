"""The Persian words that lost half-spaces are repaired by: read at run time, never kept in this project.

The forms come from simplemma's Persian dictionary, and from the corpus at hand where it still has half-spaces (`learn`).
"""

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable

ZWNJ = "\u200c"
_WORD = re.compile(r"[ء-غف-يآ-ۓ]+(?:\u200c[ء-غف-يآ-ۓ]+)*")
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", **dict.fromkeys("\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654\u0670ـ", None)})
_PLURALS = ("هایی", "هایم", "هایت", "هایش", "هایمان", "هایتان", "هایشان", "های", "ها")
_DEGREES = ("ترین", "تر", "تری", "ترها", "ترین‌ها")
_AFTER_HEH = ("ای", "ام", "اش", "اند", "ایم", "اید")


@functools.cache
def _dictionary() -> tuple[dict[str, str], dict[str, str]]:
    """Return simplemma's Persian dictionary as {form: lemma}, and {form without half-space: form with it}."""
    from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY

    lemmas: dict[str, str] = {}
    joined: dict[str, str] = {}
    for form, lemma in DEFAULT_DICTIONARY_FACTORY.get_dictionary("fa").items():
        form, lemma = form.translate(_LETTERS), lemma.translate(_LETTERS)
        lemmas.setdefault(form, lemma)
        for word in (form, lemma):
            if ZWNJ in word:
                joined.setdefault(word.replace(ZWNJ, ""), word)
    return lemmas, joined


class Lexicon:
    """Persian words with their half-spaces.

    Parameters
    ----------
    learnt
        {form without half-space: form with it}, as `learn` counts them in a corpus.
    """

    def __init__(self, learnt: dict[str, str] | None = None) -> None:
        self._learnt = dict(learnt or {})
        self._known: dict[str, str] = {}

    @classmethod
    def learn(cls, texts: Iterable[str], *, minimum: int = 2) -> "Lexicon":
        """Learn the forms of a corpus that still has half-spaces.

        A form is learnt if it was met with its half-space at least `minimum` times, and more often than without.
        """
        counts = Counter(word for text in texts for word in _WORD.findall(text.translate(_LETTERS)))
        learnt = {}
        for word, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
            if ZWNJ in word and count >= minimum and count > counts.get(word.replace(ZWNJ, ""), 0):
                learnt[word.replace(ZWNJ, "")] = word
        return cls(learnt)

    @property
    def hash(self) -> str:
        """The SHA-256 of what was learnt ("" where nothing was), for the manifest of a run."""
        if not self._learnt:
            return ""
        return hashlib.sha256("\n".join(sorted(self._learnt.values())).encode()).hexdigest()

    def repair(self, text: str) -> str:
        """Put lost half-spaces back into a normalised Persian text."""
        return _WORD.sub(self._repair_match, text)

    def _repair_match(self, match: re.Match[str]) -> str:
        word = match[0]
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = word if ZWNJ in word else self.repair_word(word)
        return known

    def repair_word(self, word: str) -> str:
        """Put the half-space back into one word; a word that is not known comes back as it is."""
        lemmas, joined = _dictionary()
        if word in self._learnt:
            return self._learnt[word]
        if word in joined:
            return joined[word]
        for prefix in ("نمی", "می"):
            if word.startswith(prefix) and lemmas.get(word, word) != word and lemmas[word].endswith("ن"):
                return prefix + ZWNJ + word[len(prefix) :]
        if word in lemmas and lemmas[word] == word:
            return word
        for suffix in _PLURALS + _DEGREES:
            stem = word.removesuffix(suffix)
            if stem != word and len(stem) > 1 and (stem in lemmas or stem in joined):
                return joined.get(stem, stem) + ZWNJ + suffix
        for suffix in _AFTER_HEH:
            stem = word.removesuffix(suffix)
            if stem != word and len(stem) > 2 and stem.endswith("ه") and stem in lemmas:
                return stem + ZWNJ + suffix
        return word


DEFAULT = Lexicon()
