"""One finding of health is fixed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_library import Library
from model_library.api.fixing import Chosen, choose
from model_library.api.shapes_health import FindingJson, HealthJson
from model_library.errors import FindingNotFoundError, InvalidValueError, LibraryReadOnlyError
from model_library.health import Finding, Severity
from model_library.link_registry import App, Link
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import LinkMethod
from tests.linked import add_drive, catalog_at, import_loras, leads, link_models

MODELS = 3


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def apps(home: Path, tmp_path: Path) -> list[App]:
    """Two applications with a link to each model of a drive."""
    with Library.open(home) as library:
        root = add_drive(library, tmp_path / "mnt" / "drive")
        import_loras(library, tmp_path / "in", range(MODELS), root["root_id"])
    apps = []
    for name in ("first", "second"):
        path = write_installation(tmp_path / name)
        app = App(name, "comfyui", path, "0.6.0", inode=path.stat().st_ino)
        with catalog_at(home) as catalog:
            link_models(catalog, app, LinkMethod.ABSOLUTE_SYMLINK)
        apps.append(app)
    return apps


def links_of(home: Path, app: App) -> list[Link]:
    with catalog_at(home) as catalog:
        return catalog.links.links(app.app_id)


def fixed(home: Path, *findings: str) -> HealthJson:
    with Library.open(home) as library:
        return library.health(fix=True, findings=findings)


def found(home: Path, code: str) -> list[FindingJson]:
    with Library.open(home) as library:
        return [one for one in library.health()["findings"] if one["code"] == code]


def test_a_link_is_made_again_and_the_others_stay_missing(home: Path, apps: list[App]) -> None:
    for link in links_of(home, apps[0]):
        (apps[0].path / link.target).unlink()
    first, *others = found(home, "missing-link")
    report = fixed(home, first["finding_id"])
    assert [one["path"] for one in report["repair"]["repaired"]] == [first["path"]]
    assert Path(first["path"] or "").is_file()
    assert found(home, "missing-link") == others
    assert len(leads(apps[0])) == 1


def test_all_findings_of_one_code_are_fixed_at_once(home: Path, apps: list[App]) -> None:
    for link in links_of(home, apps[0]):
        (apps[0].path / link.target).unlink()
    moved = apps[1].path.with_name("moved")
    apps[1].path.rename(moved)
    fixed(home, "missing-link")
    assert len(leads(apps[0])) == MODELS
    (still,) = found(home, "app-moved")
    assert still["path"] == str(moved)


def test_an_application_that_moved_is_noted_and_the_other_is_left(
    home: Path, apps: list[App]
) -> None:
    for app in apps:
        app.path.rename(app.path.with_name(f"{app.app_id} moved"))
    one, other = found(home, "app-moved")
    report = fixed(home, one["finding_id"])
    assert [moved["app"] for moved in report["repair"]["moved_apps"]] == [one["app"]]
    assert found(home, "app-moved") == [other]


def test_models_that_wait_are_linked_into_one_application_only(
    home: Path, apps: list[App], tmp_path: Path
) -> None:
    with Library.open(home) as library:
        for app in apps:
            library.link_clean(app.app_id)
            library.link_sync(app.app_id)
            library._catalog.links.set_links_off(app.app_id, off=True)
        import_loras(library, tmp_path / "more", range(MODELS, MODELS + 2))
        for app in apps:
            library._catalog.links.set_links_off(app.app_id, off=False)
    one, other = found(home, "links-waiting")
    report = fixed(home, one["finding_id"])
    assert [(done["app"], done["made"]) for done in report["caught_up"]] == [(one["app"], 2)]
    assert found(home, "links-waiting") == [other]


def test_the_link_of_a_deleted_model_goes_and_that_of_the_other_application_stays(
    home: Path, apps: list[App]
) -> None:
    """Both were away while the model was deleted."""
    away = [app.path.rename(app.path.with_name(f"{app.app_id} away")) for app in apps]
    model_id = links_of(home, apps[0])[0].model_id
    with Library.open(home) as library:
        library.delete(model_id)
        for app, place in zip(apps, away, strict=True):
            place.rename(app.path)
        broken = [one for one in library.health()["findings"] if one["code"] == "broken-link"]
    one, other = broken
    report = fixed(home, one["finding_id"])
    assert [(done["app"], done["removed"]) for done in report["caught_up"]] == [(one["app"], 1)]
    assert found(home, "broken-link") == [other]


def test_interrupted_linking_is_settled(home: Path, apps: list[App]) -> None:
    link = links_of(home, apps[0])[0]
    with Library.open(home) as library:
        library._catalog.links.begin_removing([link.link_id])
        (finding,) = [
            one for one in library.health()["findings"] if one["code"] == "unfinished-work"
        ]
        after = library.health(fix=True, findings=[finding["finding_id"]])
    assert "unfinished-work" not in {one["code"] for one in after["findings"]}


def test_a_finding_is_named_the_same_when_its_count_changes() -> None:
    two = Finding("links-waiting", Severity.WARNING, "2 models wait", app_id="a", fixable=True)
    one = Finding("links-waiting", Severity.WARNING, "1 model waits", app_id="a", fixable=True)
    conflict = Finding("links-waiting", Severity.WARNING, "1 model waits", app_id="a")
    assert two.finding_id == one.finding_id != conflict.finding_id


def test_work_that_every_fix_settles_needs_nothing_else() -> None:
    work = Finding("unfinished-work", Severity.WARNING, "An act", fixable=True)
    chosen = choose([work], ["unfinished-work"], lambda _: [])
    assert chosen == Chosen()


def test_what_cannot_be_fixed_is_one_clear_error_and_nothing_is_changed(
    home: Path, apps: list[App]
) -> None:
    first, second, third = links_of(home, apps[0])
    (apps[0].path / first.target).unlink()
    for target, text in ((second.target, "mine"), (third.target, "")):
        (apps[0].path / target).unlink()
        if text:
            (apps[0].path / target).write_text(text)
    foreign = found(home, "foreign-file")[0]["finding_id"]
    missing = found(home, "missing-link")[0]["finding_id"]
    with pytest.raises(FindingNotFoundError, match="'ffffffff'"):
        fixed(home, missing, "ffffffff")
    with pytest.raises(InvalidValueError, match="not ours") as refused:
        fixed(home, missing, foreign)
    assert "--on-conflict" in refused.value.hint
    assert len(found(home, "missing-link")) == 2
    with Library.open(home) as library, pytest.raises(InvalidValueError, match="to be fixed"):
        library.health(findings=[missing])


def test_a_library_that_may_only_be_read_is_not_fixed(home: Path, apps: list[App]) -> None:
    with Library.open(home) as library:
        library._catalog.registry.read_only = True
        with pytest.raises(LibraryReadOnlyError):
            library.health(fix=True, findings=["missing-link"])
