"""Keywords of topics: counted, if need be by partition, and ranked within each language."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
import pandas as pd

from topiclib import schema
from topiclib.text.tokens import commonest_form, tokenize

N_WORDS = 10

# If a language has as many articles, words of a single one are left out: most are names or misspellings.
MIN_ARTICLES_FOR_RARE_FILTER = 20

WORD_COUNT_KEYS, ARTICLE_COUNT_KEYS = ["lang", "topic", "word", "form"], ["lang", "word"]


def extract_keywords(passages: pd.DataFrame, topics: np.ndarray, *, n_words: int = N_WORDS) -> pd.DataFrame:
    """Return the keywords of each topic in each language, by c-TF-IDF over the passages of that language.

    The weight of word t in topic c is tf(t, c) · log(1 + A / f(t)): its share of the topic's words, its count f in all
    topics, and the mean number A of words per topic. Words are counted by lemma and shown in their commonest form; a
    word that occurs in a single article is left out if its language has at least 20.

    References
    ----------
    Grootendorst 2022, BERTopic (arXiv 2203.05794), section 3.3.
    """
    return rank_keywords(*count_words(passages, topics), n_words=n_words)


def count_words(passages: pd.DataFrame, topics: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count the words of passages that have a topic. Counts of partitions can be added if they share no article.

    Returns
    -------
    word_counts
        lang, topic, word (lemma), form, n (occurrences).
    article_counts
        lang, word, n (articles with the word); word "" counts all articles.
    """
    counts: Counter[tuple[str, int, str, str]] = Counter()
    articles_with: dict[tuple[str, str], set[str]] = defaultdict(set)
    doc_ids = passages["doc_id"] if "doc_id" in passages else range(len(passages))
    for text, lang, topic, doc_id in zip(passages["text"], passages["lang"], topics.tolist(), doc_ids, strict=True):
        if topic >= 0 and lang in schema.LANGUAGES:
            articles_with[lang, ""].add(doc_id)
            for word, form in tokenize(text):
                counts[lang, topic, word, form] += 1
                articles_with[lang, word].add(doc_id)
    article_counts = [(*key, len(articles)) for key, articles in articles_with.items()]
    return (
        pd.DataFrame([(*key, n) for key, n in counts.items()], columns=[*WORD_COUNT_KEYS, "n"]),
        pd.DataFrame(article_counts, columns=[*ARTICLE_COUNT_KEYS, "n"]),
    )


def rank_keywords(word_counts: pd.DataFrame, article_counts: pd.DataFrame, *, n_words: int = N_WORDS) -> pd.DataFrame:
    """Return table `keywords` from the counts of `count_words`."""
    rows = []
    for lang in schema.LANGUAGES:
        articles = article_counts[article_counts["lang"] == lang].set_index("word")["n"].to_dict()
        max_rare = 1 if articles.get("", 0) >= MIN_ARTICLES_FOR_RARE_FILTER else 0
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        forms: dict[str, Counter[str]] = defaultdict(Counter)
        for _, topic, word, form, n in word_counts[word_counts["lang"] == lang].itertuples(index=False):
            forms[word][form] += n
            if articles[word] > max_rare:
                counts[topic][word] += n
        shown_as = {word: commonest_form(word_forms) for word, word_forms in forms.items()}
        for topic, ranked in _ctfidf(counts, 2 * n_words):
            # Two lemmas may share their commonest form (عقوبة and عقوبات): it is shown once, with the higher weight.
            weights = {shown_as[word]: weight for word, weight in reversed(ranked)}
            best = sorted(weights.items(), key=lambda item: -item[1])[:n_words]
            rows += [(topic, lang, rank, word, weight) for rank, (word, weight) in enumerate(best, start=1)]
    table = pd.DataFrame(rows, columns=list(schema.get_table("keywords").columns))
    return table.sort_values(["topic", "lang", "rank"], kind="stable")


def _ctfidf(counts: Mapping[int, Counter[str]], n_words: int):
    total: Counter[str] = Counter()
    for words in counts.values():
        total.update(words)
    average = sum(total.values()) / max(1, len(counts))
    for topic in sorted(counts):
        size = sum(counts[topic].values())
        weights = {word: count / size * float(np.log1p(average / total[word])) for word, count in counts[topic].items()}
        yield topic, sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:n_words]
