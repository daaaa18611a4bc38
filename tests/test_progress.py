"""Progress on standard error: what begins is named at once, and log files are not filled with bars."""

import io
import sys
import warnings
from contextlib import redirect_stderr

import pytest

from topiclib.progress import progress_bar, progress_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[io.StringIO, Terminal])
def stderr(request, monkeypatch):
    stream = request.param()
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    return stream


def shown(stream: io.StringIO) -> list[str]:
    """The lines that are seen in the end: a carriage return overwrites what stands before it."""
    return [line.rpartition("\r")[2] for line in stream.getvalue().split("\n")]


def test_a_line_names_what_begins_and_is_completed(stderr):
    with redirect_stderr(stderr), progress_line("fitting", True) as end:
        assert shown(stderr) == ["fitting" if stderr.isatty() else ""]
        end.append("  2.0 s")
    assert shown(stderr) == ["fitting  2.0 s", ""]


@pytest.mark.filterwarnings("always")
def test_a_warning_has_a_line_of_its_own(stderr, monkeypatch):
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_: print(message, file=sys.stderr))
    with redirect_stderr(stderr), progress_line("reading", True) as end:
        for name in "ab":
            warnings.warn(f"{name} is empty", stacklevel=1)
        end.append("  2.0 s")
    assert shown(stderr) == [*["reading"] * stderr.isatty(), "a is empty", "b is empty", "reading  2.0 s", ""]


def test_warnings_are_still_recorded():
    with pytest.warns(UserWarning, match="empty"), progress_line("reading", True):
        warnings.warn("a is empty", stacklevel=1)


def test_an_error_begins_a_line_and_is_alone_in_a_log(stderr):
    with pytest.raises(ValueError), redirect_stderr(stderr), progress_line("fitting", True):
        raise ValueError
    assert shown(stderr) == (["fitting", ""] if stderr.isatty() else [""])


def test_nothing_is_printed_without_progress(stderr):
    with redirect_stderr(stderr), progress_line("fitting", False) as end:
        end.append("  2.0 s")
        assert list(progress_bar(range(3), progress=False)) == [0, 1, 2]
    assert not stderr.getvalue()


def test_bars_are_for_terminals(stderr):
    with redirect_stderr(stderr):
        assert list(progress_bar(range(3), progress=True, desc="embed")) == [0, 1, 2]
    assert ("embed" in stderr.getvalue()) == stderr.isatty()


def test_bars_are_for_jupyter(stderr, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    with redirect_stderr(stderr):
        assert list(progress_bar(range(3), progress=True, desc="embed")) == [0, 1, 2]
    assert "embed" in stderr.getvalue()
