"""Applications use what Ollama keeps, under names that they take, and nothing of it is changed by that."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_library import Library
from model_library.samples.comfyui import write_installation
from model_library.taxonomy import Placement
from tests.ollama import HUB, OWN, Ollama

VISION = "registry.ollama.ai/me/vision/7b"
LINKED = {
    "lmstudio": [
        "models/model-library/tiny-1b/tiny-1b.gguf",
        "models/model-library/vision-7b/mmproj-vision-7b.gguf",
        "models/model-library/vision-7b/vision-7b.gguf",
        "models/owner/Small-GGUF/Small-GGUF-Q4_K_M.gguf",
    ],
    "comfyui": ["models/diffusion_models/picture-q4.gguf"],
    "llama-cpp": [
        "small-gguf-q4-k-m/Small-GGUF-Q4_K_M.gguf",
        "tiny-1b/tiny-1b.gguf",
        "vision-7b/mmproj-vision-7b.gguf",
        "vision-7b/vision-7b.gguf",
    ],
}


@pytest.fixture
def ollama(tmp_path: Path) -> Ollama:
    """A store with two names of one model, one from the Hub, one with a projector, and one for pictures."""
    store = Ollama(tmp_path / ".ollama" / "models")
    tiny = store.gguf(1)
    store.manifest(f"{OWN}/latest", ("model", tiny), ("license", store.blob(b"MIT")))
    store.manifest(f"{OWN}/1b", ("model", tiny))
    store.manifest(HUB, ("model", store.gguf(2)), ("template", store.blob(b"{{ . }}")))
    store.manifest(VISION, ("model", store.gguf(3)), ("projector", store.gguf(4, "clip")))
    store.manifest("registry.ollama.ai/me/picture/q4", ("model", store.gguf(5, "flux")))
    return store


@pytest.fixture
def apps(tmp_path: Path) -> dict[str, Path]:
    studio, llama = tmp_path / ".lmstudio", tmp_path / "llama.cpp"
    (studio / "models").mkdir(parents=True)
    (studio / "config-presets").mkdir()
    llama.mkdir()
    (llama / "mine.txt").write_text("mine")
    comfyui = write_installation(tmp_path / "ComfyUI")
    (comfyui / "custom_nodes" / "ComfyUI-GGUF").mkdir(parents=True)
    return {"lmstudio": studio, "comfyui": comfyui, "llama-cpp": llama}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        yield opened


def imported(library: Library, ollama: Ollama, place: Placement = Placement.REFERENCE) -> None:
    report = library.import_models([ollama.top], place=place, offline=True)
    assert not report["failed"]


def add(library: Library, apps: dict[str, Path]) -> None:
    for app_id, path in apps.items():
        library.app_add(app_id.replace("-", "_"), path)


def targets(library: Library) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"lmstudio": [], "comfyui": [], "llama-cpp": []}
    for link in library.link_list():
        found[link["app"]].append(link["target"])
    return {app_id: sorted(names) for app_id, names in found.items()}


def sums(store: Ollama) -> dict[str, tuple[str, int, int]]:
    """What is in the store: SHA-256, time of change and inode of every file."""
    found = {}
    for path in sorted(store.top.rglob("*")):
        status = path.lstat()
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[path.relative_to(store.top).as_posix()] = (
                digest,
                status.st_mtime_ns,
                status.st_ino,
            )
    return found


@pytest.mark.parametrize("place", [Placement.REFERENCE, Placement.COPY])
def test_links_have_the_same_names_whether_it_is_referenced_or_copied(
    library: Library, ollama: Ollama, apps: dict[str, Path], place: Placement
) -> None:
    imported(library, ollama, place)
    add(library, apps)
    assert targets(library) == LINKED
    for app_id, names in LINKED.items():
        for name in names:
            assert (apps[app_id] / name).read_bytes().startswith(b"GGUF")


def test_every_link_leads_to_the_blob_itself(
    library: Library, ollama: Ollama, apps: dict[str, Path]
) -> None:
    imported(library, ollama)
    add(library, apps)
    blobs = {path.stat().st_ino for path in (ollama.top / "blobs").iterdir()}
    for link in library.link_list():
        assert Path(link["path"]).stat().st_ino in blobs


def test_a_second_sync_has_nothing_to_do(
    library: Library, ollama: Ollama, apps: dict[str, Path]
) -> None:
    imported(library, ollama)
    add(library, apps)
    for app_id, names in LINKED.items():
        plan = library.link_preview(app_id)
        assert (plan["create"], plan["remove"], plan["conflicts"]) == ([], [], [])
        assert len(plan["keep"]) == len(names)
        library.edit("tiny-1b", ["notes=so that it looks again"])
        report = library.link_sync(app_id)
        assert (report["made"], report["removed"]) == ([], [])
    assert library.health()["status"] == "healthy"


@pytest.mark.parametrize("act", ["delete", "purge", "clean", "remove"])
def test_what_goes_are_the_links_and_never_what_ollama_has(
    library: Library, ollama: Ollama, apps: dict[str, Path], act: str
) -> None:
    before = sums(ollama)
    imported(library, ollama)
    add(library, apps)
    if act in ("delete", "purge"):
        for model in library.list()["models"]:
            library.delete(model["model_id"], purge=act == "purge")
    for app_id in LINKED:
        if act == "clean":
            library.link_clean(app_id)
        if act == "remove":
            library.app_remove(app_id)
    for app_id, path in apps.items():
        assert not list(path.rglob("*.gguf")), app_id
    assert sums(ollama) == before


@pytest.mark.parametrize("gone", [False, True])
def test_links_go_with_the_store_unless_they_are_the_last_name_of_a_file(
    library: Library, ollama: Ollama, apps: dict[str, Path], gone: bool
) -> None:
    imported(library, ollama)
    add(library, apps)
    if gone:
        shutil.rmtree(ollama.top / "blobs")
        (ollama.top / "blobs").mkdir()
    before = sums(ollama)
    (root,) = [one for one in library.roots() if one["mode"] == "referenced"]
    library.remove_root(root["root_id"])
    left = [one for app_id in LINKED for one in library.link_sync(app_id)["left"]]
    there = {path for folder in apps.values() for path in folder.rglob("*.gguf")}
    expected = LINKED["lmstudio"] if gone else []
    assert there == {apps["lmstudio"] / name for name in expected}
    assert len(left) == len(expected)
    assert all(path.read_bytes().startswith(b"GGUF") for path in there)
    assert sums(ollama) == before


def test_a_blob_that_ollama_removed_is_named(
    library: Library, ollama: Ollama, apps: dict[str, Path]
) -> None:
    imported(library, ollama)
    add(library, apps)
    (model,) = library.search("picture")["models"]
    (tiny,) = library.search("tiny-1b")["models"]
    for gone in (model, tiny):
        (Path(gone["path"])).unlink()
    found = {(one["code"], one["app"]) for one in library.health()["findings"]}
    assert ("broken-link", "comfyui") in found
    assert ("broken-link", "llama-cpp") in found
    assert ("only-copy", "lmstudio") in found
    library.health(fix=True)
    assert (apps["lmstudio"] / LINKED["lmstudio"][0]).read_bytes().startswith(b"GGUF")
    library.scan()
    library.link_sync("comfyui", prune=True)
    assert not list(apps["comfyui"].rglob("*.gguf"))


def test_two_models_of_one_name_get_two_links(library: Library, tmp_path: Path) -> None:
    store = Ollama(tmp_path / ".ollama" / "models")
    for number, namespace in enumerate(("library", "Me", "me"), 1):
        store.manifest(
            f"registry.ollama.ai/{namespace}/tiny/1b", ("model", store.gguf(number, "flux"))
        )
    store.manifest("registry.ollama.ai/library/Tiny/1B", ("model", store.gguf(4, "flux")))
    comfyui = write_installation(tmp_path / "ComfyUI")
    (comfyui / "models" / "unet_gguf").mkdir()
    imported(library, store)
    library.app_add("comfyui", comfyui)
    names = sorted(path.name.lower() for path in (comfyui / "models").rglob("*.gguf"))
    assert len(set(names)) == 4
    assert all(name.startswith("tiny-1b") for name in names)
    plan = library.link_preview("comfyui")
    assert (plan["create"], plan["remove"]) == ([], [])


def test_a_file_of_the_user_with_that_name_stays(
    library: Library, ollama: Ollama, apps: dict[str, Path]
) -> None:
    theirs = apps["comfyui"] / LINKED["comfyui"][0]
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_text("the user's")
    before = sums(ollama)
    imported(library, ollama)
    add(library, apps)
    assert theirs.read_text() == "the user's"
    (conflict,) = library.link_preview("comfyui")["conflicts"]
    assert conflict["target"] == LINKED["comfyui"][0]
    library.link_sync("comfyui", on_conflict="rename")
    assert theirs.is_symlink()
    assert sums(ollama) == before


@pytest.mark.parametrize("tag", ["8b·q4", "模型", "a b", "v1.5", "CON", "x" * 80])
def test_an_odd_tag_is_a_good_name_for_a_link(
    library: Library, tmp_path: Path, apps: dict[str, Path], tag: str
) -> None:
    store = Ollama(tmp_path / "store")
    store.manifest(f"{OWN}/{tag}", ("model", store.gguf(1)))
    imported(library, store)
    add(library, apps)
    (link,) = library.link_list("lmstudio")
    assert link["target"].endswith(".gguf")
    assert (apps["lmstudio"] / link["target"]).is_file()
    assert library.health()["status"] == "healthy"


def test_a_file_without_an_ending_is_linked_with_one(
    library: Library, tmp_path: Path, apps: dict[str, Path], ollama: Ollama
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    blob = ollama.top / "blobs" / ollama.gguf(7).replace(":", "-")
    mine = blob.rename(folder / "My Llama 3.2")
    library.import_models([mine], place=Placement.REFERENCE, offline=True)
    add(library, apps)
    (link,) = library.link_list("lmstudio")
    assert link["target"].endswith("/My Llama 3.2.gguf")
    assert mine.samefile(link["path"])


OF_THE_SERVICE = """
import sys
from pathlib import Path
from model_library import Library

home, store = map(Path, sys.argv[1:])
(home / "lm" / "models").mkdir(parents=True)
(home / "lm" / "config-presets").mkdir()
with Library.open(home / "library") as library:
    library.import_models([store], place="reference", offline=True)
    library.app_add("lmstudio", home / "lm")
    links = library.link_list()
    plan = library.link_preview("lmstudio")
    print(len(links), {link["method"] for link in links}, len(plan["keep"]), plan["create"])
    print(library.health()["status"])
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="needs a file of another user, and a way to give up the power over it",
)
def test_what_belongs_to_the_user_of_the_service_is_linked_by_symlinks(
    ollama: Ollama, tmp_path: Path
) -> None:
    """As installed on Linux, the store is that of the user `ollama`, and hard links to it are refused."""
    before = sums(ollama)
    for path in [ollama.top, *ollama.top.rglob("*")]:
        os.chown(path, 12345, 12345)
    powers = "-fowner,-dac_override"
    powerless = ["setpriv", "--bounding-set", powers, "--inh-caps", powers]
    done = subprocess.run(
        [*powerless, sys.executable, "-c", OF_THE_SERVICE, tmp_path / "home", ollama.top],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["4 {'absolute-symlink'} 4 []", "healthy"], done.stderr
    assert sums(ollama) == before
