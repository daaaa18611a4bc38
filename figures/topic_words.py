"""The keywords of the largest topics, Persian and Arabic side by side."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the keywords of the largest topics in both languages."""
    keywords, topics = (store.read_table(run, name) for name in ("keywords", "topics"))
    manifest = store.read_manifest(run)
    note = draw.synthetic_note(manifest, lang)
    with style.context("page"):
        axes = draw.topic_words(keywords, topics, lang=lang, note=note)
        return draw.save(axes, out / "topic_words", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
