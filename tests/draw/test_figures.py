"""All figures on all kinds of tables: no missing glyphs, no clipped or overlapping text, the right numbers."""

import warnings
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn_tables import OUTLETS, SUBJECTS, THEMES, make_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from topiclib import draw, schema
from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData
from topiclib.draw.labels import join_words_to_width, overlaps, place_labels, shorten
from topiclib.draw.localization import Locale
from topiclib.draw.time_axis import consecutive_runs, month_number

MANIFEST = {"themes": THEMES, "synthetic": True}
VARIANTS = {
    "full": {},
    "empty": {"topics": 0},
    "one topic": {"topics": 1},
    "one language": {"languages": ("ar",), "topics": 4},
    "200 topics": {"topics": 200, "size": 6},
}


@pytest.fixture(scope="module", params=VARIANTS)
def any_tables(request):
    return make_tables(**VARIANTS[request.param])


def with_manifest(tables, **other_tables):
    """Return the tables, some replaced by others, with a manifest."""
    return {**tables, **other_tables, "manifest": MANIFEST}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def texts_of(figure: Figure) -> list[str]:
    """Return all texts of a figure without bidi controls."""
    texts = [text.get_text() for text in figure.findobj(Text) if text.get_visible()]
    return [style._BIDI_CONTROLS.sub("", text) for text in texts if text]


def render(figure: Figure) -> None:
    """Render a figure; warnings (missing glyphs, a layout that does not fit) raise."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.draw_without_rendering()


def test_missing_glyph_raises(tables):
    ax = draw.language_balance(tables)
    ax.set_xlabel("漢")
    with pytest.raises(UserWarning, match="missing from font"):
        render(ax.figure)


def text_boxes(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Return the box of each drawn text in pixels, without the space of the font above and below."""
    boxes = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text.get_figure(root=True) is figure:
            box = text.get_window_extent()
            space = box.height * 0.25
            boxes.append((text.get_text(), (box.x0 + 1, box.y0 + space, box.x1 - 1, box.y1 - space)))
    return boxes


def clipped(figure: Figure) -> list[str]:
    """Return the texts that extend beyond the figure."""
    width, height = figure.bbox.size
    return [
        text for text, (left, bottom, right, top) in text_boxes(figure)
        if left < -2 or bottom < -2 or right > width + 2 or top > height + 2
    ]  # fmt: skip


@pytest.mark.parametrize("name", draw.FIGURES)
def test_all_figures_of_all_tables(name, any_tables):
    figure = draw.draw_figure(name, with_manifest(any_tables))
    render(figure)
    assert "synthetic sample" in " ".join(texts_of(figure))
    assert not clipped(figure) and not overlapping(figure)


@pytest.mark.parametrize("name", draw.FIGURES)
def test_all_figures_in_persian(name, tables):
    figure = draw.draw_figure(name, with_manifest(tables), lang="fa")
    render(figure)
    assert "نمونهٔ ساختگی" in " ".join(texts_of(figure))
    assert not clipped(figure) and not overlapping(figure)


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of overlapping texts."""
    boxes = [(text, box) for text, box in text_boxes(figure) if text not in _hidden_ticks(figure)]
    return [(a, b) for i, (a, box) in enumerate(boxes) for b, other in boxes[i + 1 :] if overlaps(box, [other])]


def _hidden_ticks(figure: Figure) -> set[str]:
    """Return the tick labels of shared axes, which exist but are not drawn."""
    return {
        label.get_text() for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)
        for tick in axis.get_major_ticks() if not tick.label1.get_visible() for label in (tick.label1, tick.label2)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("size", "font", "names"),
    [("column", "sans", draw.FIGURES), ("slide", "sans", ["theme_shares"]), ("page", "serif", ["language_balance"])],
)
def test_other_sizes_and_fonts(size, font, names, tables):
    for name in names:
        with style.context(size, font=font):
            figure = draw.draw_figure(name, with_manifest(tables))
            assert figure.get_size_inches()[0] == style.FIGURE_WIDTHS[size]
            render(figure)
            assert not clipped(figure), name


def test_figure_renders_outside_of_the_context(tables):
    ax = draw.language_balance(tables)
    assert not str(plt.rcParams["font.family"][0]).startswith("topiclib")
    render(ax.figure)


def test_topic_map_has_labels_in_both_languages_and_numbers_of_passages(tables):
    ax = draw.topic_map(tables)
    texts = texts_of(ax.figure)
    for fa, ar, *_ in SUBJECTS:
        assert fa in {text.partition(" · ")[2] for text in texts} and ar in texts
    counts = tables["passages"]["lang"].value_counts()
    assert f"Persian passages ({counts['fa']})" in texts and f"Arabic passages ({counts['ar']})" in texts
    assert sum(len(dots.get_offsets()) for dots in ax.collections) == len(tables["points"])


def test_topic_map_note_has_the_number_of_labeled_topics():
    many = make_tables(topics=200, size=6)
    ax = draw.topic_map(many, top=15)
    note = next(text for text in texts_of(ax.figure) if "labeled" in text)
    n_labeled = sum(text.partition(" · ")[2] in {subject[0] for subject in SUBJECTS} for text in texts_of(ax.figure))
    assert f"{n_labeled} of {many['points'].query('topic >= 0').topic.nunique()} topics labeled" in note
    assert n_labeled <= 15


def test_gray_bands_of_the_language_balance_are_as_wide_as_the_detection_limits(tables):
    topics = tables["topics"].sort_values("size", ascending=False, kind="stable")
    limits = tables["sensitivity"].query("kind == 'topic'").set_index("key")["limit"]
    ax = draw.language_balance(tables)
    gray = [bar for bar in ax.patches if to_rgb(bar.get_facecolor()) == to_rgb(style.FAINT_COLOR)]
    bands = sorted((abs(bar.get_width()), bar.get_x()) for bar in gray)
    assert len(gray) == 2 * len(topics) and any("Gray" in text for text in texts_of(ax.figure))
    mean = topics[["share_fa", "share_ar"]].mean(axis=1).to_numpy()
    half = limits[topics["topic"].astype(str)].to_numpy() / 2
    widths = mean + half - np.maximum(mean - half, 0)
    assert [width for width, _ in bands] == pytest.approx(sorted([*widths, *widths]))
    without = draw.language_balance({name: frame for name, frame in tables.items() if name != "sensitivity"})
    assert not any("Gray" in text for text in texts_of(without.figure))
    unknown = draw.language_balance({**tables, "sensitivity": tables["sensitivity"].assign(limit=np.nan)})
    assert not any("Gray" in text for text in texts_of(unknown.figure))


def test_language_balance_has_the_shares_of_the_table_and_no_math_text(tables):
    ax = draw.language_balance(tables)
    order = tables["topics"].sort_values(["size", "topic"], ascending=[False, True])
    bars = [bar for bar in ax.patches if to_rgb(bar.get_facecolor()) != to_rgb(style.FAINT_COLOR)]
    widths = np.array([bar.get_width() for bar in bars])
    assert np.allclose(widths[: len(order)], -order["share_fa"]) and np.allclose(
        widths[len(order) :], order["share_ar"]
    )
    assert any("$80" in text for text in texts_of(ax.figure))
    assert not any(text.get_parse_math() for text in ax.figure.findobj(Text))


def test_theme_shares_dots_intervals_and_n(tables):
    axes = draw.theme_shares(with_manifest(tables))
    shares = tables["shares"].query("kind == 'theme' and by == 'source'")
    assert [ax.get_title() for ax in axes] == [THEMES[key]["en"] for key in THEMES]
    for ax, theme in zip(axes, THEMES, strict=True):
        of_theme = shares[shares["key"] == theme]
        dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
        assert sorted(dots) == sorted(of_theme["share"])
        intervals = [line for line in ax.lines if line.get_linestyle() == "-" and len(line.get_xdata()) == 2]
        of_groups = tables["shares"].query("by == 'lang'")["key"] == theme
        assert len(intervals) == of_theme["low"].notna().sum() + of_groups.sum() + 1  # and the line at 0
    texts = texts_of(axes[0].figure)
    assert {str(n) for n in shares["n"]} <= set(texts)
    rows = [style._BIDI_CONTROLS.sub("", label.get_text()) for label in axes[0].get_yticklabels()]
    first_arabic = rows.index("Arabic")
    assert set(rows[1:first_arabic]) == set(OUTLETS["fa"]) and set(rows[first_arabic + 1 :]) == set(OUTLETS["ar"])


@pytest.mark.parametrize(("low", "top"), [(-0.19, 0.18), (-0.004, 0.003), (-0.9, 0.9), (0.0, 0.13), (-0.3, 0.0)])
def test_percent_axis_has_at_least_two_ticks(low, top):
    ax = plt.figure().subplots()
    layout.set_percent_ticks(ax, top, Locale("en"), low=low)
    assert len(ax.get_xticks()) >= 2
    assert 0 in ax.get_xticks().round(9)
    assert ax.get_xticks().min() >= low - 1e-9 and ax.get_xticks().max() <= top + 1e-9
    plt.close("all")


def test_theme_shares_without_outlets_shows_languages(tables):
    shares = tables["shares"].query("by == 'lang'")
    axes = draw.theme_shares(with_manifest(tables, shares=shares, documents=tables["documents"].assign(source="")))
    assert [ax.get_title() for ax in axes] == [THEMES[key]["en"] for key in THEMES]
    for ax, theme in zip(axes, THEMES, strict=True):
        diamonds = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
        assert diamonds == shares[shares["key"] == theme].set_index("level").loc[["fa", "ar"], "share"].tolist()
    assert [style._BIDI_CONTROLS.sub("", text.get_text()) for text in axes[0].get_yticklabels()] == [
        "Persian",
        "Arabic",
    ]


def test_theme_shares_without_intervals_has_a_note(tables):
    bare = tables["shares"].assign(low=np.nan, high=np.nan)
    figure = draw.theme_shares({**tables, "shares": bare})[0].figure
    assert any("too few outlets" in text for text in texts_of(figure))


def test_theme_shares_note_for_a_language_with_few_outlets(tables):
    few = tables["shares"].copy()
    few.loc[(few["by"] == "lang") & (few["level"] == "ar"), ["low", "high"]] = np.nan
    texts = " ".join(texts_of(draw.theme_shares({**tables, "shares": few})[0].figure))
    assert "95% intervals" in texts and "too few outlets for an interval (fewer than five, or" in texts
    every = few[few["low"].notna()]
    assert "too few" not in " ".join(texts_of(draw.theme_shares({**tables, "shares": every})[0].figure))


WINDOW = {"first": "2020-04", "last": "2024-11", "why": "overlap"}


@pytest.mark.parametrize(
    ("window", "lang", "expected"),
    [
        (WINDOW, "en", "2020-04 to 2024-11, when both languages have articles · synthetic sample"),
        (WINDOW, "fa", "از آوریل ۲۰۲۰ تا نوامبر ۲۰۲۴، که هر دو زبان مقاله دارند · نمونهٔ ساختگی"),
        (WINDOW, "ar", "من أبريل ٢٠٢٠ إلى نوفمبر ٢٠٢٤، حيث للّغتين مقالات · عيّنة مُختلَقة"),
        ({**WINDOW, "why": "asked"}, "en", "2020-04 to 2024-11 · synthetic sample"),
        (
            {"first": "", "last": "", "why": "apart"},
            "en",
            "The languages have no month in common: all articles · synthetic sample",
        ),
        ({"first": "", "last": "", "why": "covered"}, "en", "synthetic sample"),
    ],
)
def test_note_of_the_shares_has_their_months(tables, window, lang, expected):
    run = {**tables, "manifest": {"synthetic": True, "period": window}}
    note = " ".join(texts_of(draw.draw_figure("theme_shares", run, lang=lang))[-1].split())
    assert note.endswith(expected)
    assert expected == "synthetic sample" or expected not in " ".join(texts_of(draw.draw_figure("theme_timeline", run)))


def test_long_interval_is_clipped(tables):
    wide = tables["shares"].assign(share=lambda rows: rows["share"] * 0.1)
    wide.loc[wide["level"] == OUTLETS["fa"][0], "high"] = 0.9
    axes = draw.theme_shares({**tables, "shares": wide})
    largest = wide.query("kind == 'theme'")["share"].max()
    assert axes[0].get_xlim()[1] == pytest.approx(3 * 1.06 * largest)
    assert sum(line.get_marker() == ">" for line in axes[0].lines) >= 1
    assert any("Arrowheads" in text for text in texts_of(axes[0].figure))


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_long_theme_label_is_wrapped(tables, lang):
    long = {"en": "Negotiations on Iran's nuclear programme", "ar": "المفاوضات حول البرنامج النووي الإيراني في فيينا"}
    with style.context("column"):
        manifest = {"themes": {**THEMES, "jcpoa": long}}
        figure = draw.draw_figure("theme_shares", {**tables, "manifest": manifest}, lang=lang)
        render(figure)
    assert not clipped(figure) and not overlapping(figure)


def test_timeline_is_broken_at_missing_months(tables):
    events = [("2022-05-12", "وین"), ("2023-02", "Vienna")]
    axes = draw.theme_timeline(with_manifest(tables), freq="month", events=events)
    lines = [
        line for line in axes[0].lines if line.get_color() == style.LANGUAGE_COLORS["fa"] and not line.get_marker()
    ]
    assert sum(line.get_linestyle() == "--" for line in axes[0].lines) == len(events)
    months = np.concatenate([line.get_xdata() for line in lines])
    assert all(np.diff(line.get_xdata()).max(initial=0) <= 1 for line in lines)
    expected = tables["timeline"].query("key == 'jcpoa' and level == 'fa'")["period"].map(month_number)
    assert sorted(months) == sorted(expected)
    assert "Dashed lines: 2022-05-12 وین; 2023-02 Vienna" in " ".join(texts_of(axes[0].figure)).replace("\n", " ")


def test_quarters_are_means_of_months_weighted_by_articles():
    rows = [
        ("theme", "jcpoa", "lang", "fa", f"2023-0{m}", n, s, 0.0, 1.0)
        for m, n, s in ((1, 1, 1.0), (2, 3, 0.0), (5, 2, 0.5))
    ]
    timeline = pd.DataFrame(rows, columns=list(schema.TABLES["timeline"].columns))
    lines = [line for line in draw.theme_timeline({"timeline": timeline})[0].lines if line.get_marker() == "o"]
    assert [list(line.get_ydata()) for line in lines] == [[0.25, 0.5]]
    with pytest.raises(ValueError, match="expected one of auto, week, month, quarter, year"):
        draw.theme_timeline({"timeline": timeline}, freq="day")
    with pytest.raises(ValueError, match=r"the table timeline is by month: count it again with compare\.timeline"):
        draw.theme_timeline({"timeline": timeline}, freq="week")


def test_event_without_month_raises(tables):
    with pytest.raises(ValueError, match="expected a month or a day"):
        draw.theme_timeline(tables, events=[("2022", "سال")])


def test_coverage_has_undated_articles_in_the_last_column(tables):
    undated = pd.DataFrame({"source": ["Al-Midan"] * 2, "period": ["", "2023"], "n": [3, 4]})
    ax = draw.coverage({**tables, "coverage": pd.concat([tables["coverage"], undated])})
    assert "no date" in ax.get_xticklabels()[-1].get_text()
    assert ax.get_xticks()[-1] > month_number("2023-12") + 1


def test_articles_without_outlet_are_in_no_group():
    documents = pd.DataFrame({"source": ["", "", "Al-Midan"], "lang": ["fa", "ar", "ar"]})
    table = pd.DataFrame({"source": ["", "Al-Midan"], "period": ["2023-01", "2023-02"], "n": [2, 1]})
    ax = draw.coverage({"coverage": table, "documents": documents})
    rows = [style._BIDI_CONTROLS.sub("", label.get_text()) for label in ax.get_yticklabels()]
    assert rows == ["Arabic", "Al-Midan", "Unknown"]


def test_topics_by_theme_shows_shares(tables):
    ax = draw.topics_by_theme(with_manifest(tables))
    topic_0 = tables["assignments"].query("topic == 0")["passage_id"]
    share = tables["themes"].query("theme == 'jcpoa'")["passage_id"].isin(topic_0).sum() / len(topic_0)
    assert f"{share:.0%}" in texts_of(ax.figure)


def test_numbers_on_cells_have_contrast():
    numbers = pd.DataFrame({"topic": range(21), "size": 100, "label_fa": "الف", "label_ar": "ب"})
    assigned = pd.DataFrame({"passage_id": [f"{t}-{i}" for t in range(21) for i in range(100)]})
    assigned["topic"] = assigned.index // 100
    about = assigned[assigned.index % 100 < assigned["topic"] * 5].assign(theme="jcpoa", about=True)
    coverage = pd.DataFrame({"source": "A", "period": [f"2023-{m:02d}" for m in range(1, 13)], "n": range(1, 13)})
    documents = pd.DataFrame({"source": ["A"], "lang": ["fa"]})
    by_theme = {"topics": numbers, "assignments": assigned, "themes": about}
    for ax in (draw.topics_by_theme(by_theme), draw.coverage({"coverage": coverage, "documents": documents})):
        cells = ax.collections[0]
        for text in ax.texts:
            paths = zip(cells.get_paths(), cells.get_facecolor(), strict=True)
            color = next(color for path, color in paths if path.contains_point(text.get_position()))
            contrast = style._contrast(*(style._luminance(to_rgb(c)) for c in (color[:3], text.get_color())))
            assert contrast >= 4.5, text.get_text()
        assert len(ax.texts) >= 12


def test_theme_words_are_on_their_side():
    rows = [("jcpoa", "fa", "الف", "ب", "برجام", -5.0), ("jcpoa", "fa", "الف", "ب", "تحریم", 4.0)]
    contrasts = pd.DataFrame(rows, columns=["key", "lang", "left", "right", "word", "z"])
    ax = draw.theme_words({"contrasts": contrasts})[0]
    sides = {style._BIDI_CONTROLS.sub("", text.get_text()): text.get_ha() for text in ax.texts}
    assert sides["برجام"] == sides["الف"] == "right" and sides["تحریم"] == sides["ب"] == "left"


@pytest.mark.parametrize(
    ("period", "month"),
    [
        ("2023-01", 24276),
        ("2023-04-17", 24279 + 16 / 30),
        ("2023-04-17/2023-04-23", 24279 + 16 / 30),
        ("2023-Q2", 24279),
        ("2023", None),
        ("", None),
        ("2023-13", None),
    ],
)
def test_month_number(period, month):
    number = month_number(period)
    assert np.isnan(number) if month is None else number == month


def test_consecutive_runs_are_split_at_gaps():
    assert [list(s) for s in consecutive_runs(np.array([1.0, 2, 4, 5, 9]), 1)] == [[0, 1], [2, 3], [4]]
    assert consecutive_runs(np.array([]), 1) == []


positions = st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), min_size=1, max_size=25)


@settings(max_examples=30)
@given(positions, st.integers(0, 99))
def test_placed_labels_do_not_overlap_and_stay_in_bounds(anchors, seed):
    sizes = np.random.default_rng(seed).uniform(5, 90, (len(anchors), 2))
    placed = place_labels(np.array(anchors), sizes, (0, 0, 400, 300), avoid=np.array(anchors), max_distance=70)
    boxes = [box for box in placed if box]
    assert boxes, "the first label is always placed"
    for i, box in enumerate(boxes):
        assert box[0] >= -1e-6 and box[1] >= -1e-6 and box[2] <= 400 + 1e-6 and box[3] <= 300 + 1e-6
        assert not overlaps(box, boxes[:i])


def test_join_words_to_width_uses_the_comma_of_the_script():
    with style.context():
        assert join_words_to_width(["نفت", "بشکه"], 500) == "\u2067نفت، بشکه\u2069"
        assert join_words_to_width(["oil", "barrel"], 500) == "oil, barrel"
        assert join_words_to_width(["نفت", "بشکه"], 5) == "\u2067نفت\u2069"
        assert join_words_to_width([], 5) == "–"


@given(st.text(), st.integers(2, 40))
def test_shorten_keeps_max_chars(text, max_chars):
    assert len(shorten(text, max_chars)) <= max_chars


@pytest.mark.parametrize("name", draw.FIGURES)
def test_a_run_is_drawn_like_its_tables_and_manifest(name, tables):
    run = SimpleNamespace(tables=tables, manifest=MANIFEST)
    one, other = (texts_of(draw.draw_figure(name, drawn)) for drawn in (run, with_manifest(tables)))
    assert one == other
    without = texts_of(draw.draw_figure(name, tables))
    assert "synthetic sample" not in " ".join(without) and not {"JCPOA", "Drones"} & set(without)


def shown_themes(name, tables, **options) -> list[str]:
    """Return the themes that a figure shows, in order."""
    axes = np.ravel(getattr(draw, name)(with_manifest(tables), **options))
    titles = [text for ax in axes for text in (ax.get_title(), ax.get_title("left"))]
    ticks = [label.get_text() for ax in axes for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    texts = [style._BIDI_CONTROLS.sub("", text).split("  ·  ")[0] for text in (*titles, *ticks)]
    return list(dict.fromkeys(text for text in texts if text in {label["en"] for label in THEMES.values()}))


THEME_FIGURES = ["theme_shares", "theme_timeline", "topics_by_theme", "theme_words", "validity"]


@pytest.mark.parametrize("name", THEME_FIGURES)
def test_themes_selects_and_orders_the_themes(name, tables):
    chosen = ["sanctions", "jcpoa"]  # not in the order of the labels; those that have contrasting words
    shown = shown_themes(name, tables, themes=chosen)
    assert sorted(shown) == ["JCPOA", "Sanctions"]
    if name != "validity":  # which orders by size of the difference
        assert shown == ["Sanctions", "JCPOA"]
        assert shown_themes(name, tables)[0] == "JCPOA"
    for one in ("jcpoa", ["jcpoa", "jcpoa"]):
        assert shown_themes(name, tables, themes=one) == ["JCPOA"]
    assert shown_themes(name, tables, themes=[]) == []


@pytest.mark.parametrize("name", THEME_FIGURES)
def test_unknown_theme_raises_with_the_known_ones(name, tables):
    with pytest.raises(ValueError, match=r"no theme is called 'jcpao': expected one of jcpoa, caucasus, drones, sanc"):
        getattr(draw, name)(with_manifest(tables), themes=["jcpoa", "jcpao"])


def test_theme_without_data_is_reported(tables):
    with pytest.warns(UserWarning, match="no data on the theme drones: it is not shown") as caught:
        assert shown_themes("theme_words", tables, themes=["drones", "jcpoa"]) == ["JCPOA"]
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.parametrize("name", draw.FIGURES)
def test_missing_table_or_column_raises_with_its_name(name, tables):
    for table in draw.FIGURES[name].tables:
        optional = schema.get_table(table).description.startswith("optional")
        remedy = "fit with --quality" if optional else "pass the run, or all tables of tl.tabulate"
        with pytest.raises(ValueError, match=f"{name} cannot be drawn without the table {table}: {remedy}"):
            draw.FIGURES[name]({other: frame for other, frame in tables.items() if other != table})
        with pytest.raises(ValueError, match=f"table {table}\\)? needs the column"):
            draw.FIGURES[name]({**tables, table: pd.DataFrame({"x1": []})})
        with pytest.raises(TypeError, match=f"table {table}\\) needs a pandas DataFrame, but got list"):
            draw.FIGURES[name]({**tables, table: []})


@pytest.mark.parametrize("given", ["runs/sample", None, pd.DataFrame({"x": [1]}), SimpleNamespace(tables={})])
def test_what_is_not_a_run_raises(given):
    with pytest.raises(TypeError, match=r"topic_map takes a run.*or a mapping of tables.*, but got \w+$"):
        draw.topic_map(given)
    with pytest.raises(TypeError, match="draw_all takes a run"):
        draw.draw_all(given, out="nowhere")


def test_group_that_is_no_column_raises(tables):
    for figure in (draw.theme_shares, draw.coverage):
        with pytest.raises(ValueError, match="table documents needs the column country, but the frame has: doc_id"):
            figure(tables, group="country")


def test_theme_shares_by_language_alone_has_no_outlets(tables):
    ax, *_ = draw.theme_shares(tables, by="lang")
    assert {line.get_marker() for line in ax.lines} & {"o", "D"} == {"D"}


def test_unknown_figure_raises(tables):
    with pytest.raises(ValueError, match="no figure is called 'map': expected one of topic_map"):
        draw.draw_figure("map", tables)


def test_a_theme_without_a_label_in_the_language_has_its_english_one():
    labels = {"rain": {"en": "Rain", "fa": "باران"}, "snow": {"en": "Snow"}, "hail": {}}
    shown = [FigureData((), {"themes": labels}, Locale("fa"), None).theme_label(key) for key in (*labels, "fog")]
    assert [text.strip("\u2066\u2067\u2068\u2069") for text in shown] == ["باران", "Snow", "hail", "fog"]
