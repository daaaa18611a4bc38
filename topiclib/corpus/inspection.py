"""Report what a corpus holds before anything is fitted."""

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

import pandas as pd

from topiclib import schema
from topiclib.corpus.documents import read_documents
from topiclib.corpus.flow import exclusion_reasons
from topiclib.corpus.passages import make_passages
from topiclib.corpus.readers import file_type, find_files
from topiclib.corpus.time_window import month_of

LANGUAGE_NAMES = {"fa": "Persian", "ar": "Arabic", "other": "other languages"}
MAX_LISTED = 12
N_EXAMPLES = 5
EXAMPLE_LENGTH = 300


@dataclass(frozen=True)
class Inspection:
    """Tables `documents` and `passages` (all of them), warnings, and the files by type; as text, a report."""

    documents: pd.DataFrame
    passages: pd.DataFrame
    notes: tuple[str, ...]
    files: Mapping[str, int]
    seed: int = 0

    def __str__(self) -> str:
        documents, passages = self.documents, self.passages
        used, reasons = documents[documents["dropped"] == ""], documents["dropped"].str.partition(":")[0]
        month = month_of(used)
        if month.nunique() > MAX_LISTED:
            month = month.str.slice(0, 4)
        filled = (documents.drop(columns=["doc_id", "dropped", "lang"]) != "").mean()
        words = passages["text"].str.split().str.len()
        left_out = words[~passages["modeled"]].groupby(exclusion_reasons(passages)).sum().sort_values(ascending=False)
        lines = [
            f"files: {', '.join(f'{suffix} {n}' for suffix, n in self.files.items())}",
            f"columns: {'; '.join(f'{name} {share:.0%}' for name, share in filled[filled > 0].items())} (filled cells)",
            f"articles: {len(documents)} found, {len(used)} used",
            *_counts("left out", reasons[reasons != ""]),
            *_counts("languages", used["lang"].map(LANGUAGE_NAMES)),
            *_counts("outlets", used["source"].replace("", "unknown")),
            *_counts("months" if month.str.len().max() > 4 else "years", month.replace("", "unknown"), by_name=True),
            f"passages: {int(passages['modeled'].sum())} of {len(passages)} to be modeled",
            f"words: {int(words.sum())}, of which left out: {int(left_out.sum())}",
            *(f"  {reason} {n} ({n / words.sum():.1%})" for reason, n in left_out.items()),
            *(f"note: {note}" for note in self.notes),
        ]
        for lang in schema.LANGUAGES:
            texts = passages.loc[passages["modeled"] & (passages["lang"] == lang), "text"]
            examples = texts.sample(min(N_EXAMPLES, len(texts)), random_state=self.seed)
            lines += ["", f"{LANGUAGE_NAMES[lang]}: {len(examples)} random passages of {len(texts)}"]
            lines += [shorten(text, EXAMPLE_LENGTH, placeholder=" ...") for text in examples]
        return "\n".join(lines)


def inspect(
    paths: str | Path | Sequence[str | Path], *, sources: str | Path | None = None, metadata: str | Path | None = None,
    max_words: int = 120, seed: int = 0,
) -> Inspection:  # fmt: skip
    """Read and segment a corpus, and report what was found, before anything is fitted.

    Parameters
    ----------
    paths, sources, metadata
        As `read_documents` takes them. Files that cannot be read are reported, not raised.
    max_words
        As `make_passages` takes it.
    seed
        Of the random choice of passages.

    Returns
    -------
    Inspection
        `print` it for the numbers of articles by language, outlet and month, what is left out and why, the warnings,
        and five random passages of each language.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        paths = [paths] if isinstance(paths, str | Path) else paths
        found = (file for path in paths for file, _ in find_files(Path(path), exclude=(sources, metadata)))
        files = Counter(file_type(file.name) for file in found)
        documents = read_documents(paths, sources=sources, metadata=metadata, skip_bad=True)
        passages = make_passages(documents, max_words=max_words, keep="all")
    notes = dict.fromkeys(str(warning.message) for warning in caught if issubclass(warning.category, UserWarning))
    notes |= dict.fromkeys(documents["dropped"][documents["dropped"].str.startswith("unreadable")].head(N_EXAMPLES))
    return Inspection(documents, passages, tuple(notes), files, seed)


def _counts(title: str, values: pd.Series, *, by_name: bool = False) -> Iterable[str]:
    """Yield a line with the counts of values, the largest first or sorted by name; none for no value."""
    counts = values.value_counts()
    listed = counts.sort_index() if by_name else counts.head(MAX_LISTED)
    if len(counts):
        more = f"; ... ({len(counts)} in all)" if len(counts) > len(listed) else ""
        yield f"{title}: {'; '.join(f'{name} {n}' for name, n in listed.items())}{more}"
