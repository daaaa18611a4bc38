import json, sys, tempfile, time, shutil
from pathlib import Path
from forge import Forge
from corpora_of_torture import CORPORA, LARGE
from judge import try_corpus

forge = Forge(maps=True)
base = Path(tempfile.mkdtemp(prefix="tort"))
pick = sys.argv[1] if len(sys.argv) > 1 else ""
t = time.time()
bad = 0
which = {**CORPORA, **(LARGE if "--large" in sys.argv else {})}
for i, (name, c) in enumerate(which.items()):
    if pick and pick not in name:
        continue
    at = base / str(i)
    at.mkdir()
    r = None
    try:
        r = try_corpus(forge, at, c)
        print(
            "OK  " if r else "",
            name,
            "|",
            r["status"],
            round(r["seconds"], 1),
            round(r["peak_mb"]),
            "|",
            r["err"].strip()[:300],
            flush=True,
        )
    except AssertionError as e:
        bad += 1
        print("BAD ", name, "|", str(e)[-1500:], flush=True)
    shutil.rmtree(at, ignore_errors=True)
print(len(which), bad, time.time() - t)
forge.close()
