"""What several tests share: one real run of the bundled sample, and the real text beside the project where it is
there.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


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


def few_articles(n: int) -> pd.DataFrame:
    """N short articles, Persian and Arabic in turn, each with words of its own."""
    persian = "مذاکرات هسته‌ای در وین امروز با حضور نمایندگان ایران و اروپا از سر گرفته شد."
    arabic = "استؤنفت اليوم في فيينا المفاوضات النووية بمشاركة ممثلين عن إيران وأوروبا."
    sports = (
        "تیم ملی فوتبال در دیدار پایانی پیروز شد و جام را برد.",
        "فاز المنتخب الوطني لكرة القدم في المباراة النهائية وأحرز الكأس.",
    )
    texts = [persian, arabic, *sports]
    return pd.DataFrame({"text": [f"{texts[i % 4]} ({chr(0x0628 + i)}{chr(0x0633 + i)}ا)" for i in range(n)]})
