"""Files and folders that are whole or not there, whatever moment a process is killed at."""

import os
import re
import shutil
import uuid
from pathlib import Path


def write_file(path: Path, content: bytes) -> None:
    """Write a file aside and rename it into place; its folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{uuid.uuid4().hex}.new")
    try:
        aside.write_bytes(content)
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def recover_folder(out: Path) -> None:
    """Put back or remove what a killed run left beside the folder; what belongs to a process that lives is left."""
    for beside in sorted(out.parent.glob(f".{out.name}.*-*")) if out.parent.is_dir() else []:
        left = re.fullmatch(re.escape(f".{out.name}.") + r"(new|old)-(\d+)(-\w+)?", beside.name)
        if left is None or _is_alive(int(left[2])):
            continue
        if left[1] == "old" and not out.exists():  # killed between the two renames of `replace_folder`
            os.rename(beside, out)
        else:
            shutil.rmtree(beside)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def replace_folder(aside: Path, out: Path) -> None:
    """Put the new folder where the old one is. Between the two renames there is a moment without a run, never one
    with half a run.
    """
    if not out.exists():
        os.rename(aside, out)
        return
    old = out.parent / f".{out.name}.old-{os.getpid()}"
    os.rename(out, old)
    try:
        os.rename(aside, out)
    except OSError:
        os.rename(old, out)
        raise
    shutil.rmtree(old)
