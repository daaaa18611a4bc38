"""Atomic writes: a process that is killed leaves the old file or folder, or the new one, never half of one."""

import os
import re
import shutil
import uuid
from pathlib import Path


def write_file(path: Path, content: bytes) -> None:
    """Write a file through a temporary one that is renamed into place; create the folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}.new")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def recover_folder(out: Path) -> None:
    """Restore or remove what a killed process left beside the folder `out`; what a running process uses stays."""
    for leftover in sorted(out.parent.glob(f".{out.name}.*-*")) if out.parent.is_dir() else []:
        match = re.fullmatch(re.escape(f".{out.name}.") + r"(new|old)-(\d+)(-\w+)?", leftover.name)
        if match is None or _is_alive(int(match[2])):
            continue
        if match[1] == "old" and not out.exists():  # killed between the two renames of `replace_folder`
            os.rename(leftover, out)
        else:
            shutil.rmtree(leftover)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # signal 0 only checks that the process exists
    except ProcessLookupError:
        return False
    except PermissionError:  # it exists, but belongs to another user
        return True
    return True


def replace_folder(staging: Path, out: Path) -> None:
    """Replace the folder `out` with the newly written `staging`; between the two renames, `out` does not exist."""
    if not out.exists():
        os.rename(staging, out)
        return
    old = out.parent / f".{out.name}.old-{os.getpid()}"
    os.rename(out, old)
    try:
        os.rename(staging, out)
    except OSError:
        os.rename(old, out)
        raise
    shutil.rmtree(old)
