"""Health says what is the matter, repair mends it, and neither touches what is not ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from model_library import Library
from model_library.api.shapes_health import FindingJson, HealthJson
from model_library.config import Settings
from model_library.errors import LibraryReadOnlyError
from model_library.events import Event
from model_library.link_registry import App, Link, NewLink
from model_library.linking import make_links
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import LinkMethod, Placement, RootMode
from tests.factory import lora, tree
from tests.linked import (
    FOLDER,
    add_drive,
    app_at,
    catalog_at,
    import_loras,
    killed,
    leads,
    link_models,
    opened_once,
    said_by,
)

MODELS = 3


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def app(tmp_path: Path) -> App:
    path = write_installation(tmp_path / "ComfyUI")
    return App("comfyui", "comfyui", path, "0.6.0", inode=path.stat().st_ino)


@pytest.fixture
def drive(home: Path, tmp_path: Path) -> Path:
    """A root beside the library, which is empty itself."""
    path = tmp_path / "mnt" / "drive"
    with Library.open(home) as library:
        root = add_drive(library, path)
        import_loras(library, tmp_path / "in", range(MODELS), root["root_id"])
    return path


@pytest.fixture
def linked(home: Path, drive: Path, app: App) -> list[Link]:
    """Absolute links to every model, in the application."""
    with catalog_at(home) as catalog:
        return link_models(catalog, app, LinkMethod.ABSOLUTE_SYMLINK)


def health(home: Path, *, fix: bool = False) -> HealthJson:
    with Library.open(home) as library:
        return library.health(fix=fix)


def found(report: HealthJson, code: str) -> list[FindingJson]:
    return [finding for finding in report["findings"] if finding["code"] == code]


def codes(report: HealthJson) -> set[str]:
    """What was found, but for what the machine of this test is."""
    return {finding["code"] for finding in report["findings"]} - {"sandbox"}


def at(app: App, link: Link) -> Path:
    return app.path / link.target


def source_of(drive: Path, link: Link) -> Path:
    return drive / link.source


# --- all is well -----------------------------------------------------------------------------------


def test_a_library_without_applications_is_healthy(home: Path, drive: Path) -> None:
    report = health(home)
    assert (report["status"], report["findings"], report["models"]) == ("healthy", [], MODELS)


def test_that_all_links_work_is_said(home: Path, app: App, linked: list[Link]) -> None:
    report = health(home)
    assert report["status"] == "healthy"
    assert (report["apps"], report["links"], report["working"]) == (1, MODELS, MODELS)
    assert codes(report) == {"links-work"}
    assert {one["severity"] for one in report["findings"]} == {"info"}
    fixed = health(home, fix=True)
    assert (fixed["repair"]["repaired"], fixed["repair"]["left"]) == ([], [])


@pytest.mark.parametrize("method", list(LinkMethod))
def test_links_of_every_method_work(home: Path, drive: Path, app: App, method: LinkMethod) -> None:
    with catalog_at(home) as catalog:
        link_models(catalog, app, method)
    assert (health(home)["status"], health(home)["working"]) == ("healthy", MODELS)


# --- links -----------------------------------------------------------------------------------------


def test_a_link_that_is_missing_is_made_again(home: Path, app: App, linked: list[Link]) -> None:
    at(app, linked[0]).unlink()
    report = health(home)
    assert report["status"] == "warnings"
    (finding,) = found(report, "missing-link")
    assert (finding["app"], finding["model_id"]) == ("comfyui", linked[0].model_id)
    assert (finding["path"], finding["fixable"]) == (str(at(app, linked[0])), True)
    assert "health --fix" in finding["action"]
    fixed = health(home, fix=True)
    assert fixed["status"] == "healthy"
    assert [one["means"] for one in fixed["repair"]["repaired"]] == ["root-id"]
    assert at(app, linked[0]).samefile(source_of(home.parent / "mnt" / "drive", linked[0]))


def test_a_directory_of_links_that_was_deleted_is_made_again(
    home: Path, app: App, linked: list[Link]
) -> None:
    shutil.rmtree(app.path / FOLDER)
    assert len(found(health(home), "missing-link")) == MODELS
    assert health(home, fix=True)["status"] == "healthy"
    assert list(leads(app).values()) == [True] * MODELS


def test_a_file_in_place_of_a_link_stays(home: Path, app: App, linked: list[Link]) -> None:
    file, link = at(app, linked[0]), at(app, linked[1])
    file.unlink()
    file.write_text("the user's own")
    link.unlink()
    link.symlink_to("/somewhere/else")
    for report in (health(home), health(home, fix=True)):
        assert report["status"] == "warnings"
        assert [one["path"] for one in found(report, "foreign-file")] == [str(file)]
        (foreign,) = found(report, "foreign-link")
        assert "in place of the link to lora-1 in ComfyUI: " in foreign["message"]
        assert "/somewhere/else" in foreign["message"]
        assert not foreign["fixable"]
    assert file.read_text() == "the user's own"
    assert str(link.readlink()) == "/somewhere/else"


def test_a_link_that_nobody_knows_is_reported_and_stays(
    home: Path, drive: Path, app: App, linked: list[Link]
) -> None:
    source = source_of(drive, linked[0])
    inside = app.path / "models" / "vae" / "mine.safetensors"
    beside = at(app, linked[0]).with_name("mine too.safetensors")
    beside.symlink_to(Path("../../..") / source.relative_to(app.path.parent))
    inside.symlink_to(source)
    (app.path / "models" / "vae" / "own.pt").symlink_to("../../main.py")
    for report in (health(home), health(home, fix=True)):
        paths = {one["path"] for one in found(report, "orphaned-link")}
        assert paths == {str(inside), str(beside)}
    assert inside.samefile(source)
    assert beside.samefile(source)


def test_links_of_an_unsettled_act_are_settled(home: Path, app: App, linked: list[Link]) -> None:
    with Library.open(home) as library:
        library._catalog.links.begin_removing([linked[0].link_id])
        assert len(found(library.health(), "unfinished-work")) == 1
        assert library.link_repair()["left"] == []
        assert len(leads(app)) == MODELS - 1
        assert library.health(fix=True)["status"] == "healthy"
    assert len(leads(app)) == MODELS


def test_a_directory_that_became_a_symlink_is_not_entered(
    home: Path, app: App, linked: list[Link], tmp_path: Path
) -> None:
    real = tmp_path / "real"
    (app.path / FOLDER).rename(real)
    (app.path / FOLDER).symlink_to(real)
    (real / linked[0].target.rpartition("/")[2]).unlink()
    before = {path.name: path.readlink() for path in real.glob("*.safetensors")}
    for report in (health(home), health(home, fix=True)):
        assert len(found(report, "unseen-link")) == MODELS
    assert {path.name: path.readlink() for path in real.glob("*.safetensors")} == before


# --- content ---------------------------------------------------------------------------------------


def test_a_link_follows_a_model_that_was_moved_by_hand(
    home: Path, drive: Path, app: App, linked: list[Link]
) -> None:
    model = source_of(drive, linked[0]).parent
    model.rename(drive / "elsewhere")
    report = health(home)
    assert report["status"] == "errors"
    (finding,) = found(report, "broken-link")
    assert (finding["model_id"], finding["fixable"]) == (linked[0].model_id, True)
    fixed = health(home, fix=True)
    assert [one["means"] for one in fixed["repair"]["repaired"]] == ["model-id"]
    assert fixed["status"] == "healthy"
    assert at(app, linked[0]).resolve().is_relative_to(drive / "elsewhere")


def test_a_dry_repair_says_what_the_repair_then_does(
    home: Path, drive: Path, app: App, linked: list[Link]
) -> None:
    source_of(drive, linked[0]).parent.rename(drive / "elsewhere")
    before = tree(app.path)
    with Library.open(home) as library:
        planned = library.link_repair(dry_run=True)
        assert tree(app.path) == before
        done = library.link_repair()
    assert [one["means"] for one in planned["repaired"]] == ["model-id"]
    assert (planned["repaired"], planned["left"]) == (done["repaired"], done["left"])


def test_a_link_finds_its_content_in_another_model(
    home: Path, drive: Path, app: App, linked: list[Link], tmp_path: Path
) -> None:
    """A second root holds the same bytes; the first file is lost."""
    source = source_of(drive, linked[0])
    kept = tmp_path / "second" / "loras" / "copy"
    shutil.copytree(source.parent, kept)
    document = (kept / "metadata.json").read_text()
    old = linked[0].model_id
    (kept / "metadata.json").write_text(document.replace(old, f"copy-{old[-8:]}"))
    with Library.open(home) as library:
        library.add_root(tmp_path / "second")
    before = tree(drive)
    del before[linked[0].source]
    source.unlink()
    with Library.open(home) as library:
        planned = library.link_repair(dry_run=True)
        assert [one["means"] for one in planned["repaired"]] == ["content"]
        assert not at(app, linked[0]).exists()
        done = library.link_repair()
        assert done["repaired"] == planned["repaired"]
        assert not done["dry_run"]
    assert at(app, linked[0]).resolve().is_relative_to(kept)
    assert tree(drive) == before
    report = health(home)
    assert codes(report) == {"model-missing-files", "links-work"}


def test_what_is_nowhere_is_named_and_left(
    home: Path, drive: Path, app: App, linked: list[Link]
) -> None:
    source_of(drive, linked[0]).unlink()
    fixed = health(home, fix=True)
    (left,) = fixed["repair"]["left"]
    assert left == {
        "app": "comfyui",
        "model_id": linked[0].model_id,
        "path": str(at(app, linked[0])),
        "reason": "no file in the library has its content",
    }
    assert codes(fixed) == {"broken-link", "model-missing-files"}
    assert fixed["status"] == "errors"
    assert at(app, linked[0]).is_symlink()


def test_a_file_of_another_size_is_no_copy(
    home: Path, drive: Path, app: App, linked: list[Link]
) -> None:
    path = source_of(drive, linked[0])
    moved = path.with_name("moved.safetensors")
    path.rename(moved)
    with moved.open("ab") as file:
        file.write(b"more")
    assert len(health(home, fix=True)["repair"]["left"]) == 1


def test_a_model_whose_file_changed_its_size_is_an_error(
    home: Path, drive: Path, linked: list[Link]
) -> None:
    with source_of(drive, linked[0]).open("ab") as file:
        file.write(b"more")
    (finding,) = found(health(home), "model-changed")
    assert finding["model_id"] == linked[0].model_id
    assert linked[0].file in finding["message"]
    with Library.open(home) as library:
        library.verify()
        report = library.health()
        name = library.show(linked[0].model_id)["official_name"]
    assert {"model-changed", "model-damaged"} <= codes(report)
    (damaged,) = found(report, "model-damaged")
    assert finding["message"].startswith(f"{name} has files")
    assert (damaged["message"], damaged["path"]) == (f"{name} did not verify", finding["path"])


def test_a_link_to_a_whole_model_follows_it(home: Path, drive: Path, app: App) -> None:
    with catalog_at(home) as catalog:
        catalog.links.put_app(app)
        row = next(iter(catalog.index.records()))
        wanted = NewLink(
            app.app_id,
            row.model_id,
            ".",
            row.root_id,
            row.location,
            f"{FOLDER}/whole",
            LinkMethod.RELATIVE_SYMLINK,
            False,
        )
        with catalog.exclusive():
            assert not make_links(catalog, app, [wanted]).failed
    (drive / row.location).rename(drive / "renamed")
    assert codes(health(home)) == {"broken-link", "model-gone", "links-waiting"}
    assert health(home, fix=True)["status"] == "healthy"
    assert (app.path / FOLDER / "whole").samefile(drive / "renamed")
    (file,) = (drive / "renamed").glob("*.safetensors")
    shutil.move(drive / "renamed", drive / "again")
    (drive / "again" / file.name).unlink()
    assert len(health(home, fix=True)["repair"]["left"]) == 1


# --- hard links ------------------------------------------------------------------------------------


@pytest.fixture
def hard_linked(home: Path, drive: Path, app: App) -> list[Link]:
    with catalog_at(home) as catalog:
        return link_models(catalog, app, LinkMethod.HARD_LINK)


def test_the_last_name_of_bytes_is_an_error_and_stays(
    home: Path, drive: Path, app: App, hard_linked: list[Link]
) -> None:
    kept = at(app, hard_linked[0]).read_bytes()
    source_of(drive, hard_linked[0]).unlink()
    fixed = health(home, fix=True)
    (finding,) = found(fixed, "only-copy")
    assert (finding["severity"], finding["fixable"]) == ("error", False)
    assert "import" in finding["action"]
    assert at(app, hard_linked[0]).read_bytes() == kept
    with Library.open(home) as library:
        library.import_models([at(app, hard_linked[0])])
    assert source_of(drive, hard_linked[0]).read_bytes() == kept


def test_a_hard_link_that_outlived_the_file_in_the_library_is_said_to_be_intact(
    home: Path, drive: Path, app: App, hard_linked: list[Link], tmp_path: Path
) -> None:
    source = source_of(drive, hard_linked[0])
    (tmp_path / "another name").hardlink_to(source)
    source.unlink()
    (finding,) = found(health(home), "broken-link")
    assert finding["message"] == (
        "The file of lora-0 in the library is gone; the hard link to it in ComfyUI is intact and has its bytes"
    )
    assert "`model-library import` with the path of the link" in finding["action"]


def test_a_hard_link_is_known_again_when_its_file_was_moved(
    home: Path, drive: Path, app: App, hard_linked: list[Link]
) -> None:
    source_of(drive, hard_linked[0]).parent.rename(drive / "moved")
    inode = at(app, hard_linked[0]).stat().st_ino
    assert codes(health(home)) == {"broken-link", "model-gone"}
    assert health(home, fix=True)["status"] == "healthy"
    assert at(app, hard_linked[0]).stat().st_ino == inode


def test_a_hard_link_to_replaced_bytes_stays(
    home: Path, drive: Path, app: App, hard_linked: list[Link], tmp_path: Path
) -> None:
    source = source_of(drive, hard_linked[0])
    source.rename(tmp_path / "old name")
    shutil.copy(tmp_path / "old name", source)
    inode = at(app, hard_linked[0]).stat().st_ino
    for report in (health(home), health(home, fix=True)):
        assert [one["severity"] for one in found(report, "detached-hard-link")] == ["warning"]
    assert at(app, hard_linked[0]).stat().st_ino == inode


def test_a_missing_hard_link_is_made_again(
    home: Path, drive: Path, app: App, hard_linked: list[Link]
) -> None:
    for link in hard_linked:
        at(app, link).unlink()
    at(app, hard_linked[0]).mkdir()
    fixed = health(home, fix=True)
    assert codes(fixed) == {"foreign-file"}
    assert at(app, hard_linked[1]).samefile(source_of(drive, hard_linked[1]))
    assert at(app, hard_linked[0]).is_dir()


# --- away, and back elsewhere ----------------------------------------------------------------------


def test_the_links_of_a_root_that_is_offline_are_not_broken(
    home: Path, drive: Path, app: App, linked: list[Link], tmp_path: Path
) -> None:
    drive.rename(tmp_path / "in a drawer")
    for report in (health(home), health(home, fix=True)):
        assert (report["status"], codes(report)) == ("warnings", {"root-offline"})
        (finding,) = found(report, "root-offline")
        assert f"{MODELS} models and {MODELS} links wait" in finding["message"]
    assert len(leads(app)) == MODELS
    (tmp_path / "in a drawer").rename(drive)
    assert health(home)["status"] == "healthy"


def test_the_links_of_a_removed_root_are_told_from_broken_ones(
    home: Path, drive: Path, app: App, linked: list[Link]
) -> None:
    with Library.open(home) as library:
        (root,) = [root for root in library.roots() if not root["home"]]
        library.remove_root(root["root_id"])
    assert len(found(health(home), "forgotten-root")) == MODELS
    shutil.rmtree(drive)
    assert {one["fixable"] for one in found(health(home), "forgotten-root")} == {True}
    assert len(health(home, fix=True)["repair"]["left"]) == MODELS


def test_a_link_into_a_removed_root_that_is_away_asks_for_the_root(
    home: Path, drive: Path, app: App, linked: list[Link]
) -> None:
    drive.rename(drive.with_name("away"))
    with Library.open(home) as library:
        library.remove_root(linked[0].root_id)
        report = library.health()
        assert found(report, "broken-link") == []
        findings = found(report, "forgotten-root")
        assert len(findings) == MODELS
        assert "Add the root again" in findings[0]["action"]
        library.link_sync("comfyui")
    assert leads(app) == {}


def test_links_follow_a_root_that_came_back_elsewhere(
    home: Path, drive: Path, app: App, linked: list[Link], tmp_path: Path
) -> None:
    new = tmp_path / drive.name  # an ending of its path: found there
    assert opened_once(home) == []
    drive.rename(new)
    said = opened_once(home)
    assert [notice.code for notice in said] == ["root-relocated", "links-followed"]
    assert f"links into it: {MODELS}, made to follow: {MODELS}" in said[1].message
    assert list(leads(app).values()) == [True] * MODELS
    assert opened_once(home) == []
    report = health(home)
    (finding,) = found(report, "root-moved")
    assert (finding["severity"], report["status"]) == ("info", "healthy")
    assert f"from {drive} to {new}: all {MODELS} links lead to their files" in finding["message"]
    assert codes(health(home)) == {"links-work"}, "it is said once"


def test_a_library_that_moved_with_its_application_works_and_says_so(
    home: Path, tmp_path: Path
) -> None:
    with Library.open(home) as library:
        import_loras(library, tmp_path / "in", range(MODELS))
    path = write_installation(home / "apps" / "comfyui" / "0.6.0")
    app = App("comfyui", "comfyui", path, "0.6.0", inode=path.stat().st_ino)
    with catalog_at(home) as catalog:
        link_models(catalog, app, LinkMethod.RELATIVE_SYMLINK)
    assert opened_once(home) == []
    moved = tmp_path / "another" / "place"
    moved.parent.mkdir()
    home.rename(moved)
    report = health(moved)
    assert report["status"] == "healthy"
    (finding,) = found(report, "library-moved")
    assert f"from {home} to {moved}: all {MODELS} links lead to their files" in finding["message"]
    assert report["working"] == MODELS


def test_links_from_outside_follow_a_library_that_moved(
    home: Path, app: App, tmp_path: Path
) -> None:
    with Library.open(home) as library:
        import_loras(library, tmp_path / "in", range(MODELS))
    with catalog_at(home) as catalog:
        link_models(catalog, app, LinkMethod.ABSOLUTE_SYMLINK)
    moved = tmp_path / "moved"
    home.rename(moved)
    at_once = opened_once(moved)
    assert [notice.code for notice in at_once] == ["links-followed"]
    assert list(leads(app).values()) == [True] * MODELS


def test_healing_waits_for_the_lock_no_longer_than_it_may(
    home: Path, drive: Path, app: App, linked: list[Link], tmp_path: Path
) -> None:
    """Another command is at work: it is said, and the next start heals."""
    opened_once(home)
    drive.rename(tmp_path / drive.name)

    def open_it(said: list[Event]) -> None:
        settings = Settings(lock_timeout=0.05)
        with Library.open(home, settings=settings, listener=said.append):
            pass

    with catalog_at(home) as catalog, catalog.exclusive():
        said = said_by(open_it)
    assert said[-1].code == "library-busy"
    assert not any(leads(app).values())
    assert [notice.code for notice in opened_once(home)] == ["links-followed"]
    assert all(leads(app).values())


@pytest.mark.parametrize("kill_at", [1, 2, 4, 6])
def test_healing_that_was_killed_goes_on_at_the_next_start(
    home: Path, drive: Path, app: App, linked: list[Link], tmp_path: Path, kill_at: int
) -> None:
    opened_once(home)
    drive.rename(tmp_path / drive.name)
    killed(home, "open", kill_at)
    assert [notice.code for notice in opened_once(home)] == ["finished", "links-followed"]
    assert list(leads(app).values()) == [True] * MODELS
    assert health(home)["status"] == "healthy"


@pytest.mark.parametrize("kill_at", [1, 2, 3])
def test_a_repair_that_was_killed_goes_on_at_the_next_start(
    home: Path, drive: Path, app: App, linked: list[Link], kill_at: int
) -> None:
    """One link is away, the model of another was moved by hand."""
    at(app, linked[1]).unlink()
    source_of(drive, linked[0]).parent.rename(drive / "moved")
    killed(home, "fix", kill_at)
    assert [notice.code for notice in opened_once(home)] == ["finished"]
    assert list(leads(app).values()) == [True] * MODELS
    assert health(home)["status"] == "healthy"


# --- applications ------------------------------------------------------------------------------------


def test_an_application_that_is_away_is_said_to_be_away(
    home: Path, app: App, linked: list[Link], tmp_path: Path
) -> None:
    shutil.rmtree(app.path)
    for report in (health(home), health(home, fix=True)):
        assert (report["status"], codes(report)) == ("warnings", {"app-gone"})
        (finding,) = found(report, "app-gone")
        assert "app remove comfyui" in finding["action"]
    app.path.mkdir()  # the mount point of a drive that is away
    fixed = health(home, fix=True)
    assert codes(fixed) == {"app-gone"}
    assert list(app.path.iterdir()) == []


def test_an_application_that_was_installed_anew_gets_its_links_again(
    home: Path, app: App, linked: list[Link], tmp_path: Path
) -> None:
    app.path.rename(tmp_path / "old")
    shutil.rmtree(tmp_path / "old")
    write_installation(app.path)
    assert codes(health(home)) == {"missing-link"}
    assert health(home, fix=True)["status"] == "healthy"


def test_an_application_that_moved_is_found_and_mended(
    home: Path, drive: Path, app: App, tmp_path: Path
) -> None:
    with catalog_at(home) as catalog:
        link_models(catalog, app, LinkMethod.RELATIVE_SYMLINK)
    beside = app.path.with_name("ComfyUI new")
    app.path.rename(beside)
    report = health(home)
    assert codes(report) == {"app-moved", "links-work"}, "relative links still lead to their files"
    fixed = health(home, fix=True)
    assert codes(fixed) == {"links-work"}
    assert fixed["repair"]["moved_apps"] == [
        {"app": "comfyui", "old_path": str(app.path), "path": str(beside)}
    ]
    deeper = tmp_path / "apps" / beside.name
    deeper.parent.mkdir()
    beside.rename(deeper)
    assert codes(health(home)) == {"app-gone"}, "it could be anywhere"


def test_an_inode_alone_makes_no_application(
    home: Path, app: App, linked: list[Link], tmp_path: Path
) -> None:
    moved = app.path.with_name("moved")
    app.path.rename(moved)
    shutil.rmtree(moved / FOLDER)
    assert codes(health(home)) == {"app-gone"}


def test_an_application_without_links_is_known_by_its_files(home: Path, app: App) -> None:
    with Library.open(home), catalog_at(home) as catalog:
        catalog.links.put_app(app)
    moved = app.path.with_name("moved")
    app.path.rename(moved)
    assert codes(health(home)) == {"app-moved"}
    (moved / "main.py").unlink()
    assert codes(health(home)) == {"app-gone"}
    (home / "profiles").mkdir()
    (home / "profiles" / "comfyui.toml").write_text("schema = 99")
    assert codes(health(home)) == {"profile-invalid", "app-gone"}


def test_a_profile_that_is_not_valid_is_a_warning(home: Path, app: App, linked: list[Link]) -> None:
    (home / "profiles").mkdir()
    (home / "profiles" / "comfyui.toml").write_text("schema = 99")
    report = health(home)
    assert codes(report) == {"profile-invalid", "links-work"}
    assert report["status"] == "warnings"
    for link in linked:
        at(app, link).unlink()
    assert codes(health(home)) == {"profile-invalid", "missing-link"}
    shutil.rmtree(app.path)
    assert codes(health(home)) == {"profile-invalid", "app-gone"}


def test_what_the_method_of_linking_has_to_say_is_said(
    home: Path, app: App, linked: list[Link]
) -> None:
    (app.path / "compose.yaml").write_text("services: {}")
    (finding,) = found(health(home), "app-sandbox")
    assert (finding["severity"], finding["app"]) == ("warning", "comfyui")


# --- the library itself ------------------------------------------------------------------------------


def test_applications_of_one_name_are_named_with_their_paths(
    home: Path, drive: Path, app: App
) -> None:
    with catalog_at(home) as catalog:
        catalog.links.put_app(app)
        catalog.links.put_app(app_at(app.path.with_name("other"), "comfyui-2"))
    said = {one["app"]: one["message"] for one in found(health(home), "links-waiting")}
    assert said["comfyui"].endswith(f"linked into ComfyUI at {app.path}")
    assert said["comfyui-2"].endswith(f"linked into ComfyUI at {app.path.with_name('other')}")


def test_unfinished_work_is_named(home: Path, drive: Path) -> None:
    with Library.open(home) as library:
        library._catalog.registry.begin("job-alive", [("purge", {})])
        assert codes(library.health()) == {"unfinished-work"}
        library._catalog.registry.finish([1, 2, 3])


def test_a_model_with_missing_files_is_an_error(home: Path, drive: Path, tmp_path: Path) -> None:
    (file,) = drive.rglob("lora-1.safetensors")
    file.unlink()
    report = health(home)
    (finding,) = found(report, "model-missing-files")
    assert report["status"] == "errors"
    assert "lora-1.safetensors" in finding["message"]
    assert finding["path"] == str(file.parent)


def test_a_referenced_model_is_linked_and_healed_like_others(
    home: Path, app: App, tmp_path: Path
) -> None:
    folder = tmp_path / "downloads"
    lora(folder / "a" / "style.safetensors")
    with Library.open(home) as library:
        library.add_root(folder, mode=RootMode.REFERENCED)
        library.import_models([folder], place=Placement.REFERENCE)
    with catalog_at(home) as catalog:
        (link,) = link_models(catalog, app, LinkMethod.ABSOLUTE_SYMLINK)
    at(app, link).unlink()
    assert health(home, fix=True)["status"] == "healthy"
    assert at(app, link).samefile(folder / "a" / "style.safetensors")


def test_a_library_that_cannot_be_written_is_examined_and_not_mended(
    home: Path, app: App, linked: list[Link]
) -> None:
    at(app, linked[0]).unlink()
    with Library.open(home) as library:
        library._catalog.registry.read_only = True
        assert codes(library.health()) == {"missing-link"}
        assert len(library.link_repair(dry_run=True)["repaired"]) == 1
        with pytest.raises(LibraryReadOnlyError):
            library.health(fix=True)
