"""Draw tables: one figure a file, from tidy frames to matplotlib Axes.

What all of them take: `lang`, the language of the figure's own words (en, fa, ar, or a `Locale` with other digits
or strings); `title`, which is nothing by default, since a paper has a caption; `note`, more to say in small print
under the figure; where a figure is a single panel, `ax` to draw into. All need the tables' columns that they name,
and raise ValueError without them. An empty table gives a page that says so.
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
