"""The Persian words that lost half-spaces are repaired by: read at run time, never kept in this project.

Word forms come from simplemma's Persian dictionary, and from the corpus at hand where it still has half-spaces
(`Lexicon.learn`). What is written here is grammar: the affixes that Persian sets off with a half-space. The few words
where it does not are in `words.toml`.
"""

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable

from topiclib.text.letters import ZWNJ
from topiclib.text.stopwords import LISTS

MAX_WORD_LENGTH = 40  # letters of a word that is looked at

MAX_CACHED_WORDS = 1_000_000  # words whose repair is kept at hand

_WORD = re.compile(r"[ء-غف-يآ-ۓ]+(?:\u200c[ء-غف-يآ-ۓ]+)*")

_DIACRITICS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654\u0670ـ"

_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", **dict.fromkeys(_DIACRITICS)})

# After these letters nothing joins: a lost half-space is not seen, and good writers leave it out before ها and تر.
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
    """simplemma's Persian dictionary, in this project's letters."""

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
        """Say whether a word, with or without its half-space, is in the dictionary."""
        return word in self.lemmas or word in self.joined

    def is_verb(self, form: str) -> bool:
        """Say whether می can stand before a form."""
        if form in self.verbs:
            return True
        return any(form.endswith(ending) and form[: -len(ending)] in self.stems for ending in _ENDINGS)


@functools.cache
def persian_dictionary() -> _Dictionary:
    """Return simplemma's Persian dictionary, read once."""
    return _Dictionary()


@functools.cache
def arabic_lemmas() -> dict[str, str]:
    """Return simplemma's Arabic dictionary, {form: lemma}, read once."""
    from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY

    return dict(DEFAULT_DICTIONARY_FACTORY.get_dictionary("ar").items())


@functools.cache
def vocabularies() -> tuple[frozenset[str], frozenset[str]]:
    """Return the word forms of the Persian and of the Arabic dictionary, both in Persian letters."""
    return frozenset(persian_dictionary().lemmas), frozenset(form.translate(_LETTERS) for form in arabic_lemmas())


class Lexicon:
    """Persian words with their half-spaces: simplemma's, and those learnt from a corpus.

    Parameters
    ----------
    learnt
        {form without half-space: form with it}, as `learn` finds them in a corpus.
    """

    def __init__(self, learned: dict[str, str] | None = None) -> None:
        self._learnt = dict(learned or {})
        self._right: set[str] = set()
        self._repaired: dict[str, str] = {}

    @classmethod
    def learn(cls, texts: Iterable[str]) -> "Lexicon":
        """Learn the forms of a corpus that still has half-spaces.

        A form is learnt if it was met with its half-space at least twice, and more often than without.
        """
        counts = Counter(word for text in texts for word in _WORD.findall(text.translate(_LETTERS)))
        learnt = {}
        for word, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
            glued = word.replace(ZWNJ, "")
            if word != glued and count >= 2 and count > counts[glued]:
                learnt[glued] = word
        return cls(learnt)

    @property
    def hash(self) -> str:
        """The SHA-256 of what was learnt ("" where nothing was), for the manifest of a run."""
        if not self._learnt:
            return ""
        return hashlib.sha256("\n".join(sorted(self._learnt.values())).encode()).hexdigest()

    def repair(self, text: str) -> str:
        """Put lost half-spaces back into a normalized Persian text.

        Words that lost them altogether are repaired one by one. Where a space came in their place (هسته ای,
        بین المللی), only what cannot stand alone is joined; می, ها, تر and their like are joined where می stands apart
        four times and never otherwise, since many authors write it apart on purpose.
        """
        if "خارجه" in text:
            text = _RUN_TOGETHER.sub(" ", text)
        words = {word for word in _WORD.findall(text) if len(word) < MAX_WORD_LENGTH} - self._right
        if words:
            self._look_up(words)
            if not words <= self._right:
                text = _WORD.sub(lambda match: self._repaired.get(match[0], match[0]), text)
        if "ه ای" in text:
            text = _SPACED_HEH.sub(_join_adjective, text)
        if " ال" in text:
            text = _SPACED_ARTICLE.sub(_join_if_in_dictionary, text)
        if text.count("می ") > 3 and len(_SPACED_VERB.findall(text)) > 3 and not _JOINED_VERB.search(text):
            text = _SPACED_ENDING.sub(ZWNJ, _SPACED_VERB.sub(lambda match: match[1] + ZWNJ, text))
        return text

    def _look_up(self, words: set[str]) -> None:
        """Remember which words are right as they are, and what the others should be."""
        if len(self._right) + len(self._repaired) > MAX_CACHED_WORDS:
            self._right.clear()
            self._repaired.clear()
        for word in words - self._repaired.keys():
            repaired = self.repair_word(word)
            if repaired == word:
                self._right.add(word)
            else:
                self._repaired[word] = repaired

    def repair_word(self, word: str) -> str:
        """Put the half-spaces back into one word; a word that is not known comes back as it is."""
        if ZWNJ in word or word in LISTS["kept"] or not 3 < len(word) < MAX_WORD_LENGTH:
            return word
        return (
            self._learnt.get(word)
            or _split_verb_prefix(word)
            or self._inflected(word)
            or self._compound(word)
            or self._conjunction(word)
            or word
        )

    def _conjunction(self, word: str) -> str:
        """Set off the و (and) that a long known word was typed on to."""
        words = persian_dictionary()
        if word[0] == "و" and len(word) > 6 and not words.knows(word):
            rest = self.repair_word(word[1:])
            if words.knows(word[1:]) or ZWNJ in rest:
                return "و " + rest
        return ""

    def _stem(self, stem: str) -> str:
        """Repair a stem; "" if it is no known word."""
        repaired = self.repair_word(stem)
        return repaired if ZWNJ in repaired or persian_dictionary().knows(stem) else ""

    def _inflected(self, word: str) -> str:
        """Set off an ending: the one that the dictionary speaks for, or else the first in the order below."""
        lemmas = persian_dictionary().lemmas
        lemma = lemmas.get(word, "")
        if lemma == word:
            return ""
        readings = []
        for pattern in (_AFTER_HEH, _PLURAL, _COMPARATIVE, _AFTER_YEH, _POSSESSIVE):
            match = pattern.fullmatch(word)
            if match and (stem := self._stem(match[1])):
                # زمینهای is زمین‌های, رسانهای is رسانه‌ای: the dictionary's lemma, or the stem's plural, decides.
                closed = match[1][-1] not in _NON_JOINING
                reading = stem + ZWNJ * closed + match[2]
                if pattern is _COMPARATIVE and len(match[1]) < 4 and lemma != match[1]:
                    continue
                rank = 2 * (match[1] == lemma.replace(ZWNJ, "")) + 2 * (
                    persian_dictionary().joined.get(word) == reading
                )
                rank += (pattern is _PLURAL and not closed) + (lemmas.get(match[1] + "ها") == match[1])
                readings.append((rank, reading))
        if readings:
            return max(readings, key=lambda reading: reading[0])[1]
        plural = _PLURAL.fullmatch(word)
        if (
            plural
            and len(plural[1]) > 2
            and plural[1][-1] not in _NON_JOINING
            and not lemma
            and not word.endswith("تنها")
        ):
            return self.repair_word(plural[1]) + ZWNJ + plural[2]
        return ""

    def _compound(self, word: str) -> str:
        """Set off the parts of a compound that is no word of the dictionary."""
        words = persian_dictionary()
        if word in words.joined:
            return words.joined[word]
        plain = _UNSPACED_SUFFIX.fullmatch(word)
        if plain and plain[1] in words.joined:
            return words.joined[plain[1]] + plain[2]
        if word in words.lemmas or (plain and words.knows(plain[1])):
            return ""
        if match := _BEH_PHRASE.fullmatch(word):
            return match[1] + ZWNJ + match[2]
        for pattern, known in ((_COMPOUND_SUFFIX, 1), (_COMPOUND_PREFIX, 2)):
            match = pattern.fullmatch(word)
            if match and match[1][-1] not in _NON_JOINING and (part := self._stem(match[known])):
                return match[1] + ZWNJ + part if known == 2 else part + ZWNJ + match[2]
        return ""


def _split_verb_prefix(word: str) -> str:
    match = _VERB_PREFIX.fullmatch(word)
    if not match or persian_dictionary().lemmas.get(word) == word:
        return ""
    looks_finite = len(match[2]) > 3 and match[2].endswith(_PLURAL_ENDINGS) and not persian_dictionary().knows(word)
    if looks_finite or persian_dictionary().is_verb(match[2]):
        return match[1] + ZWNJ + match[2]
    return ""


def _join_if_in_dictionary(match: re.Match[str]) -> str:
    return persian_dictionary().joined.get(match[1] + match[2], match[0])


def _join_adjective(match: re.Match[str]) -> str:
    joined = match[1] + ZWNJ + match[2]
    return (
        joined
        if match[1] in LISTS["relational"] or persian_dictionary().lemmas.get(match[1] + match[2]) == joined
        else match[0]
    )


DEFAULT_LEXICON = Lexicon()
