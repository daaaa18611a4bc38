"""What several tests share: one real run of the bundled sample, and the real text beside the project where it is
there.
"""

from pathlib import Path

import pytest
from corpora import SHARED
from hypothesis import settings

settings.register_profile("shared machine", deadline=None)  # the machine is busy at times: no test is a timing
settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory):
    """The main job on the bundled sample, made once: real encoder, real UMAP and HDBSCAN, real BERTopic."""
    import topiclib as tl

    return tl.run(tl.load_sample(), out=tmp_path_factory.mktemp("runs") / "sample", progress=False)


@pytest.fixture(scope="session")
def seeds() -> Path:
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip("the five seed articles are not beside the project (../shared/seeds)")
    return folder


@pytest.fixture(scope="session")
def labelled_news() -> Path:
    file = SHARED / "data" / "labelled_news_fa_ar.dev.jsonl"
    if not file.is_file():
        pytest.skip("the labelled news are not beside the project (../shared/data)")
    return file
