"""Convert the tables of a run into the JSON that the map script reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from topiclib import schema
from topiclib.runs import store
from topiclib.runs.apply_curation import decisions_of
from topiclib.schema import plural
from topiclib.text import fold
from topiclib.text.normalize import FOLDED_BLOCKS
from topiclib.topics.curation import find_parts
from topiclib.topics.curation_file import Curation, list_decisions

if TYPE_CHECKING:
    from topiclib.runs.pipeline import Run

SELECTION_COLUMNS = ("passage_id", "doc_id", "title", "date", "source", "lang", "topic", "text")
SCRIPTS = ("search.js", "elements.js", "plot.js", "filters.js", "reader.js", "topics.js", "explore.js")


class RunData(NamedTuple):
    """What a map needs of a run: tables and manifest, the name of its folder, and the decisions that it has."""

    tables: Mapping[str, pd.DataFrame]
    manifest: Mapping[str, Any]
    name: str
    curation: Curation


def read_run(run: Run | str | Path) -> RunData:
    """Return the data of a run or of a run folder."""
    if isinstance(run, str | Path):
        path, tables, manifest = Path(run), store.read_tables(run), store.read_manifest(run)
    else:
        path, tables, manifest = run.path, run.tables, run.manifest
    return RunData(tables, manifest, path.name, decisions_of(path, tables, manifest))


def map_rows(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the passages in the order of `points`, with `SELECTION_COLUMNS`, x, y, kind, n_reprints, url."""
    passages = tables["passages"][["passage_id", "doc_id", "lang", "kind", "n_reprints", "text"]]
    documents = tables["documents"][["doc_id", "title", "date", "source", "url"]]
    rows = tables["points"].merge(passages, on="passage_id", how="left").merge(documents, on="doc_id", how="left")
    return rows[[*SELECTION_COLUMNS, "x", "y", "kind", "n_reprints", "url"]]


def map_data(rows: pd.DataFrame, run: RunData, *, include_text: bool = True) -> dict[str, Any]:
    """Return the data of the map as lists with one entry per passage (in the order of `rows`) or per article."""
    tables, manifest = run.tables, run.manifest
    labels = manifest.get("themes", {})
    documents = rows.drop_duplicates("doc_id")
    sources = sorted(set(documents["source"]))
    topics = _describe_topics(tables["topics"], run.curation, manifest.get("curation", {}).get("words", {}))
    found = rows["passage_id"].map(tables["assignments"].set_index("passage_id")["topic_found"])
    found = found.fillna(rows["topic"]).astype(int)
    about, matches = _themes_and_matches(rows, tables, list(labels), include_text=include_text)
    return {
        "title": f"{plural(len(rows), 'passage')} of {plural(len(documents), 'article')}",
        "synthetic": bool(manifest.get("synthetic")),
        "hasText": include_text,
        "fold": fold_table(),
        "languages": [lang for lang in schema.LANGUAGES if (rows["lang"] == lang).any()],
        "sources": sources,
        "topics": list(topics.values()),
        "decisions": list_decisions(run.curation),
        "run": run.name,
        "themes": [{"key": key, **label} for key, label in labels.items()],
        "documents": {
            "id": documents["doc_id"].tolist(),
            **documents[["title", "date", "url"]].to_dict("list"),
            "source": documents["source"].map(_positions(sources)).tolist(),
        },
        "passages": {
            "id": rows["passage_id"].tolist(),
            "document": rows["doc_id"].map(_positions(documents["doc_id"])).tolist(),
            "topic": rows["topic"].map(_positions(topics)).tolist(),
            "found": find_parts(found, rows["topic"], run.curation).map(_positions(topics)).tolist(),
            **rows[["lang", "kind", "n_reprints"]].to_dict("list"),
            **rows[["x", "y"]].round(4).to_dict("list"),
            "text": rows["text"].tolist() if include_text else [],
            "themes": about,
            "matches": matches,
        },
    }


def _describe_topics(
    table: pd.DataFrame, curation: Curation, words: Mapping[str, list[str]]
) -> dict[int, dict[str, Any]]:
    """Return the words of each topic by language, and its names; also of topics that were merged or dropped.

    These have the `words` with which they were found. What the file of decisions has a section for can be decided
    about: such a topic has its `size` as it was found.
    """
    rows = table.set_index("topic")
    out = {}
    for topic in sorted({schema.OUTLIER_TOPIC, *rows.index, *curation.topics}):
        names = {lang: rows[f"name_{lang}"].get(topic, "") for lang in ("en", *schema.LANGUAGES)}
        found = dict(zip(schema.LANGUAGES, words.get(str(topic), ("", "")), strict=True))
        labels = {lang: rows[f"label_{lang}"].get(topic, found[lang]) for lang in schema.LANGUAGES}
        out[topic] = {"id": topic, **labels, "names": names}
        if section := curation.topics.get(topic):
            out[topic] |= {"size": section.size, "split": section.split, "part_of": section.part_of}
    return out


def _positions(values: Iterable[Any]) -> dict[Any, int]:
    """Return the position of each value."""
    return {value: i for i, value in enumerate(values)}


def fold_table() -> dict[str, str]:
    """Return the characters that `topiclib.text.fold` changes, and what it changes them to.

    The script folds those of other blocks by Unicode rules (search.js).
    """
    chars = map(chr, chain.from_iterable(FOLDED_BLOCKS))
    return {char: fold(char) for char in chars if fold(char) != char}


def _themes_and_matches(
    rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], keys: list[str], *, include_text: bool
) -> tuple[list[list[int]], list[list[list[Any]]]]:
    """Return for each passage its themes (indices of `keys`) and matches: [theme, start, end], or [theme, term]."""
    themes = tables["themes"][tables["themes"]["about"] & tables["themes"]["theme"].isin(keys)]
    theme_index, row_index = _positions(keys), _positions(rows["passage_id"])
    texts = rows["text"].tolist()
    about: list[list[int]] = [[] for _ in texts]
    matches: list[list[list[Any]]] = [[] for _ in texts]
    for passage_id, theme in themes[["passage_id", "theme"]].itertuples(index=False):
        if passage_id in row_index:
            about[row_index[passage_id]].append(theme_index[theme])
    for passage_id, theme, term, start, end in tables["matches"].itertuples(index=False):
        row, index = row_index.get(passage_id), theme_index.get(theme)
        if row is None or index not in about[row]:
            continue
        span = [_utf16_offset(texts[row], offset) for offset in (start, end)] if include_text else [term]
        if [index, *span] not in matches[row]:
            matches[row].append([index, *span])
    return about, matches


def _utf16_offset(text: str, offset: int) -> int:
    """Convert an offset in characters to UTF-16 code units, which JavaScript counts."""
    return offset if text.isascii() or max(text) < "\U00010000" else len(text[:offset].encode("utf-16-le")) // 2


def to_json(data: Mapping[str, Any]) -> str:
    """Return the data as compact JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def map_script() -> str:
    """Return the files of `SCRIPTS`, concatenated to one module."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in SCRIPTS)
