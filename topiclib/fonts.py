"""The fonts that figures and pages are set in: from installed packages, none in this tree."""

import base64
import importlib.resources
from pathlib import Path

PACKAGES = {"sans": "fontpkg_ibm_plex_sans_arabic", "serif": "fontpkg_amiri"}
ON_PAGES = {400: "IBMPlexSansArabic-Regular.ttf", 600: "IBMPlexSansArabic-SemiBold.ttf"}


def folder(font: str) -> Path:
    """Return the folder with a font's files.

    Raises
    ------
    ModuleNotFoundError
        If its package is not installed.
    """
    return Path(str(importlib.resources.files(PACKAGES[font]) / "files"))


def font_faces() -> str:
    """Return CSS that carries the font of the figures, so that every reader's page is set in it."""
    return "".join(
        f'@font-face{{font-family:"topiclib sans";font-weight:{weight};src:url(data:font/ttf;base64,'
        f"{base64.b64encode((folder('sans') / name).read_bytes()).decode()})}}\n"
        for weight, name in ON_PAGES.items()
    )
