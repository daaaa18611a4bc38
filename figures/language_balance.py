"""The share of each topic in either language, with its keywords in both."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the share of each topic in both languages."""
    topics, keywords = (store.read_table(run, name) for name in ("topics", "keywords"))
    manifest = store.read_manifest(run)
    note = draw.synthetic_note(manifest, lang)
    with style.context("page"):
        axes = draw.language_balance(topics, keywords, lang=lang, note=note)
        return draw.save(axes, out / "language_balance", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
