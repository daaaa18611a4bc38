"""Where the real texts are, and a few made ones."""

from pathlib import Path

import pandas as pd

SHARED = Path(__file__).resolve().parents[2] / "shared"


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
