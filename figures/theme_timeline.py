"""The share of each theme over time, above the number of articles."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the share of each theme over time."""
    timeline = store.read_table(run, "timeline")
    manifest = store.read_manifest(run)
    note = draw.synthetic_note(manifest, lang)
    with style.context("page"):
        axes = draw.theme_timeline(timeline, labels=manifest.get("themes"), lang=lang, note=note)
        return draw.save(axes, out / "theme_timeline", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
