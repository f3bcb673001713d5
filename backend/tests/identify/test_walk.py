"""What the walk finds, leaves out and reports. Trees, links and pipes are real ones."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model_library.errors import (
    PathTooLongError,
    SourceNotFoundError,
    SourceUnreadableError,
    UnsafeNameError,
)
from model_library.identify.walk import Walk, file_identity, walk

NOBODY = 65534


def put(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(found: Walk, root: Path) -> list[str]:
    return [file.path.relative_to(root).as_posix() for file in found.files]


def skipped(found: Walk, root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): reason for path, reason in found.skipped}


@contextmanager
def without_privileges() -> Iterator[None]:
    """Tests may run as root, to whom every folder is readable."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach (tmp_path is for its owner only)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
        for locked in folder.iterdir():
            locked.chmod(0o755)


# --- finding -------------------------------------------------------------------------------------


def test_files_of_all_depths_are_found_sorted_with_their_facts(tmp_path: Path) -> None:
    for name in ("b/c/two.gguf", "a.safetensors", "b/one.ckpt"):
        put(tmp_path / name, name.encode())
    found = walk([tmp_path])
    assert names(found, tmp_path) == ["a.safetensors", "b/c/two.gguf", "b/one.ckpt"]
    status = (tmp_path / "a.safetensors").stat()
    first = found.files[0]
    assert (first.size, first.mtime_ns) == (13, status.st_mtime_ns)
    assert (first.device, first.inode) == (status.st_dev, status.st_ino)
    assert found.problems == ()
    assert found.given == frozenset()


def test_a_relative_path_gives_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "models" / "a.gguf")
    monkeypatch.chdir(tmp_path / "models")
    assert [f.path for f in walk([Path()]).files] == [tmp_path / "models" / "a.gguf"]
    assert [f.path for f in walk([Path("../models/a.gguf")]).files] == [
        tmp_path / "models" / "a.gguf"
    ]
    assert names(walk([Path("..")]), tmp_path) == ["models/a.gguf"]


def test_a_file_given_twice_and_inside_a_given_folder_is_listed_once(tmp_path: Path) -> None:
    file = put(tmp_path / "a.gguf")
    found = walk([file, tmp_path, file, tmp_path])
    assert names(found, tmp_path) == ["a.gguf"]
    assert found.given == {file}
    assert found.aliases == ()


def test_overlapping_folders_are_searched_once(tmp_path: Path) -> None:
    put(tmp_path / "sub" / "a.gguf")
    assert names(walk([tmp_path / "sub", tmp_path]), tmp_path) == ["sub/a.gguf"]


@pytest.fixture
def deep_folder(tmp_path: Path) -> Iterator[Path]:
    """1,500 folders in one another: deeper than the recursion limit, also that of rmtree."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("deep.gguf", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    yield tmp_path
    deepest = f"{tmp_path}/" + "d/" * 1500
    Path(f"{deepest}deep.gguf").unlink()
    while len(deepest) > len(f"{tmp_path}/"):
        os.rmdir(deepest)  # noqa: PTH106 - one step of many
        deepest = deepest[:-2]


def test_a_very_deep_tree_is_no_problem(deep_folder: Path) -> None:
    found = walk([deep_folder])
    assert [f.path.name for f in found.files] == ["deep.gguf"]
    assert found.problems == ()


def test_the_order_of_the_arguments_does_not_matter(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1.gguf")
    put(tmp_path / "b" / "2.gguf")
    (tmp_path / "b" / "again").symlink_to(tmp_path / "a")
    one = walk([tmp_path / "a", tmp_path / "b"])
    other = walk([tmp_path / "b", tmp_path / "a"])
    assert one == other


# --- links ---------------------------------------------------------------------------------------


def test_hard_links_are_one_file_and_an_alias(tmp_path: Path) -> None:
    file = put(tmp_path / "a.safetensors")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.safetensors").hardlink_to(file)
    found = walk([tmp_path])
    assert names(found, tmp_path) == ["a.safetensors"]
    assert [f.path for f in found.aliases] == [tmp_path / "sub" / "b.safetensors"]
    assert file_identity(found.files[0]) == file_identity(found.aliases[0])


def test_the_real_path_is_preferred_to_a_link_and_the_named_one_to_both(tmp_path: Path) -> None:
    real = put(tmp_path / "store" / "deeper" / "real.safetensors")
    link = tmp_path / "link.safetensors"
    link.symlink_to(real)
    assert names(walk([tmp_path]), tmp_path) == ["store/deeper/real.safetensors"]
    named = walk([tmp_path, link])
    assert names(named, tmp_path) == ["link.safetensors"]
    assert named.given == {link}


def test_the_hub_cache_shows_snapshot_names_not_blobs_over_two_hops(tmp_path: Path) -> None:
    repo = tmp_path / "hub" / "models--org--name"
    xet = put(tmp_path / "hub" / "blobs" / "ab" / ("ab" * 32), b"weights")
    (repo / "blobs").mkdir(parents=True)
    (repo / "blobs" / ("cd" * 32)).symlink_to(Path("../../blobs/ab") / xet.name)
    config = put(repo / "blobs" / ("ef" * 20), b"{}")
    snapshot = repo / "snapshots" / ("12" * 20)
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").symlink_to(Path("../../blobs") / ("cd" * 32))
    (snapshot / "config.json").symlink_to(Path("../../blobs") / config.name)
    found = walk([tmp_path / "hub"])
    assert [f.path for f in found.files] == [
        snapshot / "config.json",
        snapshot / "model.safetensors",
    ]
    assert found.files[1].size == 7
    assert len(found.aliases) == 3
    assert found.problems == ()


def test_a_linked_folder_is_followed_once(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "a.gguf")
    inside = tmp_path / "given"
    inside.mkdir()
    (inside / "one").symlink_to(tmp_path / "elsewhere")
    (inside / "two").symlink_to(tmp_path / "elsewhere")
    found = walk([inside])
    assert names(found, inside) == ["one/a.gguf"]
    assert skipped(found, inside) == {
        "two": f"link to a folder that was already searched: {inside / 'one'}"
    }
    assert [f.path for f in found.aliases] == [inside / "two" / "a.gguf"]


def test_a_farm_of_links_does_not_multiply_a_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_library.identify.walk._MAX_FOLDER_ALIASES", 5)
    for name in ("1.gguf", "2.gguf"):
        put(tmp_path / "real" / name)
    for number in range(9):
        (tmp_path / f"link{number}").symlink_to("real")
    found = walk([tmp_path])
    assert names(found, tmp_path) == ["real/1.gguf", "real/2.gguf"]
    assert len(found.aliases) == 4


def test_a_real_folder_comes_before_a_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "a_link").symlink_to(tmp_path / "real")
    put(tmp_path / "real" / "a.gguf")
    assert names(walk([tmp_path]), tmp_path) == ["real/a.gguf"]


def test_a_given_link_to_a_folder_is_searched_under_its_own_name(tmp_path: Path) -> None:
    put(tmp_path / "real" / "a.gguf")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    assert [f.path for f in walk([link]).files] == [link / "a.gguf"]


def test_a_link_to_a_folder_may_be_given_twice_and_be_found_as_well(tmp_path: Path) -> None:
    put(tmp_path / "real" / "a.gguf")
    link = tmp_path / "given" / "link"
    link.parent.mkdir()
    link.symlink_to(tmp_path / "real")
    found = walk([tmp_path / "given", link, Path(f"{link}/")])
    assert names(found, tmp_path) == ["given/link/a.gguf"]
    assert found.problems == ()


@pytest.mark.parametrize("target", [".", "..", "../..", "../../given/sub"])
def test_a_link_to_a_folder_above_is_a_loop_and_reported_once(tmp_path: Path, target: str) -> None:
    put(tmp_path / "given" / "a.gguf")
    (tmp_path / "given" / "sub").mkdir()
    (tmp_path / "given" / "sub" / "up").symlink_to(target)
    found = walk([tmp_path / "given", tmp_path / "given" / "sub"])
    assert names(found, tmp_path) == ["given/a.gguf"]
    (problem,) = found.problems
    assert isinstance(problem, SourceUnreadableError)
    assert problem.path == str(tmp_path / "given" / "sub" / "up")
    assert "symbolic link loop" in problem.message


def test_two_folders_that_link_to_each_other_end(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    put(a / "1.gguf")
    put(b / "2.gguf")
    (a / "to_b").symlink_to(b)
    (b / "to_a").symlink_to(a)
    both = walk([tmp_path])
    assert names(both, tmp_path) == ["a/1.gguf", "b/2.gguf"]
    assert both.problems == ()
    assert set(skipped(both, tmp_path)) == {"a/to_b", "b/to_a"}
    one = walk([a])
    assert names(one, tmp_path) == ["a/1.gguf", "a/to_b/2.gguf"]
    assert [p.path for p in one.problems] == [str(a / "to_b" / "to_a")]


def test_links_in_a_circle_are_one_problem_however_many_lead_into_it(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to("a")
    (tmp_path / "self").symlink_to("self")
    found = walk([tmp_path])
    assert [(p.path, p.message) for p in found.problems] == [
        (str(tmp_path / "a"), "symbolic link loop: it leads to itself"),
        (str(tmp_path / "self"), "symbolic link loop: it leads to itself"),
    ]
    assert set(skipped(found, tmp_path)) == {"b", "c"}


def test_a_way_through_a_looping_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    found = walk([tmp_path / "loop" / "model.gguf"])
    (problem,) = found.problems
    assert problem.path == str(tmp_path / "loop" / "model.gguf")


def test_a_broken_link_is_reported_with_its_target(tmp_path: Path) -> None:
    (tmp_path / "gone.gguf").symlink_to("/nowhere/model.gguf")
    for given in (tmp_path, tmp_path / "gone.gguf"):
        (problem,) = walk([given]).problems
        assert isinstance(problem, SourceNotFoundError)
        assert "/nowhere/model.gguf" in problem.message
        assert problem.path == str(tmp_path / "gone.gguf")


# --- leaving out ---------------------------------------------------------------------------------


def test_what_is_no_model_of_the_user_is_skipped_with_a_reason(tmp_path: Path) -> None:
    left_out = {
        ".hidden.gguf": "hidden",
        ".dir/a.gguf": "hidden",
        ".staging/a.gguf": "staging area of a library",
        ".trash/a.gguf": "trash of a library",
        ".git/a.bin": "version control",
        "__pycache__/a.bin": "compiled Python",
        "node_modules/a.bin": "packages of a program",
        "a.safetensors.part": "unfinished download or temporary file",
        "a.INCOMPLETE": "unfinished download or temporary file",
        "a.crdownload": "unfinished download or temporary file",
        "a.tmp": "unfinished download or temporary file",
    }
    for name in left_out:
        put(tmp_path / name)
    put(tmp_path / "kept.part1")
    put(tmp_path / "folder.part" / "kept.gguf")
    found = walk([tmp_path])
    assert names(found, tmp_path) == ["folder.part/kept.gguf", "kept.part1"]
    assert skipped(found, tmp_path) == {
        name.split("/")[0]: reason for name, reason in left_out.items()
    }


def test_what_is_named_explicitly_is_taken_hidden_or_not(tmp_path: Path) -> None:
    file = put(tmp_path / ".models" / ".a.gguf")
    part = put(tmp_path / "b.gguf.part")
    put(tmp_path / ".models" / "c.gguf")
    assert walk([file, part]).given == {file, part}
    assert names(walk([tmp_path / ".models"]), tmp_path) == [".models/c.gguf"]


def test_special_files_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    (tmp_path / "link_to_pipe").symlink_to("pipe.gguf")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(tmp_path, os.O_RDONLY)
        try:  # a short path: socket names have at most 107 bytes
            server.bind(f"/proc/self/fd/{here}/sock" if Path("/proc/self/fd").exists() else "sock")
        finally:
            os.close(here)
        found = walk([tmp_path, tmp_path / "pipe.gguf", Path("/dev/null")])
    assert found.files == ()
    assert found.problems == ()
    assert dict(found.skipped) == {
        tmp_path / "pipe.gguf": "named pipe",
        tmp_path / "link_to_pipe": "named pipe",
        tmp_path / "sock": "socket",
        Path("/dev/null"): "device or other special file",
    }


def test_excluded_folders_are_left_out_by_every_way(tmp_path: Path) -> None:
    library = tmp_path / "given" / "library"
    inside = put(library / "models" / "a.gguf")
    put(tmp_path / "given" / "b.gguf")
    (tmp_path / "given" / "link.gguf").symlink_to(inside)
    (tmp_path / "given" / "linked_models").symlink_to(library / "models")
    (tmp_path / "given" / "hard.gguf").hardlink_to(put(tmp_path / "single.gguf"))
    exclude = [library, tmp_path / "single.gguf", tmp_path / "not-there"]
    found = walk([tmp_path / "given", library / "models", inside], exclude=exclude)
    assert names(found, tmp_path / "given") == ["b.gguf"]
    assert skipped(found, tmp_path / "given") == dict.fromkeys(
        [
            "library",
            "library/models",
            "library/models/a.gguf",
            "link.gguf",
            "linked_models",
            "hard.gguf",
        ],
        "excluded",
    )


def test_hub_download_notes_are_let_through(tmp_path: Path) -> None:
    put(tmp_path / "model.safetensors")
    cache = tmp_path / ".cache" / "huggingface"
    note = put(cache / "download" / "unet" / "model.safetensors.metadata")
    put(cache / "download" / "unet" / "model.safetensors.lock")
    put(cache / ".gitignore")
    put(tmp_path / "other" / ".cache" / "secret.gguf")
    found = walk([tmp_path])
    assert [f.path for f in found.files] == [note, tmp_path / "model.safetensors"]
    assert skipped(found, tmp_path) == {"other/.cache": "hidden"}


def test_files_beside_a_named_file_are_offered_but_not_listed(tmp_path: Path) -> None:
    file = put(tmp_path / "a.safetensors")
    put(tmp_path / "a.png")
    put(tmp_path / "b.safetensors")
    put(tmp_path / ".a.json")
    put(tmp_path / "sub" / "c.png")
    os.mkfifo(tmp_path / "pipe")
    note = put(tmp_path / ".cache/huggingface/download/a.safetensors.metadata")
    library = tmp_path / "library"
    (tmp_path / "linked.gguf").symlink_to(put(library / "l.gguf"))
    found = walk([file], exclude=[library])
    assert names(found, tmp_path) == ["a.safetensors"]
    assert [f.path for f in found.beside] == [
        note,
        tmp_path / "a.png",
        tmp_path / "b.safetensors",
    ]
    assert walk([file, tmp_path], exclude=[library]).beside == ()


# --- reporting -----------------------------------------------------------------------------------


def test_a_path_that_is_not_there_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = put(tmp_path / "a.gguf")
    found = walk([tmp_path / "no.gguf", file / "below", file])
    assert names(found, tmp_path) == ["a.gguf"]
    assert [type(p) for p in found.problems] == [SourceNotFoundError, SourceNotFoundError]
    assert [p.path for p in found.problems] == [str(file / "below"), str(tmp_path / "no.gguf")]


def test_an_overlong_path_is_a_clear_problem(tmp_path: Path) -> None:
    (problem,) = walk([tmp_path / ("x" * 300)]).problems
    assert isinstance(problem, PathTooLongError)


def test_an_unreadable_folder_is_reported_and_the_walk_goes_on(open_folder: Path) -> None:
    put(open_folder / "a.gguf")
    put(open_folder / "locked" / "b.gguf").parent.chmod(0)
    put(open_folder / "listed" / "c.gguf").parent.chmod(0o444)
    with without_privileges():
        found = walk([open_folder])
        named = walk([open_folder / "locked" / "b.gguf"])
    assert names(found, open_folder) == ["a.gguf"]
    assert [(type(p), p.path) for p in found.problems] == [
        (SourceUnreadableError, str(open_folder / "listed" / "c.gguf")),
        (SourceUnreadableError, str(open_folder / "locked")),
    ]
    assert "Permission denied" in found.problems[1].message
    assert [type(p) for p in named.problems] == [SourceUnreadableError]


def test_companions_that_cannot_be_listed_are_mentioned(open_folder: Path) -> None:
    folder = put(open_folder / "secret" / "a.gguf").parent
    folder.chmod(0o111)
    with without_privileges():
        found = walk([folder / "a.gguf"])
    assert names(found, folder) == ["a.gguf"]
    assert skipped(found, open_folder) == {
        "secret": "not searched for companions: Permission denied"
    }


def test_a_name_that_is_not_utf8_is_a_problem_of_that_file_only(tmp_path: Path) -> None:
    put(tmp_path / "good.gguf")
    bad_file, bad_folder = (
        Path(os.fsdecode(os.fsencode(tmp_path) + raw)) for raw in (b"/bad\xff.gguf", b"/dir\xfe")
    )
    try:
        put(bad_file)
        put(bad_folder / "a.gguf")
    except OSError:
        pytest.skip("this filesystem stores UTF-8 names only")
    found = walk([tmp_path, bad_file])
    assert names(found, tmp_path) == ["good.gguf"]
    assert {type(p) for p in found.problems} == {UnsafeNameError}
    shown = [p.path for p in found.problems]
    assert shown == [rf"{tmp_path}/bad\xff.gguf"] * 2 + [rf"{tmp_path}/dir\xfe"]
    assert all(str(p).encode() for p in found.problems)


@pytest.mark.parametrize("name", ["a\\b.gguf", "C:evil.gguf", "...", " .. "])
def test_a_name_that_is_a_path_elsewhere_is_a_problem(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    put(tmp_path / "good.gguf")
    for given in ([tmp_path], [tmp_path / name]):
        (problem,) = walk(given).problems
        assert isinstance(problem, UnsafeNameError)


def test_a_path_with_a_nul_is_a_problem(tmp_path: Path) -> None:
    (problem,) = walk([tmp_path / "a\0b"]).problems
    assert isinstance(problem, UnsafeNameError)
    assert problem.path is not None
    assert "\0" not in problem.path


def test_without_inode_numbers_every_path_is_its_own_file(tmp_path: Path) -> None:
    """Some network filesystems say 0 for every file; two such files must not become one."""
    put(tmp_path / "a.gguf")
    (file,) = walk([tmp_path]).files
    nameless = type(file)(file.path, file.size, file.mtime_ns, file.device, 0)
    other = type(file)(tmp_path / "b.gguf", file.size, file.mtime_ns, file.device, 0)
    assert file_identity(nameless) != file_identity(other)
    assert file_identity(nameless) == file_identity(nameless)
