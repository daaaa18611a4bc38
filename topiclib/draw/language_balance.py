"""How large each topic is in either language, between the words that each language has for it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import labels as labeling
from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw.localization import Locale, as_locale


@style.ensure_style()
def language_balance(
    topics: pd.DataFrame,
    keywords: pd.DataFrame,
    *,
    lang: str | Locale = "en",
    title: str | None = None,
    note: str = "",
    top: int = 25,
    words: int = 6,
    ax: Axes | None = None,
) -> Axes:
    """Draw each topic's share of the Persian passages to the left, of the Arabic ones to the right, with both's words.

    The Persian words stand left of the bars, the Arabic ones right of them, each column flush right, as the script
    runs. Shares are within a language, so a corpus with more text in one of them does not tilt the figure.

    Parameters
    ----------
    topics
        Table `topics`: topic, size, share_fa, share_ar.
    keywords
        Table `keywords`: topic, lang, rank, word.
    top
        At most so many topics, the largest first; the note says of how many.
    words
        At most so many words a language; fewer where they do not fit.

    Returns
    -------
    Axes
        One row a topic, the largest on top.
    """
    schema.require_columns(topics, ("topic", "size", "share_fa", "share_ar"), caller="language_balance")
    schema.require_columns(keywords, ("topic", "lang", "rank", "word"), caller="language_balance")
    says = as_locale(lang)
    known = page.sort_topics(topics)
    shown = known.head(top)
    ax = page.axes_or_new(ax, page.lines_to_inches(1.45 * max(len(shown), 3) + 4), title)
    if shown.empty:
        return page.mark_empty(ax, says, note)
    room = _draw_words(ax, shown["topic"].tolist(), keywords, words)
    _draw_bars(ax, shown, says, room)
    page.put_note(ax, says.part("some_of", len(shown), len(known)), note)
    return ax


def _draw_bars(ax: Axes, shown: pd.DataFrame, says: Locale, room: float) -> None:
    """Draw the two bars of each row and their percents, both to one scale, into a width of so many points."""
    rows = np.arange(len(shown))
    limit = float(shown[["share_fa", "share_ar"]].to_numpy().max()) or 1.0
    label = labeling.text_extent(says.percent(limit), scale=0.8)[0] + page.font_size(0.8)
    reach = limit / max(1 - 2 * label / room, 0.2)
    for code, sign, side in (("fa", -1, "right"), ("ar", 1, "left")):
        shares = shown[f"share_{code}"].to_numpy()
        color = style.LANGUAGE_COLORS[code]
        ax.barh(rows, sign * shares, height=0.62, color=color, alpha=0.85, lw=0)
        for row, share in zip(rows, shares, strict=True):
            end = sign * (share + reach * 0.025)
            ax.text(
                end,
                float(row),
                says.percent(share),
                ha=side,
                va="center",
                size=page.font_size(0.8),
                color=style.MUTED_COLOR,
            )
        head = says.say("share_of_language", language=says.say(code))
        ax.text(sign * reach * 0.025, -0.95, head, ha=side, va="center", size=page.font_size(0.85), color=color)
    ax.axvline(0, color="white", lw=page.font_size(0.15))
    ax.set(xlim=(-reach, reach), ylim=(len(shown) - 0.5, -1.4), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def _draw_words(ax: Axes, order: list[int], keywords: pd.DataFrame, words: int) -> float:
    """Write the words of each row, Persian left of the Axes and Arabic right of it; return what room they leave."""
    room = page.figure_width() * 72 * 0.96
    most = room * 0.32  # a column takes a third of the page at most
    ranked = keywords.sort_values(["topic", "lang", "rank"])
    for code, x in (("fa", 0.0), ("ar", 1.0)):
        texts = ranked[ranked["lang"] == code].groupby("topic")["word"].agg(list)
        column = [labeling.join_words_to_width(texts.get(topic, [])[:words], most) for topic in order]
        width = max(labeling.text_extent(line)[0] for line in column)
        room -= width
        for row, line in enumerate(column):
            step = (width if code == "ar" else 0, 0)
            page.annotate(ax, line, (x, row), step, coords=ax.get_yaxis_transform(), ha="right", va="center")
    return room
