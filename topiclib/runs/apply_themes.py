"""Score other themes on a finished run, without its vectors, an encoder or a model."""

from __future__ import annotations

from pathlib import Path

from topiclib.runs import store
from topiclib.runs.apply_curation import words_of
from topiclib.runs.combine import SHARED_TABLES
from topiclib.runs.pipeline import Run, open_run, open_to_change
from topiclib.runs.spec import package_versions
from topiclib.runs.tabulate import join_kinds, tabulate_themes
from topiclib.themes import read_themes, themes_for_manifest
from topiclib.themes.theme_file import ThemeFiles, list_theme_files

# Quality tables that depend on the themes: they need vectors, so they are left out instead of computed again.
DEPENDENT_TABLES = ("recovery", "sensitivity")


def apply_themes(run: Run | str | Path, themes: ThemeFiles, *, out: str | Path | None = None) -> Run:
    """Score other themes on a finished run, without fitting its topics again.

    The tables of themes (`themes`, `matches`, `contrasts`) and the rows of themes in `quotes`, `shares` and `timeline`
    are made again from the tables `documents` and `passages`. All other files of the run stay as they are, except the
    quality tables `recovery` and `sensitivity`, which depend on the themes and are left out: fit the run with these
    themes to compute them.

    Parameters
    ----------
    run
        A run, or its folder.
    themes
        One or more theme files, as `read_themes` takes them. They replace the themes of the run.
    out
        Folder of the new run; None: the run itself is replaced, at the end and as a whole.

    Returns
    -------
    Run
        The run with the new themes. The entry `themes_applied` of its manifest has the versions with which they were
        scored, and the tables that were left out.

    Raises
    ------
    FileNotFoundError, FileExistsError, ValueError
        If the run is damaged or of another version, a theme file is invalid, or `out` has other files in it; then
        nothing is written.
    """
    run, out = open_to_change(run, out)
    period, words, new_themes = run.recipe.period, words_of(run.manifest), read_themes(themes)
    of_topics = {name: run.tables[name].query("kind == 'topic'") for name in SHARED_TABLES}
    new = join_kinds(of_topics, tabulate_themes(run.documents, run.passages, new_themes, period=period, words=words))
    before = run.manifest.get("themes_applied", {}).get("left_out", [])
    left_out = [name for name in DEPENDENT_TABLES if name in before or f"{name}.parquet" in run.manifest["files"]]
    files = store.describe_files(list_theme_files(themes))
    entries = {
        **themes_for_manifest(new_themes),
        "theme_file": files,
        "themes_applied": {"versions": package_versions(), "left_out": left_out},
        # Unlike that of a fit, so that `topiclib fit` does not take this run for its own.
        "cache_key": store.hash_values([run.manifest.get("cache_key"), files]),
    }
    return open_run(store.rewrite_run(run.path, out, new, {}, entries, left_out=DEPENDENT_TABLES))
