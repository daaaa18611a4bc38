"""The interactive document map: `explore(run)` in Jupyter, `write_map(run, file)` as one HTML file.

Both show the same data with the same scripts (the `.js` files here, read as one). The page is complete in itself: it
asks no host for anything, and its content policy would not let it. Whatever comes from an article reaches it as JSON
and is put there as text, never as markup.
"""

from topiclib.explore.html import write_map
from topiclib.explore.widget import DocumentMap, explore

__all__ = ["DocumentMap", "explore", "write_map"]
