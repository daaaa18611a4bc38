"""The font of the figures, as CSS for HTML pages."""

import base64

from topiclib.draw.style import folder

ON_PAGES = {400: "IBMPlexSansArabic-Regular.ttf", 600: "IBMPlexSansArabic-SemiBold.ttf"}


def font_faces() -> str:
    """Return CSS that carries the font of the figures, so that every reader's page is set in it."""
    return "".join(
        f'@font-face{{font-family:"topiclib sans";font-weight:{weight};src:url(data:font/ttf;base64,'
        f"{base64.b64encode((folder('sans') / name).read_bytes()).decode()})}}\n"
        for weight, name in ON_PAGES.items()
    )
