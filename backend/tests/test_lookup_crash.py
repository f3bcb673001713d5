"""A finding is in metadata.json whole or not at all, whenever the process dies, and nothing else changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from model_library import Library
from tests.factory import lora, tree

CHILDREN = """
import os, signal, sys
from pathlib import Path
from model_library.config import Settings
from model_library.events import ignore
from model_library.library import Catalog
from model_library.lookups import apply
from model_library.providers import LookedUp, RemoteModel
from model_library.taxonomy import MatchMethod
from model_library import editor, enriching, metadata, publishing, recovery, registry

watched = {"open", "os.rename", "os.remove", "os.mkdir"}
remote = RemoteModel("huggingface", "org/name", "https://hf.example/org/name", license="mit")
found = LookedUp(MatchMethod.HASH, 1.0, remote=remote)

def work(directory, model_id, kill_at):
    seen = 0

    def hook(event, arguments):
        nonlocal seen
        if event in watched:
            seen += 1
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    catalog = Catalog.open(Path(directory), Settings(), ignore)
    model = catalog.record(model_id).metadata
    sys.addaudithook(hook)
    apply(catalog, model, found)
    os._exit(0)

for line in sys.stdin:
    directory, model_id, kill_at = line.rstrip().split("\\t")
    pid = os.fork()
    if pid == 0:
        try:
            work(directory, model_id, int(kill_at))
        finally:
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


def test_a_lookup_may_die_at_every_filesystem_call(tmp_path: Path) -> None:
    home = tmp_path / "library"
    with Library.open(home) as library:
        paths = [lora(tmp_path / "in" / f"painter-{n}.safetensors", seed=n) for n in range(2)]
        imported = library.import_models(paths)["imported"]
        model_id, other = sorted(model["model_id"] for model in imported)
        file = Path(library.show(model_id)["path"]).parent / "metadata.json"
    before = file.read_bytes()
    held = tree(home / "models")
    killed = 0
    with subprocess.Popen(
        [sys.executable, "-c", CHILDREN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as zygote:
        assert zygote.stdin is not None
        assert zygote.stdout is not None
        for kill_at in range(1, 200):
            zygote.stdin.write(f"{home}\t{model_id}\t{kill_at}\n")
            zygote.stdin.flush()
            status = int(zygote.stdout.readline())
            document = json.loads(file.read_bytes())
            assert document["license"] in (None, "mit")
            if status == 0:
                break
            assert status == -9, "it was killed"
            killed += 1
            with Library.open(home) as library:  # settles what was begun
                assert library.show(model_id)["license"] == document["license"]
                assert library.show(other)["license"] is None
            file.write_bytes(before)
        zygote.stdin.close()
    assert killed >= 3
    assert document["license"] == "mit"
    name = file.relative_to(home / "models").as_posix()
    after = tree(home / "models")
    assert after == held | {name: after[name]}, "no other file is touched"
