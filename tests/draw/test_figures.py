"""Every figure on every kind of table: nothing missing, cut off or on top of another, and the right numbers."""

import warnings

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
from topiclib.draw import style
from topiclib.draw.labels import join_words_to_width, overlaps, place_labels, shorten
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


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def words_of(figure: Figure) -> list[str]:
    """Return all texts of a figure without the marks of direction."""
    texts = [text.get_text() for text in figure.findobj(Text) if text.get_visible()]
    return [style._BIDI_CONTROLS.sub("", text) for text in texts if text]


def render(figure: Figure) -> None:
    """Draw a figure; a missing glyph, or a layout that does not fit, is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.draw_without_rendering()


def test_a_letter_that_no_font_has_is_an_error(tables):
    ax = draw.language_balance(tables["topics"], tables["keywords"])
    ax.set_xlabel("漢")
    with pytest.raises(UserWarning, match="missing from font"):
        render(ax.figure)


def boxes(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Return the box of each text that is drawn, in pixels, less the air that a font keeps above and below."""
    found = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text.get_figure(root=True) is figure:
            box = text.get_window_extent()
            air = box.height * 0.25
            found.append((text.get_text(), (box.x0 + 1, box.y0 + air, box.x1 - 1, box.y1 - air)))
    return found


def cut_off(figure: Figure) -> list[str]:
    """Return the texts that reach beyond the edge of the figure."""
    width, height = figure.bbox.size
    return [
        text for text, (left, bottom, right, top) in boxes(figure)
        if left < -2 or bottom < -2 or right > width + 2 or top > height + 2
    ]  # fmt: skip


@pytest.mark.parametrize("name", draw.FIGURES)
def test_every_figure_of_every_table(name, any_tables):
    figure = draw.draw_figure(name, any_tables, MANIFEST)
    render(figure)
    assert "synthetic sample" in " ".join(words_of(figure))
    assert not cut_off(figure) and not clashes(figure)


@pytest.mark.parametrize("name", draw.FIGURES)
def test_every_figure_in_persian(name, tables):
    figure = draw.draw_figure(name, tables, MANIFEST, lang="fa")
    render(figure)
    assert "نمونهٔ ساختگی" in " ".join(words_of(figure))
    assert not cut_off(figure) and not clashes(figure)


def clashes(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of texts of which one lies on the other."""
    drawn = [(text, box) for text, box in boxes(figure) if text not in _hidden_ticks(figure)]
    return [(a, b) for i, (a, box) in enumerate(drawn) for b, other in drawn[i + 1 :] if overlaps(box, [other])]


def _hidden_ticks(figure: Figure) -> set[str]:
    """Return the labels of axes that share theirs with another: matplotlib keeps them, and does not draw them."""
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
            figure = draw.draw_figure(name, tables, MANIFEST)
            assert figure.get_size_inches()[0] == style.FIGURE_WIDTHS[size]
            render(figure)
            assert not cut_off(figure), name


def test_a_figure_is_drawn_right_outside_of_the_context(tables):
    ax = draw.language_balance(tables["topics"], tables["keywords"])
    assert not str(plt.rcParams["font.family"][0]).startswith("topiclib")
    render(ax.figure)


def test_the_map_names_topics_in_both_languages_and_counts_passages(tables):
    ax = draw.topic_map(tables["points"], tables["topics"], tables["passages"])
    said = words_of(ax.figure)
    for fa, ar, *_ in SUBJECTS:
        assert fa in said and ar in said
    counts = tables["passages"]["lang"].value_counts()
    assert f"Persian passages ({counts['fa']})" in said and f"Arabic passages ({counts['ar']})" in said
    assert sum(len(dots.get_offsets()) for dots in ax.collections) == len(tables["points"])


def test_the_map_counts_the_names_that_it_leaves_out():
    many = make_tables(topics=200, size=6)
    ax = draw.topic_map(many["points"], many["topics"], top=15)
    note = next(text for text in words_of(ax.figure) if "labeled" in text)
    named = sum(text in {subject[0] for subject in SUBJECTS} for text in words_of(ax.figure))
    assert f"{named} of {many['points'].query('topic >= 0').topic.nunique()} topics labeled" in note
    assert named <= 15


def test_the_balance_has_the_shares_of_the_table_and_no_dollar_is_mathematics(tables):
    ax = draw.language_balance(tables["topics"], tables["keywords"])
    order = tables["topics"].sort_values(["size", "topic"], ascending=[False, True])
    widths = np.array([bar.get_width() for bar in ax.patches])
    assert np.allclose(widths[: len(order)], -order["share_fa"]) and np.allclose(
        widths[len(order) :], order["share_ar"]
    )
    assert any("$80" in text for text in words_of(ax.figure))
    assert not any(text.get_parse_math() for text in ax.figure.findobj(Text))


def test_shares_dots_intervals_and_n(tables):
    axes = draw.theme_shares(tables["shares"], tables["documents"], labels=THEMES)
    shares = tables["shares"].query("kind == 'theme' and by == 'source'")
    assert [ax.get_title() for ax in axes] == [THEMES[key]["en"] for key in THEMES]
    for ax, theme in zip(axes, THEMES, strict=True):
        own = shares[shares["key"] == theme]
        dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
        assert sorted(dots) == sorted(own["share"])
        spans = [line for line in ax.lines if line.get_linestyle() == "-" and len(line.get_xdata()) == 2]
        of_groups = tables["shares"].query("by == 'lang'")["key"] == theme
        assert len(spans) == own["low"].notna().sum() + of_groups.sum() + 1  # and the line at 0
    said = words_of(axes[0].figure)
    assert {str(n) for n in shares["n"]} <= set(said)
    rows = [style._BIDI_CONTROLS.sub("", label.get_text()) for label in axes[0].get_yticklabels()]
    first_arabic = rows.index("Arabic")
    assert set(rows[1:first_arabic]) == set(OUTLETS["fa"]) and set(rows[first_arabic + 1 :]) == set(OUTLETS["ar"])


@pytest.mark.parametrize(("low", "top"), [(-0.19, 0.18), (-0.004, 0.003), (-0.9, 0.9), (0.0, 0.13), (-0.3, 0.0)])
def test_an_axis_of_percents_has_a_scale(low, top):
    from topiclib.draw import layout
    from topiclib.draw.localization import as_locale

    ax = plt.figure().subplots()
    layout.set_percent_ticks(ax, top, as_locale("en"), low=low)
    assert len(ax.get_xticks()) >= 2
    assert 0 in ax.get_xticks().round(9)
    assert ax.get_xticks().min() >= low - 1e-9 and ax.get_xticks().max() <= top + 1e-9
    plt.close("all")


def test_without_outlets_the_languages_have_their_shares(tables):
    shares = tables["shares"].query("by == 'lang'")
    axes = draw.theme_shares(shares, tables["documents"].assign(source=""), labels=THEMES)
    assert [ax.get_title() for ax in axes] == [THEMES[key]["en"] for key in THEMES]
    for ax, theme in zip(axes, THEMES, strict=True):
        drawn = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
        assert drawn == shares[shares["key"] == theme].set_index("level").loc[["fa", "ar"], "share"].tolist()
    assert [style._BIDI_CONTROLS.sub("", text.get_text()) for text in axes[0].get_yticklabels()] == [
        "Persian",
        "Arabic",
    ]


def test_shares_without_interval_say_so(tables):
    bare = tables["shares"].assign(low=np.nan, high=np.nan)
    figure = draw.theme_shares(bare, tables["documents"])[0].figure
    assert any("too few outlets" in text for text in words_of(figure))


def test_a_language_of_few_outlets_has_no_line_and_the_figure_says_why(tables):
    few = tables["shares"].copy()
    few.loc[(few["by"] == "lang") & (few["level"] == "ar"), ["low", "high"]] = np.nan
    said = " ".join(words_of(draw.theme_shares(few, tables["documents"])[0].figure))
    assert "95% intervals" in said and "too few outlets for an interval (fewer than five, or" in said
    every = few[few["low"].notna()]
    assert "too few" not in " ".join(words_of(draw.theme_shares(every, tables["documents"])[0].figure))


def test_a_figure_of_shares_says_which_months_they_are_of():
    told = {"first": "2020-04", "last": "2024-11", "why": "overlap"}
    assert "2020-04 to 2024-11, when both languages have articles" in draw.time_window_note({"period": told})
    assert "آوریل ۲۰۲۰ تا نوامبر ۲۰۲۴" in draw.time_window_note({"period": told}, "fa")
    assert "٢٠٢٠ إلى نوفمبر" in draw.time_window_note({"period": told, "synthetic": True}, "ar")
    assert "no month in common" in draw.time_window_note({"period": {"first": "", "last": "", "why": "apart"}})
    assert (
        draw.time_window_note({})
        == draw.time_window_note({"period": {"first": "", "last": "", "why": "covered"}})
        == ""
    )


def test_one_endless_line_does_not_make_the_dots_unreadable(tables):
    wide = tables["shares"].assign(share=lambda rows: rows["share"] * 0.1)
    wide.loc[wide["level"] == OUTLETS["fa"][0], "high"] = 0.9
    axes = draw.theme_shares(wide, tables["documents"], labels=THEMES)
    largest = wide.query("kind == 'theme'")["share"].max()
    assert axes[0].get_xlim()[1] == pytest.approx(3 * 1.06 * largest)
    assert sum(line.get_marker() == ">" for line in axes[0].lines) >= 1
    assert any("Arrowheads" in text for text in words_of(axes[0].figure))


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_long_name_of_a_theme_stays_over_its_panel(tables, lang):
    long = {"en": "Negotiations on Iran's nuclear programme", "ar": "المفاوضات حول البرنامج النووي الإيراني في فيينا"}
    with style.context("column"):
        figure = draw.theme_shares(tables["shares"], tables["documents"], labels={**THEMES, "jcpoa": long}, lang=lang)[
            0
        ].figure
        render(figure)
    assert not cut_off(figure) and not clashes(figure)


def test_no_line_runs_through_missing_months(tables):
    axes = draw.theme_timeline(
        tables["timeline"], labels=THEMES, freq="month", events=[("2022-05-12", "وین"), ("2023-02", "Vienna")]
    )
    lines = [line for line in axes[0].lines if line.get_marker() == "o"]
    months = np.concatenate([line.get_xdata() for line in lines])
    assert all(np.diff(line.get_xdata()).max(initial=0) <= 1 for line in lines)
    expected = tables["timeline"].query("key == 'jcpoa'")["period"].map(month_number)
    assert sorted(months) == sorted(expected)
    assert {"وین", "Vienna"} <= set(words_of(axes[0].figure))


def test_quarters_are_put_together_from_months_by_their_articles():
    rows = [
        ("theme", "jcpoa", "lang", "fa", f"2023-0{m}", n, s, 0.0, 1.0)
        for m, n, s in ((1, 1, 1.0), (2, 3, 0.0), (5, 2, 0.5))
    ]
    timeline = pd.DataFrame(rows, columns=list(schema.TABLES["timeline"].columns))
    lines = [line for line in draw.theme_timeline(timeline)[0].lines if line.get_marker() == "o"]
    assert [list(line.get_ydata()) for line in lines] == [[0.25, 0.5]]
    with pytest.raises(ValueError, match="expected one of auto, month, quarter"):
        draw.theme_timeline(timeline, freq="year")


def test_an_event_without_a_month_is_an_error(tables):
    with pytest.raises(ValueError, match="expected a month or a day"):
        draw.theme_timeline(tables["timeline"], events=[("2022", "سال")])


def test_coverage_keeps_the_articles_without_a_month_apart(tables):
    undated = pd.DataFrame({"source": ["Al-Midan"] * 2, "period": ["", "2023"], "n": [3, 4]})
    ax = draw.coverage(pd.concat([tables["coverage"], undated]), tables["documents"])
    assert "no date" in ax.get_xticklabels()[-1].get_text()
    assert ax.get_xticks()[-1] > month_number("2023-12") + 1


def test_articles_of_no_known_outlet_are_in_no_language():
    documents = pd.DataFrame({"source": ["", "", "Al-Midan"], "lang": ["fa", "ar", "ar"]})
    table = pd.DataFrame({"source": ["", "Al-Midan"], "period": ["2023-01", "2023-02"], "n": [2, 1]})
    ax = draw.coverage(table, documents)
    rows = [style._BIDI_CONTROLS.sub("", label.get_text()) for label in ax.get_yticklabels()]
    assert rows == ["Arabic", "Al-Midan", "Unknown"]


def test_topics_by_theme_prints_the_parts(tables):
    ax = draw.topics_by_theme(tables["topics"], tables["assignments"], tables["themes"], labels=THEMES)
    topic_0 = tables["assignments"].query("topic == 0")["passage_id"]
    part = tables["themes"].query("theme == 'jcpoa'")["passage_id"].isin(topic_0).sum() / len(topic_0)
    assert f"{part:.0%}" in words_of(ax.figure)


def test_every_number_on_a_square_can_be_read():
    numbers = pd.DataFrame({"topic": range(21), "size": 100, "label_fa": "الف", "label_ar": "ب"})
    assigned = pd.DataFrame({"passage_id": [f"{t}-{i}" for t in range(21) for i in range(100)]})
    assigned["topic"] = assigned.index // 100
    about = assigned[assigned.index % 100 < assigned["topic"] * 5].assign(theme="jcpoa", about=True)
    coverage = pd.DataFrame({"source": "A", "period": [f"2023-{m:02d}" for m in range(1, 13)], "n": range(1, 13)})
    for ax in (draw.topics_by_theme(numbers, assigned, about), draw.coverage(coverage)):
        squares = [bar for bar in ax.patches if bar.get_width() < 1]
        for text in ax.texts:
            x, y = text.get_position()
            behind = next(bar for bar in squares if abs(bar.get_x() + bar.get_width() / 2 - x) < 0.01
                          and bar.get_y() < y < bar.get_y() + bar.get_height())  # fmt: skip
            contrast = style._contrast(*(style._luminance(to_rgb(c)) for c in (behind.get_fc()[:3], text.get_color())))
            assert contrast >= 4.5, text.get_text()
        assert len(ax.texts) >= 12


def test_theme_words_stand_on_their_side():
    rows = [("jcpoa", "fa", "الف", "ب", "برجام", -5.0), ("jcpoa", "fa", "الف", "ب", "تحریم", 4.0)]
    ax = draw.theme_words(pd.DataFrame(rows, columns=["key", "lang", "left", "right", "word", "z"]))[0]
    sides = {style._BIDI_CONTROLS.sub("", text.get_text()): text.get_ha() for text in ax.texts}
    assert sides["برجام"] == sides["الف"] == "right" and sides["تحریم"] == sides["ب"] == "left"


@pytest.mark.parametrize(
    ("period", "month"),
    [("2023-01", 24276), ("2023-04-17", 24279), ("2023-Q2", 24279), ("2023", None), ("", None), ("2023-13", None)],
)
def test_month_of(period, month):
    found = month_number(period)
    assert np.isnan(found) if month is None else found == month


def test_stretches_are_cut_where_something_is_missing():
    assert [list(s) for s in consecutive_runs(np.array([1.0, 2, 4, 5, 9]), 1)] == [[0, 1], [2, 3], [4]]
    assert consecutive_runs(np.array([]), 1) == []


spots = st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), min_size=1, max_size=25)


@settings(max_examples=30)
@given(spots, st.integers(0, 99))
def test_placed_labels_never_touch_nor_leave_the_frame(anchors, seed):
    sizes = np.random.default_rng(seed).uniform(5, 90, (len(anchors), 2))
    placed = place_labels(np.array(anchors), sizes, (0, 0, 400, 300), avoid=np.array(anchors), max_distance=70)
    there = [box for box in placed if box]
    assert there, "the first label always has a place"
    for place, box in enumerate(there):
        assert box[0] >= -1e-6 and box[1] >= -1e-6 and box[2] <= 400 + 1e-6 and box[3] <= 300 + 1e-6
        assert not overlaps(box, there[:place])


def test_words_are_joined_with_their_own_comma_as_many_as_fit():
    with style.context():
        assert join_words_to_width(["نفت", "بشکه"], 500) == "\u2067نفت، بشکه\u2069"
        assert join_words_to_width(["oil", "barrel"], 500) == "oil, barrel"
        assert join_words_to_width(["نفت", "بشکه"], 5) == "\u2067نفت\u2069"
        assert join_words_to_width([], 5) == "–"


@given(st.text(), st.integers(2, 40))
def test_shorten_never_gets_longer(text, letters):
    assert len(shorten(text, letters)) <= letters


@pytest.mark.parametrize("name", ["topic_map", "theme_shares", "coverage"])
def test_a_table_without_a_column_is_named(name, tables):
    broken = {table: frame.iloc[:, :1] for table, frame in tables.items()}
    with pytest.raises(ValueError, match=f"{name} needs the column"):
        draw.draw_figure(name, broken, MANIFEST)


def test_unknown_figures_and_missing_tables_are_named(tables):
    with pytest.raises(ValueError, match="no figure is called 'map': expected one of topic_map"):
        draw.draw_figure("map", tables, MANIFEST)
    with pytest.raises(ValueError, match="reads the table contrasts"):
        draw.draw_figure("theme_words", {}, MANIFEST)
