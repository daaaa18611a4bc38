"""Mirrored bars: the share of each topic in each language, between its keywords in both."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib.draw import layout, style
from topiclib.draw.figure_data import FigureData, reads
from topiclib.draw.labels import join_words_to_width, text_extent, wrap_text
from topiclib.draw.localization import Locale

SIDES = (("fa", -1, "right"), ("ar", 1, "left"))  # language, direction of its bars, alignment of their labels
WORDS_PART = 0.31  # of the width, for the words of a language; the bars have the rest
ROW_LINES = 2.0


@reads(
    optional="sensitivity passages",
    topics="topic size share_fa share_ar",
    keywords="topic lang rank word",
    sensitivity="kind key limit",
    passages="lang",
)
def language_balance(run: FigureData, *, top: int = 25, words: int = 6, ax: Axes | None = None) -> Axes:
    """Draw each topic's share of the Persian passages to the left and of the Arabic ones to the right, largest on top.

    Persian keywords are left of the bars, Arabic ones right of them, both columns right-aligned, and above the bars the
    number of the topic, with its name if it has one in the language of the figure. Shares are within a language, so
    that they can be compared although a corpus has more text in one language. For a run with `--quality` a gray band as
    wide as the detection limit lies around the mean share on both sides, so that bars that both end in it do not differ
    by more than the method could make. Of a corpus in one language, only its side is drawn.

    Parameters
    ----------
    top
        Largest number of topics, the largest first; fewer if they do not fit on the page. The note gives the total.
    words
        Largest number of keywords per language; fewer if they do not fit.
    """
    (topics, keywords, sensitivity, passages), locale = run.tables, run.locale
    ordered = layout.sort_topics(topics)
    shown = ordered.head(min(top, int(layout.page_lines() / ROW_LINES)))
    if shown.empty:
        return run.empty(ax)
    ax = run.axes(ax)
    languages = run.languages(passages) or list(style.LANGUAGE_COLORS)
    bar_width = _draw_words(ax, shown["topic"].tolist(), keywords, words, languages)
    limits = sensitivity[sensitivity["kind"] == "topic"].set_index("key")["limit"]
    half = shown["topic"].astype(str).map(limits).to_numpy(dtype=float) / 2
    _draw_bars(ax, shown, locale, bar_width, half if len(languages) > 1 else half * np.nan, languages)
    for row, (_, topic) in enumerate(shown.iterrows()):
        name = locale.topic_name(topic)
        look = layout.muted(ha="center", va="center") | ({"color": style.TEXT_COLOR} if name else {})
        label = wrap_text(name or locale.topic_number(topic), bar_width * 0.9, scale=0.8, max_lines=1)
        layout.annotate(ax, style.isolate(label), (0.5, row - 0.33), (0, 0), coords=ax.get_yaxis_transform(), **look)
    band = locale.text("limit_of_bars") if np.isfinite(half).any() and len(languages) > 1 else ""
    n_shown = locale.shown_of_total("topics_shown", len(shown), len(ordered))
    notes = [n_shown, band, locale.without_topic(topics), run.rare_languages(passages)]
    differences = (shown["share_fa"] - shown["share_ar"]).abs()
    alt = locale.text(
        "alt_language_balance", n=len(shown), topic=locale.topic_number(shown.loc[differences.idxmax()]),
        **{code: locale.format_percent(shown.loc[differences.idxmax(), f"share_{code}"]) for code, *_ in SIDES},
    )  # fmt: skip
    return run.finish(ax, layout.lines_to_inches(ROW_LINES * (len(shown) + 0.9)), notes, alt=alt)


def _draw_bars(
    ax: Axes, shown: pd.DataFrame, locale: Locale, bar_width: float, half: np.ndarray, languages: list[str]
) -> None:
    """Draw the bars of each row with their percentages, on one scale, `bar_width` points wide in all.

    `half` is the half width of the gray band around the mean share of a row, NaN for none.
    """
    rows = np.arange(len(shown)) + 0.13  # below the label
    drawn = [side for side in SIDES if side[0] in languages]
    columns = [f"share_{code}" for code, *_ in drawn]
    mean = shown[columns].mean(axis=1).to_numpy()
    low, high = np.maximum(mean - half, 0), mean + half
    shares = shown[columns].to_numpy().ravel()
    limit = float(np.nanmax([*shares, *high])) or 1.0
    label = max(text_extent(locale.format_percent(share), scale=0.8)[0] for share in shares) + layout.font_size(0.8)
    # Wide enough for the percentage beyond the longest bar on either side.
    reach = limit / max(1 - len(drawn) * label / bar_width, 0.2)
    for code, sign, side in drawn:
        shares = shown[f"share_{code}"].to_numpy()
        color = style.LANGUAGE_COLORS[code]
        ax.barh(rows, sign * (high - low), left=sign * low, height=0.58, color=style.FAINT_COLOR, alpha=0.5, lw=0)
        ax.barh(rows, sign * shares, height=0.44, color=color, alpha=0.85, lw=0)
        for row, share, end in zip(rows, shares, np.fmax(shares, high), strict=True):
            x, text = sign * (end + reach * 0.025), locale.format_percent(share)
            ax.text(x, float(row), text, ha=side, va="center", **layout.muted())
        head = locale.text("share_of_language", language=locale.text(code))
        head = wrap_text(head, bar_width / len(drawn) - layout.font_size(0.5), scale=0.85, max_lines=3)
        look = {"ha": side, "va": "bottom", "size": layout.font_size(0.85), "color": color}
        layout.annotate(ax, style.isolate(head), (sign * reach * 0.025, -0.7), (0, 0), **look)
    ax.axvline(0, color="white", lw=layout.font_size(0.15))
    ends = [reach * sign if any(sign == other for _, other, _ in drawn) else 0.0 for sign in (-1, 1)]
    ax.set(xlim=ends, ylim=(len(shown) - 0.5, -1.4), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def _draw_words(ax: Axes, order: list[int], keywords: pd.DataFrame, words: int, languages: list[str]) -> float:
    """Write the keywords on both sides of the Axes; return the width in points that is left for the bars."""
    bar_width = layout.page_width() - layout.font_size(0.5)
    max_width = bar_width * WORDS_PART
    ranked = keywords.sort_values(["topic", "lang", "rank"])
    for code, x in (("fa", 0.0), ("ar", 1.0)):
        if code not in languages:
            continue
        texts = ranked[ranked["lang"] == code].groupby("topic")["word"].agg(list)
        column = [join_words_to_width(texts.get(topic, [])[:words], max_width) for topic in order]
        column = [style.isolate(wrap_text(line, max_width, max_lines=1)) for line in column]
        width = max(text_extent(line)[0] for line in column)
        bar_width -= width
        for row, line in enumerate(column):
            # Right-aligned also at the right of the bars, since Arabic starts there.
            offset = (width if code == "ar" else 0, 0)
            layout.annotate(ax, line, (x, row), offset, coords=ax.get_yaxis_transform(), ha="right", va="center")
    return bar_width
