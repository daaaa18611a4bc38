"""Heatmap of the share of each theme in each topic."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the share of each topic's passages that is about each theme."""
    topics, assignments, themes = (store.read_table(run, name) for name in ("topics", "assignments", "themes"))
    manifest = store.read_manifest(run)
    note = draw.synthetic_note(manifest, lang)
    with style.context("page"):
        axes = draw.topics_by_theme(topics, assignments, themes, labels=manifest.get("themes"), lang=lang, note=note)
        return draw.save(axes, out / "topics_by_theme", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
