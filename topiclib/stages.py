"""What is done with one part of a corpus: read, cut, embedded, drawn from, placed, told.

Each function does one stage for one part with the functions that a corpus in one piece goes through, keeps what it
made in the work folder, and does nothing where that is there already: so any stage may be killed and asked again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from topiclib import balance, compare, schema
from topiclib.align import Alignment
from topiclib.clusters import nearest
from topiclib.corpus import fill_columns, hash_texts, join_sources, read_files
from topiclib.fit import Recipe, topic_space
from topiclib.flow import flow
from topiclib.keywords import count_words
from topiclib.measure.split import count_languages
from topiclib.parts import Piece, Work, fetch, names_of
from topiclib.passages import cut, find_reprints, mark, shingle, with_outlets
from topiclib.pipeline import is_synthetic
from topiclib.tables import (
    articles,
    assignments,
    compare_levels,
    quotable,
    theme_quotes,
    values,
    with_reprints,
)
from topiclib.text import Lexicon
from topiclib.themes import Theme, match, score

EVERY = 4
"""Of its three-word runs a passage gives one in so many, by their number, as keys to find its reprints by."""
COMMON = 100
"""A run that more documents have is a phrase of news: it proves nothing."""
LIKELY = 0.4
"""Keys that a passage and a document share before both are compared run by run; .6 is asked then."""
REPRINTS = ["passage_id", "kept", "part", "kept_part"]
PART = 1 << 32  # passages and documents are numbered part * PART + row
Model: TypeAlias = tuple[Alignment, np.ndarray, np.ndarray]  # alignment, topics and their centroids


def read_part(work: Work, part: int, pieces: Sequence[Piece], *, skip_bad: bool) -> pd.DataFrame:
    """Read the articles of a part, and return of each what is needed to tell it from those of other parts."""

    def read() -> pd.DataFrame:
        with tempfile.TemporaryDirectory() as folder:
            try:
                files = list(fetch(pieces, Path(folder)))
                frame = read_files(files, skip_bad=skip_bad) if files else pd.DataFrame({"text": []})
            except (ValueError, OSError) as error:  # of a copy only what is known to the user
                raise ValueError(f"{str(error).replace(f'{folder}/', '')} (in {names_of(pieces)})") from error
            documents = fill_columns(frame)
            return documents.assign(dropped=documents["dropped"].str.replace(f"{folder}/", "", regex=False))

    documents = work.keep(f"read/{part}", read)
    facts = documents[["doc_id", "source", "dropped"]]
    return work.keep(f"index/{part}", lambda: facts.assign(text=hash_texts(documents["text"])))


def cut_part(
    work: Work, part: int, settled: pd.DataFrame, *, recipe: Recipe, lexicon: Lexicon, sources: str | Path | None
) -> bool:
    """Write the documents with their ids, their passages, and the keys under which reprints are found; tell whether
    the articles are synthetic.
    """

    def settle() -> pd.DataFrame:
        read = work.read(f"read/{part}").assign(doc_id=settled["doc_id"], dropped=settled["dropped"])
        documents = schema.conform(read, "documents")
        return documents if sources is None else join_sources(documents, Path(sources))

    documents = work.keep(f"documents/{part}", settle)
    passages = work.keep(f"cut/{part}", lambda: cut(documents, max_words=recipe.max_words, lexicon=lexicon))
    work.keep(f"keys/{part}", lambda: _keys(passages, part))
    return is_synthetic(documents)


def _keys(passages: pd.DataFrame, part: int) -> pd.DataFrame:
    rows = []
    for row, (doc, text) in enumerate(zip(pd.factorize(passages["doc_id"])[0], passages["text"], strict=True)):
        runs = shingle(text)
        some = [run for run in runs if run % EVERY == 0] or [min(runs)]
        rows += [(run, part * PART + row, part * PART + doc, len(some)) for run in some]
    return pd.DataFrame(rows, columns=["run", "passage", "doc", "keys"]).astype("int64")


def read_keys(work: Work, part: int) -> pd.DataFrame:
    """Read the keys of a part."""
    return work.read(f"keys/{part}")


def read_sum(work: Work, name: str, part: int) -> pd.DataFrame:
    """Read what a part counted."""
    return work.read(f"{name}/{part}")


def links_meta() -> dict[str, pd.DataFrame]:
    """Return empty frames of the columns of what is found on the way to reprints."""
    whole = {"shared": ["passage", "doc", "keys", "other", "n"], "pairs": ["doc", "other"]}
    frames = {name: pd.DataFrame(columns=columns, dtype="int64") for name, columns in whole.items()}
    return {**frames, "reprints": pd.DataFrame(columns=REPRINTS).astype({"part": "int64", "kept_part": "int64"})}


def shared_keys(keys: pd.DataFrame) -> pd.DataFrame:
    """Return how many keys each passage shares with each other document, in rows that have all of a key; `other` is -1
    for the keys that too many documents have.
    """
    common = keys.groupby("run")["doc"].transform("nunique") > COMMON
    rare = keys[~common]
    pairs = rare.merge(rare[["run", "doc"]].drop_duplicates().rename(columns={"doc": "other"}), on="run")
    found = pd.concat([pairs[pairs["doc"] != pairs["other"]], keys[common].assign(other=-1)])
    names = ["passage", "doc", "keys", "other"]
    return found.groupby(names).size().rename("n").reset_index().astype("int64")


def likely_pairs(shared: pd.DataFrame) -> pd.DataFrame:
    """Return the documents one of which may repeat a passage of the other, of rows that have all of a passage."""
    sums = shared.groupby(["passage", "doc", "keys", "other"])["n"].sum().reset_index()
    common = sums[sums["other"] < 0].set_index("passage")["n"]
    pairs = sums[sums["other"] >= 0]
    doubtful = pairs["passage"].map(common).fillna(0)  # keys that prove nothing: given the benefit of the doubt
    return pairs[pairs["n"] + doubtful >= LIKELY * pairs["keys"]][["doc", "other"]].drop_duplicates().astype("int64")


def linked_passages(work: Work, part: int, group: pd.Series) -> pd.DataFrame:
    """Return the passages of the documents that have a group (by their number), for `find_reprints`."""
    passages = work.read(f"cut/{part}", ["passage_id", "doc_id", "position", "kind", "text", "date"])
    numbers = pd.Series(part * PART + pd.factorize(passages["doc_id"])[0], index=passages.index)
    passages = passages.assign(part=part, group=numbers.map(group))
    return passages.dropna(subset=["group"]).astype({"group": "int64"})


def reprints_of(passages: pd.DataFrame) -> pd.DataFrame:
    """Return which of some linked passages are reprints, and of which, both with their parts."""
    kept = find_reprints(passages.sort_values(["doc_id", "position"]))
    part = passages.set_index("passage_id")["part"].to_dict()
    rows = [(again, first, part[again], part[first]) for again, first in kept.items()]
    return pd.DataFrame(rows, columns=REPRINTS).astype({"part": "int64", "kept_part": "int64"})


def mark_part(work: Work, part: int, kept: dict[str, str]) -> int:
    """Write table `passages` with its reprints marked; return how many are modelled."""
    passages = work.keep(f"passages/{part}", lambda: mark(work.read(f"cut/{part}").drop(columns="date"), kept))
    return int(passages["modelled"].sum())


def embed_part(work: Work, part: int, *, recipe: Recipe, cache: str | Path | None) -> pd.Series:
    """Write the vectors of the modelled passages, and count these by language, outlet and period."""
    from topiclib.embed import embed

    rows = modelled(work, part)
    work.keep_array(f"vectors/{part}", lambda: embed(rows, encoder=recipe.encoder, cache=cache, progress=False))
    return balance.strata(rows).value_counts()


def modelled(work: Work, part: int) -> pd.DataFrame:
    """Return a part's modelled passages, with outlet and period."""
    passages = work.read(f"passages/{part}")
    rows = passages[passages["modelled"]].reset_index(drop=True)
    return with_outlets(rows, work.read(f"documents/{part}", ["doc_id", "source", "date"]))


def place_part(work: Work, part: int, fitted: pd.DataFrame, *, model: Model, recipe: Recipe) -> pd.Series:
    """Write table `assignments`: what was fitted keeps its topic, the rest goes to the nearest centroid. Return the
    topics of passages that have reprints.
    """
    rows = modelled(work, part)
    alignment, known, means = model
    fitted = fitted[fitted["part"] == part]

    def place() -> pd.DataFrame:
        space = _space(work, part, rows, alignment, recipe)
        topics = nearest(space, known, means)[0] if len(rows) else np.zeros(0, dtype=int)
        topics[fitted["row"]] = fitted["topic"]
        return assignments(rows, topics, space, means_of=(known, means))

    topics = work.keep(f"assignments/{part}", place)["topic"].to_numpy()
    again = (rows["reprints"] > 0).to_numpy()
    return pd.Series(topics[again], index=rows["passage_id"][again], dtype="int64")


def tell_part(
    work: Work, part: int, elsewhere: pd.Series, *, model: Model,
    topics: Sequence[int], themes: dict[str, Theme], recipe: Recipe,
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:  # fmt: skip
    """Write what a part tells: a row for each passage or article, and the sums. Return what may be quoted: passages
    with their topics, their vectors, and those of themes.
    """
    documents, passages, rows = work.read(f"documents/{part}"), work.read(f"passages/{part}"), modelled(work, part)
    given = work.read(f"assignments/{part}").set_index("passage_id")["topic"]
    counted = with_reprints(passages)
    work.keep(f"matches/{part}", lambda: match(counted, themes))
    found = work.keep(f"themes/{part}", lambda: score(work.read(f"matches/{part}"), counted, themes))
    by_topic, by_theme = values(counted, pd.concat([given, elsewhere[~elsewhere.index.isin(given.index)]]), found)
    by_topic = by_topic.reindex(columns=list(topics), fill_value=0.0)
    work.keep(f"articles/{part}", lambda: articles(by_topic))
    work.keep(f"topic/{part}", lambda: by_topic.rename(columns=str).reset_index())
    work.keep(f"theme/{part}", lambda: by_theme.reindex(columns=list(themes), fill_value=0.0).reset_index())
    about = found[found["about"]].rename(columns={"theme": "key"})[["passage_id", "key"]]
    of = documents.set_index("doc_id")["source"]
    texts = counted[["passage_id", "doc_id", "lang", "text"]].assign(source=counted["doc_id"].map(of))
    work.keep(f"about/{part}", lambda: about.merge(texts, on="passage_id"))
    uses, holders = count_words(rows, given.to_numpy())
    sizes = count_languages(given, rows["lang"]).stack().rename("n").reset_index()
    sums = {"uses": uses, "holders": holders, "sizes": sizes}
    sums |= {"coverage": compare.coverage(documents), "flow": flow(documents, passages)}
    sums |= {"tied": _tied(documents, counted, elsewhere)}
    for name, frame in sums.items():
        work.keep(f"{name}/{part}", frame.copy)
    space = _space(work, part, rows, model[0], recipe)
    chosen = quotable(rows, given.to_numpy(), space, means_of=model[1:])
    named = theme_quotes(rows, found).merge(rows[["passage_id", "doc_id", "kind"]].rename(columns={"kind": "of"}))
    return rows.iloc[chosen].assign(topic=given.to_numpy()[chosen]), space[chosen], named


def _tied(documents: pd.DataFrame, counted: pd.DataFrame, elsewhere: pd.Series) -> pd.DataFrame:
    """Return which article each article repeats, also one of another part: a passage's id begins with its article's."""
    far = pd.DataFrame({"passage_id": elsewhere.index, "reprint_of": ""}, dtype="object")
    far["doc_id"] = [name.rpartition("#")[0] for name in far["passage_id"]]
    whole = pd.concat([counted[["passage_id", "doc_id", "reprint_of"]], far]).drop_duplicates("passage_id")
    return compare.tie_reprints(documents[["doc_id"]], whole)


def _space(work: Work, part: int, rows: pd.DataFrame, alignment: Alignment, recipe: Recipe) -> np.ndarray:
    vectors = work.read_array(f"vectors/{part}")
    if not len(rows):
        return vectors
    return topic_space(alignment.apply(vectors, rows["lang"].tolist()), recipe)


def compare_parts(work: Work, n: int, period: str, kind: str, keys: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `shares` and `timeline` of some topics or themes over all articles."""
    by_key = pd.concat([work.read(f"{kind}/{part}", ["doc_id", *keys]) for part in range(n)])
    facts = ["doc_id", "source", "date", "lang"]
    documents = pd.concat([work.read(f"documents/{part}", facts) for part in range(n)], ignore_index=True)
    documents["reprint_of"] = pd.concat([work.read(f"tied/{part}") for part in range(n)])["reprint_of"].to_numpy()
    return compare_levels(by_key.set_index("doc_id").sort_index(), documents, kind, period)


def contrast_parts(work: Work, parts: int, theme: str) -> pd.DataFrame:
    """Return `contrasts` of one theme over all passages about it."""
    about = pd.concat([work.read(f"about/{part}") for part in range(parts)], ignore_index=True)
    about = about[about["key"] == theme]
    return compare.word_contrasts(about, about[["passage_id", "key"]], about.groupby("doc_id")["source"].first())
