"""What differs between systems: renaming, links, holes, filesystems, drives, sandboxes."""

from __future__ import annotations

import errno
import itertools
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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
from model_library.io import platform
from model_library.io.platform import (
    WRITE_BEHIND_WINDOW,
    Drive,
    Filesystem,
    can_reflink,
    data_regions,
    detect_sandbox,
    drives_of,
    filesystem_of,
    free_bytes,
    fsync_directory,
    hard_link,
    mount_points,
    ntfs_is_dirty,
    reflink,
    rename_noreplace,
    set_direct_io,
    symlink_absolute,
    symlink_relative,
    sync_filesystem,
    translate_os_error,
    write_behind,
)
from tests.io.mounts import needs_mount, run_on

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads what only Linux has")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "writing", "kind"),
    [
        (errno.ENOSPC, True, TargetFullError),
        (errno.EDQUOT, True, TargetFullError),
        (errno.EROFS, True, TargetReadOnlyError),
        (errno.EACCES, True, TargetReadOnlyError),
        (errno.EEXIST, True, TargetExistsError),
        (errno.EFBIG, True, UnsupportedFilesystemError),
        (errno.ENAMETOOLONG, True, PathTooLongError),
        (errno.EIO, True, WriteError),
        (errno.ENOENT, True, WriteError),
        (errno.ENOENT, False, SourceNotFoundError),
        (errno.ELOOP, False, SourceNotFoundError),
        (errno.EACCES, False, SourceUnreadableError),
        (errno.EIO, False, SourceUnreadableError),
        (errno.ENAMETOOLONG, False, PathTooLongError),
    ],
)
def test_an_error_of_the_system_becomes_ours_with_reason_path_and_hint(
    number: int, writing: bool, kind: type[FileError]
) -> None:
    error = translate_os_error(
        OSError(number, os.strerror(number)), path=Path("x"), writing=writing
    )
    assert type(error) is kind
    assert os.strerror(number) in error.message
    assert error.path == "x"
    assert kind is TargetExistsError or error.hint


# --- rename --------------------------------------------------------------------------------------

Rename = Callable[[Path, Path], None]


def test_rename_moves_a_file_and_a_directory_to_a_free_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "inner").write_text("inner")
    rename_noreplace(tmp_path / "file", tmp_path / "new file")
    rename_noreplace(tmp_path / "directory", tmp_path / "new directory")
    assert (tmp_path / "new file").read_text() == "content"
    assert (tmp_path / "new directory" / "inner").read_text() == "inner"
    assert names(tmp_path) == ["new directory", "new file"]


@pytest.mark.parametrize("existing", ["file", "directory", "dangling symlink"])
def test_rename_replaces_nothing_whatever_it_is(tmp_path: Path, existing: str) -> None:
    target = tmp_path / "target"
    if existing == "file":
        target.write_text("old")
    elif existing == "directory":
        target.mkdir()
    else:
        target.symlink_to("nowhere")
    before = target.lstat().st_ino
    for name in ("file", "folder"):
        source = tmp_path / name
        source.write_text("new") if name == "file" else source.mkdir()
        with pytest.raises(TargetExistsError) as caught:
            rename_noreplace(source, target)
        assert caught.value.path == str(target)
        assert source.exists()
    assert target.lstat().st_ino == before


def test_rename_says_which_of_the_two_is_missing(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    with pytest.raises(SourceNotFoundError) as caught:
        rename_noreplace(tmp_path / "not there", tmp_path / "new")
    assert caught.value.path == str(tmp_path / "not there")
    with pytest.raises(WriteError) as failed:
        rename_noreplace(tmp_path / "there", tmp_path / "no directory" / "new")
    assert failed.value.path == str(tmp_path / "no directory" / "new")
    assert (tmp_path / "there").exists()


def test_a_directory_cannot_go_into_itself(tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    with pytest.raises(WriteError):
        rename_noreplace(directory, directory / "inside")
    assert names(directory) == []


@needs_mount
def test_rename_to_another_filesystem_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mount").mkdir()
    (tmp_path / "file").write_text("content")
    code = """
from model_library.io.platform import hard_link, rename_noreplace
from model_library.errors import UnsupportedFilesystemError
for act in rename_noreplace, hard_link:
    try:
        act(place.parent / "file", place / "file")
    except UnsupportedFilesystemError:
        print("refused", list(place.iterdir()))
"""
    assert run_on("tmpfs", tmp_path / "mount", code) == "refused []\nrefused []"
    assert (tmp_path / "file").read_text() == "content"


def race(rename: Rename, sources: list[Path], target: Path) -> list[Exception | None]:
    """Rename all sources to one target at the same moment; what each thread got."""
    start = threading.Barrier(len(sources))
    outcomes: list[Exception | None] = [None] * len(sources)

    def run(number: int) -> None:
        start.wait()
        try:
            rename(sources[number], target)
        except (FileError, OSError) as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(sources))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("kind", ["file", "directory"])
@pytest.mark.parametrize("rename", [rename_noreplace, platform._claim_and_rename])
def test_of_two_racing_renames_one_wins_and_nothing_is_lost(
    tmp_path: Path, rename: Rename, kind: str
) -> None:
    for turn in range(40):
        target = tmp_path / f"target {turn}"
        sources = [tmp_path / f"{turn} {name}" for name in "ab"]
        for source in sources:
            if kind == "directory":
                source.mkdir()
                (source / "inner").write_text(source.name)
            else:
                source.write_text(source.name)
        outcomes = race(rename, sources, target)
        (winner,) = [
            source for source, outcome in zip(sources, outcomes, strict=True) if not outcome
        ]
        (loser,) = [source for source in sources if source != winner]
        content = target / "inner" if kind == "directory" else target
        left = loser / "inner" if kind == "directory" else loser
        assert content.read_text() == winner.name
        assert left.read_text() == loser.name
        failure = outcomes[sources.index(loser)]
        assert isinstance(failure, TargetExistsError | FileExistsError)


def test_the_fallback_gives_the_name_free_again_when_renaming_fails(tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    with pytest.raises(OSError, match="Invalid argument"):
        platform._claim_and_rename(directory, directory / "inside")
    assert names(directory) == []


# --- durability, direct writes, holes ------------------------------------------------------------


def test_directories_and_filesystems_are_flushed_or_the_failure_is_told(tmp_path: Path) -> None:
    fsync_directory(tmp_path)
    sync_filesystem(tmp_path)
    for act in (fsync_directory, sync_filesystem):
        with pytest.raises(WriteError):
            act(tmp_path / "not there")


@linux_only
def test_direct_writing_is_switched_on_and_off_and_refused_where_impossible(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb", buffering=0) as file:
        if set_direct_io(file.fileno(), enabled=True):
            assert os.get_blocking(file.fileno())
            with pytest.raises(OSError, match="Invalid argument"):
                file.write(b"not aligned")
            assert set_direct_io(file.fileno(), enabled=False)
        file.write(b"not aligned")
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    assert not set_direct_io(writer, enabled=True)


def test_writing_behind_never_changes_content_and_never_fails_a_pipe(tmp_path: Path) -> None:
    content, step = os.urandom(WRITE_BEHIND_WINDOW + (4 << 20)), 2 << 20
    with (tmp_path / "file").open("wb", buffering=0) as file:
        for offset in range(0, len(content), step):
            file.write(content[offset : offset + step])
            write_behind(file.fileno(), offset, step)
    assert (tmp_path / "file").read_bytes() == content
    reader, writer = os.pipe()
    write_behind(writer, 0, 4096)
    os.close(reader)
    with pytest.raises(OSError, match="Bad file descriptor"):
        write_behind(reader, 0, 4096)
    os.close(writer)


def regions(path: Path) -> list[tuple[int, int, bool]]:
    with path.open("rb", buffering=0) as file:
        return list(data_regions(file.fileno(), path.stat().st_size))


def test_regions_cover_a_sparse_file_without_gaps(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    islands = [(1 << 20, b"one"), (5 << 20, b"two")]
    with path.open("wb") as file:
        for offset, data in islands:
            file.seek(offset)
            file.write(data)
        file.truncate(9 << 20)
    found = regions(path)
    assert found[0][0] == 0
    assert found[-1][1] == 9 << 20
    assert all(one[1] == two[0] for one, two in itertools.pairwise(found))
    for offset, _ in islands:
        assert any(start <= offset < end for start, end, is_data in found if is_data)
    assert sum(end - start for start, end, is_data in found if is_data) < 1 << 20


def test_regions_of_simple_files(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "full").write_bytes(b"x" * 10)
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 20)
    assert regions(tmp_path / "empty") == []
    assert regions(tmp_path / "full") == [(0, 10, True)]
    assert regions(tmp_path / "hole") == [(0, 1 << 20, False)]


def test_without_a_position_everything_counts_as_data() -> None:
    reader, writer = os.pipe()
    assert list(data_regions(reader, 100)) == [(0, 100, True)]
    os.close(reader)
    os.close(writer)


# --- reflinks and links --------------------------------------------------------------------------


def test_reflink_does_what_can_reflink_promises(tmp_path: Path) -> None:
    source, clone = tmp_path / "source", tmp_path / "clone"
    source.write_bytes(os.urandom(10_000))
    promised = can_reflink(tmp_path)
    assert names(tmp_path) == ["source"]
    assert reflink(source, clone) == promised
    assert clone.exists() == promised
    if promised:
        assert clone.read_bytes() == source.read_bytes()


def test_reflink_replaces_nothing_and_names_a_missing_source(tmp_path: Path) -> None:
    (tmp_path / "source").write_text("new")
    (tmp_path / "there").write_text("old")
    with pytest.raises(TargetExistsError):
        reflink(tmp_path / "source", tmp_path / "there")
    assert (tmp_path / "there").read_text() == "old"
    with pytest.raises(SourceNotFoundError):
        reflink(tmp_path / "missing", tmp_path / "new")
    with pytest.raises(WriteError):
        can_reflink(tmp_path / "missing")
    assert not (tmp_path / "new").exists()


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Permissions mean nothing to root: be somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@linux_only
def test_permissions_are_told_apart_by_reading_and_writing() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies in a directory closed to others
        top = Path(name)
        top.chmod(0o755)
        source, closed, opened = top / "source", top / "closed", top / "open"
        source.write_text("x")
        source.chmod(0)
        closed.mkdir(mode=0o555)
        opened.mkdir()
        opened.chmod(0o777)
        with ordinary_user():
            with pytest.raises(SourceUnreadableError):
                reflink(source, opened / "clone")
            with pytest.raises(TargetReadOnlyError):
                symlink_absolute(source, closed / "link")
            with pytest.raises(TargetReadOnlyError):
                can_reflink(closed)
        assert names(opened) == names(closed) == []


def test_hard_link_is_a_second_name_of_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    hard_link(tmp_path / "file", tmp_path / "second")
    assert (tmp_path / "second").samefile(tmp_path / "file")
    with pytest.raises(TargetExistsError):
        hard_link(tmp_path / "file", tmp_path / "second")
    with pytest.raises(SourceNotFoundError):
        hard_link(tmp_path / "missing", tmp_path / "third")


def test_hard_link_does_not_follow_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "link").symlink_to("file")
    hard_link(tmp_path / "link", tmp_path / "second")
    assert (tmp_path / "second").is_symlink()


def test_a_directory_has_no_hard_links(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    with pytest.raises(UnsupportedFilesystemError) as caught:
        hard_link(tmp_path / "directory", tmp_path / "second")
    assert "hard link" in caught.value.message
    assert caught.value.hint


def test_a_relative_symlink_survives_moving_the_common_parent(tmp_path: Path) -> None:
    (tmp_path / "here" / "models" / "deep").mkdir(parents=True)
    (tmp_path / "here" / "app").mkdir()
    target = tmp_path / "here" / "models" / "deep" / "file"
    target.write_text("content")
    symlink_relative(target, tmp_path / "here" / "app" / "link")
    assert str((tmp_path / "here" / "app" / "link").readlink()) == "../models/deep/file"
    (tmp_path / "here").rename(tmp_path / "there")
    assert (tmp_path / "there" / "app" / "link").read_text() == "content"


def test_a_relative_symlink_is_right_below_symlinked_directories(tmp_path: Path) -> None:
    (tmp_path / "real" / "app").mkdir(parents=True)
    (tmp_path / "elsewhere" / "models").mkdir(parents=True)
    (tmp_path / "elsewhere" / "models" / "file").write_text("content")
    (tmp_path / "models").symlink_to(tmp_path / "elsewhere" / "models")
    (tmp_path / "app").symlink_to(tmp_path / "real" / "app")
    symlink_relative(tmp_path / "models" / "file", tmp_path / "app" / "link")
    assert (tmp_path / "app" / "link").read_text() == "content"


def test_an_absolute_symlink_keeps_the_path_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "alias").symlink_to("file")
    symlink_absolute(tmp_path / "alias", tmp_path / "link")
    assert str((tmp_path / "link").readlink()) == str(tmp_path / "alias")
    for act in (symlink_absolute, symlink_relative):
        with pytest.raises(TargetExistsError):
            act(tmp_path / "file", tmp_path / "link")
    assert (tmp_path / "link").read_text() == "content"


# --- filesystems ---------------------------------------------------------------------------------

MOUNTINFO = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 8:2 / / rw,relatime - ext4 /dev/sda2 rw,discard
30 27 8:17 / {base}/win rw,relatime shared:1 - fuseblk /dev/sdb1 rw,user_id=0,blksize=4096
31 27 8:18 / {base}/new rw,relatime - ntfs3 /dev/sdb2 rw,uid=1000
32 27 8:33 / {base}/stick ro,relatime - vfat /dev/sdc1 rw
33 27 0:50 / {base}/nas rw,relatime shared:2 master:1 - nfs4 server:/export ro,vers=4.2
34 27 0:51 / {base}/with\040space rw - fuse.sshfs me@host:/a\040b rw
35 27 0:52 / {base}/stick/inner rw - tmpfs tmpfs rw
36 27 8:34 / {base}/twice rw - ext4 /dev/sdd1 rw
37 36 8:35 / {base}/twice rw - xfs /dev/sde1 rw
38 36 8:50 / {base}/unknown rw - fuseblk /dev/no-such-device rw
"""


@pytest.fixture
def mounted(tmp_path: Path) -> tuple[Path, Path]:
    """A fake /proc and /run about directories below tmp_path."""
    for name in ("win", "new", "stick/inner", "nas", "with space", "twice", "unknown", "proc/self"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "run" / "udev" / "data").mkdir(parents=True)
    table = MOUNTINFO.strip().format(base=tmp_path.resolve())
    (tmp_path / "proc" / "self" / "mountinfo").write_text(table + "\n")
    (tmp_path / "run" / "udev" / "data" / "b8:17").write_text("S:x\nE:ID_FS_TYPE=ntfs\nE:A=b\n")
    return tmp_path / "proc", tmp_path / "run"


@linux_only
@pytest.mark.parametrize(
    ("place", "kind", "device", "read_only", "network"),
    [
        (".", "ext4", "/dev/sda2", False, False),
        ("win/models/not/there/yet", "ntfs", "/dev/sdb1", False, False),
        ("new", "ntfs", "/dev/sdb2", False, False),
        ("stick", "vfat", "/dev/sdc1", True, False),
        ("stick/inner/x", "tmpfs", "tmpfs", False, False),
        ("nas/x", "nfs", "server:/export", True, True),
        ("with space/x", "sshfs", "me@host:/a b", False, True),
        ("twice", "xfs", "/dev/sde1", False, False),
        ("unknown", "fuseblk", "/dev/no-such-device", False, False),
    ],
)
def test_the_filesystem_of_a_path_is_the_nearest_mount_above_it(
    tmp_path: Path,
    mounted: tuple[Path, Path],
    place: str,
    kind: str,
    device: str,
    read_only: bool,
    network: bool,
) -> None:
    proc, run = mounted
    found = filesystem_of(tmp_path / place, proc=proc, run=run)
    assert (found.kind, found.device) == (kind, device)
    assert (found.read_only, found.network) == (read_only, network)
    assert (tmp_path / place).resolve().is_relative_to(found.mount_point)


@linux_only
def test_without_a_mount_table_the_filesystem_is_unknown(tmp_path: Path) -> None:
    found = filesystem_of(tmp_path, proc=tmp_path / "none", run=tmp_path)
    assert (found.kind, found.read_only) == ("unknown", False)


@needs_mount
def test_a_real_mount_is_recognised(tmp_path: Path) -> None:
    code = """
from model_library.io.platform import filesystem_of, free_bytes
found = filesystem_of(place / "not" / "there")
print(found.kind, found.mount_point == place, found.read_only, free_bytes(place / "not"))
"""
    expected = f"tmpfs True True {1 << 20}"
    assert run_on("tmpfs -o ro,size=1m", tmp_path, code) == expected


def test_the_portable_way_finds_the_same_mount_point(tmp_path: Path) -> None:
    found = filesystem_of(tmp_path)
    same = [mount for mount in platform._mounts_of_psutil() if mount.device == found.device]
    assert found.mount_point in [mount.mount_point for mount in same]
    assert found.mount_point in mount_points()


def test_free_space_is_that_of_the_nearest_existing_parent(tmp_path: Path) -> None:
    here, below = free_bytes(tmp_path), free_bytes(tmp_path / "not" / "there" / "yet")
    assert here > 0
    assert below == pytest.approx(here, rel=0.2)


def ntfs(mount_point: Path, device: str = "/dev/no-such-device") -> Filesystem:
    return Filesystem("ntfs", mount_point, device, read_only=False, network=False)


@pytest.mark.parametrize(("found", "dirty"), [("dirty", True), ("clean", False)])
def test_ntfs3_tells_the_state_it_found_when_mounting(
    tmp_path: Path, found: str, dirty: bool
) -> None:
    (tmp_path / "fs" / "ntfs3" / "no-such-device").mkdir(parents=True)
    volume = tmp_path / "fs" / "ntfs3" / "no-such-device" / "volinfo"
    volume.write_text(f"ntfs3.1\n4096\n1000\n27\n5\n{found}\ndirty\n")
    assert ntfs_is_dirty(ntfs(tmp_path), proc=tmp_path) is dirty


def test_a_hibernated_windows_makes_a_volume_dirty(tmp_path: Path) -> None:
    (tmp_path / "hiberfil.sys").write_bytes(b"HIBR" + bytes(100))
    assert ntfs_is_dirty(ntfs(tmp_path), proc=tmp_path) is True


def test_an_awake_windows_leaves_an_empty_hibernation_file(tmp_path: Path) -> None:
    (tmp_path / "hiberfil.sys").write_bytes(bytes(100))
    assert ntfs_is_dirty(ntfs(tmp_path), proc=tmp_path) is None


def test_only_ntfs_can_be_a_dirty_ntfs(tmp_path: Path) -> None:
    (tmp_path / "hiberfil.sys").write_bytes(b"hibr")
    other = Filesystem("ext4", tmp_path, "/dev/sda1", read_only=False, network=False)
    assert ntfs_is_dirty(other, proc=tmp_path) is None


# --- drives --------------------------------------------------------------------------------------


class FakeSys:
    """A /sys with the block devices of a machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("dev/block", "class/block"):
            (root / name).mkdir(parents=True)

    def disk(self, name: str, number: str, rotational: str | None = None) -> Path:
        block = self._add(self.root / "devices" / "pci0" / name, name, number)
        if rotational is not None:
            (block / "queue").mkdir()
            (block / "queue" / "rotational").write_text(f"{rotational}\n")
        return block

    def partition(self, disk: Path, name: str, number: str) -> Path:
        block = self._add(disk / name, name, number)
        (block / "partition").write_text("1\n")
        return block

    def virtual(self, name: str, number: str, *slaves: Path) -> Path:
        block = self._add(self.root / "devices" / "virtual" / name, name, number)
        (block / "queue").mkdir()
        (block / "queue" / "rotational").write_text("0\n")
        for slave in slaves:
            (block / "slaves" / slave.name).symlink_to(slave)
        return block

    def _add(self, block: Path, name: str, number: str) -> Path:
        (block / "slaves").mkdir(parents=True)
        (self.root / "dev" / "block" / number).symlink_to(block)
        (self.root / "class" / "block" / name).symlink_to(block)
        return block


@pytest.fixture
def fake_sys(tmp_path: Path) -> FakeSys:
    return FakeSys(tmp_path / "sys")


def drives(fake_sys: FakeSys, major: int, minor: int) -> set[tuple[str, bool | None]]:
    found = drives_of(fake_sys.root, device_number=os.makedev(major, minor), sysfs=fake_sys.root)
    return {(drive.key, drive.rotational) for drive in found}


@linux_only
@pytest.mark.parametrize(
    ("disk", "partition", "rotational", "expected"),
    [
        ("nvme0n1", "nvme0n1p3", "0", False),
        ("mmcblk0", "mmcblk0p1", "0", False),
        ("sda", "sda1", "1", True),
        ("vda", "vda1", None, None),
    ],
)
def test_partitions_belong_to_their_drive(
    fake_sys: FakeSys, disk: str, partition: str, rotational: str | None, expected: bool | None
) -> None:
    block = fake_sys.disk(disk, "259:0", rotational)
    fake_sys.partition(block, partition, "259:3")
    assert drives(fake_sys, 259, 3) == {(disk, expected)}
    assert drives(fake_sys, 259, 0) == {(disk, expected)}


@linux_only
def test_lvm_over_luks_leads_to_the_drive_beneath(fake_sys: FakeSys) -> None:
    nvme = fake_sys.disk("nvme0n1", "259:0", "0")
    partition = fake_sys.partition(nvme, "nvme0n1p2", "259:2")
    crypt = fake_sys.virtual("dm-0", "253:0", partition)
    fake_sys.virtual("dm-1", "253:1", crypt)
    fake_sys.virtual("dm-2", "253:2", crypt)
    assert drives(fake_sys, 253, 1) == drives(fake_sys, 253, 2) == {("nvme0n1", False)}


@linux_only
def test_an_array_lies_on_all_its_drives(fake_sys: FakeSys) -> None:
    slow = fake_sys.partition(fake_sys.disk("sda", "8:0", "1"), "sda1", "8:1")
    fast = fake_sys.partition(fake_sys.disk("sdb", "8:16", "0"), "sdb1", "8:17")
    fake_sys.virtual("md127", "9:127", slow, fast)
    assert drives(fake_sys, 9, 127) == {("sda", True), ("sdb", False)}


@linux_only
def test_one_btrfs_lies_on_all_its_devices(fake_sys: FakeSys) -> None:
    one = fake_sys.partition(fake_sys.disk("sda", "8:0", "1"), "sda2", "8:2")
    two = fake_sys.disk("sdb", "8:16", "1")
    members = fake_sys.root / "fs" / "btrfs" / "12345678-uuid" / "devices"
    members.mkdir(parents=True)
    for block in (one, two):
        (members / block.name).symlink_to(block)
    assert drives(fake_sys, 8, 2) == {("sda", True), ("sdb", True)}


@linux_only
def test_what_is_not_in_sysfs_is_one_drive_of_its_own(fake_sys: FakeSys) -> None:
    device = filesystem_of(fake_sys.root).device
    assert drives(fake_sys, 0, 99) == {(device, None)}


@linux_only
def test_an_invented_device_number_is_looked_up_by_name(fake_sys: FakeSys) -> None:
    device = filesystem_of(fake_sys.root).device
    if not device.startswith("/dev/"):
        pytest.skip("the tests run on a filesystem without a device")
    name = Path(device).resolve().name
    fake_sys.disk(name, "8:0", "1")
    assert drives(fake_sys, 0, 45) == {(name, True)}


def test_this_machine_has_a_drive(tmp_path: Path) -> None:
    found = drives_of(tmp_path / "not" / "there")
    assert found
    assert all(isinstance(drive, Drive) and drive.key for drive in found)


# --- sandboxes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "content", "sandbox"),
    [
        (".flatpak-info", "[Application]\n", "flatpak"),
        (".dockerenv", "", "docker"),
        ("run/.containerenv", "", "podman"),
        ("proc/self/attr/current", "snap.code.code (enforce)\n", "snap"),
        ("proc/self/attr/current", "snap.code.code (complain)\n", None),
        ("proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n", "wsl"),
        ("proc/sys/kernel/osrelease", "6.18.1-generic\n", None),
        ("etc/passwd", "", None),
    ],
)
def test_a_sandbox_is_known_by_what_it_leaves(
    tmp_path: Path, evidence: str, content: str, sandbox: str | None
) -> None:
    (tmp_path / evidence).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / evidence).write_text(content)
    assert detect_sandbox(tmp_path) == sandbox
