"""Mounted filesystems: which one holds a path, of what kind, its free space, whether it is sound."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from model_library.io.ntfs import boot_sector_kind, is_hibernated, is_marked_dirty
from model_library.io.platform.os_errors import translate_os_error
from model_library.io.platform.system_files import text_of


@dataclass(frozen=True, slots=True)
class Filesystem:
    """The mounted filesystem that holds a path."""

    kind: str
    """Lower-case: 'ext4', 'ntfs', 'exfat', ...; whichever driver carries it ('ntfs3' is 'ntfs')."""
    mount_point: Path
    device: str
    """As the mount table names it: '/dev/sda1', 'server:/export', 'tmpfs'."""
    read_only: bool
    network: bool


_KIND_OF_DRIVER: Mapping[str, str] = {
    **dict.fromkeys(("ntfs3", "ntfs-3g"), "ntfs"),
    **dict.fromkeys(("smb3", "smbfs"), "cifs"),
    "exfat-fuse": "exfat",
    "nfs4": "nfs",
}
_NETWORK_KINDS = frozenset({"9p", "afpfs", "ceph", "cifs", "davfs", "glusterfs", "nfs", "rclone"})
_NETWORK_KINDS |= {"s3fs", "sshfs", "virtiofs", "webdav"}
PSEUDO_KINDS = frozenset({"autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs"})
PSEUDO_KINDS |= {"debugfs", "devpts", "devtmpfs"}
PSEUDO_KINDS |= {"efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc"}
PSEUDO_KINDS |= {"pstore", "rpc_pipefs", "securityfs", "selinuxfs", "sysfs", "tracefs"}
"""Filesystems in which the kernel shows itself; a person keeps no files there (filesystems(5))."""
MEMORY_KINDS = frozenset({"ramfs", "tmpfs"})
"""What is in them is gone when the computer is switched off (tmpfs(5))."""


def filesystem_of(
    path: Path, *, proc: Path = Path("/proc"), run: Path = Path("/run")
) -> Filesystem:
    """The filesystem of a path or, when it does not exist yet, of its nearest existing parent.

    `proc` and `run` stand for the machine's own directories of that name (Linux).
    """
    place = nearest_existing(path)
    found = Filesystem("unknown", Path(place.anchor), "unknown", read_only=False, network=False)
    for mount in _mounts(proc, run):
        # of two at one mount point the later lies on top
        if len(mount.mount_point.parts) >= len(found.mount_point.parts):
            found = mount if place.is_relative_to(mount.mount_point) else found
    return found


def nearest_existing(path: Path) -> Path:
    candidate = path.absolute()
    while candidate != candidate.parent:
        try:
            candidate.stat()
        except OSError:
            candidate = candidate.parent
        else:
            break
    return candidate.resolve()


def _mounts(proc: Path = Path("/proc"), run: Path = Path("/run")) -> Iterator[Filesystem]:
    return _mounts_of_linux(proc, run) if sys.platform == "linux" else _mounts_of_psutil()


def _mounts_of_linux(proc: Path, run: Path) -> Iterator[Filesystem]:
    """Format: proc_pid_mountinfo(5)."""
    for line in text_of(proc / "self" / "mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        number, _, mount_point, options = before.split(" ")[2:6]
        driver, device, super_options = after.split(" ")[:3]
        driver = driver.removeprefix("fuse.")
        if driver == "fuseblk":
            kind = _kind_by_udev(run / "udev" / "data" / f"b{number}")
            driver = kind or boot_sector_kind(Path(_unescape(device))) or driver
        all_options = (*options.split(","), *super_options.split(","))
        yield _mount(driver, Path(_unescape(mount_point)), _unescape(device), all_options)


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _kind_by_udev(record: Path) -> str | None:
    """What udev found on the device: FUSE does not say which filesystem it carries."""
    match = re.search(r"^E:ID_FS_TYPE=(\S+)$", text_of(record), re.MULTILINE)
    return match[1] if match else None


def _mounts_of_psutil() -> Iterator[Filesystem]:
    import psutil  # here, because it costs start-up time

    for mount in psutil.disk_partitions(all=True):
        yield _mount(mount.fstype, Path(mount.mountpoint), mount.device, mount.opts.split(","))


def _mount(driver: str, point: Path, device: str, options: Iterable[str]) -> Filesystem:
    kind = _KIND_OF_DRIVER.get(driver.lower(), driver.lower())
    network = kind in _NETWORK_KINDS or "remote" in options  # 'remote': Windows
    return Filesystem(kind, point, device, "ro" in options, network)


def mount_points() -> list[Path]:
    """Where drives may be mounted, without the pseudo filesystems of the system itself."""
    points = [mount.mount_point for mount in _mounts()]
    own = [Path("/proc"), Path("/sys"), Path("/dev")]
    return [point for point in points if not any(point.is_relative_to(place) for place in own)]


def free_bytes(path: Path) -> int:
    """Bytes that an ordinary user can still write there (nearest existing parent)."""
    return space_of(path)[0]


def space_of(path: Path) -> tuple[int, int]:
    """Bytes that an ordinary user can still write there, and bytes of the filesystem (of the nearest
    existing parent)."""
    import shutil  # here, because it costs start-up time

    place = nearest_existing(path)
    try:
        usage = shutil.disk_usage(place)
    except OSError as error:
        raise translate_os_error(error, path=place, writing=False) from error
    return usage.free, usage.total


def ntfs_is_dirty(filesystem: Filesystem, *, proc: Path = Path("/proc")) -> bool | None:
    """Whether an NTFS volume was not shut down cleanly, or Windows is hibernated on it.

    None: not NTFS, or nothing that this user may read tells.
    """
    if filesystem.kind != "ntfs":
        return None
    if is_hibernated(filesystem.mount_point):
        return True
    state = text_of(proc / "fs" / "ntfs3" / Path(filesystem.device).name / "volinfo").split()
    # ntfs3 marks what it mounts as dirty; it tells first what it found, then what is so now
    found = [word == "dirty" for word in state if word in ("dirty", "clean")]
    return found[0] if found else is_marked_dirty(Path(filesystem.device))
