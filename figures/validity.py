"""Three checks of a run: planted differences recovered, languages mixed, differences stable."""

from pathlib import Path

from topiclib import draw
from topiclib.draw import style
from topiclib.runs import store


def make(run: Path, out: Path, *, formats: list[str], lang: str) -> list[Path]:
    """Draw the three quality checks of a run."""
    recovery, mixing, sensitivity = (store.read_table(run, name) for name in ("recovery", "mixing", "sensitivity"))
    manifest = store.read_manifest(run)
    note = draw.synthetic_note(manifest, lang)
    with style.context("page"):
        axes = draw.validity(recovery, mixing, sensitivity, labels=manifest.get("themes"), lang=lang, note=note)
        return draw.save(axes, out / "validity", formats=formats)


if __name__ == "__main__":
    draw.run_figure_script(make)
