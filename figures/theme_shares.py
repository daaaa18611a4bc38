"""The share of each theme by outlet, grouped by language."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the share of each theme by outlet."""
    shares, documents = (store.read_table(run, name) for name in ("shares", "documents"))
    manifest = store.read_manifest(run)
    note = draw.time_window_note(manifest, lang)
    with style.context("page"):
        axes = draw.theme_shares(shares, documents, labels=manifest.get("themes"), group="lang", lang=lang, note=note)
        return draw.save(axes, out / "theme_shares", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
