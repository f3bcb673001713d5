"""Child processes that work on a library and are killed in the middle of it.

Each is forked from one process that has everything imported, and is killed after a random time or right at one of
its own filesystem calls (an audit hook counts them).
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.io.mounts import uncounted

ZYGOTE = """
import json, os, signal, sys, time
from model_library import Library
from model_library.api import documents
from model_library import editor, health, importer, mapper, recovery, scanner, trash, verifier
from model_library.taxonomy import Placement

watched = {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.scandir", "os.utime", "os.symlink"}

def work(action, directory, source, kill_at, answer):
    seen = 0

    def hook(event, arguments):
        nonlocal seen
        if event in watched:
            seen += 1
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    with Library.open(directory) as library:
        os.write(answer, b"ready")
        if kill_at:
            sys.addaudithook(hook)
        if action in ("auto", "copy", "move", "reference"):
            library.import_models([source], place=Placement(action))
        elif action == "delete":
            library.delete("lora-0")
            library.delete("lora-1", purge=True)
            library.restore("lora-0")
        elif action == "edit":
            library.edit("lora-0", ["kind=vae", "notes=changed"])
        elif action == "edit many":
            library.edit_models(["lora-0", "lora-1"], ["kind=vae"], add_tags=["new"])
        elif action == "restore":
            library.restore("lora-2")
        elif action in ("skip", "rename", "overwrite", "adopt"):
            library.link_sync("comfyui", on_conflict=action)
        elif action == "clean":
            library.link_clean("comfyui")
        elif action == "put-back":
            library.link_put_back("comfyui", [source])
        elif action == "repair":
            library.health(fix=True)
        elif action == "scan":
            library.scan(deep=True)
    os.write(answer, b" %d" % seen)

for line in sys.stdin:
    task = json.loads(line)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work(task["action"], task["directory"], task["source"], task["kill_at"], writer)
        except BaseException as error:
            os.write(writer, repr(error).encode())
            os._exit(1)
        os._exit(0)
    os.close(writer)
    answer = os.read(reader, 5)
    if task["after"]:
        time.sleep(task["after"])
        os.kill(pid, signal.SIGKILL)
    while more := os.read(reader, 1000):
        answer += more
    os.close(reader)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(json.dumps([status, answer.decode()]), flush=True)
"""


class Workers:
    """Child processes that work on a library and can be killed in the middle of it."""

    def __init__(self) -> None:
        self._zygote = subprocess.Popen(
            [sys.executable, "-c", ZYGOTE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=uncounted(),
        )

    def work(
        self, action: str, library: Path, source: Path, *, kill_at: int = 0, after: float = 0
    ) -> int:
        """Do one thing in a process of its own; killed at its n-th filesystem call, or after seconds, or
        not at all. Returns how many calls it made, or -1 when it was killed."""
        task = {
            "action": action,
            "directory": str(library),
            "source": str(source),
            "kill_at": kill_at,
            "after": after,
        }
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.write(json.dumps(task) + "\n")
        self._zygote.stdin.flush()
        status, answer = json.loads(self._zygote.stdout.readline())
        if status == -signal.SIGKILL:
            return -1
        assert status == 0, answer
        return int(answer.removeprefix("ready"))

    def close(self) -> None:
        self._zygote.communicate()
