"""Figures: each function takes a run and returns matplotlib Axes.

Instead of a run (`tl.open_run`), a figure takes a mapping of tables, such as `tl.tabulate` returns, and under the key
"manifest" a run's manifest, if there is one: theme labels, the period of the shares and whether the articles are
synthetic are read from it. The tables may be changed before: ``theme_shares({**run.tables, "shares": others})``.

Common parameters: `themes`, keys of the themes to show, in this order (default: all); `lang`, the language of titles,
ticks and notes (en, fa, ar); `title` (default: none, since a paper has captions); `ax`, for figures of a single panel,
the Axes to draw into. Figures of several panels return an array of Axes. A missing table or column, and a theme that
the run does not have, raise ValueError; an empty table gives a figure that says so.
"""

from topiclib.draw.coverage import coverage as coverage
from topiclib.draw.figure_cache import figure_cache_key as figure_cache_key
from topiclib.draw.figure_cache import is_up_to_date as is_up_to_date
from topiclib.draw.figure_cache import record_figures as record_figures
from topiclib.draw.figures import FIGURES as FIGURES
from topiclib.draw.figures import draw_all as draw_all
from topiclib.draw.figures import draw_figure as draw_figure
from topiclib.draw.language_balance import language_balance as language_balance
from topiclib.draw.save import save as save
from topiclib.draw.theme_shares import theme_shares as theme_shares
from topiclib.draw.theme_words import theme_words as theme_words
from topiclib.draw.timeline import theme_timeline as theme_timeline
from topiclib.draw.timeline import topic_timeline as topic_timeline
from topiclib.draw.topic_map import topic_map as topic_map
from topiclib.draw.topic_words import topic_words as topic_words
from topiclib.draw.topics_by_theme import topics_by_theme as topics_by_theme
from topiclib.draw.validity import validity as validity
