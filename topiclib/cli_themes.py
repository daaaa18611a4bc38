"""`topiclib themes check | draft | sample | score`: a theme file looked at, and a theme checked by people."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

HELP = """Work on themes.

  check FILE                        read a theme file and say what it holds, or what is wrong with it
  draft RUN --theme X               propose terms: words that stand out in the passages about X
  sample RUN --theme X -n 150       write blind sheets for people to code, and their key
  score DIR --theme X               precision, recall, agreement and the corrected share, from filled sheets
"""


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command `themes` to the command line."""
    themes = commands.add_parser(
        "themes",
        help="check a theme file; have a theme checked by people",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    themes.add_argument("action", choices=["check", "draft", "sample", "score"])
    themes.add_argument(
        "path", type=Path, nargs="?", metavar="FILE|RUN|DIR", help="check without FILE: the shipped one"
    )
    themes.add_argument("--theme", metavar="KEY", help="a theme's key, such as jcpoa")
    themes.add_argument("-n", type=int, default=150, help="passages to code (default: 150)")
    themes.add_argument("--coders", type=int, default=2, help="sheets to write, one a coder (default: 2)")
    themes.add_argument("--seed", type=int, default=0, help="of the sample (default: 0)")
    themes.add_argument("--out", type=Path, metavar="DIR", help="where the sheets go (default: RUN-coding)")
    themes.set_defaults(do=_do)
    return themes


def _do(options: argparse.Namespace) -> int:
    if options.action != "check":
        if options.path is None:
            raise ValueError(f"themes {options.action} needs a folder: a run, or for score the sheets")
        if not options.theme:
            raise ValueError(f"themes {options.action} needs --theme KEY, such as --theme jcpoa")
    return {"check": _check, "draft": _draft, "sample": _sample, "score": _score}[options.action](options)


def _check(options: argparse.Namespace) -> int:
    from topiclib.schema import LANGUAGES
    from topiclib.themes import read_themes
    from topiclib.themes.file import ROLES

    for key, theme in read_themes(options.path).items():
        print(f"{key}: {theme.label['en']}")
        for lang in LANGUAGES:
            print("   ", f"{lang}:", ", ".join(f"{len(theme.terms[lang][role])} {role}" for role in ROLES))
        missing = [f"{part} in {lang}" for lang in LANGUAGES for part in ("label", "description")
                   if not getattr(theme, part).get(lang)]  # fmt: skip
        missing += [f"terms in {lang}" for lang in LANGUAGES if not any(theme.terms[lang].values())]
        if missing:
            print("    missing:", ", ".join(missing))
    return 0


def _draft(options: argparse.Namespace) -> int:
    from topiclib import store
    from topiclib.themes.draft import draft

    table = draft(store.read_tables(options.path), options.theme)
    if table.empty:
        print(f"No passage of {options.path} is about {options.theme}: there is nothing to propose terms from.")
        return 0
    print("Words that stand out in passages about the theme; take over what belongs to it:")
    for lang, part in table.groupby("lang", sort=False):
        print(f"\n[{options.theme}.{lang}]")
        for row in part.itertuples():
            print(f"{row.word}    in {row.inside} passages of the theme, {row.outside} others, z {row.z:.1f}")
    return 0


def _sample(options: argparse.Namespace) -> int:
    from topiclib import coding, store

    manifest, tables = store.read_manifest(options.path), store.read_tables(options.path)
    known = manifest.get("themes", {})
    if options.theme not in known:
        raise ValueError(f"{options.path} has no theme {options.theme!r}: it has {', '.join(known)}")
    key = coding.draw_sample(tables, options.theme, n=options.n, seed=options.seed)
    out = options.out or options.path.parent / f"{options.path.name}-coding"
    print(*coding.write_sheets(key, out, theme=options.theme, coders=options.coders), sep="\n")
    print("Give each coder one sheet, and nobody the key: it holds the scores.")
    return 0


def _score(options: argparse.Namespace) -> int:
    from topiclib import coding

    table, agreement = coding.score_sheets(*coding.read_sheets(options.path, theme=options.theme))
    print(table.round(3).to_string(index=False))
    if agreement:
        print("Krippendorff's alpha {alpha:.3f} ({low:.3f} to {high:.3f}), {units} passages".format(**agreement))
    return 0
