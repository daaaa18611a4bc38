"""Figures: each function takes the tables of a run (DataFrames) and returns matplotlib Axes.

Common parameters: `lang`, the language of titles, ticks and notes (en, fa, ar, or a `Locale` with other digits or
strings); `title` (default: none, since a paper has captions); `note`, small print under the figure; `ax`, for
figures of a single panel, the Axes to draw into. A missing column raises ValueError; an empty table gives a figure
that says so.
"""

from topiclib.draw.coverage import coverage
from topiclib.draw.figure_cache import figure_cache_key, is_up_to_date, record_figures
from topiclib.draw.figures import FIGURES, draw_all, draw_figure, run_figure_script, synthetic_note, time_window_note
from topiclib.draw.language_balance import language_balance
from topiclib.draw.localization import Locale
from topiclib.draw.save import save
from topiclib.draw.theme_shares import theme_shares
from topiclib.draw.theme_timeline import theme_timeline
from topiclib.draw.theme_words import theme_words
from topiclib.draw.topic_map import topic_map
from topiclib.draw.topic_words import topic_words
from topiclib.draw.topics_by_theme import topics_by_theme
from topiclib.draw.validity import validity

__all__ = [
    "FIGURES",
    "Locale",
    "coverage",
    "draw_all",
    "draw_figure",
    "figure_cache_key",
    "is_up_to_date",
    "language_balance",
    "record_figures",
    "run_figure_script",
    "save",
    "synthetic_note",
    "theme_shares",
    "theme_timeline",
    "theme_words",
    "time_window_note",
    "topic_map",
    "topic_words",
    "topics_by_theme",
    "validity",
]
