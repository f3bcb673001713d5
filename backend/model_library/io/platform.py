"""Every difference between operating systems and filesystems, and nothing else.

The rest of the program asks here for an effect (rename without replacing, make it durable, share
the blocks, which drive is this) and gets the same promise on Linux, macOS and Windows, or a typed
answer that it cannot be had here. What a system does its own way is the first part, one block a
system; the functions after it are the same everywhere. Errors leave as the classes of `errors.py`.
"""

from __future__ import annotations

import errno
import functools
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_library.errors import (
    FileError,
    PathTooLongError,
    SourceNotFoundError,
    SourceUnreadableError,
    TargetExistsError,
    TargetFullError,
    TargetReadOnlyError,
    UnsupportedFilesystemError,
    WriteError,
)
from model_library.io.ntfs import boot_sector_kind, is_hibernated, is_marked_dirty

if TYPE_CHECKING:
    import ctypes

DIRECT_IO_ALIGNMENT = 4096
"""Bytes: offset, length and memory of a direct write are multiples of it. The largest logical
sector of drives in use."""

WRITE_BEHIND_WINDOW = 16 * 1024 * 1024
"""Bytes that write_behind leaves on their way to the drive: enough to keep it busy."""

SYNCS_FILESYSTEMS = os.name != "nt"
"""Whether sync_filesystem does anything; where not, each file has to be flushed by itself."""

NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""`creationflags` of a process that nobody shall see: without it Windows opens a console for it."""

_NOT_SUPPORTED = frozenset({errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.ENOTTY})

# --- what each system does its own way; all of these raise OSError -------------------------------


@functools.cache
def _c_library() -> ctypes.CDLL:
    import ctypes  # here, because it costs start-up time

    return ctypes.CDLL(None, use_errno=True)


def _call_c(name: str, *arguments: object) -> None:
    """Call a function of the C library that answers 0, or -1 and errno."""
    import ctypes  # here, because it costs start-up time

    function = getattr(_c_library(), name, None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _not_here(*_arguments: object) -> Any:
    raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))


def _nothing_to_do(*_arguments: object) -> None:
    pass


if sys.platform == "linux":
    import fcntl

    _AT_FDCWD = -100  # linux/fcntl.h
    _RENAME_NOREPLACE = 1  # linux/fs.h
    _SYNC_FILE_RANGE_WRITE = 2  # linux/fs.h
    _SYNC_FILE_RANGE_WAIT = 1 | 4  # linux/fs.h: before and after
    _FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)

    def _rename_exclusively(source: Path, destination: Path) -> None:
        _rename_exclusively_at(_AT_FDCWD, str(source), _AT_FDCWD, str(destination))

    def _rename_exclusively_at(source: int, old: str, destination: int, new: str) -> None:
        names = os.fsencode(old), os.fsencode(new)
        _call_c("renameat2", source, names[0], destination, names[1], _RENAME_NOREPLACE)

    _flush = os.fsync

    def _clone(source: Path, destination: Path) -> None:
        reader = os.open(source, os.O_RDONLY)
        try:
            writer = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                fcntl.ioctl(writer, _FICLONE, reader)
            except OSError:
                destination.unlink()
                raise
            finally:
                os.close(writer)
        finally:
            os.close(reader)

    def _bypass_page_cache(descriptor: int, enabled: bool) -> None:
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        flags = flags | os.O_DIRECT if enabled else flags & ~os.O_DIRECT
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)

    def _read_ahead(descriptor: int) -> None:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def _write_out(descriptor: int, offset: int, length: int) -> None:
        import ctypes  # here, because it costs start-up time

        def sync(start: int, flags: int) -> None:
            at, count = ctypes.c_int64(start), ctypes.c_int64(length)
            _call_c("sync_file_range", descriptor, at, count, flags)

        sync(offset, _SYNC_FILE_RANGE_WRITE)
        if (earlier := offset - WRITE_BEHIND_WINDOW) >= 0:
            sync(earlier, _SYNC_FILE_RANGE_WAIT | _SYNC_FILE_RANGE_WRITE)
            os.posix_fadvise(descriptor, earlier, length, os.POSIX_FADV_DONTNEED)

    def _flush_filesystem(descriptor: int) -> None:
        _call_c("syncfs", descriptor)

    def _block_number(device: int) -> str:
        return f"{os.major(device)}:{os.minor(device)}"  # as sysfs spells it

elif sys.platform == "darwin":
    import fcntl

    _RENAME_EXCL = 4  # sys/stdio.h

    def _rename_exclusively(source: Path, destination: Path) -> None:
        _call_c("renamex_np", os.fsencode(source), os.fsencode(destination), _RENAME_EXCL)

    def _rename_exclusively_at(source: int, old: str, destination: int, new: str) -> None:
        names = os.fsencode(old), os.fsencode(new)
        _call_c("renameatx_np", source, names[0], destination, names[1], _RENAME_EXCL)

    def _flush(descriptor: int) -> None:
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:  # network filesystems know only the weaker one
            os.fsync(descriptor)

    def _clone(source: Path, destination: Path) -> None:
        _call_c("clonefile", os.fsencode(source), os.fsencode(destination), 0)

    def _bypass_page_cache(descriptor: int, enabled: bool) -> None:
        fcntl.fcntl(descriptor, fcntl.F_NOCACHE, int(enabled))

    def _flush_filesystem(_descriptor: int) -> None:
        os.sync()

    _write_out = _read_ahead = _nothing_to_do
    _block_number = _not_here

else:

    def _rename_exclusively(source: Path, destination: Path) -> None:
        source.rename(destination)  # Windows refuses an existing destination

    _flush = os.fsync
    _clone = _bypass_page_cache = _block_number = _rename_exclusively_at = _not_here
    _write_out = _read_ahead = _flush_filesystem = _nothing_to_do


# --- files, the same on every system -------------------------------------------------------------

_WHILE_WRITING: Mapping[int, type[FileError]] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), TargetFullError),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), TargetReadOnlyError),
    **dict.fromkeys((errno.EEXIST, errno.ENOTEMPTY), TargetExistsError),
    **dict.fromkeys((errno.EXDEV, errno.EMLINK, *_NOT_SUPPORTED), UnsupportedFilesystemError),
    errno.EFBIG: UnsupportedFilesystemError,  # FAT32: no file of 4 GiB or more
    errno.ENAMETOOLONG: PathTooLongError,
}
_WHILE_READING: Mapping[int, type[FileError]] = {
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.ELOOP), SourceNotFoundError),
    errno.ENAMETOOLONG: PathTooLongError,
}


def translate_os_error(error: OSError, *, path: Path, writing: bool) -> FileError:
    """The error of ours that says what `error` means for `path`, to be raised `from` it."""
    table, otherwise = (
        (_WHILE_WRITING, WriteError) if writing else (_WHILE_READING, SourceUnreadableError)
    )
    kind = table.get(error.errno or 0, otherwise)
    hint = None if kind.default_hint else "Check the drive and the directory, or choose another."
    reason = error.strerror or type(error).__name__
    return kind(f"Cannot {'write' if writing else 'read'}: {reason}", path=path, hint=hint)


def _two_path_error(error: OSError, source: Path, destination: Path) -> FileError:
    missing = error.errno == errno.ENOENT and not os.path.lexists(source)
    if missing or (error.filename == str(source) and error.filename2 is None):
        return translate_os_error(error, path=source, writing=False)
    return translate_os_error(error, path=destination, writing=True)


def rename_noreplace(source: Path, destination: Path) -> None:
    """Rename a file or directory in one step that never replaces anything.

    Raises TargetExistsError (nothing changed), SourceNotFoundError, UnsupportedFilesystemError
    (another filesystem) or what translate_os_error finds.
    """
    try:
        try:
            _rename_exclusively(source, destination)
        except OSError as error:
            if error.errno != errno.EINVAL and error.errno not in _NOT_SUPPORTED:
                raise
            _claim_and_rename(source, destination)
    except OSError as error:
        raise _two_path_error(error, source, destination) from error


def _claim_and_rename(source: Path, destination: Path) -> None:
    """For filesystems without such a rename: take the name exclusively, then rename over the claim.

    A crash in between leaves an empty file or directory under the new name and the source whole.
    """
    if stat.S_ISDIR(source.lstat().st_mode):
        destination.mkdir()
        release: Callable[[], None] = destination.rmdir
    else:
        destination.touch(exist_ok=False)
        release = destination.unlink
    try:
        source.rename(destination)
    except OSError:
        release()
        raise


def rename_noreplace_at(source: int, old: str, destination: int, new: str) -> None:
    """The same with names relative to open directories. Raises OSError: FileExistsError where the
    new name is taken, FileNotFoundError where the old one is not there."""
    try:
        _rename_exclusively_at(source, old, destination, new)
    except OSError as error:
        if error.errno != errno.EINVAL and error.errno not in _NOT_SUPPORTED:
            raise
        _claim_and_rename_at(source, old, destination, new)


def _claim_and_rename_at(source: int, old: str, destination: int, new: str) -> None:
    """As `_claim_and_rename`."""
    is_directory = stat.S_ISDIR(os.stat(old, dir_fd=source, follow_symlinks=False).st_mode)
    if is_directory:
        os.mkdir(new, dir_fd=destination)
    else:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, dir_fd=destination))
    try:
        os.rename(old, new, src_dir_fd=source, dst_dir_fd=destination)
    except OSError:
        release = os.rmdir if is_directory else os.unlink
        release(new, dir_fd=destination)
        raise


def fsync_file(descriptor: int) -> None:
    """Return when the file's bytes are on the drive itself. Raises OSError."""
    _flush(descriptor)


def fsync_directory(path: Path) -> None:
    """Make the names in a directory durable, where the system can do that. Raises a FileError."""
    try:
        _flush_through(path, _flush)
    except OSError as error:
        if error.errno != errno.EINVAL and error.errno not in _NOT_SUPPORTED:
            raise translate_os_error(error, path=path, writing=True) from error


def fsync_descriptor(descriptor: int, path: Path) -> None:
    """The same for a directory that is open; `path` is only named in the error."""
    try:
        _flush(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL and error.errno not in _NOT_SUPPORTED:
            raise translate_os_error(error, path=path, writing=True) from error


def sync_filesystem(directory: Path) -> None:
    """Make everything written to the filesystem of a directory durable, with one flush.

    Only where SYNCS_FILESYSTEMS; macOS flushes all of them, and less firmly. Raises a FileError.
    """
    try:
        _flush_through(directory, _flush_filesystem)
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=True) from error


def _flush_through(directory: Path, flush: Callable[[int], None]) -> None:
    if os.name == "nt":
        return  # NTFS journals names; a directory cannot be opened
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)


def aligned_memory(size: int) -> memoryview:
    """So many bytes of zeros that begin at a page, as direct writes want it, and that are of this process alone:
    without the flag a process that is forked would read its files into the same memory."""
    import mmap  # here, because it costs start-up time

    if sys.platform == "win32":
        return memoryview(mmap.mmap(-1, size))
    return memoryview(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


def set_direct_io(descriptor: int, enabled: bool) -> bool:
    """Switch writing past the page cache on or off; False where the filesystem cannot.

    Done on the open file, because opening with O_DIRECT where it is refused leaves an empty file.
    """
    try:
        _bypass_page_cache(descriptor, enabled)
    except OSError:
        return False
    return True


def read_ahead(descriptor: int) -> None:
    """Tell the system that a file will be read once, from its beginning to its end: from a drive
    it then comes up to 1.4 times as fast. Raises OSError."""
    _read_ahead(descriptor)


def write_behind(descriptor: int, offset: int, length: int) -> None:
    """Start writing out these bytes; wait for and forget those WRITE_BEHIND_WINDOW before them.

    A long buffered copy in steps of `length` then neither piles up unwritten pages nor pushes
    everything else out of memory. A filesystem that has no such thing does without.
    """
    try:
        _write_out(descriptor, offset, length)
    except OSError as error:
        if error.errno not in (errno.ESPIPE, errno.EINVAL, *_NOT_SUPPORTED):
            raise


_SEEK_DATA: int | None = getattr(os, "SEEK_DATA", None)
_SEEK_HOLE: int | None = getattr(os, "SEEK_HOLE", None)


def data_regions(descriptor: int, size: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, is_data) in bytes, without gaps from 0 to `size`; holes are not data.

    Moves the file position between yields. Where holes cannot be asked for, all is data.
    """
    position = 0
    while position < size:
        data, hole = _next_data(descriptor, position, size)
        if data > position:
            yield position, data, False
        if hole > data:
            yield data, hole, True
        position = hole


def _next_data(descriptor: int, position: int, size: int) -> tuple[int, int]:
    """Start and end of the next data at or after `position`; (size, size) when there is none."""
    if _SEEK_DATA is None or _SEEK_HOLE is None:
        return position, size
    try:
        data = min(os.lseek(descriptor, position, _SEEK_DATA), size)
        hole = os.lseek(descriptor, data, _SEEK_HOLE) if data < size else size
    except OSError as error:
        return (size, size) if error.errno == errno.ENXIO else (position, size)
    return data, min(hole, size)


_CANNOT_CLONE = _NOT_SUPPORTED | {errno.EXDEV, errno.EINVAL, errno.EPERM}
_CANNOT_LINK = _NOT_SUPPORTED | {errno.EXDEV, errno.EMLINK, errno.EPERM}
_CANNOT_SYMLINK = _NOT_SUPPORTED | {errno.EPERM, errno.EINVAL}  # EINVAL: no right to, on Windows


def reflink(source: Path, destination: Path) -> bool:
    """Make `destination`, which must not exist, share the blocks of `source`.

    False, with nothing left behind, where the filesystems cannot. Raises a FileError.
    """
    try:
        _clone(source, destination)
    except OSError as error:
        if error.errno in _CANNOT_CLONE:
            return False
        raise _two_path_error(error, source, destination) from error
    return True


def can_reflink(directory: Path) -> bool:
    """Whether files inside this directory can share blocks, by trying it. Raises a FileError."""
    import tempfile  # here, because it costs start-up time

    try:
        with tempfile.TemporaryDirectory(prefix=".reflink-", dir=directory) as probe:
            original = Path(probe, "original")
            original.write_bytes(bytes(DIRECT_IO_ALIGNMENT))
            return reflink(original, Path(probe, "clone"))
    except OSError as error:
        raise translate_os_error(error, path=directory, writing=True) from error


def hard_link(source: Path, destination: Path) -> None:
    """Give a file a second name. A symlink is linked itself, never what it points to.

    Raises TargetExistsError, SourceNotFoundError, or UnsupportedFilesystemError (another
    filesystem, no hard links there, or too many on this file already).
    """
    try:
        os.link(source, destination, follow_symlinks=sys.platform == "win32")
    except OSError as error:
        if error.errno in _CANNOT_LINK:
            raise _cannot_link("hard link", error, destination) from error
        raise _two_path_error(error, source, destination) from error


def symlink_relative(target: Path, link: Path) -> None:
    """Make `link` point to `target` by a path that survives moving their common parent.

    The path is computed between the real directories, so that symlinked parents do not mislead it.
    Raises TargetExistsError, UnsupportedFilesystemError or what translate_os_error finds.
    """
    real_target = target.parent.resolve() / target.name
    _symlink(os.path.relpath(real_target, link.parent.resolve()), target, link)


def symlink_absolute(target: Path, link: Path) -> None:
    """Make `link` point to the absolute path of `target`. Raises as symlink_relative does."""
    _symlink(str(target.absolute()), target, link)


def _symlink(text: str, target: Path, link: Path) -> None:
    try:
        link.symlink_to(text, target_is_directory=target.is_dir())
    except OSError as error:
        if error.errno in _CANNOT_SYMLINK:
            raise _cannot_link("symbolic link", error, link) from error
        raise translate_os_error(error, path=link, writing=True) from error


def _cannot_link(what: str, error: OSError, path: Path) -> FileError:
    message = f"Cannot make a {what} here: {error.strerror}"
    hint = f"Use another way of linking, or a filesystem that has a {what}."
    return UnsupportedFilesystemError(message, path=path, hint=hint)


# --- filesystems and drives ----------------------------------------------------------------------


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
    place = _nearest_existing(path)
    found = Filesystem("unknown", Path(place.anchor), "unknown", read_only=False, network=False)
    for mount in _mounts(proc, run):
        # of two at one mount point the later lies on top
        if len(mount.mount_point.parts) >= len(found.mount_point.parts):
            found = mount if place.is_relative_to(mount.mount_point) else found
    return found


def _nearest_existing(path: Path) -> Path:
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
    for line in _text_of(proc / "self" / "mountinfo").splitlines():
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
    match = re.search(r"^E:ID_FS_TYPE=(\S+)$", _text_of(record), re.MULTILINE)
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

    place = _nearest_existing(path)
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
    state = _text_of(proc / "fs" / "ntfs3" / Path(filesystem.device).name / "volinfo").split()
    # ntfs3 marks what it mounts as dirty; it tells first what it found, then what is so now
    found = [word == "dirty" for word in state if word in ("dirty", "clean")]
    return found[0] if found else is_marked_dirty(Path(filesystem.device))


def _text_of(path: Path) -> str:
    """The text of a file of the system; '' when it cannot be read, which says nothing."""
    try:
        return path.read_text(errors="surrogateescape")
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Drive:
    """One physical drive, or what stands for it where it cannot be known."""

    key: str
    """Kernel name ('sda', 'nvme0n1', 'mmcblk0'); else the device of the filesystem."""
    rotational: bool | None
    """True: a hard disk; None: not known."""


def drives_of(
    path: Path, *, device_number: int | None = None, sysfs: Path = Path("/sys")
) -> frozenset[Drive]:
    """The physical drives beneath a path, through partitions, LVM, LUKS, md and btrfs; never empty.

    `device_number` (st_dev) and `sysfs` stand for the machine's own. What cannot be found is one
    drive, keyed by the filesystem's device, with `rotational` None.
    """
    device = filesystem_of(path).device
    try:
        if device_number is None:
            device_number = _nearest_existing(path).stat().st_dev
        blocks = _block_devices(device_number, device, sysfs)
        return frozenset(drive for block in blocks for drive in _drives_beneath(block))
    except OSError:  # restricted, remote, in memory, or not Linux
        return frozenset({Drive(device, None)})


def _block_devices(number: int, device: str, sysfs: Path) -> list[Path]:
    """The kernel's directories about the devices that one filesystem lies on. Raises OSError."""
    block = sysfs / "dev" / "block" / _block_number(number)
    if device.startswith("/dev/") and not block.exists():  # btrfs invents a number per subvolume
        block = sysfs / "class" / "block" / Path(device).resolve().name
    block = block.resolve(strict=True)
    for member in (sysfs / "fs" / "btrfs").glob(f"*/devices/{block.name}"):
        return [path.resolve(strict=True) for path in member.parent.iterdir()]
    return [block]


def _drives_beneath(block: Path) -> Iterator[Drive]:
    if (block / "partition").exists():
        block = block.parent
    slaves = sorted((block / "slaves").iterdir()) if (block / "slaves").is_dir() else []
    for slave in slaves:
        yield from _drives_beneath(slave.resolve(strict=True))
    if not slaves:
        answer = _text_of(block / "queue" / "rotational").strip()
        yield Drive(block.name, {"0": False, "1": True}.get(answer))


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def detect_sandbox(root: Path = Path("/")) -> str | None:
    """'flatpak', 'snap', 'docker', 'podman' or 'wsl' when this process runs inside one.

    `root` stands for the root directory that holds the evidence.
    """
    marks = {"flatpak": ".flatpak-info", "podman": "run/.containerenv", "docker": ".dockerenv"}
    for name, mark in marks.items():
        if (root / mark).exists():
            return name
    profile = _text_of(root / "proc/self/attr/current")  # AppArmor's, of this process
    if profile.startswith("snap.") and "(enforce)" in profile:
        return "snap"
    kernel = _text_of(root / "proc/sys/kernel/osrelease")
    return "wsl" if "microsoft" in kernel.lower() else None
