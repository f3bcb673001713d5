"""The library as its user sees it: opening, finding, editing, deleting, scanning, roots."""

from __future__ import annotations

import json
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import (
    AmbiguousModelIdError,
    InvalidValueError,
    LibraryFormatError,
    LibraryPathError,
    LibraryTooNewError,
    MetadataError,
    ModelLibraryError,
    ModelNotFoundError,
    RootConflictError,
    RootOfflineError,
    TargetExistsError,
)
from model_library.events import Event, Notice
from model_library.taxonomy import Placement, RootMode
from tests.factory import lora, tree


@pytest.fixture
def two(library: Library, tmp_path: Path) -> tuple[str, str]:
    """Ids of two models, `alpha` and `beta`."""
    for number, name in enumerate(("alpha", "beta")):
        lora(tmp_path / "in" / f"{name}.safetensors", seed=number)
    imported = library.import_models([tmp_path / "in"])["imported"]
    first, second = sorted(model["model_id"] for model in imported)
    return first, second


def notices(directory: Path) -> list[Notice]:
    """What opening the library says."""
    heard: list[Event] = []
    with Library.open(directory, listener=heard.append) as library:
        library.list()
    return [event for event in heard if isinstance(event, Notice)]


def metadata_of(library: Library, model_id: str) -> Path:
    return Path(library.show(model_id)["path"]).parent / "metadata.json"


# --- opening ---------------------------------------------------------------------------------------


def test_a_library_is_made_on_first_use_and_is_the_same_afterwards(directory: Path) -> None:
    with Library.open(directory) as library:
        first = library.status()
    with Library.open(directory) as library:
        again = library.status()
    assert again["library_id"] == first["library_id"]
    assert [r["root_id"] for r in again["roots"]] == [r["root_id"] for r in first["roots"]]
    assert first["models"] == 0
    assert (directory / "models" / ".root.json").is_file()


def test_a_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    with pytest.raises(LibraryPathError):
        Library.open(path)
    with pytest.raises(LibraryPathError):
        Library.open(path / "below")
    assert path.read_text() == "mine"


def test_a_directory_of_something_else_is_not_made_a_library(tmp_path: Path) -> None:
    (tmp_path / "photos.txt").write_text("x")
    with pytest.raises(LibraryPathError, match=r"photos\.txt"):
        Library.open(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["photos.txt"]


def test_a_newer_library_is_left_alone(directory: Path) -> None:
    Library.open(directory).close()
    path = directory / "library.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 2}))
    before = tree(directory)
    with pytest.raises(LibraryTooNewError):
        Library.open(directory)
    assert tree(directory) == before


def test_a_damaged_library_file_is_an_error_and_stays(directory: Path) -> None:
    Library.open(directory).close()
    (directory / "library.json").write_text("{")
    with pytest.raises(LibraryFormatError):
        Library.open(directory)
    assert (directory / "library.json").read_text() == "{"


def test_a_library_that_lost_its_library_file_is_one_again(
    library: Library, two: tuple[str, str], directory: Path
) -> None:
    (directory / "library.json").unlink()
    with Library.open(directory) as again:
        assert again.list()["total"] == 2


@pytest.mark.parametrize(
    "damage", [None, b"", b"garbage" * 999, b"SQLite format 3\0" + b"\0" * 500]
)
def test_a_lost_or_damaged_index_is_rebuilt_without_loss(
    library: Library, two: tuple[str, str], directory: Path, damage: bytes | None
) -> None:
    before = [m | {"took": 0} for m in library.list()["models"]]
    library.close()
    for suffix in ("", "-wal", "-shm"):
        (directory / f"models.db{suffix}").unlink(missing_ok=True)
    if damage is not None:
        (directory / "models.db").write_bytes(damage)
    with Library.open(directory) as again:
        assert [m | {"took": 0} for m in again.list()["models"]] == before


def test_a_damaged_registry_is_kept_aside_and_said(
    library: Library, two: tuple[str, str], directory: Path
) -> None:
    library.close()
    (directory / "registry.db").write_bytes(b"garbage" * 1000)
    (said,) = notices(directory)
    assert said.code == "registry-damaged"
    assert (directory / "registry.db.damaged-1").read_bytes() == b"garbage" * 1000
    with Library.open(directory) as again:
        assert again.list()["total"] == 2
        assert any(
            c["name"] == "registry" and c["result"] == "warning" for c in again.doctor()["checks"]
        )


def test_a_new_library_and_a_lost_registry_are_said(directory: Path) -> None:
    assert [said.code for said in notices(directory)] == ["library-created"]
    for suffix in ("", "-wal", "-shm"):
        (directory / f"registry.db{suffix}").unlink(missing_ok=True)
    assert [said.code for said in notices(directory)] == ["registry-missing"]
    assert notices(directory) == []


def test_a_copied_library_works_on_its_own(
    library: Library, two: tuple[str, str], directory: Path, tmp_path: Path
) -> None:
    library.close()
    shutil.copytree(directory, tmp_path / "copy")
    shutil.rmtree(directory)
    with Library.open(tmp_path / "copy") as copy:
        assert copy.scan()["problems"] == []
        assert sorted(copy.verify()["intact"]) == sorted(two)


@pytest.mark.parametrize("name", ["models.db", "registry.db"])
def test_a_directory_in_the_place_of_a_database_is_kept_aside_and_said(
    library: Library, two: tuple[str, str], directory: Path, name: str
) -> None:
    library.close()
    for suffix in ("", "-wal", "-shm"):
        (directory / f"{name}{suffix}").unlink(missing_ok=True)
    (directory / name).mkdir()
    (directory / name / "theirs").write_text("kept")
    assert any("directory" in notice.message for notice in notices(directory))
    assert (directory / f"{name}.damaged-1" / "theirs").read_text() == "kept"
    assert notices(directory) == []
    with Library.open(directory) as again:
        assert {m["model_id"] for m in again.list()["models"]} == set(two)
        found = [c["result"] for c in again.doctor()["checks"] if ".damaged-1" in c["message"]]
        assert found == ["warning"]


# --- finding ---------------------------------------------------------------------------------------


def test_ids_may_be_shortened_as_long_as_they_are_clear(
    library: Library, two: tuple[str, str]
) -> None:
    assert library.show("alp")["model_id"] == two[0]
    assert library.show(two[1].upper())["model_id"] == two[1]
    with pytest.raises(ModelNotFoundError):
        library.show("gamma")
    with pytest.raises(ModelNotFoundError):
        library.show("")


def test_an_ambiguous_id_names_what_it_could_be(library: Library, tmp_path: Path) -> None:
    for number in range(2):
        lora(tmp_path / "in" / f"same-{number}.safetensors", seed=number)
    library.import_models([tmp_path / "in"])
    with pytest.raises(AmbiguousModelIdError, match="same-0"):
        library.show("same")


def test_search_finds_by_name_kind_and_tag(library: Library, two: tuple[str, str]) -> None:
    library.edit(two[0], ["tags=anime,line art"])
    found = library.search("tag:anime kind:lora")
    assert [m["model_id"] for m in found["models"]] == [two[0]]
    assert library.search("bet")["models"][0]["model_id"] == two[1]
    assert library.search("", filters={"kind": "vae"})["total"] == 0
    assert library.list(facets=True)["facets"]["kind"] == {"adapter": 2}


def test_a_negative_limit_is_refused(library: Library) -> None:
    with pytest.raises(InvalidValueError):
        library.list(limit=-1)


# --- editing ---------------------------------------------------------------------------------------


def test_what_a_person_set_survives_every_scan(library: Library, two: tuple[str, str]) -> None:
    library.edit(two[0], ["notes=mine", "family=sdxl", "tags=a, b,a"])
    library.scan()
    library.scan(deep=True)
    model = library.show(two[0])
    assert (model["notes"], model["family"], model["tags"]) == ("mine", "sdxl", ["a", "b"])
    assert model["user_set"] == ["family", "notes", "tags"]
    assert model["evidence"]["family"]["method"] == "user"


@pytest.mark.parametrize("kind", ["adapter", '"adapter"', '"vae","adapter"', "lora"])
def test_a_kind_to_filter_by_may_be_quoted_like_every_other_value(
    library: Library, two: tuple[str, str], kind: str
) -> None:
    assert library.search(filters={"kind": kind})["total"] == library.list()["total"]
    with pytest.raises(InvalidValueError, match="no kind"):
        library.search(filters={"kind": '"lroa"'})


def test_a_model_moves_to_the_folder_of_its_new_kind(
    library: Library, two: tuple[str, str]
) -> None:
    old = Path(library.show(two[0])["path"])
    model = library.edit(two[0], ["kind=controlnet"])
    new = Path(model["path"])
    assert not old.exists()
    assert new.relative_to(library.path).parts[1:3] == ("controlnet", "sd1")
    assert model["model_id"] == two[0]
    assert library.verify([two[0]])["intact"] == [two[0]]


def test_a_kind_may_be_said_as_people_say_it(library: Library, two: tuple[str, str]) -> None:
    assert library.edit(two[0], ["kind=vae"])["adapter_type"] is None
    model = library.edit(two[0], ["kind=lora", "tags=a", "tags=b,a"])
    assert (model["kind"], model["adapter_type"], model["tags"]) == ("adapter", "lora", ["a", "b"])
    assert library.search("", filters={"kind": "lora"})["total"] == 2
    with pytest.raises(InvalidValueError):
        library.list(filters={"kind": "loar"})


@pytest.mark.parametrize(
    "assignment",
    [
        "kind=nonsense",
        "family=",
        "family=../up",
        "family=Ünïcode",
        "sha256=00",
        "notes",
        "official_name=",
        "adapter_type=wrong",
        "preview=../../etc/passwd",
        "notes=" + "x" * 200_000,
    ],
)
def test_a_wrong_value_changes_nothing(
    library: Library, two: tuple[str, str], assignment: str
) -> None:
    before = tree(library.path / "models")
    with pytest.raises(InvalidValueError):
        library.edit(two[0], [assignment])
    assert tree(library.path / "models") == before


def test_nothing_to_set_is_an_error(library: Library, two: tuple[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        library.edit(two[0], [])


def test_an_empty_value_clears_a_field(library: Library, two: tuple[str, str]) -> None:
    library.edit(two[0], ["notes=mine"])
    assert library.edit(two[0], ["notes="])["notes"] is None


# --- deleting --------------------------------------------------------------------------------------


def test_a_deleted_model_comes_back_whole(library: Library, two: tuple[str, str]) -> None:
    before = library.show(two[0])
    content = Path(before["path"]).read_bytes()
    deleted = library.delete("alpha")
    assert deleted["trash"] is not None
    assert library.list()["total"] == 1
    assert [m["model_id"] for m in library.trash()] == [two[0]]
    with pytest.raises(ModelNotFoundError):
        library.show(two[0])
    assert library.restore("alpha") == before
    assert Path(before["path"]).read_bytes() == content
    assert library.trash() == []


def test_a_purge_frees_the_space(library: Library, two: tuple[str, str]) -> None:
    done = library.delete(two[0], purge=True)
    assert done["trash"] is None
    assert done["freed"] > 1000
    assert library.trash() == []
    with pytest.raises(ModelNotFoundError):
        library.restore(two[0])


def test_models_are_purged_by_many_at_once(library: Library, tmp_path: Path) -> None:
    for seed in range(24):
        lora(tmp_path / "in" / f"{seed}.safetensors", seed=seed)
    imported = library.import_models([tmp_path / "in"])["imported"]

    def purged(model_id: str) -> str:
        with Library.open(library.path) as own:
            return own.delete(model_id, purge=True)["model_id"]

    ids = [model["model_id"] for model in imported]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(purged, ids)) == ids
    assert library.list()["models"] == []


def test_what_is_in_the_trash_can_be_purged_later(library: Library, two: tuple[str, str]) -> None:
    library.delete(two[0])
    assert library.delete(two[0], purge=True)["freed"] > 1000
    assert not list((library.path / "models" / ".trash").rglob("*.safetensors"))


def test_deleting_the_same_content_twice_keeps_both_in_the_trash(
    library: Library, two: tuple[str, str], tmp_path: Path
) -> None:
    library.delete(two[0])
    library.import_models([tmp_path / "in" / "alpha.safetensors"])
    with pytest.raises(TargetExistsError):
        library.restore(two[0])
    library.delete(two[0])
    assert len(library.trash()) == 2
    library.restore(two[0])
    assert library.verify()["damaged"] == []


def test_deleting_a_reference_leaves_the_users_file(library: Library, tmp_path: Path) -> None:
    path = lora(tmp_path / "theirs" / "a.safetensors")
    (model,) = library.import_models([path], place=Placement.REFERENCE)["imported"]
    library.delete(model["model_id"])
    assert path.exists()
    assert library.list()["total"] == 0
    assert library.restore(model["model_id"])["path"] == str(path)
    library.delete(model["model_id"], purge=True)
    assert path.exists()


def test_what_was_set_by_hand_comes_back_with_the_file(
    library: Library, two: tuple[str, str], tmp_path: Path
) -> None:
    library.edit(two[0], ["notes=ten hours of work", "family=sdxl"])
    library.delete(two[0])
    (again,) = library.import_models([tmp_path / "in" / "alpha.safetensors"])["imported"]
    assert (again["notes"], again["family"]) == ("ten hours of work", "sdxl")
    assert again["user_set"] == ["family", "notes"]
    assert again["evidence"]["family"]["method"] == "user"
    library.delete("alpha", from_trash=True)
    assert library.trash() == []
    assert library.show("alpha")["state"] == "online"


# --- scanning and verifying ------------------------------------------------------------------------


def test_a_scan_of_an_unchanged_library_reads_nothing(
    library: Library, two: tuple[str, str]
) -> None:
    report = library.scan()
    assert (report["models"], report["unchanged"]) == (2, 2)
    assert report["added"] == report["updated"] == report["removed"] == []


def test_missing_and_altered_files_are_listed_and_not_dropped(
    library: Library, two: tuple[str, str]
) -> None:
    Path(library.show(two[0])["path"]).unlink()
    with Path(library.show(two[1])["path"]).open("ab") as file:
        file.write(b"more")
    for deep in (False, True):
        report = library.scan(deep=deep)
        assert report["missing"] == [two[0]]
        assert report["modified"] == [two[1]]
        assert library.list()["total"] == 2
    assert library.show(two[0])["state"] == "missing"
    damaged = library.verify()["damaged"]
    assert [d["problems"][0]["code"] for d in damaged] == ["source-not-found", "hash-mismatch"]


def test_a_changed_byte_is_found_by_verify_and_remembered(
    library: Library, two: tuple[str, str], directory: Path
) -> None:
    path = Path(library.show(two[0])["path"])
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert library.scan()["modified"] == []
    report = library.verify()
    assert report["intact"] == [two[1]]
    assert [d["model_id"] for d in report["damaged"]] == [two[0]]
    assert library.scan(deep=True)["modified"] == [two[0]]
    assert library.show(two[0])["state"] == "modified"
    assert library.status()["damaged"] == [two[0]]
    path.write_bytes(good)
    assert len(library.verify()["intact"]) == 2
    assert library.show(two[0])["state"] == "online"


def test_a_record_edited_by_hand_is_right_when_it_is_shown(
    library: Library, two: tuple[str, str]
) -> None:
    path = metadata_of(library, two[0])
    document = json.loads(path.read_text())
    document["notes"] = "by hand"
    document["from_the_future"] = {"kept": True}
    path.write_text(json.dumps(document))
    shown = library.show(two[0])
    assert (shown["notes"], shown["from_the_future"]) == ("by hand", {"kept": True})
    library.edit(two[0], ["tags=x"])
    assert json.loads(path.read_text())["from_the_future"] == {"kept": True}
    assert library.search("notes hand")["total"] in (0, 1)
    assert library.search("hand")["models"][0]["model_id"] == two[0]


def test_a_corrupt_record_is_reported_and_kept(library: Library, two: tuple[str, str]) -> None:
    path = metadata_of(library, two[0])
    path.write_text('{"model_id": ')
    for deep in (False, True):
        report = library.scan(deep=deep)
        assert [p["code"] for p in report["problems"]] == ["metadata-invalid"]
        assert path.read_text() == '{"model_id": '
    with pytest.raises(ModelLibraryError):
        library.edit(two[0], ["notes=x"])
    assert path.read_text() == '{"model_id": '


def test_a_corrupt_record_is_still_listed_as_it_was_known(
    library: Library, two: tuple[str, str]
) -> None:
    metadata_of(library, two[0]).write_text("nonsense")
    states = {m["model_id"]: m["state"] for m in library.list()["models"]}
    assert states == {two[0]: "invalid", two[1]: "online"}
    with pytest.raises(MetadataError):
        library.show(two[0])


def test_a_lost_record_is_written_back_from_what_was_known(
    library: Library, two: tuple[str, str]
) -> None:
    library.edit(two[0], ["notes=mine"])
    path = metadata_of(library, two[0])
    path.unlink()
    assert library.scan()["metadata_restored"] == [two[0]]
    assert json.loads(path.read_text())["notes"] == "mine"


def test_files_without_a_record_are_reported_and_never_touched(
    library: Library, two: tuple[str, str]
) -> None:
    stray = library.path / "models" / "vae" / "sd1" / "stray" / "x.safetensors"
    lora(stray)
    report = library.scan()
    assert [Path(p["path"] or "").name for p in report["problems"]] == ["stray"]
    assert stray.exists()


def test_a_model_moved_or_removed_by_hand_is_put_right(
    library: Library, two: tuple[str, str]
) -> None:
    first, second = (metadata_of(library, one).parent for one in two)
    elsewhere = library.path / "models" / "my" / "own" / "order" / "alpha"
    elsewhere.parent.mkdir(parents=True)
    first.rename(elsewhere)
    shutil.rmtree(second)
    report = library.scan()
    assert report["updated"] == [two[0]]
    assert report["removed"] == [two[1]]
    assert Path(library.show(two[0])["path"]).parent == elsewhere


def test_a_copy_of_a_model_directory_is_said_to_be_one(
    library: Library, two: tuple[str, str]
) -> None:
    original = metadata_of(library, two[0]).parent
    shutil.copytree(original, original.with_name("zz-copy"))
    for deep in (False, True):
        report = library.scan(deep=deep)
        assert report["models"] == 2
        assert "zz-copy" in str(report["problems"][0]["path"])


# --- roots -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [False, True])
def test_a_purge_keeps_what_somebody_put_beside_the_files_of_a_model(
    directory: Path, two: tuple[str, str], later: bool
) -> None:
    heard: list[Event] = []
    with Library.open(directory, listener=heard.append) as library:
        place = Path(library.show(two[0])["path"]).parent
        if later:
            library.delete(two[0])
            place = Path(library.trash()[0]["path"])
        (place / "sub").mkdir()
        (place / "my-own-merge.safetensors").write_bytes(b"mine")
        (place / "sub" / "notes.txt").write_text("mine")
        (place / "sub" / "link").symlink_to(directory.parent / "in")
        if later:
            library.empty_trash()
        else:
            library.delete(two[0], purge=True)
        (told,) = [one for one in heard if isinstance(one, Notice) and one.code == "files-kept"]
        (kept,) = (directory / "models" / ".trash").glob("*/kept-*")
        assert str(kept) in told.message
        assert sorted(path.name for path in kept.rglob("*")) == [
            "link",
            "my-own-merge.safetensors",
            "notes.txt",
            "sub",
        ]
        assert library.trash() == []
        assert not list((directory / "models").rglob("alpha.safetensors"))
        library.empty_trash()
        assert (kept / "sub" / "notes.txt").read_text() == "mine"


def test_models_of_an_offline_root_stay_and_are_not_called_broken(
    library: Library, drive: tuple[Path, str], directory: Path
) -> None:
    path, model_id = drive
    library.close()
    path.rename(path.with_name("unplugged"))
    (path.with_name("unplugged") / ".root.json").rename(path.with_name("hidden.json"))
    with Library.open(directory) as again:
        for deep in (False, True):
            report = again.scan(deep=deep)
            assert report["missing"] == report["removed"] == []
            assert len(report["offline_roots"]) == 1
            shown = again.show(model_id)
            assert (shown["state"], shown["path"]) == ("offline", None)
        assert again.verify()["offline"] == [model_id]
        with pytest.raises(RootOfflineError):
            again.edit(model_id, ["notes=x"])
        with pytest.raises(RootOfflineError):
            again.delete(model_id)


def test_a_root_is_known_again_at_another_mount_point(
    library: Library, drive: tuple[Path, str], directory: Path, tmp_path: Path
) -> None:
    path, model_id = drive
    library.close()
    moved = tmp_path / "models"
    path.rename(moved)
    (said,) = notices(directory)
    assert said.code == "root-relocated"
    with Library.open(directory) as again:
        assert Path(again.show(model_id)["path"]).is_relative_to(moved)
        assert again.verify()["intact"] == [model_id]


def test_a_root_can_be_told_where_it_is_now(
    library: Library, drive: tuple[Path, str], tmp_path: Path
) -> None:
    path, model_id = drive
    (root,) = [r for r in library.roots() if not r["home"]]
    new = tmp_path / "quite" / "elsewhere"
    new.parent.mkdir()
    path.rename(new)
    with pytest.raises(RootConflictError):
        library.relocate_root(root["root_id"], tmp_path / "one")
    assert library.relocate_root(root["root_id"], new)["online"]
    assert Path(library.show(model_id)["path"]).is_relative_to(new)


def test_removing_a_root_forgets_its_models_and_keeps_its_files(
    library: Library, drive: tuple[Path, str]
) -> None:
    path, model_id = drive
    before = tree(path)
    (root,) = [r for r in library.roots() if not r["home"]]
    library.remove_root(root["root_id"])
    assert library.list()["total"] == 0
    assert tree(path) == before
    library.add_root(path)
    assert library.list()["models"][0]["model_id"] == model_id


def test_roots_do_not_overlap(library: Library, drive: tuple[Path, str], tmp_path: Path) -> None:
    path, _ = drive
    inside = path / "sub"
    inside.mkdir()
    for bad in (path, inside, path.parent, library.path, tmp_path, library.path / "models"):
        with pytest.raises(RootConflictError):
            library.add_root(bad)
    with pytest.raises(RootConflictError):
        library.add_root(tmp_path / "missing")
    home = next(r for r in library.roots() if r["home"])
    with pytest.raises(RootConflictError):
        library.remove_root(home["root_id"])


def test_a_referenced_root_without_marker_is_offline_when_its_directory_was_replaced(
    library: Library, directory: Path, tmp_path: Path
) -> None:
    path = lora(tmp_path / "theirs" / "a.safetensors")
    library.add_root(path.parent, mode=RootMode.REFERENCED, marker=False)
    (model,) = library.import_models([path], place=Placement.REFERENCE)["imported"]
    library.close()
    path.parent.rename(tmp_path / "gone")
    path.parent.mkdir()
    with Library.open(directory) as again:
        assert again.show(model["model_id"])["state"] == "offline"


def test_two_libraries_share_a_managed_root(
    library: Library, drive: tuple[Path, str], tmp_path: Path
) -> None:
    path, model_id = drive
    with Library.open(tmp_path / "other machine") as other:
        other.add_root(path)
        assert other.show(model_id)["state"] == "online"
        lora(tmp_path / "two" / "from-other.safetensors", seed=77)
        root = next(r for r in other.roots() if not r["home"])
        other.import_models([tmp_path / "two"], root=root["root_id"])
    assert len(library.scan()["added"]) == 1


# --- status ----------------------------------------------------------------------------------------


def test_status_counts_what_there_is(library: Library, two: tuple[str, str]) -> None:
    library.delete(two[1])
    status = library.status()
    assert (status["models"], status["kinds"], status["trash"]) == (1, {"adapter": 1}, 1)
    assert status["bytes"] == library.show(two[0])["size"]
    assert status["unfinished"] == 0


def test_doctor_finds_a_new_library_healthy(library: Library) -> None:
    report = library.doctor()
    assert report["healthy"], report
    assert {"python", "sqlite", "library", "index"} <= {c["name"] for c in report["checks"]}


def test_a_registry_of_another_program_is_not_overwritten(directory: Path) -> None:
    Library.open(directory).close()
    for suffix in ("", "-wal", "-shm"):
        (directory / f"registry.db{suffix}").unlink(missing_ok=True)
    foreign = sqlite3.connect(directory / "registry.db")
    foreign.execute("CREATE TABLE theirs (x)")
    foreign.commit()
    foreign.close()
    before = (directory / "registry.db").read_bytes()
    notices(directory)
    assert (directory / "registry.db.damaged-1").read_bytes() == before
