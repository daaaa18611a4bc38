"""The figures' font as CSS, for HTML pages."""

import base64

from topiclib.draw.style import font_folder

HTML_FONT_FILES = {400: "IBMPlexSansArabic-Regular.ttf", 600: "IBMPlexSansArabic-SemiBold.ttf"}


def font_face_css() -> str:
    """Return CSS with the figures' font embedded, so that a page looks the same where the font is not installed."""
    return "".join(
        f'@font-face{{font-family:"topiclib sans";font-weight:{weight};src:url(data:font/ttf;base64,'
        f"{base64.b64encode((font_folder('sans') / name).read_bytes()).decode()})}}\n"
        for weight, name in HTML_FONT_FILES.items()
    )
