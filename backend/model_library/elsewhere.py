"""Models that this machine holds outside the library: the folders where other programs keep theirs.

Installations are found by their profiles. Stores that every user has at one place are in a table. Nothing is read but names and
sizes, with limits, so that a large disk is not searched, and the manifests of Ollama, which alone say what its files are.
"""

from __future__ import annotations

import itertools
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model_library.hf.environment import hub_cache
from model_library.identify.file_roles import weight_extension
from model_library.identify.folder_tree import FolderTree
from model_library.identify.ollama_store import find_ollama_models
from model_library.identify.walk import walk
from model_library.profiles.finding import find_installations, places_in

HUB_CACHE: Final = "Hugging Face cache"
_STORES: Final = (
    ("LM Studio", ".lmstudio/models"),
    ("LM Studio", ".cache/lm-studio/models"),
    ("Jan", ".local/share/Jan/data/llamacpp/models"),
    ("Jan", "Library/Application Support/Jan/data/llamacpp/models"),
    ("Jan", "AppData/Roaming/Jan/data/llamacpp/models"),
    ("GPT4All", ".local/share/nomic.ai/GPT4All"),
    ("GPT4All", "Library/Application Support/nomic.ai/GPT4All"),
    ("GPT4All", "AppData/Local/nomic.ai/GPT4All"),
)
"""Program, and its folder below the home directory (their documentation, read in August 2026)."""
_OLLAMA: Final = ".ollama/models"
_OLLAMA_SERVICE: Final = Path("/usr/share/ollama/.ollama/models")
_BLOB: Final = "sha256-"
"""Begins the name of a file in Ollama's store and of none that is shorter than its digest."""
_BLOB_LENGTH: Final = len(_BLOB) + 64
MOST_FILES: Final = 20_000
"""Files of one folder whose sizes are added up."""
PATIENCE: Final = 1.0
"""Seconds for one folder."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder in which a program keeps models."""

    program: str
    path: Path


@dataclass(frozen=True, slots=True)
class Weight:
    """A file that may be a model's, by its name. `device` and `inode` tell links to one file."""

    path: Path
    size: int
    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds, by names: at least so many files and bytes when it is not `complete`."""

    files: int
    bytes: int
    complete: bool


def stores(environment: Mapping[str, str], home: Path, user_profiles: Path) -> list[Store]:
    """Every folder of another program that is there, each once, installations first."""
    known = list(_known(environment, home))
    installations = find_installations(places_in(home), user_profiles)
    found = [Store(one.display, one.path) for one in installations]
    found = [one for one in found if not any(_holds(one, store) for store in known)] + known
    there: dict[Path, Store] = {}
    for store in found:
        with suppress(OSError):
            if store.path.is_dir():
                there.setdefault(store.path.resolve(), store)
    return list(there.values())


def _holds(installation: Store, store: Store) -> bool:
    """Whether the models of an installation are known more exactly."""
    return installation.program == store.program and store.path.is_relative_to(installation.path)


def _known(environment: Mapping[str, str], home: Path) -> Iterator[Store]:
    yield Store(HUB_CACHE, hub_cache(environment))
    for program, below in _STORES:
        yield Store(program, home / below)
    for path in ollama_stores(environment, home):
        yield Store("Ollama", path)


def ollama_stores(environment: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Where Ollama keeps its models, of the user and as a service, whether they are there or not."""
    named = environment.get("OLLAMA_MODELS", "").strip()
    return (Path(named).expanduser() if named else home / _OLLAMA, _OLLAMA_SERVICE)


def weights(folder: Path, most: int = MOST_FILES) -> Iterator[Weight]:
    """The files below a folder whose names are those of model files; links are followed to files only."""
    for directory, below, names in os.walk(folder):
        below[:] = sorted(
            name for name in below if name not in {".git", "__pycache__", "node_modules"}
        )
        for name in sorted(names):
            if not is_weight(name):
                continue
            if (most := most - 1) < 0:
                return
            with suppress(OSError):  # a link that leads nowhere, or gone meanwhile
                path = Path(directory, name)
                status = path.stat()
                if stat.S_ISREG(status.st_mode):
                    yield Weight(path, status.st_size, status.st_dev, status.st_ino)


def is_weight(name: str) -> bool:
    """Whether a name is that of a model file; Ollama's have a digest for one."""
    if len(name) == _BLOB_LENGTH and name.startswith(_BLOB):
        return True
    return weight_extension(name) is not None


def contents(
    folder: Path,
    patience: float = PATIENCE,
    is_held: Callable[[Weight], bool] = lambda _: False,
) -> Contents:
    """How much a folder holds that an import would look at; a file with several names counts once, and one that the
    library has already (`is_held`), such as a link that it made, not at all."""
    until = time.monotonic() + patience
    pulled = _pulled(folder)
    seen: set[tuple[int, int]] = set()
    looked, total = 0, 0
    found = weights(folder, MOST_FILES)
    for weight in itertools.takewhile(lambda _: time.monotonic() < until, found):
        looked += 1
        identity, name = (weight.device, weight.inode), weight.path.name
        is_model = name in pulled or weight_extension(name) is not None
        if identity not in seen and is_model and not is_held(weight):
            seen.add(identity)
            total += weight.size
    return Contents(len(seen), total, time.monotonic() < until and looked < MOST_FILES)


def _pulled(folder: Path) -> frozenset[str]:
    """The blobs of an Ollama store that are models; others are templates, licences and left-overs."""
    tree = FolderTree(walk([folder / "manifests", folder / "blobs"]).files)
    models = find_ollama_models(tree).models
    return frozenset(file.file.path.name for model in models for file in model.files)
