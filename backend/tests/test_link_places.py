"""Links are made in the application that is meant, never in what is mounted in its place or inside of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_library import Library
from model_library.errors import AppOfflineError
from model_library.library import Catalog
from model_library.link_registry import App
from model_library.linking import opened
from model_library.taxonomy import LinkMethod
from model_library.unlinking import remove_links
from tests.factory import lora
from tests.io.mounts import needs_mount, run_on
from tests.linked import FOLDER, app_at, catalog_at, import_loras, link_models


@pytest.fixture
def app(tmp_path: Path) -> App:
    return app_at(tmp_path / "app")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A library with two LoRAs."""
    with Library.open(tmp_path / "library") as library:
        import_loras(library, tmp_path / "in", range(2))
    with catalog_at(tmp_path / "library") as opened_catalog:
        yield opened_catalog


def in_its_place(app: App) -> App:
    """Another directory of the very inode that the application had, as on another fresh drive."""
    app.path.rename(app.path.with_name("away"))
    (app.path / FOLDER).mkdir(parents=True)
    (app.path / FOLDER / "theirs").touch()
    return replace(app, inode=app.path.stat().st_ino)


@pytest.mark.parametrize("method", list(LinkMethod))
def test_another_drive_with_the_same_inodes_is_not_the_application(
    catalog: Catalog, app: App, method: LinkMethod
) -> None:
    links = link_models(catalog, app, method)
    catalog.links.put_app(in_its_place(app))
    outcomes = remove_links(catalog, links)
    assert ([link for link, _ in outcomes.left], outcomes.removed) == (links, [])
    assert catalog.links.links() == links
    assert os.listdir(app.path / FOLDER) == ["theirs"]  # noqa: PTH208 - the names


def test_nothing_is_linked_into_another_drive(catalog: Catalog, app: App) -> None:
    other = in_its_place(app)
    catalog.links.put_app(other)
    with pytest.raises(AppOfflineError):
        link_models(catalog, other, LinkMethod.RELATIVE_SYMLINK)
    assert os.listdir(app.path / FOLDER) == ["theirs"]  # noqa: PTH208 - the names
    assert catalog.links.links() == []


@pytest.mark.parametrize("method", list(LinkMethod))
def test_one_link_of_ours_proves_an_application_that_lost_its_files(
    catalog: Catalog, app: App, method: LinkMethod
) -> None:
    first, second = link_models(catalog, app, method)
    for path in app.path.glob("*.py"):
        path.unlink()
    (app.path / first.target).unlink()
    opened(catalog, replace(app, inode=1)).close()
    (app.path / second.target).unlink()
    with pytest.raises(AppOfflineError):
        opened(catalog, app)


def test_where_a_profile_asks_for_no_files_the_inode_decides(catalog: Catalog, app: App) -> None:
    profiles = catalog.directory / "profiles"
    profiles.mkdir(exist_ok=True)
    (profiles / "plain.toml").write_text(
        'schema = 1\napp = "plain"\ndisplay = "Plain"\n[[rule]]\ntarget = "models"\nkinds = ["vae"]\n'
    )
    plain = replace(app, app_id="plain", kind="plain")
    opened(catalog, plain).close()
    with pytest.raises(AppOfflineError):
        opened(catalog, replace(plain, inode=1))


MOUNTED = """
import json, subprocess
from model_library import Library
from model_library.samples.comfyui import write_installation

app, home = write_installation(place / "ComfyUI"), place / "library"
with Library.open(home) as library:
    library.import_models([Path({folder!r}) / "lora-0.safetensors"])
    library.edit("lora-0", ["family=sdxl"])
    (home / "models" / "adapter" / "{mounted}").mkdir(exist_ok=True)
    shared = home / "models" / "adapter" / "{mounted}"
    subprocess.run(["mount", "--bind", shared, app / "models" / "loras"], check=True)
    before = sorted(str(path) for path in (home / "models").rglob("*"))
    library.app_add("comfyui", app, sync=False)
    done = library.link_sync("comfyui")
    after = sorted(str(path) for path in (home / "models").rglob("*"))
print(json.dumps([before == after, len(done["made"]), [one["error"]["code"] for one in done["failed"]]]))
"""


@needs_mount
@pytest.mark.parametrize("mounted", ["sdxl", "sd1", "."])
def test_a_directory_of_the_models_that_is_mounted_in_an_application_gets_no_links(
    tmp_path: Path, mounted: str
) -> None:
    """Its family's, that of another one, or the one above them."""
    lora(tmp_path / "in" / "lora-0.safetensors")
    place = tmp_path / "mounted"
    place.mkdir()
    code = MOUNTED.format(folder=str(tmp_path / "in"), mounted=mounted)
    assert json.loads(run_on("tmpfs", place, code)) == [True, 0, ["target-replaced"]]
