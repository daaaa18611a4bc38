"""Interactive document map: `explore(run)` is a Jupyter widget, `write_map(run, file)` writes one HTML file.

Both use the same data and scripts (the `.js` files of this folder, concatenated). The file loads nothing from the
network, and its content security policy forbids it. Text of articles is passed as JSON and inserted as text nodes,
never as HTML.
"""

from topiclib.explore.html import write_map
from topiclib.explore.widget import DocumentMap, explore

__all__ = ["DocumentMap", "explore", "write_map"]
