"""Fill in the Jinja2 templates of the report, the methods section, the bundle, topic cards and the map."""

import base64
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from topiclib.draw.style import font_folder
from topiclib.schema import plural

_HTML_FONT_FILES = {400: "IBMPlexSansArabic-Regular.ttf", 600: "IBMPlexSansArabic-SemiBold.ttf"}


def render(template: str, **values: Any) -> str:
    """Fill in a template, named by its path in the package; values are escaped, except in Markdown and plain text."""
    try:
        return _environment.get_template(template).render(values)
    except jinja2.UndefinedError as error:
        raise ValueError(f"the run is incomplete ({error}): fit the corpus again") from error


def check_output_file(file: str | Path, what: str) -> Path:
    """Return the path of a file to write; called before its content is made, since its folder may be missing."""
    if not (folder := Path(file).parent).is_dir():
        raise FileNotFoundError(f"{folder} does not exist: create the folder for {what} first")
    return Path(file)


def _fonts() -> list[tuple[int, str]]:
    """Return weight and content of the figures' fonts, so that a page looks the same where they are not installed."""
    folder = font_folder("sans")
    return [
        (weight, base64.b64encode((folder / name).read_bytes()).decode()) for weight, name in _HTML_FONT_FILES.items()
    ]


_environment = jinja2.Environment(
    loader=jinja2.PackageLoader("topiclib", "."),
    autoescape=jinja2.select_autoescape(disabled_extensions=["md.jinja", "txt.jinja"], default=True),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
# Python's format(value, ".0%"), as in an f-string; Jinja's own filter of this name is %-formatting.
_environment.filters["format"] = format
_environment.tests["missing"] = pd.isna
_environment.globals |= {"fonts": _fonts, "plural": plural}
