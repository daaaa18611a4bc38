"""Check that no file of a run folder has changed."""

from pathlib import Path

from topiclib import schema
from topiclib.runs.store import ARRAY_NAMES, MANIFEST_FILE, TEXT_FILES, hash_file, read_manifest, serialize_manifest


def verify_run(path: str | Path) -> list[str]:
    """Compare every file of a run with its checksum; return one line per problem."""
    path = Path(path)
    manifest = read_manifest(path)
    known = {f"{name}.parquet" for name in schema.TABLES} | {f"{name}.npy" for name in ARRAY_NAMES} | {*TEXT_FILES}
    problems = []
    body = {key: value for key, value in manifest.items() if key != "checksum"}
    if (path / MANIFEST_FILE).read_bytes() != serialize_manifest(body):
        problems.append(f"{MANIFEST_FILE} was changed after it was written")
    for name, expected in manifest["files"].items():
        if name not in known:  # such as a path outside the folder
            problems.append(f"{MANIFEST_FILE} lists {name!r}, which is not a file of a run")
        elif not (path / name).is_file():
            problems.append(f"{name} is missing")
        elif (path / name).is_symlink():
            problems.append(f"{name} is a symbolic link")
        elif hash_file(path / name) != expected:
            problems.append(f"{name} was changed after it was written")
    present = {file.name for file in path.iterdir() if file.suffix in (".parquet", ".npy", ".toml")}
    extra = sorted(present - set(manifest["files"]))
    return problems + [f"{name} is in the folder but not in {MANIFEST_FILE}" for name in extra]
