"""Look up Arabic words in simplemma's dictionary, in any spelling, and without proclitics and pronouns.

The dictionary has no parts of speech. Whether a word is a noun or a verb is judged by which of its forms are there.
"""

import functools
import re
from collections.abc import Iterable

from topiclib.text.half_spaces import arabic_lemmas
from topiclib.text.stopwords import PROPER_NAMES, stop_words

MAX_CACHED_WORDS = 100_000

Token = tuple[str, str]  # (lemma, surface)

NO_TOKEN: Token = ("", "")  # a word that cannot describe a topic

TEH_OR_HEH = "ۃ"  # stands for a final ه in texts that write it for ة

ARTICLE = re.compile("^[وف]?(?:[بك]?ال|لل)(?=..)")
_CONJUNCTION = re.compile("^[وف](?=..)")
_PROCLITIC = re.compile("^(?:[وف][بلكس]?|[بلكس])(?=..)")
_ENCLITIC = re.compile("(?<=..)(?:ها|هم|هما|هن|نا|كم|ه|ي|ك)$")
_PRONOUN = re.compile("(?<=...)(?:هما|ها|هم|هن|نا|كم|ه)$")
# A noun may end otherwise before a pronoun: زيارتها is زيارة, أبنائه is أبناء, مستواه is مستوى.
_NOUN_ENDINGS = (("ت", "ة"), ("", ""), ("ائ", "اء"), ("اؤ", "اء"), ("ا", "ى"))
_VERB_ENDING = re.compile("(?:(?<!...[ويا])ن|نا|تم)$")
PREFIXES = "وفبلكس"
# Spellings of one word: hamza, dots of yeh and teh marbuta are often left out.
_SPELLING = str.maketrans({**dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ؤ": "و", "ئ": "ي", "ء": "", "ة": "ه"})
_UNDOTTED_KEY = str.maketrans({**dict.fromkeys("أإآٱ", "ا"), "ى": "ي"})


def read_arabic(word: str) -> Token:
    """Return the lemma of an Arabic word and the word without proclitics, or `NO_TOKEN`."""
    plain = word.replace(TEH_OR_HEH, "ه")
    if plain != word:
        token = _read_word(f"{word[:-1]}ة")
        if token is NO_TOKEN or is_known(token[0]):
            return token
    return _read_word(plain)


def _read_word(word: str) -> Token:
    """Look up an Arabic word with fewer and fewer proclitics, then without its pronoun."""
    bare, after_and, short = ARTICLE.sub("", word), _CONJUNCTION.sub("", word), _PROCLITIC.sub("", word)
    if len(bare) < 3 and not word.startswith("ال") and word in arabic_lemmas():
        bare = word  # والدة and وكالات begin like words with an article
    has_article, stop = bare != word, stop_words("ar")
    with_article = "ال" + bare if has_article else short
    if _is_stop_word(word) or (has_article and (with_article in stop or bare in stop)):
        return NO_TOKEN
    for form in (word, with_article, bare, after_and, short):
        if (name := _respell(form)) in PROPER_NAMES:
            return name, name
    forms = dict.fromkeys((word, bare, after_and, short))
    stem = _without_pronoun([word]) if word.endswith("ه") and word not in arabic_lemmas() and not has_article else ""
    if _is_noun(stem):
        return _read_known(stem)  # كتابه is "his book", though كتابة may be written so
    for form in forms:
        # A letter is cut off only before a noun: ايدن is a verb, so بايدن is a name.
        known = _respell(form)
        if form == bare != word and form.endswith("ى") and not _is_noun(known):
            known = _respell(f"{form[:-1]}ي")  # النادى is النادي: نادى is a verb
        if has_article and form == word and not known.startswith("ال"):
            continue  # اليمين is يمين, not أليمين
        if len(form) > 2 and known in arabic_lemmas() and (form in (word, bare) or _is_noun(known)):
            token = _read_known(known)
            # What is cut off in doubt (فالنسيا, فيون, برنت) stays in the surface form, until the corpus is counted.
            in_doubt = word[0] in "فك" if has_article else form != word and (len(form) < 4 or not _is_lemma(known))
            return (token[0], word) if in_doubt and token is not NO_TOKEN else token
        if form != word and len(form) > 3 and form[0] in "يتن" and form in arabic_lemmas() and _is_verb(form):
            return NO_TOKEN  # وتضرب, سيغرد
    stem = _without_pronoun((after_and, short) if has_article else forms)
    if stem and (not has_article or arabic_lemmas()[stem].startswith("ال")):  # التزاماتهم
        return _read_known(stem)
    if short != word and short[0] in "أإآ" and len(short) > 3:
        bare = word = short
    bare = word if len(bare) < 3 and bare not in arabic_lemmas() else bare  # والتر is a name
    return (_spelling_key(bare), word) if len(bare) > 2 else NO_TOKEN


def _without_pronoun(forms: Iterable[str]) -> str:
    """Return the first form of the dictionary that one of these forms is with a pronoun (منتخبنا), or ""."""
    for form in forms:
        stem = _PRONOUN.sub("", form)
        for ending, full in _NOUN_ENDINGS if stem != form else ():
            known = _respell(stem.removesuffix(ending) + full) if stem.endswith(ending) else ""
            is_long = len(known) > 3 or (len(known) == 3 and not form.endswith("ه"))
            if known in arabic_lemmas() and (is_long or _is_noun(known)):
                return known
    return ""


def _read_known(form: str) -> Token:
    """Return the token of a form that is in the dictionary; finite verbs describe no topic."""
    lemma, stop = arabic_lemmas()[form], stop_words("ar")
    if form in stop or lemma in stop or len(lemma) < 2 or _is_verb(form):
        return NO_TOKEN
    lemma = _respell(lemma)
    surface = form if lemma.startswith(("ال", "إل", "أل")) else ARTICLE.sub("", form)
    return lemma, lemma if surface == f"{lemma[:-1]}ى" else surface  # تركى is shown as تركي


def is_known(word: str) -> bool:
    return word in PROPER_NAMES or word in arabic_lemmas()


@functools.lru_cache(MAX_CACHED_WORDS)
def _respell(word: str) -> str:
    """Return the usual spelling of a word in which hamza, dots or teh marbuta may be missing."""
    spellings = _spellings().get(_skeleton(word), word).split()
    if spellings == [word]:
        return word
    usual = min(spellings, key=_spelling_rank)
    is_certain = usual in PROPER_NAMES or usual in stop_words("ar")
    if not is_certain and not _is_noun(usual):
        return word
    if word in spellings:
        # Two words may differ in this alone (على and علي, آمن and أمن): only what is missing is added.
        if word[0] == "ا" and _is_lemma(word) and not _is_lemma(usual):
            return word
        is_plural = word.startswith("ال") or _is_lemma(word)  # القوى
        if word.endswith("ى") and usual.endswith("ي") and (usual in stop_words("ar") or not is_plural):
            word = f"{word[:-1]}ي"
    elif is_certain or _is_lemma(usual):  # elsewhere فيون would be فئون
        return usual
    lost = "اه" if word in spellings else "اأإآؤئهةى"
    is_same = len(word) == len(usual) and all(
        a == b or a in lost or a + b == "ئؤ" for a, b in zip(word, usual, strict=True)
    )
    return usual if is_same else word


def _skeleton(word: str) -> str:
    """Return what the spellings of a word share (مسئول and مسؤول too)."""
    return word.replace("ئو", "ؤو").translate(_SPELLING)


@functools.cache
def _spellings() -> dict[str, str]:
    """Return all spellings of each known word, joined by spaces, by the word without hamza, dots and teh marbuta."""
    spellings: dict[str, str] = {}
    for word in dict.fromkeys([*PROPER_NAMES, *stop_words("ar"), *arabic_lemmas()]):
        key = _skeleton(word)
        spellings[key] = f"{spellings[key]} {word}" if key in spellings else word
    return spellings


def _spelling_rank(word: str) -> tuple:
    """Order the spellings of a word: names, stop words, nouns, lemmas; then the fewest marks, but not none."""
    known = word not in PROPER_NAMES, word not in stop_words("ar"), not _is_noun(word)
    bare = word.removeprefix("ال")
    marks = sum(letter in "أإآؤئء" for letter in bare)
    is_rare = (bare[:1] == "آ") != (bare[2:3] == "ا")  # آثار, but أمن
    return *known, not _is_lemma(word), bare[:1] == "ا", marks, is_rare, word


def _is_lemma(word: str) -> bool:
    """Return whether a word, without its article, is its own lemma."""
    return arabic_lemmas().get(word) == ARTICLE.sub("", word)


def _spelling_key(word: str) -> str:
    """Return the lemma of an unknown word: one for all its spellings."""
    word = word.translate(_UNDOTTED_KEY)
    return f"{word[:-1]}ة" if word.endswith("ه") and len(word) > 3 else word


def _has_form(stem: str, *endings: str) -> bool:
    lemmas = arabic_lemmas()
    return any([stem + ending in lemmas for ending in endings])  # noqa: C419 (a generator takes twice as long)


def _takes_article(form: str) -> bool:
    """Return whether the dictionary has a form with the article (and not اليون, which is آليون, for يون)."""
    with_article = f"ال{form}"
    return arabic_lemmas().get(with_article, "") in (form, with_article, arabic_lemmas().get(form, form))


@functools.lru_cache(MAX_CACHED_WORDS)
def _is_noun(form: str) -> bool:
    """Return whether a form of the dictionary may be a noun or adjective, by the other forms that it has."""
    if form not in arabic_lemmas() or form.endswith("ة"):
        return bool(form) and form.endswith("ة")
    nouns = {form, arabic_lemmas()[form]} if not _VERB_ENDING.search(form) else {form}
    has_noun_form = any(_takes_article(noun) or _has_form(noun, "ان", "ين", "ون", "ات", "ة", "ية") for noun in nouns)
    return has_noun_form and not _is_verb(form)


@functools.lru_cache(MAX_CACHED_WORDS)
def _is_verb(form: str) -> bool:
    """Return whether a form of the dictionary can only be a finite verb (يغرد, تضرب, شاركت), by its other forms."""
    lemmas = arabic_lemmas()
    if form in PROPER_NAMES or _takes_article(form) or _has_form(form, "ة", "ية"):
        return False
    if form[0] in "يتن" and all(person + form[1:] in lemmas for person in "يتنأ"):
        return not _has_form(form, "ت" if form[0] == "ت" else "ي")  # تعاونت, يميني
    for ending in ("ت", "وا", ""):
        stem = form.removesuffix(ending)
        # Without an ending, short verbs (رفع) and those in ت (تعاون) may be nouns too, except hollow ones (فاز).
        if not form.endswith(ending) or not (ending or (form[0] != "ت" and (len(form) > 3 or form[1:2] == "ا"))):
            continue
        if len(stem) > 2 and stem in lemmas and _has_form(stem, "تا"):
            return not _has_form(stem, "ان", "ين", "ون", "ة", "ية")
    return False


def _is_stop_word(word: str) -> bool:
    """Return whether an Arabic word is a stop word, with or without proclitics and pronouns (ولكنها, لأنه)."""
    stop, spelling = stop_words("ar"), _respell(word)
    if word in stop or spelling in stop or arabic_lemmas().get(spelling) == spelling:
        return word in stop or spelling in stop
    shorter = {spelling, _CONJUNCTION.sub("", word), _PROCLITIC.sub("", word)}
    return any(_respell(form) in stop or _ENCLITIC.sub("", form) in stop for form in shorter)
