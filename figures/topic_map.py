"""Map of the passages in two dimensions, with topic labels in Persian and Arabic; for exploration only."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the map of the passages and topics."""
    points, topics, passages = (store.read_table(run, name) for name in ("points", "topics", "passages"))
    manifest = store.read_manifest(run)
    note = draw.synthetic_note(manifest, lang)
    with style.context("page"):
        axes = draw.topic_map(points, topics, passages, lang=lang, note=note)
        return draw.save(axes, out / "topic_map", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
