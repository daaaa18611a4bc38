"""What a journal asks for: no color, TIFF, captions, PDFs of many points that are not too large."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn_tables import THEMES
from matplotlib.colors import to_rgb
from PIL import Image

from topiclib import draw
from topiclib.draw import style

# Linear RGB of normal vision to that of deuteranopia: Machado, Oliveira and Fernandes 2009, severity 1.
DEUTERANOPIA = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]


def linear(color: str) -> np.ndarray:
    return np.array([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)])


def lightness(rgb: np.ndarray) -> float:
    """Return CIE L*."""
    return 116 * np.cbrt(rgb @ [0.2126, 0.7152, 0.0722]) - 16


def test_languages_differ_in_lightness_and_marker():
    fa, ar = (linear(color) for color in style.LANGUAGE_COLORS.values())
    assert abs(lightness(fa) - lightness(ar)) > 15
    seen = [lightness(np.clip(DEUTERANOPIA @ color, 0, 1)) for color in (fa, ar)]
    assert abs(seen[0] - seen[1]) > 15
    assert len(set(style.LANGUAGE_MARKERS.values())) == 2


@pytest.mark.parametrize("name", draw.FIGURES)
def test_grey_tiff_has_no_color_and_the_resolution(name, tables, tmp_path):
    with style.context("column", grey=True, dpi=150):
        files = draw.save(
            draw.draw_figure(name, {**tables, "manifest": {"themes": THEMES}}), tmp_path / name, formats=["tiff"]
        )
    plt.close("all")
    with Image.open(files[0]) as image:
        assert image.width == round(3.4 * 150)
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=2).max() <= 2
    assert [file.name for file in files[1:]] == [f"{name}.caption.txt", f"{name}.alt.txt"]
    assert all(len(file.read_text(encoding="utf-8")) > 20 for file in files[1:])


def test_pdf_of_a_map_of_20000_points_is_below_1_mb(tables, tmp_path):
    rng = np.random.default_rng(1)
    ids = [str(i) for i in range(20_000)]
    points = pd.DataFrame({"passage_id": ids, "topic": rng.integers(0, 10, 20_000)})
    points[["x", "y"]] = rng.normal(0, 1, (20_000, 2))
    passages = pd.DataFrame({"passage_id": ids, "lang": rng.choice(["fa", "ar"], 20_000)})
    figure = draw.draw_figure("topic_map", {**tables, "points": points, "passages": passages})
    (pdf, *_) = draw.save(figure, tmp_path / "map", formats=["pdf"])
    plt.close("all")
    assert pdf.stat().st_size < 1_000_000
