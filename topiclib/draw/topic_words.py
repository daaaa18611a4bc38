"""The words of the largest topics, Persian and Arabic back to back."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from topiclib import schema
from topiclib.draw import layout as page
from topiclib.draw import style
from topiclib.draw.localization import Locale, as_locale

Word = tuple[str, float]


def draw_mirrored_words(
    ax: Axes, left: Sequence[Word], right: Sequence[Word], *, colors: tuple[str, str], rows: int
) -> None:
    """Write words outward from a middle line, over faint bars from it; the x axis runs from -1 to 1, lengths up to 1.

    Left words end and right words begin at the middle, whichever way their script runs. `rows` is the number of lines
    that the Axes has room for, so that panels of one figure agree.
    """
    for side, words, color in ((-1, left, colors[0]), (1, right, colors[1])):
        places = np.arange(len(words))
        lengths = [min(max(length, 0.0), 1.0) for _, length in words]
        ax.barh(places, [side * length for length in lengths], height=0.78, color=color, alpha=0.16, lw=0)
        for place, (word, _) in zip(places, words, strict=True):
            align = "left" if side > 0 else "right"
            near = (page.font_size(0.35) * side, 0)
            page.annotate(ax, style.isolate(word), (0, float(place)), near, ha=align, va="center", color=color)
    ax.axvline(0, color=style.FAINT_COLOR, lw=0.6)
    ax.set(xlim=(-1, 1), ylim=(rows - 0.4, -0.6), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


N_COLUMNS = 3


@style.ensure_style()
def topic_words(
    keywords: pd.DataFrame,
    topics: pd.DataFrame | None = None,
    *,
    lang: str | Locale = "en",
    title: str | None = None,
    note: str = "",
    top: int = 12,
    words: int = 8,
) -> np.ndarray:
    """Draw the heaviest words of each topic in both scripts, side by side.

    The bars compare words within one topic and language; weights of two languages have no common scale.

    Parameters
    ----------
    keywords
        Table `keywords`: topic, lang, rank, word, weight.
    topics
        Table `topics`: topic, size. Without it topics come by number, and have no size printed.
    top
        At most so many topics, the largest first.
    words
        So many words a language.

    Returns
    -------
    numpy.ndarray
        One Axes a topic.
    """
    schema.require_columns(keywords, ("topic", "lang", "rank", "word", "weight"), caller="topic_words")
    says = as_locale(lang)
    known = keywords[keywords["topic"] != schema.OUTLIER_TOPIC]
    sizes = _sizes(known, topics)
    if sizes.empty:
        return page.empty_figure(says, title=title, note=note)
    shown = sizes.head(top)
    rows = min(words, int(known[known["topic"].isin(shown.index)].groupby(["topic", "lang"]).size().max()))
    height = page.lines_to_inches(-(-len(shown) // N_COLUMNS) * (rows * 1.08 + 2.4) + 2)
    axes = page.panels(len(shown), N_COLUMNS, height=height, gap=0.04)
    for ax, (topic, size) in zip(axes, shown.items(), strict=True):
        own = known[known["topic"] == topic]
        left, right = (_top_words(own[own["lang"] == code], words) for code in schema.LANGUAGES)
        colors = (style.LANGUAGE_COLORS["fa"], style.LANGUAGE_COLORS["ar"])
        draw_mirrored_words(ax, left, right, colors=colors, rows=rows)
        head = says.say("topic", topic=int(topic)) + (f"  ·  {says.say('passages', n=int(size))}" if size else "")
        ax.set_title(
            style.isolate(head), size=page.font_size(0.85), color=style.MUTED_COLOR, weight=400, pad=page.font_size(0.3)
        )
    page.put_suptitle(axes[0], title)
    page.put_note(axes[0], says.say("weights"), says.part("some_of", len(shown), len(sizes)), note)
    return axes


def _sizes(known: pd.DataFrame, topics: pd.DataFrame | None) -> pd.Series:
    """Return the size of each topic that has words, largest first; 0 where it is not known."""
    found = pd.Series(0, index=sorted(known["topic"].unique()), dtype="int64")
    if topics is None:
        return found
    schema.require_columns(topics, ("topic", "size"), caller="topic_words")
    sizes = topics.set_index("topic")["size"].reindex(found.index, fill_value=0)
    return sizes.sort_values(ascending=False, kind="stable")


def _top_words(keywords: pd.DataFrame, words: int) -> list[Word]:
    """Return the first words by rank, with weights as parts of the first one's."""
    first = keywords.sort_values("rank").head(words)
    heaviest = float(first["weight"].max()) if len(first) else 1.0
    return [
        (str(word), float(weight) / heaviest if heaviest > 0 else 0.0)
        for word, weight in zip(first["word"], first["weight"], strict=True)
    ]
