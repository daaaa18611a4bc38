"""Mirrored bars: the top keywords of each topic in both languages."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import wrap_text

MIN_PANEL_WIDTH = 17  # ems

Word = tuple[str, float]  # word, length of its bar (0 to 1)


def draw_mirrored_words(
    ax: Axes, left: Sequence[Word], right: Sequence[Word], *, colors: Sequence[str], rows: int, width: float
) -> None:
    """Draw words with bars on both sides of a middle line, from which all words start; the x axis is -1 to 1.

    `rows` is the number of lines of the y axis: the same for all panels of a row, so that their lines are aligned.
    `width` is that of a side in points.
    """
    for side, words, color in ((-1, left, colors[0]), (1, right, colors[1])):
        lengths = [side * min(max(length, 0.0), 1.0) for _, length in words]
        ax.barh(np.arange(len(words)), lengths, height=0.78, color=color, alpha=0.16, lw=0)
        for y, (word, _) in enumerate(words):
            look = {"ha": "left" if side > 0 else "right", "va": "center", "color": color}
            text = style.isolate(wrap_text(word, width - layout.font_size(0.5), max_lines=1))
            layout.annotate(ax, text, (0, float(y)), (layout.font_size(0.35) * side, 0), **look)
    ax.axvline(0, color=style.FAINT_COLOR, lw=0.6)
    ax.set(xlim=(-1, 1), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


@reads(optional="passages", keywords="topic lang rank word weight", topics="topic size", passages="lang")
def topic_words(run: FigureData, *, top: int = 12, words: int = 8) -> np.ndarray:
    """Draw the top keywords of each topic in both languages, side by side, one panel per topic.

    Bars are relative to the first keyword of the topic and language; weights cannot be compared between languages.

    Parameters
    ----------
    top
        Largest number of topics, the largest first; fewer if they do not fit on the page.
    words
        Largest number of keywords per language.
    """
    (keywords, topics, passages), locale = run.tables, run.locale
    languages = run.languages(passages) or list(style.LANGUAGE_COLORS)
    keywords = keywords[keywords["lang"].isin(languages)]
    ordered = layout.sort_topics(topics[topics["topic"].isin(keywords["topic"])])
    if ordered.empty:
        return np.array([run.empty()])
    rows = min(words, int(keywords.groupby(["topic", "lang"]).size().max()))
    most = max(1, int(layout.page_width() / layout.font_size(MIN_PANEL_WIDTH)))
    shown = ordered.head(min(top, most * max(1, int(layout.page_lines(4) / (rows * 1.08 + 2.6)))))
    n_columns = layout.n_columns(len(shown), MIN_PANEL_WIDTH)
    axes = run.panels(len(shown), n_columns, gap=0.04)
    width = layout.page_width() / n_columns
    ranked = keywords.sort_values("rank")
    for ax, (_, topic) in zip(axes, shown.iterrows(), strict=True):
        sides = []
        for code in style.LANGUAGE_COLORS:
            top_words = ranked[(ranked["topic"] == topic["topic"]) & (ranked["lang"] == code)].head(words)
            lengths = top_words["weight"] / top_words["weight"].max()
            sides.append(list(zip(top_words["word"], lengths.fillna(0.0), strict=True)))
        colors = list(style.LANGUAGE_COLORS.values())
        draw_mirrored_words(ax, *sides, colors=colors, rows=rows, width=width / 2)
        label = locale.topic_label(topic)
        wrapped = style.isolate(wrap_text(label, width - layout.font_size(1.5), scale=0.85, max_lines=2))
        # On a line of its own: beside a name from right to left it would be misplaced.
        wrapped += "\n" + locale.text("passages", n=int(topic["size"]))
        ax.set_title(wrapped, pad=layout.font_size(0.3), **layout.muted(0.85, weight=400))
    n_shown = locale.shown_of_total("topics_shown", len(shown), len(ordered))
    height = layout.lines_to_inches(-(-len(shown) // n_columns) * rows * 1.08)
    notes = [locale.text("weights"), n_shown, locale.without_topic(topics), run.rare_languages(passages)]
    alt = locale.text("alt_topic_words", n=len(shown))
    return run.finish(axes, height, notes, alt=alt)
