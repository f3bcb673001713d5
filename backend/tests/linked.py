"""A library with models on several drives, and applications that they are linked into."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from model_library import Library
from model_library.api.shapes import RootJson
from model_library.config import Settings
from model_library.events import Event, Notice, ignore
from model_library.library import Catalog
from model_library.link_registry import App, Link, NewLink
from model_library.linking import make_links
from model_library.taxonomy import LinkMethod
from tests.factory import lora

FOLDER = "models/loras"


@contextmanager
def catalog_at(directory: Path) -> Iterator[Catalog]:
    """The library as the use cases see it."""
    catalog = Catalog.open(directory, Settings(), ignore)
    try:
        yield catalog
    finally:
        catalog.close()


def app_at(path: Path, app_id: str = "comfyui") -> App:
    """An application's directory with the files that it is known by."""
    (path / FOLDER).mkdir(parents=True)
    for name in ("main.py", "folder_paths.py", "comfyui_version.py"):
        (path / name).write_text("# the application")
    return App(app_id, "comfyui", path, inode=path.stat().st_ino)


def import_loras(
    library: Library, folder: Path, seeds: range, root: str | None = None
) -> list[str]:
    """Import LoRAs of these seeds into a root; their model ids."""
    files = [lora(folder / f"lora-{seed}.safetensors", seed=seed) for seed in seeds]
    report = library.import_models(files, root=root)
    return [model["model_id"] for model in report["imported"]]


def add_drive(library: Library, path: Path) -> RootJson:
    path.mkdir(parents=True)
    return library.add_root(path)


def link_models(catalog: Catalog, app: App, method: LinkMethod) -> list[Link]:
    """Link every file of every model into the application, which is put into the registry."""
    catalog.links.put_app(app)
    wanted = []
    for row in catalog.index.records():
        record = catalog.record_of(row)
        for file in record.metadata.files:
            source = (record.files_directory / file.path).relative_to(record.root.path)
            target = f"{FOLDER}/{row.model_id}.safetensors"
            wanted.append(
                NewLink(
                    app.app_id,
                    row.model_id,
                    file.path,
                    row.root_id,
                    source.as_posix(),
                    target,
                    method,
                    False,
                )
            )
    with catalog.exclusive():
        outcomes = make_links(catalog, app, wanted)
    assert not outcomes.failed
    return catalog.links.links(app.app_id)


def leads(app: App) -> dict[str, bool]:
    """The names of models in the folder of the application, and whether a file is behind each."""
    return {path.name: path.is_file() for path in (app.path / FOLDER).glob("*.safetensors")}


def said_by(open_it: Callable[[list[Event]], None]) -> list[Notice]:
    said: list[Event] = []
    open_it(said)
    return [event for event in said if isinstance(event, Notice)]


def opened_once(home: Path) -> list[Notice]:
    def open_it(said: list[Event]) -> None:
        with Library.open(home, listener=said.append) as library:
            library.list()

    return said_by(open_it)


KILLED = """
import os, signal, sys
from model_library import Library

home, action, kill_at = sys.argv[1:]
left = int(kill_at)

def hook(event, arguments):
    global left
    if event in ("os.symlink", "os.remove"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
with Library.open(home) as library:
    if action == "fix":
        library.health(fix=True)
"""


def killed(home: Path, action: str, kill_at: int) -> None:
    arguments = [sys.executable, "-c", KILLED, str(home), action, str(kill_at)]
    done = subprocess.run(arguments, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
