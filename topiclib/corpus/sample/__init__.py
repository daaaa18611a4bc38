"""The bundled synthetic sample: 40 Persian and 40 Arabic articles, written for this package."""

from pathlib import Path

import pandas as pd

from topiclib.corpus.documents import read_documents


def load_sample() -> pd.DataFrame:
    """Return the bundled synthetic sample as table `documents`, joined with the attributes of its invented outlets.

    Returns
    -------
    DataFrame
        Table `documents` with the further columns `synthetic`, `country` and `medium`.
    """
    return read_documents(sample_paths(), sources=sample_sources())


def sample_paths() -> list[Path]:
    """Return the paths of the bundled sample's article files."""
    return sorted(Path(__file__).parent.glob("articles.*.jsonl"))


def sample_sources() -> Path:
    """Return the path of the table of the sample's invented outlets."""
    return Path(__file__).with_name("outlets.csv")
