"""Mirrored bars: the keywords of the largest topics in Persian and Arabic."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import wrap_text

N_COLUMNS = 3

Word = tuple[str, float]  # word, length of its bar (0 to 1)


def draw_mirrored_words(
    ax: Axes, left: Sequence[Word], right: Sequence[Word], *, colors: Sequence[str], rows: int
) -> None:
    """Draw words with bars on both sides of a middle line, from which all words start; the x axis is -1 to 1.

    `rows` is the number of lines of the y axis: the same for all panels of a row, so that their lines are aligned.
    """
    for side, words, color in ((-1, left, colors[0]), (1, right, colors[1])):
        lengths = [side * min(max(length, 0.0), 1.0) for _, length in words]
        ax.barh(np.arange(len(words)), lengths, height=0.78, color=color, alpha=0.16, lw=0)
        for y, (word, _) in enumerate(words):
            look = {"ha": "left" if side > 0 else "right", "va": "center", "color": color}
            layout.annotate(ax, style.isolate(word), (0, float(y)), (layout.font_size(0.35) * side, 0), **look)
    ax.axvline(0, color=style.FAINT_COLOR, lw=0.6)
    ax.set(xlim=(-1, 1), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


@reads(keywords="topic lang rank word weight", topics="topic size")
def topic_words(run: FigureData, *, top: int = 12, words: int = 8) -> np.ndarray:
    """Draw the top keywords of each topic in both languages, side by side, one panel per topic.

    Bars are relative to the first keyword of the topic and language; weights cannot be compared between languages.

    Parameters
    ----------
    top
        Largest number of topics, the largest first.
    words
        Largest number of keywords per language.
    """
    (keywords, topics), locale = run.tables, run.locale
    ordered = layout.sort_topics(topics[topics["topic"].isin(keywords["topic"])])
    if ordered.empty:
        return np.array([run.empty()])
    shown = ordered.head(top)
    rows = min(words, int(keywords[keywords["topic"].isin(shown["topic"])].groupby(["topic", "lang"]).size().max()))
    height = layout.lines_to_inches(-(-len(shown) // N_COLUMNS) * (rows * 1.08 + 2.4) + 2)
    axes = run.panels(len(shown), N_COLUMNS, height, gap=0.04)
    ranked = keywords.sort_values("rank")
    for ax, (_, topic) in zip(axes, shown.iterrows(), strict=True):
        sides = []
        for code in schema.LANGUAGES:
            top_words = ranked[(ranked["topic"] == topic["topic"]) & (ranked["lang"] == code)].head(words)
            lengths = top_words["weight"] / top_words["weight"].max()
            sides.append(list(zip(top_words["word"], lengths.fillna(0.0), strict=True)))
        draw_mirrored_words(ax, *sides, colors=list(style.LANGUAGE_COLORS.values()), rows=rows)
        # The number of passages has a line of its own: beside words from right to left it would be misplaced.
        label = wrap_text(locale.topic_label(topic), layout.figure_width() * 72 / N_COLUMNS, scale=0.85)
        wrapped = style.isolate(label) + "\n" + locale.text("passages", n=int(topic["size"]))
        ax.set_title(wrapped, pad=layout.font_size(0.3), **layout.muted(0.85, weight=400))
    n_shown = locale.shown_of_total("topics_shown", len(shown), len(ordered))
    run.put_note(axes[0], locale.text("weights"), n_shown, locale.without_topic(topics))
    return axes
