"""Restore missing half-spaces (zero-width non-joiners, ZWNJ) in Persian.

Some words are never written without a half-space: می and its verb, a known noun and its plural ending, a silent ه and
what follows it (میکنند, گروههای, هستهای). They are always repaired, and they show whether a document has lost its
half-spaces. Others are also written as one word (مهمترین, همزمان), or look like names (بیجار): they are repaired only
in a document with more words of the first kind than half-spaces.

Word forms come from simplemma's Persian dictionary, read at run time and not redistributed here, and from the user's
corpus where it still has half-spaces (`Lexicon.from_texts`). The patterns below are the affixes that Persian separates
with a half-space; exceptions are in `word_lists.toml`.
"""

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from topiclib.text.letters import ZWNJ, WordCache
from topiclib.text.stopwords import WORD_LISTS, any_word

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
_UNKNOWN_PLURAL = re.compile("(.{2,}[^اآأدذرزژوؤ])(?<!تن)(ها(?:ی|یی)?)")
_COMPARATIVE = re.compile("(.{3,})(تر(?:ین)?(?:ها(?:ی)?)?)")
_AFTER_HEH = re.compile("(.{2,}ه)((?<![او]ه)ای|ام|اش|اند|ایم|اید|است)")
_AFTER_YEH = re.compile("(.{2,}[^او]ی)(ام|اش|شان|تان|مان)")
_POSSESSIVE = re.compile("(.{2,}(?<!ان).)(?<![او]ی)(شان|تان|مان)")

_PHRASE = re.compile(f"(?:این|آن|همین|همان)(?={any_word('after_this')}$)|به(?={any_word('after_to')}$)")

_COMPOUND_PREFIX = re.compile("((?:بی|کم|تک|پس|یک)(?=.{4})|بین|درون|برون|پیش|نیمه|شبه|فوق|غیر|هیچ|خوش|جمع)(.{3,})")
_JOINED_ENDINGS = ("ی", "ان", "انی", "ات", "اتی", "ش", "م", "ت", "یی", "ند", "یند", "ست")
_PREPOSITIONS = ("در", "از", "با", "بر", "بی")
_UNSPACED_SUFFIX = re.compile(f"(.{{3,}})({'|'.join(_JOINED_ENDINGS)})")

# Some suffixes are usually joined, but not after a silent ه: پرچمدار and پژوهشگاه, but سابقه‌دار.
_COMPOUND_SUFFIX = re.compile(
    f"(.{{3,}}?)((?:{any_word('agent_suffixes')}|(?<=[^او]ه){any_word('joined_agent_suffixes')})(?:ی|یی|ان|انه)?"
    f"|{any_word('compound_suffixes')}|(?<=[^او]ه)گاه)"
)
_ARABIC_PHRASE = re.compile("(.{2,}[^اآأدذرزژوؤ])(ال.{3,})")
_SILENT_HEH = re.compile(".*[^او]ه")

_RUN_TOGETHER = re.compile("(?<=وزیر)(?=امور|خارجه)|(?<=امور)(?=خارجه)")
_SPACED_HEH = re.compile(r"\b(\w{2,}ه) (ای)\b")
_SPACED_ARTICLE = re.compile(r"\b(\w+) (ال\w+)")
_SPACED_VERB = re.compile(r"\b(ن?می) (\w{2,})")
_JOINED_VERB = re.compile(f"ن?می{ZWNJ}")
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

    def is_whole(self, word: str, endings: Iterable[str] = _JOINED_ENDINGS) -> bool:
        """Return whether a word is its own lemma, or one with an ending that is written without a half-space."""
        return any(self.lemmas.get(stem := word.removesuffix(ending)) == stem for ending in ("", *endings))

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

    `learned` has forms of a corpus, {form without half-space: form with it}; see `from_texts`.
    """

    def __init__(self, learned: dict[str, str] | None = None) -> None:
        self._learned = dict(learned or {})
        self._readings = WordCache(self._read, MAX_CACHED_WORDS)

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> "Lexicon":
        """Learn the forms that occur in a corpus with their half-space at least twice, and more often than without."""
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
        forms = "\n".join(sorted(self._learned.values()))
        return hashlib.sha256(forms.encode()).hexdigest() if forms else ""

    def repair(self, text: str) -> str:
        """Restore the half-spaces of a normalized Persian text.

        Words separated by a space instead (هسته ای, بین المللی) are joined only if one of them cannot stand alone. می,
        ها, تر and the like are joined only if می is followed by a space at least four times in the text and never by a
        half-space, since many authors separate them by a space on purpose.
        """
        if "خارجه" in text:
            text = _RUN_TOGETHER.sub(" ", text)
        words = _WORD.findall(text)
        readings = {word: reading for word in set(words) if (reading := self._readings[word])[0] != word}
        lost = {word: reading for word, (reading, is_sure) in readings.items() if is_sure}
        n_lost = sum(map(lost.__contains__, words)) if lost else 0
        has_spaces = text.count(" می ") + text.count(" نمی ") > 3
        has_spaces = has_spaces and not any(map(_JOINED_VERB.match, (*words, *lost.values())))
        is_lost = n_lost > text.count(ZWNJ)
        repaired = {word: reading for word, (reading, _) in readings.items()} if is_lost else lost
        if repaired:
            text = _WORD.sub(lambda match: repaired.get(match[0], match[0]), text)
        if "ه ای" in text:
            text = _SPACED_HEH.sub(_join_adjective, text)
        if " ال" in text:
            text = _SPACED_ARTICLE.sub(_join_if_in_dictionary, text)
        if has_spaces:
            text = _SPACED_ENDING.sub(ZWNJ, _SPACED_VERB.sub(_join_verb, text))
        return text

    def repair_word(self, word: str) -> str:
        """Restore the half-spaces of one word, whatever its document; an unknown word is returned unchanged."""
        return self._read(word)[0]

    def _read(self, word: str) -> tuple[str, bool]:
        """Return a word with its half-spaces, and whether it is never written without them."""
        kept = WORD_LISTS["no_half_space"]
        if ZWNJ in word or word in kept or not 3 < len(word) < MAX_WORD_LENGTH:
            return word, False
        if word in self._learned:
            return self._learned[word], True
        for split in (_split_verb_prefix, self._split_ending, self._split_conjunction):
            reading, is_sure = split(word)
            if reading:
                return reading, is_sure
        reading = self._split_compound(word) or word
        first = reading.partition(ZWNJ)[0]
        return reading, first != word and _ends_in_silent_heh(first)

    def _split_conjunction(self, word: str) -> tuple[str, bool]:
        """Separate و (and) from a known word that it is attached to; short words are too ambiguous."""
        dictionary = persian_dictionary()
        if word[0] == "و" and len(word) > 6 and not dictionary.knows(word) and dictionary.knows(word[1:]):
            return "و " + self.repair_word(word[1:]), True
        return "", False

    def _repair_stem(self, stem: str) -> str:
        """Repair a stem; return "" for an unknown word."""
        repaired = self.repair_word(stem)
        return repaired if ZWNJ in repaired or persian_dictionary().knows(stem) else ""

    def _split_ending(self, word: str) -> tuple[str, bool]:
        """Separate an ending, in the reading that the dictionary supports most; ties go to the first pattern."""
        dictionary = persian_dictionary()
        lemma = dictionary.lemmas.get(word, "")
        if dictionary.is_whole(word) or (word[:2] in _PREPOSITIONS and dictionary.lemmas.get(word[2:]) == word[2:]):
            return "", False
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
                support += pattern is _PLURAL and (match[2] == "های" or not joins)
                support += (dictionary.lemmas.get(match[1] + "ها") == match[1]) + (match[1] in WORD_LISTS["relational"])
                is_noun = dictionary.knows(match[1]) or stem.startswith("و ")
                is_sure = is_noun if pattern is _PLURAL else _ends_in_silent_heh(match[1])
                readings.append((support, reading, is_sure))
        if readings and dictionary.joined.get(word, "") in ("", *(reading for _, reading, _ in readings)):
            readings.sort(key=lambda reading: -reading[0])
            is_ambiguous = len(readings) > 1 and readings[0][0] < readings[1][0] + 2
            return readings[0][1], readings[0][2] and not is_ambiguous
        match = None if lemma else _UNKNOWN_PLURAL.fullmatch(word)
        return (self.repair_word(match[1]) + ZWNJ + match[2], False) if match else ("", False)

    def _split_compound(self, word: str) -> str:
        """Separate the parts of a compound that is not in the dictionary as one word."""
        dictionary = persian_dictionary()
        # میدانی is from میدان (field), not می‌دانی (you know)
        if word[-1] == "ی" and dictionary.is_whole(word[:-1], ()) and word[:-1] not in dictionary.joined:
            return ""
        if word in dictionary.joined or dictionary.lemmas.get(word) == word:
            return dictionary.joined.get(word, "")
        plain = _UNSPACED_SUFFIX.fullmatch(word)
        if plain and len(plain[1]) > 4 and plain[1] in dictionary.joined:
            return dictionary.joined[plain[1]] + plain[2]
        if word in dictionary.lemmas:
            return ""
        if match := _PHRASE.match(word):
            return match[0] + ZWNJ + word[match.end() :]
        match = _COMPOUND_SUFFIX.fullmatch(word)
        if match and match[1][-1] not in _NON_JOINING and (stem := self._repair_stem(match[1])):
            return stem + ZWNJ + match[2]
        match = _COMPOUND_PREFIX.fullmatch(word)
        if match and match[1][-1] not in _NON_JOINING:
            stem = self.repair_word(match[2])
            # بیانجامد is a verb with ب, and no compound with بی.
            is_risky = len(stem) < 5 or dictionary.is_verb(stem)  # بیرامی is a name
            if ZWNJ in stem or dictionary.is_whole(stem, () if is_risky else _JOINED_ENDINGS):
                return match[1] + ZWNJ + stem
        match = _ARABIC_PHRASE.fullmatch(word)
        if match and not dictionary.knows(match[1] + "ال"):
            arabic = vocabularies()[1]
            if word not in arabic and arabic.issuperset(match.groups()):
                return match[1] + ZWNJ + match[2]
        return ""


def separate_words(compound: str) -> str:
    """Replace the half-spaces between the words of a hashtag by spaces, but not those within a word (هسته‌ای)."""
    known = persian_dictionary().knows
    parts = compound.split(ZWNJ)
    if known("".join(parts).translate(_LETTERS)):
        return compound
    pieces = parts[:1]
    for before, after in pairwise(parts):
        word = (before.rpartition(" ")[2] + after.partition(" ")[0]).translate(_LETTERS)
        is_word = known(word) or ZWNJ in DEFAULT_LEXICON.repair_word(word)
        pieces += [ZWNJ if is_word else " ", after]
    return "".join(pieces)


def _ends_in_silent_heh(word: str) -> bool:
    return _SILENT_HEH.fullmatch(word) is not None and persian_dictionary().knows(word)


def _split_verb_prefix(word: str) -> tuple[str, bool]:
    """Separate می. A second person singular could be an adjective, and two letters are too few to be sure."""
    dictionary = persian_dictionary()
    match = _VERB_PREFIX.fullmatch(word)
    if not match or dictionary.is_whole(word, "ی"):
        return "", False
    stem = match[2]
    # No dictionary has every verb, but the endings of finite plural forms are rare in other words.
    looks_finite = len(stem) > 3 and re.search("(?<!و)ند$|ید$|یم$", stem) is not None
    looks_finite = looks_finite and not dictionary.knows(word) and not dictionary.is_whole(word)
    looks_finite = looks_finite and not dictionary.is_whole(stem.removeprefix("ر"), ())  # میرسلیم is a name
    is_verb = dictionary.is_verb(stem)
    if looks_finite or is_verb:
        return match[1] + ZWNJ + stem, is_verb and len(stem) > 2 and stem[-1] != "ی"
    return "", False


def _join_verb(match: re.Match[str]) -> str:
    return _split_verb_prefix(match[1] + match[2])[0] or match[0]


def _join_if_in_dictionary(match: re.Match[str]) -> str:
    return persian_dictionary().joined.get(match[1] + match[2], match[0])


def _join_adjective(match: re.Match[str]) -> str:
    joined = match[1] + ZWNJ + match[2]
    is_adjective = persian_dictionary().lemmas.get(match[1] + match[2]) == joined
    return joined if is_adjective or match[1] in WORD_LISTS["relational"] else match[0]


DEFAULT_LEXICON = Lexicon()
