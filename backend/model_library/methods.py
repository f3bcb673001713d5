"""Which way of linking two places allow, and what a person should know about it beforehand.

What the common filesystems can do is known; of others it is tried out in the two directories, with files that
are gone a moment later. The order of design section 8: a relative symlink where both places move together,
an absolute one otherwise, a hard link where symlinks are not reliable, never one across filesystems.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from model_library.errors import FileError
from model_library.io.platform import filesystems, links, processes
from model_library.io.platform.filesystems import Filesystem
from model_library.io.validator import FAT_KINDS, SANDBOX_HINTS, Caution
from model_library.taxonomy import LinkMethod, LinkPreference

_RELIABLE: Final = frozenset(
    {"apfs", "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "hfs", "jfs", "nfs"}
    | {"overlay", "reiserfs", "tmpfs", "ufs", "xfs", "zfs"}
)
"""Filesystems on which symlinks and hard links simply work."""

_WITHOUT_LINKS: Final = FAT_KINDS | {"exfat"}

_MOVABLE_DEPTH: Final = 3
"""Steps, with the anchor, that a common parent has at least: nobody moves `/mnt` or `/home`."""

_COMPOSE_FILES: Final = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_PROBE_PREFIX: Final = ".model-library-probe-"


def _can_symlink(directory: Path) -> bool:
    try:
        with tempfile.TemporaryDirectory(prefix=_PROBE_PREFIX, dir=directory) as probe:
            link = Path(probe, "link")
            link.symlink_to("nowhere")
            return os.readlink(link) == "nowhere"  # noqa: PTH115 - the text itself
    except OSError:  # whatever the reason: no symlink can be made here
        return False


def _can_hard_link(root: Path, app: Path) -> bool:
    try:
        with (
            tempfile.TemporaryDirectory(prefix=_PROBE_PREFIX, dir=root) as source,
            tempfile.TemporaryDirectory(prefix=_PROBE_PREFIX, dir=app) as target,
        ):
            file, link = Path(source, "file"), Path(target, "link")
            file.write_bytes(b"probe")
            links.hard_link(file, link)
            return link.samefile(file)
    except (OSError, FileError):
        return False


def _device_of(path: Path) -> int:
    return path.stat().st_dev


@dataclass(frozen=True, slots=True)
class LinkingMachine:
    """What is asked of the machine; tests describe other ones."""

    filesystem_of: Callable[[Path], Filesystem] = filesystems.filesystem_of
    device_of: Callable[[Path], int] = _device_of
    can_symlink: Callable[[Path], bool] = _can_symlink
    can_hard_link: Callable[[Path, Path], bool] = _can_hard_link
    detect_sandbox: Callable[[], str | None] = processes.detect_sandbox
    home: Callable[[], Path] = Path.home


THIS_MACHINE: Final = LinkingMachine()


@dataclass(frozen=True, slots=True)
class MethodChoice:
    """How files of a root are linked into an application; `method` None: not at all."""

    method: LinkMethod | None
    external: bool
    """Root and application are on different filesystems."""
    warnings: tuple[Caution, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pair:
    app: Path
    root: Path
    app_filesystem: Filesystem
    root_filesystem: Filesystem
    same: bool
    library: Path | None
    machine: LinkingMachine


def choose_method(
    app: Path,
    root: Path,
    preference: LinkPreference = LinkPreference.AUTO,
    *,
    library: Path | None = None,
    machine: LinkingMachine = THIS_MACHINE,
) -> MethodChoice:
    """How to link from a directory of an application to files of a root. Both must exist.

    `library`: the library's directory, which moves as a whole with what is in it. Raises OSError when
    one of the two is not there.
    """
    app_filesystem, root_filesystem = machine.filesystem_of(app), machine.filesystem_of(root)
    same = (
        machine.device_of(app) == machine.device_of(root)
        and app_filesystem.mount_point == root_filesystem.mount_point
    )
    pair = _Pair(app, root, app_filesystem, root_filesystem, same, library, machine)
    method = _method(pair, preference)
    warnings = (*_limits(pair, method, preference), *_sandboxes(pair))
    return MethodChoice(method, not same, warnings)


def _method(pair: _Pair, preference: LinkPreference) -> LinkMethod | None:
    kind = pair.app_filesystem.kind
    if kind in _WITHOUT_LINKS:
        return None
    symlink = LinkMethod.ABSOLUTE_SYMLINK
    if pair.same and _move_together(pair):
        symlink = LinkMethod.RELATIVE_SYMLINK
    symlinks_are_reliable = kind in _RELIABLE
    wants_hard_link = preference is LinkPreference.HARD_LINK or not symlinks_are_reliable
    if preference is not LinkPreference.SYMLINK and wants_hard_link and _hard_links(pair):
        return LinkMethod.HARD_LINK
    if symlinks_are_reliable or pair.machine.can_symlink(pair.app):
        return symlink
    return LinkMethod.HARD_LINK if _hard_links(pair) else None


def _hard_links(pair: _Pair) -> bool:
    if not pair.same:
        return False
    return pair.app_filesystem.kind in _RELIABLE or pair.machine.can_hard_link(pair.root, pair.app)


def _move_together(pair: _Pair) -> bool:
    """Whether a person would move the common parent of both as one thing."""
    common = Path(os.path.commonpath([pair.app, pair.root]))
    if pair.library is not None and common.is_relative_to(pair.library):
        return True
    if common == pair.app_filesystem.mount_point:
        return common != Path(common.anchor)  # a drive that comes back at another place
    return len(common.parts) >= _MOVABLE_DEPTH and common != pair.machine.home()


def _limits(
    pair: _Pair, method: LinkMethod | None, preference: LinkPreference
) -> Iterator[Caution]:
    kind = pair.app_filesystem.kind
    if method is None:
        yield Caution(
            "no-links",
            f"The drive of the application is {kind}, on which nothing can be linked",
            "Name the library's directories in the application's own settings instead"
            " (ComfyUI: extra_model_paths.yaml), or move the application to a drive with links.",
            pair.app,
        )
        return
    if not pair.same:
        yield Caution(
            "cross-filesystem",
            f"The application and the models are on different drives"
            f" ({pair.app_filesystem.mount_point} and {pair.root_filesystem.mount_point})",
            f"The links work only while {pair.root_filesystem.mount_point} is mounted at this"
            " place: have it mounted at every start, before the application.",
            pair.root,
        )
    if method is not LinkMethod.HARD_LINK and kind == "ntfs":
        yield Caution(
            "ntfs-symlinks",
            "The application is on NTFS and the models are not: Windows will not follow the links",
            "Keep a root for these models on the drive of the application.",
            pair.app,
        )
    if preference is LinkPreference.HARD_LINK and method is not LinkMethod.HARD_LINK:
        yield Caution(
            "hard-links-impossible",
            "This application has trouble with symlinks, and hard links cannot be made here",
            "Keep a root for its models on the drive of the application.",
            pair.app,
        )


def _sandboxes(pair: _Pair) -> Iterator[Caution]:
    ours = pair.machine.detect_sandbox()
    if ours is not None and not _is_in_our_container(pair, ours):
        yield Caution(
            "sandbox",
            f"Model Library runs inside {ours}: an application outside of it may not find what the links lead to",
            _OUR_HINTS.get(ours) or SANDBOX_HINTS.get(ours, _OUTSIDE),
        )
    found = sandbox_of(pair.app, pair.app_filesystem)
    if found is None:
        return
    name, top = found
    if pair.root.is_relative_to(top):
        return
    yield Caution(
        "app-sandbox",
        f"The application runs inside {name} and may not see {pair.root}",
        _APP_HINTS[name].format(root=pair.root, app=top.name),
        pair.app,
    )


def _is_in_our_container(pair: _Pair, ours: str) -> bool:
    """What lies on a container's own filesystem cannot be seen from outside: who runs such an application runs
    it in there, where every path is the same."""
    return ours in _CONTAINERS and pair.app_filesystem.mount_point == Path("/")


_CONTAINERS: Final = frozenset({"docker", "podman"})
_SAME_PATH: Final = (
    "A link holds the path of its file. Mount each folder with models, the library among them, into the container"
    " at the path that it has outside: -v /data/models:/data/models. Then the links are right in both."
)
_OUR_HINTS: Final[Mapping[str, str]] = dict.fromkeys(_CONTAINERS, _SAME_PATH)
_OUTSIDE: Final = "Run it outside, or give both the same directories."
_APP_HINTS: Final[Mapping[str, str]] = {
    "flatpak": "Let it: flatpak override --user --filesystem={root} {app}",
    "snap": "Let it, for drives under /mnt and /media: snap connect {app}:removable-media."
    " Other places a snap cannot see: keep the library in your home directory.",
    "docker": "Mount the models into the container at the same path: -v {root}:{root}:ro",
    "podman": "Mount the models into the container at the same path: -v {root}:{root}:ro",
    "wsl": "Keep the application and the library both inside Linux or both on the Windows drive.",
}


_SANDBOX_PATHS: Final[Mapping[tuple[str, str], tuple[str, int]]] = {
    (".var", "app"): ("flatpak", 3),
    ("lib", "docker"): ("docker", 2),
    ("lib", "containers"): ("podman", 2),
    ("share", "containers"): ("podman", 2),
}
"""Two steps of a path that tell the sandbox, and how many steps from there belong to it."""


def sandbox_of(app: Path, filesystem: Filesystem) -> tuple[str, Path] | None:
    """The sandbox that an application lives in by its place, and the directory that belongs to it:
    flatpak `~/.var/app/<id>`, snap `~/snap/<name>`, containers by their storage or their compose file.
    """
    parts = app.parts
    for index, pair in enumerate(pairwise(parts)):
        if pair in _SANDBOX_PATHS or pair[0] == "snap":
            name, steps = _SANDBOX_PATHS.get(pair, ("snap", 2))
            return name, Path(*parts[: index + steps])
    if any((app / name).is_file() for name in _COMPOSE_FILES):
        return "docker", app
    if filesystem.kind in ("9p", "drvfs") and app.is_relative_to("/mnt"):
        return "wsl", filesystem.mount_point
    return None
