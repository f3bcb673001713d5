"""Library on one filesystem and application on another: the right method, the right warnings.

Each filesystem is a real one on an image, mounted in a namespace that vanishes with the test.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.factory import lora
from tests.io.mounts import needs_mount, run_on

MEGABYTES = {"ext4": 32, "xfs": 320, "btrfs": 128, "ntfs": 32, "exfat": 32, "vfat": 32}
MAKE = {
    "ext4": ("mkfs.ext4", "-q", "-F"),
    "xfs": ("mkfs.xfs", "-q"),
    "btrfs": ("mkfs.btrfs", "-q"),
    "ntfs": ("mkfs.ntfs", "-q", "-F", "-f"),
    "exfat": ("mkfs.exfat",),
    "vfat": ("mkfs.vfat",),
}
CODE = """
import json
from model_library import Library
from model_library.samples.comfyui import listed, write_installation

app = write_installation(place / "ComfyUI")
library = Path({library!r})
with Library.open(library) as opened:
    opened.import_models([Path({source!r})])
    added = opened.app_add("comfyui", app)
    preview = opened.link_preview("comfyui")
    links = opened.link_list("comfyui")
    again = opened.link_sync("comfyui")
    health = opened.health()
    shown = listed(app)["loras"]
    whole = all((app / link["target"]).read_bytes() for link in links)
    opened.link_clean("comfyui")
    after = listed(app)["loras"]
print(json.dumps(dict(
    methods=sorted({{link["method"] for link in links}}),
    warnings=sorted({{warning["code"] for warning in preview["warnings"]}} - {{"sandbox"}}),
    excluded=sorted({{one["reason"] for one in preview["excluded"]}}),
    shown=shown, after=after, whole=whole, status=health["status"],
    again=len(again["made"]),
)))
"""


def image(tmp_path: Path, kind: str) -> Path:
    """A filesystem of this kind in a file."""
    if shutil.which(MAKE[kind][0]) is None and not os.environ.get("CI"):
        pytest.skip(f"{MAKE[kind][0]} is not installed")
    path = tmp_path / f"{kind}.img"
    with path.open("wb") as file:
        file.truncate(MEGABYTES[kind] * 1024**2)
    subprocess.run([*MAKE[kind], str(path)], check=True, capture_output=True)
    return path


def linked_on(tmp_path: Path, kind: str, *, library_too: bool) -> dict[str, Any]:
    """Link one LoRA into a ComfyUI on a filesystem of this kind, with the library there too or not."""
    source = lora(tmp_path / "in" / "style.safetensors")
    place = tmp_path / "mounted"
    place.mkdir()
    library = place / "library" if library_too else tmp_path / "library"
    code = CODE.format(library=str(library), source=str(source))
    mount = {"ntfs": "ntfs-3g"}.get(kind, kind)
    answer = run_on(f"{mount} -o loop", place, code, device=image(tmp_path, kind))
    result: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return result


@needs_mount
@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_another_drive_is_linked_absolutely_and_warned_about(tmp_path: Path, kind: str) -> None:
    found = linked_on(tmp_path, kind, library_too=False)
    assert found["methods"] == ["absolute-symlink"]
    assert found["warnings"] == ["cross-filesystem"]
    assert (found["shown"], found["after"]) == (["style.safetensors"], [])
    assert (found["whole"], found["again"]) == (True, 0)


@needs_mount
@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_one_drive_that_holds_both_is_linked_relatively(tmp_path: Path, kind: str) -> None:
    found = linked_on(tmp_path, kind, library_too=True)
    assert (found["methods"], found["warnings"]) == (["relative-symlink"], [])
    assert (found["shown"], found["after"], found["whole"]) == (["style.safetensors"], [], True)
    assert found["status"] == "healthy"


@needs_mount
def test_hard_links_on_ntfs(tmp_path: Path) -> None:
    found = linked_on(tmp_path, "ntfs", library_too=True)
    assert (found["methods"], found["warnings"]) == (["hard-link"], [])
    assert (found["shown"], found["after"], found["whole"]) == (["style.safetensors"], [], True)


@needs_mount
def test_ntfs_and_the_models_elsewhere_is_warned_about(tmp_path: Path) -> None:
    found = linked_on(tmp_path, "ntfs", library_too=False)
    assert found["methods"] == ["absolute-symlink"]
    assert found["warnings"] == ["cross-filesystem", "ntfs-symlinks"]


@needs_mount
@pytest.mark.parametrize("kind", ["exfat", "vfat"])
def test_fat_says_what_is_possible_instead(tmp_path: Path, kind: str) -> None:
    found = linked_on(tmp_path, kind, library_too=False)
    assert (found["methods"], found["shown"]) == ([], [])
    assert "no-links" in found["warnings"]
    assert found["excluded"] == ["no-links"]
