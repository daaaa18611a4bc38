"""Topic models of bilingual Persian-Arabic news: topics that span both languages, themes, and comparisons of shares.

`__init__.pyi` lists the public names. Each is imported on first use: `import topiclib` alone loads nothing heavy.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
