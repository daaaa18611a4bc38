"""Number of articles by outlet and month, to check before any comparison over time."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the number of articles by outlet and month."""
    coverage, documents = (store.read_table(run, name) for name in ("coverage", "documents"))
    manifest = store.read_manifest(run)
    note = draw.synthetic_note(manifest, lang)
    with style.context("page"):
        axes = draw.coverage(coverage, documents, lang=lang, note=note)
        return draw.save(axes, out / "coverage", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
