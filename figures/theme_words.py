"""The words that distinguish two sides, by theme and language."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the words that distinguish two sides."""
    contrasts = store.read_table(run, "contrasts")
    manifest = store.read_manifest(run)
    note = draw.synthetic_note(manifest, lang)
    with style.context("page"):
        axes = draw.theme_words(contrasts, labels=manifest.get("themes"), lang=lang, note=note)
        return draw.save(axes, out / "theme_words", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
