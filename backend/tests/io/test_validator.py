"""Before anything starts: what can be known to go wrong is found, and nothing is changed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from model_library.errors import (
    ModelLibraryError,
    PathTooLongError,
    SourceChangedError,
    SourceNotFoundError,
    SourceUnreadableError,
    TargetExistsError,
    TargetFullError,
    TargetReadOnlyError,
    UnsupportedFilesystemError,
    WriteError,
)
from model_library.io.platform import processes
from model_library.io.platform.filesystems import Filesystem
from model_library.io.validator import (
    THIS_MACHINE,
    BatchRequest,
    Machine,
    check_batch,
    check_lasting,
    check_library_directory,
    check_new_library,
)

GIB = 1024**3
NO_SANDBOX = replace(THIS_MACHINE, detect_sandbox=lambda: None)

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="uses a Linux filesystem")


def on(kind: str, *, network: bool = False, read_only: bool = False) -> Machine:
    """This machine, with every path on a filesystem of that kind, mounted at the root directory."""
    filesystem = Filesystem(kind, Path("/"), "/dev/sdz1", read_only, network)
    return replace(NO_SANDBOX, filesystem_of=lambda _: filesystem, free_bytes=lambda _: 10**15)


def sparse(path: Path, size: int) -> tuple[Path, int]:
    with path.open("wb") as stream:
        stream.truncate(size)
    return path, size


def written(path: Path, size: int) -> tuple[Path, int]:
    path.write_bytes(b"m" * size)
    return path, size


def kinds(errors: tuple[ModelLibraryError, ...]) -> list[type[ModelLibraryError]]:
    return [type(error) for error in errors]


@contextmanager
def mounted(directory: Path, options: str) -> Iterator[Path]:
    """A tmpfs of our own, where the system lets us have one."""
    command = ["mount", "-t", "tmpfs", "-o", options, "none", str(directory)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this system does not let the test mount a filesystem: {error}")
    try:
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=True)


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="model-library-test-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory
        directory.chmod(0o755)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may read and write everything, so look through the eyes of `nobody`."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has no permission bits")
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


# --- the whole ------------------------------------------------------------------------------------


def test_a_batch_without_a_problem_passes_and_changes_nothing(tmp_path: Path) -> None:
    source = written(tmp_path / "a.safetensors", 1000)
    before = sorted(tmp_path.rglob("*"))
    target = tmp_path / "library" / "models"
    result = check_batch(BatchRequest((source,), target), NO_SANDBOX)
    assert (result.errors, result.warnings, result.cross_filesystem) == ((), (), ())
    assert result.bytes_to_write == 1000
    assert sorted(tmp_path.rglob("*")) == before


def test_every_error_is_reported_at_once_with_its_path(tmp_path: Path) -> None:
    good = written(tmp_path / "good.pt", 10)
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    sources = ((tmp_path / "gone.pt", 1), good, (tmp_path, 1))
    result = check_batch(BatchRequest(sources, blocked / "models"), NO_SANDBOX)
    assert [(type(error), error.path) for error in result.errors] == [
        (SourceNotFoundError, str(tmp_path / "gone.pt")),
        (SourceUnreadableError, str(tmp_path)),
        (TargetExistsError, str(blocked / "models")),
    ]
    assert all(error.hint for error in result.errors)


def test_files_that_stay_where_they_are_need_no_target(tmp_path: Path) -> None:
    source = written(tmp_path / "a.pt", 10)
    result = check_batch(BatchRequest((source, (tmp_path / "gone", 1)), None), NO_SANDBOX)
    assert kinds(result.errors) == [SourceNotFoundError]
    assert result.bytes_to_write == 0


def test_the_real_machine_is_asked_by_default(tmp_path: Path) -> None:
    result = check_batch(BatchRequest((written(tmp_path / "a.pt", 10),), tmp_path))
    assert result.errors == ()
    codes = [warning.code for warning in result.warnings]
    assert codes == (["sandbox"] if processes.detect_sandbox() else [])


# --- sources ------------------------------------------------------------------------------------------


def test_a_source_that_changed_since_it_was_found_is_refused(tmp_path: Path) -> None:
    path, size = written(tmp_path / "a.pt", 10)
    result = check_batch(BatchRequest(((path, size + 1),), tmp_path), NO_SANDBOX)
    assert kinds(result.errors) == [SourceChangedError]


def test_an_empty_source_can_be_read(tmp_path: Path) -> None:
    result = check_batch(BatchRequest((written(tmp_path / "a.pt", 0),), tmp_path), NO_SANDBOX)
    assert result.errors == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    result = check_batch(BatchRequest(((tmp_path / "pipe.pt", 0),), tmp_path), NO_SANDBOX)
    assert kinds(result.errors) == [SourceUnreadableError]


def test_a_loop_of_links_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    result = check_batch(BatchRequest(((tmp_path / "a", 1),), None), NO_SANDBOX)
    assert kinds(result.errors) == [SourceNotFoundError]


@linux_only
def test_a_source_that_opens_but_cannot_be_read_is_refused() -> None:
    """The first page of a process is never mapped, so reading it is a true I/O error."""
    result = check_batch(BatchRequest(((Path("/proc/self/mem"), 0),), None), NO_SANDBOX)
    assert kinds(result.errors) == [SourceUnreadableError]


def test_a_source_without_permission_is_refused(open_directory: Path) -> None:
    source = written(open_directory / "a.pt", 10)
    source[0].chmod(0)
    with without_privileges():
        result = check_batch(BatchRequest((source,), None), NO_SANDBOX)
    assert kinds(result.errors) == [SourceUnreadableError]


# --- target ---------------------------------------------------------------------------------------------


def test_a_target_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path, _ = written(tmp_path / "models", 1)
    result = check_batch(BatchRequest((), path), NO_SANDBOX)
    assert kinds(result.errors) == [TargetExistsError]


def test_a_target_that_is_a_broken_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(tmp_path / "unplugged")
    result = check_batch(BatchRequest((), tmp_path / "models" / "x"), NO_SANDBOX)
    assert kinds(result.errors) == [WriteError]


@pytest.mark.parametrize("below", ["", "not/yet"])
def test_a_target_without_permission_is_refused(open_directory: Path, below: str) -> None:
    open_directory.chmod(0o555)
    with without_privileges():
        result = check_batch(BatchRequest((), open_directory / below), NO_SANDBOX)
    assert kinds(result.errors) == [TargetReadOnlyError]


def test_a_target_inside_a_closed_directory_is_refused(open_directory: Path) -> None:
    """Its parents must not be taken for its nearest existing place."""
    open_directory.chmod(0o700 if os.geteuid() == 0 else 0)
    with without_privileges():
        result = check_batch(BatchRequest((), open_directory / "a" / "b"), NO_SANDBOX)
    assert kinds(result.errors) == [TargetReadOnlyError]


@linux_only
def test_a_read_only_filesystem_is_refused(tmp_path: Path) -> None:
    with mounted(tmp_path, "ro"):
        result = check_batch(BatchRequest((), tmp_path / "models"), NO_SANDBOX)
    assert kinds(result.errors) == [TargetReadOnlyError]
    assert "read-only" in result.errors[0].message


@linux_only
def test_a_target_that_refuses_the_trial_file_is_refused() -> None:
    """A filesystem that is mounted writable and has nowhere to put a file."""
    result = check_batch(BatchRequest((), Path("/proc/self")), NO_SANDBOX)
    assert len(result.errors) == 1
    assert isinstance(result.errors[0], WriteError | TargetReadOnlyError)


# --- space ----------------------------------------------------------------------------------------------


@linux_only
def test_a_batch_that_does_not_fit_is_refused_as_a_whole(tmp_path: Path) -> None:
    sources = tuple(written(tmp_path / f"{n}.pt", 600_000) for n in range(2))
    (tmp_path / "drive").mkdir()
    with mounted(tmp_path / "drive", "size=1m") as drive:
        one = check_batch(BatchRequest(sources[:1], drive / "models"), NO_SANDBOX)
        both = check_batch(BatchRequest(sources, drive / "models"), NO_SANDBOX)
        assert list(drive.iterdir()) == []
    assert one.errors == ()
    assert kinds(both.errors) == [TargetFullError]
    assert both.errors[0].path == str(tmp_path / "drive" / "models")
    assert "1.2 MB are needed" in both.errors[0].message


@pytest.mark.parametrize(("reserve", "fits"), [(100, True), (101, False)])
def test_the_reserve_stays_free(tmp_path: Path, reserve: int, fits: bool) -> None:
    source = written(tmp_path / "a.pt", 1000)
    machine = replace(NO_SANDBOX, free_bytes=lambda _: 1100)
    result = check_batch(BatchRequest((source,), tmp_path, reserve=reserve), machine)
    assert kinds(result.errors) == ([] if fits else [TargetFullError])


def test_without_a_number_the_reserve_is_a_hundredth_of_the_drive_and_at_most_one_gib(
    tmp_path: Path,
) -> None:
    stat = os.statvfs(tmp_path)
    reserve = min(GIB, stat.f_blocks * stat.f_frsize // 100)
    source = written(tmp_path / "a.pt", 1000)
    enough = replace(NO_SANDBOX, free_bytes=lambda _: 1000 + reserve)
    too_little = replace(NO_SANDBOX, free_bytes=lambda _: 999 + reserve)
    assert check_batch(BatchRequest((source,), tmp_path), enough).errors == ()
    assert kinds(check_batch(BatchRequest((source,), tmp_path), too_little).errors) == [
        TargetFullError
    ]


def test_what_is_not_written_needs_no_space(tmp_path: Path) -> None:
    source = written(tmp_path / "a.pt", 1000)
    machine = replace(NO_SANDBOX, free_bytes=lambda _: 0)
    result = check_batch(BatchRequest((source,), tmp_path / "models", copies=False), machine)
    assert (result.errors, result.bytes_to_write, result.cross_filesystem) == ((), 0, ())


def test_holes_need_no_space_where_they_stay_holes(tmp_path: Path) -> None:
    path, size = sparse(tmp_path / "a.gguf", 64 * 1024**2)
    with path.open("r+b") as stream:
        stream.write(b"GGUF")
    request = BatchRequest(((path, size),), tmp_path)
    assert 4 <= check_batch(request, NO_SANDBOX).bytes_to_write <= 1024**2
    assert check_batch(request, on("exfat")).bytes_to_write == size


@pytest.mark.parametrize(
    "reason", [OSError(errno.EIO, "Input/output error"), WriteError("the drive is gone")]
)
def test_space_that_cannot_be_asked_for_is_an_error(tmp_path: Path, reason: Exception) -> None:
    def unplugged(_: Path) -> int:
        raise reason

    source = written(tmp_path / "a.pt", 1000)
    machine = replace(NO_SANDBOX, free_bytes=unplugged)
    result = check_batch(BatchRequest((source,), tmp_path), machine)
    assert kinds(result.errors) == [WriteError]


@linux_only
def test_a_source_on_another_filesystem_is_named_and_has_to_be_copied(tmp_path: Path) -> None:
    here = written(tmp_path / "here.pt", 1000)
    (tmp_path / "drive").mkdir()
    with mounted(tmp_path / "drive", "size=1m") as drive:
        there = written(drive / "there.pt", 2000)
        request = BatchRequest((here, there), tmp_path / "models", copies=False)
        result = check_batch(request, NO_SANDBOX)
    assert result.errors == ()
    assert result.cross_filesystem == (there[0],)
    assert result.bytes_to_write == 2000


# --- filesystems ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["vfat", "msdos"])
@pytest.mark.parametrize(("size", "fits"), [(4 * GIB - 1, True), (4 * GIB, False)])
def test_fat_holds_no_file_of_four_gib(tmp_path: Path, kind: str, size: int, fits: bool) -> None:
    source = sparse(tmp_path / "a.safetensors", size)
    result = check_batch(BatchRequest((source,), tmp_path), on(kind))
    source[0].unlink()
    assert kinds(result.errors) == ([] if fits else [UnsupportedFilesystemError])
    assert fits or result.errors[0].path == str(source[0])


def test_exfat_holds_large_files_and_comes_with_a_warning(tmp_path: Path) -> None:
    source = sparse(tmp_path / "a.safetensors", 4 * GIB)
    result = check_batch(BatchRequest((source,), tmp_path), on("exfat"))
    source[0].unlink()
    assert result.errors == ()
    assert [warning.code for warning in result.warnings] == ["filesystem-without-journal"]


@pytest.mark.parametrize(("dirty", "codes"), [(True, ["ntfs-dirty"]), (False, []), (None, [])])
def test_an_ntfs_drive_that_was_not_shut_down_cleanly_is_named(
    tmp_path: Path, dirty: bool | None, codes: list[str]
) -> None:
    machine = replace(on("ntfs"), ntfs_is_dirty=lambda _: dirty)
    result = check_batch(BatchRequest((), tmp_path), machine)
    assert [warning.code for warning in result.warnings] == codes


def test_a_read_only_mount_is_refused_without_trying(tmp_path: Path) -> None:
    result = check_batch(BatchRequest((), tmp_path), on("ntfs", read_only=True))
    assert kinds(result.errors) == [TargetReadOnlyError]


# --- lengths --------------------------------------------------------------------------------------------


def test_a_target_with_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    result = check_batch(BatchRequest((), tmp_path / ("x" * 300)), NO_SANDBOX)
    assert kinds(result.errors) == [PathTooLongError]


@pytest.mark.parametrize(("count", "fits"), [(10, True), (19, False)])
def test_a_target_whose_files_would_have_too_long_paths_is_refused(
    tmp_path: Path, count: int, fits: bool
) -> None:
    target = tmp_path.joinpath(*["d" * 200] * count)
    source = written(tmp_path / ("f" * 250), 1)
    machine = replace(NO_SANDBOX, max_path=lambda _: 4096)
    result = check_batch(BatchRequest((source,), target), machine)
    assert kinds(result.errors) == ([] if fits else [PathTooLongError])


def test_the_path_that_is_longer_than_the_system_takes_is_no_crash(tmp_path: Path) -> None:
    target = tmp_path.joinpath(*["d" * 200] * 40)
    assert PathTooLongError in kinds(check_batch(BatchRequest((), target), NO_SANDBOX).errors)


def test_a_file_name_that_the_target_cannot_hold_is_refused(tmp_path: Path) -> None:
    """eCryptfs takes 143 bytes."""
    short, long = written(tmp_path / "a.pt", 1), written(tmp_path / ("f" * 200), 1)
    machine = replace(NO_SANDBOX, max_name=lambda _: 143)
    result = check_batch(BatchRequest((short, long), tmp_path), machine)
    assert [(type(e), e.path) for e in result.errors] == [(PathTooLongError, str(long[0]))]


@pytest.mark.parametrize(
    ("kind", "depth", "warned"), [("ntfs", 4, True), ("ntfs", 0, False), ("ext4", 4, False)]
)
def test_paths_that_windows_programs_cannot_open_come_with_a_warning(
    open_directory: Path, kind: str, depth: int, warned: bool
) -> None:
    target = open_directory.joinpath(*["d" * 40] * depth)
    source = written(open_directory / "model.safetensors", 1)
    result = check_batch(BatchRequest((source,), target), on(kind))
    assert result.errors == ()
    assert [w.code for w in result.warnings] == ["path-too-long-for-windows"] * warned


def test_only_the_part_below_the_mount_point_counts_for_windows(open_directory: Path) -> None:
    point = open_directory.joinpath(*["d" * 40] * 4)
    point.mkdir(parents=True)
    filesystem = Filesystem("ntfs", point.resolve(), "/dev/sdz1", read_only=False, network=False)
    machine = replace(NO_SANDBOX, filesystem_of=lambda _: filesystem)
    source = written(open_directory / "model.safetensors", 1)
    assert check_batch(BatchRequest((source,), point / "models"), machine).warnings == ()


@pytest.mark.skipif(not hasattr(os, "pathconf"), reason="this system has no pathconf")
def test_the_limits_of_a_filesystem_are_asked_for(tmp_path: Path) -> None:
    assert THIS_MACHINE.max_name(tmp_path) == os.pathconf(tmp_path, "PC_NAME_MAX")
    assert THIS_MACHINE.max_path(tmp_path) == os.pathconf(tmp_path, "PC_PATH_MAX")
    assert THIS_MACHINE.max_name(tmp_path / "not there") == 255


# --- sandbox and library --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["flatpak", "snap", "docker", "podman", "wsl", "new-one"])
@pytest.mark.parametrize("has_target", [True, False])
def test_a_sandbox_comes_with_what_to_do(tmp_path: Path, name: str, has_target: bool) -> None:
    machine = replace(THIS_MACHINE, detect_sandbox=lambda: name)
    result = check_batch(BatchRequest((), tmp_path if has_target else None), machine)
    assert result.errors == ()
    assert [warning.code for warning in result.warnings] == ["sandbox"]
    assert name in result.warnings[0].message
    assert result.warnings[0].hint


def test_a_library_on_a_local_disk_is_fine(tmp_path: Path) -> None:
    assert check_library_directory(tmp_path) is None
    assert check_library_directory(tmp_path, on("ext4")) is None


@pytest.mark.parametrize(
    ("machine", "error", "message"),
    [
        (on("proc"), UnsupportedFilesystemError, "part of the system itself"),
        (on("ext4", read_only=True), TargetReadOnlyError, "mounted read-only"),
        (replace(on("ext4"), free_bytes=lambda _: 1000), TargetFullError, "is full: only 1 kB"),
    ],
)
def test_a_library_is_not_begun_where_it_could_not_be(
    tmp_path: Path, machine: Machine, error: type[Exception], message: str
) -> None:
    problem = check_new_library(tmp_path / "new", machine)
    assert isinstance(problem, error)
    assert message in problem.message
    assert check_new_library(tmp_path / "new", on("ext4")) is None
    assert list(tmp_path.iterdir()) == []


def test_a_library_is_not_begun_where_one_may_not_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # the user of the tests may be root
    problem = check_new_library(tmp_path / "new", on("ext4"))
    assert isinstance(problem, TargetReadOnlyError)
    assert f"may not write to {tmp_path}" in problem.message


def test_a_library_in_memory_comes_with_a_warning(tmp_path: Path) -> None:
    assert check_lasting(tmp_path, on("ext4")) is None
    warning = check_lasting(tmp_path, on("tmpfs"))
    assert warning is not None
    assert "in memory" in warning.message


def test_a_library_on_a_network_filesystem_comes_with_a_warning(tmp_path: Path) -> None:
    warning = check_library_directory(tmp_path, on("nfs", network=True))
    assert warning is not None
    assert (warning.code, warning.path) == ("library-on-network", tmp_path)
    assert "nfs" in warning.message
    assert "root add" in warning.hint


@pytest.mark.parametrize(
    ("size", "shown"),
    [(7, "7 bytes"), (12_345, "12.35 kB"), (10**9, "1 GB"), (3 * 10**15, "3000 TB")],
)
def test_sizes_are_told_in_units_of_drives(
    tmp_path: Path, size: int, shown: str, ask: Callable[[int], str]
) -> None:
    assert f"but only {shown} are" in ask(size)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[int], str]:
    """The message when so many bytes are free and they are not enough."""

    def message(free: int) -> str:
        source = written(tmp_path / "a.pt", 1)
        machine = replace(NO_SANDBOX, free_bytes=lambda _: free)
        request = BatchRequest((source,), tmp_path, reserve=10**16)
        return check_batch(request, machine).errors[0].message

    return message
