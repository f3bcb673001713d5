"""Downloads, metadata requests and lookups against a Hub on loopback, in a process of its own."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from model_library.api.core import Library
from model_library.config import GIB, MIB, NetworkSettings, Settings
from model_library.network.manager import NetworkManager
from model_library.samples.formats import write_safetensors
from scripts.bench.measure import Measurement, in_turns, seconds
from tests.hub.process import hub_process
from tests.hub.quota import RateLimits
from tests.hub.repos import HubRepo, hub_repo

REPO: Final = "bench/model"
REQUESTS: Final = 200
AT_ONCE: Final = 16
UNLIMITED: Final = RateLimits(api=10**9, resolvers=10**9)


def run(workspace: Path, *, full: bool) -> Iterator[Measurement]:
    """2 GiB (256 MiB), 200 requests, and lookups of 500 files (60)."""
    yield from _download(workspace, 2 * GIB if full else 256 * MIB, promised=full)
    yield from _requests()
    yield from _lookups(workspace, 500 if full else 60)


# --- one large file --------------------------------------------------------------------------------


def _download(workspace: Path, size: int, *, promised: bool) -> Iterator[Measurement]:
    """GGUF: the library hashes it twice (SHA-256, BLAKE3), openssl once."""
    from tests.hub.sample import padded_gguf

    source, copy = padded_gguf(workspace / "model.gguf", size), workspace / "curl.gguf"
    with hub_process([hub_repo(REPO, {"model.gguf": source})], limits=UNLIMITED) as hub:
        url = f"{hub.endpoint}/{REPO}/resolve/main/model.gguf"

        def plain() -> None:
            subprocess.run(["curl", "-sSL", "-o", str(copy), url], check=True)
            command = ["openssl", "dgst", "-sha256", str(copy)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            copy.unlink()

        def ours() -> None:
            library = workspace / "library"
            command = [sys.executable, "-m", "model_library", "download", REPO]
            environment = {
                **os.environ,
                "HF_ENDPOINT": hub.endpoint,
                "MODEL_LIBRARY": str(library),
                "MODEL_LIBRARY_OFFLINE": "0",
            }
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
            shutil.rmtree(library)

        took = in_turns([ours, plain], rounds=3)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    target = 0.8 if promised else None
    detail = f"{size // MIB} MiB, {took[0]:.1f} s, start of the program included"
    unit = "x curl, then openssl dgst -sha256"
    yield Measurement("download", took[0] / took[1], unit, target, detail)
    yield Measurement("largest process of these", memory, "MB", None, "the Hub's among them")
    source.unlink()


# --- many small answers ------------------------------------------------------------------------------


def _requests() -> Iterator[Measurement]:
    """The same requests over one HTTP/2 connection and over HTTP/1.1, both with TLS."""
    repos = [hub_repo(REPO, {"config.json": b"{}"})]
    with (
        hub_process(repos, limits=UNLIMITED, tls=True, http2=True) as new,
        hub_process(repos, limits=UNLIMITED, tls=True) as old,
    ):
        took = in_turns(
            [lambda: _ask(new.endpoint, new.ca_file), lambda: _ask(old.endpoint, old.ca_file)],
            rounds=5,
        )
        connections = len({seen.connection for seen in new.requests()}) / 5
    detail = f"{REQUESTS} requests, {AT_ONCE} at once, {connections:.0f} connection"
    yield Measurement("metadata over HTTP/2", took[0] / took[1], "x HTTP/1.1", None, detail)


def _ask(endpoint: str, ca_file: Path | None) -> None:
    network = NetworkManager(NetworkSettings(endpoint=endpoint, ca_file=str(ca_file)))
    with network.client() as client, ThreadPoolExecutor(AT_ONCE) as pool:

        def one(number: int) -> None:
            client.get(f"{endpoint}/api/models/{REPO}?n={number}").raise_for_status()

        one(0)
        list(pool.map(one, range(1, REQUESTS)))
    network.close()


# --- lookups -----------------------------------------------------------------------------------------


def _lookups(workspace: Path, count: int) -> Iterator[Measurement]:
    """Against the time that the allowance of the Hub alone dictates; a refused request is a fault."""
    limits = RateLimits(api=count // 2, window=10.0)
    files = [_small(workspace / "in", number) for number in range(count)]
    with hub_process([_repo(file) for file in files], limits=limits) as hub:
        network = NetworkSettings(endpoint=hub.endpoint)
        with Library.open(workspace / "lookups", settings=Settings(network=network)) as library:
            library.import_models([workspace / "in"], offline=True)
            took = seconds(library.look_up)
        seen = hub.requests()
    calls = sum(1 for one in seen if one.path.startswith("/api/"))
    refused = sum(1 for one in seen if one.status == 429)  # noqa: PLR2004
    allowed = max(0, calls - limits.api) / limits.api * limits.window
    detail = f"{count} files, {calls} requests, {refused} refused, {took:.1f} s"
    yield Measurement("requests a file", calls / count, "requests", 4.0, detail)
    if allowed:
        yield Measurement("lookups", took / allowed, "x what the allowance dictates", None, detail)


def _small(directory: Path, number: int) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / f"style-number-{number:04d}.safetensors"
    names = [(f"lora_unet_{number}.lora_{way}.weight", "F16", (8, 8)) for way in ("up", "down")]
    write_safetensors(path, names, {"format": "pt"}, seed=number)
    return path


def _repo(file: Path) -> HubRepo:
    return hub_repo(f"bench/{file.stem}", {file.name: file})
