"""Restore missing half-spaces (zero-width non-joiners, ZWNJ) in Persian.

Word forms come from simplemma's Persian dictionary, read at run time and not redistributed here, and from the user's
corpus where it still has half-spaces (`Lexicon.from_texts`). The patterns below are the affixes that Persian separates
with a half-space; exceptions are in `word_lists.toml`.
"""

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable

from topiclib.text.letters import ZWNJ
from topiclib.text.stopwords import WORD_LISTS

MAX_WORD_LENGTH = 40  # a word of this length or more is never repaired
MAX_CACHED_WORDS = 1_000_000  # bounds the memory of a lexicon

_WORD = re.compile(r"[ء-غف-يآ-ۓ]+(?:\u200c[ء-غف-يآ-ۓ]+)*")

_DIACRITICS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654\u0670ـ"

_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", **dict.fromkeys(_DIACRITICS)})

# Letters that do not join the next one: a half-space after them is invisible, and often omitted before ها and تر.
_NON_JOINING = frozenset("اآأدذرزژوؤ")

_VERB_PREFIX = re.compile("((?:بر|در|باز|فرا|فرو|وا|سر)?ن?می)(.{2,})")
_PLURAL_ENDINGS = ("ند", "ید", "یم")
_ENDINGS = (*_PLURAL_ENDINGS, "م", "د", "ی")

_PLURAL = re.compile("(.{2,})(ها(?:یی|ی|یم|یت|یش|یمان|یتان|یشان|ست|یند)?)")
_COMPARATIVE = re.compile("(.{3,})(تر(?:ین)?(?:ها(?:ی)?)?)")
_AFTER_HEH = re.compile("(.{2,}ه)(ای|ام|اش|اند|ایم|اید|است)")
_AFTER_YEH = re.compile("(.{3,}ی)(ام|اش|شان|تان|مان)")
_POSSESSIVE = re.compile("(.{2,}(?<!ان).)(شان|تان|مان)")

_BEH_PHRASE = re.compile(
    "(به)(طور|طوری|عنوان|صورت|صورتی|خاطر|جز|جای|کار|وقت|دلیل|منظور|نظر|ویژه|خصوص|راحتی|سختی|شدت|سرعت|خوبی|تدریج|زودی|اندازه"
    "|دنبال|سوی|همراه|دست|لحاظ|اصطلاح|قدری|رغم|علاوه|گونه‌ای|اندازه‌ای|طورکلی|تازگی|ندرت|وضوح|هرحال|واسطه|وسیله|موجب|موقع|روز)"
)

_COMPOUND_PREFIX = re.compile("(بین|پیش|پس|بی|نیمه|شبه|فوق|غیر|کم|تک|هیچ|این|آن|خوش|جمع|علی)(.{3,})")
_UNSPACED_SUFFIX = re.compile("(.{3,})(ی|ان|انی|ات|اتی|ش|م|ت|یی|ست)")

_COMPOUND_SUFFIX = re.compile(
    "(.{3,}?)((?:شناس|شناخت|ساز|گذار|گیر|بند|رسان|دار|نویس|باز|بردار|آور|ریز|رو|ران|زن|خوان|نورد|سنج|پرداز|نگر|گرا|خواه|طلب"
    "|پذیر|پرور|فروش|آموز|پیما|دان|گزار|خور|ده|زدا|شکن|سوز|نشین)(?:ی|ان|انه)?|نامه|گاه|دهنده|کننده|گیرنده|سازنده|شده|نشده"
    "|یافته|گرفته|کرده|دیده|زا|زایی|آمیز|گونه|گرایان|گرایی|کنندگان|دهندگان|محور|بخش)"
)

_RUN_TOGETHER = re.compile("(?<=وزیر)(?=امور|خارجه)|(?<=امور)(?=خارجه)")
_SPACED_HEH = re.compile(r"\b(\w{2,}ه) (ای)\b")
_SPACED_ARTICLE = re.compile(r"\b(\w+) (ال\w+)")
_SPACED_VERB = re.compile(r"\b(ن?می) (?=\w{2})")
_JOINED_VERB = re.compile(f"\\bن?می{ZWNJ}")
_SPACED_ENDING = re.compile(r"(?<=\w\w) (?=(?:ها|های|هایی|هایش|تر|ترین)\b)|(?<=\wه) (?=(?:اند|ام|ایم|اید)\b)")


class _Dictionary:
    """simplemma's Persian dictionary with letters unified: lemmas by form, and forms by their spelling without ZWNJ."""

    def __init__(self) -> None:
        from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY

        self.lemmas: dict[str, str] = {}
        self.joined: dict[str, str] = {}
        for form, lemma in DEFAULT_DICTIONARY_FACTORY.get_dictionary("fa").items():
            form, lemma = form.translate(_LETTERS).strip(ZWNJ), lemma.translate(_LETTERS).strip(ZWNJ)
            self.lemmas.setdefault(form, lemma)
            for word in (form, lemma):
                if ZWNJ in word:
                    self.joined.setdefault(word.replace(ZWNJ, ""), word)
        after_mi = {
            form[2:].lstrip(ZWNJ)
            for form, lemma in self.lemmas.items()
            if form.startswith("می") and form != lemma and not lemma.startswith("می")
        }
        self.verbs = after_mi | {"توان", "بایست", "بایستی"}
        self.stems = {
            form.removesuffix(ending) for form in after_mi for ending in _PLURAL_ENDINGS if form.endswith(ending)
        }

    def knows(self, word: str) -> bool:
        """Return whether a word, with or without its half-space, is in the dictionary."""
        return word in self.lemmas or word in self.joined

    def is_verb(self, form: str) -> bool:
        """Return whether a form can follow می."""
        if form in self.verbs:
            return True
        return any(form.endswith(ending) and form[: -len(ending)] in self.stems for ending in _ENDINGS)


@functools.cache
def persian_dictionary() -> _Dictionary:
    """Return the Persian dictionary, loaded once."""
    return _Dictionary()


@functools.cache
def arabic_lemmas() -> dict[str, str]:
    """Return simplemma's Arabic dictionary, {form: lemma}, loaded once."""
    from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY

    return dict(DEFAULT_DICTIONARY_FACTORY.get_dictionary("ar").items())


@functools.cache
def vocabularies() -> tuple[frozenset[str], frozenset[str]]:
    """Return the word forms of the Persian and the Arabic dictionary, both in Persian letters."""
    return frozenset(persian_dictionary().lemmas), frozenset(form.translate(_LETTERS) for form in arabic_lemmas())


class Lexicon:
    """Persian words with their half-spaces, from simplemma and from a corpus.

    Parameters
    ----------
    learned
        Forms of a corpus, {form without half-space: form with it}, in addition to simplemma's; see `from_texts`.
    """

    def __init__(self, learned: dict[str, str] | None = None) -> None:
        self._learned = dict(learned or {})
        self._unchanged: set[str] = set()
        self._repaired: dict[str, str] = {}

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> "Lexicon":
        """Learn forms from a corpus that has half-spaces.

        A form is learned if it occurs with its half-space at least twice, and more often than without.
        """
        counts = Counter(word for text in texts for word in _WORD.findall(text.translate(_LETTERS)))
        learned = {}
        # By rising count, so that the most frequent of several forms is kept.
        for word, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
            plain = word.replace(ZWNJ, "")
            if word != plain and count >= 2 and count > counts[plain]:
                learned[plain] = word
        return cls(learned)

    @property
    def digest(self) -> str:
        """SHA-256 of the learned forms, for the manifest of a run; "" if there are none."""
        if not self._learned:
            return ""
        return hashlib.sha256("\n".join(sorted(self._learned.values())).encode()).hexdigest()

    def repair(self, text: str) -> str:
        """Restore the half-spaces of a normalized Persian text.

        Words without any separator are repaired one by one. Words separated by a space instead (هسته ای, بین المللی)
        are joined only if one of them cannot stand alone. می, ها, تر and the like are joined only if می is followed by
        a space at least four times and never by a half-space, since many authors separate them by a space on purpose.
        """
        if "خارجه" in text:
            text = _RUN_TOGETHER.sub(" ", text)
        words = {word for word in _WORD.findall(text) if len(word) < MAX_WORD_LENGTH} - self._unchanged
        if words:
            self._cache_repairs(words)
            if not words <= self._unchanged:
                text = _WORD.sub(lambda match: self._repaired.get(match[0], match[0]), text)
        if "ه ای" in text:
            text = _SPACED_HEH.sub(_join_adjective, text)
        if " ال" in text:
            text = _SPACED_ARTICLE.sub(_join_if_in_dictionary, text)
        if text.count("می ") > 3 and len(_SPACED_VERB.findall(text)) > 3 and not _JOINED_VERB.search(text):
            text = _SPACED_ENDING.sub(ZWNJ, _SPACED_VERB.sub(lambda match: match[1] + ZWNJ, text))
        return text

    def _cache_repairs(self, words: set[str]) -> None:
        """Add words to the caches of unchanged and of repaired words."""
        if len(self._unchanged) + len(self._repaired) > MAX_CACHED_WORDS:
            self._unchanged.clear()
            self._repaired.clear()
        for word in words - self._repaired.keys():
            repaired = self.repair_word(word)
            if repaired == word:
                self._unchanged.add(word)
            else:
                self._repaired[word] = repaired

    def repair_word(self, word: str) -> str:
        """Restore the half-spaces of one word; an unknown word is returned unchanged."""
        if ZWNJ in word or word in WORD_LISTS["no_half_space"] or not 3 < len(word) < MAX_WORD_LENGTH:
            return word
        return (
            self._learned.get(word)
            or _split_verb_prefix(word)
            or self._split_ending(word)
            or self._split_compound(word)
            or self._split_conjunction(word)
            or word
        )

    def _split_conjunction(self, word: str) -> str:
        """Separate و (and) from a known word that it is attached to; short words are too ambiguous."""
        dictionary = persian_dictionary()
        if word[0] == "و" and len(word) > 6 and not dictionary.knows(word):
            rest = self.repair_word(word[1:])
            if dictionary.knows(word[1:]) or ZWNJ in rest:
                return "و " + rest
        return ""

    def _repair_stem(self, stem: str) -> str:
        """Repair a stem; return "" for an unknown word."""
        repaired = self.repair_word(stem)
        return repaired if ZWNJ in repaired or persian_dictionary().knows(stem) else ""

    def _split_ending(self, word: str) -> str:
        """Separate an ending, in the reading that the dictionary supports most; ties go to the first pattern."""
        dictionary = persian_dictionary()
        lemma = dictionary.lemmas.get(word, "")
        if lemma == word:
            return ""
        readings = []
        for pattern in (_AFTER_HEH, _PLURAL, _COMPARATIVE, _AFTER_YEH, _POSSESSIVE):
            match = pattern.fullmatch(word)
            if match and (stem := self._repair_stem(match[1])):
                if pattern is _COMPARATIVE and len(match[1]) < 4 and lemma != match[1]:
                    continue
                # زمینهای is زمین‌های, but رسانهای is رسانه‌ای: the dictionary's lemma, or the stem's plural, decides.
                joins = match[1][-1] not in _NON_JOINING
                reading = stem + ZWNJ * joins + match[2]
                support = 2 * (match[1] == lemma.replace(ZWNJ, "")) + 2 * (dictionary.joined.get(word) == reading)
                support += (pattern is _PLURAL and not joins) + (dictionary.lemmas.get(match[1] + "ها") == match[1])
                readings.append((support, reading))
        if readings:
            return max(readings, key=lambda reading: reading[0])[1]
        if lemma or word.endswith("تنها"):  # تنها (alone) is no plural
            return ""
        match = _PLURAL.fullmatch(word)
        if match and len(match[1]) > 2 and match[1][-1] not in _NON_JOINING:
            return self.repair_word(match[1]) + ZWNJ + match[2]
        return ""

    def _split_compound(self, word: str) -> str:
        """Separate the parts of a compound that is not in the dictionary as one word."""
        dictionary = persian_dictionary()
        if word in dictionary.joined:
            return dictionary.joined[word]
        plain = _UNSPACED_SUFFIX.fullmatch(word)
        if plain and plain[1] in dictionary.joined:
            return dictionary.joined[plain[1]] + plain[2]
        if word in dictionary.lemmas or (plain and dictionary.knows(plain[1])):
            return ""
        if match := _BEH_PHRASE.fullmatch(word):
            return match[1] + ZWNJ + match[2]
        for pattern, stem_group in ((_COMPOUND_SUFFIX, 1), (_COMPOUND_PREFIX, 2)):
            match = pattern.fullmatch(word)
            if match and match[1][-1] not in _NON_JOINING and (stem := self._repair_stem(match[stem_group])):
                return stem + ZWNJ + match[2] if stem_group == 1 else match[1] + ZWNJ + stem
        return ""


def _split_verb_prefix(word: str) -> str:
    match = _VERB_PREFIX.fullmatch(word)
    if not match or persian_dictionary().lemmas.get(word) == word:
        return ""
    # No dictionary has every verb, but the endings of finite plural forms are rare in other words.
    looks_finite = len(match[2]) > 3 and match[2].endswith(_PLURAL_ENDINGS) and not persian_dictionary().knows(word)
    if looks_finite or persian_dictionary().is_verb(match[2]):
        return match[1] + ZWNJ + match[2]
    return ""


def _join_if_in_dictionary(match: re.Match[str]) -> str:
    return persian_dictionary().joined.get(match[1] + match[2], match[0])


def _join_adjective(match: re.Match[str]) -> str:
    joined = match[1] + ZWNJ + match[2]
    is_adjective = persian_dictionary().lemmas.get(match[1] + match[2]) == joined
    return joined if is_adjective or match[1] in WORD_LISTS["relational"] else match[0]


DEFAULT_LEXICON = Lexicon()
