"""Keywords of topics: counted, if need be by partition, and ranked within each language."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.text.tokens import word_family
from topiclib.topics.custom_words import NO_CUSTOM_WORDS, CustomWords

N_WORDS = 10

# If a language has as many articles, words of a single one are left out: most are names or misspellings.
MIN_ARTICLES_FOR_RARE_FILTER = 20

# A word in this share of an outlet's articles, if it has as many, is the outlet's signature ("Reuters"), not a keyword.
SIGNATURE_SHARE, MIN_ARTICLES_FOR_SIGNATURE = 0.9, 20

WORD_COUNT_KEYS, ARTICLE_COUNT_KEYS = ["lang", "topic", "word", "form"], ["lang", "source", "word"]


def extract_keywords(passages: pd.DataFrame, topics: np.ndarray, *, n_words: int = N_WORDS) -> pd.DataFrame:
    """Return the keywords of each topic in each language, by c-TF-IDF over the passages of that language.

    The weight of word t in topic c is tf(t, c) · log(1 + A / f(t)): its share of the topic's words, its count f in all
    topics, and the mean number A of words per topic. Words are counted by lemma and shown in their commonest form; of
    a name and its adjectives the strongest is given. A word that occurs in a single article is left out if its
    language has at least 20, and so is a word in nearly all articles of one outlet (column `source` of the passages,
    if there is one).

    References
    ----------
    Grootendorst 2022, BERTopic (arXiv 2203.05794), section 3.3.
    """
    return rank_keywords(*count_words(passages, topics), n_words=n_words)


def count_words(
    passages: pd.DataFrame, topics: np.ndarray, words: CustomWords = NO_CUSTOM_WORDS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count the words of passages that have a topic. Counts of partitions can be added if they share no article.

    Returns
    -------
    word_counts
        lang, topic, word (lemma), form, n (occurrences).
    article_counts
        lang, source (outlet, "" if `passages` has no such column), word, n (articles with the word); word "" counts all
        articles.
    """
    counts: Counter[tuple[str, int, str, str]] = Counter()
    articles_with: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    doc_ids = passages["doc_id"] if "doc_id" in passages else range(len(passages))
    sources = passages["source"] if "source" in passages else [""] * len(passages)
    rows = zip(passages["text"], passages["lang"], topics.tolist(), doc_ids, sources, strict=True)
    for text, lang, topic, doc_id, source in rows:
        if topic >= 0 and lang in schema.LANGUAGES:
            articles_with[lang, source, ""].add(doc_id)
            for word, form in words.tokenize(text, lang):
                counts[lang, topic, word, form] += 1
                articles_with[lang, source, word].add(doc_id)
    article_counts = [(*key, len(articles)) for key, articles in articles_with.items()]
    return (
        pd.DataFrame([(*key, n) for key, n in counts.items()], columns=[*WORD_COUNT_KEYS, "n"]),
        pd.DataFrame(article_counts, columns=[*ARTICLE_COUNT_KEYS, "n"]),
    )


def rank_keywords(
    word_counts: pd.DataFrame, article_counts: pd.DataFrame, words: CustomWords = NO_CUSTOM_WORDS, *,
    n_words: int = N_WORDS,
) -> pd.DataFrame:  # fmt: skip
    """Return table `keywords` from the counts of `count_words`."""
    rows = []
    for lang in schema.LANGUAGES:
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        counted = word_counts[word_counts["lang"] == lang]
        for word, form, n in counted[["word", "form", "n"]].itertuples(index=False):
            forms[word][form] += n
        shown_as = words.shown_words(forms, lang)
        stopped = words.find_stopped(forms, shown_as)
        shown_as[""] = ""
        of_lang = article_counts[article_counts["lang"] == lang]
        articles = of_lang["n"].groupby([of_lang["word"].map(shown_as), of_lang["source"]]).sum().unstack(fill_value=0)
        left_out = _signatures(articles) | stopped
        if len(articles) and articles.loc[""].sum() >= MIN_ARTICLES_FOR_RARE_FILTER:
            left_out |= set(articles.index[articles.sum(axis=1) < 2])
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        for topic, word, n in counted[["topic", "word", "n"]].itertuples(index=False):
            if shown_as[word] not in left_out:
                counts[topic][shown_as[word]] += n
        for topic, ranked in _ctfidf(counts):
            best: dict[str, tuple[str, float]] = {}  # one word of a family: روسيا, not روسي and روسية too
            for word, weight in ranked:
                if len(best) < n_words:
                    best.setdefault(word if word in words.protect else word_family(word), (word, weight))
            rows += [(topic, lang, rank, *word) for rank, word in enumerate(best.values(), start=1)]
    table = pd.DataFrame(rows, columns=list(schema.get_table("keywords").columns))
    return table.sort_values(["topic", "lang", "rank"], kind="stable")


def _signatures(articles: pd.DataFrame) -> set[str]:
    """Return words in nearly all articles of one outlet that most articles of the others lack.

    `articles` has the number of articles by word and outlet; row "" counts all articles.
    """
    sizes = articles.loc[""] if len(articles) else pd.Series(dtype=int)
    found: set[str] = set()
    for source in sizes.index[(sizes >= MIN_ARTICLES_FOR_SIGNATURE) & (sizes.index != "")]:
        others = sizes.sum() - sizes[source]
        elsewhere = articles.sum(axis=1) - articles[source]
        is_signature = (articles[source] >= SIGNATURE_SHARE * sizes[source]) & (elsewhere <= others / 2)
        found |= set(articles.index[is_signature])
    return found - {""}


def _ctfidf(counts: Mapping[int, Counter[str]]) -> Iterator[tuple[int, list[tuple[str, float]]]]:
    """Yield each topic with its words and their weights, the highest first."""
    total: Counter[str] = Counter()
    for words in counts.values():
        total.update(words)
    average = sum(total.values()) / max(1, len(counts))
    for topic in sorted(counts):
        size = sum(counts[topic].values())
        weights = {word: count / size * float(np.log1p(average / total[word])) for word, count in counts[topic].items()}
        yield topic, sorted(weights.items(), key=lambda item: (-item[1], item[0]))
