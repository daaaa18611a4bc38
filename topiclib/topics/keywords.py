"""The words of the topics: counted, part by part where there are parts, and ranked within each language."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.text.tokens import commonest_form, tokenize

N_WORDS = 10

MIN_ARTICLES_FOR_RARE_FILTER = 20
"""Articles of a language from which on a word has to be in two of them."""

WORD_COUNT_KEYS, ARTICLE_COUNT_KEYS = ["lang", "topic", "word", "form"], ["lang", "word"]


def extract_keywords(passages: pd.DataFrame, topics: np.ndarray, *, n_words: int = N_WORDS) -> pd.DataFrame:
    """Return the words of each topic within each language, by c-TF-IDF over that language's passages.

    The weight of word t in topic c is tf(t, c) · log(1 + A / f(t)): its share among the topic's words, its count f in
    all topics, and A words a topic on average. Words are counted by lemma and shown in their commonest form; a word
    that a single article has is left out, where there are at least 20 articles.

    Source: Grootendorst 2022, BERTopic (arXiv 2203.05794), section 3.3.
    """
    return rank_keywords(*count_words(passages, topics), n_words=n_words)


def count_words(passages: pd.DataFrame, topics: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count the words of passages that are in a topic. The counts of parts are added up, where no article is in two.

    Returns
    -------
    uses
        lang, topic, word (its lemma), form, n: how often.
    holders
        lang, word, n: in how many articles; word "" counts the articles.
    """
    uses: Counter[tuple[str, int, str, str]] = Counter()
    holders: dict[tuple[str, str], set[str]] = defaultdict(set)
    doc_ids = passages["doc_id"] if "doc_id" in passages else range(len(passages))
    for text, lang, topic, doc_id in zip(passages["text"], passages["lang"], topics.tolist(), doc_ids, strict=True):
        if topic >= 0 and lang in schema.LANGUAGES:
            holders[lang, ""].add(doc_id)
            for word, form in tokenize(text):
                uses[lang, topic, word, form] += 1
                holders[lang, word].add(doc_id)
    in_articles = [(*at, len(found)) for at, found in holders.items()]
    return (
        pd.DataFrame([(*at, n) for at, n in uses.items()], columns=[*WORD_COUNT_KEYS, "n"]),
        pd.DataFrame(in_articles, columns=[*ARTICLE_COUNT_KEYS, "n"]),
    )


def rank_keywords(word_counts: pd.DataFrame, article_counts: pd.DataFrame, *, n_words: int = N_WORDS) -> pd.DataFrame:
    """Return table `extract_keywords` from what `count_words` counted."""
    rows = []
    for lang in schema.LANGUAGES:
        articles = article_counts[article_counts["lang"] == lang].set_index("word")["n"].to_dict()
        rare = 1 if articles.get("", 0) >= MIN_ARTICLES_FOR_RARE_FILTER else 0
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        for _, topic, word, form, n in word_counts[word_counts["lang"] == lang].itertuples(index=False):
            forms[word][form] += n
            if articles[word] > rare:
                counts[topic][word] += n
        shown_as = {word: commonest_form(found) for word, found in forms.items()}
        for topic, ranked in _ctfidf(counts, 2 * n_words):
            # Two words may share their commonest form (عقوبة and عقوبات): the heavier one stands for both.
            shown = {shown_as[word]: weight for word, weight in reversed(ranked)}
            best = sorted(shown.items(), key=lambda item: -item[1])[:n_words]
            rows += [(topic, lang, rank, word, weight) for rank, (word, weight) in enumerate(best, start=1)]
    return pd.DataFrame(rows, columns=list(schema.get_table("keywords").columns)).sort_values(
        ["topic", "lang", "rank"], kind="stable"
    )


def _ctfidf(counts: Mapping[int, Counter[str]], n_words: int):
    total: Counter[str] = Counter()
    for words in counts.values():
        total.update(words)
    average = sum(total.values()) / max(1, len(counts))
    for topic in sorted(counts):
        size = sum(counts[topic].values())
        weights = {word: count / size * float(np.log1p(average / total[word])) for word, count in counts[topic].items()}
        yield topic, sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:n_words]
