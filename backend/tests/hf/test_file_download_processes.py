"""Downloads that are killed, that meet one another, that fill the drive."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hf.downloading import CONTENT, SIZE, Fetching
from tests.hf.file_server import FileServer, Handler, Seen
from tests.io.mounts import needs_mount, run_on, uncounted

CHILD = """
import sys
from pathlib import Path
import httpx2
from model_library.errors import ModelLibraryError
from model_library.hf import part_file, range_fetching
from model_library.hf.file_download import DownloadSource, fetch
from tests.hf.downloading import IMPATIENT, Recorder

range_fetching.PIECE, range_fetching.PARALLEL_FROM = 256 * 1024, 1024
part_file.CHECKPOINT_PAUSE = part_file.CHECKPOINT_BYTES = 0
range_fetching._POLL = 0.005
url, size, sha256, target = sys.argv[1:]
source = DownloadSource(url, size=int(size), sha256=sha256, name="file.bin")
with httpx2.Client(timeout=5) as client:
    print("ready", flush=True)
    try:
        fetch(client, source, Path(target), Recorder(), connections=4, patience=IMPATIENT)
    except ModelLibraryError as error:
        print(error.code, flush=True)
        sys.exit(error.exit_code)
"""


def _start(server: FileServer, target: Path) -> subprocess.Popen[str]:
    arguments = [server.url, str(len(server.content)), server.sha256, str(target)]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=uncounted(),
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def _slowly(handler: Handler, seen: Seen, _number: int) -> bool:
    """A second or so for the whole file."""
    if seen.method == "GET":
        time.sleep(0.1)
    return False


def test_a_killed_download_goes_on_with_what_was_on_the_drive(fetching: Fetching) -> None:
    fetching.server.fault = _slowly
    moments = random.Random(11)  # noqa: S311 - any moments
    for _ in range(6):
        before, more = len(fetching.server.gets()), moments.randint(4, 6)
        child = _start(fetching.server, fetching.target)
        while child.poll() is None and len(fetching.server.gets()) < before + more:
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.1))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        if fetching.target.exists():
            assert fetching.target.read_bytes() == CONTENT
            break
    fetching.server.fault = None
    fetching.run()
    assert fetching.is_right()
    assert fetching.transfer.skipped > 0
    assert fetching.transfer.count == SIZE - fetching.transfer.skipped


def test_of_two_processes_one_fetches_and_the_other_is_told(fetching: Fetching) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def hold(_handler: Handler, seen: Seen, _number: int) -> bool:
        if seen.method == "GET":
            begun.set()
            goes_on.wait(20)
        return False

    fetching.server.fault = hold
    fetching.patience = replace(fetching.patience, stalled_after=20)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(fetching.run)
        try:
            assert begun.wait(20)
            child = _start(fetching.server, fetching.target)
            assert child.communicate()[0] == "library-busy\n"
            assert child.returncode == 3
        finally:
            goes_on.set()
        running.result()
    assert fetching.is_right()
    assert fetching.transfer.count == SIZE


@needs_mount
def test_a_full_drive_keeps_the_part_and_the_next_try_goes_on(
    server: FileServer, tmp_path: Path
) -> None:
    place = tmp_path / "drive"
    place.mkdir()
    code = f"""
import subprocess
import httpx2
from model_library.errors import TargetFullError
from model_library.hf import part_file, range_fetching
from model_library.hf.file_download import DownloadSource, fetch
from tests.hf.downloading import IMPATIENT, Recorder

range_fetching.PIECE, range_fetching.PARALLEL_FROM = 256 * 1024, 1024
part_file.CHECKPOINT_PAUSE = part_file.CHECKPOINT_BYTES = 0
range_fetching._POLL = 0.005
source = DownloadSource({server.url!r}, size={SIZE}, sha256={server.sha256!r}, name="file.bin")
target = place / "file.bin"
ballast = place / "ballast"
ballast.write_bytes(bytes(1 << 20))
with httpx2.Client(timeout=5) as client:
    try:
        fetch(client, source, target, Recorder(), connections=4, patience=IMPATIENT)
    except TargetFullError:
        print("full", (place / "file.bin.part").exists(), target.exists())
    ballast.unlink()
    transfer = Recorder()
    fetch(client, source, target, transfer, connections=4, patience=IMPATIENT)
    print(target.stat().st_size, transfer.count + transfer.skipped, [one.name for one in place.iterdir()])
"""
    size = SIZE + 512 * 1024
    said = run_on(f"tmpfs -o size={size}", place, code)
    assert said.splitlines() == ["full True False", f"{SIZE} {SIZE} ['file.bin']"]


def test_a_clock_that_jumps_changes_nothing(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No decision about a part is made by the time of day."""
    jumps = random.Random(5)  # noqa: S311 - any times
    monkeypatch.setattr(time, "time", lambda: jumps.uniform(0, 4e9))
    fetching.run()
    assert fetching.is_right()
