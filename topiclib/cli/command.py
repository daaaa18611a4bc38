"""Declare a command: a function with the arguments it takes. Its docstring is the text of `--help`."""

import argparse
import sys
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path
from typing import Any, NoReturn, TypeVar

Command = TypeVar("Command", bound=Callable[..., int | None])


def argument(*names: str, **settings: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the arguments of `add_argument`, with the type of a path, which its metavar names, and the default."""
    if settings.get("metavar") in ("FILE", "DIR", "RUN", "PATH"):
        settings = {"type": Path, **settings}
    if settings.get("default") not in (None, ""):
        settings["help"] += " (default: %(default)s)"
    return names, settings


RUN = argument("run", metavar="RUN", help="a run folder")
SOURCES = argument("--sources", metavar="FILE", help="a table of outlets (source, country, owner, ...) to join")
METADATA = argument("--metadata", metavar="FILE", help="a table of articles (path or id, date, source, ...) to join")
CACHE = argument("--cache", metavar="PATH", help="cache of vectors (default: the user's cache folder)")
ENCODER = argument("--encoder", metavar="NAME", help="the run's encoder, if not a bundled one")
SEED = argument("--seed", type=int, default=0, help="random seed")
CODERS = argument("--coders", type=int, default=2, metavar="N", help="number of coders")


def takes(*arguments: tuple[tuple[str, ...], dict[str, Any]]) -> Callable[[Command], Command]:
    """Declare the arguments of a command; the function has a parameter for each."""

    def declare(function: Command) -> Command:
        vars(function)["arguments"] = arguments
        return function

    return declare


class Parser(argparse.ArgumentParser):
    """A parser, also of the commands, that keeps line breaks in descriptions and reports wrong usage in one line."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        settings.setdefault("allow_abbrev", False)
        super().__init__(**settings)

    def error(self, message: str) -> NoReturn:
        print(f"topiclib: {message} (see: {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)

    def add_commands(self, *functions: Callable[..., int | None], **groups: "tuple[Any, ...]") -> None:
        """Add commands, and groups of commands: the first of a group is its description."""
        commands = self.add_subparsers(metavar="COMMAND", required=True)
        for function in functions:
            description = cleandoc(function.__doc__ or "")
            name, summary = function.__name__, description.split("\n")[0].rstrip(".")
            parser = commands.add_parser(name, help=summary[0].lower() + summary[1:], description=description)
            for names, settings in vars(function)["arguments"]:
                parser.add_argument(*names, **settings)
            parser.add_argument("--traceback", action="store_true", help="show the Python traceback of an error")
            parser.set_defaults(command=function, parser=parser)
        for name, (summary, *members) in groups.items():
            parser = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
            parser.add_commands(*members)


def split_commas(text: str) -> list[str]:
    """Return the names in a list such as "a, b"."""
    return [name.strip() for name in text.split(",") if name.strip()]


def write_csv(table: Any, path: Path) -> None:
    """Write a table for spreadsheets and print its path."""
    from topiclib.report.export import format_csv

    path.write_bytes(format_csv(table))
    print(path)
